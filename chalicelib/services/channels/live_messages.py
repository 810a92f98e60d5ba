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
from chalicelib.storage import connections
from chalicelib.storage.members import names_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.storage.connections import Connection
    from chalicelib.storage.events import RecordedEvent
    from chalicelib.storage.outbox import Telling
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
MOST_BYTES = 30_000
"""Of a message: gateways take frames of 32 KB."""


class Sockets(Protocol):
    """The gateway's side of connections."""

    def send(self, messages: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Send texts, each to a connection; say of each whether it was `taken`, is `gone` for good, or `failed`."""
        ...

    def close(self, connection_id: str) -> None:
        """End a connection; whatever goes wrong is nobody's problem."""
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

    def send(self, database: Database, telling: Telling) -> bool:
        """Tell whoever is connected and asked for it. Raises `UnavailableError` where nobody could be told.

        A connection that fails while others do not is ended: its client comes back and reads what it missed.
        """
        if telling.type in ACCESS_CHANGED:
            return self._end(database, telling)
        messages = database.run(telling.tenant, lambda transaction: _messages(transaction, telling))
        if not messages:
            return False
        outcomes = self.sockets.send(messages)
        taken = "taken" in outcomes.values()
        if not taken and "failed" in outcomes.values():
            message = f"The gateway took none of {len(messages)} messages."
            raise UnavailableError(message)
        lost = [connection_id for connection_id, outcome in outcomes.items() if outcome != "taken"]
        for connection_id in lost:
            if outcomes[connection_id] == "failed":
                self.sockets.close(connection_id)
        if lost:
            database.run(telling.tenant, lambda transaction: connections.remove_connections(transaction, lost))
        return taken

    def _end(self, database: Database, telling: Telling) -> bool:
        ended = database.run(
            telling.tenant,
            lambda transaction: connections.remove_connections_of_user(transaction, telling.entity_id),
        )
        for connection_id in ended:
            self.sockets.close(connection_id)
        return bool(ended)


def _messages(transaction: Transaction, telling: Telling) -> list[tuple[str, str]]:
    subject = subject_of(telling)
    reached = connections.audience(transaction, subject)
    if not reached:
        return []
    names = mentioned_names(transaction, [telling])
    rendered: dict[frozenset[UUID] | None, str | None] = {}
    messages: list[tuple[str, str]] = []
    for connection in reached:
        if connection.role is Role.GUEST:
            messages += [(connection.id, text) for text in _for_guest(connection, telling, subject)]
            continue
        seen = connection.resource_ids
        if seen not in rendered:
            message = message_of(telling, names, seen)
            rendered[seen] = None if message is None else json.dumps(message, separators=(",", ":"))
        text = rendered[seen]
        if text is not None:
            messages.append((connection.id, text))
    return messages


def mentioned_names(transaction: Transaction, facts: Sequence[Fact]) -> Mapping[str, str]:
    """The names of the tenant's people that events mention, by their ids as text."""
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
