"""Devices and what they tell, over HTTP: everybody keeps their own, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.access.throttle import PUSH_TESTS
from chalicelib.adapters.web_push import VapidKey
from chalicelib.delivery.model.push import MOST_DEVICES, USUAL_EVENT_TYPES
from tests.api.tenant import VAPID_KEY, Tenant
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.offers import Json

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/"
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="hut", document=policy(STAY)))


def call(
    tenant: Tenant, method: str, path: str, body: Json | None = None, role: Role = Role.AGENT, **headers: str
) -> httpx.Response:
    sent = tenant.as_role(role) | {name.replace("_", "-"): value for name, value in headers.items()}
    return tenant.client.request(method, f"/tenants/{tenant.slug}{path}", json=body, headers=sent)


def add(tenant: Tenant, role: Role = Role.AGENT, **members: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    body = {"endpoint": ENDPOINT + "one", "keys": KEYS, "name": "Firefox", "language": "en", **members}
    return call(tenant, "POST", "/push-subscriptions", body, role)


def devices(tenant: Tenant, role: Role = Role.AGENT) -> list[Json]:
    return call(tenant, "GET", "/push-subscriptions", role=role).json()["items"]


def refusal(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [one["field"] for one in body.get("violations", [])]


def test_a_device_is_added_named_again_tested_and_removed(tenant: Tenant) -> None:
    made = add(tenant)
    assert made.status_code == 201, made.text
    assert KEYS["auth"] not in made.text
    assert ENDPOINT not in made.text
    again = add(tenant, name="Front desk", language="de")
    assert again.json()["id"] == made.json()["id"]
    assert [(one["name"], one["language"]) for one in devices(tenant)] == [("Front desk", "de")]
    path = f"/push-subscriptions/{made.json()['id']}"
    assert call(tenant, "POST", path + "/test").status_code == 201
    assert call(tenant, "DELETE", path).status_code == 204
    assert devices(tenant) == []
    assert refusal(call(tenant, "POST", path + "/test")) == (404, "not_found", [])


def test_the_key_to_subscribe_with_is_the_public_part(tenant: Tenant) -> None:
    found = call(tenant, "GET", "/push-subscriptions").json()
    assert found["application_server_key"] == VapidKey(VAPID_KEY).public


def test_nobody_sees_tests_or_removes_the_device_of_somebody_else(tenant: Tenant) -> None:
    device_id = add(tenant).json()["id"]
    for role in (Role.OWNER, Role.HOST):
        assert devices(tenant, role) == []
        assert call(tenant, "DELETE", f"/push-subscriptions/{device_id}", role=role).status_code == 404
        assert call(tenant, "POST", f"/push-subscriptions/{device_id}/test", role=role).status_code == 404
    assert len(devices(tenant)) == 1


def test_a_browser_is_a_device_at_two_tenants_apart(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    other = make_tenant(Offer(slug="hall", document=policy(STAY)))
    first, second = add(tenant).json(), add(other).json()
    assert first["fingerprint"] == second["fingerprint"]
    assert call(other, "DELETE", f"/push-subscriptions/{first['id']}").status_code == 404
    assert call(other, "DELETE", f"/push-subscriptions/{second['id']}").status_code == 204
    assert len(devices(tenant)) == 1


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"endpoint": "https://example.com/push"}, "endpoint"),
        ({"endpoint": "https://127.0.0.1/push"}, "endpoint"),
        ({"endpoint": "http://fcm.googleapis.com/fcm/send/a"}, "endpoint"),
        ({"keys": {**KEYS, "auth": "short"}}, "keys.auth"),
        ({"keys": {**KEYS, "p256dh": KEYS["auth"]}}, "keys.p256dh"),
        ({"name": "two\nlines"}, "name"),
        ({"language": "it"}, "language"),
    ],
)
def test_what_is_no_device_is_refused(tenant: Tenant, members: Json, field: str) -> None:
    assert refusal(add(tenant, **members)) == (422, "invalid_input", [field])


def test_a_member_has_so_many_devices(tenant: Tenant) -> None:
    for number in range(MOST_DEVICES):
        assert add(tenant, endpoint=f"{ENDPOINT}{number}").status_code == 201
    assert refusal(add(tenant, endpoint=f"{ENDPOINT}more")) == (409, "conflict", [])
    assert add(tenant, endpoint=f"{ENDPOINT}0", name="Renamed").status_code == 201
    assert add(tenant, Role.OWNER, endpoint=f"{ENDPOINT}owner").status_code == 201


def test_tests_of_devices_are_counted(tenant: Tenant) -> None:
    path = f"/push-subscriptions/{add(tenant).json()['id']}/test"
    for _ in range(PUSH_TESTS.attempts):
        assert call(tenant, "POST", path).status_code == 201
    assert refusal(call(tenant, "POST", path))[:2] == (429, "too_many_attempts")


def test_the_functions_of_the_api_cannot_read_the_keys(tenant: Tenant) -> None:
    add(tenant)
    with (
        psycopg.connect(tenant.database.app) as application,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        application.execute("SELECT auth FROM push_devices")


def test_everybody_chooses_what_they_are_told(tenant: Tenant) -> None:
    usual = call(tenant, "GET", "/push-preferences")
    assert usual.json() == {
        "events": sorted(USUAL_EVENT_TYPES),
        "resource_ids": [],
        "quiet_hours": None,
        "version": 1,
    }
    chosen = {
        "events": ["reservation.created"],
        "resource_ids": [str(tenant.ids["hut"])],
        "quiet_hours": {"starts_at": "22:00", "ends_at": "07:00", "timezone": "Europe/Berlin"},
    }
    answer = call(tenant, "PUT", "/push-preferences", chosen, If_Match=usual.headers["etag"])
    assert answer.json() == {**chosen, "version": 2}
    late = call(tenant, "PUT", "/push-preferences", {"events": []}, If_Match=usual.headers["etag"])
    assert refusal(late)[:2] == (412, "version_mismatch")
    assert call(tenant, "PUT", "/push-preferences", {"events": []}, If_Match="*").json()["quiet_hours"] is None
    assert call(tenant, "GET", "/push-preferences", role=Role.OWNER).json()["version"] == 1


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"events": ["webhook.created"]}, "events"),
        ({"resource_ids": ["0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"]}, "resource_ids"),
        ({"quiet_hours": {"starts_at": "22:00", "ends_at": "22:00", "timezone": "UTC"}}, "quiet_hours"),
        ({"quiet_hours": {"starts_at": "24:00", "ends_at": "07:00", "timezone": "UTC"}}, "quiet_hours.starts_at"),
        ({"quiet_hours": {"starts_at": "22:00", "ends_at": "07:00", "timezone": "Mars"}}, "quiet_hours.timezone"),
    ],
)
def test_what_cannot_be_chosen_is_refused(tenant: Tenant, members: Json, field: str) -> None:
    answer = call(tenant, "PUT", "/push-preferences", {"events": [], **members}, If_Match="*")
    assert refusal(answer) == (422, "invalid_input", [field])
