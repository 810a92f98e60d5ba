"""Callers read their own writes, also from a replica: answers to changes say the position of the log.

The header `Berth-Position` is for programs, which send it with what they read next. Browsers keep it in a cookie, which
goes with every read below the same address, whichever tab or page asks. It is no part of the sign-in session: guests
have none, and the position is known only after the COMMIT, so that storing it would take another transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import InvalidInputError
from chalicelib.database.log_position import FURTHEST, Position
from chalicelib.http.cookies import cookie_of, set_cookie

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.database.log_position import LatestPosition

HEADER = "Berth-Position"
COOKIE = "berth_position"
LONGEST_SECONDS = 60
"""The cookie's: no endpoint declares more `replica_seconds`, so a replica that answers has come so far by then."""


def tell(response: Response, latest: LatestPosition, *, secure: bool) -> None:
    """Say in an answer how far the log is, where something was changed."""
    if latest.position is None:
        return
    response.headers[HEADER] = str(latest.position)
    cookie = set_cookie(COOKIE, str(latest.position), "/api", LONGEST_SECONDS, secure=secure)
    # An answer that opens or ends a session has cookies of its own, and nothing that replicas are asked for changes.
    response.headers.setdefault("Set-Cookie", cookie)


def carried(header: str | None, cookies: str | None) -> Position | None:
    """Return the position that a read carries, in the header or the cookie, the later one.

    Raises `InvalidInputError` for a header that holds none. A cookie that holds none is nothing that a browser's user
    could mend: the primary answers.
    """
    found = [*_of_header(header), *_of_cookie(cookies)]
    return max(found) if found else None


def _of_header(header: str | None) -> list[Position]:
    if header is None:
        return []
    try:
        return [Position.parse(header.strip())]
    except ValueError:
        message = "Must be the Berth-Position of an earlier answer, as it was given, such as 16/B374D848."
        raise InvalidInputError(HEADER, message) from None


def _of_cookie(cookies: str | None) -> list[Position]:
    given = cookie_of(cookies or "", COOKIE)
    if given is None:
        return []
    try:
        return [Position.parse(given)]
    except ValueError:
        return [FURTHEST]
