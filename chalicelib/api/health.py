"""Tells whether the service is there, and whether it can work."""

from __future__ import annotations

from typing import Any, Literal

from chalice.app import Blueprint
from pydantic import BaseModel

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.domain.errors import DatabaseUnavailableError
from chalicelib.domain.people import Role

blueprint = Blueprint(__name__)


class Health(BaseModel):
    """The functions answer."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """The functions answer and reach their database."""

    status: Literal["ready"] = "ready"


@endpoint(blueprint, "GET", "/v1/health", roles=[Role.ANYONE], tag="service", response=Health)
def read_health(_call: Call[NoBody, NoBody]) -> Reply:
    """Tell that the functions answer.

    Looks at nothing else, so that a load balancer does not take every instance out when the database is away.
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
    """Tell whether requests can be answered now: the database is reached."""
    if not call.database.answers():
        message = "The database cannot be reached at the moment."
        raise DatabaseUnavailableError(message, retry_after=2)
    return Reply(Readiness())
