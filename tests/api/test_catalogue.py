from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.api.tenant import asked, in_days
from tests.offers import INTERVAL, NO_RATES, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

SITE = {
    "tagline": "Quiet.",
    "contact": {"email": "hello@pines.example", "phones": [{"label": "Reception", "number": "+1 250 555 0100"}]},
    "address": {"street": "1 Pine Road", "locality": "Ucluelet", "country": "CA"},
    "position": {"latitude": 48.9, "longitude": -125.5},
    "theme": {"primary": "#123456"},
    "own_member": [1, 2],
}


@pytest.fixture(scope="module")
def pines(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(
            slug="cabins",
            document=policy(
                STAY,
                {"rule": "lead_time", "minimum_minutes": 60},
                {"rule": "arrival_weekdays", "weekdays": ["mon", "fri"], "seasons": []},
                cancellation=[{"until_minutes_before": 1440, "refund_percent": 50}],
            ),
            kind="cabin",
            capacity=2,
            assignment="labelled",
            units=("Cabin 1", "Cabin 2"),
            max_party_size=4,
            amenities=("sauna", "wifi"),
        ),
        Offer(slug="lodge", document=policy(STAY), kind="cabin", max_party_size=12, amenities=("wifi",)),
        Offer(slug="canoe", document=policy(INTERVAL, per="hour", amount=900), kind="boat", max_party_size=3),
        site=SITE,
        timezone="America/Vancouver",
        currency="CAD",
    )


def slugs(answer: object) -> list[str]:
    return [item["slug"] for item in answer.json()["items"]]  # type: ignore[attr-defined]


def test_the_site_tells_texts_contacts_address_position_and_theme(pines: Tenant) -> None:
    answer = pines.get()
    assert answer.status_code == 200
    site = answer.json()
    assert (site["slug"], site["timezone"], site["currency"]) == (pines.slug, "America/Vancouver", "CAD")
    assert site["contact"]["phones"][0]["number"] == "+1 250 555 0100"
    assert site["address"]["locality"] == "Ucluelet"
    assert site["position"] == {"latitude": 48.9, "longitude": -125.5}
    assert site["theme"] == {"primary": "#123456"}
    assert site["own_member"] == [1, 2]


def test_an_unknown_tenant_is_not_found(pines: Tenant) -> None:
    answer = pines.client.get("/tenants/nobody")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_the_catalogue_lists_resources_in_the_tenants_order(pines: Tenant) -> None:
    answer = pines.get("/resources")
    assert slugs(answer) == ["cabins", "lodge", "canoe"]
    assert answer.json()["next_cursor"] is None
    cabins, _, canoe = answer.json()["items"]
    assert cabins["id"] == str(pines.ids["cabins"])
    assert (cabins["mode"], cabins["capacity"], cabins["max_party_size"]) == ("stay", 2, 4)
    assert (cabins["timezone"], cabins["amenities"]) == ("America/Vancouver", ["sauna", "wifi"])
    nothing_else: dict[str, list[str]] = {"includes": [], "excludes": []}
    assert cabins["from_price"] == {"currency": "CAD", "decimals": 2, "total": 10000, "per": "night", **nothing_else}
    assert canoe["from_price"] == {"currency": "CAD", "decimals": 2, "total": 900, "per": "hour", **nothing_else}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "boat"}, ["canoe"]),
        ({"kind": "castle"}, []),
        ({"amenity": "wifi"}, ["cabins", "lodge"]),
        ({"amenity": "wifi,sauna"}, ["cabins"]),
        ({"party_size": 5}, ["lodge"]),
        ({"party_size": 3, "kind": "cabin"}, ["cabins", "lodge"]),
    ],
)
def test_the_catalogue_is_filtered(pines: Tenant, query: dict[str, object], found: list[str]) -> None:
    assert slugs(pines.get("/resources", **query)) == found


