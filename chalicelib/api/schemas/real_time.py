"""Tickets of WebSocket connections, edit locks, and live messages that were missed, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.problems import EditLockBody
from chalicelib.api.schemas.times import Instant


class AskForTicket(BaseModel, extra="forbid", json_schema_extra={"examples": [{"tenant": "pine-cabins"}]}):
    """For whom the connection will be."""

    tenant: Annotated[str, Field(min_length=1, max_length=100, description="Slug of the tenant.")]


class TicketBody(BaseModel):
    """What one connection begins with, within a minute."""

    ticket: str
    url: str = Field(description="Where to connect, ticket included.")
    expires_at: datetime


class EditLockQuery(BaseModel, extra="forbid"):
    """Which locks."""

    resource_id: UUID | None = None
    starts_at: Instant | None = Field(None, description="Locks that reach beyond this.")
    ends_at: Instant | None = Field(None, description="Locks that begin before this.")


class EditLockList(BaseModel):
    """Who works on what at the moment, by start."""

    items: list[EditLockBody]
    next_cursor: None = None


class MissedQuery(PageQuery):
    """Since when."""

    after: UUID | None = Field(None, description="Id of the last message that the client has.")
    # It names the transactions that were running when the first page was read.
    cursor: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = Field(
        None, description="`next_cursor` of the page before; the first page where left out."
    )


class MissedPage(BaseModel):
    """Messages as connections get them, the oldest first. Some may be known already: leave out known ids."""

    items: list[dict[str, Any]]
    next_cursor: str | None
