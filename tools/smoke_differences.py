"""Whether two runs of `tools.smoke` were answered alike, ids, tokens and times aside."""

from __future__ import annotations

from typing import Any, cast

VOLATILE = frozenset(
    {
        *("id", "code", "manage_token", "access_token", "reservation_id", "user_id", "lock_id", "holder", "fencing"),
        *("entity_id", "guest_id", "version", "created_at", "updated_at", "at", "expires_at", "confirmed_at"),
        *("due_at", "pending_until", "valid_until", "expires_in"),
        *("url", "thumbnail_url", "fields", "ticket", "request_id", "instance", "position", "next_cursor"),
        *("resume_cursor", "email", "by", "actor", "latest", "connection_id", "timestamp"),
    }
)
"""Fields whose values are of one run."""

Json = dict[str, Any]


def differences(one: dict[str, Json], other: dict[str, Json]) -> list[str]:
    """Compare two runs field by field, without what is of one run, and say where they differ."""
    first, second = (dict(_fields("", without_volatile(answers))) for answers in (one, other))
    return [
        f"{path}: {first.get(path, 'missing')!r} and {second.get(path, 'missing')!r}"
        for path in sorted({*first, *second})
        if first.get(path, "missing") != second.get(path, "missing")
    ]


def without_volatile(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Put a mark where a value is of one run, so that the field itself is still compared."""
    if isinstance(value, dict):
        return {name: _marked(name, inner) for name, inner in cast("Json", value).items()}
    if isinstance(value, list):
        return [without_volatile(inner) for inner in cast("list[Any]", value)]
    return value


def _marked(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if name == "fields" or (name in VOLATILE and not isinstance(value, (dict, list))):
        return "…"
    return without_volatile(value)


def _fields(path: str, value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - JSON
    """The values that are neither objects nor lists, each with the way to it."""
    if isinstance(value, dict):
        named = cast("Json", value).items()
        return [pair for name, inner in named for pair in _fields(f"{path}.{name}" if path else name, inner)]
    if isinstance(value, list):
        items = cast("list[Any]", value)
        inner = [pair for at, item in enumerate(items) for pair in _fields(f"{path}[{at}]", item)]
        return [(f"{path}.length", len(items)), *inner]
    return [(path, value)]
