"""Emails that do not leave: nothing is promised that did not come about, and the same request can be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.accounts.create_tenant import NewTenant, create_tenant
from chalicelib.accounts.invite_members import invite_member, list_invitations, resend_invitation
from chalicelib.accounts.model.accounts import Invitee
from chalicelib.adapters.mail import Mailing
from chalicelib.core.errors import UnavailableError
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Acting, Database
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer, Claim
from tests.offers import add_tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from chalicelib.accounts.model.accounts import Invitation
    from chalicelib.adapters.mail import Email
    from chalicelib.http.idempotency import Outcome
    from tests import databases

TENANT = "oaks"
ACTOR = Actor("operator", None, None)
CLAIM = Claim("owner:1", "POST /invitations", "key", b"one body")


@pytest.fixture
def application(database: databases.Database) -> Generator[Database]:
    add_tenant(database.owner, TENANT, [])
    opened = Database(database.app, pool_size=1, request_seconds=10)
    yield opened
    opened.close()


def render(invitation: Invitation) -> Answer:
    return Answer(201, {}, str(invitation.id))


def fail(_: Email) -> None:
    message = "No email leaves today."
    raise UnavailableError(message)


def invite(application: Database, send: Callable[[Email], None]) -> Outcome:
    email = "ada@example.org"
    return invite_member(
        Context(application, TENANT, ACTOR, claim=CLAIM), Invitee(email, Role.AGENT), Mailing("", send), render
    )


def test_who_was_not_written_to_is_not_invited_and_can_be_under_the_same_key(application: Database) -> None:
    with pytest.raises(UnavailableError):
        invite(application, fail)
    assert list_invitations(Context(application, TENANT), None, 10) == ([], False)
    emails: list[Email] = []
    outcomes = [invite(application, emails.append) for _ in range(2)]
    assert [outcome.replayed for outcome in outcomes] == [False, True]
    assert len(emails) == 1


def test_an_email_that_did_not_leave_again_can_be_sent_again(application: Database) -> None:
    emails: list[Email] = []
    invite(application, emails.append)
    for send in (fail, emails.append):
        ((invitation,), _) = list_invitations(Context(application, TENANT), None, 10)
        claim = Claim("owner:1", f"POST /invitations {invitation.id}", "key", b"")
        try:
            context = Context(application, TENANT, ACTOR, claim=claim)
            resend_invitation(context, invitation.id, Mailing("", send), render)
        except UnavailableError:
            assert send is fail
    assert len(emails) == 2


def test_a_tenant_whose_email_did_not_leave_gets_it_under_the_same_key_once(database: databases.Database) -> None:
    operator_id = new_id()
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "INSERT INTO users (id, email, name, operator, created_at, updated_at)"
            " VALUES (%s, 'operator@example.org', 'Olga', true, now(), now())",
            [operator_id],
        )
    application = Database(database.app, pool_size=1, request_seconds=10)
    operators = application.acting_as(Acting(user_id=operator_id))
    wanted = NewTenant("elms", "Elms", "UTC", "EUR", "en", "olga@example.org")
    claim = Claim("operator:1", "POST /tenants", "key", b"one body")
    emails: list[Email] = []

    def create(send: Callable[[Email], None]) -> bool:
        answer, context = Answer(201, {}, ""), Context(operators, wanted.slug, ACTOR, claim=claim)
        return create_tenant(context, wanted, Mailing("", send), lambda _: answer).replayed

    for _ in range(2):
        with pytest.raises(UnavailableError):
            create(fail)
    assert [create(emails.append) for _ in range(2)] == [True, True]
    assert [email.to for email in emails] == ["olga@example.org"]
    application.close()
