"""Messages to WebSocket connections: each event to those whose topics cover it, as far as they may see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from chalicelib.domain.errors import InvalidRangeError, UnavailableError
from chalicelib.domain.events import EventType
from chalicelib.domain.people import Role
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.topics import Subject
from chalicelib.services.deliver_events import NotBegunError, Outcome, UnfinishedError
from chalicelib.storage import connections
from chalicelib.storage.members import names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.storage.connections import Connection
    from chalicelib.storage.events import RecordedEvent
    from chalicelib.storage.outbox import Attempt, Telling
    from chalicelib.storage.transaction import Database, Transaction

    Fact = Telling | RecordedEvent

NAME = "live_messages"
KINDS = ("reservation", "edit_lock", "closure", "availability_window", "resource", "series", "waitlist_entry")
"""What live messages are about: everything that people look at together. Who works here and settings are not."""
ACCESS_CHANGED = frozenset({EventType.MEMBER_CHANGED, EventType.MEMBER_REMOVED})
"""After which the member's connections are closed: they begin anew with what is theirs now."""
AFFECTS_AVAILABILITY = frozenset({"reservation", "closure", "availability_window"})
LEFT_OUT = frozenset({"price", "policy_id", "policy_version", "guest_id"})
"""Facts that no view needs at once. Messages are hints: whoever wants to know all reads it."""
UTC_OFFSET = "+00:00"
OUTCOMES = ("taken", "gone", "failed", "left")
MOST_BYTES = 30_000
"""Of a message: gateways take frames of 32 KB."""


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

    def wants(self, telling: Telling) -> bool:
        """What somebody may be looking at, and what ends connections."""
        return telling.entity_kind in KINDS or telling.type in ACCESS_CHANGED

    def reached(self, transaction: Transaction, tenant_ids: Sequence[UUID]) -> set[UUID]:
        """Tenants whom somebody is connected to."""
        return connections.tenants_with_connections(transaction, tenant_ids)

    def send(self, database: Database, attempt: Attempt, until: float) -> Outcome:
        """Tell those who are connected and asked for it. Raises `UnavailableError` where no one could be told.

        A connection that fails while others do not is ended: its client comes back and reads what it missed. Those that
        the time was too short for are told, or ended, by the next attempt, and those who were told are not told twice.
        """
        telling = attempt.telling
        if telling.type in ACCESS_CHANGED:
            return self._end(database, attempt, until)
        messages = dict(database.run(telling.tenant, lambda transaction: _messages(transaction, telling)))
        if attempt.remaining is not None:
            messages = {one: messages[one] for one in attempt.remaining if one in messages}
        if not messages:
            return Outcome.SKIPPED
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
        self._forget(database, telling.tenant, let_go)
        if rest:
            detail = f"The time was over before {len(rest)} of {len(messages)} connections could be told."
            raise UnfinishedError(detail, rest, progress=progress)
        if found["failed"] and not progress:
            message = f"The gateway took none of {len(messages)} messages."
            raise UnavailableError(message)
        return Outcome.DELIVERED if progress else Outcome.SKIPPED

    def _end(self, database: Database, attempt: Attempt, until: float) -> Outcome:
        """Close a person's connections; each is forgotten once it is closed, and told nothing until then."""
        telling = attempt.telling
        ends = database.run(
            telling.tenant,
            # Those that have come since the attempt before have what is theirs now.
            lambda transaction: connections.mute_connections_of_user(transaction, telling.entity_id, attempt.remaining),
        )
        if not ends:
            return Outcome.SKIPPED
        found = _by_outcome(self.sockets.close_all(ends, until))
        if len(found["left"]) == len(ends):
            raise NotBegunError
        closed = [*found["taken"], *found["gone"]]
        self._forget(database, telling.tenant, closed)
        rest = [*found["left"], *found["failed"]]
        if rest:
            detail = f"{len(rest)} of {len(ends)} connections could not be closed."
            raise UnfinishedError(detail, rest, progress=bool(closed))
        return Outcome.DELIVERED

    @staticmethod
    def _forget(database: Database, tenant: str, connection_ids: Sequence[str]) -> None:
        if connection_ids:
            database.run(tenant, lambda transaction: connections.remove_connections(transaction, connection_ids))


def _by_outcome(outcomes: Mapping[str, str]) -> dict[str, list[str]]:
    return {what: [one for one, outcome in outcomes.items() if outcome == what] for what in OUTCOMES}


def _messages(transaction: Transaction, telling: Telling) -> list[tuple[str, str]]:
    subject = subject_of(telling)
    names = mentioned_names(transaction, [telling])  # on its way together with the next question
    reached = connections.audience(transaction, subject)
    rendered: dict[frozenset[UUID] | None, str | None] = {}
    messages: list[tuple[str, str]] = []
    for connection in reached:
        if connection.role is Role.GUEST:
            messages += [(connection.id, text) for text in _for_guest(connection, telling, subject)]
            continue
        seen = connection.resource_ids
        if seen not in rendered:
            message = message_of(telling, names(), seen)
            rendered[seen] = None if message is None else json.dumps(message, separators=(",", ":"))
        text = rendered[seen]
        if text is not None:
            messages.append((connection.id, text))
    return messages


