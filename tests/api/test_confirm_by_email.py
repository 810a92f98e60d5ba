"""Where a tenant wants it, what anonymous callers ask for is nothing until they open the link of an email."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.telemetry.definitions import ADMISSIONS
from chalicelib.telemetry.metrics import METRICS
from tests.api.emails import spellings
from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.inbox import Inbox
    from tests.api.tenant import Tenant
    from tests.offers import Json

HOLD: Json = {"kind": "hold", "hold_minutes": 30}
STATES = {"instant": "confirmed", "hold": "held", "pending": "pending", "approval": "pending"}
WRITTEN = ("reservations", "guests", "allocations", "events", "series", "waitlist_entries", "outbox")


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    """A tenant that is kept busy with guests who do not exist."""
    kinds = {
        "instant": {"kind": "instant"},
        "hold": HOLD,
        "pending": {"kind": "pending", "grace_minutes": 60},
        "approval": {"kind": "approval"},
    }
    made = make_tenant(
        *(Offer(slug=slug, document=policy(STAY, confirmation=kind)) for slug, kind in kinds.items()),
        Offer(slug="hut", document=policy(STAY)),
    )
    with psycopg.connect(made.database.owner) as owner:
        owner.execute(
            """UPDATE tenants SET settings = settings || '{"confirm_by_email": true}' WHERE slug = %s""", [made.slug]
        )
    return made


def wanted(tenant: Tenant, resource: str = "instant", email: str | None = None) -> Json:
    guest = {"name": "Ada Lovelace", "email": email or f"{uuid4().hex}@example.org"}
    times = {"check_in_on": in_days(5), "check_out_on": in_days(6)}
    return {"resource_id": str(tenant.ids[resource]), "guest": guest, **times}


def series(tenant: Tenant, resource: str = "instant") -> Json:
    given = wanted(tenant, resource)
    kept = {name: given[name] for name in ("resource_id", "guest")}
    return {**kept, "rule": "FREQ=DAILY;COUNT=2", "first_on": in_days(5), "nights": 1}


def stored(tenant: Tenant) -> dict[str, int]:
    with psycopg.connect(tenant.database.owner) as owner:
        counted: dict[str, int] = {}
        for table in WRITTEN:
            query = f"SELECT count(*) FROM {table} WHERE tenant_id = (SELECT id FROM tenants WHERE slug = %s)"  # noqa: S608 - a name of WRITTEN
            row = owner.execute(query.encode(), [tenant.slug]).fetchone()
            counted[table] = row[0] if row else -1
        return counted


def asked(answer: httpx.Response) -> Json:
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "unconfirmed"
    assert "manage_token" not in answer.json()
    return answer.json()


def token_of(inbox: Inbox, email: str) -> str:
    tenant, _, token = inbox.token_to(email).partition(".")
    assert tenant
    return token


def confirm(tenant: Tenant, token: str) -> httpx.Response:
    return tenant.post("/confirmations", {"token": token})


@pytest.mark.parametrize("kind", STATES)
def test_nothing_is_reserved_before_the_link_is_opened_and_then_all_that_was_asked_for(
    tenant: Tenant, inbox: Inbox, kind: str
) -> None:
    before, given = stored(tenant), wanted(tenant, kind)
    unconfirmed = METRICS.totals().get((ADMISSIONS, "unconfirmed"), 0)
    answer = asked(tenant.post("/reservations", given))
    assert METRICS.totals()[ADMISSIONS, "unconfirmed"] == unconfirmed + 1
    assert answer["email"] == given["guest"]["email"]
    assert stored(tenant) == before
    other = tenant.post("/reservations", {**given, "guest": {"name": "B", "email": f"{uuid4().hex}@example.org"}})
    asked(other)  # so nothing was blocked
    made = confirm(tenant, token_of(inbox, answer["email"]))
    assert (made.status_code, made.json()["state"]) == (201, STATES[kind]), made.text
    assert tenant.change(made.json(), "cancel").status_code == 200  # the token is its guest's


def test_a_series_and_a_place_on_the_waitlist_wait_as_well(tenant: Tenant, inbox: Inbox) -> None:
    before, given = stored(tenant), series(tenant)
    answer = asked(tenant.post("/series", given))
    assert stored(tenant) == before
    made = confirm(tenant, token_of(inbox, answer["email"]))
    assert [one["state"] for one in made.json()["occurrences"]] == ["confirmed", "confirmed"]
    assert tenant.post("/reservations", wanted(tenant, "hut"), **tenant.as_role()).status_code == 201
    before, given = stored(tenant), wanted(tenant, "hut")
    answer = asked(tenant.post("/waitlist", given))
    assert stored(tenant) == before
    joined = confirm(tenant, token_of(inbox, answer["email"]))
    assert (joined.status_code, joined.json()["state"]) == (201, "waiting")


def test_who_works_for_the_tenant_confirms_nothing_by_email(tenant: Tenant) -> None:
    assert tenant.post("/reservations", wanted(tenant), **tenant.as_role(Role.AGENT)).status_code == 201


def test_what_stands_against_it_is_said_at_once(tenant: Tenant) -> None:
    refused = tenant.post("/reservations", {**wanted(tenant), "party_size": 99})
    assert refused.status_code == 422
    assert tenant.post("/waitlist", wanted(tenant, "hut")).status_code == 409  # there is room
    assert tenant.post("/reservations", wanted(tenant), **tenant.as_role()).status_code == 201
    assert tenant.post("/reservations", wanted(tenant)).status_code == 409


def test_what_is_taken_meanwhile_is_refused_and_can_be_confirmed_when_it_comes_free(
    tenant: Tenant, inbox: Inbox
) -> None:
    answer = asked(tenant.post("/reservations", wanted(tenant)))
    taken = tenant.post("/reservations", wanted(tenant), **tenant.as_role())
    assert taken.status_code == 201
    token = token_of(inbox, answer["email"])
    assert confirm(tenant, token).json()["code"] == "no_capacity"
    tenant.cancelled(taken.json())
    assert confirm(tenant, token).status_code == 201


def test_a_link_makes_one_reservation_however_often_it_is_opened(tenant: Tenant, inbox: Inbox) -> None:
    answer = asked(tenant.post("/reservations", wanted(tenant)))
    token = token_of(inbox, answer["email"])
    first, again = confirm(tenant, token), confirm(tenant, token)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert stored(tenant)["reservations"] == 1


def test_a_repeated_request_is_one_request_and_one_email(tenant: Tenant, inbox: Inbox) -> None:
    given, key = wanted(tenant), {"Idempotency-Key": uuid4().hex}
    first, again = (tenant.post("/reservations", given, **key) for _ in range(2))
    assert asked(first) == asked(again)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(inbox.to(given["guest"]["email"])) == 1


def test_links_of_others_and_old_ones_confirm_nothing(
    tenant: Tenant, make_tenant: Callable[..., Tenant], inbox: Inbox
) -> None:
    answer = asked(tenant.post("/reservations", wanted(tenant)))
    token = token_of(inbox, answer["email"])
    other = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    assert [confirm(other, token).status_code, confirm(tenant, "x").status_code] == [404, 404]
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("UPDATE unconfirmed_requests SET expires_at = expires_at - %s", [timedelta(hours=1)])
    assert confirm(tenant, token).status_code == 404
    assert stored(tenant)["reservations"] == 0


def test_nobody_is_sent_links_without_end(tenant: Tenant, inbox: Inbox) -> None:
    email = f"{uuid4().hex}@example.org"
    answers = [tenant.post("/reservations", wanted(tenant, email=email)) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert len(inbox.to(email)) == 5


def test_links_are_counted_for_an_email_however_it_is_written(tenant: Tenant, inbox: Inbox) -> None:
    emails = spellings()
    answers = [tenant.post("/reservations", wanted(tenant, email=email)) for email in emails]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert len(inbox.to(emails[0])) == 5


def test_who_is_forgotten_asks_for_nothing_any_more(tenant: Tenant) -> None:
    email = f"{uuid4().hex}@example.org"
    known = tenant.post("/reservations", wanted(tenant, "hold", email), **tenant.as_role()).json()
    tenant.cancelled(known)
    asked(tenant.post("/reservations", wanted(tenant, email=email)))
    headers = tenant.as_role()
    found = tenant.client.get(f"/tenants/{tenant.slug}/guests", params={"text": email}, headers=headers).json()
    guest = found["items"][0]
    tenant.staff(f"/guests/{guest['id']}/anonymize", irrevocably=True)
    with psycopg.connect(tenant.database.owner) as owner:
        row = owner.execute("SELECT count(*) FROM unconfirmed_requests WHERE email = %s", [email]).fetchone()
    assert row == (0,)
