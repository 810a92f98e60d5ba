"""What the demo tenants say: complete, consistent, right on any day, and using all that policies offer."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.policies.model import policy_documents
from chalicelib.policies.model.rules import RULES
from demo.content import ALL_MONTHS, Tenant, every_year
from demo.image_files import IMAGES
from demo.tenants import CONTENTS, all_tenants
from demo.windows import DAYS_AHEAD, windows_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TODAY = date(2026, 11, 20)
TENANTS = all_tenants(TODAY)
SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
WORD = re.compile(r"^[a-z]+(_[a-z]+)*$")
days = st.dates(date(2025, 1, 1), date(2060, 12, 31))
tenants = pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.slug)


def documents(tenants: list[Tenant] = TENANTS) -> Iterator[dict[str, Any]]:
    return (policy.document for tenant in tenants for policy in tenant.policies)


def test_there_are_the_eight_tenants_that_were_asked_for() -> None:
    assert [tenant.slug for tenant in TENANTS] == [
        "pine-cabins",
        "grand-hotel",
        "harbor-cowork",
        "open-tutoring",
        "conference-center",
        "team-rooms",
        "summit-tours",
        "trail-rentals",
    ]


def test_no_two_tenants_share_a_zone_a_name_or_a_telephone() -> None:
    for values in (
        [tenant.timezone for tenant in TENANTS],
        [tenant.name for tenant in TENANTS],
        [phone.number for tenant in TENANTS for phone in tenant.site.phones],
    ):
        assert len(values) == len(set(values))


@tenants
def test_slugs_and_kinds_are_as_the_schema_wants_them(tenant: Tenant) -> None:
    for named in (tenant.policies, tenant.resources):
        slugs = [one.slug for one in named]
        assert len(slugs) == len(set(slugs))
        assert all(SLUG.match(slug) for slug in slugs)
    for resource in tenant.resources:
        assert WORD.match(resource.kind)
        assert all(WORD.match(amenity) for amenity in resource.amenities)
        assert len(resource.amenities) == len(set(resource.amenities)) > 0


@tenants
def test_every_resource_has_an_image_texts_and_a_policy_with_a_price(tenant: Tenant) -> None:
    policies = {policy.slug: policy.document for policy in tenant.policies}
    assert {resource.policy for resource in tenant.resources} == set(policies)
    for resource in tenant.resources:
        assert (IMAGES / tenant.slug / f"{resource.slug}.svg").is_file()
        assert all((resource.name, resource.summary, resource.description, resource.alt))
        assert policies[resource.policy]["rates"]["base"]["amount"] >= 0
    assert (IMAGES / tenant.slug / "welcome.svg").is_file()


@tenants
def test_labelled_units_are_all_labelled_and_differently(tenant: Tenant) -> None:
    for resource in tenant.resources:
        assert len(resource.units) in {0, resource.capacity}
        assert len(set(resource.units)) == len(resource.units)
        assert all(1 <= unit <= resource.capacity for closure in resource.closures for unit in closure.units)


@tenants
def test_people_can_be_reached_without_reaching_anybody_real(tenant: Tenant) -> None:
    assert tenant.site.email.endswith(f"@{tenant.slug}.example")
    reserved = (
        r"\+1 \d{3}-555-01\d\d",  # United States and Canada
        r"\+33 4 65 71 \d\d \d\d",  # Arcep, 2018-0881
        r"\+44 20 7946 0\d{3}",  # Ofcom, numbers for drama
        r"\+49 221 4710 \d{3}",  # Bundesnetzagentur, drama numbers
        r"\+61 3 5550 \d{4}|\+61 491 57\d \d{3}",  # ACMA, numbers for fiction
        r"\+46 8 465 004 \d\d",  # PTS, numbers for books and films
        r"\+354 0.*",  # cannot be dialled: no Icelandic number begins with 0
    )
    for phone in tenant.site.phones:
        assert any(re.fullmatch(pattern, phone.number) for pattern in reserved), phone.number


@tenants
def test_colours_can_be_read(tenant: Tenant) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    theme = tenant.site.theme
    pairs = [(theme.on_primary, theme.primary)]
    pairs += [
        (ink, ground) for ink in (theme.text, theme.muted, theme.accent) for ground in (theme.background, theme.surface)
    ]
    for one, other in pairs:
        lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (one, other)


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb as WCAG 2.2 defines it."""
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@given(today=days)
def test_policies_parse_on_any_day(today: date) -> None:
    for document in documents(all_tenants(today)):
        policy_documents.parse(document)


