"""What the functions of the WebSocket API say back: answers, refusals, and who is there."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from chalicelib.adapters import clock
from chalicelib.adapters.connections import PATIENCE_SECONDS
from chalicelib.api.problems import instant_text, members_of
from chalicelib.services.channels.live_messages import envelope
from chalicelib.services.manage_connections import list_viewers
from chalicelib.storage.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.domain.edit_locks import EditLock
    from chalicelib.domain.errors import BerthError
    from chalicelib.domain.topics import Topic
    from chalicelib.storage.connections import Connection
    from chalicelib.wiring import Container


def answer_text(message_type: str, ref: str | None, data: Mapping[str, Any], **more: Any) -> str:  # noqa: ANN401 - JSON
    """An answer, or a refusal, as it is sent."""
    message = {**envelope(message_type, data, str(new_id()), clock.now()), "ref": ref, **more}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=str)


def refusal_text(error: BerthError, ref: str | None, *, closes: bool) -> str:
    """A refusal with what HTTP answers say of it."""
    data = {"code": error.code, "detail": error.detail, **members_of(error)}
    return answer_text("error", ref, data, closes=closes)


def lock_data(lock: EditLock) -> dict[str, Any]:
    """An edit lock as its holder is told of it."""
    return {
        "lock_id": str(lock.id),
        "resource_id": str(lock.resource_id),
        "starts_at": instant_text(lock.during.starts_at),
        "ends_at": instant_text(lock.during.ends_at),
        "holder_id": str(lock.holder_id),
        "holder_name": lock.holder_name,
        "fencing": lock.fencing,
        "expires_at": instant_text(lock.expires_at),
    }


def presence_data(topic: Topic, viewers: Iterable[Connection]) -> dict[str, Any]:
    """Who looks, each person once."""
    people: dict[str, dict[str, Any]] = {}
    for connection in viewers:
        person = people.setdefault(
            str(connection.bearer.user_id),
            {"user_id": str(connection.bearer.user_id), "name": connection.name, "connections": 0},
        )
        person["connections"] += 1
    return {"topic": str(topic), "viewers": list(people.values())}


def tell_presence(services: Container, tenant: str, topics: Sequence[Topic], *, besides: str | None = None) -> None:
    """Tell everybody who looks at one of these topics who else does; `besides` is a connection that is told otherwise.

    What cannot be told is not told again: the next change says it all.
    """
    until = time.monotonic() + PATIENCE_SECONDS  # for all of them together
    for topic in topics:
        viewers = list_viewers(services.database, tenant, topic)
        text = answer_text("presence", None, presence_data(topic, viewers))
        messages = [(one.id, text) for one in viewers if one.id != besides]
        if messages:
            services.connections.send(messages, until)
