"""A write and somebody who takes an edit lock wait for one another, so that neither misses what the other did."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.storage.identifiers import new_id
from tests.realtime.client import eventually

if TYPE_CHECKING:
    from tests.realtime.client import LiveTenant

MORNING = ("2031-04-01T10:00:00Z", "2031-04-01T12:00:00Z")
RAISE_FENCE = "UPDATE resources SET edit_fence = nextval('edit_lock_fencing') WHERE id = %(resource)s"
TAKE_LOCK = """
INSERT INTO edit_locks (
    tenant_id, id, resource_id, during, holder_id, holder_name, fencing, acquired_at, expires_at
)
SELECT
    tenant_id, %(id)s, id, tstzrange(%(starts_at)s, %(ends_at)s), %(id)s, 'Grace', nextval('edit_lock_fencing'),
    clock_now(), clock_now() + interval '1 minute'
FROM resources
WHERE id = %(resource)s
"""
BEGIN_TO_WRITE = "SELECT edit_fence FROM resources WHERE id = %(resource)s FOR SHARE"
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def somebody_waits(tenant: LiveTenant) -> bool:
    return tenant.rows(WAITING) != [(0,)]


@pytest.mark.parametrize(
    ("with_fence", "status"), [(True, 409), pytest.param(False, 200, id="control: without a fence it slips through")]
)
def test_a_write_waits_for_who_is_just_taking_a_lock_and_sees_it(
    tenant: LiveTenant, *, with_fence: bool, status: int
) -> None:
    agent = tenant.person()
    booked = agent.reserve("room", *MORNING).json()["id"]
    values = {"id": new_id(), "resource": tenant.ids["room"], "starts_at": MORNING[0], "ends_at": MORNING[1]}
    with ThreadPoolExecutor(1) as threads, psycopg.connect(tenant.database.owner) as other:
        if with_fence:
            other.execute(RAISE_FENCE, values)
        other.execute(TAKE_LOCK, values)
        cancelling = threads.submit(agent.post, f"/reservations/{booked}/cancel", {})
        eventually(lambda: cancelling.done() or somebody_waits(tenant), "the write to end or to wait")
        assert cancelling.done() is not with_fence
        other.commit()
        answer = cancelling.result()
    assert answer.status_code == status, answer.text
    if with_fence:
        assert (answer.json()["code"], answer.json()["edit_lock"]["holder"]["name"]) == ("edit_locked", "Grace")


def test_whoever_takes_a_lock_waits_for_the_writes_that_are_under_way(tenant: LiveTenant) -> None:
    client = tenant.person().connect()
    lock = {"resource_id": str(tenant.ids["room"]), "starts_at": MORNING[0], "ends_at": MORNING[1]}
    with psycopg.connect(tenant.database.owner) as writing:
        writing.execute(BEGIN_TO_WRITE, {"resource": tenant.ids["room"]})
        client.say({"action": "edit_lock.acquire", "ref": "mine", **lock})
        eventually(lambda: somebody_waits(tenant), "the acquisition to wait")
        assert client.everything() == []
        writing.commit()
        assert client.until(lambda message: message.get("ref") == "mine", "the lock")["type"] == "edit_lock.acquired"


def test_writes_do_not_wait_for_each_other(tenant: LiveTenant) -> None:
    agent = tenant.person()
    booked = agent.reserve("room", *MORNING).json()["id"]
    with psycopg.connect(tenant.database.owner) as writing:
        writing.execute(BEGIN_TO_WRITE, {"resource": tenant.ids["room"]})
        assert agent.post(f"/reservations/{booked}/cancel", {}).status_code == 200
