"""`$connect`: whose page it is, and which ticket they have."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import BerthError, ForbiddenError, ThrottledError, UnavailableError
from chalicelib.domain.limits import Stranger, network_of
from chalicelib.services.manage_connections import open_connection
from chalicelib.wiring import request_container

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import WebsocketEvent

logger = logging.getLogger("berth.realtime")


def connect(event: WebsocketEvent) -> dict[str, int]:
    """Answer 200 to a good ticket; 401, 403, 429 or 503 refuse the connection.

    Browsers always say whose page they show, and it has to be one of ours, to the letter. Other programs may say
    nothing: they could say anything, and the ticket is what counts for them.
    """
    services = request_container(event.context)
    request = event.to_dict()
    headers = {name.lower(): value for name, value in _mapping(request, "headers").items()}
    origin = headers.get("origin")
    if origin is not None and origin not in services.config.origins:
        logger.info("A connection from the origin %.200r is refused.", origin)
        return {"statusCode": 403}
    address = _mapping(_mapping(request, "requestContext"), "identity").get("sourceIp", "")
    stranger = Stranger(network_of(address), services.config.limits)
    ticket = _mapping(request, "queryStringParameters").get("ticket", "")
    try:
        open_connection(services.database, ticket, event.connection_id, stranger)
    except ThrottledError:
        return {"statusCode": 429}
    except ForbiddenError:
        return {"statusCode": 403}
    except UnavailableError:
        return {"statusCode": 503}
    except BerthError:
        return {"statusCode": 401}
    return {"statusCode": 200}


def _mapping(request: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return request.get(name) or {}
