"""Live messages: everybody is told what they asked for and may see, nobody anything else, and nothing is lost."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.realtime.schemas.messages import (
    AvailabilityChanged,
    Event,
    LockAnswer,
    OwnReservation,
    Presence,
    Subscribed,
)
from tests.realtime.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.realtime.client import LiveTenant, Message

MORNING = ("2031-04-01T10:00:00Z", "2031-04-01T12:00:00Z")
NEXT_DAY = ("2031-04-02T10:00:00Z", "2031-04-02T12:00:00Z")
DAY_AFTER = ("2031-04-03T10:00:00Z", "2031-04-03T12:00:00Z")
FOURTH_DAY = ("2031-04-04T10:00:00Z", "2031-04-04T12:00:00Z")


def types(messages: list[Message]) -> list[str]:
    return [message["type"] for message in messages if message["type"] != "presence"]


def reserved_and_told(tenant: LiveTenant) -> dict[str, Any]:
    """Reserve the room, and wait until that has been told: who comes later is not told of it."""
    user = tenant.user()
    client = user.connect("tenant")
    booked = user.reserve("room", *MORNING).json()
    client.told("reservation.created")
    return booked


def test_each_topic_tells_of_what_it_names(tenant: LiveTenant) -> None:
    user = tenant.user()
    booked = reserved_and_told(tenant)
    by_topic = {
        topic: user.connect(topic)
        for topic in (
            "tenant",
            f"resource:{tenant.ids['room']}",
            f"resource:{tenant.ids['hall']}",
            f"reservation:{booked['id']}",
            "calendar:2031-04-01/2031-04-02",
            "calendar:2031-04-02/2031-04-03",
        )
    }
    moved = user.post(f"/reservations/{booked['id']}/move", {"starts_at": NEXT_DAY[0], "ends_at": NEXT_DAY[1]})
    assert moved.status_code == 200
    user.reserve("hall", *MORNING)
    tenant.settle()
    # Sorted: messages about different reservations may overtake each other.
    got = {topic: sorted(types(client.everything())) for topic, client in by_topic.items()}
    both, one, other = ["reservation.created", "reservation.moved"], ["reservation.moved"], ["reservation.created"]
    assert list(got.values()) == [both, one, other, one, both, one]


def test_whoever_looks_at_a_reservation_that_changes_is_told_who_changed_what(tenant: LiveTenant) -> None:
    ada, grace = tenant.user(name="Ada"), tenant.user(name="Grace")
    booked = ada.reserve("room", *MORNING).json()
    viewer = grace.connect(f"reservation:{booked['id']}")
    assert ada.post(f"/reservations/{booked['id']}/cancel", {}).status_code == 200
    message = viewer.told("reservation.cancelled")
    assert (message["data"]["by"]["name"], message["data"]["entity_id"]) == ("Ada", booked["id"])
    assert (message["data"]["before"]["state"], message["data"]["after"]["state"]) == ("confirmed", "cancelled")
    assert message["at"].endswith("Z")
    assert message["data"]["after"]["starts_at"] == MORNING[0]
    assert "price" not in message["data"]["after"]
    Event.model_validate(message)


def test_nobody_of_another_tenant_is_told_anything(tenants: Callable[[], LiveTenant]) -> None:
    own, other = tenants(), tenants()
    theirs = other.user(Role.OWNER).connect("tenant", "calendar:2031-04-01/2031-05-01")
    mine = own.user().connect("tenant")
    own.user().reserve("room", *MORNING)
    assert mine.told("reservation.created")
    own.settle()
    assert theirs.everything() == []


def test_hosts_are_told_of_their_own_resources_and_of_no_others(tenant: LiveTenant) -> None:
    agent = tenant.user()
    host = tenant.user(Role.HOST, resources=("hall",)).connect("tenant", "calendar:2031-04-01/2031-05-01")
    agent.reserve("room", *MORNING)
    booked = agent.reserve("hall", *MORNING).json()
    move = {"resource_id": str(tenant.ids["room"])}
    assert agent.post(f"/reservations/{booked['id']}/move", move).status_code == 200
    tenant.settle()
    told = host.everything()
    assert types(told) == ["reservation.created", "reservation.moved"]
    assert {message["data"]["resource_id"] for message in told} == {str(tenant.ids["hall"])}
    assert (told[1]["data"]["after"], told[1]["data"]["before"]["state"]) == (None, "confirmed")
    assert str(tenant.ids["room"]) not in str(told)


def test_guests_watch_their_own_reservation_and_what_is_available(tenant: LiveTenant) -> None:
    agent = tenant.user()
    others = agent.reserve("hall", *NEXT_DAY).json()
    booked = reserved_and_told(tenant)
    tenant.settle()  # nothing of both reservations is still on its way
    room = f"resource:{tenant.ids['room']}"
    with Client(tenant.as_guest(booked["manage_token"])) as guest:
        assert guest.subscribe(f"reservation:{booked['id']}", room, f"resource:{tenant.ids['hall']}")
        for topic in ("tenant", "calendar:2031-04-01/2031-05-01", f"reservation:{others['id']}"):
            assert guest.ask("subscribe", topics=[topic])["data"]["code"] == "not_found"
        for action in ("presence", "edit_lock.acquire"):
            members = (
                {"topic": room}
                if action == "presence"
                else {
                    "resource_id": str(tenant.ids["room"]),
                    "starts_at": MORNING[0],
                    "ends_at": MORNING[1],
                }
            )
            assert guest.ask(action, **members)["data"]["code"] == "forbidden"
        assert agent.post(f"/reservations/{others['id']}/cancel", {}).status_code == 200
        changed = guest.told("availability.changed")
        assert changed["data"] == {
            "resource_ids": [str(tenant.ids["hall"])],
            "starts_at": NEXT_DAY[0],
            "ends_at": NEXT_DAY[1],
        }
        AvailabilityChanged.model_validate(changed)
        assert agent.post(f"/reservations/{booked['id']}/check-in", {}).status_code in {200, 409, 422}
        assert agent.post(f"/reservations/{booked['id']}/cancel", {}).status_code == 200
        own = guest.told("reservation.cancelled")
        assert own["data"] == {**own["data"], "reservation_id": booked["id"], "state": "cancelled", "version": 2}
        OwnReservation.model_validate(own)
        tenant.settle()
        assert guest.everything() == []


def test_visitors_watch_what_is_available_and_nothing_else(tenant: LiveTenant) -> None:
    agent = tenant.user()
    looking = agent.connect()
    room = f"resource:{tenant.ids['room']}"
    looking.subscribe(room)
    with Client(tenant.as_visitor()) as visitor:
        assert visitor.subscribe(room)["data"]["topics"] == [room]
        booked = agent.reserve("room", *MORNING).json()
        changed = visitor.told("availability.changed")
        assert changed["data"] == {
            "resource_ids": [str(tenant.ids["room"])],
            "starts_at": MORNING[0],
            "ends_at": MORNING[1],
        }
        for topic in ("tenant", "calendar:2031-04-01/2031-05-01", f"reservation:{booked['id']}", f"resource:{uuid4()}"):
            assert visitor.ask("subscribe", topics=[topic])["data"]["code"] == "not_found"
        assert visitor.ask("presence", topic=room)["data"]["code"] == "forbidden"
        tenant.settle()
        assert visitor.everything() == []
        assert len(looking.ask("presence", topic=room)["data"]["viewers"]) == 1


def test_locks_and_presence_are_not_for_guests(tenant: LiveTenant) -> None:
    agent = tenant.user()
    booked = reserved_and_told(tenant)
    room = f"resource:{tenant.ids['room']}"
    with Client(tenant.as_guest(booked["manage_token"])) as guest:
        guest.subscribe(room)
        desk = agent.connect(room)
        answer = desk.ask(
            "edit_lock.acquire", resource_id=str(tenant.ids["room"]), starts_at=MORNING[0], ends_at=MORNING[1]
        )
        LockAnswer.model_validate(answer)
        assert desk.told("edit_lock.acquired")
        tenant.settle()
        assert guest.everything() == []


def test_what_was_missed_is_read_since_the_last_message(tenants: Callable[[], LiveTenant]) -> None:
    tenant, other = tenants(), tenants()
    user = tenant.user()
    client = user.connect("tenant")
    user.reserve("room", *MORNING)
    last = client.told("reservation.created")["id"]
    client.socket.close()
    missed = [user.reserve("room", *NEXT_DAY).json()["id"] for _ in range(2)]
    other.user().reserve("room", *MORNING)
    tenant.settle()  # what is still on its way would reach whoever connects now
    again = user.connect("tenant")
    page = user.get("/events", after=last, limit="1")
    read: list[Message] = page["items"]
    while page["next_cursor"]:
        page = user.get("/events", after=last, limit="1", cursor=page["next_cursor"])
        read += page["items"]
    assert [message["data"]["entity_id"] for message in read] == missed
    for message in read:
        Event.model_validate(message)
    tenant.settle()
    assert again.everything() == []


def test_what_was_missed_names_who_held_a_lock(tenant: LiveTenant) -> None:
    ada, olga = tenant.user(name="Ada").connect(), tenant.user(Role.OWNER, "Olga").connect()
    wanted = {"resource_id": str(tenant.ids["room"]), "starts_at": MORNING[0], "ends_at": MORNING[1]}
    assert ada.ask("edit_lock.acquire", **wanted)["type"] == "edit_lock.acquired"
    assert olga.ask("edit_lock.acquire", **wanted, take_over=True)["type"] == "edit_lock.acquired"
    read = [message["data"] for message in tenant.user().get("/events")["items"]]
    assert [(data["holder_name"], data["by"]["name"]) for data in read] == [
        ("Ada", "Ada"),
        ("Ada", "Olga"),
        ("Olga", "Olga"),
    ]


def test_a_host_reads_what_they_missed_and_nothing_else(tenant: LiveTenant) -> None:
    agent, host = tenant.user(), tenant.user(Role.HOST, resources=("hall",))
    agent.reserve("room", *MORNING)
    seen = agent.reserve("hall", *MORNING).json()["id"]
    assert [message["data"]["entity_id"] for message in host.get("/events")["items"]] == [seen]


SLOW = """
INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, before, after, occurred_at)
SELECT
    tenant_id, first_id_at(clock_now() - %s * interval '1 minute'), 'reservation.updated', entity_kind, entity_id,
    'staff', after, after, clock_now() - %s * interval '1 minute'
