"""`$disconnect`: a client is gone. Its edit locks hold a little longer: a page that is loaded again keeps them."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import TenantSuspendedError
from chalicelib.http.container import request_container
from chalicelib.realtime.api.replies import publish_presence
from chalicelib.realtime.manage_connections import close_connection, watched

if TYPE_CHECKING:
    from collections.abc import Mapping


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Forget the connection, tell who looked at the same, and have its edit locks ended after the grace."""
    services = request_container(context)
    closed = close_connection(services.database, event["requestContext"]["connectionId"])
    if closed is not None:
        connection, left = closed
        with suppress(TenantSuspendedError):  # its connections are closed anyway
            publish_presence(services, connection.tenant, watched(connection.topics))
        if left is not None:
            services.notifier.notify_later(math.ceil(left.total_seconds()))
    return {"statusCode": 200}
