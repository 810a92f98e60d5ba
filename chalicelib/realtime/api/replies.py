"""What the functions of the WebSocket API say back: answers, refusals, and who is there."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from chalicelib.adapters import clock
from chalicelib.adapters.connections import PATIENCE_SECONDS
from chalicelib.core.time_ranges import instant_text
from chalicelib.database.identifiers import new_id
from chalicelib.http.context import Context
from chalicelib.realtime.live_messages import envelope
from chalicelib.realtime.manage_connections import list_viewers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.core.edit_locks import EditLock
    from chalicelib.core.errors import BerthError
    from chalicelib.http.container import Container
    from chalicelib.realtime.model.connections import Connection
    from chalicelib.realtime.model.topics import Topic


def answer_text(message_type: str, ref: str | None, data: Mapping[str, Any], **more: Any) -> str:  # noqa: ANN401 - JSON
    """An answer, or a refusal, as it is sent."""
    message = {**envelope(message_type, data, str(new_id()), clock.now()), "ref": ref, **more}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=str)


def refusal_text(error: BerthError, ref: str | None, *, closes: bool) -> str:
    """A refusal with what HTTP answers say of it."""
    from chalicelib.http.problems import members_of  # only a refusal needs it

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
    """Who looks, each user once."""
    people: dict[str, dict[str, Any]] = {}
    for connection in viewers:
        user = people.setdefault(
            str(connection.bearer.user_id),
            {"user_id": str(connection.bearer.user_id), "name": connection.name, "connections": 0},
        )
        user["connections"] += 1
    return {"topic": str(topic), "viewers": list(people.values())}


def publish_presence(services: Container, tenant: str, topics: Sequence[Topic], *, besides: str | None = None) -> None:
    """Publish to all who look at these topics who they are; `besides` is a connection that learns it otherwise.

    What cannot be sent is not sent again: the next change says it all.
    """
    until = time.monotonic() + PATIENCE_SECONDS  # for all of them together
    for topic in topics:
        viewers = list_viewers(Context(services.database, tenant), topic)
        text = answer_text("presence", None, presence_data(topic, viewers))
        messages = [(one.id, text) for one in viewers if one.id != besides]
        if messages:
            services.connections.send(messages, until)
