"""What events say about a series: what it repeats, nothing personal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.domain.events import Event, EventType
from chalicelib.storage.events import append_event

if TYPE_CHECKING:
    from chalicelib.domain.series import Series
    from chalicelib.storage.events import Actor
    from chalicelib.storage.transaction import Transaction

KIND = "series"


def append_series_event(
    transaction: Transaction,
    actor: Actor,
    event_type: EventType,
    before: Series | None,
    after: Series,
    **more: Any,  # noqa: ANN401 - JSON
) -> None:
    """Queue an event with the series as it was and as it is; `more` is said of the change itself."""
    earlier = None if before is None else _facts(before)
    append_event(transaction, actor, Event(event_type, KIND, after.id, earlier, {**_facts(after), **more}))


def _facts(series: Series) -> dict[str, Any]:
    repeated = series.repeated
    return {
        "version": series.version,
        "resource_id": str(series.resource_id),
        "rrule": str(series.rule),
        "starts_on": series.starts_on.isoformat(),
        "nights": repeated.nights,
        "local_time": None if repeated.local_time is None else repeated.local_time.isoformat("minutes"),
        "length_minutes": repeated.length_minutes,
        "quantity": repeated.quantity,
        "party_size": repeated.party_size,
        "except_on": [on.isoformat() for on in series.except_on],
        "split_from": None if series.split_from is None else str(series.split_from),
        "cancelled_at": None if series.cancelled_at is None else series.cancelled_at.isoformat(),
    }