def test_pages_follow_each_other_by_cursor_and_link(pines: Tenant) -> None:
    seen: list[str] = []
    answer = pines.get("/resources", limit=1, amenity="wifi")
    for _ in range(2):
        seen += slugs(answer)
        if answer.json()["next_cursor"] is None:
            break
        target, _, relation = answer.headers["link"].partition(";")
        assert relation == ' rel="next"'
        parts = urlsplit(target.strip("<>"))
        assert (parts.netloc, parts.path) == ("berth.example", f"/api/v1/tenants/{pines.slug}/resources")
        assert answer.json()["next_cursor"] in parts.query
        answer = pines.client.get(f"/tenants/{pines.slug}/resources?{parts.query}")
    assert seen == ["cabins", "lodge"]
    assert "link" not in answer.headers


@pytest.mark.parametrize(
    "cursor", ["x", "é", "W10", "WzEsMl0", "WzFlOSwieCJd", "Wzk5OTk5OTk5OTksIngiXQ", "WyIxIiwieCJd"]
)
def test_a_cursor_that_no_answer_has_given_is_refused(pines: Tenant, cursor: str) -> None:
    answer = pines.get("/resources", cursor=cursor)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_cursor"
    assert answer.json()["violations"][0]["field"] == "cursor"


def test_a_cursor_that_nests_too_deep_is_refused(pines: Tenant) -> None:
    cursor = base64.urlsafe_b64encode(b"[" * 3_000).decode()
    path = f"/tenants/{pines.slug}/events"
    answer = pines.client.get(path, params={"cursor": cursor}, headers=pines.as_role())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_with_dates_only_what_can_be_had_then_is_listed(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="one", document=policy(STAY)),
        Offer(slug="two", document=policy(STAY), capacity=2),
        Offer(slug="long", document=policy({**STAY, "min_nights": 3})),
        Offer(slug="boat", document=policy(INTERVAL)),
    )
    nights = {"check_in_on": in_days(10), "check_out_on": in_days(12)}
    assert slugs(tenant.get("/resources", **asked(nights))) == ["one", "two"]
    assert slugs(tenant.get("/resources", **asked(nights), quantity=2)) == ["two"]
    tenant.reserved("one", **nights)
    tenant.reserved("two", **nights)
    assert slugs(tenant.get("/resources", **asked(nights))) == ["two"]
    assert slugs(tenant.get("/resources", **asked(nights), quantity=2)) == []
    assert slugs(tenant.get("/resources", from_=in_days(12), until=in_days(15))) == ["one", "two", "long"]


def test_with_times_only_what_can_be_had_then_is_listed(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="room", document=policy(INTERVAL)),
        Offer(slug="desk", document=policy(INTERVAL, {"rule": "buffers", "before_minutes": 0, "after_minutes": 60})),
        Offer(slug="cabin", document=policy(STAY)),
        timezone="Europe/Berlin",
    )
    day = in_days(10)
    assert slugs(tenant.get("/resources", from_=f"{day}T09:00", until=f"{day}T10:00")) == ["room", "desk"]
    for resource in ("room", "desk"):
        tenant.reserved(resource, starts_at=f"{day}T10:00", ends_at=f"{day}T11:00")
    assert slugs(tenant.get("/resources", from_=f"{day}T09:00", until=f"{day}T10:00")) == ["room"]
    assert slugs(tenant.get("/resources", from_=f"{day}T10:30", until=f"{day}T11:30")) == []


def test_a_free_time_that_makes_no_range_is_refused_by_its_name_in_the_query(pines: Tenant) -> None:
    day = in_days(10)
    answer = pines.get("/resources", from_=f"{day}T10:00Z", until=f"{day}T09:00Z")
    assert answer.status_code == 422
    assert answer.json()["violations"][0]["field"] == "until"
    answer = pines.get("/resources", until=f"{day}T09:00Z")
    assert answer.json()["violations"][0]["field"] == "from"


