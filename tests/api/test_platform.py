"""Operators create tenants and suspend them; owners describe theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from chalicelib.access.model.people import Role
from chalicelib.adapters.tokens import Tokens
from tests.api.tenant import SIGNING_KEY, in_days
from tests.offers import INTERVAL, STAY, Offer, policy
from tools.people import operator_token

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.inbox import Inbox
    from tests.api.tenant import Tenant
    from tests.databases import Database

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def operator(api_database: Database) -> dict[str, str]:
    """The header of somebody who runs the platform."""
    token = operator_token(api_database.owner, Tokens([SIGNING_KEY]), timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabin", document=policy(STAY)), Offer(slug="desk", document=policy(INTERVAL)))


def wanted(**changes: object) -> dict[str, Any]:
    body = {"name": "Lake Huts", "timezone": "Europe/Zurich", "currency": "CHF", "owner_email": "grace@example.org"}
    return {"slug": f"lake-{uuid4().hex[:8]}", **body, **changes}


def test_a_new_tenant_has_an_owner_as_soon_as_the_email_is_answered(
    client: httpx.Client, operator: dict[str, str], inbox: Inbox
) -> None:
    email = f"{uuid4().hex}@example.org"
    body = wanted(owner_email=email)
    assert client.post("/tenants", json=body, headers=operator).status_code == 201
    assert client.get(f"/tenants/{body['slug']}").json()["currency"] == "CHF"
    accepted = {"token": inbox.token_to(email), "name": "Grace", "password": PASSWORD}
    assert client.post("/invitations/accept", json=accepted).json() == {"tenant": body["slug"], "role": "owner"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "Lake"}, "slug"),
        ({"slug": "lake--huts"}, "slug"),
        ({"slug": "x" * 64}, "slug"),
        ({"timezone": "Europe"}, "timezone"),
        ({"currency": "chf"}, "currency"),
        ({"owner_email": "grace"}, "owner_email"),
        ({"plan": "gold"}, "plan"),
    ],
)
def test_tenants_that_make_no_sense_are_refused(
    client: httpx.Client, operator: dict[str, str], changes: dict[str, Any], field: str
) -> None:
    answer = client.post("/tenants", json=wanted(**changes), headers=operator)
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, field)


def test_a_slug_is_taken_once(client: httpx.Client, operator: dict[str, str], tenant: Tenant) -> None:
    answer = client.post("/tenants", json=wanted(slug=tenant.slug), headers=operator)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("currency", ["ABC", "XXX", "XAU", "DEM", "eur"])
def test_a_tenant_has_a_currency_of_iso_4217(tenant: Tenant, operator: dict[str, str], currency: str) -> None:
    answer = tenant.client.post("/tenants", json=wanted(currency=currency), headers=operator)
    assert (answer.status_code, [one["field"] for one in answer.json()["violations"]]) == (422, ["currency"])


def test_a_tenant_is_created_once_under_a_key_and_its_owner_written_to_once(
    client: httpx.Client, operator: dict[str, str], inbox: Inbox
) -> None:
    email = f"{uuid4().hex}@example.org"
    body, headers = wanted(owner_email=email), {**operator, "Idempotency-Key": uuid4().hex}
    first, second = (client.post("/tenants", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code, first.text) == (201, 201, second.text)
    assert second.headers["idempotent-replayed"] == "true"
    assert len(inbox.to(email)) == 1
    other = client.post("/tenants", json={**body, "name": "Other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert client.post("/tenants", json=body, headers=operator).status_code == 409


def test_the_owner_of_a_tenant_without_one_is_invited_again(
    client: httpx.Client, operator: dict[str, str], inbox: Inbox
) -> None:
    body = wanted(owner_email=f"{uuid4().hex}@example.org")
    client.post("/tenants", json=body, headers=operator)
    email = f"{uuid4().hex}@example.org"
    path, headers = f"/tenants/{body['slug']}/invite-owner", {**operator, "Idempotency-Key": "again"}
    answers = [client.post(path, json={"owner_email": email}, headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(204, "")] * 2
    assert "content-type" not in answers[0].headers
    assert len(inbox.to(email)) == 1
    accepted = {"token": inbox.token_to(email), "name": "Grace", "password": PASSWORD}
    assert client.post("/invitations/accept", json=accepted).json()["role"] == "owner"
    refused = client.post(path, json={"owner_email": email}, headers=operator)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert client.post("/tenants/nobody/invite-owner", json={"owner_email": email}, headers=operator).status_code == 404


def test_suspending_and_resuming_are_repeated_under_their_keys(
    client: httpx.Client, operator: dict[str, str], tenant: Tenant
) -> None:
    path = f"/tenants/{tenant.slug}"
    for step, body in (("suspend", {"reason": "Unpaid"}), ("resume", {})):
        headers = {**operator, "Idempotency-Key": step}
        answers = [client.post(f"{path}/{step}", json=body, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 204]
        assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true"]
    late = client.post(f"{path}/suspend", json={"reason": "Unpaid"}, headers={**operator, "Idempotency-Key": "suspend"})
    assert (late.status_code, late.headers["idempotent-replayed"]) == (204, "true")
    assert client.get(path).status_code == 200


def test_operators_list_tenants_and_see_nothing_inside(
    client: httpx.Client, operator: dict[str, str], tenant: Tenant
) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 50}
    while True:
        page = client.get("/tenants", params=query, headers=operator).json()
        seen += [one["slug"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert tenant.slug in seen
    assert seen == sorted(set(seen))
    assert client.get(f"/tenants/{tenant.slug}/closures", headers=operator).status_code == 404
    assert client.get("/tenants", headers=tenant.as_role()).status_code == 403


def test_a_suspended_tenant_says_why_to_everybody_until_it_is_resumed(
    client: httpx.Client, operator: dict[str, str], tenant: Tenant
) -> None:
    path = f"/tenants/{tenant.slug}"
    reservation = tenant.reserved("cabin", check_in_on=in_days(5), check_out_on=in_days(6))
    assert client.post(f"{path}/suspend", json={"reason": "Unpaid"}, headers=operator).status_code == 204
    assert client.post(f"{path}/suspend", json={"reason": "Unpaid"}, headers=operator).status_code == 409
    manage = {"Authorization": f"Bearer {reservation['manage_token']}"}
    for answer in (
        client.get(path),
        client.get(f"{path}/resources"),
        client.get(f"{path}/members", headers=tenant.as_role()),
        client.get(f"{path}/reservations/{reservation['id']}", headers=manage),
        tenant.reserve("cabin", check_in_on=in_days(7), check_out_on=in_days(8)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")
        assert "Unpaid" in answer.json()["detail"]
    (mine,) = client.get("/auth/me", headers=tenant.as_role()).json()["memberships"]
    assert mine["suspended_reason"] == "Unpaid"
    assert [client.post(f"{path}/resume", headers=operator).status_code for _ in range(2)] == [204, 409]
    assert client.get(path).status_code == 200
    assert client.post("/tenants/nobody/resume", headers=operator).status_code == 404


def test_a_tenant_describes_itself(tenant: Tenant) -> None:
    path = f"/tenants/{tenant.slug}"
    before = tenant.client.get(path)
    headers = {**tenant.as_role(), "If-Match": before.headers["ETag"]}
    changes = {
        "name": "New name",
        "tagline": "Huts by the lake",
        "contact": {"email": "Desk@lake.example", "phones": [{"label": "Desk", "number": "+41 44 000 00 00"}]},
        "position": {"latitude": 46.5, "longitude": 8.25},
        "theme": {"accent": "#2f6b4f"},
    }
    answer = tenant.client.patch(path, json=changes, headers=headers)
    assert answer.status_code == 200, answer.text
    after = tenant.client.get(path).json()
    assert after == answer.json()
    assert (after["name"], after["tagline"], after["version"]) == ("New name", "Huts by the lake", 2)
    assert after["contact"]["email"] == "desk@lake.example"
    assert tenant.client.patch(path, json=changes, headers=headers).status_code == 412
    headers["If-Match"] = answer.headers["ETag"]
    assert tenant.client.patch(path, json={"tagline": None}, headers=headers).json()["tagline"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": ""},
        {"timezone": "America"},
        {"currency": "Euro"},
        {"theme": {"accent": "red"}},
        {"theme": {"accent": "#fff; background: url(x)"}},
        {"position": {"latitude": 91, "longitude": 0}},
        {"contact": {"email": "desk", "phones": []}},
        {"contact": {"fax": "1"}},
        {"about": ["x" * 4001]},
        {"slug": "another"},
        {"suspended_reason": None},
    ],
    ids=str,
)
def test_descriptions_that_make_no_sense_are_refused(tenant: Tenant, changes: dict[str, Any]) -> None:
    headers = {**tenant.as_role(), "If-Match": "*"}
    assert tenant.client.patch(f"/tenants/{tenant.slug}", json=changes, headers=headers).status_code == 422


def test_time_zone_and_currency_are_fixed_once_anything_was_reserved(tenant: Tenant) -> None:
    path, headers = f"/tenants/{tenant.slug}", {**tenant.as_role(Role.MANAGER), "If-Match": "*"}
    assert tenant.client.patch(path, json={"timezone": "Europe/Paris"}, headers=headers).status_code == 200
    tenant.reserved("cabin", check_in_on=in_days(5), check_out_on=in_days(6))
    for change in ({"timezone": "UTC"}, {"currency": "USD"}):
        assert tenant.client.patch(path, json=change, headers=headers).status_code == 409
    assert tenant.client.patch(path, json={"timezone": "Europe/Paris", "name": "A"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "slug", ["api", "v1", "admin", "www", "docs", "auth", "health", "static", "assets", "ws", "login"]
)
def test_names_of_the_platforms_own_addresses_are_no_slugs(client: httpx.Client, tenant: Tenant, slug: str) -> None:
    body = {
        "slug": slug,
        "name": "Sneaky",
        "timezone": "UTC",
        "currency": "EUR",
        "owner_email": "grace@example.org",
    }
    answer = client.post("/tenants", json=body, headers=tenant.as_role(Role.OPERATOR))
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, "slug")
