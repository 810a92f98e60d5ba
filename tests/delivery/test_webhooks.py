"""Events are sent to webhooks: signed, in order, again where they were not taken, and logged."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from standardwebhooks import Webhook as Receiving
from standardwebhooks import WebhookVerificationError

from chalicelib.adapters.egress import Egress, Reach
from chalicelib.core.errors import ConflictError
from chalicelib.delivery import deliver_events as deliveries
from chalicelib.delivery import manage_webhooks, webhook_log
from chalicelib.delivery.channels import staff_emails, webhooks
from chalicelib.delivery.channels.staff_emails import StaffEmails
from chalicelib.delivery.channels.webhooks import Webhooks
from chalicelib.delivery.deliver_events import Delivery, deliver_events
from chalicelib.delivery.model.webhooks import TRIED_FOR, headers_of, secret_text, signature_of
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.model.reservations import Action
from tests.certificates import Authority
from tests.mailbox import into
from tests.npm_packages import installed
from tests.receiver import Received, Receiver, Reply, running_receiver
from tests.stage import ANSWER, MINUTE, Stage, hours, offer, open_stage
from tools.node import find_node

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from chalicelib.adapters.mail import Email
    from chalicelib.delivery.deliver_events import Channels
    from chalicelib.delivery.model.webhooks import Webhook, WebhookDelivery
    from tests import databases

HOST = "hooks.example.com"
HERE = ip_network("127.0.0.0/8")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def receiver(authority: Authority) -> Generator[Receiver]:
    with running_receiver(authority.server(HOST, "other.example.com")) as receiver:
        yield receiver


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    with open_stage(database, offer("room"), offer("hall")) as stage:
        yield stage


def channel(receiver: Receiver, authority: Authority) -> Webhooks:
    """It finds every name at the receiver."""
    here = (ip_address(receiver.address),)
    return Webhooks(Egress(lambda _name, _seconds: here, Reach(receiver.port, (HERE,)), authority.trust))


@pytest.fixture
def channels(receiver: Receiver, authority: Authority) -> Channels:
    return {webhooks.NAME: channel(receiver, authority)}


def create(stage: Stage, *event_types: str, host: str = HOST) -> tuple[Webhook, str]:
    told: list[tuple[Webhook, str]] = []

    def tell(webhook: Webhook, secret: bytes | None) -> Any:  # noqa: ANN401 - an answer that nobody reads
        if secret is not None:
            told.append((webhook, secret_text(secret)))
        return ANSWER

    manage_webhooks.create_webhook(stage.context, f"https://{host}/hook", "", event_types, tell)
    return told[0]


def deliver(stage: Stage, channels: Channels, woken: list[int] | None = None) -> None:
    wake = ([] if woken is None else woken).append
    deliver_events(stage.jobs, Delivery(lambda: channels, "consumer", wake), Budget(20))


def log(stage: Stage, webhook: Webhook) -> list[WebhookDelivery]:
    """The deliveries to a webhook, the oldest first."""
    return webhook_log.list_deliveries(stage.context, webhook.id, None, None, 200)[0][::-1]


def now(stage: Stage) -> datetime:
    return stage.jobs.run_without_tenant(lambda transaction: transaction.now)


def bodies(receiver: Receiver) -> list[Any]:
    return [json.loads(request.body) for request in receiver.received]


def types(receiver: Receiver) -> list[str]:
    return [body["type"] for body in bodies(receiver)]


def read(stage: Stage, webhook: Webhook) -> Webhook:
    return manage_webhooks.read_webhook(stage.context, webhook.id)


def send_test(stage: Stage, webhook: Webhook) -> None:
    webhook_log.send_test(stage.context, webhook.id, lambda _: ANSWER)


def add_user_of_tenant(owner: psycopg.Connection[Any], name: str, role: str) -> None:
    values = {"id": uuid4(), "email": f"{name}@example.org", "name": name, "role": role}
    owner.execute(
        "INSERT INTO users (id, email, name, created_at, updated_at)"
        " VALUES (%(id)s, %(email)s, %(name)s, now(), now())",
        values,
    )
    owner.execute(
        "INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)"
        " SELECT id, %(id)s, %(role)s, now(), now() FROM tenants",
        values,
    )


def answering(*statuses: int, **headers: str) -> Callable[[Received], Reply]:
    """Answer with one status after the other, the last one forever."""
    rest = list(statuses)
    return lambda _: Reply(
        rest.pop(0) if len(rest) > 1 else rest[0], {k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_events_arrive_signed_and_in_order(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    webhook, secret = create(stage)
    made = stage.reserve("room", hours(1, 2))
    stage.step(made, Action.CANCEL)
    deliver(stage, channels)
    assert types(receiver) == ["reservation.created", "reservation.cancelled"]
    created = bodies(receiver)[0]
    assert (created["data"]["entity_id"], created["data"]["after"]["state"]) == (str(made.id), "confirmed")
    assert created["data"]["after"]["starts_at"].endswith("Z")
    for request, delivery in zip(receiver.received, log(stage, webhook), strict=True):
        headers = request.headers
        assert (request.method, request.path, headers["content-type"]) == ("POST", "/hook", "application/json")
        assert headers["webhook-id"] == str(delivery.event_id) == json.loads(request.body)["data"]["id"]
        sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert headers["webhook-signature"] == Receiving(secret).sign(
            headers["webhook-id"], sent_at, request.body.decode()
        )
        assert (delivery.outcome, delivery.attempts) == ("delivered", 1)
        assert delivery.last is not None
        assert (delivery.last.status, delivery.last.failure) == (204, None)


@pytest.fixture(scope="module")
def packages(pytestconfig: pytest.Config) -> Path:
    return installed(pytestconfig, Path(__file__).parent / "npm")


def verified_by_npm(packages: Path, secret: str, headers: dict[str, str], body: bytes) -> Any:  # noqa: ANN401 - JSON
    asked = json.dumps({"secret": secret, "headers": headers, "body": body.decode()})
    command = [str(find_node().program), str(Path(__file__).with_name("verify.mjs"))]
    environment = {**os.environ, "PACKAGES": str(packages)}
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


def test_signatures_are_verified_by_the_libraries_of_the_standard(packages: Path) -> None:
    body, secrets = '{"type":"x","name":"Jürgen"}'.encode(), (b"n" * 32, b"o" * 32)
    now = int(time.time())
    headers = headers_of("msg_1") | {"webhook-timestamp": str(now)}
    headers["webhook-signature"] = signature_of(secrets, "msg_1", now, body)
    for secret in map(secret_text, secrets):  # while a secret is rotated both are valid
        assert Receiving(secret).verify(body, headers) == {"type": "x", "name": "Jürgen"}
        assert verified_by_npm(packages, secret, headers, body) == {"type": "x", "name": "Jürgen"}
    wrong = secret_text(b"w" * 32)
    with pytest.raises(WebhookVerificationError):
        Receiving(wrong).verify(body, headers)
    assert "refused" in verified_by_npm(packages, wrong, headers, body)
    assert "refused" in verified_by_npm(packages, secret_text(secrets[0]), headers, body + b" ")


def test_a_webhook_is_sent_what_it_has_chosen(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    webhook, _ = create(stage, "reservation.cancelled")
    stage.step(stage.reserve("room", hours(1, 2)), Action.CANCEL)
    send_test(stage, webhook)
    deliver(stage, channels)
    assert sorted(types(receiver)) == ["reservation.cancelled", "webhook.tested"]
    other, _ = create(stage)
    send_test(stage, other)  # is for the other alone; what is told of webhooks themselves is sent to none
    deliver(stage, channels)
    assert [one.type for one in log(stage, other)] == ["webhook.tested"]
    assert len(receiver.received) == 3


def test_what_is_not_taken_is_sent_again_later_and_later_for_three_days(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    webhook, _ = create(stage)
    receiver.answer = answering(500)
    stage.reserve("room", hours(1, 2))
    woken: list[int] = []
    begun, pauses = now(stage), list[timedelta]()
    deliver(stage, channels, woken)
    (delivery,) = log(stage, webhook)
    while delivery.outcome is None:
        received = len(receiver.received)
        pauses.append(delivery.next_attempt_at - now(stage))
        stage.pass_by(pauses[-1] * 0.9)
        deliver(stage, channels)  # before its time no attempt is made
        assert len(receiver.received) == received
        stage.pass_by(pauses[-1] * 0.1 + 61 * MINUTE)
        deliver(stage, channels)
        assert len(receiver.received) == received + 1
        (delivery,) = log(stage, webhook)
    assert (delivery.outcome, now(stage) - begun >= TRIED_FOR) == ("undelivered", True)
    assert woken
    assert timedelta(seconds=2) <= pauses[0] <= timedelta(seconds=5)
    assert all(later > earlier for earlier, later in pairwise(pauses[:6]))
    assert max(pauses) <= timedelta(hours=12)
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert len({request.body for request in receiver.received}) == 1
    attempts = webhook_log.read_delivery(stage.context, webhook.id, delivery.id).attempts
    assert [one.number for one in reversed(attempts)] == list(range(1, len(receiver.received) + 1))
    assert {(one.status, one.failure) for one in attempts} == {(500, None)}


def test_a_webhook_that_took_nothing_for_three_days_is_disabled_and_its_owners_are_told(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    with psycopg.connect(stage.databases.owner) as owner:
        for name, role in (("ada", "owner"), ("bob", "manager")):
            add_user_of_tenant(owner, name, role)
    webhook, _ = create(stage)
    receiver.answer = answering(503)
    made = stage.reserve("room", hours(200, 201))
    deliver(stage, channels)
    assert read(stage, webhook).failing_since is not None
    stage.pass_by(DAY)
    deliver(stage, channels)
    assert read(stage, webhook).disabled_because is None
    stage.pass_by(2 * DAY)
    emails: list[Email] = []
    deliver(stage, {**channels, staff_emails.NAME: StaffEmails(into(emails))})
    disabled = read(stage, webhook)
    assert (disabled.disabled_because, disabled.version) == ("failing", 2)
    assert [(one.to, HOST in one.subject, "three days" in one.text) for one in emails] == [
        ("ada@example.org", True, True)
    ]
    stage.step(made, Action.CANCEL)
    received = len(receiver.received)
    stage.pass_by(DAY)
    deliver(stage, channels)
    assert len(receiver.received) == received
    manage_webhooks.change_webhook(stage.context, webhook.id, {}, disabled=False)  # enabled again, from now on
    receiver.answer = answering(204)
    stage.reserve("hall", hours(200, 201))
    deliver(stage, channels)
    assert types(receiver)[received:] == ["reservation.created"]
    assert read(stage, webhook).failing_since is None


def test_410_disables_at_once(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    webhook, _ = create(stage)
    receiver.answer = answering(410)
    stage.reserve("room", hours(1, 2))
    deliver(stage, channels)
    assert read(stage, webhook).disabled_because == "gone"
    assert [(one.outcome, one.attempts) for one in log(stage, webhook)] == [("undelivered", 1)]
    stage.reserve("hall", hours(1, 2))
    stage.pass_by(DAY)
    deliver(stage, channels)
    assert len(receiver.received) == 1
    with pytest.raises(ConflictError):
        send_test(stage, webhook)


@pytest.mark.parametrize("wish", ["7200", "Tue, 01 Jun 2027 10:00:00 GMT"])
def test_retry_after_is_honoured(wish: str, stage: Stage, receiver: Receiver, channels: Channels) -> None:
    webhook, _ = create(stage)
    receiver.answer = answering(429, Retry_After=wish)
    stage.reserve("room", hours(1, 2))
    deliver(stage, channels)
    (delivery,) = log(stage, webhook)
    assert delivery.next_attempt_at - now(stage) > timedelta(minutes=115)
    stage.reserve("hall", hours(1, 2))  # about something else: the webhook is left alone all the same
    stage.pass_by(110 * MINUTE)
    deliver(stage, channels)
    assert len(receiver.received) == 1
    receiver.answer = answering(204)
    stage.pass_by(11 * MINUTE)
    deliver(stage, channels)
    assert [one.outcome for one in log(stage, webhook)] == ["delivered", "delivered"]


@pytest.mark.parametrize("wish", ["-5", "soon", "1e9", "99999999999999999999", "Tue, 01 Jun 2094 10:00:00 GMT"])
def test_a_retry_after_without_sense_is_bounded(
    wish: str, stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    webhook, _ = create(stage)
    receiver.answer = answering(503, Retry_After=wish)
    stage.reserve("room", hours(1, 2))
    deliver(stage, channels)
    (delivery,) = log(stage, webhook)
    assert timedelta(0) < delivery.next_attempt_at - now(stage) <= DAY


def test_events_about_one_thing_keep_their_order_and_others_do_not_wait_for_them(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    webhook, _ = create(stage)
    made = stage.reserve("room", hours(1, 2))
    refused = str(made.id)

    def answer(request: Received) -> Reply:
        return Reply(500 if json.loads(request.body)["data"]["entity_id"] == refused else 204)

    receiver.answer = answer
    deliver(stage, channels)
    stage.step(made, Action.CANCEL)
    stage.reserve("hall", hours(1, 2))
    for _ in range(2):  # a failure lets the webhook rest for a moment, whatever it was about
        stage.pass_by(2 * MINUTE)
        deliver(stage, channels)
    assert [(one.type, one.outcome) for one in log(stage, webhook)] == [
        ("reservation.created", None),
        ("reservation.cancelled", None),
        ("reservation.created", "delivered"),
    ]
    assert log(stage, webhook)[1].attempts == 0
    receiver.answer = answering(204)
    stage.pass_by(DAY)
    deliver(stage, channels)
    assert types(receiver)[-2:] == ["reservation.created", "reservation.cancelled"]


def test_each_webhook_has_its_deliveries_to_itself(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    failing, _ = create(stage)
    healthy, _ = create(stage, host="other.example.com")
    receiver.answer = lambda request: Reply(204 if request.headers["host"].startswith("other.") else 500)
    stage.step(stage.reserve("room", hours(1, 2)), Action.CANCEL)
    deliver(stage, channels)
    assert [one.outcome for one in log(stage, failing)] == [None, None]
    assert [one.outcome for one in log(stage, healthy)] == ["delivered", "delivered"]


def test_a_webhook_that_hangs_does_not_delay_others(
    stage: Stage, receiver: Receiver, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried some times at once, then rests: what is for others goes on, whatever waits for it."""
    monkeypatch.setattr("chalicelib.adapters.egress.REQUEST_SECONDS", 2)
    monkeypatch.setattr("chalicelib.adapters.egress.READ_SECONDS", 2)
    hanging, _ = create(stage)
    healthy, _ = create(stage, host="other.example.com")

    def answer(request: Received) -> Reply:
        if not request.headers["host"].startswith("other."):
            receiver.over.wait()
        return Reply()

    receiver.answer = answer
    for hour in range(12):
        stage.reserve("room", hours(hour + 1, hour + 2))
    deliver(stage, channels)
    assert [one.outcome for one in log(stage, healthy)] == ["delivered"] * 12
    to_hanging = [one for one in receiver.received if one.headers["host"].startswith(HOST)]
    assert 0 < len(to_hanging) <= deliveries.AT_ONCE
    assert {one.last and one.last.failure for one in log(stage, hanging)} == {None, "timed_out"}
    assert read(stage, hanging).failing_since is not None


