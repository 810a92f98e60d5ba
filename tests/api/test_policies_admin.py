"""Administrators publish policies: everything that is wrong is said at once, and a draft can be tried on the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role
from tests.api.tenant import in_days
from tests.offers import INTERVAL, NO_RATES, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant

HALF_YEAR = {"rule": "horizon", "maximum_days": 180}
DAY_BEFORE = {"rule": "lead_time", "minimum_minutes": 1440}
A_NIGHT = {"from_on": "2027-06-12", "until_on": "2027-06-13", "minimum": 1}
A_YEAR = {"from_on": "2027-01-01", "until_on": "2028-01-01", "minimum": 2}
PARTY = {"from_on": "2027-06-12", "until_on": "2027-06-13", "name": "Party", "amount": 30000}
YEAR = {"from_on": "2027-01-01", "until_on": "2028-01-01", "name": "Year", "percent": 110}
DEAR_FRIDAYS = {
    "base": {"per": "night", "amount": 10**12},
    "weekdays": [{"weekdays": ["fri"], "percent": 10000}],
}


def rates(*seasons: dict[str, Any]) -> dict[str, Any]:
    return {**NO_RATES, "seasons": list(seasons)}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="cabins", document=policy(STAY, HALF_YEAR), capacity=5),
        Offer(slug="desk", document=policy(INTERVAL, per="hour"), capacity=3),
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
    headers = tenant.as_role(role) | ({} if if_match is None else {"If-Match": if_match})
    return tenant.client.request(method, f"/tenants/{tenant.slug}/policies{path}", json=body, headers=headers)


def slug_of(tenant: Tenant, resource: str) -> str:
    """The policy of a resource; test tenants have one for each."""
    items = call(tenant, "GET", "").json()["items"]
    with psycopg.connect(tenant.database.owner) as owner:
        row = owner.execute("SELECT policy_id FROM resources WHERE id = %s", [tenant.ids[resource]]).fetchone()
    assert row is not None
    return next(one["slug"] for one in items if one["id"] == str(row[0]))


def paths(answer: httpx.Response) -> list[str]:
    return [finding["path"] for finding in answer.json()["findings"]]


def test_a_policy_is_published_and_read(tenant: Tenant) -> None:
    body = {"slug": "weekends", "name": "Weekends", "document": policy(STAY, DAY_BEFORE)}
    answer = call(tenant, "POST", "", body)
    assert (answer.status_code, answer.json()["version"], answer.json()["resources"]) == (201, 1, 0)
    for named in ("weekends", answer.json()["id"]):
        assert call(tenant, "GET", f"/{named}", role=Role.VIEWER).json() == answer.json()
    assert call(tenant, "POST", "", body).status_code == 409
    assert call(tenant, "POST", "", {**body, "slug": "validate"}).status_code == 422
    assert len(call(tenant, "GET", "?limit=1").json()["items"]) == 1


def test_versions_never_change_and_reservations_keep_theirs(tenant: Tenant) -> None:
    slug = slug_of(tenant, "cabins")
    before = tenant.reserved("cabins", check_in_on=in_days(5), check_out_on=in_days(7))
    first = call(tenant, "GET", f"/{slug}")
    dearer = policy(STAY, amount=50_000)
    assert call(tenant, "POST", f"/{slug}/versions", {"document": dearer}).status_code == 428
    answer = call(tenant, "POST", f"/{slug}/versions", {"document": dearer}, if_match=first.headers["ETag"])
    assert (answer.status_code, answer.json()["version"]) == (201, 2)
    again = call(tenant, "POST", f"/{slug}/versions", {"document": dearer}, if_match=first.headers["ETag"])
    assert again.status_code == 412
    assert [one["version"] for one in call(tenant, "GET", f"/{slug}/versions").json()["items"]] == [2, 1]
    assert call(tenant, "GET", f"/{slug}/versions/1").json()["document"] == first.json()["document"]
    for number in ("3", "0", "x", "-1"):
        assert call(tenant, "GET", f"/{slug}/versions/{number}").status_code == 404
    after = tenant.reserved("cabins", check_in_on=in_days(5), check_out_on=in_days(7))
    assert (before["price"]["total"], after["price"]["total"]) == (20_000, 100_000)
    path = f"/tenants/{tenant.slug}/reservations/{before['id']}"
    kept = tenant.client.get(path, headers=tenant.as_role()).json()
    assert kept["price"]["total"] == 20_000


@pytest.mark.parametrize("hidden", ["Party\nPay at once", "Par\u202ety", "=?utf-8?q?=0ABcc:x?="])
def test_texts_of_a_policy_hold_nothing_invisible(tenant: Tenant, hidden: str) -> None:
    document = policy(STAY) | {"rates": rates(PARTY | {"name": hidden})}
    answer = call(tenant, "POST", "/validate", {"document": document})
    assert paths(answer) == ["$.rates.seasons[0].name"]


def test_rates_are_changed_alone(tenant: Tenant) -> None:
    slug = slug_of(tenant, "cabins")
    rates = {**NO_RATES, "base": {"per": "night", "amount": 777}}
    answer = call(tenant, "PUT", f"/{slug}/rates", {"rates": rates}, if_match='"1"')
    document = answer.json()["document"]
    assert (answer.status_code, answer.json()["version"], document["rates"]["base"]["amount"]) == (200, 2, 777)
    assert document["rules"] == [HALF_YEAR]
    wrong = {**NO_RATES, "base": {"per": "night", "amount": -1}}
    refused = call(tenant, "PUT", f"/{slug}/rates", {"rates": wrong}, if_match="*")
    assert refused.json()["violations"][0]["field"].startswith("$.rates.base")


def test_everything_that_is_wrong_is_said_at_once(tenant: Tenant) -> None:
    document = policy(
        {**STAY, "min_nights": 5, "max_nights": 2},
        {"rule": "lead_time", "minimum_minutes": -1},
        {"rule": "nonsense"},
        cancellation=[{"until_minutes_before": 10, "refund_percent": 101}],
        color="red",
    )
    answer = call(tenant, "POST", "/validate", {"document": document})
    assert answer.json()["valid"] is False
    assert {
        "$.mode.max_nights",
        "$.rules[0].minimum_minutes",
        "$.rules[1].rule",
        "$.cancellation[0].refund_percent",
        "$.color",
    } <= {path if path != "$.rules[1]" else "$.rules[1].rule" for path in paths(answer)}
    refused = call(tenant, "POST", "", {"slug": "wrong", "name": "Wrong", "document": document})
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["violations"]] == paths(answer)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (policy(STAY, DAY_BEFORE, DAY_BEFORE), "$.rules[1]"),
        (policy(STAY, HALF_YEAR, {"rule": "lead_time", "minimum_minutes": 200 * 1440}), "$.rules[1].minimum_minutes"),
        (
            policy({**STAY, "max_nights": 3}, {"rule": "length", "minimum": 4, "maximum": None, "seasons": []}),
            "$.rules[0].minimum",
        ),
        (
            policy({**INTERVAL, "offered_in": "opening_hours"}, {"rule": "opening_hours", "weekly": {}}, per="hour"),
            "$.rules[0].weekly",
        ),
        (policy({**INTERVAL, "offered_in": "opening_hours"}, per="hour"), "$.mode.offered_in"),
        (
            policy(STAY, {"rule": "expression", "expression": "nights >", "message": "No.", "field": "notes"}),
            "$.rules[0].expression",
        ),
        (policy(STAY, per="person"), "$.rates.base.per"),
        (policy(STAY, per="slot"), "$.rates.base.per"),
        (policy(STAY, per="hour"), "$.rates.base.per"),
        (policy(STAY, rates=rates(PARTY, YEAR)), "$.rates.seasons[0]"),
        (policy(STAY, rates=rates(YEAR | {"percent": 10000}) | DEAR_FRIDAYS), "$.rates.base.amount"),
        (
            policy(STAY, {"rule": "length", "minimum": 1, "seasons": [A_NIGHT, A_YEAR]}),
            "$.rules[0].seasons[0]",
        ),
        ({"mode": {}}, "$.mode.mode"),
        ({}, "$.mode"),
    ],
)
def test_documents_that_contradict_themselves_are_not_published(
    tenant: Tenant, document: dict[str, Any], path: str
) -> None:
    answer = call(tenant, "POST", "/validate", {"document": document})
    assert path in paths(answer), answer.text
    refused = call(tenant, "POST", "", {"slug": "wrong", "name": "Wrong", "document": document})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_policy")
    assert call(tenant, "GET", "/wrong").status_code == 404


def test_of_many_findings_the_first_fifty_are_said(tenant: Tenant) -> None:
    answer = call(tenant, "POST", "/validate", {"document": {f"unknown{number}": 0 for number in range(1_000)}})
    assert answer.json()["valid"] is False
    assert 0 < len(answer.json()["findings"]) <= 50


def test_the_policies_that_are_published_are_valid(tenant: Tenant) -> None:
    for entry in call(tenant, "GET", "").json()["items"]:
        answer = call(tenant, "POST", "/validate", {"document": entry["document"]})
        assert answer.json() == {"valid": True, "findings": []}


def simulated(tenant: Tenant, resource: str, document: dict[str, Any], **period: object) -> dict[str, Any]:
    answer = call(tenant, "POST", f"/{slug_of(tenant, resource)}/simulate", {"document": document, **period})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_policy_itself_refuses_nothing_of_what_was_made_under_it(tenant: Tenant) -> None:
    per_guest = {"rule": "active_per_guest", "limit": 2}
    document = policy(STAY, HALF_YEAR, per_guest)
    slug = slug_of(tenant, "cabins")
    call(tenant, "POST", f"/{slug}/versions", {"document": document}, if_match="*")
    guest = {"name": "Ada", "email": f"{uuid4().hex}@example.org"}
    for day in (5, 8):
        tenant.reserved("cabins", check_in_on=in_days(day), check_out_on=in_days(day + 2), guest=guest)
    cancelled = tenant.reserved("cabins", check_in_on=in_days(9), check_out_on=in_days(10))
    tenant.cancelled(cancelled)
    found = simulated(tenant, "cabins", document)
    assert (found["considered"], found["accepted"], found["refused"], found["cut"]) == (3, 3, 0, False)
    assert found["difference"]["total"] == 0
    stricter = policy(STAY, HALF_YEAR, {**per_guest, "limit": 1})
    assert simulated(tenant, "cabins", stricter)["refused_by_rule"] == {"active_per_guest": 1}


def test_a_draft_says_whom_it_would_have_refused_and_what_that_costs(tenant: Tenant) -> None:
    near = tenant.reserved("cabins", check_in_on=in_days(3), check_out_on=in_days(4))
    tenant.reserved("cabins", check_in_on=in_days(30), check_out_on=in_days(32))
    draft = policy(STAY, {"rule": "lead_time", "minimum_minutes": 14 * 1440}, amount=15_000)
    found = simulated(tenant, "cabins", draft)
    assert found["refused_by_rule"] == {"lead_time": 1}
    (refused,) = found["refused_reservations"]
    assert (refused["id"], refused["rules"]) == (near["id"], ["lead_time"])
    assert (found["recorded"]["total"], found["drafted"]["total"], found["difference"]["total"]) == (30_000, 30_000, 0)
    assert simulated(tenant, "cabins", draft, **{"from": f"{in_days(1)}T00:00:00Z"})["considered"] == 0


def test_nights_are_not_judged_as_hours_nor_hours_as_nights(tenant: Tenant) -> None:
    tenant.reserved("cabins", check_in_on=in_days(3), check_out_on=in_days(4))
    times = {"starts_at": f"{in_days(3)}T10:00:00Z", "ends_at": f"{in_days(3)}T12:00:00Z"}
    tenant.reserved("desk", **times)
    assert simulated(tenant, "cabins", policy(INTERVAL, per="hour"))["refused_by_rule"] == {"mode": 1}
    assert simulated(tenant, "desk", policy(STAY))["refused_by_rule"] == {"mode": 1}


def test_trying_changes_nothing(tenant: Tenant) -> None:
    slug = slug_of(tenant, "cabins")
    before = call(tenant, "GET", f"/{slug}").json()
    simulated(tenant, "cabins", policy(STAY))
    assert call(tenant, "POST", f"/{slug}/simulate", {"document": {}}).status_code == 422
    assert call(tenant, "GET", f"/{slug}").json() == before


def test_policies_of_another_tenant_are_none(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    other = make_tenant(Offer(slug="cabins", document=policy(STAY)))
    foreign = call(other, "GET", "").json()["items"][0]["id"]
    assert call(tenant, "GET", f"/{foreign}").status_code == 404
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/versions", {"document": policy(STAY)}),
        ("POST", "/simulate", {"document": policy(STAY)}),
    ):
        assert call(tenant, method, f"/{foreign}{path}", body, if_match="*").status_code == 404


def test_a_season_inside_another_is_published_where_it_is_listed_after_it(tenant: Tenant) -> None:
    rule = {"rule": "length", "minimum": 1, "seasons": [A_YEAR, A_NIGHT]}
    document = policy(STAY, rule, rates=rates(YEAR, PARTY))
    assert call(tenant, "POST", "", {"slug": "nested", "name": "Nested", "document": document}).status_code == 201


def test_what_was_published_with_rates_that_do_not_fit_stays_readable_and_bookable(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(Offer(slug="hostel", document=policy(STAY, per="person", amount=2000)))
    [listed] = call(tenant, "GET", "").json()["items"]
    document = call(tenant, "GET", f"/{listed['slug']}").json()["document"]
    assert document["rates"]["base"] == {"per": "person", "amount": 2000}
    made = tenant.reserved("hostel", check_in_on=in_days(3), check_out_on=in_days(5), party_size=2)
    assert made["price"]["total"] == 4000
    assert "$.rates.base.per" in paths(call(tenant, "POST", "/validate", {"document": document}))
