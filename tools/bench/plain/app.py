"""The yardstick: a plain service that validates JSON and inserts under the same kind of exclusion constraint.

It has everything a careful engineer would write for one resource and one tenant, and nothing else: no policy, no
tenants, no idempotency, no events, no price. It runs behind the same server, with the same pool settings, and commits
as durably.
"""

from __future__ import annotations

import os
import random
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from chalice.app import Chalice, Request, Response
from psycopg_pool import ConnectionPool
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

app = Chalice(app_name="plain")
request: ContextVar[Request] = ContextVar("request")


@app.middleware("http")
def remember_request(incoming: Request, get_response: Callable[[Request], Response]) -> Response:
    """Keep the call's own request: `app.current_request` is shared between threads."""
    request.set(incoming)
    return get_response(incoming)


class Guest(BaseModel, extra="forbid"):
    """Who reserves."""

    name: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=254)


class Create(BaseModel, extra="forbid"):
    """What is reserved."""

    resource_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    quantity: int = Field(1, ge=1, le=100)
    party_size: int = Field(1, ge=1, le=100)
    guest: Guest


class Created(BaseModel):
    """The answer."""

    id: UUID
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    unit: int


# The same settings as chalicelib.database.transaction.
pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=0,
    max_size=int(os.environ["BERTH_POOL_SIZE"]),
    num_workers=1,
    open=True,
    kwargs={"autocommit": True, "prepare_threshold": int(os.environ["BERTH_PREPARE_AFTER"])},
)


INSERT = """
INSERT INTO plain_reservations (id, resource_id, during, units, guest_name, guest_email)
VALUES (%s, %s, tstzrange(%s, %s), int4multirange(int4range(%s, %s)), %s, %s)
ON CONFLICT DO NOTHING
"""


@app.route("/v1/reservations", methods=["POST"])
def create() -> Response:
    """Insert one reservation, at a random unit; 409 where it is taken."""
    try:
        wanted = Create.model_validate_json(request.get().raw_body)
    except ValidationError as error:
        return Response(error.json(), {"Content-Type": "application/json"}, 422)
    identifier, unit = uuid7(), random.randrange(1, 501)  # noqa: S311 - spreads, no secret
    values = [identifier, wanted.resource_id, wanted.starts_at, wanted.ends_at, unit, unit + wanted.quantity]
    with pool.connection() as connection:
        taken = connection.execute(INSERT, [*values, wanted.guest.name, wanted.guest.email]).rowcount
    if not taken:
        return Response('{"code":"taken"}', {"Content-Type": "application/json"}, 409)
    created = Created(
        id=identifier,
        resource_id=wanted.resource_id,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        unit=unit,
    )
    return Response(created.model_dump_json(), {"Content-Type": "application/json"}, 201)


class Free(BaseModel):
    """A time in which no one is there."""

    starts_at: datetime
    ends_at: datetime


class Availability(BaseModel):
    """The answer to a look."""

    resource_id: UUID
    free: list[Free]


LOOK = """
SELECT lower(during) AS starts_at, upper(during) AS ends_at FROM plain_reservations
WHERE resource_id = %s AND during && tstzrange(%s, %s)
ORDER BY during
"""


@app.route("/v1/resources/{resource_id}/availability", methods=["GET"])
def look(resource_id: str) -> Response:
    """List when a resource is free between two dates."""
    query = cast("Mapping[str, str]", request.get().query_params)
    from_at, until_at = (datetime.fromisoformat(query[name]).replace(tzinfo=UTC) for name in ("from", "until"))
    with pool.connection() as connection:
        rows = connection.execute(LOOK, [resource_id, from_at, until_at]).fetchall()
    free: list[Free] = []
    for starts_at, ends_at in rows:
        if from_at < starts_at:
            free.append(Free(starts_at=from_at, ends_at=starts_at))
        from_at = max(from_at, ends_at)
    if from_at < until_at:
        free.append(Free(starts_at=from_at, ends_at=until_at))
    answer = Availability(resource_id=UUID(resource_id), free=free)
    return Response(answer.model_dump_json(), {"Content-Type": "application/json"}, 200)
