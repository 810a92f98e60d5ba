"""Tickets of WebSocket connections, edit locks, and live messages that were missed, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.problem_bodies import EditLockBody
from chalicelib.http.schema import Schema
from chalicelib.http.texts import NextCursor


class AskForTicket(Schema, extra="forbid", json_schema_extra={"examples": [{"tenant": "pine-cabins"}]}):
    """The tenant to connect to."""

    tenant: Annotated[str, Field(min_length=1, max_length=100, description="Slug of the tenant.")] = Field(
        description="Slug of the tenant that the connection is for."
    )


class TicketBody(Schema):
    """A ticket that opens one WebSocket connection."""

    ticket: str = Field(description="Random text that opens one connection.", examples=["pine-cabins.Zk2mC0a9wQ"])
    url: str = Field(
        description="Address to connect to, ticket included.",
        examples=["wss://berth.example/ws?ticket=pine-cabins.Zk2mC0a9wQ"],
    )
    expires_at: datetime = Field(description="Until when the connection has to be opened (UTC).")


class EditLockQuery(InstantPeriod, extra="forbid"):
    """Which edit locks to list: those that reach into the period."""

    resource_id: UUID | None = Field(
        default=None, description="Only locks on this resource, and on what shares its units."
    )


class EditLockList(Schema):
    """The edit locks that hold at the moment."""

    items: list[EditLockBody] = Field(description="The locks that hold at the moment, by start.")
    next_cursor: None = Field(default=None, description="Always null: there is one page.")


class MissedQuery(PageQuery):
    """From which message on to list."""

    after: UUID | None = Field(default=None, description="Id of the last message that the client has.")
    # It names the transactions that were running when the first page was read.
    cursor: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = Field(
        None, description="`next_cursor` of the page before; the first page where left out."
    )


class MissedPage(Schema):
    """A page of live messages."""

    items: list[dict[str, Any]] = Field(
        description="Messages as connections get them, the oldest first; some may be known already.",
        examples=[
            [
                {
                    "type": "reservation.confirmed",
                    "id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
                    "at": "2027-03-02T09:30:00Z",
                    "data": {"entity_kind": "reservation"},
                }
            ]
        ],
    )
    next_cursor: NextCursor