def mentioned_names(transaction: Transaction, facts: Sequence[Fact]) -> Callable[[], Mapping[str, str]]:
    """Queue the question; return what tells the names of the tenant's people that events mention, by their ids."""
    mentioned: set[str | None] = {fact.actor_id for fact in facts if fact.actor_kind == "staff"}
    mentioned |= {(fact.after or fact.before or {}).get("holder_id") for fact in facts}
    return names_of(transaction, [one for one in mentioned if one is not None])


def message_of(fact: Fact, names: Mapping[str, str], seen: frozenset[UUID] | None) -> dict[str, Any] | None:
    """An event as the tenant's people are told of it; None where it is about nothing that they see.

    `seen`: the resources that a host is confined to, None for those who see all.
    """
    sides = [_visible(side, fact, seen) for side in (fact.before, fact.after)]
    if seen is not None and sides == [None, None]:
        return None
    before, after = sides
    data: dict[str, Any] = {
        "entity_kind": fact.entity_kind,
        "entity_id": str(fact.entity_id),
        "resource_id": _resource_of(fact, after if after is not None else before),
        "by": {"kind": fact.actor_kind, "id": fact.actor_id, "name": names.get(fact.actor_id or "")},
        "before": before,
        "after": after,
    }
    if fact.entity_kind == "edit_lock":
        lock = after or before or {}
        data |= {"lock_id": str(fact.entity_id), **lock, "holder_name": names.get(lock.get("holder_id", ""))}
    message = envelope(fact.type, data, str(fact.id), fact.occurred_at)
    if len(json.dumps(message)) > MOST_BYTES:
        message["data"] = {**data, "before": None, "after": None, "shortened": True}
    return message


def envelope(message_type: str, data: Mapping[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
    """What every message of the server looks like."""
    return {"type": message_type, "id": message_id, "at": _instant(at), "data": dict(data)}


def subject_of(fact: Fact) -> Subject:
    """What an event is about, as far as topics look at it."""
    sides = [side for side in (fact.before, fact.after) if side is not None]
    resource_ids = {UUID(side["resource_id"]) for side in sides if side.get("resource_id")}
    if fact.entity_kind == "resource":
        resource_ids.add(fact.entity_id)
    return Subject(
        resource_ids=frozenset(resource_ids),
        reservation_id=fact.entity_id if fact.entity_kind == "reservation" else None,
        ranges=[during for side in sides if (during := _range(side)) is not None],
    )


def _for_guest(connection: Connection, telling: Telling, subject: Subject) -> list[str]:
    """A guest's own reservation in a few words; of anything else only that availability may be another."""
    if subject.reservation_id is not None and subject.reservation_id == connection.bearer.reservation_id:
        facts = telling.after or {}
        data = {
            "reservation_id": str(telling.entity_id),
            **{name: facts.get(name) for name in ("state", "version", "starts_at", "ends_at", "hold_expires_at")},
        }
        return [json.dumps(envelope(telling.type, data, str(telling.id), telling.occurred_at))]
    if telling.entity_kind not in AFFECTS_AVAILABILITY:
        return []
    watched = {topic.id for topic in connection.topics} & subject.resource_ids
    if not watched or not subject.ranges:
        return []
    data = {
        "resource_ids": sorted(str(one) for one in watched),
        "starts_at": _instant(min(during.starts_at for during in subject.ranges)),
        "ends_at": _instant(max(during.ends_at for during in subject.ranges)),
    }
    return [json.dumps(envelope("availability.changed", data, str(telling.id), telling.occurred_at))]


def _visible(side: Mapping[str, Any] | None, fact: Fact, seen: frozenset[UUID] | None) -> dict[str, Any] | None:
    if side is None:
        return None
    resource = _resource_of(fact, side)
    if seen is not None and (resource is None or UUID(resource) not in seen):
        return None
    return {name: _as_sent(value) for name, value in side.items() if name not in LEFT_OUT}


def _as_sent(value: object) -> object:
    """Instants as all answers write them; events have them as Python does."""
    return f"{value.removesuffix(UTC_OFFSET)}Z" if isinstance(value, str) and value.endswith(UTC_OFFSET) else value


def _resource_of(fact: Fact, side: Mapping[str, Any] | None) -> str | None:
    if fact.entity_kind == "resource":
        return str(fact.entity_id)
    return None if side is None else side.get("resource_id")


def _range(side: Mapping[str, Any]) -> TimeRange | None:
    if not side.get("starts_at") or not side.get("ends_at"):
        return None
    try:
        return TimeRange(datetime.fromisoformat(side["starts_at"]), datetime.fromisoformat(side["ends_at"]))
    except InvalidRangeError:  # nothing that a calendar shows
        return None


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
