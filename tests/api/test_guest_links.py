"""Guests come back by the link in their emails, can have it sent once more, and read of a series once."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest

from chalicelib.access.authenticate import LinkHolds
from chalicelib.access.guest_links import GuestLinks
from chalicelib.access.model.limits import AnonymousCaller, Limits
from chalicelib.access.model.people import Role
from chalicelib.config import Config, ConfigurationError
from chalicelib.core.errors import AuthenticationError
from chalicelib.database.transaction import Database as Service
from chalicelib.delivery.channels.guest_emails import NAME, GuestEmails
from chalicelib.delivery.deliver_events import Delivery, deliver_events
from chalicelib.http.container import container
from chalicelib.jobs.budget import Budget
from chalicelib.realtime.manage_connections import open_connection
from tests.api.emails import spellings
from tests.api.tenant import in_days
from tests.mailbox import into
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from chalicelib.adapters.mail import Email
    from tests.api.inbox import Inbox
    from tests.api.tenant import Tenant
    from tests.offers import Json


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabin", capacity=3, document=policy(STAY)))


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex}@example.org"


def reserve(tenant: Tenant, email: str) -> Json:
    guest = {"name": "Ada Lovelace", "email": email}
    times = {"check_in_on": in_days(5), "check_out_on": in_days(7)}
    made = tenant.post("/reservations", {"resource_id": str(tenant.ids["cabin"]), "guest": guest, **times})
    assert made.status_code == 201, made.text
    return made.json()


def told(tenant: Tenant, email: str) -> list[Email]:
    """Deliver what happened here so far, and nothing of other tests' tenants. Returns the emails to an address."""
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("DELETE FROM outbox USING tenants WHERE tenants.id = tenant_id AND slug != %s", [tenant.slug])
    mails: list[Email] = []
    jobs = Service(tenant.database.jobs, pool_size=1, request_seconds=10)
    try:
        channels = {NAME: GuestEmails(into(mails), container().guest_links.to, "berth@example.org")}
        while deliver_events(jobs, Delivery(lambda: channels, "test", lambda _: None), Budget(20)):
            pass
    finally:
        jobs.close()
    return [mail for mail in mails if mail.to == email]


def read_with(tenant: Tenant, path: str, token: str) -> httpx.Response:
    return tenant.client.get(f"/tenants/{tenant.slug}{path}", headers={"Authorization": f"Bearer {token}"})


