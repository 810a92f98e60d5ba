"""Messages to WebSocket connections: each event to those whose topics cover it, as far as they may see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.access.model.people import Role
from chalicelib.core.errors import UnavailableError
from chalicelib.core.time_ranges import instant_text
from chalicelib.database.log_position import LatestPosition
from chalicelib.delivery.deliver_events import DeliveryOutcome, NotBegunError, UnfinishedError, untargeted
from chalicelib.events.as_sent import as_sent
from chalicelib.events.model import EventType
from chalicelib.realtime.for_others import (
    mute_connections_of_user,
    recipients,
    remove_connections,
    tenants_with_connections,
)
from chalicelib.realtime.live_messages import KINDS, envelope, mentioned_names, message_of, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from chalicelib.database.log_position import Position
    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from chalicelib.realtime.model.connections import Connection
    from chalicelib.realtime.model.topics import Subject


NAME = "live_messages"
ACCESS_CHANGED = frozenset({EventType.MEMBER_CHANGED, EventType.MEMBER_REMOVED})
"""After which the member's connections are closed: they begin again with what is theirs now."""
AFFECTS_AVAILABILITY = frozenset({"reservation", "closure", "availability_window"})
OUTCOMES = ("taken", "gone", "failed", "left")


class Sockets(Protocol):
    """The gateway's side of connections.

    `until` is an instant of `time.monotonic`: nothing is begun that may last beyond it.
    """

    @property
    def call_seconds(self) -> float:
        """What one message, or one end, may take."""
        ...

    def send(self, messages: Sequence[tuple[str, str]], until: float) -> Mapping[str, str]:
        """Send texts, each to a connection.

        Say of each whether it was `taken`, is `gone` for good, has `failed`, or is `left`, as the time was over.
        """
        ...

    def close_all(self, connection_ids: Sequence[str], until: float) -> Mapping[str, str]:
        """End connections; say of each what became of that, as `send` does."""
        ...


