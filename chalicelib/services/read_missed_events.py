"""Read again what a client was not there for: the live messages since the last one that it knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.services.channels.live_messages import KINDS, mentioned_names, message_of
from chalicelib.storage.events import events_after
from chalicelib.storage.identifiers import earlier_id, new_id
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.storage.transaction import Database, Transaction

OVERLAP = timedelta(minutes=1)
"""Events are told in the order in which transactions end, and their ids say when they were made: an earlier one may
come later, by as long as a transaction lasts. So reading begins that much before; clients leave out what they know."""
RECENTLY = timedelta(hours=1)


def read_missed_events(
    database: Database,
    tenant: str,
    resource_ids: frozenset[UUID] | None,
    *,
    known: UUID | None,
    after: UUID | None,
    limit: int,
) -> tuple[list[dict[str, Any]], UUID | None]:
    """Return a page of messages, the oldest first, and the id to go on after, None where there are no more.

    `known` is the last message that the client has, `after` where a page before this one ended; without either,
    it begins an hour ago. `resource_ids`: what a host is confined to.
    """

    def work(transaction: Transaction) -> tuple[list[dict[str, Any]], UUID | None]:
        start = after or (earlier_id(new_id(), RECENTLY) if known is None else earlier_id(known, OVERLAP))
        found = events_after(transaction, start, KINDS, limit + 1)
        found, more = found[:limit], len(found) > limit
        names = mentioned_names(transaction, found)
        messages = [
            message
            for event in found
            if event.id != known and (message := message_of(event, names, resource_ids)) is not None
        ]
        return messages, found[-1].id if more else None

    return database.run(tenant, work, isolation=Isolation.SNAPSHOT)
