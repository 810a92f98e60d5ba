"""What a public site shows of a business: hours in words, languages, house rules, and what follows from policies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from chalicelib.access.model.people import Role
from chalicelib.policies.model.cancellation_text import explain_cancellation
from chalicelib.policies.model.policies import CancellationTier
from demo.tenants import all_tenants
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.offers import Json

DETAILS: Json = {
    "house_rules": [{"title": "Quiet", "text": "From 22:00 to 7:00."}],
    "opening_hours": [{"label": "Front desk", "hours": "Daily from 8 to 20"}],
    "languages": ["en", "pt-BR"],
}

ALL_THEN_HALF = (
    "On cancellation all of the price is refunded until 14 days before it begins, then 50 % until 3 hours before it "
    "begins. After that nothing is refunded."
)


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabin", document=policy(STAY)), Offer(slug="room", document=policy(INTERVAL)))


def change(tenant: Tenant, members: Json, role: Role = Role.OWNER) -> int:
    answer = tenant.client.patch(f"/tenants/{tenant.slug}", json=members, headers=tenant.as_editor(role))
    return answer.status_code


def test_what_a_tenant_says_of_itself_is_on_its_site_and_can_be_taken_back(tenant: Tenant) -> None:
    empty: Json = {name: [] for name in DETAILS}
    assert {name: tenant.get().json()[name] for name in DETAILS} == empty
    assert change(tenant, DETAILS) == 200
    assert {name: tenant.get().json()[name] for name in DETAILS} == DETAILS
    assert change(tenant, dict.fromkeys(DETAILS)) == 200
    assert {name: tenant.get().json()[name] for name in DETAILS} == empty


@pytest.mark.parametrize(
    "members",
    [
        {"languages": ["English"]},
        {"languages": ["en", "en"]},
        {"languages": ["pt-BR", "pt-br"]},
        {"languages": ["en"] * 21},
        {"opening_hours": [{"label": "Desk"}]},
        {"opening_hours": [{"label": "Desk", "hours": "8\nto 9"}]},
        {"opening_hours": [{"label": "Desk", "hours": "8 to 9", "more": 1}]},
        {"opening_hours": [{"label": str(number), "hours": "8 to 9"} for number in range(21)]},
        {"house_rules": [{"title": "Quiet", "text": ""}]},
        {"house_rules": [{"title": "x", "text": "y"}] * 21},
    ],
)
def test_it_has_bounds(tenant: Tenant, members: Json) -> None:
    assert change(tenant, members) == 422


def test_agents_do_not_change_it(tenant: Tenant) -> None:
    assert change(tenant, DETAILS, Role.AGENT) == 403


def test_the_hours_of_stays_come_from_their_policy(tenant: Tenant) -> None:
    cabin, room = tenant.get("/resources").json()["items"]
    assert (cabin["check_in_time"], cabin["check_out_time"]) == ("15:00", "11:00")
    assert (room["check_in_time"], room["check_out_time"]) == (None, None)


@pytest.mark.parametrize(
    ("tiers", "text"),
    [
        ((), "Nothing is refunded on cancellation."),
        ((CancellationTier(60, 0),), "Nothing is refunded on cancellation."),
        (
            (CancellationTier(14 * 1440, 100), CancellationTier(180, 50)),
            ALL_THEN_HALF,
        ),
        (
            (CancellationTier(0, 100),),
            "On cancellation all of the price is refunded until it begins. After that nothing is refunded.",
        ),
    ],
)
def test_cancellation_in_words(tiers: tuple[CancellationTier, ...], text: str) -> None:
    assert explain_cancellation(tiers) == text


def test_a_resource_says_its_cancellation_in_words(make_tenant: Callable[..., Tenant]) -> None:
    tiers = [{"until_minutes_before": 2880, "refund_percent": 100}]
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, cancellation=tiers)))
    shown = tenant.get("/resources/cabin").json()["policy"]
    assert shown["cancellation_explanation"].startswith("On cancellation all of the price is refunded until 2 days")


def test_each_demo_tenant_says_what_a_site_shows() -> None:
    for tenant in all_tenants(date(2026, 11, 30)):
        site = tenant.site.document(tenant.slug)
        assert site["languages"][0] == tenant.locale.partition("-")[0] or tenant.slug == "harbor-cowork"
        assert all(site[name] for name in ("house_rules", "opening_hours", "address", "position", "contact"))