def token_in(text: str) -> str:
    found = re.search(r"^https://\S+/manage#(\S+)\r?$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def test_the_link_in_an_email_opens_the_reservation(tenant: Tenant, email: str) -> None:
    made = reserve(tenant, email)
    (mail,) = told(tenant, email)
    token = token_in(mail.text)
    read = read_with(tenant, f"/reservations/{made['id']}", token)
    assert (read.status_code, read.json()["code"]) == (200, made["code"])
    assert "See it, change it or cancel it here:" in mail.text
    assert tenant.change(made, "cancel").status_code == 200
    (cancelled,) = told(tenant, email)
    assert "See it here:" in cancelled.text


def test_the_link_is_sent_once_more_to_the_guest_alone(tenant: Tenant, inbox: Inbox, email: str) -> None:
    made = reserve(tenant, email)
    asked = {"code": made["code"].lower(), "email": email.upper()}
    for body in (
        {**asked, "email": f"{uuid4().hex}@example.org"},
        {**asked, "code": "ZZZZZZZZ"},
        asked,
    ):
        answer = tenant.post("/reservations/send-link", body)
        assert (answer.status_code, answer.content) == (204, b"")
        assert inbox.to(body["email"].lower()) == [] or body is asked
    (text,) = inbox.to(email)
    assert made["code"] in text
    read = read_with(tenant, f"/reservations/{made['id']}", token_in(text))
    assert read.status_code == 200


def test_links_are_sent_three_times_an_hour_whether_there_is_a_reservation_or_not(tenant: Tenant, email: str) -> None:
    made = reserve(tenant, email)
    for body in ({"code": made["code"], "email": email}, {"code": "ZZZZZZZZ", "email": f"{uuid4().hex}@example.org"}):
        statuses = [tenant.post("/reservations/send-link", body).status_code for _ in range(4)]
        assert statuses == [204, 204, 204, 429]


@pytest.mark.parametrize("first", ["s", "\u017f"])
def test_links_are_counted_for_an_email_however_it_is_written(tenant: Tenant, inbox: Inbox, first: str) -> None:
    emails = spellings()
    made = reserve(tenant, f"s{emails[0]}")
    written = [f"{first}{email.strip()}" for email in emails[:2]] + [f"s{email.strip()}" for email in emails[2:]]
    asked = [tenant.post("/reservations/send-link", {"code": made["code"], "email": email}) for email in written]
    assert [answer.status_code for answer in asked] == [204] * 3 + [429] * 3
    assert len(inbox.to(f"s{emails[0]}")) == 3


def test_links_are_sent_so_often_for_a_network(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> int:
        body = {"code": "ZZZZZZZZ", "email": f"{uuid4().hex}@example.org"}
        return tenant.post("/reservations/send-link", body).status_code

    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:7::1")
    assert [ask() for _ in range(31)] == [204] * 30 + [429]
    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:7:ffff::2")  # the same /64
    assert ask() == 429
    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:8::1")
    assert ask() == 204


def test_a_link_of_another_tenant_is_not_sent(
    tenant: Tenant, make_tenant: Callable[..., Tenant], inbox: Inbox, email: str
) -> None:
    made = reserve(tenant, email)
    other = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    assert other.post("/reservations/send-link", {"code": made["code"], "email": email}).status_code == 204
    assert inbox.to(email) == []


def test_a_series_is_told_in_one_email_and_its_link_opens_all_of_it(tenant: Tenant, email: str) -> None:
    guest = {"name": "Ada Lovelace", "email": email}
    rule = {"rule": "FREQ=DAILY;INTERVAL=3;COUNT=4", "first_on": in_days(5), "nights": 1}
    made = tenant.post("/series", {"resource_id": str(tenant.ids["cabin"]), "guest": guest, **rule})
    assert made.status_code == 201, made.text
    (mail,) = told(tenant, email)
    assert mail.subject.endswith(": 4 reservations are confirmed")
    codes = [one["code"] for one in made.json()["occurrences"]]
    assert re.findall(r"^- .*: (\w{8}), confirmed$", mail.text, re.MULTILINE) == codes
    token = token_in(mail.text)
    read = read_with(tenant, f"/series/{made.json()['id']}", token)
    assert read.status_code == 200
    ended = tenant.post(f"/series/{made.json()['id']}/cancel", {}, Authorization=f"Bearer {token}")
    assert ended.status_code == 200, ended.text
    (mail,) = told(tenant, email)
    assert mail.subject.endswith(": 4 reservations are cancelled")


def test_one_date_of_a_series_is_told_as_what_it_is(tenant: Tenant, email: str) -> None:
    guest = {"name": "Ada Lovelace", "email": email}
    rule = {"rule": "FREQ=DAILY;INTERVAL=3;COUNT=3", "first_on": in_days(5), "nights": 1}
    made = tenant.post("/series", {"resource_id": str(tenant.ids["cabin"]), "guest": guest, **rule}).json()
    assert len(told(tenant, email)) == 1
    second = made["occurrences"][1]
    cancelled = tenant.post(f"/reservations/{second['reservation_id']}/cancel", {}, **tenant.as_editor())
    assert cancelled.status_code == 200, cancelled.text
    (mail,) = told(tenant, email)
    assert mail.subject.endswith(f"{second['code']} is cancelled")


def renewed(tenant: Tenant, path: str, **headers: str) -> str | None:
    answer = tenant.post(f"{path}/renew-link", {}, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["manage_token"]


def test_a_link_that_leaked_is_renewed_and_all_before_it_are_invalid_at_once(
    tenant: Tenant, inbox: Inbox, email: str
) -> None:
    made, other = reserve(tenant, email), reserve(tenant, email)
    path = f"/reservations/{made['id']}"
    new = renewed(tenant, path, Authorization=f"Bearer {made['manage_token']}")
    assert new is not None
    assert read_with(tenant, path, new).status_code == 200
    old = read_with(tenant, path, made["manage_token"])
    assert (old.status_code, old.json()["code"]) == (401, "unauthenticated")
    assert "replaced by a newer one" in old.json()["detail"]
    assert tenant.change(made, "cancel").status_code == 401
    assert tenant.post(f"{path}/renew-link", {}, Authorization=f"Bearer {made['manage_token']}").status_code == 401
    assert read_with(tenant, f"/reservations/{other['id']}", other["manage_token"]).status_code == 200
    newest = renewed(tenant, path, Authorization=f"Bearer {new}")
    assert read_with(tenant, path, new).status_code == 401
    assert token_in(inbox.to(email)[-1]) == newest
    assert {token_in(mail.text) for mail in told(tenant, email)} >= {newest}
    assert tenant.post("/reservations/send-link", {"code": made["code"], "email": email}).status_code == 204
    assert token_in(inbox.to(email)[-1]) == newest


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "?nonsense=1", None),
        ("PATCH", "", {"nonsense": 1}),
        ("PATCH", "", {"notes": "Unproven"}),
        ("POST", "/cancel", {"nonsense": 1}),
        ("POST", "/move", {}),
    ],
)
def test_who_has_a_link_that_was_renewed_is_told_that_and_nothing_else(
    tenant: Tenant, email: str, method: str, path: str, body: Json | None
) -> None:
    made = reserve(tenant, email)
    new = renewed(tenant, f"/reservations/{made['id']}", **tenant.as_role())
    assert new is None
    bearer = {"Authorization": f"Bearer {made['manage_token']}"}
    url = f"/tenants/{tenant.slug}/reservations/{made['id']}{path}"
    answer = tenant.client.request(method, url, json=body, headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert tenant.client.get(url.removesuffix(path), headers=tenant.as_role()).json()["notes"] == ""


def test_staff_renew_a_link_that_only_its_guest_is_sent(tenant: Tenant, inbox: Inbox, email: str) -> None:
    made = reserve(tenant, email)
    path = f"/reservations/{made['id']}"
    assert renewed(tenant, path, **tenant.as_role(Role.AGENT)) is None
    assert read_with(tenant, path, made["manage_token"]).status_code == 401
    assert read_with(tenant, path, token_in(inbox.to(email)[-1])).status_code == 200
    assert tenant.post(f"{path}/renew-link", {}, **tenant.as_role(Role.VIEWER)).status_code == 403
    unknown = tenant.post(f"/reservations/{uuid4()}/renew-link", {}, **tenant.as_role())
    assert unknown.status_code == 404
    log = tenant.client.get(f"/tenants/{tenant.slug}/audit", headers=tenant.as_role()).json()["items"]
    assert [one["type"] for one in log if one["type"] == "guest.link_renewed"] == ["guest.link_renewed"]


def test_links_to_a_series_and_to_a_place_in_a_queue_are_renewed_too(tenant: Tenant, email: str) -> None:
    guest = {"name": "Ada Lovelace", "email": email}
    rule = {"rule": "FREQ=DAILY;INTERVAL=3;COUNT=2", "first_on": in_days(20), "nights": 1}
    series = tenant.post("/series", {"resource_id": str(tenant.ids["cabin"]), "guest": guest, **rule}).json()
    path = f"/series/{series['id']}"
    new = renewed(tenant, path, Authorization=f"Bearer {series['manage_token']}")
    assert [read_with(tenant, path, token or "").status_code for token in (series["manage_token"], new)] == [401, 200]
    times = {"check_in_on": in_days(5), "check_out_on": in_days(6)}
    wanted = {"resource_id": str(tenant.ids["cabin"]), "guest": guest, **times}
    assert tenant.post("/reservations", {**wanted, "quantity": 3}, **tenant.as_role()).status_code == 201
    entry = tenant.post("/waitlist", wanted).json()
    path = f"/waitlist/{entry['id']}"
    new = renewed(tenant, path, Authorization=f"Bearer {entry['manage_token']}")
    assert [read_with(tenant, path, token or "").status_code for token in (entry["manage_token"], new)] == [401, 200]


def test_connections_of_a_renewed_link_and_its_tickets_end(tenant: Tenant, email: str) -> None:
    made = reserve(tenant, email)
    bearer = {"Authorization": f"Bearer {made['manage_token']}"}
    ticket = tenant.client.post("/auth/ws-tickets", json={"tenant": tenant.slug}, headers=bearer)
    assert ticket.status_code in {200, 201}, ticket.text
    anonymous = AnonymousCaller("192.0.2.1", Limits())
    with closing(Service(tenant.database.app, pool_size=1, request_seconds=10)) as service:
        open_connection(service, ticket.json()["ticket"], f"of {made['id']}", anonymous)
        unused = tenant.client.post("/auth/ws-tickets", json={"tenant": tenant.slug}, headers=bearer).json()["ticket"]
        renewed(tenant, f"/reservations/{made['id']}", **bearer)
        with pytest.raises(AuthenticationError, match="ticket"):
            open_connection(service, unused, "another", anonymous)
    with psycopg.connect(tenant.database.owner) as owner:
        left = owner.execute("SELECT id FROM connections WHERE reservation_id = %s", [made["id"]]).fetchall()
    assert left == []


def test_a_link_holds_until_so_many_days_after_the_end(tenant: Tenant, email: str) -> None:
    made = reserve(tenant, email)  # for the fifth to the seventh day from now
    with closing(Service(tenant.database.app, pool_size=1, request_seconds=10)) as service:
        subject = UUID(made["id"])
        service.proving(LinkHolds(tenant.slug, subject, 0, days=-5)).prove()
        with pytest.raises(AuthenticationError, match="over for more than"):
            service.proving(LinkHolds(tenant.slug, subject, 0, days=-9)).prove()
        assert tenant.change(made, "extend", check_out_on=in_days(12)).status_code == 200
        service.proving(LinkHolds(tenant.slug, subject, 0, days=-9)).prove()  # its end has moved


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ({}, None),
        ({"BERTH_PUBLIC_URL": "https://berth.example"}, "https://berth.example/manage#k"),
        ({"BERTH_MANAGE_URL": "https://{tenant}.example/r/{id}#{token}"}, "https://lake.example/r/0#k"),
    ],
)
def test_where_links_lead_is_configured(given: dict[str, str], link: str | None) -> None:
    needed = {"DATABASE_URL": "postgresql://x", "BERTH_SIGNING_KEYS": f"k:{'x' * 32}"}
    template = Config.from_environment(needed | given).manage_url
    assert GuestLinks(template, lambda _tenant, _id, _generation: "k").to("lake", UUID(int=0), 0) == (
        link and link.replace("/r/0#", f"/r/{UUID(int=0)}#")
    )


@pytest.mark.parametrize("wrong", ["https://book.example", "book.example/{token}", "https://b.example/{code}#{token}"])
def test_a_link_that_leads_nowhere_is_a_mistake_of_configuration(wrong: str) -> None:
    needed = {"DATABASE_URL": "postgresql://x", "BERTH_SIGNING_KEYS": f"k:{'x' * 32}", "BERTH_MANAGE_URL": wrong}
    with pytest.raises(ConfigurationError, match="BERTH_MANAGE_URL"):
        Config.from_environment(needed)


def test_no_link_is_promised_where_no_page_is(tenant: Tenant, email: str) -> None:
    reserve(tenant, email)
    mails: list[Email] = []
    jobs = Service(tenant.database.jobs, pool_size=1, request_seconds=10)
    try:
        channels = {NAME: GuestEmails(into(mails), lambda _tenant, _id, _generation: None, "berth@example.org")}
        deliver_events(jobs, Delivery(lambda: channels, "test", lambda _: None), Budget(20))
    finally:
        jobs.close()
    (mail,) = [one for one in mails if one.to == email]
    assert "here:" not in mail.text
