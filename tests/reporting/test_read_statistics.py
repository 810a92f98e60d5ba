"""What statistics take: what a policy offers is worked out once, however many resources have it."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.database.transaction import Database
from chalicelib.http.context import Context
from chalicelib.reporting.read_statistics import Step, read_statistics
from tests.offers import INTERVAL, STAY, Json, Offer, add_tenant, policy
from tests.work import calls_of

if TYPE_CHECKING:
    from uuid import UUID

    from tests import databases

MANY = 40
YEAR = (date(2031, 1, 1), date(2032, 1, 1))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(policy({**INTERVAL, "offered_in": "always"}, per="hour"), id="intervals"),
        pytest.param(policy(STAY), id="nights"),
    ],
)
def test_many_resources_with_one_policy_take_hardly_more_work_than_one(
    database: databases.Database, document: Json
) -> None:
    ids = add_tenant(
        database.owner, "many", [Offer(slug=f"boat-{number}", document=document) for number in range(MANY)]
    )
    with closing(Database(database.app, pool_size=1, request_seconds=60)) as application:

        def read(resource_id: UUID | None) -> int:
            return calls_of(lambda: read_statistics(Context(application, "many"), *YEAR, Step.MONTH, resource_id))

        one = ids["boat-0"]
        read(one)  # connects
        assert read(None) < 3 * read(one)


def test_what_is_closed_is_looked_at_on_each_day(database: databases.Database) -> None:
    """The control: where something is closed, the days of that resource are worked out one by one."""
    ids = add_tenant(database.owner, "closed", [Offer(slug="cabin", document=policy(STAY), capacity=2)])
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "INSERT INTO closures (id, tenant_id, resource_id, kind, starts_at, ends_at, units, reason)"
            " SELECT gen_random_uuid(), tenant_id, id, 'out_of_service', '2031-03-01', '2031-03-05', '{[1,2)}', 'Paint'"
            " FROM resources"
        )
    with closing(Database(database.app, pool_size=1, request_seconds=60)) as application:
        found = read_statistics(Context(application, "closed"), *YEAR, Step.MONTH, ids["cabin"])
    nights = {first.month: figures.offered_minutes / 1440 for first, figures in found.steps}
    assert (nights[2], nights[3], nights[4]) == (2 * 28 - 1, 2 * 31 - 4, 2 * 30)
