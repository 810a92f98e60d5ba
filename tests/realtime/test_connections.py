"""Connections: who may open one, what ends it, and what it is answered."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chalicelib.access.model.people import Role
from local.gateway.serve import ROOT
from tests.eventually import eventually
from tests.realtime.client import Client
from tests.realtime.conftest import ORIGIN, Live

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.realtime.client import LiveTenant

SPRING = ("2031-04-01T10:00:00Z", "2031-04-01T12:00:00Z")


def refused(url: str, **options: Any) -> int:  # noqa: ANN401 - of websockets' connect
    with pytest.raises(InvalidStatus) as caught:
        Client(url, **options)
    return caught.value.response.status_code


def test_a_ticket_opens_one_connection_and_no_second_one(tenant: LiveTenant) -> None:
    url = tenant.user().ticket()
    with Client(url) as client:
        assert client.ask("ping")["type"] == "pong"
        assert refused(url) == 401
        assert client.ask("ping")["type"] == "pong"


def test_without_a_ticket_of_ours_nothing_opens(live: Live, tenant: LiveTenant) -> None:
    address = f"{live.variables['BERTH_WEBSOCKET_URL']}"
    made_up = ("", "?ticket=", "?ticket=x", f"?ticket={tenant.slug}.x", "?ticket=nobody.x", "?ticket=%00.%00")
    assert {refused(address + query) for query in made_up} == {401}


def test_a_ticket_expires(tenant: LiveTenant) -> None:
    url = tenant.user().ticket()
    with psycopg.connect(tenant.database.owner, autocommit=True) as owner:
        owner.execute("UPDATE connection_tickets SET expires_at = clock_now()")
    assert refused(url) == 401


def test_pages_of_other_origins_are_refused_exactly(tenant: LiveTenant) -> None:
    user = tenant.user()
    foreign = (
        "https://evil.example",
        ORIGIN + ".evil.example",
        ORIGIN.replace("https", "http"),
        ORIGIN + ":8443",
        "null",
    )
    assert {refused(user.ticket(), origin=origin) for origin in foreign} == {403}
    with Client(user.ticket(), origin=ORIGIN) as client:
        assert client.ask("ping")["type"] == "pong"


def test_tickets_are_for_those_who_work_there_and_for_guests(tenants: Callable[[], LiveTenant]) -> None:
    own, other = tenants(), tenants()
    user = own.user(Role.VIEWER)
    for slug in (other.slug, "no-such-tenant"):
        answer = own.http.post("/auth/ws-tickets", json={"tenant": slug}, headers=user.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    reservation = user.tenant.user().reserve("room", *SPRING).json()
    guest = {"Authorization": f"Bearer {reservation['manage_token']}"}
    assert own.http.post("/auth/ws-tickets", json={"tenant": other.slug}, headers=guest).status_code == 404
    assert own.http.post("/auth/ws-tickets", json={"tenant": "no-such-tenant"}).status_code == 404


RANGE = (
    '"resource_id": "00000000-0000-0000-0000-000000000000",'
    ' "starts_at": "2031-04-01T00:00:00Z", "ends_at": "2031-04-02T00:00:00Z"'
)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", "malformed"),
        ("[]", "invalid_input"),
        ('"ping"', "invalid_input"),
        ("{}", "invalid_input"),
        ('{"action": "fly"}', "invalid_input"),
        ('{"action": "ping", "and": "more"}', "invalid_input"),
        ('{"action": "ping", "ref": 7}', "invalid_input"),
        (f'{{"action": "edit_lock.acquire", "take_over": "yes", {RANGE}}}', "invalid_input"),
        ('{"action": "ping", "action": "ping"}', "malformed"),
        ('{"action": "subscribe", "topics": []}', "invalid_input"),
        ('{"action": "subscribe", "topics": ["everything"]}', "invalid_input"),
        ('{"action": "subscribe", "topics": ["calendar:2031-02-30/2031-03-01"]}', "invalid_input"),
        ('{"action": "subscribe", "topics": ["calendar:2031-04-01/2031-04-01"]}', "invalid_input"),
        ('{"action": "subscribe", "topics": ["calendar:2031-04-01/2099-04-01"]}', "invalid_input"),
        ('{"action": "subscribe", "topics": ["resource:00000000-0000-0000-0000-000000000000"]}', "not_found"),
        ('{"action": "subscribe", "topics": ["reservation:00000000-0000-0000-0000-000000000000"]}', "not_found"),
        ('{"action": "edit_lock.renew", "lock_id": "00000000-0000-0000-0000-000000000000"}', "not_found"),
        (b"\x00\xff\xfe", "malformed"),
    ],
)
def test_what_means_nothing_is_refused_with_a_reason_and_the_connection_goes_on(
    tenant: LiveTenant, said: str | bytes, code: str
) -> None:
    client = tenant.user().connect()
    client.socket.send(said)
    refusal = client.told("error")
    assert (refusal["data"]["code"], refusal["closes"]) == (code, False)
    assert refusal["data"]["detail"]
    assert client.ask("ping")["type"] == "pong"


def test_what_has_the_wrong_type_is_refused_by_its_name_in_the_words_of_http(tenant: LiveTenant) -> None:
    user = tenant.user()
    client = user.connect()
    lock = {"resource_id": str(tenant.ids["room"]), "starts_at": SPRING[0], "ends_at": SPRING[1]}
    refused = client.ask("edit_lock.acquire", **lock, take_over="yes", colour="red")
    found = {one["field"]: one["message"] for one in refused["data"]["violations"]}
    answer = user.post("/reservations", {"resource_id": str(tenant.ids["room"]), "quantity": "1", "colour": "red"})
    http = {one["field"]: one["message"] for one in answer.json()["violations"]}
    assert set(found) == {"take_over", "colour"}
    beginnings = {text["colour"].partition(";")[0] for text in (found, http)}  # then come the names that are known
    assert beginnings == {"Is not known here"}
    assert "take_over" in refused["data"]["detail"]
    assert client.ask("edit_lock.acquire", **lock, take_over=False)["type"] == "edit_lock.acquired"


def test_a_refusal_has_the_ref_of_what_it_refuses(tenant: LiveTenant) -> None:
    client = tenant.user().connect()
    assert client.ask("fly")["type"] == "error"
    assert client.ask("subscribe", topics=["everything"])["data"]["violations"][0]["field"] == "topics"


def test_topics_of_another_tenant_are_unknown(tenants: Callable[[], LiveTenant]) -> None:
    own, other = tenants(), tenants()
    client = own.user(Role.OWNER).connect()
    theirs = other.user().reserve("room", *SPRING).json()["id"]
    for topic in (f"resource:{other.ids['room']}", f"reservation:{theirs}"):
        unknown = topic[: topic.index(":") + 1] + "00000000-0000-0000-0000-000000000000"
        answers = [client.ask("subscribe", topics=[one])["data"] for one in (topic, unknown)]
        assert answers[0] == answers[1]
        assert answers[0]["code"] == "not_found"


def test_a_connection_has_so_many_topics_and_no_more(tenant: LiveTenant) -> None:
    client = tenant.user().connect()
    days = [
        f"calendar:2031-{month:02}-{day:02}/2031-{month:02}-{day + 1:02}" for month in (1, 2) for day in range(1, 26)
    ]
    assert len(client.subscribe(*days)["data"]["topics"]) == 50
    assert client.ask("subscribe", topics=["tenant"])["data"]["code"] == "invalid_input"
    assert client.ask("unsubscribe", topics=days[:2])["data"]["topics"] == sorted(days[2:])
    assert "tenant" in client.subscribe("tenant")["data"]["topics"]


def test_who_sends_too_much_is_told_and_then_closed_and_others_are_not_slowed(tenant: LiveTenant) -> None:
    calm, flooding = tenant.user().connect(), tenant.user().connect()
    with suppress(ConnectionClosed):
        for _ in range(1000):
            flooding.socket.send('{"action": "ping"}')
    flooding.ended()
    errors = [message for message in flooding.inbox if message["type"] == "error"]
    assert [(one["data"]["code"], one["closes"]) for one in errors] == [("too_many_attempts", True)]
    assert len(flooding.inbox) <= 101
    assert calm.ask("ping")["type"] == "pong"


def test_signing_out_ends_the_connections_of_that_session_alone(tenant: LiveTenant) -> None:
    leaving, staying = tenant.user(), tenant.user()
    gone, there = leaving.connect("tenant"), staying.connect("tenant")
    assert tenant.http.post("/auth/logout", json={}, headers=leaving.headers).status_code == 204
    gone.ended()
    assert there.ask("ping")["type"] == "pong"


@pytest.mark.parametrize("how", ["change", "remove"])
def test_another_role_or_none_ends_the_connections(tenant: LiveTenant, how: str) -> None:
    owner, agent = tenant.user(Role.OWNER), tenant.user()
    client = agent.connect("tenant")
    path = f"/tenants/{tenant.slug}/members/{agent.id}"
    if how == "remove":
        assert tenant.http.delete(path, headers={**owner.headers, "If-Match": "*"}).status_code == 200
    else:
        answer = tenant.http.patch(path, json={"role": "viewer"}, headers={**owner.headers, "If-Match": "*"})
        assert answer.status_code == 200, answer.text
    client.ended()
    mine = "SELECT count(*) FROM connections WHERE user_id = %s"  # a row goes once its connection is closed
    eventually(lambda: tenant.rows(mine, agent.id) == [(0,)], "the row to go")


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE sessions SET revoked_at = clock_now(), revoked_because = 'reuse' WHERE user_id = %(user)s",
        "DELETE FROM memberships WHERE user_id = %(user)s",
        "UPDATE tenants SET suspended_at = clock_now(), suspended_reason = 'unpaid' WHERE slug = %(tenant)s",
    ],
)
def test_whose_right_has_ended_is_told_nothing_more_and_closed_with_the_next_message(
    tenant: LiveTenant, end: str
) -> None:
    leaving, staying = tenant.user(), tenant.user()
    client = leaving.connect("tenant")
    with psycopg.connect(tenant.database.owner, autocommit=True) as owner:
        owner.execute(end.encode(), {"user": leaving.id, "tenant": tenant.slug})
    staying.reserve("room", *SPRING)
    tenant.settle()  # whatever was sent to it would be in its inbox in the end
    try:
        client.say({"action": "ping"})
    except ConnectionClosed:  # once a minute the scheduled function is faster
        return
    client.ended()
    assert [(message["type"], message["closes"]) for message in client.inbox] == [("error", True)]


def test_a_connection_that_is_gone_leaves_nothing_behind(tenant: LiveTenant) -> None:
    client = tenant.user().connect("tenant")
    client.socket.close()
    count = "SELECT count(*) FROM connections JOIN tenants ON tenants.id = tenant_id WHERE slug = %s"
    eventually(lambda: tenant.rows(count, tenant.slug) == [(0,)], "the row to go")


def test_the_reaper_closes_what_is_dead_or_not_allowed_and_forgets_it(live: Live, tenant: LiveTenant) -> None:
    living, silent, revoked = (tenant.user() for _ in range(3))
    clients = [user.connect("tenant") for user in (living, silent, revoked)]
    with psycopg.connect(tenant.database.owner, autocommit=True) as owner:
        owner.execute(
            "UPDATE connections SET last_seen_at = last_seen_at - interval '16 minutes' WHERE user_id = %s", [silent.id]
        )
        owner.execute(
            "UPDATE sessions SET revoked_at = clock_now(), revoked_because = 'reuse' WHERE id = %s",
            [revoked.session_id],
        )
    run_reaper(live)
    for client in clients[1:]:
        client.ended()
    assert clients[0].ask("ping")["type"] == "pong"
    left = "SELECT user_id FROM connections JOIN tenants ON tenants.id = tenant_id WHERE slug = %s"
    assert tenant.rows(left, tenant.slug) == [(living.id,)]


def run_reaper(live: Live) -> None:
    """As its schedule would."""
    program = "from chalicelib.run_jobs import run_job; run_job('reap_connections')"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={"TZ": "UTC", **live.variables}, check=True)


def test_rows_of_a_gateway_that_is_gone_are_found_out_by_the_next_message(tenant: LiveTenant) -> None:
    user = tenant.user()
    client = user.connect("tenant")
    insert = (
        "INSERT INTO connections SELECT 'bm8gc3VjaCBvbmU=', tenant_id, role, user_id, session_id, name, resource_ids,"
        " reservation_id, topics, connected_at, last_seen_at, counted_from, messages"
        " FROM connections WHERE user_id = %s"
    )
    with psycopg.connect(tenant.database.owner, autocommit=True) as owner:
        owner.execute(insert.encode(), [user.id])
    tenant.user().reserve("room", *SPRING)
    assert client.told("reservation.created")
    mine = "SELECT count(*) FROM connections WHERE user_id = %s"
    eventually(lambda: tenant.rows(mine, user.id) == [(1,)], "the dead row to go")
    assert tenant.rows(
        "SELECT outcome FROM deliveries WHERE channel = 'live_messages' ORDER BY created_at DESC LIMIT 1"
    )


def test_presence_tells_who_looks_at_the_same_reservation(tenant: LiveTenant) -> None:
    ada, grace = tenant.user(name="Ada"), tenant.user(name="Grace")
    topic = f"reservation:{ada.reserve('room', *SPRING).json()['id']}"
    first = ada.connect(topic)
    assert [one["name"] for one in first.told("presence")["data"]["viewers"]] == ["Ada"]
    second = grace.connect(topic)
    for client in (first, second):
        assert [one["name"] for one in client.told("presence")["data"]["viewers"]] == ["Ada", "Grace"]
    third = grace.connect(topic)
    assert first.told("presence")["data"]["viewers"][1]["connections"] == 2
    third.socket.close()
    assert first.told("presence")["data"]["viewers"][1]["connections"] == 1
    assert second.ask("unsubscribe", topics=[topic])["data"]["topics"] == []
    assert [one["name"] for one in first.told("presence")["data"]["viewers"]] == ["Ada"]
    assert first.ask("presence", topic=topic)["data"]["topic"] == topic
