"""Idempotency keys of callers without a token: anonymous callers who choose the same key do not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.api.tenant import Tenant
    from tests.offers import Json

KEY = {"Idempotency-Key": "1"}
MAY = {"check_in_on": "2031-05-05", "check_out_on": "2031-05-08"}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="huts", document=policy(STAY), capacity=9))


@pytest.fixture
def elsewhere(api_address: str) -> Generator[httpx.Client]:
    """A client at another address than all others."""
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=api_address, timeout=30, transport=transport) as client:
        yield client


def wanted(tenant: Tenant, email: str) -> Json:
    return {"resource_id": str(tenant.ids["huts"]), "guest": {"name": "Ada", "email": email}, **MAY}


def reservations(tenant: Tenant) -> int:
    with psycopg.connect(tenant.database.owner) as owner:
        row = owner.execute("SELECT count(*) FROM reservations WHERE resource_id = %s", [tenant.ids["huts"]]).fetchone()
    assert row is not None
    return row[0]


def test_two_guests_with_the_same_key_each_get_their_own_reservation(tenant: Tenant) -> None:
    ada = tenant.post("/reservations", wanted(tenant, "ada@example.org"), **KEY)
    bob = tenant.post("/reservations", wanted(tenant, "bob@example.org"), **KEY)
    assert (ada.status_code, bob.status_code) == (201, 201)
    assert ada.json()["id"] != bob.json()["id"]
    assert "idempotent-replayed" not in bob.headers
    assert reservations(tenant) == 2


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@example.org"])
def test_the_same_guest_is_answered_as_the_first_time(tenant: Tenant, email: str) -> None:
    body = wanted(tenant, email)
    first, second = (tenant.post("/reservations", body, **KEY) for _ in range(2))
    assert (second.status_code, second.content) == (201, first.content)
    assert reservations(tenant) == 1


def test_a_key_means_the_same_guest_however_the_email_is_written(tenant: Tenant) -> None:
    tenant.post("/reservations", wanted(tenant, "ada@example.org"), **KEY)
    answer = tenant.post("/reservations", wanted(tenant, " ADA@example.org "), **KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert reservations(tenant) == 1


def test_another_address_gets_no_answer_and_no_second_reservation(tenant: Tenant, elsewhere: httpx.Client) -> None:
    body = wanted(tenant, "ada@example.org")
    first = tenant.post("/reservations", body, **KEY).json()
    answer = elsewhere.post(f"/tenants/{tenant.slug}/reservations", json=body, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert first["manage_token"] not in answer.text
    assert first["code"] not in answer.text
    assert reservations(tenant) == 1


def test_people_with_a_token_repeat_from_wherever_they_are(tenant: Tenant, elsewhere: httpx.Client) -> None:
    body, headers = wanted(tenant, "ada@example.org"), {**tenant.as_role(), **KEY}
    first = tenant.post("/reservations", body, **headers)
    second = elsewhere.post(f"/tenants/{tenant.slug}/reservations", json=body, headers=headers)
    assert (second.status_code, second.content) == (201, first.content)


def test_the_waitlist_keeps_anonymous_callers_apart_as_well(tenant: Tenant) -> None:
    for number in range(9):
        tenant.reserved("huts", **MAY, notes=str(number))
    entries = [tenant.post("/waitlist", wanted(tenant, email), **KEY) for email in ("ada@e.org", "bob@e.org")]
    assert [entry.status_code for entry in entries] == [201, 201]
    assert len({entry.json()["manage_token"] for entry in entries}) == 2


def test_neither_email_nor_address_are_stored_as_the_scope_of_a_key(tenant: Tenant) -> None:
    tenant.post("/reservations", wanted(tenant, "ada@example.org"), **KEY)
    with psycopg.connect(tenant.database.owner) as owner:
        rows = owner.execute(
            "SELECT caller || route || key FROM idempotency_keys WHERE body LIKE %s", [f"%{tenant.slug}%"]
        ).fetchall()
    assert len(rows) == 1
    assert "ada" not in rows[0][0]
    assert "127.0.0.1" not in rows[0][0]
