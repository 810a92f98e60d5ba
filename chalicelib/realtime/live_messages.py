"""Events as live messages: what is said of each, to those who may see all or some of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from chalicelib.accounts.for_others import names_of
from chalicelib.core.errors import InvalidRangeError
from chalicelib.core.time_ranges import TimeRange, instant_text
from chalicelib.events.as_sent import as_sent
from chalicelib.realtime.model.topics import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.database.transaction import Transaction


KINDS = ("reservation", "edit_lock", "closure", "availability_window", "resource", "series", "waitlist_entry")
"""What live messages are about: everything that people look at together. Who works here and settings are not."""
LEFT_OUT = frozenset({"price", "policy_id", "policy_version", "guest_id"})
"""Facts that no view needs at once. Messages are hints: whoever wants to know all reads it."""
MOST_BYTES = 30_000
"""Of a message: gateways take frames of 32 KB."""


class Fact(Protocol):
    """An event, whether it is on its way or read from the log."""

    @property
    def id(self) -> UUID:
        """By which clients tell it from others."""
        ...

    @property
    def type(self) -> str:
        """Of the event, such as `reservation.created`."""
        ...

    @property
    def entity_kind(self) -> str:
        """What it is about."""
        ...

    @property
    def entity_id(self) -> UUID:
        """Which one of them."""
        ...

    @property
    def actor_kind(self) -> str:
        """As in `Actor`."""
        ...

    @property
    def actor_id(self) -> str | None:
        """As in `Actor`."""
        ...

    @property
    def before(self) -> Mapping[str, Any] | None:
        """What was."""
        ...

    @property
    def after(self) -> Mapping[str, Any] | None:
        """What is."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""
        ...


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
    return {"type": message_type, "id": message_id, "at": instant_text(at), "data": dict(data)}


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


def _visible(side: Mapping[str, Any] | None, fact: Fact, seen: frozenset[UUID] | None) -> dict[str, Any] | None:
    if side is None:
        return None
    resource = _resource_of(fact, side)
    if seen is not None and (resource is None or UUID(resource) not in seen):
        return None
    return {name: value for name, value in as_sent(side).items() if name not in LEFT_OUT}


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
