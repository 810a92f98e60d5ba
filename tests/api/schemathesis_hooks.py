"""What schemathesis has to know of Berth that the document cannot say. Its command line loads this."""

from __future__ import annotations

import json
import os
from itertools import cycle
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import schemathesis

if TYPE_CHECKING:
    from schemathesis import Case, HookContext

MOST = 200
"""Characters of a key that leave room for more."""
IN_TURN = "BERTH_TEST_TOKENS"
"""The variable with the tokens that calls are made with in turn, as JSON; null is none."""
TOKENS = cycle(json.loads(os.environ.get(IN_TURN, "[]")))


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType] - its type says nothing
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Call as the next of those who call in turn, if there are any, and make every key unique.

    With a key that was used before, the answer is of something that may be gone by now.
    """
    headers = cast("dict[str, object]", case.headers)
    if token := next(TOKENS, None):
        headers["Authorization"] = f"Bearer {token}"
    key = headers.get("Idempotency-Key") if headers else None
    if isinstance(key, str) and key.isascii() and key.isprintable() and 0 < len(key) < MOST:
        headers["Idempotency-Key"] = f"{key}{uuid4().hex}"
