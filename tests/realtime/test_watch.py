"""`./dev watch`: each message once, whatever becomes of the connection, and lines that say what it was about."""

from __future__ import annotations

import os
import signal
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

import httpx
import pytest

from chalicelib.access.model.people import Role
from chalicelib.realtime.model.topics import read_topic
from local.errors import CommandError
from tests.eventually import eventually
from tests.realtime.client import SECONDS
from tools.live_lines import Place, line_of
from tools.watch import LostError, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.realtime.client import LiveTenant, Message, User
    from tests.realtime.conftest import Live

TIMES = [(f"2031-05-{day:02}T10:00:00Z", f"2031-05-{day:02}T12:00:00Z") for day in range(1, 9)]


class Watching:
    """A watch in a thread of its own until the block ends; before each new connection, something happens meanwhile."""

    def __init__(self, live: Live, tenant: LiveTenant, *topics: str, meanwhile: Callable[[], object] = int) -> None:
        self.shown: list[Message] = []
        self.said: list[str] = []
        self.people: list[User] = []
        self._live, self._tenant, self._meanwhile = live, tenant, meanwhile
        self._stopping = Event()
        self._watch = Watch(
            tenant=tenant.slug,
            topics=[read_topic(text) for text in topics or ("tenant",)],
            find_address=self._address,
            make_token=self._token,
            show=lambda message, _: self.shown.append(message),
            say=self.said.append,
        )
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.is_connected(1)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self.sign_out()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()

    def is_connected(self, times: int) -> None:
        """Wait until it has connected so often."""
        eventually(lambda: sum(text.startswith("Connected") for text in self.said) >= times, f"{times} connections")

    def sign_out(self) -> None:
        """End its session, and with that its connection."""
        answer = self._tenant.http.post("/auth/logout", json={}, headers=self.people[-1].headers)
        assert answer.status_code == 204, answer.text

    def entities(self) -> list[str]:
        """What was shown, besides who looks at the same."""
        return [message["data"]["entity_id"] for message in self.shown if message["type"] != "presence"]

    def _run(self) -> None:
        with pytest.raises(CommandError, match="stopped"):
            self._watch.go_on()

    def _address(self) -> str:
        if self._stopping.is_set():
            message = "stopped"
            raise CommandError(message)
        if self.said:
            try:
                self._meanwhile()
            except httpx.TransportError as error:
                message = "The gateway is not back yet."
                raise LostError(message) from error
        return self._live.gateway.address

    def _token(self) -> str:
        self.people.append(self._tenant.user(Role.OWNER, "Olga"))
        return self.people[-1].token


def test_what_happens_is_shown_and_what_happened_before_is_not(live: Live, tenant: LiveTenant) -> None:
    user = tenant.user(name="Ada")
    client = user.connect("tenant")
    user.reserve("room", *TIMES[0])
    client.told("reservation.created")  # who comes later is not told of it
    with Watching(live, tenant) as watching:
        booked = user.reserve("room", *TIMES[1]).json()
        eventually(lambda: watching.shown, "a message")
    assert watching.entities() == [booked["id"]]
    assert watching.shown[0]["type"] == "reservation.created"


def test_what_was_missed_is_read_back_once_and_an_ended_session_is_renewed(live: Live, tenant: LiveTenant) -> None:
    user, booked = tenant.user(), list[str]()

    def reserve() -> None:
        booked.append(user.reserve("room", *TIMES[len(booked)]).json()["id"])

    with Watching(live, tenant, meanwhile=reserve) as watching:
        reserve()
        eventually(lambda: watching.shown, "a message")
        watching.sign_out()
        watching.is_connected(2)
        reserve()
        eventually(lambda: len(watching.shown) >= len(booked), "all messages")
    assert watching.entities() == booked
    assert len(booked) > 2
    assert len(watching.people) == 2


def test_it_comes_back_when_the_gateway_does(live: Live, tenant: LiveTenant) -> None:
    user = tenant.user()
    with Watching(live, tenant) as watching:
        for process in live.gateway.process_ids:
            os.kill(process, signal.SIGKILL)
        watching.is_connected(2)
        assert any(text.startswith("Not connected: ") for text in watching.said)

        def reserved() -> str | None:  # a worker's place may not be filled yet, and connections of before are gone
            try:
                return user.reserve("room", *TIMES[0]).json()["id"]
            except httpx.TransportError:
                return None

        booked = eventually(reserved, "an answer")
        eventually(lambda: booked in watching.entities(), "its message")
        eventually(lambda: len(live.gateway.process_ids) == 2, "both workers")  # for whoever comes next
        live.gateway.wait_until_ready()


