"""Live messages as lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

Message = dict[str, Any]
TYPE_WIDTH = 25
COLOURS = {"reservation": "cyan", "edit_lock": "yellow", "presence": "magenta", "closure": "red"}
LOCK_ENDS = {
    "edit_lock.released": "{holder} gave back number {fencing}",
    "edit_lock.expired": "number {fencing} of {holder} has expired",
    "edit_lock.taken_over": "{by} took over number {fencing} of {holder}",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What a tenant's messages are told with: its zone, and the slugs of its resources by their ids."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    slugs: Mapping[str, str] = field(default_factory=dict[str, str])


def line_of(message: Message, place: Place) -> Text:
    """One line: when it happened, what, to which resource and entity, for which times, and who did it."""
    kind = str(message["type"])
    if kind == "presence":
        parts = _presence(message["data"], place)
    elif kind.startswith("edit_lock."):
        parts = _lock(kind, message["data"], place)
    else:
        parts = _event(message["data"], place)
    at = _local(message["at"], place).strftime("%H:%M:%S")
    line = Text(f"{at}  ", style="dim")
    line.append(_shown(kind.ljust(TYPE_WIDTH)), style=COLOURS.get(kind.partition(".")[0], "green"))
    return line.append("  " + "  ".join(_shown(part) for part in parts if part), style="default not dim")


def _presence(data: Message, place: Place) -> list[str]:
    kind, _, identifier = str(data["topic"]).partition(":")
    topic = _resource(identifier, place) if kind == "resource" else f"{kind} {_tail(identifier)}"
    looking = ", ".join(
        one["name"] + (f" ({one['connections']} windows)" if one["connections"] > 1 else "") for one in data["viewers"]
    )
    return [topic, f"looking: {looking or 'nobody'}"]


def _lock(kind: str, data: Message, place: Place) -> list[str]:
    words = {"holder": data.get("holder_name") or "somebody", "fencing": data.get("fencing"), "by": _by(data["by"])}
    said = LOCK_ENDS.get(kind, "{holder} holds number {fencing}").format_map(words)
    if kind == "edit_lock.acquired" and data.get("expires_at"):
        said += f" until {_local(data['expires_at'], place):%H:%M:%S} unless renewed"
    return [_resource(data["resource_id"], place), _times(data, place), said]


def _event(data: Message, place: Place) -> list[str]:
    before: Message = data.get("before") or {}
    after: Message = data.get("after") or {}
    what = "" if data["entity_kind"] == "resource" else f"{data['entity_kind']} {_tail(data['entity_id'])}"
    states = [state for state in dict.fromkeys([before.get("state"), after.get("state")]) if state]
    return [
        _resource(data["resource_id"], place),
        what,
        " → ".join(states),
        _times(after or before, place),
        f"by {_by(data['by'])}",
    ]


def _resource(identifier: str | None, place: Place) -> str:
    return "" if identifier is None else place.slugs.get(identifier, f"resource {_tail(identifier)}")


def _tail(identifier: str) -> str:
    """The end of a UUIDv7 is random, its beginning the time."""
    return f"…{identifier[-6:]}"


def _by(by: Mapping[str, str | None]) -> str:
    name = by["name"] or ("" if by["kind"] == "staff" else by["id"])
    return f"{name} ({by['kind']})" if name else str(by["kind"])


def _times(facts: Message, place: Place) -> str:
    if not facts.get("starts_at") or not facts.get("ends_at"):
        return ""
    starts, ends = _local(facts["starts_at"], place), _local(facts["ends_at"], place)
    if starts.date() == ends.date():
        return f"{starts:%Y-%m-%d %H:%M} to {ends:%H:%M}"
    return f"{starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}"


def _local(instant: str, place: Place) -> datetime:
    at = datetime.fromisoformat(instant)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(place.zone)


def _shown(text: str) -> str:
    """Names are other people's texts: nothing in them steers the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