def test_no_attempt_begins_that_could_outlast_its_time(
    stage: Stage, receiver: Receiver, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook, _ = create(stage)
    monkeypatch.setattr(deliveries, "BATCH_SECONDS", 4)
    stage.reserve("room", hours(1, 2))
    deliver(stage, channels)
    assert receiver.connections == 0
    assert [(one.outcome, one.attempts) for one in log(stage, webhook)] == [(None, 0)]


def test_redirects_and_addresses_of_our_own_are_failures_like_others(
    stage: Stage, receiver: Receiver, channels: Channels, authority: Authority
) -> None:
    webhook, _ = create(stage)
    receiver.answer = answering(302, Location=f"https://{HOST}/elsewhere")
    stage.reserve("room", hours(1, 2))
    deliver(stage, channels)
    assert [request.path for request in receiver.received] == ["/hook"]
    public = Egress(lambda _name, _seconds: (ip_address("127.0.0.1"),), Reach(receiver.port), authority.trust)
    stage.pass_by(DAY)
    deliver(stage, {webhooks.NAME: Webhooks(public)})
    assert receiver.connections == 1
    (delivery,) = log(stage, webhook)
    assert delivery.last is not None
    assert (delivery.last.status, delivery.last.failure) == (None, "no_public_address")
    with psycopg.connect(stage.databases.owner) as owner:
        assert owner.execute("SELECT last_error FROM deliveries").fetchall() == [
            ("There was no answer: no_public_address.",)
        ]


def test_a_delivery_can_be_replayed_whatever_became_of_it(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    webhook, _ = create(stage)
    receiver.answer = answering(410)
    stage.reserve("room", hours(1, 2))
    deliver(stage, channels)
    (delivery,) = log(stage, webhook)
    replay = partial(webhook_log.replay_delivery, stage.context, webhook.id, delivery.id, lambda _: ANSWER)
    with pytest.raises(ConflictError):
        replay()  # it is disabled
    manage_webhooks.change_webhook(stage.context, webhook.id, {}, disabled=False)
    receiver.answer = answering(204)
    for times in (2, 3):
        replay()
        deliver(stage, channels)
        assert len(receiver.received) == times
        assert [(one.outcome, one.attempts) for one in log(stage, webhook)] == [("delivered", 1)]
    assert len({(request.headers["webhook-id"], request.body) for request in receiver.received}) == 1
    logged = webhook_log.read_delivery(stage.context, webhook.id, delivery.id)
    assert [one.status for one in logged.attempts] == [204, 204, 410]
    assert (logged.body.encode(), logged.url) == (receiver.received[0].body, f"https://{HOST}/hook")


def test_requests_are_signed_with_both_secrets_while_one_follows_the_other(
    stage: Stage, receiver: Receiver, channels: Channels
) -> None:
    webhook, first = create(stage)
    told: list[bytes] = []

    def rotate(hours_of_overlap: int) -> str:
        def tell(_: Webhook, secret: bytes | None) -> Any:  # noqa: ANN401 - an answer that nobody reads
            if secret is not None:
                told.append(secret)
            return ANSWER

        manage_webhooks.rotate_secret(stage.context, webhook.id, hours_of_overlap, tell)
        return secret_text(told[-1])

    def signed_with(*secrets: str) -> list[bool]:
        send_test(stage, webhook)
        deliver(stage, channels)
        request = receiver.received[-1]
        at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
        given = request.headers["webhook-signature"].split()
        return [
            Receiving(one).sign(request.headers["webhook-id"], at, request.body.decode()) in given for one in secrets
        ]

    second = rotate(24)
    assert read(stage, webhook).previous_secret_until == now(stage) + DAY
    assert signed_with(first, second) == [True, True]
    third = rotate(1)
    assert signed_with(first, second, third) == [False, True, True]
    stage.pass_by(timedelta(hours=2))
    assert signed_with(first, second, third) == [False, False, True]
    fourth = rotate(0)  # the one before has leaked
    assert signed_with(third, fourth) == [False, True]
    assert len(base64.b64decode(fourth.removeprefix("whsec_"))) == 32


def test_the_functions_of_the_api_cannot_read_secrets(stage: Stage) -> None:
    create(stage)
    with psycopg.connect(stage.databases.app) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SELECT secret FROM webhook_secrets")
    with psycopg.connect(stage.databases.jobs) as jobs:
        assert len(jobs.execute("SELECT secret FROM webhook_secrets").fetchall()) == 1


def test_a_webhook_that_was_deleted_is_sent_nothing_more(stage: Stage, receiver: Receiver, channels: Channels) -> None:
    webhook, _ = create(stage)
    receiver.answer = answering(500)
    stage.reserve("room", hours(1, 2))
    deliver(stage, channels)
    manage_webhooks.delete_webhook(stage.context, webhook.id)
    stage.pass_by(DAY)
    deliver(stage, channels)
    assert len(receiver.received) == 1
    with psycopg.connect(stage.databases.owner) as owner:
        assert owner.execute("SELECT outcome FROM deliveries").fetchall() == [("skipped",)]
        assert owner.execute("SELECT count(*) FROM webhook_secrets").fetchall() == [(0,)]


def test_names_with_line_breaks_and_markup_stay_text(stage: Stage) -> None:
    emails: list[Email] = []
    event = {"host": "a.example.com\r\nBcc: eve@example.org", "disabled_because": "gone"}
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute("UPDATE tenants SET name = E'<b>Oaks</b>\\r\\nX: 1'")
        add_user_of_tenant(owner, "ada", "owner")
        owner.execute(
            "INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, after, occurred_at)"
            " SELECT id, gen_random_uuid(), 'webhook.disabled', 'webhook', %s, 'job', %s, clock_now() FROM tenants",
            [UUID(int=1), json.dumps(event)],
        )
    deliver(stage, {staff_emails.NAME: StaffEmails(into(emails))})
    (email,) = emails
    assert "\n" not in email.subject
    assert "\r" not in email.text
    assert "\nBcc:" not in email.text
