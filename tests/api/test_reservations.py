"""The life of a reservation, as its guest and the staff meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

MAY = {"check_in_on": "2031-05-05", "check_out_on": "2031-05-08"}
REFUND = [{"until_minutes_before": 2880, "refund_percent": 80}]


@pytest.fixture(scope="module")
def hotel(make_tenant: Callable[..., Tenant]) -> Callable[[], Tenant]:
    """A hotel with two labelled rooms, a single suite, and a pool of six bikes by the half hour."""

    def make() -> Tenant:
        return make_tenant(
            Offer(
                slug="room",
                document=policy(STAY, cancellation=REFUND),
                capacity=2,
                assignment="labelled",
                units=("Room 1", "Room 2"),
            ),
            Offer(slug="suite", document=policy(STAY, amount=30000), assignment="labelled", units=("Suite",)),
            Offer(slug="bike", document=policy(INTERVAL, per="hour", amount=900), capacity=6),
        )

    return make


def holder(reservation: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {reservation['manage_token']}"}


def staff(tenant: Tenant) -> dict[str, str]:
    return tenant.as_editor()


def do(
    tenant: Tenant, reservation: Json, action: str, body: Json | None = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    path = f"/tenants/{tenant.slug}/reservations/{reservation['id']}/{action}"
    return tenant.client.post(path, json=body, headers=headers or holder(reservation))


def test_a_created_reservation_has_the_members_that_others_rely_on(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    answer = tenant.reserve("room", **MAY, party_size=2)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"].startswith('"1-')
    assert answer.headers["location"].endswith(made["id"])
    assert (made["state"], made["tenant"], made["version"], made["quantity"]) == ("confirmed", tenant.slug, 1, 1)
    assert (made["starts_at"], made["ends_at"]) == ("2031-05-05T15:00:00Z", "2031-05-08T11:00:00Z")
    assert made["price"]["total"] == 30000
    assert sum(line["amount"] for line in made["price"]["lines"]) == 30000
    assert len(made["units"]) == 1


def test_its_guest_reads_it_back_and_nobody_else_does(hotel: Callable[[], Tenant]) -> None:
    tenant, other = hotel(), hotel()
    mine, theirs = tenant.reserved("room", **MAY), tenant.reserved("room", **MAY)
    path = f"/tenants/{tenant.slug}/reservations/{mine['id']}"
    assert tenant.client.get(path, headers=holder(mine)).json() == {
        k: v for k, v in mine.items() if k != "manage_token"
    }
    assert tenant.client.get(path).status_code == 401
    strangers = tenant.client.get(path, headers=holder(theirs))
    foreign = tenant.client.get(path, headers=holder(other.reserved("room", **MAY)))
    assert (strangers.status_code, foreign.status_code) == (404, 404)
    elsewhere = other.client.get(f"/tenants/{other.slug}/reservations/{mine['id']}", headers=staff(other))
    missing = other.client.get(f"/tenants/{other.slug}/reservations/{uuid4()}", headers=staff(other))
    without = [{k: v for k, v in one.json().items() if k != "request_id"} for one in (elsewhere, missing)]
    assert without[0] == without[1]


def test_cancelling_frees_the_units_at_once_and_says_what_is_refunded(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    first = tenant.reserved("suite", **MAY)
    assert tenant.reserve("suite", **MAY).status_code == 409
    cancelled = do(tenant, first, "cancel")
    body = cancelled.json()
    assert (body["state"], body["refund"]["total"], body["units"]) == ("cancelled", 0, [])
    tenant.reserved("suite", **MAY)
    again = do(tenant, first, "cancel")
    assert (again.status_code, again.json()["code"], again.json()["allowed"]) == (409, "invalid_transition", [])


def test_a_refund_follows_the_tiers(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    assert do(tenant, tenant.reserved("room", **MAY), "cancel").json()["refund"]["total"] == 24000


def test_extending_keeps_the_room_and_reprices(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("room", **MAY, unit=2)
    answer = do(tenant, made, "extend", {"check_out_on": "2031-05-10"})
    assert answer.status_code == 200, answer.text
    extended = answer.json()
    assert (extended["units"], extended["version"], extended["check_out_on"]) == ([2], 2, "2031-05-10")
    assert extended["price"]["total"] == 50000
    earlier = do(tenant, made, "extend", {"check_out_on": "2031-05-06"})
    assert (earlier.status_code, earlier.json()["violations"][0]["field"]) == (422, "check_out_on")


def test_extension_is_refused_when_the_next_reservation_starts_earlier(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("suite", **MAY)
    tenant.reserved("suite", check_in_on="2031-05-09", check_out_on="2031-05-12")
    refused = do(tenant, made, "extend", {"check_out_on": "2031-05-10"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_capacity")
    assert refused.json()["blocked_by"] == ["reservations"]
    assert refused.json()["alternatives"]
    one_night = do(tenant, made, "extend", {"check_out_on": "2031-05-09"})
    assert one_night.status_code == 200


def test_what_shortening_leaves_can_be_reserved_by_others(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("suite", **MAY)
    assert do(tenant, made, "shorten", {"check_out_on": "2031-05-06"}).json()["price"]["total"] == 30000
    tenant.reserved("suite", check_in_on="2031-05-06", check_out_on="2031-05-08")


def test_a_move_to_another_resource_frees_the_first_and_takes_the_second(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("room", **MAY)
    moved = do(tenant, made, "move", {"resource_id": str(tenant.ids["suite"])})
    assert moved.status_code == 200, moved.text
    assert (moved.json()["resource_id"], moved.json()["price"]["total"]) == (str(tenant.ids["suite"]), 90000)
    assert tenant.reserve("suite", **MAY).status_code == 409
    tenant.reserved("room", **MAY)
    tenant.reserved("room", **MAY)
    back = do(tenant, made, "move", {"resource_id": str(tenant.ids["room"])})
    assert (back.status_code, back.json()["code"]) == (409, "no_capacity")


def test_a_room_is_made_free_by_moving_whoever_was_not_promised_theirs(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    first = tenant.reserved("room", check_in_on="2031-06-01", check_out_on="2031-06-03")
    second = tenant.reserved("room", check_in_on="2031-06-04", check_out_on="2031-06-06")
    # Whichever rooms they got, the other room must be given out for a time that spans both.
    tenant.reserved("room", check_in_on="2031-06-01", check_out_on="2031-06-06")
    third = tenant.reserve("room", check_in_on="2031-06-03", check_out_on="2031-06-04", unit=first["units"][0])
    assert third.status_code in {201, 409}
    after = [
        tenant.client.get(f"/tenants/{tenant.slug}/reservations/{one['id']}", headers=holder(one)).json()["units"]
        for one in (first, second)
    ]
    assert after[0] == after[1]


def test_a_promised_unit_is_kept_by_those_who_were_promised_it(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    mine = tenant.reserved("room", **MAY, unit=1)
    refused = tenant.reserve("room", **MAY, unit=1)
    assert refused.status_code == 409
    assert {(one["kind"], one["unit"]) for one in refused.json()["alternatives"]} >= {("other_unit", 2)}
    assert mine["units_promised"]
    unknown = tenant.reserve("room", **MAY, unit=3)
    assert (unknown.status_code, unknown.json()["violations"][0]["field"]) == (422, "unit")


def test_staff_check_in_and_out_in_the_order_of_the_table(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("room", **MAY)
    assert do(tenant, made, "check-in").status_code == 403
    early = do(tenant, made, "check-in", headers=staff(tenant))
    assert (early.status_code, early.json()["violations"][0]["code"]) == (422, "too_early")
    out = do(tenant, made, "check-out", headers=staff(tenant))
    assert (out.status_code, "check_in" in out.json()["allowed"]) == (409, True)


def test_details_change_only_with_the_version_that_was_read(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("room", **MAY)
    path = f"/tenants/{tenant.slug}/reservations/{made['id']}"

    def patch(**headers: str) -> httpx.Response:
        return tenant.client.patch(path, json={"notes": "late arrival"}, headers={**holder(made), **headers})

    assert patch(**tenant.as_role()).status_code == 428
    assert patch(**{"If-Match": '"7"'}).status_code == 412
    changed = patch(**{"If-Match": '"1"'})
    assert (changed.json()["notes"], changed.json()["version"]) == ("late arrival", 2)
    assert changed.headers["etag"].startswith('"2-')
    stale = patch(**{"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")


def test_staff_say_which_version_they_change_and_guests_need_not(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("room", **MAY)
    missing = do(tenant, made, "cancel", headers=tenant.as_role())
    assert (missing.status_code, missing.json()["code"]) == (428, "version_required")
    stale = do(tenant, made, "cancel", headers=tenant.as_role() | {"If-Match": '"2"'})
    assert stale.status_code == 412
    assert do(tenant, made, "cancel", headers=tenant.as_role() | {"If-Match": '"1"'}).status_code == 200
    theirs = tenant.reserved("room", **MAY)
    path = f"/tenants/{tenant.slug}/reservations/{theirs['id']}"
    assert tenant.client.patch(path, json={"notes": "late"}, headers=holder(theirs)).json()["version"] == 2
    assert do(tenant, theirs, "cancel").status_code == 200


def test_a_repeated_request_takes_effect_once_and_answers_the_same(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    body = {"resource_id": str(tenant.ids["suite"]), "guest": {"name": "Ada", "email": "ada@example.org"}, **MAY}
    first = tenant.post("/reservations", body, **{"Idempotency-Key": "k1"})
    second = tenant.post("/reservations", dict(reversed(body.items())), **{"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (first.headers.get("idempotent-replayed"), second.headers["idempotent-replayed"]) == (None, "true")
    other = tenant.post("/reservations", {**body, "party_size": 2}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    fresh = tenant.post("/reservations", body, **{"Idempotency-Key": "k2"})
    assert (fresh.status_code, fresh.json()["code"]) == (409, "no_capacity")


def test_a_closure_is_refused_while_reservations_have_the_units_and_names_them(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("suite", **MAY)
    body = {
        "resource_id": str(tenant.ids["suite"]),
        "starts_at": "2031-05-01T00:00:00Z",
        "ends_at": "2031-06-01T00:00:00Z",
        "reason": "new floor",
    }
    refused = tenant.post("/closures", body, **staff(tenant))
    assert refused.status_code == 409
    named = {name: made[name] for name in ("id", "code", "starts_at", "ends_at")}
    assert refused.json()["reservations"] == [{**named, "units": [1]}]
    do(tenant, made, "cancel")
    closed = tenant.close("suite", starts_at=body["starts_at"], ends_at=body["ends_at"])
    blocked = tenant.reserve("suite", **MAY)
    assert (blocked.status_code, blocked.json()["blocked_by"]) == (409, ["closure"])
    reopened = tenant.client.delete(f"/tenants/{tenant.slug}/closures/{closed['id']}", headers=staff(tenant))
    assert reopened.status_code == 204
    tenant.reserved("suite", **MAY)


def test_closures_may_overlap_and_each_blocks_until_it_is_taken_back(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    times = {"starts_at": "2031-07-01T00:00:00Z", "ends_at": "2031-08-01T00:00:00Z"}
    whole = tenant.close("bike", **times)
    tenant.close("bike", starts_at="2031-07-15T00:00:00Z", lowered_to=4)
    afternoon = {"starts_at": "2031-07-20T12:00:00Z", "ends_at": "2031-07-20T14:00:00Z"}
    assert tenant.reserve("bike", **afternoon).status_code == 409
    tenant.client.delete(f"/tenants/{tenant.slug}/closures/{whole['id']}", headers=staff(tenant))
    assert tenant.reserve("bike", quantity=5, **afternoon).status_code == 409
    tenant.reserved("bike", quantity=4, **afternoon)
    listed = tenant.client.get(f"/tenants/{tenant.slug}/closures", headers=staff(tenant)).json()["items"]
    assert [(one["kind"], one["units"]) for one in listed] == [("lowered_capacity", [5, 6])]


def test_pooled_units_are_changed_in_the_middle_of_a_use_where_that_makes_room(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()

    def bikes(start: int, end: int, quantity: int) -> httpx.Response:
        times = {"starts_at": f"2031-08-01T{start:02}:00:00Z", "ends_at": f"2031-08-01T{end:02}:00:00Z"}
        return tenant.reserve("bike", quantity=quantity, **times)

    for start, end, quantity in ((8, 10, 3), (10, 12, 3), (8, 9, 1), (11, 12, 1), (9, 11, 2)):
        assert bikes(start, end, quantity).status_code == 201
    assert bikes(8, 12, 1).status_code == 201
    full = bikes(9, 11, 1)
    assert (full.status_code, full.json()["free"]) == (409, 0)


def test_every_change_leaves_an_event_without_personal_data(hotel: Callable[[], Tenant]) -> None:
    tenant = hotel()
    made = tenant.reserved("room", **MAY)
    do(tenant, made, "extend", {"check_out_on": "2031-05-09"})
    do(tenant, made, "cancel")
    with psycopg.connect(tenant.database.jobs) as connection:
        events = connection.execute(
            "SELECT type, before::text, after::text, request_id FROM events WHERE entity_id = %s ORDER BY id",
            [made["id"]],
        ).fetchall()
    assert [event[0] for event in events] == ["reservation.created", "reservation.extended", "reservation.cancelled"]
    assert all(event[3] for event in events)
    assert made["guest"]["email"] not in str(events)
