"""The waitlist over HTTP: a guest joins, looks, and uses the same token for what is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib.access.model.people import Role
from chalicelib.database.transaction import Database
from chalicelib.jobs.budget import Budget
from chalicelib.waiting.offer_waitlist_places import offer_waitlist_places
from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="room", document=policy(STAY)), Offer(slug="hut", document=policy(STAY)))


def join(tenant: Tenant, resource: str = "room", **headers: str) -> httpx.Response:
    guest = {"name": "Ada Lovelace", "email": "ada@example.org"}
    body = {"resource_id": str(tenant.ids[resource]), "guest": guest, "notes": "We would love to"}
    return tenant.post("/waitlist", {**body, "check_in_on": in_days(5), "check_out_on": in_days(7)}, **headers)


def read(tenant: Tenant, path: str, token: str) -> httpx.Response:
    return tenant.client.get(f"/tenants/{tenant.slug}{path}", headers={"Authorization": f"Bearer {token}"})


def taken(tenant: Tenant) -> Json:
    return tenant.reserved("room", check_in_on=in_days(5), check_out_on=in_days(7))


def offer(tenant: Tenant) -> None:
    jobs = Database(tenant.database.jobs, pool_size=1, request_seconds=10)
    try:
        offer_waitlist_places(jobs, Budget(10))
    finally:
        jobs.close()


def test_a_guest_waits_is_offered_and_confirms_with_one_token(tenant: Tenant) -> None:
    made = taken(tenant)
    joined = join(tenant, **{"Idempotency-Key": "once"})
    assert joined.status_code == 201
    assert join(tenant, **{"Idempotency-Key": "once"}).json() == joined.json()
    entry = joined.json()
    token = entry.pop("manage_token")
    assert (entry["state"], entry["place"], entry["notes"]) == ("waiting", 1, "We would love to")
    assert read(tenant, f"/waitlist/{entry['id']}", token).json() == entry
    tenant.cancelled(made)
    offer(tenant)
    held = read(tenant, f"/reservations/{entry['id']}", token).json()
    assert (held["state"], held["notes"], 0 < held["hold_seconds_left"] <= 1800) == ("held", entry["notes"], True)
    path = f"/reservations/{entry['id']}/confirm"
    assert tenant.post(path, {}, Authorization=f"Bearer {token}").json()["state"] == "confirmed"
    offer(tenant)
    assert read(tenant, f"/waitlist/{entry['id']}", token).json()["state"] == "accepted"


def test_a_refusal_for_want_of_room_tells_that_one_can_wait(tenant: Tenant) -> None:
    taken(tenant)
    refused = tenant.reserve("room", check_in_on=in_days(5), check_out_on=in_days(7)).json()
    assert refused["code"] == "no_capacity"
    assert refused["waitlist"] == f"https://berth.example/api/v1/tenants/{tenant.slug}/waitlist"


def test_a_token_opens_only_its_own_entry_and_staff_see_all(tenant: Tenant) -> None:
    made = taken(tenant)
    first, second = join(tenant).json(), join(tenant).json()
    token = first["manage_token"]
    assert read(tenant, f"/waitlist/{second['id']}", token).status_code == 404
    assert read(tenant, f"/waitlist/{first['id']}", made["manage_token"]).status_code == 404
    assert read(tenant, "/waitlist", token).status_code == 403
    listed = tenant.client.get(f"/tenants/{tenant.slug}/waitlist", headers=tenant.as_role(Role.VIEWER)).json()
    assert [one["id"] for one in listed["items"]] == [first["id"], second["id"]]
    page = {"limit": 1, "state": "waiting", "resource_id": str(tenant.ids["room"])}
    headers = tenant.as_role(Role.VIEWER)
    found = tenant.client.get(f"/tenants/{tenant.slug}/waitlist", params=page, headers=headers)
    following = tenant.client.get(
        found.links["next"]["url"].replace("https://berth.example/api/v1", ""), headers=headers
    )
    assert [one["id"] for one in following.json()["items"]] == [second["id"]]


def test_the_list_is_of_the_states_that_are_asked_for(tenant: Tenant) -> None:
    made = taken(tenant)
    offered, waiting, left = (join(tenant).json()["id"] for _ in range(3))
    tenant.client.delete(f"/tenants/{tenant.slug}/waitlist/{left}", headers=tenant.as_role(Role.AGENT))
    tenant.cancelled(made)
    offer(tenant)

    def listed(states: str) -> list[str]:
        answer = tenant.client.get(
            f"/tenants/{tenant.slug}/waitlist", params={"state": states}, headers=tenant.as_role(Role.VIEWER)
        )
        return [one["id"] for one in answer.json()["items"]]

    assert listed("waiting,offered") == [offered, waiting]
    assert listed("left") == [left]
    refused = tenant.client.get(
        f"/tenants/{tenant.slug}/waitlist", params={"state": "waiting,gone"}, headers=tenant.as_role(Role.VIEWER)
    )
    assert refused.status_code == 422
    assert "accepted" in refused.text


def test_leaving_is_for_who_waits(tenant: Tenant) -> None:
    taken(tenant)
    entry = join(tenant).json()
    path = f"/tenants/{tenant.slug}/waitlist/{entry['id']}"
    headers = {"Authorization": f"Bearer {entry['manage_token']}"}
    assert tenant.client.delete(path, headers=headers).status_code == 204
    again = tenant.client.delete(path, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_what_is_free_is_reserved_and_not_waited_for(tenant: Tenant) -> None:
    answer = join(tenant, "hut")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "Reserve it" in answer.json()["detail"]


def test_who_is_forgotten_waits_no_more_and_is_in_no_list(tenant: Tenant) -> None:
    taken(tenant)
    entry = join(tenant).json()
    owner = tenant.as_editor()
    found = tenant.client.get(f"/tenants/{tenant.slug}/guests", params={"text": "ada@"}, headers=owner).json()["items"]
    path = f"/guests/{found[0]['id']}/anonymize"
    assert tenant.post(path, {"irrevocably": True}, **owner).status_code == 200
    listed = tenant.client.get(f"/tenants/{tenant.slug}/waitlist", headers=owner).text
    assert entry["id"] in listed
    assert "Lovelace" not in listed
    assert "love to" not in listed