@given(today=days)
def test_policies_change_with_the_year_and_not_with_the_day(today: date) -> None:
    """Otherwise every start of the demo would publish new versions of all of them."""
    assert list(documents(all_tenants(today))) == list(documents(all_tenants(date(today.year, 1, 1))))


@given(today=days)
def test_something_is_offered_in_the_next_week_on_any_day(today: date) -> None:
    for tenant in all_tenants(today):
        zone = ZoneInfo(tenant.timezone)
        soon = datetime.combine(today + timedelta(days=7), datetime.min.time(), UTC)
        for resource in tenant.resources:
            if resource.windows:
                assert windows_from(today, resource.windows, zone)[0].starts_at < soon


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content.__module__.rpartition(".")[2])
def test_windows_cover_the_next_ninety_days_and_hold_whole_slots(content: Callable[[date], Tenant]) -> None:
    tenant = content(TODAY)
    modes = {policy.slug: policy.document["mode"] for policy in tenant.policies}
    for resource in tenant.resources:
        mode = modes[resource.policy]
        windows = windows_from(TODAY, resource.windows, ZoneInfo(tenant.timezone))
        assert bool(windows) == (mode.get("offered_in") == "windows")
        if windows:
            length = mode.get("slot_minutes") or mode["min_minutes"]
            assert all(window.duration >= timedelta(minutes=length) for window in windows)
            assert windows[-1].starts_at.date() >= TODAY + timedelta(days=DAYS_AHEAD - 7)
        for window in resource.windows:
            assert window.opens < window.closes
            assert set(window.months) <= set(ALL_MONTHS)


def test_a_departure_is_one_slot_that_fills_its_window() -> None:
    (tours,) = (tenant for tenant in TENANTS if tenant.slug == "summit-tours")
    lengths = {policy.slug: timedelta(minutes=policy.document["mode"]["slot_minutes"]) for policy in tours.policies}
    for resource in tours.resources:
        for window in windows_from(TODAY, resource.windows, ZoneInfo(tours.timezone)):
            assert window.duration == lengths[resource.policy]


def test_a_period_of_every_year_covers_the_days_it_names_in_three_years() -> None:
    assert every_year(date(2026, 5, 1), "12-20", "01-07") == [
        {"from_on": "2025-12-20", "until_on": "2026-01-07"},
        {"from_on": "2026-12-20", "until_on": "2027-01-07"},
        {"from_on": "2027-12-20", "until_on": "2028-01-07"},
        {"from_on": "2028-12-20", "until_on": "2029-01-07"},
    ]
    assert every_year(date(2026, 5, 1), "06-01", "09-01")[0] == {"from_on": "2026-06-01", "until_on": "2026-09-01"}


def test_every_shipped_rule_is_used_by_somebody() -> None:
    used = {rule["rule"] for document in documents() for rule in document["rules"]}
    assert used == set(RULES)


def test_every_kind_of_mode_and_capacity_is_used_by_somebody() -> None:
    modes = [document["mode"] for document in documents()]
    assert {(mode["mode"], mode.get("offered_in")) for mode in modes} == {
        ("stay", None),
        ("slot", "opening_hours"),
        ("slot", "windows"),
        ("interval", "always"),
        ("interval", "opening_hours"),
        ("interval", "windows"),
    }
    assert {document["capacity_counts"] for document in documents()} == {"units", "people"}
    assert {resource.assignment for tenant in TENANTS for resource in tenant.resources} == {"labelled", "pooled"}


def test_every_feature_of_rates_is_used_by_somebody() -> None:
    rates = [document["rates"] for document in documents()]

    def members(name: str) -> list[dict[str, Any]]:
        return list(chain.from_iterable(rate[name] for rate in rates))

    assert {rate["base"]["per"] for rate in rates} == {"night", "slot", "hour", "person"}
    assert {"percent" in season for season in members("seasons")} == {True, False}
    assert {fee["per"] for fee in members("fees")} == {"reservation", "night", "unit", "person"}
    assert {tax["included"] for tax in members("taxes")} == {True, False}
    assert members("weekdays")
    assert members("length_of_stay")
    assert any(rate["extra_guests"] for rate in rates)
    assert {
        limit["scope"] for document in documents() for limit in document["rules"] if limit["rule"] == "per_day_limit"
    } == {
        "guest",
        "resource",
    }
