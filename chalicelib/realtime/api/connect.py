"""`$connect`: whose page it is, and which ticket they have."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from chalicelib.access.model.limits import AnonymousCaller, network_of
from chalicelib.core.errors import BerthError, ForbiddenError, ThrottledError, UnavailableError
from chalicelib.http.client_address import client_address
from chalicelib.http.container import request_container
from chalicelib.realtime.manage_connections import open_connection

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("berth.realtime")


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Answer 200 to a good ticket; 401, 403, 429 or 503 refuse the connection.

    Browsers always say whose page they show, and it has to be one of ours, exactly. Other programs may say
    nothing: they could say anything, and the ticket is what counts for them.
    """
    services = request_container(context)
    headers = {name.lower(): value for name, value in _mapping(event, "headers").items()}
    origin = headers.get("origin")
    if origin is not None and origin not in services.config.origins:
        logger.info("A connection from the origin %.200r is refused.", origin)
        return {"statusCode": 403}
    address = client_address(event["requestContext"], headers, services.config.edge_key)
    anonymous = AnonymousCaller(network_of(address), services.config.limits)
    ticket = _mapping(event, "queryStringParameters").get("ticket", "")
    try:
        open_connection(services.database, ticket, event["requestContext"]["connectionId"], anonymous)
    except ThrottledError:
        return {"statusCode": 429}
    except ForbiddenError:
        return {"statusCode": 403}
    except UnavailableError:
        return {"statusCode": 503}
    except BerthError:
        return {"statusCode": 401}
    return {"statusCode": 200}


def _mapping(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return event.get(name) or {}