FROM events WHERE entity_id = %s AND type = 'reservation.created'
RETURNING id
"""


@pytest.mark.parametrize("minutes", [0, 5])
def test_what_a_slow_transaction_wrote_is_read_once_whenever_it_ends(tenant: LiveTenant, minutes: int) -> None:
    """Who knows only the later event has to learn of the earlier one, and of nothing that had ended before."""
    user = tenant.user()
    late = [user.reserve("room", *times).json()["id"] for times in (MORNING, NEXT_DAY, DAY_AFTER)][1]
    order = "SELECT id FROM events WHERE entity_id = %s AND type = 'reservation.created'"
    with psycopg.connect(tenant.database.owner) as slow:
        ((written,),) = slow.execute(SLOW, [minutes, minutes, late]).fetchall()
        known = user.reserve("room", *FOURTH_DAY).json()["id"]
        ((known_event,),) = tenant.rows(order, known)
        assert user.get("/events", after=str(known_event))["items"] == []
        newest = user.reserve("hall", *MORNING).json()["id"]
        ((newest_event,),) = tenant.rows(order, newest)
        first_page = user.get("/events", after=str(known_event), limit="1")
        assert [message["id"] for message in first_page["items"]] == [str(newest_event)]
    read = user.get("/events", after=str(known_event))["items"]
    assert {message["id"] for message in read} == {str(written), str(newest_event)}
    assert str(written) in {message["id"] for message in user.get("/events", after=str(newest_event))["items"]}
    ((after_all,),) = tenant.rows(order, user.reserve("hall", *NEXT_DAY).json()["id"])
    assert user.get("/events", after=str(after_all))["items"] == []


def test_pages_show_what_was_committed_when_the_first_was_read(tenant: LiveTenant) -> None:
    user = tenant.user()
    made = [user.reserve("room", *times).json()["id"] for times in (MORNING, NEXT_DAY, DAY_AFTER)]
    order = "SELECT id FROM events WHERE entity_id = %s AND type = 'reservation.created'"
    ((known,),) = tenant.rows(order, made[0])
    with psycopg.connect(tenant.database.owner) as slow:
        ((written,),) = slow.execute(SLOW, [0, 0, made[0]]).fetchall()
        made += [user.reserve("room", *FOURTH_DAY).json()["id"]]
        page = user.get("/events", after=str(known), limit="2")
    read = page["items"]
    while page["next_cursor"]:
        page = user.get("/events", after=str(known), limit="2", cursor=page["next_cursor"])
        read += page["items"]
    assert [message["data"]["entity_id"] for message in read] == made[1:]
    again = user.get("/events", after=read[-1]["id"])["items"]
    assert [message["id"] for message in again] == [str(written)]


FORGED = (
    [0, "1 0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11 2 99999999999999999999"],
    [0, "-1 0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11 2"],
    [0, "1 2"],
    [0, "1 0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11 x"],
)


@pytest.mark.parametrize("forged", FORGED)
def test_a_place_that_no_answer_gave_is_refused(tenant: LiveTenant, forged: list[object]) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(forged, separators=(",", ":")).encode()).rstrip(b"=").decode()
    query = {"cursor": cursor}
    answer = tenant.http.get(f"/tenants/{tenant.slug}/events", params=query, headers=tenant.user().headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("query", [{"after": "x"}, {"cursor": "x"}, {"limit": "0"}])
def test_what_cannot_be_asked_for_is_refused(tenant: LiveTenant, query: dict[str, Any]) -> None:
    answer = tenant.http.get(f"/tenants/{tenant.slug}/events", params=query, headers=tenant.user().headers)
    assert answer.status_code in {400, 422}


def test_answers_are_what_the_document_says(tenant: LiveTenant) -> None:
    client = tenant.user().connect()
    room = f"resource:{tenant.ids['room']}"
    Subscribed.model_validate(client.subscribe(room))
    Presence.model_validate(client.told("presence"))
