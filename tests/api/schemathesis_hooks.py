"""What schemathesis has to know of Berth that the document cannot say. Its command line loads this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import schemathesis

if TYPE_CHECKING:
    from schemathesis import Case, HookContext

MOST = 200
"""Characters of a key that leave room for more."""


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType] - its type says nothing
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Make every key unique: with one that was used before, the answer is of something that may be gone by now."""
    headers = cast("dict[str, object]", case.headers)
    key = headers.get("Idempotency-Key") if headers else None
    if isinstance(key, str) and key.isascii() and key.isprintable() and 0 < len(key) < MOST:
        headers["Idempotency-Key"] = f"{key}{uuid4().hex}"