def test_of_what_was_missed_only_its_topics_are_shown(live: Live, tenant: LiveTenant) -> None:
    user, booked = tenant.user(), list[str]()

    def reserve() -> None:
        for room, times in (("room", TIMES[0]), ("hall", TIMES[0]), ("hall", TIMES[1])):
            booked.append(user.reserve(room, *times).json()["id"])

    by_topic = {f"resource:{tenant.ids['hall']}": [1, 2], "calendar:2031-05-01/2031-05-02": [0, 1]}
    for topic, wanted in by_topic.items():
        booked.clear()
        with Watching(live, tenant, topic, meanwhile=reserve) as watching:
            watching.sign_out()
            watching.is_connected(2)
            eventually(lambda watching=watching: len(watching.shown) >= 2, "what was missed")
        assert [entity for entity in watching.entities() if entity in booked] == [booked[index] for index in wanted]


def test_a_topic_that_is_not_there_and_a_token_that_is_refused_end_it(live: Live, tenant: LiveTenant) -> None:
    def watch(token: str, topic: str) -> Watch:
        return Watch(tenant.slug, [read_topic(topic)], lambda: live.gateway.address, lambda: token, print, print)

    nothing = "resource:00000000-0000-0000-0000-000000000000"
    with pytest.raises(CommandError, match="no such resource"):
        watch(tenant.user().token, nothing).go_on()
    with pytest.raises(CommandError, match="token"):
        watch("x", "tenant").go_on()


def test_a_gateway_that_was_never_there_is_no_reason_to_wait(tenant: LiveTenant) -> None:
    nowhere = Watch(
        tenant.slug, [read_topic("tenant")], lambda: "http://127.0.0.1:1", tenant.user().ticket, print, print
    )
    with pytest.raises(CommandError, match="refused"):
        nowhere.go_on()


ROOM, OTHER_ROOM, ENTRY = (f"01a1fd70-cfd3-7112-94d4-2f660ad5{end}" for end in ("aaaa", "bbbb", "cccc"))
PLACE = Place(ZoneInfo("Europe/Zurich"), {ROOM: "room-1"})
TEN = {"starts_at": "2031-04-01T08:00:00Z", "ends_at": "2031-04-01T10:00:00Z"}
ADA = {"kind": "staff", "id": ENTRY, "name": "Ada"}


def said(kind: str, data: dict[str, Any]) -> str:
    return line_of({"type": kind, "id": ENTRY, "at": "2031-04-01T07:59:58Z", "data": data}, PLACE).plain


def test_a_reservation_is_told_with_its_states_times_and_who_it_was() -> None:
    after = {**TEN, "state": "cancelled", "resource_id": ROOM}
    data = {"entity_kind": "reservation", "entity_id": ENTRY, "resource_id": ROOM, "by": ADA, "after": after}
    line = said("reservation.cancelled", {**data, "before": {**after, "state": "held"}})
    head, rest = line.split("room-1  ")
    assert head == f"09:59:58  {'reservation.cancelled':25}  "
    assert rest == "reservation …d5cccc  held → cancelled  2031-04-01 10:00 to 12:00  by Ada (staff)"
    unknown = said(
        "reservation.created", {**data, "resource_id": OTHER_ROOM, "by": {**ADA, "name": None}, "before": None}
    )
    assert "resource …d5bbbb" in unknown
    assert unknown.endswith("by staff")


def test_what_has_no_times_is_told_without() -> None:
    data = {"entity_kind": "resource", "entity_id": ROOM, "resource_id": ROOM, "by": ADA, "before": None, "after": {}}
    assert said("resource.updated", data).split() == ["09:59:58", "resource.updated", "room-1", "by", "Ada", "(staff)"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("edit_lock.acquired", "Grace holds number 7 until 10:00:58 unless renewed"),
        ("edit_lock.released", "Grace gave back number 7"),
        ("edit_lock.expired", "number 7 of Grace has expired"),
        ("edit_lock.taken_over", "Ada (staff) took over number 7 of Grace"),
    ],
)
def test_edit_locks_say_who_holds_what_until_when(kind: str, words: str) -> None:
    lock = {"resource_id": ROOM, **TEN, "fencing": 7, "holder_name": "Grace", "expires_at": "2031-04-01T08:00:58Z"}
    assert said(kind, {**lock, "by": ADA}).endswith(f"room-1  2031-04-01 10:00 to 12:00  {words}")


def test_presence_says_who_looks() -> None:
    viewers = [{"name": "Ada", "connections": 1}, {"name": "Grace", "connections": 2}]
    assert said("presence", {"topic": f"resource:{ROOM}", "viewers": viewers}).endswith(
        "room-1  looking: Ada, Grace (2 windows)"
    )
    assert said("presence", {"topic": f"reservation:{ENTRY}", "viewers": []}).endswith(
        "reservation …d5cccc  looking: nobody"
    )


def test_nothing_in_a_name_steers_the_terminal() -> None:
    viewers = [{"name": "\x1b[2JEve\n", "connections": 1}]
    line = said("presence", {"topic": f"resource:{ROOM}", "viewers": viewers})
    assert line.endswith("looking: �[2JEve�")
