"""Live messages when the gateway has its troubles: what is gone is forgotten, what fails is let go or tried again."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.access.model.people import Role
from chalicelib.database.identifiers import new_id
from chalicelib.database.log_position import Position
from chalicelib.database.transaction import Database
from chalicelib.delivery.channels.live_messages import NAME, LiveMessages
from chalicelib.delivery.deliver_events import Delivery, deliver_events
from chalicelib.edit_locks.manage_edit_locks import expire_edit_locks
from chalicelib.events.model import EventType
from chalicelib.jobs.budget import Budget
from tests.stage import MINUTE, TENANT, Stage, hours, offer, open_stage
from tools.bench.round_trips import counting_proxy
from tools.people import MOST_LASTING, OPEN_SESSION, add_member, add_user

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from chalicelib.database.transaction import Transaction
    from tests import databases

T = TypeVar("T")

ADD = """
INSERT INTO connections (
    id, tenant_id, role, user_id, session_id, name, topics, connected_at, last_seen_at, counted_from
)
SELECT %(id)s, tenant.id, 'agent', %(user)s, %(session)s, 'Ada', '{tenant}', clock_now(), clock_now(), clock_now()
FROM tenants AS tenant WHERE tenant.slug = %(tenant)s
"""

COME_AGAIN = """
INSERT INTO connections (
    id, tenant_id, role, user_id, session_id, name, topics, connected_at, last_seen_at, counted_from
)
SELECT %(id)s, tenant_id, role, user_id, session_id, name, '{tenant}', clock_now(), clock_now(), clock_now()
FROM connections WHERE id = %(like)s
"""


@dataclass
class Gateway:
    """Takes what it is given, but from those that are said to be gone or failing."""

    outcomes: dict[str, str] = field(default_factory=dict[str, str])
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    closed: list[str] = field(default_factory=list[str])
    then: dict[str, str] = field(default_factory=dict[str, str])
    """What becomes of them the next time."""
    ends: dict[str, str] = field(default_factory=dict[str, str])
    """What becomes of closing them, but for those that are closed."""

    call_seconds: float = 2.5

    def send(self, messages: Sequence[tuple[str, str]], until: float) -> Mapping[str, str]:
        del until
        result = {connection: self.outcomes.get(connection, "taken") for connection, _ in messages}
        self.outcomes |= self.then
        self.sent += [(connection, json.loads(text)) for connection, text in messages if result[connection] == "taken"]
        return result

    def close_all(self, connection_ids: Sequence[str], until: float) -> Mapping[str, str]:
        del until
        result = {one: self.ends.get(one, "taken") for one in connection_ids}
        self.closed += [one for one in connection_ids if result[one] == "taken"]
        return result


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    with open_stage(database, offer("room", capacity=3)) as stage:
        yield stage


def connect(stage: Stage, *names: str) -> None:
    with psycopg.connect(stage.databases.owner) as owner:
        user = add_user(owner, f"{uuid4().hex}@example.org", "Ada")
        add_member(owner, TENANT, user, Role.AGENT)
        session = new_id()
        owner.execute(OPEN_SESSION, {"id": session, "user_id": user, "expires_at": MOST_LASTING})
        for name in names:
            owner.execute(ADD, {"id": name, "user": user, "session": session, "tenant": TENANT})


def deliver(stage: Stage, gateway: Gateway) -> list[tuple[str | None, int, str | None]]:
    deliver_events(stage.jobs, Delivery(lambda: {NAME: LiveMessages(gateway)}, "consumer", lambda _: None), Budget(20))
    return rows(stage, "SELECT outcome, attempts, last_error FROM deliveries ORDER BY event_id")


def rows(stage: Stage, query: str) -> list[Any]:
    with psycopg.connect(stage.databases.owner) as owner:
        return owner.execute(query.encode()).fetchall()


def connected(stage: Stage) -> set[str]:
    return {row[0] for row in rows(stage, "SELECT id FROM connections")}


def test_where_nobody_is_connected_nothing_is_delivered_at_all(stage: Stage) -> None:
    stage.reserve("room", hours(1, 2))
    gateway = Gateway()
    assert deliver(stage, gateway) == []
    assert gateway.sent == []


def test_the_gone_are_forgotten_and_the_others_told(stage: Stage) -> None:
    connect(stage, "here", "gone")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"gone": "gone"})
    assert deliver(stage, gateway) == [("delivered", 1, None)]
    assert [connection for connection, _ in gateway.sent] == ["here"]
    assert (connected(stage), gateway.closed) == ({"here"}, [])


def test_a_message_tells_from_which_position_on_reads_show_what_it_is_about(stage: Stage) -> None:
    """Anyone who reads because of a message may meet a replica that is behind, and carries this."""
    connect(stage, "here")
    stage.reserve("room", hours(1, 2))
    [(committed,)] = rows(stage, "SELECT pg_current_wal_insert_lsn()::text")
    gateway = Gateway()
    deliver(stage, gateway)
    [(ended,)] = rows(stage, "SELECT pg_current_wal_insert_lsn()::text")
    ((_, message),) = gateway.sent
    assert Position.parse(committed) <= Position.parse(message["position"]) <= Position.parse(ended)


def test_who_fails_while_others_do_not_is_let_go_to_come_back_and_read(stage: Stage) -> None:
    connect(stage, "here", "failing")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"failing": "failed"})
    assert deliver(stage, gateway) == [("delivered", 1, None)]
    assert (connected(stage), gateway.closed) == ({"here"}, ["failing"])


def test_a_gateway_that_takes_nothing_is_asked_again_later_and_nobody_is_forgotten(stage: Stage) -> None:
    connect(stage, "one", "two")
    stage.reserve("room", hours(1, 2))
    down = Gateway({"one": "failed", "two": "failed"})
    ((outcome, attempts, error),) = deliver(stage, down)
    assert (outcome, attempts, down.closed) == (None, 1, [])
    assert "took none of 2" in (error or "")
    assert connected(stage) == {"one", "two"}
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute("UPDATE deliveries SET next_attempt_at = clock_now()")
    again = Gateway()
    assert deliver(stage, again)[0][:2] == ("delivered", 2)
    assert sorted(connection for connection, _ in again.sent) == ["one", "two"]


def test_all_gone_is_nobody_to_tell(stage: Stage) -> None:
    connect(stage, "gone")
    stage.reserve("room", hours(1, 2))
    assert deliver(stage, Gateway({"gone": "gone"})) == [("skipped", 1, None)]
    assert connected(stage) == set()


def test_what_would_be_too_long_is_shortened_to_what_it_is_about(stage: Stage) -> None:
    connect(stage, "here")
    made = stage.reserve("room", hours(1, 2))
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute("ALTER TABLE events DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE events SET after = after || jsonb_build_object('said', repeat('x', 40000)) WHERE entity_id = %s",
            [made.id],
        )
    gateway = Gateway()
    deliver(stage, gateway)
    ((_, message),) = gateway.sent
    assert message["data"]["shortened"] is True
    assert (message["data"]["entity_id"], message["data"]["after"]) == (str(made.id), None)
    assert len(json.dumps(message)) < 1000


def test_whom_the_time_was_too_short_for_is_told_by_the_next_attempt_and_no_one_twice(stage: Stage) -> None:
    connect(stage, "first", "left", "silent")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"left": "left", "silent": "failed"})
    gateway.then = {"left": "taken"}
    assert deliver(stage, gateway) == [("delivered", 1, None)]
    assert [connection for connection, _ in gateway.sent] == ["first", "left"]
    assert (connected(stage), gateway.closed) == ({"first", "left"}, ["silent"])


def test_dead_ones_that_are_left_when_others_were_told_are_let_go_by_the_next_attempt(stage: Stage) -> None:
    connect(stage, "here", "silent")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"silent": "left"})
    gateway.then = {"silent": "failed"}
    assert deliver(stage, gateway)[0][:2] == ("delivered", 1)
    assert (connected(stage), gateway.closed) == ({"here"}, ["silent"])


def test_an_attempt_that_reached_no_one_in_its_time_begins_the_next_one_with_those_who_are_left(stage: Stage) -> None:
    connect(stage, "a", "b")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"a": "failed", "b": "left"})
    assert deliver(stage, gateway)[0][:2] == (None, 1)
    assert rows(stage, "SELECT remaining FROM deliveries") == [(["b", "a"],)]
    assert (connected(stage), gateway.closed) == ({"a", "b"}, [])


def test_what_nobody_could_be_told_of_for_lack_of_time_is_no_attempt(stage: Stage) -> None:
    connect(stage, "a", "b")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"a": "left", "b": "left"})
    assert deliver(stage, gateway)[0][:2] == (None, 0)
    assert rows(stage, "SELECT remaining, leased_until FROM deliveries") == [(None, None)]
    stage.pass_by(MINUTE)
    assert deliver(stage, Gateway())[0][:2] == ("delivered", 1)


def test_who_fails_and_cannot_be_closed_in_time_is_kept_for_the_next_attempt(stage: Stage) -> None:
    connect(stage, "here", "silent")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"silent": "failed"}, ends={"silent": "left"})
    seen: list[tuple[set[str], object]] = []

    def close_all(connection_ids: Sequence[str], until: float) -> Mapping[str, str]:
        seen.append((connected(stage), rows(stage, "SELECT remaining FROM deliveries")[0][0]))
        found = Gateway.close_all(gateway, connection_ids, until)
        gateway.ends.clear()
        return found

    gateway.close_all = close_all
    assert deliver(stage, gateway)[0][:2] == ("delivered", 1)
    assert seen == [({"here", "silent"}, None), ({"here", "silent"}, ["silent"])]
    assert (connected(stage), gateway.closed) == ({"here"}, ["silent"])
    assert [connection for connection, _ in gateway.sent] == ["here"]


def test_who_fails_and_whose_end_fails_is_given_up_so_that_the_others_are_told_what_follows(stage: Stage) -> None:
    connect(stage, "here", "silent")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"silent": "failed"}, ends={"silent": "failed"})
    assert deliver(stage, gateway)[0][:2] == ("delivered", 1)
    assert (connected(stage), gateway.closed) == ({"here"}, [])


def test_messages_leave_time_to_close_those_that_fail(stage: Stage) -> None:
    connect(stage, "here", "silent")
    stage.reserve("room", hours(1, 2))
    gateway = Gateway({"silent": "failed"})
    untils: list[float] = []

    def send(messages: Sequence[tuple[str, str]], until: float) -> Mapping[str, str]:
        untils.append(until)
        return Gateway.send(gateway, messages, until)

    def close_all(connection_ids: Sequence[str], until: float) -> Mapping[str, str]:
        untils.append(until)
        return Gateway.close_all(gateway, connection_ids, until)

    gateway.send, gateway.close_all = send, close_all
    deliver(stage, gateway)
    first, last = untils
    assert last - first == pytest.approx(gateway.call_seconds)


def access_changes(stage: Stage, *names: str) -> None:
    """Somebody with connections of these names gets another role, which is all that is to be delivered."""
    connect(stage, *names)
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute(
            "INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)"
            " SELECT tenant_id, gen_random_uuid(), %s, 'member', user_id, 'system', clock_now()"
            " FROM connections WHERE id = %s",
            [EventType.MEMBER_CHANGED, names[0]],
        )


def test_whose_access_changed_is_forgotten_once_their_connections_are_closed(stage: Stage) -> None:
    access_changes(stage, "one", "two")
    gateway = Gateway(ends={"two": "gone"})
    seen: list[list[Any]] = []

    def close_all(connection_ids: Sequence[str], until: float) -> Mapping[str, str]:
        seen.append(rows(stage, "SELECT id, topics FROM connections ORDER BY id"))
        return Gateway.close_all(gateway, connection_ids, until)

    gateway.close_all = close_all
    assert deliver(stage, gateway) == [("delivered", 1, None)]
    assert seen == [[("one", []), ("two", [])]]  # still known, and told nothing any more
    assert (connected(stage), gateway.closed) == (set(), ["one"])


def test_whose_connections_cannot_be_closed_stays_known_and_is_tried_again(stage: Stage) -> None:
    access_changes(stage, "one", "two", "three")
    gateway = Gateway(ends={"one": "failed", "two": "left"})
    assert deliver(stage, gateway)[0][:2] == (None, 1)
    assert connected(stage) == {"one", "two"}
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute(COME_AGAIN, {"id": "new", "like": "one"})
    stage.pass_by(MINUTE)
    gateway.ends.clear()
    assert deliver(stage, gateway)[0][:2] == ("delivered", 2)
    assert sorted(gateway.closed) == ["one", "three", "two"]
    assert rows(stage, "SELECT id, topics FROM connections") == [("new", ["tenant"])]


def test_ending_connections_for_which_there_was_no_time_is_no_attempt(stage: Stage) -> None:
    access_changes(stage, "one")
    assert deliver(stage, Gateway(ends={"one": "left"}))[0][:2] == (None, 0)
    assert connected(stage) == {"one"}


def test_an_event_to_one_viewer_takes_four_transactions_and_nine_round_trips(stage: Stage) -> None:
    connect(stage, "here")
    server = conninfo_to_dict(stage.databases.jobs)
    gateway = Gateway()
    with (
        counting_proxy(str(server["host"]), int(str(server["port"]))) as (port, turns),
        closing(CountingDatabase(make_conninfo(stage.databases.jobs, port=port))) as jobs,
    ):
        for number in range(3):
            stage.reserve("room", hours(number, number + 1))
            if number:  # the first connects
                turns.take()
                jobs.begun.clear()
            deliver_events(
                jobs, Delivery(lambda: {NAME: LiveMessages(gateway)}, "consumer", lambda _: None), Budget(20)
            )
            expire_edit_locks(jobs, Budget(20), records=False)
        assert (len(jobs.begun), turns.take()) == (4, 9)
    assert len(gateway.sent) == 3


class CountingDatabase(Database):
    """One connection for scheduled functions, and how many transactions it has begun."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, pool_size=1, request_seconds=10)
        self.begun: list[Callable[..., object]] = []  # shared by what `until` returns

    def run_without_tenant(self, work: Callable[[Transaction], T], **isolation: Any) -> T:  # noqa: ANN401 - as it was
        self.begun.append(work)
        return super().run_without_tenant(work, **isolation)

    def run(self, tenant: str, work: Callable[[Transaction], T], **isolation: Any) -> T:  # noqa: ANN401 - as it was
        self.begun.append(work)
        return super().run(tenant, work, **isolation)
