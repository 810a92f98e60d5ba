"""Closures: previewed, changed, listed by time in pages, and taken back without forgetting what was closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.reporting.storage.check import prove, snapshot
from tests.api.tenant import ANY_VERSION, in_days
from tests.offers import INTERVAL, STAY, Offer, policy
from tools.consistency import LEGAL

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
    usual = tenant.as_role(Role.MANAGER) | (ANY_VERSION if method == "DELETE" else {})
    address = f"/tenants/{tenant.slug}{path}"
    return tenant.client.request(method, address, json=body, headers=usual | headers)


def listed(tenant: Tenant, **query: str) -> list[Json]:
    answer = tenant.client.get(f"/tenants/{tenant.slug}/closures", params=query, headers=tenant.as_role())
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_preview_names_the_conflicting_reservations_and_stores_nothing(tenant: Tenant) -> None:
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
    remaining = tenant.get(f"/resources/{tenant.ids['rooms']}/availability", from_=in_days(8), until=in_days(9)).json()
    assert remaining["nights"][0]["remaining"] == 1
    backwards = call(tenant, "PATCH", path, {"ends_at": day(2)}, **{"If-Match": '"2"'})
    assert (backwards.status_code, backwards.json()["code"]) == (422, "invalid_range")


def test_closures_of_an_archived_resource_are_seen_changed_and_ended_and_new_ones_refused(tenant: Tenant) -> None:
    """Its reservations stay, and so does what keeps them from certain units."""
    closed = tenant.close("rooms", starts_at=day(5), ends_at=day(7), units=[1])
    archived = call(tenant, "DELETE", "/resources/rooms", None, **{"If-Match": "*"})
    assert archived.status_code == 204
    path = f"/closures/{closed['id']}"
    assert [one["id"] for one in listed(tenant)] == [closed["id"]]
    assert call(tenant, "PATCH", path, {"ends_at": day(6)}, **{"If-Match": "*"}).status_code == 200
    assert call(tenant, "DELETE", path).status_code == 204
    assert listed(tenant) == []
    body = {"resource_id": str(tenant.ids["rooms"]), "starts_at": day(6), "ends_at": day(8), "reason": "Paint"}
    assert call(tenant, "POST", "/closures", body).status_code == 404
    nothing_is_broken(tenant)


def test_closures_are_listed_by_time_in_pages(tenant: Tenant) -> None:
    made = [tenant.close("rooms", starts_at=day(number), ends_at=day(number + 1), units=[1]) for number in (3, 6, 9)]
    ids = [one["id"] for one in made]
    assert [one["id"] for one in listed(tenant)] == ids
    assert [one["id"] for one in listed(tenant, **{"from": day(5), "until": day(8)})] == ids[1:2]
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
        opened = tenant.client.delete(path, headers=host | ANY_VERSION)
        assert opened.status_code == (204 if status == 200 else 404)
    assert [one["id"] for one in listed(tenant)] == [theirs["id"]]


def test_taking_back_what_has_begun_keeps_what_was_closed_until_now(tenant: Tenant) -> None:
    running = tenant.close("rooms", starts_at=day(-3), ends_at=day(5))
    assert call(tenant, "DELETE", f"/closures/{running['id']}").status_code == 204
    [kept] = listed(tenant, **{"from": day(-4)})
    assert datetime.fromisoformat(kept["ends_at"]) - datetime.now(UTC) < timedelta(minutes=1)
    assert tenant.reserve("rooms", check_in_on=in_days(1), check_out_on=in_days(2)).status_code == 201
    again = call(tenant, "DELETE", f"/closures/{running['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    later = tenant.close("rooms", starts_at=day(15), ends_at=day(16))
    assert call(tenant, "DELETE", f"/closures/{later['id']}").status_code == 204
    assert [one["id"] for one in listed(tenant, **{"from": day(-4)})] == [running["id"]]


def nothing_is_broken(tenant: Tenant) -> None:
    with snapshot(tenant.database.jobs) as connection:
        found = [finding for verdict in prove(connection, LEGAL, most=1000) for finding in verdict.findings]
    assert [finding for finding in found if finding.tenant == tenant.slug] == []


def units_of(tenant: Tenant, reservation: Json) -> list[int]:
    answer = tenant.client.get(f"/tenants/{tenant.slug}/reservations/{reservation['id']}", headers=tenant.as_role())
    return answer.json()["units"]


def test_a_closure_moves_who_was_promised_nothing_and_names_who_cannot_be_moved(tenant: Tenant) -> None:
    stay = {"check_in_on": in_days(5), "check_out_on": in_days(7)}
    anywhere, promised = tenant.reserved("rooms", **stay), tenant.reserved("rooms", **stay, unit=3)
    [unit] = anywhere["units"]
    times = {"starts_at": day(5), "ends_at": day(8)}
    assert tenant.try_to_close("rooms", **times, units=[unit]).status_code == 201
    assert units_of(tenant, anywhere) not in ([unit], [3])
    nothing_is_broken(tenant)
    refused = tenant.try_to_close("rooms", **times, units=[unit, 3])
    assert [one["code"] for one in refused.json()["reservations"]] == [promised["code"]]
    refused = tenant.try_to_close("rooms", **times)
    assert {one["code"] for one in refused.json()["reservations"]} == {anywhere["code"], promised["code"]}


def test_a_closure_moves_uses_of_a_pool_as_far_as_the_rest_suffices(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="kayaks", document=policy(INTERVAL, per="hour"), capacity=4))
    times = {"starts_at": f"{in_days(3)}T10:00:00Z", "ends_at": f"{in_days(3)}T12:00:00Z"}
    made = tenant.reserved("kayaks", **times, quantity=3)
    closing = {"starts_at": f"{in_days(3)}T11:00:00Z", "ends_at": f"{in_days(3)}T13:00:00Z"}
    taken, free = made["units"][0], next(unit for unit in range(1, 5) if unit not in made["units"])
    tenant.close("kayaks", **closing, units=[taken])
    assert set(units_of(tenant, made)) == {1, 2, 3, 4}
    nothing_is_broken(tenant)
    refused = tenant.try_to_close("kayaks", **closing, units=[free])
    assert [one["code"] for one in refused.json()["reservations"]] == [made["code"]]


def test_the_same_closure_twice_is_refused_with_the_one_that_there_is(tenant: Tenant) -> None:
    times = {"starts_at": day(5), "ends_at": day(7)}
    first = tenant.close("rooms", **times, units=[1, 2])
    for units in ([1, 2], [2, 1, 1]):
        again = tenant.try_to_close("rooms", **times, units=units, reason="Another")
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
        assert first["id"] in again.json()["detail"]
    other = tenant.close("rooms", **times, units=[1])
    same = call(tenant, "PATCH", f"/closures/{other['id']}", {"units": [1, 2]}, **{"If-Match": '"1"'})
    assert (same.status_code, same.json()["code"]) == (409, "conflict")
    assert len(listed(tenant)) == 2
    nothing_is_broken(tenant)


def test_a_changed_closure_moves_guests_to_units_that_it_gives_back(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="pair", document=policy(STAY), capacity=2, assignment="labelled"))
    closed = tenant.close("pair", starts_at=day(5), ends_at=day(8), units=[2])
    made = tenant.reserved("pair", check_in_on=in_days(5), check_out_on=in_days(7))
    assert made["units"] == [1]
    path = f"/closures/{closed['id']}"
    changed = call(tenant, "PATCH", path, {"units": [1]}, **{"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert units_of(tenant, made) == [2]
    nothing_is_broken(tenant)
    refused = call(tenant, "PATCH", path, {"units": [1, 2]}, **{"If-Match": '"2"'})
    assert [one["code"] for one in refused.json()["reservations"]] == [made["code"]]
    nothing_is_broken(tenant)
