"""The functions of the WebSocket API, called with events in this process; tests/realtime has them behind sockets."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import uuid4

import psycopg
import pytest

import app
from chalicelib.access.model.limits import AnonymousCaller
from chalicelib.access.model.people import Role, Scope
from chalicelib.database.transaction import Database as Functions
from chalicelib.http.container import container
from chalicelib.jobs.budget import Budget
from chalicelib.realtime.manage_connections import reap_connections
from chalicelib.realtime.model.connections import VISITOR
from chalicelib.realtime.model.topics import Subject
from chalicelib.realtime.storage import connections
from local.gateway.events import LambdaContext
from tests.api.management import Management
from tests.api.tenant import PUBLIC_URL
from tests.offers import INTERVAL, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from chalicelib.database.transaction import Transaction
    from tests.api.tenant import Tenant

DAY = {"starts_at": "2031-04-01T00:00:00Z", "ends_at": "2031-04-02T00:00:00Z"}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="room", document=policy(INTERVAL, per="hour"), capacity=2))


def context(connection: str) -> dict[str, Any]:
    return {"domainName": "live.example", "stage": "ws", "apiId": "live", "connectionId": connection, "requestId": "r"}


def lambda_context() -> LambdaContext:
    """As long as API Gateway waits."""
    return LambdaContext("r", time.monotonic() + 29)


def connect(ticket: str, connection: str, *, address: str = "127.0.0.1", **headers: str) -> int:
    """Call $connect."""
    from_there = {**context(connection), "identity": {"sourceIp": address}}
    event = {"requestContext": from_there, "headers": headers, "queryStringParameters": {"ticket": ticket}}
    return app.open_connection(event, lambda_context())["statusCode"]


@dataclass
class Socket:
    """A connection as the functions see it."""

    management: Management
    id: str

    def ask(self, action: str, **members: object) -> dict[str, Any]:
        """Call $default; return the answer."""
        return self.say(json.dumps({"action": action, "ref": "r", **members}, default=str))

    def say(self, body: str) -> dict[str, Any]:
        """Call $default with any text; return what came of it."""
        before = len(self.management.sent[self.id])
        app.answer_message({"requestContext": context(self.id), "body": body}, lambda_context())
        return self.management.sent[self.id][before]

    def leave(self) -> None:
        """Call $disconnect."""
        app.close_connection({"requestContext": context(self.id)}, lambda_context())


def ticket_of(tenant: Tenant, authorization: str | None) -> str:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = tenant.client.post("/auth/ws-tickets", json={"tenant": tenant.slug}, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].endswith(f"?ticket={answer.json()['ticket']}")
    return answer.json()["ticket"]


def open_socket(tenant: Tenant, management: Management, role: Role = Role.AGENT) -> Socket:
    connection = f"c-{uuid4().hex}"
    assert connect(ticket_of(tenant, f"Bearer {tenant.token(role)}"), connection, Origin=PUBLIC_URL) == 200
    return Socket(management, connection)


def test_what_does_not_open_a_connection(tenant: Tenant) -> None:
    ticket = ticket_of(tenant, f"Bearer {tenant.token()}")
    assert connect(ticket, "c-1", Origin="https://evil.example") == 403
    assert [connect(wrong, "c-1") for wrong in ("", "x", f"{tenant.slug}.x", "nobody.x", "a\0b")] == [401] * 5
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE tenants SET suspended_at = clock_now(), suspended_reason = 'unpaid' WHERE slug = %s", [tenant.slug]
        )
    assert connect(ticket, "c-1") == 403


def test_a_ticket_whose_person_may_not_any_more_opens_nothing(tenant: Tenant) -> None:
    ticket = ticket_of(tenant, f"Bearer {tenant.token(Role.VIEWER)}")
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "DELETE FROM memberships USING tenants WHERE tenants.id = tenant_id AND slug = %s AND role = 'viewer'",
            [tenant.slug],
        )
    assert connect(ticket, "c-2") == 401


def test_locks_go_from_hand_to_hand(tenant: Tenant, management: Management) -> None:
    agent, owner = open_socket(tenant, management), open_socket(tenant, management, Role.OWNER)
    wanted = {"resource_id": tenant.ids["room"], **DAY}
    lock = agent.ask("edit_lock.acquire", **wanted)["data"]
    assert agent.ask("edit_lock.acquire", **wanted)["data"]["lock_id"] == lock["lock_id"]
    assert owner.ask("edit_lock.acquire", **wanted)["data"]["code"] == "edit_locked"
    assert agent.ask("edit_lock.acquire", **wanted, take_over=True)["data"]["code"] == "forbidden"
    assert agent.ask("edit_lock.renew", lock_id=lock["lock_id"])["type"] == "edit_lock.renewed"
    over = owner.ask("edit_lock.acquire", **wanted, take_over=True)["data"]
    assert over["fencing"] > lock["fencing"]
    assert agent.ask("edit_lock.renew", lock_id=lock["lock_id"])["data"]["code"] == "not_found"
    assert owner.ask("edit_lock.release", lock_id=over["lock_id"])["type"] == "edit_lock.released"
    too_long = {**wanted, "ends_at": "2033-04-01T00:00:00Z"}
    assert agent.ask("edit_lock.acquire", **too_long)["data"]["code"] == "invalid_range"
    assert agent.ask("edit_lock.acquire", resource_id=uuid4(), **DAY)["data"]["code"] == "not_found"
    viewer = open_socket(tenant, management, Role.VIEWER)
    assert viewer.ask("edit_lock.acquire", **wanted)["data"]["code"] == "forbidden"
    refused = tenant.get("/edit-locks", from_=DAY["ends_at"], until=DAY["ends_at"], resource_id=tenant.ids["room"])
    assert refused.status_code == 401


def test_a_lock_of_a_connection_that_is_gone_is_taken_on(tenant: Tenant, management: Management) -> None:
    first, second = open_socket(tenant, management), open_socket(tenant, management)
    lock = first.ask("edit_lock.acquire", resource_id=tenant.ids["room"], **DAY)["data"]
    assert second.ask("edit_lock.renew", lock_id=lock["lock_id"])["data"]["code"] == "edit_locked"
    management.gone.add(first.id)
    assert second.ask("edit_lock.renew", lock_id=lock["lock_id"])["data"]["fencing"] == lock["fencing"]
    second.leave()
    second.leave()
    (left,) = tenant.client.get(f"/tenants/{tenant.slug}/edit-locks", headers=tenant.as_role()).json()["items"]
    assert left["expires_at"] < lock["expires_at"]


def test_connections_of_a_suspended_tenant_end_without_complaint(tenant: Tenant, management: Management) -> None:
    topic = f"resource:{tenant.ids['room']}"
    agent, owner = open_socket(tenant, management), open_socket(tenant, management, Role.OWNER)
    for one in (agent, owner):
        one.ask("subscribe", topics=[topic])
    with psycopg.connect(tenant.database.owner) as connection:
        connection.execute(
            "UPDATE tenants SET suspended_at = clock_now(), suspended_reason = 'unpaid' WHERE slug = %s", [tenant.slug]
        )
    agent.leave()
    with psycopg.connect(tenant.database.owner) as connection:
        left = connection.execute("SELECT id FROM connections WHERE id = ANY(%s)", [[agent.id, owner.id]]).fetchall()
    assert left == [(owner.id,)]


def test_topics_come_and_go_and_viewers_see_each_other(tenant: Tenant, management: Management) -> None:
    topic = f"resource:{tenant.ids['room']}"
    agent, owner = open_socket(tenant, management), open_socket(tenant, management, Role.OWNER)
    assert agent.ask("subscribe", topics=["tenant", topic])["data"]["topics"] == [topic, "tenant"]
    owner.ask("subscribe", topics=[topic, "calendar:2031-04-01/2031-05-01"])
    assert len(management.sent[agent.id][-1]["data"]["viewers"]) == 2
    assert len(agent.ask("presence", topic=topic)["data"]["viewers"]) == 2
    owner.leave()
    assert len(management.sent[agent.id][-1]["data"]["viewers"]) == 1
    assert agent.ask("unsubscribe", topics=[topic])["data"]["topics"] == ["tenant"]
    assert agent.ask("subscribe", topics=[f"reservation:{uuid4()}"])["data"]["code"] == "not_found"
    assert agent.ask("subscribe", topics=["calendar:2031-13-01/2031-14-01"])["data"]["code"] == "invalid_input"
    many = [f"calendar:2031-{month:02}-{day}/2031-{month:02}-28" for month in range(1, 6) for day in range(10, 20)]
    assert agent.ask("subscribe", topics=many)["data"]["code"] == "invalid_input"
    assert agent.say("{")["data"]["code"] == "malformed"


REVOKED: dict[str, LiteralString] = {
    "a stolen session": """
    UPDATE sessions SET revoked_at = clock_now(), revoked_because = 'reuse' FROM connections
    WHERE sessions.id = connections.session_id AND connections.id = %(gone)s""",
    "a session whose time is over": """
    UPDATE sessions SET expires_at = clock_now() FROM connections
    WHERE sessions.id = connections.session_id AND connections.id = %(gone)s""",
    "somebody who left": """
    DELETE FROM memberships USING connections
    WHERE memberships.user_id = connections.user_id AND connections.id = %(gone)s""",
    "another role": """
    UPDATE memberships SET role = 'viewer' FROM connections
    WHERE memberships.user_id = connections.user_id AND connections.id = %(gone)s""",
}
"""What ends rights without a word to the connection, which is there until the scheduled function looks."""


@pytest.mark.parametrize("why", REVOKED)
def test_whoever_lost_their_rights_is_not_shown_and_not_told_who_is(
    tenant: Tenant, management: Management, why: str
) -> None:
    topic = f"resource:{tenant.ids['room']}"
    stays, goes = open_socket(tenant, management, Role.OWNER), open_socket(tenant, management)
    for one in (stays, goes):
        one.ask("subscribe", topics=[topic])
    assert len(stays.ask("presence", topic=topic)["data"]["viewers"]) == 2
    known = len(management.sent[goes.id])
    with psycopg.connect(tenant.database.owner) as owner:
        assert owner.execute(REVOKED[why], {"gone": goes.id}).rowcount == 1
    (viewer,) = stays.ask("presence", topic=topic)["data"]["viewers"]
    assert viewer["connections"] == 1
    other = open_socket(tenant, management, Role.MANAGER)
    other.ask("subscribe", topics=[topic])
    assert len(management.sent[stays.id][-1]["data"]["viewers"]) == 2
    assert management.sent[goes.id][known:] == []


def test_whoever_signs_out_is_missed_by_those_who_look_at_the_same(tenant: Tenant, management: Management) -> None:
    topic = f"resource:{tenant.ids['room']}"
    stays, goes = open_socket(tenant, management, Role.OWNER), open_socket(tenant, management)
    for one in (stays, goes):
        one.ask("subscribe", topics=[topic])
    headers = {"Authorization": f"Bearer {tenant.token(Role.AGENT)}"}
    assert tenant.client.post("/auth/logout", json={}, headers=headers).status_code == 204
    assert goes.id in management.closed
    assert stays.id not in management.closed
    goes.leave()  # as the gateway does with what it was told to end
    assert len(management.sent[stays.id][-1]["data"]["viewers"]) == 1


def test_guests_watch_their_own(tenant: Tenant, management: Management) -> None:
    booked = tenant.reserved("room", starts_at="2031-04-01T10:00:00Z", ends_at="2031-04-01T12:00:00Z")
    connection = f"c-{uuid4().hex}"
    assert connect(ticket_of(tenant, f"Bearer {booked['manage_token']}"), connection) == 200
    guest = Socket(management, connection)
    own = f"reservation:{booked['id']}"
    assert guest.ask("subscribe", topics=[own])["data"]["topics"] == [own]
    for topic in ("tenant", f"reservation:{uuid4()}"):
        assert guest.ask("subscribe", topics=[topic])["data"]["code"] == "not_found"
    assert guest.ask("presence", topic=own)["data"]["code"] == "forbidden"


def limited(patch: pytest.MonkeyPatch, **limits: int) -> None:
    """Let anonymous callers have only so much."""
    services = container()
    config = replace(services.config, limits=replace(services.config.limits, **limits))
    changed = replace(services, config=config)
    patch.setattr("chalicelib.http.container._builders", [lambda: changed])


def test_an_address_and_a_reservation_have_their_share_of_connections_and_staff_all_they_want(
    tenant: Tenant, management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, visitors_from_address=4, sockets_of_reservation=2, visitors_of_tenant=6)
    booked = [
        tenant.reserved("room", starts_at=f"2031-04-0{day}T10:00:00Z", ends_at=f"2031-04-0{day}T12:00:00Z")
        for day in (1, 2)
    ]
    opened: list[str] = []

    def connects(authorization: str | None, address: str) -> int:
        connection = f"c-{uuid4().hex}"
        status = connect(ticket_of(tenant, authorization), connection, address=address)
        if status == 200:
            opened.append(connection)
        return status

    first, second = (f"Bearer {one['manage_token']}" for one in booked)
    here, beside, elsewhere = "2001:db8:1:1::1", "2001:db8:1:1:2::2", "2001:db8:1:2::1"
    assert [connects(first, here) for _ in range(3)] == [200, 200, 429]
    assert connects(first, elsewhere) == 429  # the reservation has its share wherever its guest is
    assert [connects(second, beside), connects(None, beside), connects(None, here)] == [200, 200, 429]
    assert [connects(None, elsewhere) for _ in range(5)] == [200] * 4 + [429]
    assert connects(None, "192.0.2.1") == 200
    assert connects(second, "192.0.2.1") == 200  # six visitors are all that look, and no guest is one of them
    staff = f"Bearer {tenant.token()}"
    assert [connects(staff, here) for _ in range(12)] == [200] * 12
    Socket(management, opened[0]).leave()
    assert connects(first, elsewhere) == 429  # that address has four
    assert connects(first, "192.0.2.2") == 200


def test_a_tenant_has_so_many_connections_of_visitors_however_many_tickets_they_took_before(
    tenant: Tenant, management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, visitors_of_tenant=2)
    tickets = [ticket_of(tenant, None) for _ in range(4)]  # none of them is connected yet, so each gets one
    ids = [f"c-{uuid4().hex}" for _ in tickets]
    begun = [connect(tickets[at], ids[at], address=f"192.0.2.{at + 1}") for at in range(3)]
    assert begun == [200, 200, 429]
    booked = tenant.reserved("room", starts_at="2031-04-01T10:00:00Z", ends_at="2031-04-01T12:00:00Z")
    guest = ticket_of(tenant, f"Bearer {booked['manage_token']}")
    assert connect(guest, f"c-{uuid4().hex}", address="192.0.2.3") == 200
    Socket(management, ids[0]).leave()
    assert connect(tickets[3], ids[3], address="192.0.2.4") == 200


def test_tickets_of_a_guest_are_limited_by_reservation(tenant: Tenant) -> None:
    day = "2031-04-0"
    booked = [tenant.reserved("room", starts_at=f"{day}{n}T10:00:00Z", ends_at=f"{day}{n}T12:00:00Z") for n in (1, 2)]

    def ask(guest: dict[str, Any]) -> int:
        headers = {"Authorization": f"Bearer {guest['manage_token']}"}
        return tenant.client.post("/auth/ws-tickets", json={"tenant": tenant.slug}, headers=headers).status_code

    assert [ask(booked[0]) for _ in range(61)] == [201] * 60 + [429]
    assert ask(booked[1]) == 201


def test_connections_that_begin_at_the_same_time_are_counted_one_by_one(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, visitors_from_address=1)
    ticket = ticket_of(tenant, None)
    here = AnonymousCaller("192.0.2.1", container().config.limits)

    with psycopg.connect(tenant.database.owner, autocommit=True) as owner, ThreadPoolExecutor(1) as pool:

        def begin(transaction: Transaction) -> Future[int]:
            connections.add_connection(
                transaction, f"c-{uuid4().hex}", Role.GUEST, VISITOR, None, here, otherwise=LookupError
            )
            transaction.settle()
            second = pool.submit(connect, ticket, f"c-{uuid4().hex}", address="192.0.2.1")
            waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not second.done() and owner.execute(waits).fetchone() is None:
                pass
            return second

        assert container().database.run(tenant.slug, begin).result() == 429


def test_visitors_are_limited(tenant: Tenant, management: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(address: str) -> httpx.Response:
        monkeypatch.setattr("chalicelib.http.current.address", lambda: address)
        return tenant.client.post("/auth/ws-tickets", json={"tenant": tenant.slug})

    visitor = Socket(management, f"c-{uuid4().hex}")
    assert connect(ask("192.0.2.1").json()["ticket"], visitor.id) == 200
    room = f"resource:{tenant.ids['room']}"
    assert visitor.ask("subscribe", topics=[room])["data"]["topics"] == [room]
    answers = [ask("192.0.2.1") for _ in range(60)]
    assert [answer.status_code for answer in answers] == [201] * 59 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert ask("192.0.2.2").status_code == 201
    limited(monkeypatch, visitors_of_tenant=1)
    full = ask("192.0.2.2")
    assert (full.status_code, full.json()["code"]) == (503, "unavailable")
    agent = open_socket(tenant, management)
    assert agent.ask("ping")["type"] == "pong"
    visitor.leave()
    assert ask("192.0.2.2").status_code == 201


def test_what_ends_a_connection_says_so(
    tenant: Tenant, management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.realtime.manage_connections.WINDOW", timedelta(minutes=1))  # on a busy machine, too
    flooding, changed = open_socket(tenant, management), open_socket(tenant, management, Role.VIEWER)
    said = [flooding.ask("ping")["type"] for _ in range(100)]
    assert said == ["pong"] * 100
    told = flooding.ask("ping")
    assert (told["data"]["code"], told["closes"], flooding.id in management.closed) == ("too_many_attempts", True, True)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE memberships SET role = 'agent' FROM tenants"
            " WHERE tenants.id = tenant_id AND slug = %s AND role = 'viewer'",
            [tenant.slug],
        )
    assert changed.ask("ping")["data"]["code"] == "unauthenticated"
    assert Socket(management, "nobody").ask("ping")["data"]["code"] == "unauthenticated"


def api_key(tenant: Tenant, *scopes: Scope) -> dict[str, Any]:
    return tenant.staff("/api-keys", name="Another system", scopes=list(scopes))


def open_by_key(tenant: Tenant, management: Management, key: dict[str, Any]) -> Socket:
    connection = f"c-{uuid4().hex}"
    assert connect(ticket_of(tenant, f"Bearer {key['key']}"), connection) == 200
    return Socket(management, connection)


def revoke(tenant: Tenant, key: dict[str, Any]) -> None:
    path = f"/tenants/{tenant.slug}/api-keys/{key['id']}"
    assert tenant.client.delete(path, headers=tenant.as_role()).status_code == 204


def recipients(tenant: Tenant) -> list[str]:
    """Who is told of what happens to the room."""
    with closing(Functions(tenant.database.jobs, pool_size=1, request_seconds=10)) as jobs:
        subject = Subject(frozenset({tenant.ids["room"]}), None, ())
        return [
            one.id for one in jobs.run(tenant.slug, lambda transaction: connections.recipients(transaction, subject))
        ]


def test_a_key_that_reads_reservations_watches_them_until_it_ends(tenant: Tenant, management: Management) -> None:
    key = api_key(tenant, Scope.RESERVATIONS_READ)
    socket = open_by_key(tenant, management, key)
    topics = ["tenant", f"resource:{tenant.ids['room']}"]
    assert socket.ask("subscribe", topics=topics)["data"]["topics"] == sorted(topics)
    assert recipients(tenant) == [socket.id]
    locked = socket.ask("edit_lock.acquire", resource_id=tenant.ids["room"], **DAY)
    assert locked["data"]["code"] == "forbidden"
    late = ticket_of(tenant, f"Bearer {key['key']}")
    revoke(tenant, key)
    assert recipients(tenant) == []
    assert socket.ask("ping")["data"]["code"] == "unauthenticated"
    assert socket.id in management.closed
    assert connect(late, "c-late") == 401


def test_a_key_without_the_scope_or_of_another_tenant_gets_no_ticket(
    tenant: Tenant, make_tenant: Callable[..., Tenant]
) -> None:
    other = make_tenant(Offer(slug="room", document=policy(INTERVAL)))
    narrow, foreign = api_key(tenant, Scope.CATALOGUE_WRITE), api_key(other, Scope.RESERVATIONS_READ)

    def asked(body: object, key: dict[str, Any]) -> httpx.Response:
        return tenant.client.post("/auth/ws-tickets", json=body, headers={"Authorization": f"Bearer {key['key']}"})

    answer = asked({"tenant": tenant.slug}, narrow)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "reservations:read" in answer.json()["detail"]
    bodies: list[Any] = [{"tenant": tenant.slug}, {}, [], {"tenant": 1}]
    assert [asked(body, foreign).status_code for body in bodies] == [401] * 4


def test_a_key_that_ended_is_not_kept_connected(tenant: Tenant, management: Management) -> None:
    key = api_key(tenant, Scope.RESERVATIONS_READ)
    socket = open_by_key(tenant, management, key)
    with closing(Functions(tenant.database.jobs, pool_size=1, request_seconds=10)) as jobs:
        reap_connections(jobs, Budget(10), management.closed.append)
        assert socket.id not in management.closed
        with psycopg.connect(tenant.database.owner) as owner:
            owner.execute("UPDATE api_keys SET expires_at = clock_now() WHERE id = %s", [key["id"]])
        reap_connections(jobs, Budget(10), management.closed.append)
    assert socket.id in management.closed


def test_what_could_not_be_closed_in_the_time_of_a_run_is_closed_by_the_next(
    tenant: Tenant, management: Management
) -> None:
    key = api_key(tenant, Scope.RESERVATIONS_READ)
    ids = {open_by_key(tenant, management, key).id for _ in range(3)}
    revoke(tenant, key)
    closed: list[str] = []
    with closing(Functions(tenant.database.jobs, pool_size=1, request_seconds=10)) as jobs:
        for number in (1, 2, 3):
            budget = Budget(10)

            def close(connection_id: str, budget: Budget = budget) -> None:
                closed.append(connection_id)
                object.__setattr__(budget, "seconds", 0.0)  # as if it had taken all of it

            reap_connections(jobs, budget, close)
            assert len(closed) == number
    assert len(set(closed)) == len(ids)  # each is forgotten once it is closed; others of the tests may be among them
