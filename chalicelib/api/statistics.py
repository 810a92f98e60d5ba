"""Statistics: how it is going."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.schemas.statistics import (
    StatisticsBody,
    StatisticsQuery,
    TopQuery,
    TopResources,
    resource_figures,
    statistics_body,
)
from chalicelib.domain.errors import InvalidRangeError, NotFoundError
from chalicelib.domain.people import MANAGERS, Scope
from chalicelib.services.read_statistics import Step, rank_resources, read_statistics

blueprint = Blueprint(__name__)


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}/statistics",
    roles=MANAGERS,
    tag="statistics",
    query=StatisticsQuery,
    response=StatisticsBody,
    errors=[NotFoundError, InvalidRangeError],
    scope=Scope.STATISTICS_READ,
)
def read(call: Call[NoBody, StatisticsQuery]) -> Reply:
    """Read occupancy, revenue and how reservations ended, by day, week or month, and by resource.

    Days are those of the tenant's time zone; everything committed a moment ago is in.
    """
    query = call.query
    found = read_statistics(call.database, call.tenant, query.from_on, query.until_on, query.by, query.resource_id)
    return Reply(statistics_body(found))


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}/statistics/top-resources",
    roles=MANAGERS,
    tag="statistics",
    query=TopQuery,
    response=TopResources,
    errors=[NotFoundError, InvalidRangeError],
    scope=Scope.STATISTICS_READ,
)
def read_top(call: Call[NoBody, TopQuery]) -> Reply:
    """Read which resources had the most revenue, occupancy, nights or reservations in a period."""
    query = call.query
    found = read_statistics(call.database, call.tenant, query.from_on, query.until_on, Step.MONTH, None)
    ranked = rank_resources(found, query.measure, query.limit)
    return Reply(TopResources(currency=found.currency, items=[resource_figures(*entry) for entry in ranked]))
