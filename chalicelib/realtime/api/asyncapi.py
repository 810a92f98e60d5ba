"""The AsyncAPI 3.0 document of the WebSocket API, made from the message models when it is first asked for."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalice.app import Blueprint
from pydantic.json_schema import models_json_schema

from chalicelib.access.model.people import Role
from chalicelib.edit_locks.model.edit_locks import GRACE, LIFETIME
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.schema_texts import PREFIX, example_of
from chalicelib.realtime.manage_connections import MOST_MESSAGES, TICKET_LIFETIME, WINDOW
from chalicelib.realtime.schemas.messages import ANSWERS, ASKED, PUBLISHED

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode

blueprint = Blueprint(__name__)
Json = dict[str, Any]
INTRODUCTION = f"""\
Create a ticket with POST /api/v1/auth/ws-tickets and connect to the `url` of the answer within
{TICKET_LIFETIME.seconds} seconds. A ticket opens one connection; the page that opens it has to be of an origin that
this deployment knows. Guests, with their manage token, can watch their reservation and resources; callers without any
token can watch resources, and get a message where availability may have changed.

Messages are JSON texts of at most 32 KB. Whatever a client sends is answered, with its `ref` if it has one; refusals
are of the type `error` with the members of a problem (RFC 9457). Messages are read as strictly as the bodies of HTTP
requests: types have to be right, and members that are not known are refused by name. More than {MOST_MESSAGES}
messages in {WINDOW.seconds} seconds end the connection, and so do ten minutes of silence, two hours, signing out, and
a change of role.

Messages about events are hints, and may come twice or not at all while a client is away. After a reconnect subscribe
first, then read GET /api/v1/tenants/TENANT/events?after=ID of the last message, and leave out the ids that you know.

An edit lock ends {LIFETIME.seconds} seconds after it was renewed last, or {GRACE.seconds} seconds after its connection
ended. Writes over HTTP into a locked range carry its number in the header `Edit-Lock`.

    wscat --connect "$URL"
    > {{"action": "subscribe", "topics": ["tenant"], "ref": "1"}}

    echo '{{"action": "subscribe", "topics": ["tenant"]}}' | websocat --no-close "$URL\""""


@endpoint(blueprint, "GET", "/v1/asyncapi.json", roles=[Role.ANYONE], tag="service", response=None, fresh_seconds=300)
def read_asyncapi(call: Call[NoBody, NoBody]) -> Reply:
    """Read the AsyncAPI document.

    Returns every message of the WebSocket API, in both directions (AsyncAPI 3.0).
    """
    return Reply(document_text(call.container.config.websocket_url))


@functools.cache
def document_text(websocket_url: str) -> str:
    """Return the document as JSON."""
    return json.dumps(document(websocket_url), ensure_ascii=False, separators=(",", ":"))


def document(websocket_url: str) -> Json:
    """Make the document: one channel, what is sent over it, and what is received."""
    url = urlsplit(websocket_url or "wss://berth.example/ws")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Berth in real time", "version": "1", "description": INTRODUCTION},
        "defaultContentType": "application/json",
        "servers": {"websocket": {"host": url.netloc, "protocol": url.scheme}},
        "channels": {
            "connection": {
                "address": url.path,
                "messages": {model.__name__: {"$ref": _message(model)} for model in _models()},
                "bindings": {
                    "ws": {
                        "query": {
                            "type": "object",
                            "required": ["ticket"],
                            "properties": {"ticket": {"type": "string"}},
                        }
                    }
                },
            }
        },
        "operations": {
            "request": {
                "action": "receive",
                "channel": {"$ref": "#/channels/connection"},
                "summary": "Messages of clients.",
                "messages": [{"$ref": _of_channel(model)} for model in ASKED],
                "reply": {
                    "channel": {"$ref": "#/channels/connection"},
                    "messages": [{"$ref": _of_channel(model)} for model in ANSWERS],
                },
            },
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/connection"},
                "summary": "Messages of the server.",
                "messages": [{"$ref": _of_channel(model)} for model in PUBLISHED],
            },
        },
        "components": {"messages": {model.__name__: _described(model) for model in _models()}, "schemas": _schemas()},
    }


def _models() -> list[type[BaseModel]]:
    return list(dict.fromkeys([*ASKED, *ANSWERS, *PUBLISHED]))


def _message(model: type[BaseModel]) -> str:
    return f"#/components/messages/{model.__name__}"


def _of_channel(model: type[BaseModel]) -> str:
    return f"#/channels/connection/messages/{model.__name__}"


def _described(model: type[BaseModel]) -> Json:
    summary, _, rest = " ".join((model.__doc__ or "").split()).partition(". ")
    described: Json = {
        "summary": summary.rstrip("."),
        "payload": {"$ref": f"{PREFIX}{model.__name__}"},
        "examples": [{"payload": example_of({"$ref": f"{PREFIX}{model.__name__}"}, _schemas())}],
    }
    return {**described, "description": rest} if rest else described


@functools.cache
def _schemas() -> Json:
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "validation" if model in ASKED else "serialization") for model in _models()
    ]
    _, schemas = models_json_schema(modes, ref_template=f"{PREFIX}{{model}}")
    return schemas["$defs"]
