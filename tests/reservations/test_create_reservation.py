"""What making a reservation costs, whatever is checked on the way: look, write, COMMIT."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.access.model.limits import AnonymousCaller, Limits
from chalicelib.access.throttle import CountedWrite
from chalicelib.database.transaction import Database
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.terms.terms import TermsMemory
from tests.offers import INTERVAL, Json, Offer, add_tenant, policy
from tests.races.desk import ACTOR, DONE, TENANT, Desk
from tests.races.test_units import hours
from tools.bench.round_trips import counting_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.database.transaction import Isolation, Transaction
    from tests import databases

BY_DAY: Json = {"rule": "per_day_limit", "limit": 50, "scope": "resource"}


@pytest.mark.parametrize(("rules", "trips"), [([], 3), ([BY_DAY], 4)], ids=["read committed", "serializable"])
def test_a_reservation_is_made_in_three_round_trips_and_one_more_where_a_rule_counts_others(
    database: databases.Database, rules: list[Json], trips: int
) -> None:
    document = policy(INTERVAL, *rules, per="hour")
    ids = add_tenant(database.owner, TENANT, [Offer(slug="boats", document=document, capacity=50)])
    server = conninfo_to_dict(database.app)
    with (
        counting_proxy(str(server["host"]), int(str(server["port"]))) as (port, turns),
        closing(Database(make_conninfo(database.app, port=port), pool_size=1, request_seconds=10)) as application,
    ):
        create = partial(Desk(application).create, ids["boats"])
        assert create(hours(0, 1), key="first").code == DONE  # connects, and reads the terms
        turns.take()
        assert [create(hours(number, number + 1), key=str(number)).code for number in range(1, 6)] == [DONE] * 5
        assert turns.take() == trips * 5


@pytest.mark.parametrize("kind", ["instant", "hold"])
def test_counting_anonymous_callers_takes_no_round_trip(database: databases.Database, kind: str) -> None:
    confirmation = {"kind": kind} | ({"hold_minutes": 9} if kind == "hold" else {})
    document = policy(INTERVAL, per="hour", confirmation=confirmation)
    ids = add_tenant(database.owner, TENANT, [Offer(slug="boats", document=document, capacity=50)])
    server, memory = conninfo_to_dict(database.app), TermsMemory()
    anonymous = AnonymousCaller("192.0.2.1", Limits())

    def create(functions: Database, number: int) -> int:
        email = f"{number}@example.org"
        guest, times = GuestDetails("Ada", email, None), hours(number, number + 1)
        request = ReservationRequest(ids["boats"], times, 1, 1, guest, "", None, anonymous=anonymous)
        counting = functions.counting(CountedWrite(anonymous, email, TENANT))
        answer = Answer(201, {}, "")
        create_reservation(Context(counting, TENANT, ACTOR), memory, request, lambda _: answer)
        return answer.status

    with (
        counting_proxy(str(server["host"]), int(str(server["port"]))) as (port, turns),
        closing(Database(make_conninfo(database.app, port=port), pool_size=1, request_seconds=10)) as application,
    ):
        create(application, 0)
        turns.take()
        assert [create(application, number) for number in range(1, 6)] == [201] * 5
        assert turns.take() == 3 * 5
    with psycopg.connect(database.owner) as owner:
        counted = "SELECT max(failures) FROM throttles"
        assert owner.execute(counted).fetchone() == (6,)


def test_a_refusal_is_explained_in_the_transaction_that_is_refused(
    database: databases.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = add_tenant(database.owner, TENANT, [Offer(slug="boat", document=policy(INTERVAL, per="hour"), capacity=1)])
    run, begun = Database.run, list[str]()

    def noting(database: Database, tenant: str, work: Callable[[Transaction], Any], **how: Isolation) -> object:
        begun.append(tenant)
        return run(database, tenant, work, **how)

    monkeypatch.setattr(Database, "run", noting)
    with closing(Database(database.app, pool_size=1, request_seconds=10)) as application:
        create = partial(Desk(application).create, ids["boat"])
        first = create(hours(0, 1), key="first")
        begun.clear()
        assert create(hours(0, 1), key="second").code == "no_capacity"
        assert begun == [TENANT]
        again = create(hours(0, 1), key="first")  # the resource is full of it
        assert (again.replayed, again.answer) == (True, first.answer)
        assert create(hours(0, 1), key="first", body_hash=b"another").code == "idempotency_mismatch"
