"""Statistics: occupancy, revenue, and how reservations ended."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, Scope
from chalicelib.core.errors import InvalidRangeError, NotFoundError
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.reporting.read_statistics import Step, rank_resources, read_statistics
from chalicelib.reporting.schemas.statistics import (
    StatisticsBody,
    StatisticsQuery,
    TopQuery,
    TopResources,
    statistics_body,
    top_body,
)

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
    replica_seconds=60,
)
def read(call: Call[NoBody, StatisticsQuery]) -> Reply:
    """Read statistics.

    Returns occupancy, revenue and how reservations ended, by day, week or month and by resource. Days are those of
    the tenant's time zone. Everything that was committed a moment ago is included.
    """
    query = call.query
    found = read_statistics(call.context, query.from_, query.until, query.by, query.resource_id)
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
    replica_seconds=60,
)
def read_top(call: Call[NoBody, TopQuery]) -> Reply:
    """List top resources.

    Ranks the resources by revenue, occupancy, nights or reservations in a period.
    """
    query = call.query
    found = read_statistics(call.context, query.from_, query.until, Step.MONTH, None)
    ranked = rank_resources(found, query.measure, query.limit)
    return Reply(top_body(found, ranked))
