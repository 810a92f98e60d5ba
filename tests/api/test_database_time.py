"""What a request answers that waits for the database in vain."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.http.container import request_container
from local.gateway.events import LambdaContext
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.api.tenant import Tenant
    from tests.offers import Json


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabins", document=policy(STAY), capacity=5))


@contextmanager
def locked(tenant: Tenant, reservation: Json) -> Generator[None]:
    """Somebody changes the reservation and does not come to an end."""
    with psycopg.connect(tenant.database.owner) as holder:
        holder.execute("SELECT FROM reservations WHERE id = %s FOR UPDATE", [reservation["id"]])
        yield


def test_a_change_behind_a_locked_reservation_is_refused_in_its_time_and_says_what_it_waited_for(
    tenant: Tenant,
) -> None:
    made = tenant.reserved("cabins", check_in_on="2031-05-01", check_out_on="2031-05-03")
    path = f"/tenants/{tenant.slug}/reservations/{made['id']}"
    headers = {"Authorization": f"Bearer {made['manage_token']}", "If-Match": '"1"'}
    with locked(tenant, made):
        refused = tenant.client.patch(path, json={"notes": "late arrival"}, headers=headers)
        # A repetition says so too, and not that the first one, which holds no lock, is still being worked on.
        cancelled = tenant.post(f"/reservations/{made['id']}/cancel", {}, **headers, **{"Idempotency-Key": "k"})
    for answer in (refused, cancelled):
        assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
        assert answer.json()["waited_for"] == "lock"
        assert "the same reservation" in answer.json()["detail"]
        assert int(answer.headers["retry-after"]) > 0
    changed = tenant.client.patch(path, json={"notes": "late arrival"}, headers=headers)
    assert (changed.status_code, changed.json()["notes"]) == (200, "late arrival")


def test_a_request_has_no_more_time_than_is_left_before_its_function_is_stopped(tenant: Tenant) -> None:
    services = request_container(LambdaContext("request", time.monotonic() + 1))
    query = "SELECT current_setting('statement_timeout') AS most"
    most = services.database.run(tenant.slug, lambda transaction: transaction.row(query, {}).most)
    assert 0 < float(most.removesuffix("ms")) < 1000
