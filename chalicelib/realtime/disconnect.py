"""`$disconnect`: a client is gone. Its edit locks hold a little longer: a page that is loaded again keeps them."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib.domain.errors import TenantSuspendedError
from chalicelib.realtime.telling import tell_presence
from chalicelib.services.manage_connections import close_connection, watched
from chalicelib.wiring import request_container

if TYPE_CHECKING:
    from chalice.app import WebsocketEvent


def disconnect(event: WebsocketEvent) -> None:
    """Forget the connection, tell who looked at the same, and have its edit locks ended after the grace."""
    services = request_container(event.context)
    closed = close_connection(services.database, event.connection_id)
    if closed is None:
        return
    connection, left = closed
    with suppress(TenantSuspendedError):  # nobody is there to be told
        tell_presence(services, connection.tenant, watched(connection.topics))
    if left is not None:
        services.nudges.nudge_later(math.ceil(left.total_seconds()))
