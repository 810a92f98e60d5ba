"""Lists in pages: an opaque cursor says where the next page begins, in the body and as a Link header (RFC 8288)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode
from uuid import UUID

from chalicelib.core.errors import InvalidInputError
from chalicelib.events.event_log import EventPlace
from chalicelib.http import current
from chalicelib.http.strict_json import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.http.endpoint import Call

LARGEST_TRANSACTION = 2**63 - 1
LARGEST_POSITION = 2**31 - 1
"""Of a resource among its tenant's others: what the column holds."""


class CursorError(InvalidInputError):
    """The `cursor` is none that an answer gave."""

    code = "invalid_cursor"
    advice = "Begin with the first page, without `cursor`."


def cursor_after(after: tuple[int, str] | None) -> str | None:
    """Write the position and slug of the last one listed; None says that there is no further page."""
    if after is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(after, separators=(",", ":")).encode()).rstrip(b"=").decode()


def position_of(cursor: str | None) -> tuple[int, str] | None:
    """Read a cursor. Raises `CursorError`."""
    if cursor is None:
        return None
    try:
        value: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position, slug = value
    except (ValueError, TypeError, RecursionError) as error:
        raise unknown_cursor() from error
    if not isinstance(position, int) or abs(position) > LARGEST_POSITION or not isinstance(slug, str):
        raise unknown_cursor()
    if cursor_after((position, slug)) != cursor or FORBIDDEN.search(slug):
        raise unknown_cursor()
    return position, slug


def cursor_at(instant: datetime, identifier: UUID) -> str:
    """Write the place of the last one listed in an order by instant and id."""
    return cursor_after((0, f"{instant.isoformat()} {identifier}")) or ""


def place_of(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Read a cursor of an order by instant and id. Raises `CursorError`."""
    position = position_of(cursor)
    if position is None:
        return None
    instant, _, identifier = position[1].partition(" ")
    try:
        place = datetime.fromisoformat(instant).astimezone(UTC), UUID(identifier)
    except (ValueError, OverflowError) as error:
        raise unknown_cursor() from error
    if cursor_at(*place) != cursor:
        raise unknown_cursor()
    return place


def id_of(cursor: str | None) -> UUID | None:
    """Read a cursor of an order by id. Raises `CursorError`."""
    position = position_of(cursor)
    try:
        return None if position is None else UUID(position[1])
    except ValueError as error:
        raise unknown_cursor() from error


def cursor_at_event(place: EventPlace) -> str:
    """Write how far a reading of events is."""
    parts = (place.after_transaction, place.after_id, place.until_transaction, *place.running)
    return cursor_after((0, " ".join(map(str, parts)))) or ""


def event_place_of(cursor: str | None) -> EventPlace | None:
    """Read a cursor of a reading of events. Raises `CursorError`."""
    position = position_of(cursor)
    if position is None:
        return None
    try:
        after_transaction, after_id, until_transaction, *running = position[1].split(" ")
        place = EventPlace(
            int(after_transaction), UUID(after_id), int(until_transaction), tuple(int(one) for one in running)
        )
    except ValueError as error:
        raise unknown_cursor() from error
    transactions = (place.after_transaction, place.until_transaction, *place.running)
    if cursor_at_event(place) != cursor or not all(0 <= one <= LARGEST_TRANSACTION for one in transactions):
        raise unknown_cursor()
    return place


def link_to_next(call: Call[Any, Any], template: str, cursor: str | None) -> dict[str, str]:
    """Return the Link header of a list whose next page begins at the cursor; none on the last page."""
    if cursor is None:
        return {}
    query = {**cast("Mapping[str, str]", current.request.get().query_params or {}), "cursor": cursor}
    return {"Link": f'<{call.address(template)}?{urlencode(query)}>; rel="next"'}


def unknown_cursor() -> CursorError:
    """Return what to raise for a cursor that no answer has given."""
    message = "This is not the next_cursor of an answer; leave it out to begin with the first page."
    return CursorError("cursor", message)
