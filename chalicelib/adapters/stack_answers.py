"""Answers to CloudFormation, which waits for one wherever a function makes a resource of a stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 10
MOST_REASON = 1000
"""Characters: an answer has at most 4,096 bytes."""


def answer(request: Mapping[str, Any], resource_id: str, *, failure: str | None) -> None:
    """PUT to the signed address of the request that the resource is there, or why it is not."""
    import urllib.request

    body = {
        "Status": "SUCCESS" if failure is None else "FAILED",
        # In one line: it becomes part of a sentence, of a stack's events and of what a command says.
        "Reason": " ".join((failure or "").split())[:MOST_REASON],
        "PhysicalResourceId": resource_id,
        **{member: request[member] for member in ("StackId", "RequestId", "LogicalResourceId")},
    }
    # Without a content type: it is not part of what was signed.
    put = urllib.request.Request(  # noqa: S310 - CloudFormation's address, as Lambda hands it over
        request["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    with urllib.request.urlopen(put, timeout=TIMEOUT_SECONDS):  # noqa: S310 - the same
        pass
