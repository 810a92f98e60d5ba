"""A refusal of a time comes with what could be had instead, and each of these can be had."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.api.tenant import in_days
from tests.offers import INTERVAL, SLOT, STAY, Offer, policy, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx import Response

    from tests.api.tenant import Tenant
    from tests.offers import Json

NIGHTS = {"check_in_on": in_days(20), "check_out_on": in_days(22)}


def alternatives(refusal: Response, code: str = "no_capacity") -> list[Json]:
    assert refusal.status_code in {409, 422}, refusal.text
    assert refusal.json()["code"] == code
    found = refusal.json()["alternatives"]
    assert len(found) <= 5
    return found


def of_kind(found: list[Json], kind: str) -> list[Json]:
    return [alternative for alternative in found if alternative["kind"] == kind]


def take(tenant: Tenant, alternative: Json) -> None:
    """Reserve the alternative for what it is said to cost, and let it go again."""
    slug = next(slug for slug, identifier in tenant.ids.items() if str(identifier) == alternative["resource_id"])
    assert alternative["resource_slug"] == slug
    times = ("check_in_on", "check_out_on") if alternative["check_in_on"] else ("starts_at", "ends_at")
    members = {name: alternative[name] for name in (*times, "quantity", "party_size", "unit")}
    tenant.cancelled(tenant.reserved(slug, **members, expected_price=alternative["price"]))


def stays(found: list[Json]) -> list[tuple[int, int]]:
    """By how many days each begins later than `NIGHTS`, and how many nights it has."""
    dates = [(date.fromisoformat(one["check_in_on"]), date.fromisoformat(one["check_out_on"])) for one in found]
    first_on = date.fromisoformat(NIGHTS["check_in_on"])
    return [((check_in_on - first_on).days, (check_out_on - check_in_on).days) for check_in_on, check_out_on in dates]


def test_a_stay_that_is_taken_gets_other_days_and_other_resources(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="cabin", document=policy(STAY)),
        Offer(slug="lodge", document=policy(STAY), max_party_size=20),
        Offer(slug="hut", document=policy(STAY), max_party_size=12),
        Offer(slug="tent", document=policy(STAY), max_party_size=1),
        Offer(slug="room", document=policy(INTERVAL)),
    )
    tenant.reserved("cabin", **NIGHTS)
    found = alternatives(tenant.reserve("cabin", **NIGHTS, party_size=2))
    assert [(one["check_in_on"], one["check_out_on"]) for one in of_kind(found, "other_time")] == [
        (in_days(22), in_days(24)),
        (in_days(18), in_days(20)),
        (in_days(23), in_days(25)),
    ]
    assert [one["resource_slug"] for one in of_kind(found, "other_resource")] == ["hut", "lodge"]
    for alternative in found:
        take(tenant, alternative)


def test_fewer_units_are_offered_where_not_all_are_free(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="kayaks", document=policy(STAY), capacity=8))
    tenant.reserved("kayaks", **NIGHTS, quantity=5)
    found = alternatives(tenant.reserve("kayaks", **NIGHTS, quantity=4))
    [fewer] = of_kind(found, "smaller_quantity")
    assert (fewer["quantity"], fewer["check_in_on"]) == (3, in_days(20))
    for alternative in found:
        take(tenant, alternative)


def test_where_people_are_counted_a_smaller_party_is_offered(make_tenant: Callable[..., Tenant]) -> None:
    start = datetime.fromisoformat(f"{in_days(20)}T09:00:00+00:00")
    document = policy(SLOT, capacity_counts="people", per="person")
    tenant = make_tenant(
        Offer(slug="tour", document=document, capacity=10, windows=[(start, start + timedelta(hours=4))])
    )
    slot = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}
    tenant.reserved("tour", **slot, party_size=7)
    found = alternatives(tenant.reserve("tour", **slot, party_size=4))
    [fewer] = of_kind(found, "smaller_quantity")
    assert (fewer["quantity"], fewer["party_size"]) == (1, 3)
    assert [one["starts_at"][11:16] for one in of_kind(found, "other_time")] == ["10:00", "11:00", "12:00"]
    for alternative in found:
        take(tenant, alternative)


def test_who_asked_for_one_unit_is_offered_those_next_to_it_first(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabins", document=policy(STAY), capacity=6, assignment="labelled"))
    for unit in (3, 4):
        tenant.reserved("cabins", **NIGHTS, unit=unit)
    found = alternatives(tenant.reserve("cabins", **NIGHTS, unit=3))
    assert [one["unit"] for one in of_kind(found, "other_unit")] == [2, 1, 5]
    assert {one["unit"] for one in of_kind(found, "other_time")} == {3}
    for alternative in found:
        take(tenant, alternative)


def test_an_interval_is_shifted_along_the_grid_and_then_by_days(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL, per="hour")), timezone="Europe/Berlin")
    day = in_days(20)
    tenant.reserved("room", starts_at=f"{day}T09:00", ends_at=f"{day}T17:00")
    found = alternatives(tenant.reserve("room", starts_at=f"{day}T10:00", ends_at=f"{day}T12:00"))
    assert {one["kind"] for one in found} == {"other_time"}
    for alternative in found:
        take(tenant, alternative)


def test_a_time_off_the_grid_is_moved_onto_it(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL, per="hour")), timezone="Asia/Kathmandu")
    refused = tenant.reserve("room", starts_at=f"{in_days(20)}T10:10", ends_at=f"{in_days(20)}T10:50")
    found = alternatives(refused, "rule_violations")
    first = datetime.fromisoformat(found[0]["starts_at"])
    assert (first + timedelta(hours=5, minutes=45)).strftime("%H:%M") == "10:00"
    for alternative in found:
        take(tenant, alternative)


def test_days_on_which_nobody_may_arrive_are_passed_over(make_tenant: Callable[..., Tenant]) -> None:
    rule = {"rule": "arrival_weekdays", "weekdays": ["sat"], "seasons": []}
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, rule)))
    wednesday = date.fromisoformat(in_days(20))
    while wednesday.strftime("%a") != "Wed":
        wednesday += timedelta(days=1)
    nights = {"check_in_on": wednesday.isoformat(), "check_out_on": (wednesday + timedelta(days=2)).isoformat()}
    found = alternatives(tenant.reserve("cabin", **nights), "rule_violations")
    shifts = [(date.fromisoformat(one["check_in_on"]) - wednesday).days for one in found]
    assert shifts == [3, -4, 10, -11]


def test_what_no_time_can_mend_gets_no_other_time(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY), max_party_size=2))
    assert alternatives(tenant.reserve("cabin", **NIGHTS, party_size=3), "rule_violations") == []


def test_a_guest_with_enough_reservations_is_offered_none(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, {"rule": "active_per_guest", "limit": 1})))
    guest = {"name": "Ada Lovelace", "email": "ada@example.org"}
    tenant.reserved("cabin", **NIGHTS, guest=guest)
    later = {"check_in_on": in_days(30), "check_out_on": in_days(31)}
    assert alternatives(tenant.reserve("cabin", **later, guest=guest), "rule_violations") == []


def test_days_that_are_full_for_a_guest_are_passed_over(make_tenant: Callable[..., Tenant]) -> None:
    rule = {"rule": "per_day_limit", "limit": 1, "scope": "guest"}
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, rule), capacity=9))
    guest: dict[str, Any] = {"guest": {"name": "Ada Lovelace", "email": "ada@example.org"}}
    for day in (20, 21):
        tenant.reserved("cabin", check_in_on=in_days(day), check_out_on=in_days(day + 1), **guest)
    one_night = {"check_in_on": in_days(20), "check_out_on": in_days(21)}
    found = alternatives(tenant.reserve("cabin", **one_night, **guest), "rule_violations")
    assert [one["check_in_on"] for one in found] == [in_days(day) for day in (19, 22, 18, 23, 17)]


@pytest.mark.parametrize("action", ["extend", "move"])
def test_a_change_that_is_refused_gets_alternatives_that_count_its_own_units_as_free(
    make_tenant: Callable[..., Tenant], action: str
) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    mine = tenant.reserved("cabin", **NIGHTS)
    tenant.reserved("cabin", check_in_on=in_days(23), check_out_on=in_days(24))
    body = {"check_out_on": in_days(24)} | ({"check_in_on": in_days(21)} if action == "move" else {})
    refused = tenant.change(mine, action, **body)
    found = alternatives(refused)
    nights = [(one["check_in_on"], one["check_out_on"]) for one in found]
    # Extended as far as possible; moved to a time that includes its own present nights.
    assert nights[0] == (in_days(20), in_days(23))


def test_who_is_in_a_room_is_offered_ends_that_keep_it_and_no_other_start(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="rooms", document=policy(STAY), capacity=2, assignment="labelled"))
    mine = tenant.reserved("rooms", check_in_on=in_days(0), check_out_on=in_days(1), unit=1)
    tenant.staff(f"/reservations/{mine['id']}/check-in")
    tenant.reserved("rooms", check_in_on=in_days(3), check_out_on=in_days(9), unit=1)
    found = alternatives(tenant.change(mine, "extend", check_out_on=in_days(5)))
    assert [(one["kind"], one["check_in_on"], one["check_out_on"]) for one in found] == [
        ("other_time", in_days(0), in_days(3)),
        ("other_time", in_days(0), in_days(2)),
    ]
    assert tenant.change(mine, "extend", check_out_on=found[0]["check_out_on"]).status_code == 200


def test_who_makes_it_too_short_is_offered_the_shortest_that_is_not(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy({**STAY, "min_nights": 3})))
    mine = tenant.reserved("cabin", check_in_on=in_days(20), check_out_on=in_days(25))
    found = alternatives(tenant.change(mine, "shorten", check_out_on=in_days(21)), "rule_violations")
    assert [one["check_out_on"] for one in found] == [in_days(23), in_days(24)]
    assert tenant.change(mine, "shorten", check_out_on=found[0]["check_out_on"]).status_code == 200


def test_an_interval_that_cannot_be_extended_so_far_is_offered_to_be_as_far_as_can_be(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL, per="hour")))
    day = in_days(20)
    mine = tenant.reserved("room", starts_at=f"{day}T09:00Z", ends_at=f"{day}T10:00Z")
    tenant.reserved("room", starts_at=f"{day}T11:30Z", ends_at=f"{day}T14:00Z")
    found = alternatives(tenant.change(mine, "extend", ends_at=f"{day}T12:00Z"))
    assert [(one["starts_at"], one["ends_at"]) for one in found[:3]] == [
        (f"{day}T09:00:00Z", f"{day}T{end}:00Z") for end in ("11:30", "11:00", "10:30")
    ]
    assert tenant.change(mine, "extend", ends_at=found[0]["ends_at"]).status_code == 200


def test_a_slot_that_is_full_gets_the_slots_around_it_that_are_not_over(make_tenant: Callable[..., Tenant]) -> None:
    opens = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    tenant = make_tenant(
        Offer(slug="tutor", document=policy(SLOT, per="slot"), windows=[(opens, opens + timedelta(hours=8))])
    )
    starts = [opens + timedelta(hours=hours) for hours in range(8)]
    slot = {"starts_at": starts[5].isoformat(), "ends_at": starts[6].isoformat()}
    tenant.reserved("tutor", **slot)
    found = alternatives(tenant.reserve("tutor", **slot))
    assert {datetime.fromisoformat(one["starts_at"]) for one in found} == {starts[4], starts[6], starts[7]}
    past = {"starts_at": starts[1].isoformat(), "ends_at": starts[2].isoformat()}
    found = alternatives(tenant.reserve("tutor", **past), "rule_violations")
    assert datetime.fromisoformat(found[0]["starts_at"]) == starts[4]


def test_alternatives_near_the_end_of_the_kept_years_do_no_harm(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, {"rule": "horizon", "maximum_days": 30})))
    nights = {"check_in_on": "2199-12-29", "check_out_on": "2199-12-30"}
    assert alternatives(tenant.reserve("cabin", **nights), "rule_violations") == []
    nights = {"check_in_on": "2000-01-01", "check_out_on": "2000-01-02"}
    assert alternatives(tenant.reserve("cabin", **nights), "rule_violations") == []


def test_intervals_near_the_end_of_the_kept_years_do_no_harm(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL, {"rule": "horizon", "maximum_days": 30})))
    times = {"starts_at": "2199-12-31T22:00Z", "ends_at": "2199-12-31T23:00Z"}
    assert alternatives(tenant.reserve("room", **times), "rule_violations") == []


def test_another_resource_is_offered_only_where_it_is_free(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(*(Offer(slug=slug, document=policy(STAY)) for slug in ("cabin", "lodge", "hut")))
    for slug in ("cabin", "lodge"):
        tenant.reserved(slug, **NIGHTS)
    found = alternatives(tenant.reserve("cabin", **NIGHTS))
    assert [one["resource_slug"] for one in of_kind(found, "other_resource")] == ["hut"]


def test_a_smaller_quantity_that_the_rules_refuse_is_passed_over(make_tenant: Callable[..., Tenant]) -> None:
    pairs = {
        "rule": "expression",
        "expression": "quantity % 2 == 0",
        "message": "Only pairs.",
        "field": "quantity",
    }
    tenant = make_tenant(Offer(slug="kayaks", document=policy(STAY, pairs), capacity=8))
    tenant.close("kayaks", starts_at=f"{in_days(20)}T16:00Z", ends_at=f"{in_days(20)}T17:00Z", lowered_to=7)
    tenant.reserved("kayaks", **NIGHTS, quantity=4)
    found = alternatives(tenant.reserve("kayaks", **NIGHTS, quantity=6))
    assert [one["quantity"] for one in of_kind(found, "smaller_quantity")] == [2]


def test_a_slot_cannot_be_extended_but_another_can_be_had(make_tenant: Callable[..., Tenant]) -> None:
    opens = datetime.fromisoformat(f"{in_days(20)}T09:00+00:00")
    tenant = make_tenant(
        Offer(slug="tutor", document=policy(SLOT, per="slot"), windows=[(opens, opens + timedelta(hours=3))])
    )
    mine = tenant.reserved("tutor", starts_at=opens.isoformat(), ends_at=(opens + timedelta(hours=1)).isoformat())
    refused = tenant.change(mine, "extend", ends_at=(opens + timedelta(hours=2)).isoformat())
    found = alternatives(refused, "rule_violations")
    assert [one["starts_at"][11:16] for one in found] == ["10:00", "11:00"]


def test_units_that_are_taken_are_not_offered_instead(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabins", document=policy(STAY), capacity=3, assignment="labelled"))
    for unit in (1, 2):
        tenant.reserved("cabins", **NIGHTS, unit=unit)
    found = alternatives(tenant.reserve("cabins", **NIGHTS, unit=2))
    assert [one["unit"] for one in of_kind(found, "other_unit")] == [3]


def test_what_is_too_short_or_too_long_is_offered_as_near_as_is_permitted(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="cabin", document=policy({**STAY, "min_nights": 3})),
        Offer(slug="room", document=policy({**STAY, "max_nights": 4}, amount=7000)),
    )
    short = alternatives(tenant.reserve("cabin", **NIGHTS), "rule_violations")
    assert stays(of_kind(short, "other_time"))[:3] == [(0, 3), (-1, 3), (1, 3)]
    assert (short[0]["kind"], short[0]["price"]) == ("other_time", {"currency": "EUR", "decimals": 2, "total": 30_000})
    long = alternatives(tenant.reserve("room", check_in_on=in_days(20), check_out_on=in_days(27)), "rule_violations")
    assert stays(of_kind(long, "other_time"))[:2] == [(0, 4), (1, 4)]
    for alternative in (*short, *long):
        take(tenant, alternative)


def test_length_and_arrival_day_are_mended_together(make_tenant: Callable[..., Tenant]) -> None:
    arrival = (date.fromisoformat(NIGHTS["check_in_on"]) + timedelta(days=2)).strftime("%a").lower()
    season = {"from_on": in_days(10), "until_on": in_days(25), "minimum": 7, "maximum": None}
    rules = (
        {"rule": "arrival_weekdays", "weekdays": [arrival], "seasons": []},
        {"rule": "length", "minimum": 1, "maximum": None, "seasons": [season]},
    )
    tenant = make_tenant(Offer(slug="chalet", document=policy(STAY, *rules)))
    found = alternatives(tenant.reserve("chalet", **NIGHTS), "rule_violations")
    assert stays(found)[:3] == [(-5, 7), (2, 7), (9, 2)]
    for alternative in found:
        take(tenant, alternative)


def test_where_an_expression_looks_at_the_length_other_lengths_are_tried(make_tenant: Callable[..., Tenant]) -> None:
    pairs = {"rule": "expression", "expression": "nights % 3 == 0", "message": "By threes.", "field": "check_out_on"}
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, pairs)))
    found = alternatives(tenant.reserve("cabin", **NIGHTS), "rule_violations")
    assert stays(found)[:2] == [(0, 3), (0, 6)]
    for alternative in found:
        take(tenant, alternative)


def test_a_much_longer_alternative_is_free_until_its_end(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="flat", document=policy({**STAY, "min_nights": 60}), capacity=1))
    tenant.close("flat", starts_at=f"{in_days(79)}T16:00Z", ends_at=f"{in_days(79)}T18:00Z")
    found = alternatives(tenant.reserve("flat", **NIGHTS), "rule_violations")
    assert stays(found)[:2] == [(-1, 60), (-2, 60)]
    for alternative in found:
        take(tenant, alternative)
    year = make_tenant(Offer(slug="flat", document=policy({**STAY, "min_nights": 365}), capacity=1))
    assert alternatives(year.reserve("flat", **NIGHTS), "rule_violations") == []


def test_an_interval_of_a_wrong_length_is_offered_in_whole_steps(make_tenant: Callable[..., Tenant]) -> None:
    length: Json = {"rule": "length", "minimum": 100, "maximum": 200, "seasons": []}
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL, length, per="hour")), timezone="Europe/Berlin")
    day = in_days(20)
    for ends, nearest in (("10:30", 120), ("15:00", 180)):
        refused = tenant.reserve("room", starts_at=f"{day}T10:00", ends_at=f"{day}T{ends}")
        found = alternatives(refused, "rule_violations")
        first = [datetime.fromisoformat(found[0][member]) for member in ("starts_at", "ends_at")]
        assert (first[1] - first[0]) == timedelta(minutes=nearest)
        assert first[0].astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "10:00"
        for alternative in found:
            take(tenant, alternative)


def test_a_quote_offers_alternatives_where_they_are_asked_for(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="cabin", document=policy({**STAY, "min_nights": 3})), Offer(slug="hut", document=policy(STAY))
    )

    def quoted(**members: object) -> list[Json]:
        answer = tenant.post("/quotes", {"resource_id": str(tenant.ids["cabin"]), **NIGHTS, **members})
        assert answer.status_code == 200, answer.text
        return answer.json()["alternatives"]

    found = quoted(alternatives=True)
    assert found == alternatives(tenant.reserve("cabin", **NIGHTS), "rule_violations")
    assert {one["kind"] for one in found} == {"other_time", "other_resource"}
    assert quoted() == []
    assert quoted(alternatives=True, check_out_on=in_days(24)) == []
    tenant.client.delete(f"/tenants/{tenant.slug}/resources/hut", headers=tenant.as_editor())
    assert {one["kind"] for one in quoted(alternatives=True)} == {"other_time"}


def test_who_is_here_and_changes_rooms_is_shown_no_price_of_a_part(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="single", document=policy(STAY)),
        Offer(slug="double", document=policy(STAY)),
        Offer(slug="suite", document=policy(STAY, amount=50_000)),
    )
    mine = tenant.reserved("single", check_in_on=in_days(0), check_out_on=in_days(4))
    tenant.staff(f"/reservations/{mine['id']}/check-in")
    tenant.reserved("double", check_in_on=in_days(1), check_out_on=in_days(9))
    path = f"/reservations/{mine['id']}/move"
    refused = tenant.post(path, {"resource_id": str(tenant.ids["double"])}, **tenant.as_editor())
    found = alternatives(refused)
    assert [(one["kind"], one["resource_slug"], one["price"]) for one in found] == [("other_resource", "suite", None)]


def any_rules(random: Random) -> list[Json]:
    """Some rules that refuse many starts and lengths, in any combination."""
    season = {"from_on": in_days(24), "until_on": in_days(29), "minimum": random.choice([2, 5]), "maximum": 9}
    closed = {"from_on": in_days(random.randint(18, 30)), "until_on": in_days(33), "reason": "Closed."}
    rules: list[Json] = [
        {"rule": "arrival_weekdays", "weekdays": random.sample(["mon", "tue", "thu", "sat"], 2), "seasons": []},
        {"rule": "length", "minimum": random.choice([None, 2, 3]), "maximum": 6, "seasons": [season]},
        {"rule": "blackout_dates", "ranges": [closed]},
        {"rule": "lead_time", "minimum_minutes": random.choice([0, 15 * 1440])},
        {"rule": "buffers", "before_minutes": 0, "after_minutes": 1440},
        {"rule": "expression", "expression": "nights != 4", "message": "Never four.", "field": "check_out_on"},
    ]
    return random.sample(rules, random.randint(1, 4))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_offered_instead_can_be_had_for_its_price(seed: int, make_tenant: Callable[..., Tenant]) -> None:
    random = Random(seed)  # noqa: S311 - the same cases every time
    offers = [
        Offer(
            slug=slug,
            document=policy({**STAY, "max_nights": random.choice([None, 10])}, *any_rules(random), amount=amount),
            capacity=random.randint(1, 3),
            assignment=random.choice(["pooled", "labelled"]),
            max_party_size=3,
        )
        for slug, amount in (("cabin", 9000), ("lodge", 15_000))
    ]
    tenant = make_tenant(*offers, timezone=random.choice(["America/Denver", "Pacific/Apia"]))
    taken = 0
    for _ in range(14):
        first, nights = random.randint(8, 40), random.randint(1, 7)
        wanted = {"check_in_on": in_days(first), "check_out_on": in_days(first + nights)}
        answer = tenant.reserve("cabin", **wanted, quantity=random.choice([1, 1, 2]), party_size=random.randint(1, 4))
        if answer.status_code == 201:
            continue
        for alternative in alternatives(answer, answer.json()["code"]):
            take(tenant, alternative)
            taken += 1
    assert taken > 5


def other_resources(tenant: Tenant, resource: str) -> list[tuple[str, str]]:
    found = of_kind(alternatives(tenant.reserve(resource, **NIGHTS)), "other_resource")
    return [(one["resource_slug"], one["resource_name"]) for one in found]


def test_the_largest_is_found_where_all_smaller_ones_are_taken(make_tenant: Callable[..., Tenant]) -> None:
    huts = [f"hut-{number}" for number in range(7)]
    tenant = make_tenant(
        *(Offer(slug=slug, document=policy(STAY), max_party_size=4 + number) for number, slug in enumerate(huts))
    )
    for slug in huts[:-1]:
        tenant.reserved(slug, **NIGHTS)
    assert [slug for slug, _ in other_resources(tenant, huts[0])] == [huts[-1]]


def test_other_resources_are_those_of_this_moment(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)), Offer(slug="hut", document=policy(STAY)))

    def change(method: str, path: str, body: Json | None = None) -> None:
        path = f"/tenants/{tenant.slug}{path}"
        tenant.client.request(method, path, json=body, headers=tenant.as_editor()).raise_for_status()

    tenant.reserved("cabin", **NIGHTS)
    [(_, name)] = other_resources(tenant, "cabin")
    change("PATCH", "/resources/hut", {"name": "Lake hut"})
    assert name != "Lake hut"
    assert other_resources(tenant, "cabin") == [("hut", "Lake hut")]
    change("DELETE", "/resources/hut")
    assert other_resources(tenant, "cabin") == []
    change("POST", "/resources/hut/restore")
    assert other_resources(tenant, "cabin") == [("hut", "Lake hut")]
    large_parties = policy(STAY, {"rule": "party_size", "minimum": 3, "maximum": 8})
    publish(tenant.database.owner, tenant.ids["hut"], large_parties)
    assert other_resources(tenant, "cabin") == []


def test_a_refusal_says_where_to_wait_unless_the_tenant_keeps_no_waitlist(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    tenant.reserved("cabin", **NIGHTS)
    assert tenant.reserve("cabin", **NIGHTS).json()["waitlist"].endswith(f"/tenants/{tenant.slug}/waitlist")
    settings, editor = f"/tenants/{tenant.slug}/settings", tenant.as_editor()
    tenant.client.patch(settings, json={"waitlist": False}, headers=editor).raise_for_status()
    assert "waitlist" not in tenant.reserve("cabin", **NIGHTS).json()
