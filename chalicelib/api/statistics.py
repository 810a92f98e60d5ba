"""Statistics: how it is going."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.schemas.statistics import StatisticsBody, StatisticsQuery, statistics_body
from chalicelib.domain.errors import InvalidRangeError, NotFoundError
from chalicelib.domain.people import MANAGERS, Scope
from chalicelib.services.read_statistics import read_statistics

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
