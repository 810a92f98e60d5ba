"""Inventories as administrators keep them: renamed, enlarged, made smaller, deleted, and what conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from chalicelib.access.model.people import Role
from chalicelib.database.transaction import Database
from chalicelib.run_jobs import run_on
from tests.api.test_shared_units import HOURS, at, free, inventory, need, nothing_is_broken, share, try_to_share
from tests.offers import Offer

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(*(Offer(slug=slug, document=HOURS, assignment="labelled") for slug in ("hall", "east", "tour")))


def call(
    tenant: Tenant,
    method: str,
    inventory_id: object,
    body: Json | None = None,
    *,
    role: Role = Role.MANAGER,
    version: str | None = "*",
) -> httpx.Response:
    headers = tenant.as_role(role) | ({} if version is None else {"If-Match": version})
    return tenant.client.request(
        method, f"/tenants/{tenant.slug}/inventories/{inventory_id}", json=body, headers=headers
    )


def change(tenant: Tenant, inventory_id: object, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    return call(tenant, "PATCH", inventory_id, body)


def delete(tenant: Tenant, inventory_id: object) -> httpx.Response:
    return call(tenant, "DELETE", inventory_id)


def listed(tenant: Tenant) -> list[Json]:
    return tenant.client.get(f"/tenants/{tenant.slug}/inventories", headers=tenant.as_role()).json()["items"]


def conflicting(answer: httpx.Response) -> list[tuple[str, bool]]:
    assert (answer.status_code, answer.json()["code"]) == (409, "conflicting_resources"), answer.text
    return [(one["slug"], one["archived"]) for one in answer.json()["resources"]]


def its_events(tenant: Tenant, inventory_id: str) -> list[tuple[str, Any, Any]]:
    path = f"/tenants/{tenant.slug}/audit?entity_id={inventory_id}"
    events = tenant.client.get(path, headers=tenant.as_role()).json()["items"]
    return [(one["type"], one["before"], one["after"]) for one in reversed(events)]


def archive(tenant: Tenant, slug: str) -> None:
    path = f"/tenants/{tenant.slug}/resources/{slug}"
    assert tenant.client.delete(path, headers=tenant.as_editor()).status_code == 204


def test_an_inventory_is_made_read_renamed_enlarged_and_deleted(tenant: Tenant) -> None:
    made = tenant.post("/inventories", {"name": "Hall", "capacity": 2}, **tenant.as_role())
    one = made.json()
    assert made.headers["Location"].endswith(f"/tenants/{tenant.slug}/inventories/{one['id']}")
    assert (one["version"], one["own"]) == (1, False)
    read = call(tenant, "GET", one["id"])
    assert (read.json(), read.headers["ETag"]) == (one, made.headers["ETag"])
    renamed = call(tenant, "PATCH", one["id"], {"name": "Great hall"}, version=read.headers["ETag"])
    assert renamed.json() == {**one, "name": "Great hall", "version": 2}
    larger = call(tenant, "PATCH", one["id"], {"capacity": 3}, version=renamed.headers["ETag"]).json()
    assert larger == {**one, "name": "Great hall", "capacity": 3, "version": 3}
    assert listed(tenant) == [larger]
    assert delete(tenant, one["id"]).status_code == 204
    assert listed(tenant) == []
    assert [call(tenant, method, one["id"], {}).status_code for method in ("GET", "PATCH", "DELETE")] == [404] * 3
    small, great = {"name": "Great hall", "capacity": 2}, {"name": "Great hall", "capacity": 3}
    assert its_events(tenant, one["id"]) == [
        ("inventory.created", None, {"name": "Hall", "capacity": 2}),
        ("inventory.updated", {"name": "Hall", "capacity": 2}, small),
        ("inventory.updated", small, great),
        ("inventory.deleted", great, None),
    ]


def test_a_change_names_the_version_that_it_changes(tenant: Tenant) -> None:
    hall = inventory(tenant, "Hall", 2)
    missing = call(tenant, "PATCH", hall, {"name": "Annex"}, version=None)
    assert (missing.status_code, missing.json()["code"]) == (428, "version_required")
    assert change(tenant, hall, name="Annex").json()["version"] == 2
    stale = call(tenant, "PATCH", hall, {"capacity": 9}, version='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    assert call(tenant, "GET", hall).json()["capacity"] == 2


def test_a_change_that_changes_nothing_makes_no_version_and_no_event(tenant: Tenant) -> None:
    hall = inventory(tenant, "Hall", 2)
    before = call(tenant, "GET", hall)
    for body in ({}, {"name": "Hall"}, {"name": "Hall", "capacity": 2}):
        same = call(tenant, "PATCH", hall, body)
        assert (same.json(), same.headers["ETag"]) == (before.json(), before.headers["ETag"])
    assert len(its_events(tenant, hall)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "body"),
        ({"capacity": None}, "body"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 100_001}, "capacity"),
        ({"name": ""}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"units": 3}, "units"),
    ],
)
def test_what_an_inventory_cannot_be_is_refused(tenant: Tenant, body: Json, field: str) -> None:
    refused = call(tenant, "PATCH", inventory(tenant, "Hall", 2), body)
    assert (refused.status_code, refused.json()["violations"][0]["field"]) == (422, field), refused.text


def test_two_inventories_may_have_one_name_as_when_they_are_made(tenant: Tenant) -> None:
    first, second = (inventory(tenant, name, 1) for name in ("Anna", "Ben"))
    assert change(tenant, second, name="Anna").status_code == 200
    assert [(one["id"], one["name"]) for one in listed(tenant)] == [(first, "Anna"), (second, "Anna")]


def test_new_units_are_drawn_by_whom_they_are_given_to_and_by_nobody_else(tenant: Tenant) -> None:
    halves = inventory(tenant, "Hall", 2)
    share(tenant, "hall", halves, [1, 2], 2)
    refused = try_to_share(tenant, "east", draws={"inventory_id": halves, "units": [3]})
    assert refused.status_code == 422
    tenant.reserved("hall", **at(3, 10, 12))
    assert change(tenant, halves, capacity=3).status_code == 200
    assert free(tenant, **at(3, 10, 12))["hall"] == 0
    share(tenant, "east", halves, [3])
    assert tenant.reserved("east", **at(3, 10, 12))["units"] == [3]
    nothing_is_broken(tenant)


def test_units_that_resources_draw_or_need_are_not_taken_away(tenant: Tenant) -> None:
    units = inventory(tenant, "Hall", 5)
    share(tenant, "hall", units, [1, 2], 2)
    share(tenant, "east", units, [3])
    need(tenant, "tour", units, [4])
    assert change(tenant, units, capacity=4).json()["capacity"] == 4
    archive(tenant, "east")
    assert conflicting(change(tenant, units, capacity=3)) == [("tour", False)]
    refused = change(tenant, units, capacity=1, name="Annex")
    assert conflicting(refused) == [("hall", False), ("east", True), ("tour", False)]
    assert refused.json()["detail"] == (
        "Resources draw from the units of Hall above 1: hall, east (archived), tour. Let them draw from other units "
        "first. What is archived has to be restored for that."
    )
    assert try_to_share(tenant, "tour").status_code == 200
    assert conflicting(change(tenant, units, capacity=2)) == [("east", True)]
    assert call(tenant, "GET", units).json() == {
        **listed(tenant)[0],
        "name": "Hall",
        "capacity": 4,
        "version": 2,
    }
    assert change(tenant, units, capacity=3).json()["version"] == 3
    nothing_is_broken(tenant)


def test_an_inventory_stays_while_a_resource_draws_from_it_archived_or_not(tenant: Tenant) -> None:
    units = inventory(tenant, "Hall", 4)
    share(tenant, "hall", units, [2])
    need(tenant, "tour", units, [3])
    archive(tenant, "hall")
    assert conflicting(delete(tenant, units)) == [("hall", True), ("tour", False)]
    assert try_to_share(tenant, "tour").status_code == 200
    refused = delete(tenant, units)
    assert conflicting(refused) == [("hall", True)]
    assert "restored" in refused.json()["detail"]
    tenant.staff("/resources/hall/restore")
    assert try_to_share(tenant, "hall").status_code == 200
    assert delete(tenant, units).status_code == 204
    tenant.reserved("hall", **at(3, 10, 12))
    nothing_is_broken(tenant)


LONG_AGO = """
UPDATE allocations SET during = tstzrange(lower(during) - interval '99 days', upper(during) - interval '99 days')
WHERE inventory_id = %(inventory)s OR resource_id = %(tour)s
"""
CLOSED_LONG_AGO = """
UPDATE closures SET starts_at = starts_at - interval '99 days', ends_at = ends_at - interval '99 days' WHERE id = %(id)s
"""


def test_an_inventory_stays_while_it_is_recorded_who_had_its_units(tenant: Tenant) -> None:
    units = inventory(tenant, "Hall", 2)
    share(tenant, "hall", units, [1])
    need(tenant, "tour", units, [2])
    reserved = [tenant.reserved(slug, **at(3, 10, 12)) for slug in ("hall", "tour")]
    closed = tenant.close("hall", **at(3, 14, 16))
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LONG_AGO, {"inventory": units, "tour": tenant.ids["tour"]})
        owner.execute(CLOSED_LONG_AGO, {"id": closed["id"]})
    for slug in ("hall", "tour"):
        assert try_to_share(tenant, slug).status_code == 200
    refused = delete(tenant, units)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    for named in ("closures", *(f"the reservation {one['code']}" for one in reserved)):
        assert named in refused.json()["detail"]
    jobs = Database(tenant.database.jobs, pool_size=1, request_seconds=10)
    try:
        run_on(jobs, "remove_past_allocations", 10)
    finally:
        jobs.close()
    assert delete(tenant, units).status_code == 204


def test_the_own_units_of_a_resource_are_read_where_they_are_listed_and_changed_with_it(tenant: Tenant) -> None:
    own = str(tenant.ids["east"])
    for method in ("GET", "PATCH", "DELETE"):
        assert call(tenant, method, own, {}).status_code == 404
    need(tenant, "tour", own, [1])
    read = call(tenant, "GET", own)
    assert read.json() == listed(tenant)[0]
    assert (read.json()["own"], read.json()["name"], read.json()["capacity"]) == (True, "East", 1)
    for refused in (change(tenant, own, name="West"), change(tenant, own), delete(tenant, own)):
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert refused.json()["detail"].startswith("These are the own units of East.")
    assert call(tenant, "GET", own).json() == read.json()


def test_an_inventory_of_another_tenant_is_not_there(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    other = make_tenant(Offer(slug="hall", document=HOURS))
    units = inventory(tenant, "Hall", 2)
    for named in (units, uuid4(), "hall"):
        answers = [change(other, named, name="Mine"), delete(other, named), call(other, "GET", named)]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.json()["detail"] for answer in answers} == {"There is no such inventory."}
    assert call(tenant, "GET", units).json()["name"] == "Hall"


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER, Role.HOST])
def test_only_owners_and_managers_keep_inventories(tenant: Tenant, role: Role) -> None:
    units = inventory(tenant, "Hall", 2)
    bodies: dict[str, Json | None] = {"GET": None, "PATCH": {"name": "Mine"}, "DELETE": None}
    answers = [call(tenant, method, units, body, role=role) for method, body in bodies.items()]
    assert [answer.status_code for answer in answers] == [403] * 3
    allowed = [call(tenant, method, units, body, role=Role.OWNER) for method, body in bodies.items()]
    assert [answer.status_code for answer in allowed] == [200, 200, 204]


def test_the_database_keeps_what_resources_draw_from(tenant: Tenant) -> None:
    """As the application itself, whatever its code does."""
    units = inventory(tenant, "Hall", 2)
    share(tenant, "hall", units, [1])
    with psycopg.connect(tenant.database.owner) as owner:
        row = owner.execute("SELECT tenant_id FROM resources WHERE id = %s", [tenant.ids["hall"]]).fetchone()
    assert row is not None
    with psycopg.connect(tenant.database.app, autocommit=True) as app:
        assert app.execute("DELETE FROM inventories WHERE id = %s", [units]).rowcount == 0  # of no tenant
        app.execute("SELECT set_config('app.tenant_id', %s, false)", [str(row[0])])
        with pytest.raises(errors.ForeignKeyViolation):
            app.execute("DELETE FROM inventories WHERE id = %s", [units])
        for kept in ("id", "tenant_id", "created_at"):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(f"UPDATE inventories SET {kept} = {kept}".encode())  # noqa: S608 - names of columns
        for wrong in ("capacity = 0", "name = NULL", "version = 0"):
            with pytest.raises(errors.CheckViolation):
                app.execute(f"UPDATE inventories SET {wrong} WHERE id = '{units}'".encode())  # noqa: S608 - ours
