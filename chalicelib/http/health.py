"""Tells whether the service is there, and whether it can work."""

from __future__ import annotations

from typing import Any, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.access.model.people import Role
from chalicelib.core.errors import DatabaseUnavailableError
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.schema import Schema

blueprint = Blueprint(__name__)


class Health(Schema):
    """That the functions answer."""

    status: Literal["ok"] = Field(default="ok", description="Always `ok`.")


class Readiness(Schema):
    """That the functions answer and reach the database."""

    status: Literal["ready"] = Field(default="ready", description="Always `ready`.")


@endpoint(blueprint, "GET", "/v1/health", roles=[Role.ANYONE], tag="service", response=Health)
def read_health(_call: Call[NoBody, NoBody]) -> Reply:
    """Check health.

    Says that the functions answer. Looks at nothing else, so that a load balancer does not remove every instance
    while the database is away.
    """
    return Reply(Health())


@endpoint(
    blueprint,
    "GET",
    "/v1/ready",
    roles=[Role.ANYONE],
    tag="service",
    response=Readiness,
    errors=[DatabaseUnavailableError],
)
def read_readiness(call: Call[Any, Any]) -> Reply:
    """Check readiness.

    Says whether requests can be answered now: the database is reached.
    """
    if not call.database.answers():
        message = "The database cannot be reached at the moment."
        raise DatabaseUnavailableError(message, retry_after=2)
    return Reply(Readiness())
