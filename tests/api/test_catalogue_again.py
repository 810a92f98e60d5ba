"""A catalogue that nothing has changed is answered by what is remembered, and whatever changes is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.offers import STAY, Offer, policy, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="huts", document=policy(STAY, amount=1000)), Offer(slug="cabins", document=policy(STAY))
    )


def listed(tenant: Tenant, **query: object) -> dict[str, dict[str, Any]]:
    answer = tenant.get("/resources", **query)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["cache-control"].removeprefix("public, max-age=")) <= 15
    return {item["slug"]: item for item in answer.json()["items"]}


def test_what_is_changed_is_read_again(tenant: Tenant) -> None:
    first = listed(tenant)
    assert listed(tenant) == first
    publish(tenant.database.owner, tenant.ids["huts"], policy(STAY, amount=2000))
    assert listed(tenant)["huts"]["from_price"]["total"] == 2000
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE resources SET name = 'Huts of stone', version = version + 1 WHERE id = %s", [tenant.ids["huts"]]
        )
    assert listed(tenant)["huts"]["name"] == "Huts of stone"
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("UPDATE tenants SET currency = 'CHF' WHERE slug = %s", [tenant.slug])
    assert listed(tenant)["huts"]["from_price"]["currency"] == "CHF"
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE resources SET archived_at = clock_now(), version = version + 1 WHERE id = %s", [tenant.ids["huts"]]
        )
    assert list(listed(tenant)) == ["cabins"]


def test_filters_and_tenants_have_pages_of_their_own(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    other = make_tenant(Offer(slug="huts", document=policy(STAY, amount=7000)))
    for _ in range(2):
        assert list(listed(tenant)) == ["huts", "cabins"]
        assert list(listed(tenant, limit=1)) == ["huts"]
        assert list(listed(tenant, kind="nothing")) == []
        assert listed(other)["huts"]["from_price"]["total"] == 7000
