"""What was promised stays: a reservation keeps the terms it was made under, whatever becomes of its resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.offers import INTERVAL, STAY, Offer, policy, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

MAY = {"check_in_on": "2031-05-05", "check_out_on": "2031-05-07"}
ALL_BACK = [{"until_minutes_before": 0, "refund_percent": 100}]
HOLD = {"kind": "hold", "hold_minutes": 20}
PENDING = {"kind": "pending", "grace_minutes": 600}
NINE = {"starts_at": "2031-05-05T09:00:00Z", "ends_at": "2031-05-05T10:00:00Z"}
ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}


def written(tenant: Tenant, method: str, resource: str, **members: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    """Write a resource as its owner, whatever version it has."""
    path = f"/tenants/{tenant.slug}/resources/{resource}"
    headers = tenant.as_role()
    etag = tenant.client.get(path, headers=headers).headers["ETag"]
    answer = tenant.client.request(method, path, json=members or None, headers={**headers, "If-Match": etag})
    assert answer.is_success, answer.text
    return answer


def put_under(tenant: Tenant, resource: str, named: str) -> None:
    """Give a resource the policy of another offer, of which there are more versions than one."""
    publish(tenant.database.owner, tenant.ids[named], policy(STAY, amount=99900))
    written(tenant, "PATCH", resource, policy=named)


def archive(tenant: Tenant, resource: str, _named: str = "") -> None:
    written(tenant, "DELETE", resource)


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="room", document=policy(STAY, cancellation=ALL_BACK)),
        Offer(slug="held", document=policy(STAY, confirmation=HOLD)),
        Offer(slug="dear", document=policy(STAY, amount=99900)),
        Offer(slug="hours", document=policy(INTERVAL, per="hour")),
        Offer(slug="queue", document=policy(INTERVAL, per="hour", confirmation=PENDING)),
    )


def done(answer: httpx.Response) -> Json:
    assert answer.is_success, answer.text
    return answer.json()


@pytest.mark.parametrize("fate", [put_under, archive])
def test_a_reservation_keeps_its_price_and_its_tiers_whatever_becomes_of_its_resource(
    tenant: Tenant, fate: Callable[[Tenant, str, str], None]
) -> None:
    made = tenant.reserved("room", **MAY)
    fate(tenant, "room", "dear")
    assert done(tenant.change(made, "move", party_size=2))["price"]["total"] == 20000
    assert done(tenant.change(made, "extend", check_out_on="2031-05-08"))["price"]["total"] == 30000
    assert done(tenant.change(made, "shorten", check_out_on="2031-05-06"))["price"]["total"] == 10000
    assert tenant.cancelled(made)["refund"]["total"] == 10000


@pytest.mark.parametrize("fate", [put_under, archive])
def test_a_hold_is_confirmed_whatever_becomes_of_its_resource(
    tenant: Tenant, fate: Callable[[Tenant, str, str], None]
) -> None:
    held = tenant.reserved("held", **MAY)
    fate(tenant, "held", "dear")
    assert done(tenant.change(held, "extend-hold"))["state"] == "held"
    confirmed = done(tenant.change(held, "confirm"))
    assert (confirmed["state"], confirmed["price"]["total"]) == ("confirmed", 20000)


def test_nights_stay_nights_where_hours_are_reserved_by_now(tenant: Tenant) -> None:
    made = tenant.reserved("room", **MAY)
    put_under(tenant, "room", "hours")
    assert done(tenant.change(made, "extend", check_out_on="2031-05-08"))["check_out_on"] == "2031-05-08"
    assert done(tenant.change(made, "move", check_in_on="2031-06-05", check_out_on="2031-06-06"))["price"] == {
        **made["price"],
        "total": 10000,
        "lines": [{**made["price"]["lines"][0], "quantity": 1, "amount": 10000}],
    }
    refused = tenant.change(made, "move", **NINE)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("fate", [put_under, archive])
def test_what_waits_for_room_gets_it_under_its_own_terms_whatever_becomes_of_its_resource(
    tenant: Tenant, fate: Callable[[Tenant, str, str], None]
) -> None:
    other = tenant.reserved("queue", **{**NINE, "ends_at": "2031-05-05T12:00:00Z"})
    tenant.staff("/reservations/process-pending")
    made = tenant.reserved("queue", **NINE)
    fate(tenant, "queue", "dear")
    tenant.cancelled(other)
    assert tenant.staff("/reservations/process-pending") == {"promoted": 1, "rejected": 0}
    promoted = tenant.client.get(
        f"/tenants/{tenant.slug}/reservations/{made['id']}",
        headers={"Authorization": f"Bearer {made['manage_token']}"},
    ).json()
    assert (promoted["state"], promoted["price"]["total"]) == ("confirmed", 10000)
    done(tenant.change(promoted | made, "extend", ends_at="2031-05-05T11:00:00Z"))
    assert tenant.staff("/reservations/process-pending") == {"promoted": 1, "rejected": 0}


def test_a_series_changes_under_the_terms_of_its_reservations(tenant: Tenant) -> None:
    body = {"resource_id": str(tenant.ids["hours"]), "guest": ADA, "rule": "FREQ=DAILY;COUNT=3"}
    times = {"first_on": "2031-07-05", "starts_at_time": "09:00", "minutes": 60}
    series = done(tenant.post("/series", {**body, **times}))
    put_under(tenant, "hours", "dear")
    path = f"/tenants/{tenant.slug}/series/{series['id']}"
    headers = {"Authorization": f"Bearer {series['manage_token']}", "If-Match": f'"{series["version"]}"'}
    changed = done(tenant.client.patch(path, json={"minutes": 120}, headers=headers))
    assert [one["state"] for one in changed["occurrences"]] == ["confirmed"] * 3
    found = tenant.client.get(f"/tenants/{tenant.slug}/reservations", headers=tenant.as_role()).json()["items"]
    assert [one["price"]["total"] for one in found] == [20000] * 3


def test_what_is_archived_accepts_no_new_claims(tenant: Tenant) -> None:
    elsewhere = tenant.reserved("dear", **MAY)
    archive(tenant, "room")
    assert tenant.reserve("room", **MAY).status_code == 404
    assert tenant.change(elsewhere, "move", resource_id=str(tenant.ids["room"])).status_code == 404


def test_who_is_moved_to_another_resource_comes_under_what_it_is_offered_under(tenant: Tenant) -> None:
    made = tenant.reserved("room", **MAY)
    put_under(tenant, "dear", "dear")
    moved = done(tenant.change(made, "move", resource_id=str(tenant.ids["dear"])))
    assert moved["price"]["total"] == 199800
    put_under(tenant, "dear", "room")
    assert done(tenant.change(made, "extend", check_out_on="2031-05-08"))["price"]["total"] == 299700
