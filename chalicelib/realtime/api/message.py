"""`$default`: a message of a client. Answers go out through the management API, as the route has no response."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from chalicelib.core.edit_locks import EditLockedError
from chalicelib.core.errors import AuthenticationError, BerthError, ForbiddenError, TenantSuspendedError, ThrottledError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.edit_locks.manage_edit_locks import Holder, acquire_edit_lock, release_edit_lock, renew_edit_lock
from chalicelib.http import strict_json
from chalicelib.http.container import request_container
from chalicelib.http.context import Context
from chalicelib.http.problems import schema_of, violations_of
from chalicelib.realtime.api.replies import answer_text, lock_data, presence_data, publish_presence, refusal_text
from chalicelib.realtime.manage_connections import (
    Visit,
    close_connection,
    list_viewers,
    recognize,
    subscribe,
    unsubscribe,
    watched,
)
from chalicelib.realtime.model.topics import read_topic
from chalicelib.realtime.schemas.messages import (
    Acquire,
    AskPresence,
    ClientMessage,
    Ping,
    Release,
    Renew,
    Subscribe,
    Unsubscribe,
    model_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.edit_locks import EditLock
    from chalicelib.database.transaction import Database
    from chalicelib.http.container import Container
    from chalicelib.realtime.model.topics import Topic

ENDING = (AuthenticationError, TenantSuspendedError, ThrottledError)
"""Refusals after which the connection is of no use."""
logger = logging.getLogger("berth.realtime")


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Do what a message asks for and say so, or why not."""
    services = request_container(context)
    connection_id: str = event["requestContext"]["connectionId"]
    ref: str | None = None
    closes = False
    visit: Visit | None = None
    come_or_gone: list[Topic] = []
    model: type[ClientMessage] = Ping
    try:
        visit = recognize(services.database, connection_id)
        body = _body(event)
        raw = strict_json.parse(body)
        ref = _ref(raw)
        model = model_of(raw)
        text, come_or_gone = _done(services, visit, model.model_validate_json(body, strict=True), ref)
    except ValidationError as error:
        violations, detail = violations_of(error, schema_of(model))
        found = {"code": "invalid_input", "detail": detail, "violations": violations}
        text = answer_text("error", ref, found, closes=False)
    except BerthError as error:
        closes = isinstance(error, ENDING)
        text = refusal_text(error, ref, closes=closes)
    except Exception:
        request_id = event["requestContext"].get("requestId", "")
        logger.exception("message %s failed", request_id)
        detail = f"Something failed on our side. It has been logged under {request_id}."
        text = answer_text("error", ref, {"code": "internal_error", "detail": detail}, closes=False)
    services.connections.send([(connection_id, text)])
    if closes:
        services.connections.close(connection_id)
    elif come_or_gone and visit is not None:
        publish_presence(services, visit.connection.tenant, come_or_gone)
    return {"statusCode": 200}


def _body(event: Mapping[str, Any]) -> bytes:
    if event.get("isBase64Encoded"):
        message = "Binary messages mean nothing here. Send JSON as text."
        raise strict_json.MalformedError("body", message)
    return str(event.get("body") or "").encode()


def _ref(raw: object) -> str | None:
    if not isinstance(raw, dict):
        return None
    ref = raw.get("ref")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    return ref if isinstance(ref, str) and len(ref) <= 100 else None


def _done(services: Container, visit: Visit, message: ClientMessage, ref: str | None) -> tuple[str, list[Topic]]:
    """Return the answer, and the topics whose subscribers are others now."""
    connection, database = visit.connection, services.database.acting_as(visit.acting)
    match message:
        case Ping():
            return answer_text("pong", ref, {}), []
        case Subscribe():
            topics = [read_topic(text) for text in message.topics]
            known = subscribe(services.database, visit, topics)
            told = [] if connection.bearer.user_id is None else watched(topics)
            return answer_text("subscribed", ref, {"topics": [str(topic) for topic in known]}), told
        case Unsubscribe():
            topics = [read_topic(text) for text in message.topics]
            left = unsubscribe(services.database, visit, topics)
            gone = watched([topic for topic in topics if topic in connection.topics])
            return answer_text("unsubscribed", ref, {"topics": [str(topic) for topic in left]}), gone
        case AskPresence():
            _holder(visit)
            topic = read_topic(message.topic)
            viewers = list_viewers(Context(database, connection.tenant), topic)
            return answer_text("presence", ref, presence_data(topic, viewers)), []
        case Acquire() | Renew() | Release():
            try:
                return _with_lock(database, visit, message, ref), []
            except EditLockedError as refusal:
                if not _forgets(services, visit, refusal.lock):
                    raise
            return _with_lock(database, visit, message, ref), []


def _forgets(services: Container, visit: Visit, lock: EditLock) -> bool:
    """Forget the holder's other connection if nobody told that it is gone, as when a gateway broke down."""
    other = lock.connection_id
    if other is None or lock.holder_id != visit.connection.bearer.user_id or not services.connections.is_gone(other):
        return False
    close_connection(services.database, other)
    return True


def _with_lock(database: Database, visit: Visit, message: Acquire | Renew | Release, ref: str | None) -> str:
    tenant, holder = visit.connection.tenant, _holder(visit)
    match message:
        case Acquire():
            during = TimeRange(message.starts_at, message.ends_at)
            lock = acquire_edit_lock(
                Context(database, tenant), holder, message.resource_id, during, take_over=message.take_over
            )
            return answer_text("edit_lock.acquired", ref, lock_data(lock))
        case Renew():
            lock = renew_edit_lock(Context(database, tenant), holder, message.lock_id)
            return answer_text("edit_lock.renewed", ref, lock_data(lock))
        case Release():
            lock = release_edit_lock(Context(database, tenant), holder, message.lock_id)
            return answer_text("edit_lock.released", ref, lock_data(lock))


def _holder(visit: Visit) -> Holder:
    """Raise `ForbiddenError` for a guest."""
    connection = visit.connection
    if connection.bearer.user_id is None:
        message = "Only those who work for the tenant can do this."
        raise ForbiddenError(message)
    return Holder(connection.bearer.user_id, connection.name, connection.role, connection.id)
