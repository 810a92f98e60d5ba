"""Administrators keep the catalogue: what is offered, how much of it, when; reservations are never stranded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.catalogue.schemas.manage_resources import ChangeResource
from tests.api.tenant import ANY_VERSION, in_days
from tests.offers import INTERVAL, SLOT, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant

HUT = {
    "slug": "hut",
    "name": "Lake hut",
    "kind": "cabin",
    "capacity": 2,
    "max_party_size": 4,
    "assignment": "labelled",
    "policy": "cabins-policy",
    "amenities": ["wifi", "sauna"],
    "units": ["Alder", "Birch"],
}
LINK_HOST = """
INSERT INTO membership_resources (tenant_id, user_id, resource_id)
SELECT tenant.id, person.id, %s FROM tenants AS tenant, users AS person WHERE tenant.slug = %s AND person.email = %s
"""


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(
            slug="cabins",
            document=policy(STAY),
            capacity=5,
            assignment="labelled",
            units=("One", "Two"),
            amenities=("wifi",),
        ),
        Offer(slug="kayaks", document=policy(INTERVAL, per="hour"), capacity=4),
        Offer(slug="lessons", document=policy(SLOT, per="slot")),
    )


def call(
    tenant: Tenant,
    method: str,
    path: str,
    body: object = None,
    *,
    if_match: str | None = None,
    role: Role = Role.MANAGER,
) -> httpx.Response:
    usual = ANY_VERSION if method == "DELETE" or path.endswith("/restore") else {}
    headers = tenant.as_role(role) | usual | ({} if if_match is None else {"If-Match": if_match})
    return tenant.client.request(method, f"/tenants/{tenant.slug}{path}", json=body, headers=headers)


def policy_of(tenant: Tenant, resource: str) -> str:
    with psycopg.connect(tenant.database.owner) as owner:
        row = owner.execute("SELECT policy_id FROM resources WHERE id = %s", [tenant.ids[resource]]).fetchone()
    assert row is not None
    return str(row[0])


def created(tenant: Tenant, **changes: object) -> httpx.Response:
    return call(tenant, "POST", "/resources", {**HUT, "policy": policy_of(tenant, "cabins"), **changes})


def test_something_new_is_offered_and_can_be_reserved(tenant: Tenant) -> None:
    answer = created(tenant, location={"latitude": 46.5, "longitude": 8})
    assert answer.status_code == 201, answer.text
    hut = answer.json()
    assert [unit["label"] for unit in hut["units"]] == ["Alder", "Birch"]
    assert tenant.get("/resources/hut").json() == hut
    tenant.ids["hut"] = hut["id"]
    tenant.reserved("hut", check_in_on=in_days(4), check_out_on=in_days(6), quantity=2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "Hut"}, "slug"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 2**31}, "capacity"),
        ({"max_party_size": 0}, "max_party_size"),
        ({"policy": "nothing"}, "policy"),
        ({"policy": str(uuid4())}, "policy"),
        ({"units": ["A", "A"]}, "units"),
        ({"units": ["A", "B", "C"]}, "units"),
        ({"assignment": "pooled"}, "units"),
        ({"amenities": ["Wi-Fi!"]}, "amenities"),
        ({"color": "red"}, "color"),
        ({"location": {"latitude": 100, "longitude": 0}}, "location"),
    ],
)
def test_resources_that_make_no_sense_are_refused(tenant: Tenant, changes: dict[str, Any], field: str) -> None:
    answer = created(tenant, **changes)
    assert answer.status_code == 422
    assert answer.json()["violations"][0]["field"].startswith(field)
    assert tenant.get("/resources/hut").status_code == 404


def test_a_policy_of_another_tenant_is_none(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    foreign = make_tenant(Offer(slug="cabins", document=policy(STAY)))
    assert created(tenant, policy=policy_of(foreign, "cabins")).status_code == 422


def test_a_slug_is_taken_once(tenant: Tenant) -> None:
    assert [created(tenant).status_code for _ in range(2)] == [201, 409]


def test_a_change_needs_the_version_that_was_read(tenant: Tenant) -> None:
    before = tenant.get("/resources/cabins")
    assert call(tenant, "PATCH", "/resources/cabins", {"name": "Huts"}).status_code == 428
    answer = call(tenant, "PATCH", "/resources/cabins", {"name": "Huts"}, if_match=before.headers["ETag"])
    assert (answer.status_code, answer.json()["name"], answer.json()["version"]) == (200, "Huts", 2)
    assert call(tenant, "PATCH", "/resources/cabins", {"name": "X"}, if_match=before.headers["ETag"]).status_code == 412
    assert tenant.get("/resources/cabins").json() == answer.json()


def test_every_change_is_told_as_it_was_and_as_it_is(tenant: Tenant) -> None:
    changes: dict[str, Any] = {
        "name": "Huts",
        "kind": "hut",
        "summary": "Warm",
        "description": "Warm and dry.",
        "capacity": 6,
        "max_party_size": 3,
        "policy": policy_of(tenant, "kayaks"),
        "amenities": ["sauna"],
        "location": {"latitude": 46.5, "longitude": 8.0},
        "position": 7,
    }
    assert changes.keys() == ChangeResource.model_fields.keys()
    for name, value in changes.items():
        answer = call(tenant, "PATCH", "/resources/cabins", {name: value}, if_match="*")
        assert answer.status_code == 200, answer.text
        (event, *_) = call(tenant, "GET", f"/audit?entity_id={tenant.ids['cabins']}").json()["items"]
        before, after = event["before"], event["after"]
        told = "policy_id" if name == "policy" else name
        assert [each for each in after if before[each] != after[each]] == [told]
        assert after[told] == value


def test_another_policy_counts_from_the_next_reservation_on(tenant: Tenant) -> None:
    times = {"starts_at": f"{in_days(3)}T10:00:00Z", "ends_at": f"{in_days(3)}T12:00:00Z"}
    tenant.reserved("kayaks", **times)  # the functions remember the terms now
    answer = call(tenant, "PATCH", "/resources/kayaks", {"policy": policy_of(tenant, "cabins")}, if_match="*")
    assert answer.json()["mode"] == "stay"
    assert tenant.reserve("kayaks", **times).status_code == 422


def test_capacity_is_not_lowered_below_what_is_reserved(tenant: Tenant) -> None:
    taken = tenant.reserved("cabins", check_in_on=in_days(4), check_out_on=in_days(6), quantity=4)
    answer = call(tenant, "PATCH", "/resources/cabins", {"capacity": 3}, if_match="*")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflicting_reservations")
    assert [one["id"] for one in answer.json()["reservations"]] == [taken["id"]]
    assert tenant.get("/resources/cabins").json()["capacity"] == 5
    tenant.cancelled(taken)
    assert call(tenant, "PATCH", "/resources/cabins", {"capacity": 3}, if_match="*").json()["capacity"] == 3
    wanted = {"check_in_on": in_days(4), "check_out_on": in_days(6)}
    assert tenant.reserve("cabins", **wanted, quantity=4).status_code == 422
    assert tenant.reserve("cabins", **wanted, quantity=3).status_code == 201


def test_capacity_goes_up_and_down_and_closures_stay(tenant: Tenant) -> None:
    tenant.close("cabins", starts_at=f"{in_days(9)}T10:00:00Z", ends_at=f"{in_days(12)}T10:00:00Z", units=[1])
    for capacity in (2, 6, 1, 4, 5):
        assert call(tenant, "PATCH", "/resources/cabins", {"capacity": capacity}, if_match="*").status_code == 200
    assert len(call(tenant, "GET", "/closures").json()["items"]) == 1
    wanted = {"check_in_on": in_days(10), "check_out_on": in_days(11)}
    assert tenant.reserve("cabins", **wanted, quantity=5).status_code == 409
    assert tenant.reserve("cabins", **wanted, quantity=4).status_code == 201


def test_the_closure_of_a_lowered_capacity_is_not_opened_like_others(tenant: Tenant) -> None:
    call(tenant, "PATCH", "/resources/cabins", {"capacity": 3}, if_match="*")
    with psycopg.connect(tenant.database.owner) as owner:
        rows = owner.execute("SELECT id FROM closures WHERE resource_id = %s", [tenant.ids["cabins"]]).fetchall()
    (closure,) = rows
    assert call(tenant, "DELETE", f"/closures/{closure[0]}").status_code == 404


def test_a_capacity_lowered_while_others_reserve_is_never_exceeded(tenant: Tenant) -> None:
    for day in range(4, 14):
        assert call(tenant, "PATCH", "/resources/kayaks", {"capacity": 4}, if_match="*").status_code == 200
        times = {"starts_at": f"{in_days(day)}T10:00:00Z", "ends_at": f"{in_days(day)}T12:00:00Z"}
        with ThreadPoolExecutor(6) as threads:
            lowering = threads.submit(call, tenant, "PATCH", "/resources/kayaks", {"capacity": 2}, if_match="*")
            taking = [threads.submit(tenant.reserve, "kayaks", **times) for _ in range(5)]
        accepted = [future.result().status_code for future in taking].count(201)
        lowered = lowering.result().status_code
        assert lowered in {200, 409}
        assert accepted <= (2 if lowered == 200 else 4)
        for future in taking:
            if future.result().status_code == 201:
                tenant.cancelled(future.result().json())


def test_what_was_archived_keeps_its_reservations_and_comes_back(tenant: Tenant) -> None:
    reservation = tenant.reserved("cabins", check_in_on=in_days(4), check_out_on=in_days(6))
    assert call(tenant, "DELETE", "/resources/cabins", if_match='"7"').status_code == 412
    assert [call(tenant, "DELETE", "/resources/cabins").status_code for _ in range(2)] == [204, 404]
    assert tenant.get("/resources/cabins").status_code == 404
    assert "cabins" not in {one["slug"] for one in tenant.get("/resources").json()["items"]}
    assert tenant.reserve("cabins", check_in_on=in_days(4), check_out_on=in_days(6)).status_code == 404
    (archived,) = call(tenant, "GET", "/resources?archived=true").json()["items"]
    assert (archived["slug"], archived["version"], archived["archived_at"] is None) == ("cabins", 2, False)
    assert created(tenant, slug="cabins", policy=policy_of(tenant, "kayaks")).status_code == 409
    assert tenant.cancelled(reservation)["state"] == "cancelled"
    stale = call(tenant, "POST", "/resources/cabins/restore", if_match='"1"')
    assert (stale.status_code, call(tenant, "GET", "/resources/cabins").status_code) == (412, 404)
    restored = [call(tenant, "POST", "/resources/cabins/restore", if_match='"2"') for _ in range(2)]
    assert [(answer.status_code, answer.json()["version"]) for answer in restored] == [(200, 3), (200, 3)]
    assert call(tenant, "POST", "/resources/nothing/restore").status_code == 404
    tenant.reserved("cabins", check_in_on=in_days(4), check_out_on=in_days(6))
    events = call(tenant, "GET", f"/audit?entity_id={tenant.ids['cabins']}", role=Role.OWNER).json()["items"]
    assert [event["type"] for event in events] == ["resource.restored", "resource.archived"]
    assert events[0]["before"]["archived_at"] == events[1]["after"]["archived_at"] is not None
    assert events[0]["after"] == events[1]["before"] == {"archived_at": None}


def test_what_is_archived_is_listed_in_pages_and_by_the_same_filters(tenant: Tenant) -> None:
    for slug in ("lessons", "kayaks"):
        assert call(tenant, "DELETE", f"/resources/{slug}").status_code == 204
    first = call(tenant, "GET", "/resources?archived=true&limit=1")
    assert 'rel="next"' in first.headers["link"]
    second = call(tenant, "GET", f"/resources?archived=true&limit=1&cursor={first.json()['next_cursor']}").json()
    found = first.json()["items"] + second["items"]
    in_order = sorted(("kayaks", "lessons"), key=list(tenant.ids).index)
    assert ([one["slug"] for one in found], second["next_cursor"]) == (in_order, None)
    assert call(tenant, "GET", "/resources?archived=true&kind=castle").json()["items"] == []
    assert [one["slug"] for one in tenant.get("/resources", archived="false").json()["items"]] == ["cabins"]


def test_what_is_archived_is_for_staff_and_can_be_had_at_no_time(tenant: Tenant) -> None:
    asked = "/resources?archived=true"
    assert tenant.get("/resources", archived="true").status_code == 401
    answer = call(tenant, "GET", asked, role=Role.VIEWER)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Authorization, Berth-Position, Origin"
    free = call(tenant, "GET", f"{asked}&from={in_days(3)}&until={in_days(4)}")
    assert (free.status_code, free.json()["violations"][0]["field"]) == (422, "archived")


def test_units_are_listed_with_their_labels_and_what_closes_them(tenant: Tenant) -> None:
    times = {"starts_at": f"{in_days(9)}T10:00:00Z", "ends_at": f"{in_days(12)}T10:00:00Z"}
    one = tenant.close("cabins", **times, units=[2, 3])
    seen: list[dict[str, Any]] = []
    query = "?limit=2"
    page: dict[str, Any] = {}
    for _ in range(3):
        page = call(tenant, "GET", f"/resources/cabins/units{query}", role=Role.VIEWER).json()
        seen += page["items"]
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert [unit["label"] for unit in seen] == ["One", "Two", None, None, None]
    closed = {unit["number"]: [closure["id"] for closure in unit["out_of_service"]] for unit in seen}
    assert closed == {1: [], 2: [one["id"]], 3: [one["id"]], 4: [], 5: []}
    everywhere = tenant.close("kayaks", **times)
    kayaks = call(tenant, "GET", "/resources/kayaks/units").json()["items"]
    assert [unit["out_of_service"][0]["id"] for unit in kayaks] == [everywhere["id"]] * 4
    assert call(tenant, "GET", "/resources/cabins/units?cursor=WzEsIngiXQ").json()["code"] == "invalid_cursor"
    assert call(tenant, "GET", "/resources/nothing/units").status_code == 404


def test_units_have_labels_of_their_own(tenant: Tenant) -> None:
    answer = call(tenant, "PATCH", "/resources/cabins/units/3", {"label": "Three"}, if_match="*")
    assert [unit["label"] for unit in answer.json()["units"]] == ["One", "Two", "Three"]
    assert call(tenant, "PATCH", "/resources/cabins/units/3", {"label": "Third"}).status_code == 428
    assert call(tenant, "PATCH", "/resources/cabins/units/3", {"label": "Third"}, if_match='"1"').status_code == 412
    assert call(tenant, "PATCH", "/resources/cabins/units/1", {"label": "Two"}, if_match="*").status_code == 409
    for unit in ("0", "6", "x", "-1", "1e0"):
        assert (
            call(tenant, "PATCH", f"/resources/cabins/units/{unit}", {"label": "Lost"}, if_match="*").status_code == 404
        )
    assert call(tenant, "PATCH", "/resources/kayaks/units/1", {"label": "Red"}, if_match="*").status_code == 404


def test_amenities_are_counted(tenant: Tenant) -> None:
    created(tenant)
    assert tenant.get("/amenities").json()["items"] == [
        {"name": "sauna", "resources": 1},
        {"name": "wifi", "resources": 2},
    ]


def window(tenant: Tenant, role: Role = Role.MANAGER, /, **changes: object) -> httpx.Response:
    day = in_days(5)
    body = {"resource_id": str(tenant.ids["lessons"]), "starts_at": f"{day}T09:00:00Z", "ends_at": f"{day}T12:00:00Z"}
    return call(tenant, "POST", "/availability-windows", {**body, **changes}, role=role)


def test_slots_are_derived_from_a_window(tenant: Tenant) -> None:
    assert window(tenant, slot_minutes=60).status_code == 201
    slots = tenant.get("/resources/lessons/availability", from_=in_days(5), until=in_days(6)).json()["slots"]
    assert [slot["starts_at"][11:16] for slot in slots] == ["09:00", "10:00", "11:00"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"slot_minutes": 45}, 422),
        ({"ends_at": f"{in_days(5)}T09:30:00Z"}, 422),
        ({"ends_at": f"{in_days(5)}T09:00:00Z"}, 422),
        ({"starts_at": "0001-01-01T00:00:00Z"}, 422),
        ({"ends_at": "infinity"}, 422),
        ({"starts_at": f"{in_days(5)}T09:00:00"}, 422),
        ({"resource_id": str(uuid4())}, 404),
    ],
)
def test_windows_that_make_no_sense_are_refused(tenant: Tenant, changes: dict[str, Any], status: int) -> None:
    assert window(tenant, **changes).status_code == status


def test_a_window_that_slots_do_not_fill_is_refused_with_the_ends_that_they_would(tenant: Tenant) -> None:
    answer = window(tenant, ends_at=f"{in_days(5)}T11:40:00Z")
    (finding,) = answer.json()["violations"]
    assert (answer.status_code, finding["field"]) == (422, "ends_at")
    for hour in (11, 12):
        assert f"{in_days(5)}T{hour}:00:00" in finding["message"]
    assert window(tenant, ends_at=f"{in_days(5)}T11:00:00Z").status_code == 201
    free = {"resource_id": str(tenant.ids["kayaks"]), "ends_at": f"{in_days(5)}T11:40:00Z"}
    assert window(tenant, **free).status_code == 201


def test_a_window_whose_last_slot_lasts_into_the_next_window_is_taken(tenant: Tenant) -> None:
    """The example of docs/POLICIES.md, What is listed."""
    nine, half_past_ten, half_past_eleven = (f"{in_days(5)}T{time}:00Z" for time in ("09:00", "10:30", "11:30"))
    morning = {"starts_at": nine, "ends_at": half_past_ten}
    assert window(tenant, **morning).status_code == 422
    assert window(tenant, starts_at=half_past_ten, ends_at=half_past_eleven).status_code == 201
    assert window(tenant, **morning).status_code == 201
    slots = tenant.get("/resources/lessons/availability", from_=in_days(5), until=in_days(6)).json()["slots"]
    assert [slot["starts_at"][11:16] for slot in slots] == ["09:00", "10:00", "10:30"]


@pytest.mark.parametrize(
    ("starts", "ends", "status"),
    [
        ("08:30", "09:00", 201),  # shorter than a slot, which lasts into the next
        ("08:20", "08:50", 422),  # does not touch it
        ("12:00", "12:30", 422),  # nothing of it can be reserved: no slot reaches into it
    ],
)
def test_a_short_window_beside_another_is_taken_where_all_of_it_can_be_reserved(
    tenant: Tenant, starts: str, ends: str, status: int
) -> None:
    assert window(tenant).status_code == 201
    day = in_days(5)
    answer = window(tenant, starts_at=f"{day}T{starts}:00Z", ends_at=f"{day}T{ends}:00Z")
    assert answer.status_code == status, answer.text


def test_windows_do_not_overlap_even_when_added_at_once(tenant: Tenant) -> None:
    with ThreadPoolExecutor(6) as threads:
        minutes = range(0, 60, 10)
        times = [
            {"starts_at": f"{in_days(5)}T09:{at:02}:00Z", "ends_at": f"{in_days(5)}T12:{at:02}:00Z"} for at in minutes
        ]
        futures = [threads.submit(window, tenant, **each) for each in times]
    assert sorted(future.result().status_code for future in futures) == [201, *[409] * 5]
    (only,) = call(tenant, "GET", "/availability-windows").json()["items"]
    refusal = window(tenant).json()["detail"]
    assert only["starts_at"][:16] in refusal


def test_a_window_with_reservations_stays_unless_they_may_stay_without_it(tenant: Tenant) -> None:
    made = window(tenant).json()
    day = in_days(5)
    tenant.reserved("lessons", starts_at=f"{day}T09:00:00Z", ends_at=f"{day}T10:00:00Z")
    path = f"/availability-windows/{made['id']}"
    assert call(tenant, "DELETE", path).json()["code"] == "conflicting_reservations"
    assert call(tenant, "DELETE", f"{path}?keep_reservations=true").status_code == 204
    assert call(tenant, "DELETE", path).status_code == 404
    assert tenant.get("/resources/lessons/availability", from_=day, until=in_days(6)).json()["slots"] == []


def test_windows_are_listed_in_pages(tenant: Tenant) -> None:
    for day in (5, 6, 7):
        window(tenant, starts_at=f"{in_days(day)}T09:00:00Z", ends_at=f"{in_days(day)}T12:00:00Z")
    first = call(tenant, "GET", "/availability-windows?limit=2").json()
    second = call(tenant, "GET", f"/availability-windows?limit=2&cursor={first['next_cursor']}").json()
    starts = [one["starts_at"][:10] for one in first["items"] + second["items"]]
    assert (starts, second["next_cursor"]) == ([in_days(5), in_days(6), in_days(7)], None)
    reversed_period = f"?from={in_days(6)}T00:00:00Z&until={in_days(5)}T00:00:00Z"
    assert call(tenant, "GET", f"/availability-windows{reversed_period}").status_code == 422


def test_no_window_is_removed_from_under_who_is_just_reserving_in_it(tenant: Tenant) -> None:
    for day in range(3, 23):
        times = {"starts_at": f"{in_days(day)}T09:00:00Z", "ends_at": f"{in_days(day)}T10:00:00Z"}
        made = window(tenant, starts_at=times["starts_at"], ends_at=f"{in_days(day)}T12:00:00Z").json()
        with ThreadPoolExecutor(2) as threads:
            taking = threads.submit(tenant.reserve, "lessons", **times)
            removing = threads.submit(call, tenant, "DELETE", f"/availability-windows/{made['id']}")
        assert (taking.result().status_code, removing.result().status_code) in {(201, 409), (422, 204)}


def test_hosts_offer_their_own_time_only(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    tenant.token(Role.HOST)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LINK_HOST, [tenant.ids["lessons"], tenant.slug, f"host@{tenant.slug}.example"])
    assert window(tenant, Role.HOST).status_code == 201
    assert window(tenant, Role.HOST, resource_id=str(tenant.ids["kayaks"])).status_code == 404
    made = window(tenant, resource_id=str(tenant.ids["kayaks"])).json()
    assert call(tenant, "DELETE", f"/availability-windows/{made['id']}", role=Role.HOST).status_code == 404
    (seen,) = call(tenant, "GET", "/availability-windows", role=Role.HOST).json()["items"]
    assert seen["resource_id"] == str(tenant.ids["lessons"])
    assert created(make_tenant(Offer(slug="cabins", document=policy(STAY)))).status_code == 201
    assert call(tenant, "POST", "/resources", HUT, role=Role.HOST).status_code == 403