def test_free_resources_beyond_a_page_are_on_the_next_one(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(*(Offer(slug=f"cabin-{number}", document=policy(STAY)) for number in range(5)))
    nights = {"check_in_on": in_days(10), "check_out_on": in_days(12)}
    tenant.reserved("cabin-1", **nights)
    first = tenant.get("/resources", **asked(nights), limit=2)
    assert slugs(first) == ["cabin-0", "cabin-2"]
    second = tenant.get("/resources", **asked(nights), limit=2, cursor=first.json()["next_cursor"])
    assert slugs(second) == ["cabin-3", "cabin-4"]
    assert second.json()["next_cursor"] is None


@pytest.mark.parametrize("by", ["id", "slug"])
def test_a_resource_is_read_by_id_or_slug_with_its_policy_in_words(pines: Tenant, by: str) -> None:
    named = "cabins" if by == "slug" else str(pines.ids["cabins"])
    answer = pines.get(f"/resources/{named}")
    assert answer.status_code == 200
    cabins = answer.json()
    assert (cabins["slug"], cabins["id"]) == ("cabins", str(pines.ids["cabins"]))
    assert cabins["units"] == [{"number": 1, "label": "Cabin 1"}, {"number": 2, "label": "Cabin 2"}]
    described = cabins["policy"]
    assert described["version"] == 1
    assert described["mode"]["check_in_time"] == "15:00"
    assert [rule["rule"] for rule in described["rules"]] == ["lead_time", "arrival_weekdays"]
    assert all(rule["explanation"].endswith(".") for rule in described["rules"])
    assert described["rules"][0]["parameters"] == {"minimum_minutes": 60}
    assert described["rules"][1]["parameters"] == {"weekdays": ["mon", "fri"], "seasons": []}
    assert described["cancellation"] == [{"until_minutes_before": 1440, "refund_percent": 50}]


def test_a_resource_of_another_tenant_is_as_unknown_as_one_that_does_not_exist(
    pines: Tenant, make_tenant: Callable[..., Tenant]
) -> None:
    other = make_tenant(Offer(slug="hut", document=policy(STAY)))
    for named in (str(other.ids["hut"]), "hut", "no-such-thing", "00000000-0000-7000-8000-000000000000"):
        answer = pines.get(f"/resources/{named}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "There is no such resource."


@pytest.mark.parametrize("path", ["", "/resources", "/resources/cabins", "/resources/cabins/availability"])
def test_public_answers_may_be_kept_for_a_while_and_are_not_sent_twice(pines: Tenant, path: str) -> None:
    first = pines.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"].startswith("public, max-age=")
    etag = first.headers["etag"]
    again = pines.client.get(first.request.url, headers={"If-None-Match": f'"other", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert pines.client.get(first.request.url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_etag_changes_with_what_is_told(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    before = tenant.get("/resources/cabin/availability").headers["etag"]
    tenant.reserved("cabin", check_in_on=in_days(3), check_out_on=in_days(4))
    assert tenant.get("/resources/cabin/availability").headers["etag"] != before


def test_cursor_with_half_a_surrogate_pair_is_no_cursor(make_tenant: Callable[..., Tenant]) -> None:
    forged = base64.urlsafe_b64encode(b'[0,"\\ud800"]').rstrip(b"=").decode()
    answer = make_tenant().get("/resources", cursor=forged)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_the_price_from_which_it_is_had_is_none_of_a_season_that_is_over(make_tenant: Callable[..., Tenant]) -> None:
    seasons = [
        {"from_on": in_days(-60), "until_on": in_days(-2), "name": "Opening", "percent": 10},
        {"from_on": in_days(30), "until_on": in_days(31), "name": "Low", "percent": 80},
    ]
    document = policy(STAY, rates={**NO_RATES, "seasons": seasons})
    tenant = make_tenant(Offer(slug="cabin", document=document))
    assert tenant.get("/resources/cabin").json()["from_price"]["total"] == 8000
    assert tenant.get("/resources").json()["items"][0]["from_price"]["total"] == 8000
