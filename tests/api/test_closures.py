"""Closures: previewed, changed, listed by time in pages, and taken back without forgetting what was closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.domain.people import Role
from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    rooms = Offer(slug="rooms", document=policy(STAY), capacity=3, assignment="labelled", units=("A", "B", "C"))
    return make_tenant(rooms)


def day(number: int) -> str:
    return f"{in_days(number)}T12:00:00Z"


def call(tenant: Tenant, method: str, path: str, body: Json | None = None, **headers: str) -> httpx.Response:
    address = f"/tenants/{tenant.slug}{path}"
    return tenant.client.request(method, address, json=body, headers={**tenant.as_role(Role.MANAGER), **headers})


def listed(tenant: Tenant, **query: str) -> list[Json]:
    answer = tenant.client.get(f"/tenants/{tenant.slug}/closures", params=query, headers=tenant.as_role())
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_preview_names_the_reservations_in_the_way_and_stores_nothing(tenant: Tenant) -> None:
    made = tenant.reserved("rooms", check_in_on=in_days(5), check_out_on=in_days(7), unit=2)
    body = {"resource_id": str(tenant.ids["rooms"]), "starts_at": day(6), "ends_at": day(8), "reason": "Paint"}
    for units, expected in (([2, 3], [made["code"]]), ([1], []), ([], [made["code"]])):
        answer = call(tenant, "POST", "/closures/preview", {**body, "units": units})
        assert [one["code"] for one in answer.json()["reservations"]] == expected
    assert listed(tenant) == []
    refused = call(tenant, "POST", "/closures", body)
    assert refused.status_code == 409
    times = {name: made[name] for name in ("id", "code", "starts_at", "ends_at", "units")}
    assert times["units"] == [2]
    assert refused.json()["reservations"] == [times]


def test_a_closure_is_changed_by_the_version_that_was_read(tenant: Tenant) -> None:
    closed = tenant.close("rooms", starts_at=day(5), ends_at=day(7), units=[1])
    path = f"/closures/{closed['id']}"
    assert call(tenant, "PATCH", path, {"reason": "New floor"}).status_code == 428
    assert call(tenant, "PATCH", path, {"reason": "New floor"}, **{"If-Match": '"7"'}).status_code == 412
    made = tenant.reserved("rooms", check_in_on=in_days(9), check_out_on=in_days(10), unit=2)
    longer = {"ends_at": day(10), "units": [1, 2]}
    refused = call(tenant, "PATCH", path, longer, **{"If-Match": '"1"'})
    assert [one["code"] for one in refused.json()["reservations"]] == [made["code"]]
    changed = call(tenant, "PATCH", path, {**longer, "units": [1, 3]}, **{"If-Match": '"1"'})
    assert changed.status_code == 200
    assert changed.headers["etag"].startswith('"2-')
    body = changed.json()
    assert (body["units"], body["ends_at"][:10], body["reason"]) == ([1, 3], in_days(10), "test")
    remaining = tenant.get(f"/resources/{tenant.ids['rooms']}/availability", from_=in_days(8), to=in_days(9)).json()
    assert remaining["nights"][0]["remaining"] == 1
    backwards = call(tenant, "PATCH", path, {"ends_at": day(2)}, **{"If-Match": '"2"'})
    assert (backwards.status_code, backwards.json()["code"]) == (422, "invalid_range")


def test_closures_are_listed_by_time_in_pages(tenant: Tenant) -> None:
    made = [tenant.close("rooms", starts_at=day(number), ends_at=day(number + 1), units=[1]) for number in (3, 6, 9)]
    ids = [one["id"] for one in made]
    assert [one["id"] for one in listed(tenant)] == ids
    assert [one["id"] for one in listed(tenant, starts_at=day(5), ends_at=day(8))] == ids[1:2]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 1}
    for _ in range(4):
        answer = tenant.client.get(f"/tenants/{tenant.slug}/closures", params=query, headers=tenant.as_role())
        seen += [one["id"] for one in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            break
        assert answer.headers["link"]
        query["cursor"] = answer.json()["next_cursor"]
    assert seen == ids


def seen_by(tenant: Tenant, host: dict[str, str]) -> Json:
    """The one closure that a host sees."""
    (only,) = tenant.client.get(f"/tenants/{tenant.slug}/closures", headers=host).json()["items"]
    return only


def test_hosts_close_their_own_resources_only(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="mine", document=policy(STAY)), Offer(slug="theirs", document=policy(STAY)))
    host = tenant.as_role(Role.HOST)
    with psycopg.connect(tenant.database.owner) as owner:
        query = """
        INSERT INTO membership_resources (tenant_id, user_id, resource_id)
        SELECT membership.tenant_id, membership.user_id, %s FROM memberships AS membership
        INNER JOIN tenants AS tenant ON membership.tenant_id = tenant.id
        WHERE tenant.slug = %s AND membership.role = 'host' ON CONFLICT DO NOTHING"""
        owner.execute("DELETE FROM membership_resources WHERE resource_id = %s", [tenant.ids["theirs"]])
        owner.execute(query, [tenant.ids["mine"], tenant.slug])
    closing = {"starts_at": day(5), "ends_at": day(6), "reason": "Holiday"}
    for slug, status in (("mine", 201), ("theirs", 404)):
        answer = tenant.post("/closures", {"resource_id": str(tenant.ids[slug]), **closing}, **host)
        assert answer.status_code == status, answer.text
        assert tenant.post(
            "/closures/preview", {"resource_id": str(tenant.ids[slug]), **closing}, **host
        ).status_code == (200 if status == 201 else 404)
    theirs, mine = tenant.close("theirs", starts_at=day(7), ends_at=day(8)), seen_by(tenant, host)
    for closure, status in ((theirs, 404), (mine, 200)):
        path = f"/tenants/{tenant.slug}/closures/{closure['id']}"
        changed = tenant.client.patch(path, json={"reason": "Rest"}, headers={**host, "If-Match": '"1"'})
        assert changed.status_code == status
        assert tenant.client.delete(path, headers=host).status_code == (204 if status == 200 else 404)
    assert [one["id"] for one in listed(tenant)] == [theirs["id"]]


def test_taking_back_what_has_begun_keeps_what_was_closed_until_now(tenant: Tenant) -> None:
    running = tenant.close("rooms", starts_at=day(-3), ends_at=day(5))
    assert call(tenant, "DELETE", f"/closures/{running['id']}").status_code == 204
    [kept] = listed(tenant, starts_at=day(-4))
    assert datetime.fromisoformat(kept["ends_at"]) - datetime.now(UTC) < timedelta(minutes=1)
    assert tenant.reserve("rooms", check_in_on=in_days(1), check_out_on=in_days(2)).status_code == 201
    again = call(tenant, "DELETE", f"/closures/{running['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    later = tenant.close("rooms", starts_at=day(15), ends_at=day(16))
    assert call(tenant, "DELETE", f"/closures/{later['id']}").status_code == 204
    assert [one["id"] for one in listed(tenant, starts_at=day(-4))] == [running["id"]]
