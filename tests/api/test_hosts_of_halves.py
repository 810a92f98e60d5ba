"""Hosts who see a half and not the hall that it belongs to: what is done to the hall counts for them all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from chalicelib.access.model.people import Role
from tests.api.test_calendar import LINK_HOST
from tests.api.test_shared_units import LOCK, at, great_hall

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant


@pytest.fixture
def hall(make_tenant: Callable[..., Tenant]) -> Tenant:
    """Its host has the east half."""
    tenant = great_hall(make_tenant)
    tenant.as_role(Role.HOST)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LINK_HOST, [tenant.ids["east"], tenant.slug, f"host@{tenant.slug}.example"])
    return tenant


def edited(tenant: Tenant, slug: str, times: dict[str, str]) -> None:
    """Let Grace lock a resource."""
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LOCK, [times["starts_at"], times["ends_at"], tenant.ids[slug]])


def writes(tenant: Tenant, times: dict[str, str], role: Role) -> list[httpx.Response]:
    """What somebody with that role does to the east half: reserve and close it."""
    east = str(tenant.ids["east"])
    guest = {"name": "Ada", "email": "ada@example.org"}
    return [
        tenant.post("/reservations", {"resource_id": east, "guest": guest, **times}, **tenant.as_role(role)),
        tenant.post("/closures", {"resource_id": east, "reason": "Rest", **times}, **tenant.as_role(role)),
    ]


def test_who_edits_the_hall_keeps_the_host_of_a_half_out_who_is_not_told_of_the_hall(hall: Tenant) -> None:
    edited(hall, "hall", at(3, 10, 12))
    for answer in writes(hall, at(3, 11, 13), Role.HOST):
        assert (answer.status_code, answer.json()["code"]) == (409, "edit_locked"), answer.text
        assert answer.json()["edit_lock"]["holder"]["name"] == "Grace"
        assert answer.json()["edit_lock"]["resource_id"] == str(hall.ids["east"])
        assert str(hall.ids["hall"]) not in answer.text
    reserved, _ = writes(hall, at(3, 12, 13), Role.HOST)
    assert reserved.status_code == 201, reserved.text


def test_who_sees_the_hall_is_told_that_it_is_what_somebody_edits(hall: Tenant) -> None:
    edited(hall, "hall", at(3, 10, 12))
    for answer in writes(hall, at(3, 11, 13), Role.MANAGER):
        assert UUID(answer.json()["edit_lock"]["resource_id"]) == hall.ids["hall"]


def listed(tenant: Tenant, role: Role, **query: str) -> list[dict[str, str]]:
    """The edit locks that somebody with that role is told of: on what, and whose."""
    answer = tenant.client.get(f"/tenants/{tenant.slug}/edit-locks", params=query, headers=tenant.as_role(role))
    assert answer.status_code == 200, answer.text
    return [{"on": lock["resource_id"], "holder": lock["holder"]["name"]} for lock in answer.json()["items"]]


def test_what_keeps_the_host_of_a_half_out_is_in_the_list_of_edit_locks_as_one_on_the_half(hall: Tenant) -> None:
    edited(hall, "hall", at(3, 10, 12))
    edited(hall, "west", at(4, 10, 12))
    east, west, whole = (str(hall.ids[slug]) for slug in ("east", "west", "hall"))
    told = [{"on": east, "holder": "Grace"}]
    assert listed(hall, Role.HOST) == listed(hall, Role.HOST, resource_id=east) == told
    assert listed(hall, Role.HOST, resource_id=whole) == listed(hall, Role.HOST, resource_id=west) == []
    assert listed(hall, Role.HOST, **{"from": at(3, 12, 13)["starts_at"]}) == []
    assert listed(hall, Role.HOST, until=at(3, 10, 12)["starts_at"]) == []


def test_who_sees_the_hall_finds_its_lock_in_the_lists_of_both_halves_and_once_in_the_whole_list(hall: Tenant) -> None:
    edited(hall, "hall", at(3, 10, 12))
    whole = [{"on": str(hall.ids["hall"]), "holder": "Grace"}]
    for slug in ("hall", "east", "west"):
        assert listed(hall, Role.MANAGER, resource_id=str(hall.ids[slug])) == whole
    assert listed(hall, Role.MANAGER) == whole
    edited(hall, "west", at(4, 10, 12))
    assert listed(hall, Role.MANAGER, resource_id=str(hall.ids["east"])) == whole
    archived = hall.client.delete(f"/tenants/{hall.slug}/resources/east", headers={**hall.as_role(), "If-Match": "*"})
    assert archived.json()["code"] == "edit_locked"
