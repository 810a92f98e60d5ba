"""Recurring reservations: all or what fits, one, this and following, all; local times; nothing half-done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from chalicelib.access.model.people import Role
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

BERLIN = ZoneInfo("Europe/Berlin")
ALL_BACK = [{"until_minutes_before": 0, "refund_percent": 100}]
ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    by_day = {"rule": "per_day_limit", "limit": 1, "scope": "guest"}
    return make_tenant(
        Offer(slug="room", document=policy(INTERVAL, per="hour", cancellation=ALL_BACK)),
        Offer(slug="limited", document=policy(INTERVAL, by_day, per="hour"), capacity=5),
        Offer(slug="cabin", document=policy(STAY)),
        timezone="Europe/Berlin",
    )


def wanted(tenant: Tenant, slug: str = "room", **members: Any) -> Json:  # noqa: ANN401 - JSON
    times = {} if slug == "cabin" else {"starts_at_time": "09:00", "minutes": 60}
    body = {"resource_id": str(tenant.ids[slug]), "rule": "FREQ=WEEKLY;COUNT=4", "first_on": "2031-03-17", "guest": ADA}
    return {**body, **times, **members}


def create(tenant: Tenant, slug: str = "room", **members: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    return tenant.post("/series", wanted(tenant, slug, **members))


def created(tenant: Tenant, slug: str = "room", **members: Any) -> Json:  # noqa: ANN401 - JSON
    answer = create(tenant, slug, **members)
    assert answer.status_code == 201, answer.text
    return answer.json()


def reservations(tenant: Tenant) -> list[Json]:
    path = f"/tenants/{tenant.slug}/reservations"
    return tenant.client.get(path, params={"limit": 200}, headers=tenant.as_role()).json()["items"]


def change(tenant: Tenant, series: Json, method: str = "PATCH", path: str = "", **members: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    address = f"/tenants/{tenant.slug}/series/{series['id']}{path}"
    headers = {"Authorization": f"Bearer {series['manage_token']}", "If-Match": f'"{series["version"]}"'}
    return tenant.client.request(method, address, json=members, headers=headers)


def local_times(tenant: Tenant) -> list[str]:
    found = [datetime.fromisoformat(one["starts_at"]).astimezone(BERLIN) for one in reservations(tenant)]
    return [f"{at:%m-%d %H:%M}" for at in sorted(found)]


def test_nine_o_clock_stays_nine_o_clock_when_clocks_change(tenant: Tenant) -> None:
    series = created(tenant)
    assert local_times(tenant) == ["03-17 09:00", "03-24 09:00", "03-31 09:00", "04-07 09:00"]
    assert {one["starts_at"][11:16] for one in reservations(tenant)} == {"08:00", "07:00"}
    assert [one["state"] for one in series["occurrences"]] == ["confirmed"] * 4
    assert series["starts_at_time"] == "09:00"


def test_a_date_on_which_the_time_does_not_exist_is_refused_by_its_name(tenant: Tenant) -> None:
    spring: Json = {"rule": "FREQ=DAILY;COUNT=3", "first_on": "2031-03-29", "starts_at_time": "02:30", "minutes": 30}
    refused = create(tenant, **spring)
    assert (refused.status_code, refused.json()["code"]) == (409, "series_refused")
    assert [one["refusal"] for one in refused.json()["occurrences"]] == [None, "local_time_gap", None]
    assert reservations(tenant) == []
    fitting = created(tenant, **spring, mode="fitting")
    assert [one["refusal"] for one in fitting["occurrences"]] == [None, "local_time_gap", None]
    autumn: Json = {"rule": "FREQ=DAILY;COUNT=1", "first_on": "2031-10-26", "starts_at_time": "02:30", "minutes": 30}
    created(tenant, **autumn)
    assert reservations(tenant)[-1]["starts_at"] == "2031-10-26T00:30:00Z"


def test_all_or_nothing_and_what_fits_with_a_report_for_each_date(tenant: Tenant) -> None:
    tenant.reserved("room", starts_at="2031-03-24T09:00:00+01:00", ends_at="2031-03-24T10:00:00+01:00")
    refused = create(tenant)
    assert refused.json()["code"] == "series_refused"
    assert [(one["on"], one["refusal"]) for one in refused.json()["occurrences"]][:2] == [
        ("2031-03-17", None),
        ("2031-03-24", "no_capacity"),
    ]
    assert len(reservations(tenant)) == 1
    series = created(tenant, mode="fitting")
    assert [one["refusal"] for one in series["occurrences"]] == [None, "no_capacity", None, None]
    alternative = series["occurrences"][1]["alternatives"][0]
    times = {name: alternative[name] for name in ("starts_at", "ends_at")}
    tenant.cancelled(tenant.reserved("room", **times))
    assert len(reservations(tenant)) == 5
    again = create(tenant, mode="fitting")
    assert again.json()["code"] == "series_refused"  # nothing of it can be had


def test_a_preview_says_what_would_come_of_it_and_stores_nothing(tenant: Tenant) -> None:
    tenant.reserved("room", starts_at="2031-03-24T09:00:00+01:00", ends_at="2031-03-24T10:00:00+01:00")
    found = tenant.post("/series/preview", wanted(tenant)).json()["occurrences"]
    assert [one["refusal"] for one in found] == [None, "no_capacity", None, None]
    assert {one["reservation_id"] for one in found} == {None}
    assert len(reservations(tenant)) == 1


def test_rules_see_the_dates_before(tenant: Tenant) -> None:
    twice: Json = {"rule": "FREQ=DAILY;COUNT=2", "first_on": "2031-05-05"}
    created(tenant, "limited", **twice)
    refused = create(tenant, "limited", **twice, starts_at_time="11:00")
    assert {one["refusal"] for one in refused.json()["occurrences"]} == {"rule_violations"}
    assert refused.json()["occurrences"][0]["violations"][0]["rule"] == "per_day_limit"


def test_nights_recur_too(tenant: Tenant) -> None:
    created(tenant, "cabin", rule="FREQ=MONTHLY;BYDAY=1FR;COUNT=3", first_on="2031-05-01", nights=2)
    stays = [(one["check_in_on"], one["check_out_on"]) for one in reservations(tenant)]
    assert stays == [("2031-05-02", "2031-05-04"), ("2031-06-06", "2031-06-08"), ("2031-07-04", "2031-07-06")]
    wrong = create(tenant, "cabin", starts_at_time="09:00", minutes=60)
    assert (wrong.status_code, wrong.json()["violations"][0]["field"]) == (422, "nights")


def test_all_that_is_to_come_is_moved_or_nothing(tenant: Tenant) -> None:
    series = created(tenant)
    tenant.reserved("room", starts_at="2031-03-31T11:00:00+02:00", ends_at="2031-03-31T12:00:00+02:00")
    refused = change(tenant, series, starts_at_time="11:00")
    assert refused.json()["occurrences"][2]["alternatives"]
    assert [one["refusal"] for one in refused.json()["occurrences"]] == [None, None, "no_capacity", None]
    assert local_times(tenant)[:2] == ["03-17 09:00", "03-24 09:00"]
    moved = change(tenant, series, starts_at_time="12:30", minutes=30)
    assert (moved.status_code, moved.json()["starts_at_time"], moved.json()["version"]) == (200, "12:30", 2)
    assert [at for at in local_times(tenant) if "12:30" in at] == [
        f"{day} 12:30" for day in ("03-17", "03-24", "03-31", "04-07")
    ]
    assert change(tenant, series, starts_at_time="14:00").status_code == 412


def test_this_and_following_become_a_series_of_their_own(tenant: Tenant) -> None:
    series = created(tenant)
    following = change(tenant, series, from_on="2031-03-31", starts_at_time="14:00").json()
    assert following["id"] != series["id"]
    assert [one["on"] for one in following["occurrences"]] == ["2031-03-31", "2031-04-07"]
    path = f"/tenants/{tenant.slug}/series/{series['id']}"
    rest = tenant.client.get(path, headers=tenant.as_role(Role.VIEWER)).json()
    assert [one["on"] for one in rest["occurrences"]] == ["2031-03-17", "2031-03-24"]
    assert local_times(tenant) == ["03-17 09:00", "03-24 09:00", "03-31 14:00", "04-07 14:00"]


def test_one_is_changed_and_cancelled_like_any_reservation_and_cancelling_follows(tenant: Tenant) -> None:
    series = created(tenant)
    one = series["occurrences"][1]
    path = f"/reservations/{one['reservation_id']}/move"
    body = {"starts_at": "2031-03-25T09:00:00+01:00", "ends_at": "2031-03-25T10:00:00+01:00"}
    assert tenant.post(path, body, Authorization=f"Bearer {one['manage_token']}").status_code == 200
    cancelled = change(tenant, series, "POST", "/cancel", from_on="2031-03-31").json()
    assert [entry["state"] for entry in cancelled["occurrences"]] == [
        "confirmed",
        "confirmed",
        "cancelled",
        "cancelled",
    ]
    rest = change(tenant, {**series, "version": cancelled["version"]}, "POST", "/cancel").json()
    assert (cancelled["refund"]["total"], rest["refund"]["total"], rest["version"]) == (20000, 20000, 3)
    again = change(tenant, {**series, "version": 3}, "POST", "/cancel").json()
    assert (again["refund"]["total"], again["version"]) == (0, 3)
    assert {entry["state"] for entry in rest["occurrences"]} == {"cancelled"}


def test_a_token_opens_its_own_series_and_staff_find_all(tenant: Tenant) -> None:
    first, second = created(tenant), created(tenant, first_on="2031-06-02")
    stranger = {"Authorization": f"Bearer {first['manage_token']}"}
    assert tenant.client.get(f"/tenants/{tenant.slug}/series/{second['id']}", headers=stranger).status_code == 404
    assert tenant.client.get(f"/tenants/{tenant.slug}/series", headers=stranger).status_code == 403
    own = {"Authorization": f"Bearer {second['manage_token']}"}
    assert tenant.client.get(f"/tenants/{tenant.slug}/series/{second['id']}", headers=own).status_code == 200
    one = second["occurrences"][0]["reservation_id"]
    assert tenant.client.get(f"/tenants/{tenant.slug}/reservations/{one}", headers=own).status_code == 404
    listed = tenant.client.get(f"/tenants/{tenant.slug}/series", params={"limit": 1}, headers=tenant.as_role()).json()
    assert [one["id"] for one in listed["items"]] == [second["id"]]
    assert listed["next_cursor"]


def test_two_who_want_the_same_dates_at_once_do_not_share_them(tenant: Tenant) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = [done.result() for done in [pool.submit(create, tenant) for _ in range(4)]]
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(reservations(tenant)) == 4


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"rule": "FREQ=SECONDLY;COUNT=5"}, "rule"),
        ({"rule": "FREQ=DAILY;COUNT=1000000000"}, "rule"),
        ({"except_on": ["2031-03-18"]}, "except_on"),
        ({"minutes": None}, ""),
        ({"starts_at_time": "9 am"}, "starts_at_time"),
        ({"starts_at_time": "25:00"}, "starts_at_time"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(tenant: Tenant, members: Json, field: str) -> None:
    answer = create(tenant, **members)
    assert answer.status_code == 422
    assert field in answer.text
    assert reservations(tenant) == []


def test_exceptions_are_left_out(tenant: Tenant) -> None:
    series = created(tenant, except_on=["2031-03-24"])
    assert [one["on"] for one in series["occurrences"]] == ["2031-03-17", "2031-03-31", "2031-04-07"]
    assert date.fromisoformat(series["except_on"][0]) - date(2031, 3, 17) == timedelta(days=7)


def test_minutes_are_as_long_as_they_are_when_clocks_change_meanwhile(tenant: Tenant) -> None:
    """RFC 5545, section 3.3.6: a duration in minutes is exact."""
    for first_on, at, expected in (
        ("2031-10-26", "02:30", ("00:30", "01:00")),  # by the clock from half past two to half past two
        ("2031-03-30", "01:30", ("00:30", "01:30")),  # it shows half past one, then half past three
    ):
        minutes = 30 if at == "02:30" else 60
        created(tenant, rule="FREQ=DAILY;COUNT=1", first_on=first_on, starts_at_time=at, minutes=minutes)
        (found,) = [one for one in reservations(tenant) if one["starts_at"].startswith(first_on)]
        assert (found["starts_at"][11:16], found["ends_at"][11:16]) == expected


def test_the_last_instant_of_a_rule_is_one_by_the_tenants_clock(tenant: Tenant) -> None:
    until = created(tenant, rule="FREQ=DAILY;UNTIL=20310319T075959Z")  # just before nine in Berlin
    assert [one["on"] for one in until["occurrences"]] == ["2031-03-17", "2031-03-18"]


def test_what_was_changed_by_itself_stays_when_its_series_is_changed(tenant: Tenant) -> None:
    series = created(tenant)
    moved, dropped = series["occurrences"][1:3]
    body = {"starts_at": "2031-03-25T09:00:00+01:00", "ends_at": "2031-03-25T10:00:00+01:00"}
    for one, action, members in ((moved, "move", body), (dropped, "cancel", {})):
        path = f"/reservations/{one['reservation_id']}/{action}"
        assert tenant.post(path, members, Authorization=f"Bearer {one['manage_token']}").status_code == 200
    changed = change(tenant, series, starts_at_time="15:00").json()
    assert local_times(tenant) == ["03-17 15:00", "03-25 09:00", "03-31 09:00", "04-07 15:00"]
    assert [one["state"] for one in changed["occurrences"]] == ["confirmed", "confirmed", "cancelled", "confirmed"]


def test_what_is_so_already_is_not_changed_again(tenant: Tenant) -> None:
    series = created(tenant)
    assert change(tenant, series, starts_at_time="09:00").status_code == 200
    assert {one["version"] for one in reservations(tenant)} == {1}


def test_a_guest_who_splits_a_series_has_both_and_their_rules_say_what_they_are(tenant: Tenant) -> None:
    series = created(tenant, rule="FREQ=WEEKLY;COUNT=5", except_on=["2031-03-24"])
    answer = change(tenant, series, from_on="2031-04-01", starts_at_time="14:00").json()
    own = {"Authorization": f"Bearer {answer['manage_token']}"}
    following = tenant.client.get(f"/tenants/{tenant.slug}/series/{answer['id']}", headers=own).json()
    assert (following["rule"], following["first_on"], following["except_on"]) == (
        "FREQ=WEEKLY;COUNT=2",
        "2031-04-07",
        [],
    )
    own = {"Authorization": f"Bearer {series['manage_token']}"}
    rest = tenant.client.get(f"/tenants/{tenant.slug}/series/{series['id']}", headers=own).json()
    assert (rest["rule"], rest["except_on"]) == ("FREQ=WEEKLY;UNTIL=20310406", ["2031-03-24"])
    again = change(tenant, {**answer, "version": 1}, starts_at_time="16:00").json()
    assert (again["id"], again["manage_token"]) == (answer["id"], None)


@pytest.mark.parametrize(
    ("slug", "members", "field"),
    [
        ("cabin", {"minutes": 30}, "minutes"),
        ("cabin", {"starts_at_time": "10:00"}, "starts_at_time"),
        ("room", {"nights": 2}, "nights"),
        ("room", {"from_on": "2032-01-01", "starts_at_time": "10:00"}, "from_on"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused_by_its_name(
    tenant: Tenant, slug: str, members: Json, field: str
) -> None:
    series = created(tenant, slug, **({"nights": 1} if slug == "cabin" else {}))
    answer = change(tenant, series, **members)
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, field)


def test_cancelling_under_a_key_takes_effect_once_and_answers_alike(tenant: Tenant) -> None:
    series = created(tenant)
    headers = {"Authorization": f"Bearer {series['manage_token']}", "Idempotency-Key": "once"}
    first, second = (tenant.post(f"/series/{series['id']}/cancel", {}, **headers) for _ in range(2))
    assert (first.text, second.headers["Idempotent-Replayed"]) == (second.text, "true")
    assert first.json()["refund"]["total"] == 40000


def test_guests_with_series_are_merged_and_forgotten(tenant: Tenant) -> None:
    first = created(tenant, notes="A window, please.")
    created(tenant, first_on="2031-06-02", guest={**ADA, "name": "Ada"})
    path = f"/tenants/{tenant.slug}/guests"
    owner = tenant.as_editor()
    kept, other = tenant.client.get(path, headers=owner).json()["items"]
    assert tenant.post(f"/guests/{kept['id']}/merge", {"other_id": other["id"]}, **owner).status_code == 200
    for one in tenant.client.get(f"/tenants/{tenant.slug}/series", headers=owner).json()["items"]:
        assert one["guest"]["name"] == kept["name"]
        assert tenant.post(f"/series/{one['id']}/cancel", {}, **owner).status_code == 200
    meant = {"irrevocably": True}
    assert tenant.post(f"/guests/{kept['id']}/anonymize", meant, **owner).status_code == 200
    left = tenant.client.get(f"/tenants/{tenant.slug}/series/{first['id']}", headers=owner).json()
    assert (left["guest"]["name"], left["notes"]) == ("Anonymous", "")


def test_a_list_of_series_leaves_their_dates_out(tenant: Tenant) -> None:
    created(tenant)
    (listed,) = tenant.client.get(f"/tenants/{tenant.slug}/series", headers=tenant.as_role()).json()["items"]
    assert "occurrences" not in listed


def test_a_series_moves_as_one_though_each_stands_where_another_goes(make_tenant: Callable[..., Tenant]) -> None:
    all_day = {**INTERVAL, "max_minutes": 2880}
    tenant = make_tenant(Offer(slug="room", document=policy(all_day, per="hour")))
    daily: Json = {"rule": "FREQ=DAILY;COUNT=3", "first_on": "2031-07-05", "starts_at_time": "00:00", "minutes": 1440}
    series = created(tenant, **daily)
    for at in ("06:00", "00:00"):
        moved = change(tenant, series, starts_at_time=at)
        assert moved.status_code == 200, moved.text
        series = {**series, "version": moved.json()["version"]}
        assert {one["starts_at"][11:16] for one in reservations(tenant)} == {at}
    tenant.reserved("room", starts_at="2031-07-08T03:00:00Z", ends_at="2031-07-08T07:00:00Z")
    refused = change(tenant, series, starts_at_time="06:00")
    assert [one["refusal"] for one in refused.json()["occurrences"]] == [None, None, "no_capacity"]
    standing = {(one["starts_at"], one["ends_at"]) for one in reservations(tenant)}
    offered = [(one["starts_at"], one["ends_at"]) for one in refused.json()["occurrences"][2]["alternatives"]]
    assert offered
    assert not standing & set(offered)
    assert sorted(one["starts_at"][8:13] for one in reservations(tenant)) == ["05T00", "06T00", "07T00", "08T03"]


def test_what_was_held_and_is_over_is_left_where_the_rest_of_its_series_goes(
    make_tenant: Callable[..., Tenant],
) -> None:
    held = policy(STAY, confirmation={"kind": "hold", "hold_minutes": 30})
    tenant = make_tenant(Offer(slug="cabin", document=held))
    series = created(tenant, "cabin", nights=2)
    ended, *others = (one["reservation_id"] for one in series["occurrences"])
    with psycopg.connect(tenant.database.owner) as owner:  # before the sweep comes by
        owner.execute(
            "UPDATE reservations SET hold_expires_at = clock_now(), due_at = clock_now() WHERE id = %s", [ended]
        )
    longer = change(tenant, series, nights=3)
    assert longer.status_code == 200, longer.text
    lengths = [one["ends_at"][8:10] for one in longer.json()["occurrences"]]
    assert lengths == ["19", "27", "03", "10"]
    cancelled = change(tenant, {**series, "version": longer.json()["version"]}, "POST", "/cancel")
    assert cancelled.status_code == 200, cancelled.text
    states = {one["id"]: one["state"] for one in reservations(tenant)}
    assert [states[one] for one in others] == ["cancelled"] * 3
    assert states[ended] in {"held", "expired"}


def test_a_date_that_could_not_be_had_is_added_later(tenant: Tenant) -> None:
    taken = tenant.reserved("room", starts_at="2031-03-24T09:00:00+01:00", ends_at="2031-03-24T10:00:00+01:00")
    series = created(tenant, mode="fitting")
    added = change(tenant, series, "POST", "/add-date", on="2031-03-24")
    assert (added.status_code, added.json()["code"]) == (409, "no_capacity")
    assert added.json()["alternatives"]
    tenant.cancelled(taken)
    answer = change(tenant, series, "POST", "/add-date", on="2031-03-24").json()
    assert [one["state"] for one in answer["occurrences"]] == ["confirmed"] * 4
    assert [one["manage_token"] is None for one in answer["occurrences"]] == [True, False, True, True]
    assert answer["version"] == series["version"] + 1
    assert sorted(local_times(tenant))[1] == "03-24 09:00"
    series = {**series, "version": answer["version"]}
    assert change(tenant, series, "POST", "/add-date", on="2031-03-24").status_code == 409
    assert change(tenant, series, "POST", "/add-date", on="2031-03-25").status_code == 422
