"""However much one tenant has to do, what others have is done in between."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from chalicelib.delivery.storage import outbox
from chalicelib.http.context import Context
from chalicelib.jobs.budget import Budget
from chalicelib.reservations import sweep_reservations
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.reservations.model.reservations import State
from chalicelib.reservations.sweep_reservations import expire_holds
from tests.offers import add_tenant
from tests.stage import ANSWER, MINUTE, MORNING, STAFF, TENANT, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from tests import databases

HELD = {"kind": "hold", "hold_minutes": 10}
OTHERS = ("first-other", "second-other")
MANY = 24


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    """One tenant with much to do, and then two with a little."""
    with open_stage(database, offer("pool", HELD, capacity=MANY)) as stage:
        for _ in range(MANY):
            stage.reserve("pool", hours(1, 2))
        stage.clock.move(MORNING + MINUTE)
        for tenant in OTHERS:
            ids = add_tenant(database.owner, tenant, [offer("pool", HELD, capacity=2)])
            for _ in range(2):
                reserve(stage, tenant, ids["pool"])
        yield stage


def reserve(stage: Stage, tenant: str, resource_id: UUID) -> None:
    guest = GuestDetails("Ada Lovelace", f"{uuid4().hex}@example.org", None)
    request = ReservationRequest(resource_id, hours(1, 2), 1, 1, guest, "", None)
    create_reservation(Context(stage.application, tenant, STAFF), stage.memory, request, lambda _: ANSWER)


def taken(stage: Stage, limit: int) -> list[tuple[UUID, OutboxEvent]]:
    return stage.jobs.run_without_tenant(lambda transaction: outbox.take_events(transaction, limit))[0]


def test_events_leave_the_outbox_by_turns(stage: Stage) -> None:
    first, second, third = (taken(stage, 6) for _ in range(3))
    assert Counter(one.tenant for _, one in first) == dict.fromkeys((*OTHERS, TENANT), 2)
    assert {one.tenant for _, one in second + third} == {TENANT}
    own = [one.id for _, one in first + second + third if one.tenant == TENANT]
    assert own == sorted(own)
    assert len(set(own)) == 14


def test_deliveries_are_attempted_by_turns(stage: Stage) -> None:
    def deliver(some: list[tuple[UUID, OutboxEvent]], transaction: Transaction) -> None:
        outbox.add_deliveries(
            transaction, [outbox.Wanted(tenant_id, event, "recording", outbox.NO_TARGET) for tenant_id, event in some]
        )

    def begin(transaction: Transaction) -> list[Attempt]:
        outbox.take_turn(transaction)
        return outbox.begin_attempts(transaction, 5)()

    events = taken(stage, 200)
    for minute, mine in ((2, True), (3, False)):  # those of the one have waited for longer
        some = [one for one in events if (one[1].tenant == TENANT) is mine]
        stage.jobs.run_without_tenant(partial(deliver, some))
        stage.clock.move(MORNING + minute * MINUTE)
    rounds = [[one.event.tenant for one in stage.jobs.run_without_tenant(begin)] for _ in range(3)]
    # Of each its first; then the second of the one, which has waited longest, and of one of the others.
    assert Counter(rounds[0])[TENANT] == 2
    assert set(rounds[0]) == {TENANT, *OTHERS}
    assert sum(sum(one != TENANT for one in some) for some in rounds) == 4
    assert [len(some) for some in rounds] == [5, 5, 5]


@pytest.mark.parametrize("connections", [1, 4])
def test_holds_expire_by_turns(stage: Stage, monkeypatch: pytest.MonkeyPatch, connections: int) -> None:
    monkeypatch.setattr(sweep_reservations, "BATCH", 2)
    monkeypatch.setattr(sweep_reservations, "SLICE", 4)
    stage.jobs.connections = connections
    stage.clock.move(MORNING + 30 * MINUTE)
    assert expire_holds(stage.jobs, Budget(20)) == MANY + 4
    with psycopg.connect(stage.databases.owner) as owner:
        rows = owner.execute(
            "SELECT tenants.slug FROM events JOIN tenants ON tenants.id = tenant_id WHERE type = %s ORDER BY events.id",
            [f"reservation.{State.EXPIRED}"],
        ).fetchall()
    order = [slug for (slug,) in rows]
    assert len(order) == MANY + 4
    # Its slice, and what was under way beside it.
    assert max(place for place, slug in enumerate(order) if slug != TENANT) < 4 + 2 * 2 + 4
