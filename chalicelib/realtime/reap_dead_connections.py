"""Close and forget WebSocket connections that are dead, at the gateway of this deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.http.container import container
from chalicelib.realtime.manage_connections import reap_connections

if TYPE_CHECKING:
    from chalicelib.database.transaction import Database
    from chalicelib.jobs.budget import Budget


def reap_dead_connections(database: Database, budget: Budget) -> int:
    """Close and forget WebSocket connections that are dead, or whose bearers may not have them any more."""
    return reap_connections(database, budget, close_connection)


def close_connection(connection_id: str) -> None:
    """End a connection at the gateway."""
    container().connections.close(connection_id)