@dataclass(frozen=True, slots=True)
class LiveMessages:
    """Sends through `sockets`."""

    sockets: Sockets

    def wants(self, event: OutboxEvent) -> bool:
        """What somebody may be looking at, and what ends connections."""
        return event.entity_kind in KINDS or event.type in ACCESS_CHANGED

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        """Events of tenants whom somebody is connected to."""
        connected = tenants_with_connections(transaction, list({tenant_id for tenant_id, _ in events}))
        return untargeted([one for one in events if one[0] in connected])

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        """Publish to those who are connected and subscribed. Raises `UnavailableError` where no one could be reached.

        A connection that fails while others do not is ended: its client comes back and reads what it missed. Those that
        the time was too short for are reached, or ended, by the next attempt, and nobody is sent the same twice.
        """
        event = attempt.event
        if event.type in ACCESS_CHANGED:
            return self._end(database, attempt, until)
        latest = LatestPosition()
        found_messages = database.noting(latest).run(event.tenant, lambda transaction: _messages(transaction, event))
        wanted = dict(found_messages)
        if attempt.remaining is not None:
            wanted = {one: wanted[one] for one in attempt.remaining if one in wanted}
        # Many are told the same: it is written once.
        texts = {id(message): _sent(message, latest.position) for message in wanted.values()}
        messages = {connection_id: texts[id(message)] for connection_id, message in wanted.items()}
        if not messages:
            return DeliveryOutcome.SKIPPED
        # So much earlier that one that fails can be closed yet: each attempt that tells anybody gets further.
        found = _by_outcome(self.sockets.send(list(messages.items()), until - self.sockets.call_seconds))
        if len(found["left"]) == len(messages):
            raise NotBegunError
        progress = bool(found["taken"]) or attempt.goes_on
        let_go, rest = found["gone"], found["left"]
        if progress and found["failed"]:
            closed = _by_outcome(self.sockets.close_all(found["failed"], until))
            # Closing is tried once. Where it fails, the row goes all the same, as nothing may be sent after what was
            # missed: the client is refused at its next message, or the gateway ends it as silent, and it comes back.
            # Trying again would hold back what the others are to be told next.
            let_go = [*let_go, *closed["taken"], *closed["gone"], *closed["failed"]]
            rest = [*rest, *closed["left"]]
        elif found["left"]:
            rest = [*rest, *found["failed"]]
        self._forget(database, event.tenant, let_go)
        if rest:
            detail = f"The time was over before {len(rest)} of {len(messages)} connections could be told."
            raise UnfinishedError(detail, rest, progress=progress)
        if found["failed"] and not progress:
            message = f"The gateway took none of {len(messages)} messages."
            raise UnavailableError(message)
        return DeliveryOutcome.DELIVERED if progress else DeliveryOutcome.SKIPPED

    def _end(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        """Close a user's connections; each is forgotten once it is closed, and told nothing until then."""
        event = attempt.event
        ends = database.run(
            event.tenant,
            # Those that have come since the attempt before have what is theirs now.
            lambda transaction: mute_connections_of_user(transaction, event.entity_id, attempt.remaining),
        )
        if not ends:
            return DeliveryOutcome.SKIPPED
        found = _by_outcome(self.sockets.close_all(ends, until))
        if len(found["left"]) == len(ends):
            raise NotBegunError
        closed = [*found["taken"], *found["gone"]]
        self._forget(database, event.tenant, closed)
        rest = [*found["left"], *found["failed"]]
        if rest:
            detail = f"{len(rest)} of {len(ends)} connections could not be closed."
            raise UnfinishedError(detail, rest, progress=bool(closed))
        return DeliveryOutcome.DELIVERED

    @staticmethod
    def _forget(database: Database, tenant: str, connection_ids: Sequence[str]) -> None:
        if connection_ids:
            database.run(tenant, lambda transaction: remove_connections(transaction, connection_ids))


def _by_outcome(outcomes: Mapping[str, str]) -> dict[str, list[str]]:
    return {what: [one for one, outcome in outcomes.items() if outcome == what] for what in OUTCOMES}


def _messages(transaction: Transaction, event: OutboxEvent) -> list[tuple[str, dict[str, Any]]]:
    transaction.tells_position = True
    subject = subject_of(event)
    names = mentioned_names(transaction, [event])  # on its way together with the next question
    reached = recipients(transaction, subject)
    rendered: dict[frozenset[UUID] | None, dict[str, Any] | None] = {}
    messages: list[tuple[str, dict[str, Any]]] = []
    for connection in reached:
        if connection.role is Role.GUEST:
            message = _for_guest(connection, event, subject)
        else:
            seen = connection.resource_ids
            if seen not in rendered:
                rendered[seen] = message_of(event, names(), seen)
            message = rendered[seen]
        if message is not None:
            messages.append((connection.id, message))
    return messages


def _sent(message: Mapping[str, Any], position: Position | None) -> str:
    """The event was committed before the position was asked for: what is read from there on shows it."""
    told = {} if position is None else {"position": str(position)}
    return json.dumps({**message, **told}, separators=(",", ":"))


def _for_guest(connection: Connection, event: OutboxEvent, subject: Subject) -> dict[str, Any] | None:
    """A guest's own reservation in a few words; of anything else only that availability may be another."""
    if subject.reservation_id is not None and subject.reservation_id == connection.bearer.reservation_id:
        facts = as_sent(event.after) or {}
        data = {
            "reservation_id": str(event.entity_id),
            **{name: facts.get(name) for name in ("state", "version", "starts_at", "ends_at", "hold_expires_at")},
        }
        return envelope(event.type, data, str(event.id), event.occurred_at)
    if event.entity_kind not in AFFECTS_AVAILABILITY:
        return None
    watched = {topic.id for topic in connection.topics} & subject.resource_ids
    if not watched or not subject.ranges:
        return None
    data = {
        "resource_ids": sorted(str(one) for one in watched),
        "starts_at": instant_text(min(during.starts_at for during in subject.ranges)),
        "ends_at": instant_text(max(during.ends_at for during in subject.ranges)),
    }
    return envelope("availability.changed", data, str(event.id), event.occurred_at)
