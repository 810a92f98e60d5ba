"""Read the live messages that a client missed: all since the last one that it knows.

Ids say when events were made, and transactions end in another order. So reading goes on from the oldest transaction
that was running when the known event was stored: what that one and later ones wrote is read, whenever they ended; what
had ended before is not read again. All pages of a reading show what was committed when it began, so that the last event
of any of them is a place to go on after.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.database.identifiers import earlier_id, new_id
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import EventPlace, events_after, missed_since, read_snapshot
from chalicelib.realtime.live_messages import KINDS, mentioned_names, message_of

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

RECENTLY = timedelta(hours=1)
BEFORE_ALL = UUID(int=0)


def read_missed_events(
    context: Context,
    resource_ids: frozenset[UUID] | None,
    *,
    known: UUID | None,
    place: EventPlace | None,
    limit: int,
) -> tuple[list[dict[str, Any]], EventPlace | None]:
    """Return a page of messages, the oldest first, and the place to go on after, None after the last one.

    `known` is the last message that the client has, `place` where a page before this one ended; without either,
    it begins an hour ago. `resource_ids`: what a host is confined to.
    """

    def work(transaction: Transaction) -> tuple[list[dict[str, Any]], EventPlace | None]:
        start = place or _start(transaction, known)
        found = [] if start is None else events_after(transaction, start, known, KINDS, limit + 1)
        found, more = found[:limit], len(found) > limit
        names = mentioned_names(transaction, [event for _, event in found])()
        messages = [message for _, event in found if (message := message_of(event, names, resource_ids)) is not None]
        if start is None or not more:
            return messages, None
        return messages, replace(start, after_transaction=found[-1][0], after_id=found[-1][1].id)

    return context.run(work, isolation=Isolation.SNAPSHOT)


def _start(transaction: Transaction, known: UUID | None) -> EventPlace | None:
    since = missed_since(transaction, earlier_id(new_id(), RECENTLY) if known is None else known)
    if since is None:
        return None
    until, running = read_snapshot(transaction)
    return EventPlace(since, BEFORE_ALL, until, tuple(one for one in running if one >= since))
