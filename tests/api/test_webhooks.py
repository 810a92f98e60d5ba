"""Webhooks over HTTP: made, changed, given another secret, tested, deleted; who may, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from jsonschema import Draft202012Validator, ValidationError

from chalicelib.access.model.people import Role
from chalicelib.database.transaction import Database
from chalicelib.delivery.model.webhooks import EVENT_TYPES, MOST_WEBHOOKS
from chalicelib.http.openapi import document
from chalicelib.jobs.storage import jobs
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

URL = "https://hooks.example.com/berth"


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="hut", document=policy(STAY)))


def call(
    tenant: Tenant, method: str, path: str = "", body: Json | None = None, role: Role = Role.OWNER, **headers: str
) -> httpx.Response:
    sent = tenant.as_role(role) | {name.replace("_", "-"): value for name, value in headers.items()}
    return tenant.client.request(method, f"/tenants/{tenant.slug}/webhooks{path}", json=body, headers=sent)


def create(tenant: Tenant, **members: Any) -> Json:  # noqa: ANN401 - JSON
    answer = call(tenant, "POST", body={"url": URL, **members})
    assert answer.status_code == 201, answer.text
    return answer.json()


def refusal(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [one["field"] for one in body.get("violations", [])]


def delivered(tenant: Tenant, webhook: Json, outcome: str | None = "delivered") -> str:
    """A delivery as the outbox makes it, of an event of the tenant."""
    delivery_id = str(uuid4())
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "INSERT INTO deliveries (tenant_id, id, event_id, entity_id, channel, target_id, attempts, next_attempt_at,"
            " outcome, created_at, settled_at)"
            " SELECT tenant_id, %(id)s, event.id, entity_id, 'webhooks', %(webhook)s, 1, clock_now(), %(outcome)s,"
            " clock_now(), CASE WHEN %(outcome)s::text IS NOT NULL THEN clock_now() END"
            " FROM events AS event WHERE entity_id = %(webhook)s AND type = 'webhook.tested' ORDER BY event.id LIMIT 1",
            {"id": delivery_id, "webhook": webhook["id"], "outcome": outcome},
        )
        owner.execute(
            "INSERT INTO webhook_attempts (tenant_id, id, delivery_id, number, status, duration_ms, attempted_at)"
            " SELECT tenant_id, gen_random_uuid(), id, 1, 204, 12, clock_now() FROM deliveries WHERE id = %s",
            [delivery_id],
        )
    return delivery_id


def test_a_webhook_is_made_and_its_secret_shown_once(tenant: Tenant) -> None:
    answer = call(
        tenant, "POST", body={"url": "https://HOOKS.example.com:443/a?b=c", "events": ["reservation.created"]}
    )
    made = answer.json()
    assert (made["url"], made["events"]) == ("https://hooks.example.com/a?b=c", ["reservation.created"])
    assert made["secret"].startswith("whsec_")
    assert answer.headers["location"].endswith(f"/webhooks/{made['id']}")
    read = call(tenant, "GET", f"/{made['id']}")
    assert "secret" not in read.json()
    assert read.headers["etag"].startswith('"1')
    assert made["secret"] not in call(tenant, "GET").text
    assert [one["id"] for one in call(tenant, "GET").json()["items"]] == [made["id"]]


def test_what_is_repeated_under_its_key_tells_no_secret(tenant: Tenant) -> None:
    first, again = (call(tenant, "POST", body={"url": URL}, Idempotency_Key="one") for _ in range(2))
    assert (first.json()["id"], again.json()["secret"]) == (again.json()["id"], None)
    with psycopg.connect(tenant.database.owner) as owner:
        kept = owner.execute("SELECT body FROM idempotency_keys WHERE key = 'one'").fetchall()
    assert first.json()["secret"] not in str(kept)
    path = f"/{first.json()['id']}/rotate-secret"
    first, again = (call(tenant, "POST", path, {}, Idempotency_Key="two") for _ in range(2))
    assert (first.json()["secret"] is None, again.json()["secret"]) == (False, None)
    assert datetime.fromisoformat(first.json()["previous_secret_until"])


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://2130706433/",
        "https://hooks.example.com:8443/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#a",
        "https://berth.internal/",
        "https://hooks.example.com/\r\nX-One: 1",
        "https://hooks.example.com/" + "a" * 2000,
    ],
)
def test_what_is_no_public_address_is_refused_when_it_is_given(url: str, tenant: Tenant) -> None:
    assert refusal(call(tenant, "POST", body={"url": url})) == (422, "invalid_input", ["url"])
    made = create(tenant)
    assert refusal(call(tenant, "PATCH", f"/{made['id']}", {"url": url}, If_Match="*"))[:2] == (422, "invalid_input")


def test_events_that_there_are_not_are_refused(tenant: Tenant) -> None:
    for events in (["reservation.exploded"], ["member.added"], ["webhook.tested"], ["reservation.*"]):
        assert refusal(call(tenant, "POST", body={"url": URL, "events": events})) == (422, "invalid_input", ["events"])
    assert create(tenant, events=[*EVENT_TYPES, EVENT_TYPES[0]][1:])["events"] == sorted(EVENT_TYPES)


def test_a_webhook_is_changed_by_who_has_seen_it(tenant: Tenant) -> None:
    made = create(tenant)
    path = f"/{made['id']}"
    assert refusal(call(tenant, "PATCH", path, {"description": "x"}))[:2] == (428, "version_required")
    changed = call(tenant, "PATCH", path, {"description": "Accounting", "disabled": True}, If_Match='"1"').json()
    assert (changed["version"], changed["description"], changed["disabled_because"]) == (2, "Accounting", "staff")
    assert refusal(call(tenant, "PATCH", path, {"description": "x"}, If_Match='"1"'))[:2] == (412, "version_mismatch")
    assert call(tenant, "PATCH", path, {"disabled": True}, If_Match='"2"').json()["version"] == 2
    enabled = call(tenant, "PATCH", path, {"disabled": False, "events": []}, If_Match='"2"').json()
    assert (enabled["disabled_because"], enabled["disabled_at"], enabled["events"]) == (None, None, [])
    assert refusal(call(tenant, "PATCH", path, {"url": None}, If_Match="*"))[:2] == (422, "invalid_input")
    assert call(tenant, "DELETE", path, If_Match="*").status_code == 204
    assert call(tenant, "GET", path).status_code == 404


def test_a_tenant_has_so_many_webhooks(tenant: Tenant) -> None:
    made = [create(tenant) for _ in range(MOST_WEBHOOKS)]
    assert refusal(call(tenant, "POST", body={"url": URL}))[:2] == (409, "conflict")
    call(tenant, "DELETE", f"/{made[0]['id']}", If_Match="*")
    create(tenant)


def test_the_audit_log_names_the_host_and_no_more_of_an_address(tenant: Tenant) -> None:
    made = create(tenant, url="https://hooks.example.com/token-of-theirs")
    call(tenant, "POST", f"/{made['id']}/rotate-secret", {"overlap_hours": 1})
    call(tenant, "DELETE", f"/{made['id']}", If_Match="*")
    log = tenant.client.get(f"/tenants/{tenant.slug}/audit?entity_id={made['id']}", headers=tenant.as_role())
    assert [one["type"] for one in log.json()["items"]] == [
        "webhook.deleted",
        "webhook.secret_rotated",
        "webhook.created",
    ]
    assert log.json()["items"][2]["after"]["host"] == "hooks.example.com"
    assert "token-of-theirs" not in log.text
    assert made["secret"] not in log.text


def test_tests_and_replays_are_counted(tenant: Tenant) -> None:
    made = create(tenant)
    test = call(tenant, "POST", f"/{made['id']}/test")
    assert test.status_code == 201
    delivery = delivered(tenant, made)
    replayed = call(tenant, "POST", f"/{made['id']}/deliveries/{delivery}/replay", role=Role.MANAGER)
    assert (replayed.status_code, replayed.json()["state"], replayed.json()["attempts"]) == (200, "pending", 0)
    for _ in range(58):
        assert call(tenant, "POST", f"/{made['id']}/test").status_code == 201
    assert refusal(call(tenant, "POST", f"/{made['id']}/test"))[:2] == (429, "too_many_attempts")
    path = f"/{made['id']}/deliveries/{delivery}/replay"
    assert refusal(call(tenant, "POST", path))[:2] == (429, "too_many_attempts")


def test_the_log_says_what_was_sent_and_what_became_of_it(tenant: Tenant) -> None:
    made = create(tenant)
    event_id = call(tenant, "POST", f"/{made['id']}/test").json()["event_id"]
    first = delivered(tenant, made)
    listed = call(tenant, "GET", f"/{made['id']}/deliveries", role=Role.MANAGER).json()["items"]
    assert [(one["id"], one["state"], one["type"]) for one in listed] == [(first, "delivered", "webhook.tested")]
    assert listed[0]["last_attempt"]["status"] == 204
    assert call(tenant, "GET", f"/{made['id']}/deliveries?state=pending").json()["items"] == []
    details = call(tenant, "GET", f"/{made['id']}/deliveries/{first}").json()
    assert (details["request"]["url"], details["request"]["headers"]["webhook-id"]) == (URL, event_id)
    assert [one["duration_ms"] for one in details["log"]] == [12]
    described = document("")
    schema = described["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema | {"components": described["components"]})
    sent = json.loads(details["request"]["body"])
    validator.validate(sent)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types
    with pytest.raises(ValidationError):
        validator.validate({**sent, "data": {}})  # pyright: ignore[reportUnknownMemberType] - the same
    assert call(tenant, "GET", f"/{made['id']}/deliveries/{uuid4()}").status_code == 404
    assert call(tenant, "GET", f"/{uuid4()}/deliveries/{first}").status_code == 404


def test_another_tenant_s_webhooks_are_not_there(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    made = create(tenant)
    call(tenant, "POST", f"/{made['id']}/test")
    delivery = delivered(tenant, made)
    other = make_tenant(Offer(slug="hut", document=policy(STAY)))
    assert call(other, "GET").json()["items"] == []
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/rotate-secret"),
        ("GET", "/deliveries"),
        ("GET", f"/deliveries/{delivery}"),
        ("POST", f"/deliveries/{delivery}/replay"),
    ):
        body: Json | None = {} if method in {"PATCH", "POST"} else None
        assert call(other, method, f"/{made['id']}{path}", body, If_Match="*").status_code == 404, (method, path)


def test_the_log_of_a_webhook_is_bounded(tenant: Tenant) -> None:
    made = create(tenant)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "INSERT INTO deliveries (tenant_id, id, event_id, channel, target_id, next_attempt_at, outcome, created_at,"
            " settled_at) SELECT tenant_id, first_id_at(clock_now() - number * interval '1 second'), gen_random_uuid(),"
            " 'webhooks', %(id)s, clock_now(), 'delivered', clock_now(), clock_now()"
            " FROM webhooks, generate_series(1, 10004) AS number WHERE id = %(id)s",
            {"id": made["id"]},
        )
        count = "SELECT count(*), max(id::text) FROM deliveries WHERE target_id = %s"
        latest = owner.execute(count, [made["id"]]).fetchall()[0][1]
    way = Database(tenant.database.jobs, pool_size=1, request_seconds=30)
    try:
        remove = partial(jobs.remove, kind="remove_surplus_deliveries", limit=3, left_out=())
        removed = [way.run_without_tenant(remove) for _ in range(3)]
    finally:
        way.close()
    assert removed == [3, 1, 0]
    with psycopg.connect(tenant.database.owner) as owner:
        assert owner.execute(count, [made["id"]]).fetchall() == [(10_000, latest)]
