"""Connections as the channel of live messages finds them."""

from __future__ import annotations

from chalicelib.realtime.storage.connections import (
    mute_connections_of_user,
    recipients,
    remove_connections,
    tenants_with_connections,
)

__all__ = ["mute_connections_of_user", "recipients", "remove_connections", "tenants_with_connections"]
