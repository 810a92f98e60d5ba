"""Notifications are pushed to devices: encrypted, to whom they concern, again where they were not taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chalicelib.adapters.egress import Egress, Reach
from chalicelib.adapters.web_push import PushServices, new_key
from chalicelib.delivery import manage_push
from chalicelib.delivery.channels import push
from chalicelib.delivery.deliver_events import Delivery, deliver_events
from chalicelib.delivery.model.push import TRIED_FOR, PushPreferences, QuietHours
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.model.reservations import Action
from tests.certificates import Authority
from tests.push_browser import PushBrowser
from tests.receiver import Receiver, Reply, running_receiver
from tests.stage import ANSWER, MORNING, STAFF, TENANT, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.database.transaction import Database
    from chalicelib.delivery.deliver_events import Channel, Channels, DeliveryOutcome
    from chalicelib.delivery.storage.outbox import Attempt
    from tests import databases

HOST = "push.example.com"
HERE = ip_network("127.0.0.0/8")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Device:
    """A browser of somebody who works for the tenant."""

    user_id: UUID
    id: UUID
    browser: PushBrowser

    def read(self, receiver: Receiver) -> list[Any]:
        """What it was pushed."""
        return [json.loads(self.browser.read(one.body)) for one in receiver.received if one.path == self.browser.path]


class Dying:
    """A channel that is gone before it says how it went."""

    def __init__(self, channel: Channel) -> None:
        self.wants, self.reached = channel.wants, channel.reached

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        del database, attempt, until
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def receiver(authority: Authority) -> Generator[Receiver]:
    with running_receiver(authority.server(HOST)) as receiver:
        receiver.answer = lambda _: Reply(201)
        yield receiver


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    with open_stage(database, offer("room"), offer("hall"), offer("asked", "approval")) as stage:
        yield stage


@pytest.fixture
def channels(receiver: Receiver, authority: Authority) -> Channels:
    return {push.NAME: channel(receiver, authority)}


def channel(receiver: Receiver, authority: Authority, *hosts: str) -> push.Push:
    here = (ip_address(receiver.address),)
    egress = Egress(lambda _name, _seconds: here, Reach(receiver.port, (HERE,)), authority.trust)
    return push.Push(PushServices(egress, new_key(), "mailto:push@berth.example", hosts or (HOST,)))


def add_member(stage: Stage, role: str = "agent", *own: str, user_id: UUID | None = None) -> UUID:
    member_id = user_id or uuid4()
    values = {"id": member_id, "role": role, "own": [stage.resources[one] for one in own]}
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute(
            "INSERT INTO users (id, email, name, created_at, updated_at)"
            " VALUES (%(id)s, %(id)s::text || '@example.org', 'Grace', now(), now())",
            values,
        )
        owner.execute(
            "INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)"
            " SELECT id, %(id)s, %(role)s, now(), now() FROM tenants",
            values,
        )
        owner.execute(
            "INSERT INTO membership_resources (tenant_id, user_id, resource_id)"
            " SELECT tenant.id, %(id)s, own FROM tenants AS tenant, unnest(%(own)s::uuid[]) AS own",
            values,
        )
    return member_id


def as_member(stage: Stage, user_id: UUID, version: int | None = None) -> Context:
    return Context(stage.application, TENANT, Actor("staff", str(user_id), None), expected_version=version)


def add_device(stage: Stage, user_id: UUID, language: str = "en", host: str = HOST) -> Device:
    browser = PushBrowser()
    made: list[UUID] = []

    def tell(device: Any) -> Any:  # noqa: ANN401 - an answer that nobody reads
        made[:] = [device.id]
        return ANSWER

    manage_push.add_device(as_member(stage, user_id), browser.at(host), "Firefox", language, tell)
    return Device(user_id, made[0], browser)


def choose(stage: Stage, device: Device, **chosen: Any) -> None:  # noqa: ANN401 - members of PushPreferences
    before = manage_push.read_preferences(as_member(stage, device.user_id))
    preferences = PushPreferences(**chosen)
    manage_push.write_preferences(as_member(stage, device.user_id, before.version), preferences)


def deliver(stage: Stage, channels: Channels) -> None:
    deliver_events(stage.jobs, Delivery(lambda: channels, "consumer", lambda _: None), Budget(20))


def titles(device: Device, receiver: Receiver) -> list[str]:
    return [one["title"] for one in device.read(receiver)]


def deliveries(stage: Stage) -> list[tuple[str | None, str | None]]:
    with psycopg.connect(stage.databases.owner) as owner:
        return owner.execute("SELECT outcome, last_error FROM deliveries WHERE channel = 'push' ORDER BY id").fetchall()


def test_a_device_is_told_what_was_reserved_and_nothing_of_the_guest(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    device = add_device(stage, add_member(stage))
    reservation = stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    (told,) = device.read(receiver)
    assert told["title"] == "New reservation: Room"
    assert "1 Jun, " in told["body"]
    assert told["url"] == f"/admin/{TENANT}/reservations/{reservation.id}"
    assert "Ada" not in json.dumps(told)
    assert "example.org" not in json.dumps(told)
    request = receiver.received[0]
    assert request.headers["content-encoding"] == "aes128gcm"
    assert request.headers["urgency"] == "high"
    assert int(request.headers["ttl"]) > 0
    assert request.headers["topic"] == reservation.id.hex
    assert len(request.headers["topic"]) <= 32  # RFC 8030, 5.4
    assert request.headers["authorization"].startswith("vapid t=")
    assert deliveries(stage) == [("delivered", None)]
    (shown,) = manage_push.list_devices(as_member(stage, device.user_id))
    assert shown.last_sent_at is not None


@pytest.mark.parametrize(
    ("language", "request_title", "cancelled"),
    [
        ("en", "New request: Asked", "Reservation cancelled: Asked"),
        ("de", "Neue Anfrage: Asked", "Reservierung storniert: Asked"),
        ("es", "Nueva solicitud: Asked", "Reserva cancelada: Asked"),
        ("fr", "Nouvelle demande: Asked", "Réservation annulée: Asked"),
    ],
)
def test_each_device_is_told_in_its_language(
    stage: Stage, receiver: Receiver, channels: Channels, language: str, request_title: str, cancelled: str
) -> None:
    device = add_device(stage, add_member(stage), language)
    reservation = stage.reserve("asked", hours(2, 4))
    stage.step(reservation, Action.CANCEL)
    deliver(stage, channels)
    assert titles(device, receiver) == [request_title, cancelled]


def test_members_are_told_what_they_chose_and_did_not_do_themselves(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    everything, chosen, doer = (
        add_device(stage, add_member(stage)),
        add_device(stage, add_member(stage)),
        add_device(stage, add_member(stage, user_id=UUID(STAFF.id))),
    )
    choose(stage, chosen, event_types=("reservation.cancelled",), resource_ids=(stage.resources["hall"],))
    room, hall = stage.reserve("room", hours(2, 4)), stage.reserve("hall", hours(2, 4))
    stage.step(room, Action.CANCEL)
    stage.step(hall, Action.CANCEL)
    deliver(stage, channels)
    assert titles(chosen, receiver) == ["Reservation cancelled: Hall"]
    assert len(titles(everything, receiver)) == 4
    assert titles(doer, receiver) == []


def test_a_host_is_told_of_their_own_resources_alone(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    device = add_device(stage, add_member(stage, "host", "hall"))
    stage.reserve("room", hours(2, 4))
    stage.reserve("hall", hours(2, 4))
    deliver(stage, channels)
    assert titles(device, receiver) == ["New reservation: Hall"]


def test_a_role_that_is_taken_away_before_it_is_sent_counts(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    device = add_device(stage, add_member(stage))
    stage.reserve("room", hours(2, 4))
    receiver.answer = lambda _: Reply(503)
    deliver(stage, channels)
    assert len(titles(device, receiver)) == 1
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute("UPDATE memberships SET role = 'host' WHERE user_id = %s", [device.user_id])
    receiver.answer = lambda _: Reply(201)
    stage.pass_by(timedelta(minutes=10))
    deliver(stage, channels)
    assert len(titles(device, receiver)) == 1
    assert deliveries(stage)[0][0] == "skipped"


def test_with_the_membership_its_devices_are_gone(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    device = add_device(stage, add_member(stage))
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute("DELETE FROM memberships WHERE user_id = %s", [device.user_id])
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    assert receiver.received == []
    assert manage_push.list_devices(as_member(stage, device.user_id)) == []


def test_a_suspended_tenant_pushes_nothing(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    add_device(stage, add_member(stage))
    stage.reserve("room", hours(2, 4))
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute("UPDATE tenants SET suspended_at = now(), suspended_reason = 'unpaid'")
    deliver(stage, channels)
    assert receiver.received == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_removed(stage: Stage, receiver: Receiver, channels: Channels, status: int) -> None:
    device = add_device(stage, add_member(stage))
    receiver.answer = lambda _: Reply(status)
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    assert manage_push.list_devices(as_member(stage, device.user_id)) == []
    stage.reserve("hall", hours(2, 4))
    deliver(stage, channels)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_push_service_is_asked_again_when_it_says(
    stage: Stage, receiver: Receiver, channels: Channels, status: int
) -> None:
    device = add_device(stage, add_member(stage))
    receiver.answer = lambda _: Reply(status, {"retry-after": "1200"})
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    receiver.answer = lambda _: Reply(201)
    stage.pass_by(timedelta(seconds=1100))
    deliver(stage, channels)
    assert len(receiver.received) == 1
    stage.pass_by(timedelta(seconds=200))
    deliver(stage, channels)
    assert titles(device, receiver) == ["New reservation: Room"] * 2
    assert deliveries(stage)[0][0] == "delivered"


@pytest.mark.parametrize("status", [400, 413])
def test_what_will_never_be_taken_is_given_up_and_the_device_stays(
    stage: Stage, receiver: Receiver, channels: Channels, status: int
) -> None:
    device = add_device(stage, add_member(stage))
    receiver.answer = lambda _: Reply(status)
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    assert deliveries(stage) == [("undelivered", f"The answer was {status}.")]
    assert len(manage_push.list_devices(as_member(stage, device.user_id))) == 1


def test_old_news_is_given_up(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    add_device(stage, add_member(stage))
    receiver.answer = lambda _: Reply(500)
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    stage.pass_by(TRIED_FOR + HOUR)
    deliver(stage, channels)
    assert deliveries(stage)[0][0] == "undelivered"


def test_a_redirect_is_not_followed(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    add_device(stage, add_member(stage))
    receiver.answer = lambda _: Reply(307, {"location": f"https://{HOST}/elsewhere"})
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    assert [one.path for one in receiver.received if one.path == "/elsewhere"] == []


@pytest.mark.parametrize("host", ["other.example.com", "169.254.169.254", "localhost", "push.example.com.example.org"])
def test_no_host_but_that_of_a_push_service_is_asked(
    stage: Stage, receiver: Receiver, channels: Channels, host: str
) -> None:
    """Even where such an address was stored, as before a host was taken off the list."""
    add_device(stage, add_member(stage), host=host)
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    assert receiver.connections == 0


def test_an_address_of_our_own_network_is_not_connected_to(
    stage: Stage, receiver: Receiver, authority: Authority
) -> None:
    here = (ip_address("127.0.0.1"),)
    guarded = Egress(lambda _name, _seconds: here, Reach(receiver.port), authority.trust)
    add_device(stage, add_member(stage))
    stage.reserve("room", hours(2, 4))
    deliver(stage, {push.NAME: push.Push(PushServices(guarded, new_key(), "mailto:a@example.org", (HOST,)))})
    assert receiver.connections == 0
    assert deliveries(stage)[0] == (None, "There was no answer.")


def test_in_quiet_hours_nothing_is_pushed_but_tests(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    device = add_device(stage, add_member(stage))
    now = stage.jobs.run_without_tenant(lambda transaction: transaction.now)
    quiet = QuietHours((now - HOUR).time(), (now + HOUR).time(), "UTC")
    choose(stage, device, quiet=quiet)
    stage.reserve("room", hours(2, 4))
    manage_push.send_test(as_member(stage, device.user_id), device.id, lambda _: ANSWER)
    deliver(stage, channels)
    assert titles(device, receiver) == ["Notifications work"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_quiet_hours_go_over_midnight_in_the_zone_of_the_member(at: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    quiet = QuietHours(time(22), time(7), "Pacific/Auckland")  # in June twelve hours before UTC
    local = datetime.combine(MORNING.date(), time.fromisoformat(at), UTC)
    assert quiet.include(local - 12 * HOUR) == expected


def test_a_test_goes_to_one_device_alone(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    user_id = add_member(stage)
    first, second = add_device(stage, user_id), add_device(stage, user_id)
    manage_push.send_test(as_member(stage, user_id), second.id, lambda _: ANSWER)
    deliver(stage, channels)
    assert titles(first, receiver) == []
    assert [one["url"] for one in second.read(receiver)] == [f"/admin/{TENANT}/notifications"]


def test_an_attempt_that_dies_is_made_again_after_its_lease(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    device = add_device(stage, add_member(stage))
    stage.reserve("room", hours(2, 4))
    with pytest.raises(KeyboardInterrupt):
        deliver(stage, {push.NAME: Dying(channels[push.NAME])})
    deliver(stage, channels)
    assert titles(device, receiver) == []
    stage.pass_by(timedelta(minutes=10))
    deliver(stage, channels)
    assert titles(device, receiver) == ["New reservation: Room"]


def test_a_browser_tells_who_added_it_last(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    before, after = add_member(stage), add_member(stage)
    device = add_device(stage, before)
    manage_push.add_device(as_member(stage, after), device.browser.at(HOST), "Firefox", "de", lambda _: ANSWER)
    assert manage_push.list_devices(as_member(stage, before)) == []
    stage.reserve("room", hours(2, 4))
    deliver(stage, channels)
    assert titles(device, receiver) == ["Neue Reservierung: Room"]
