"""Letters that do not leave: nothing is promised that did not come about, and the same request can be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.domain.errors import UnavailableError
from chalicelib.domain.people import Role
from chalicelib.services.invite_members import invite_member, list_invitations, resend_invitation
from chalicelib.services.manage_tenants import NewTenant, create_tenant
from chalicelib.storage.events import Actor
from chalicelib.storage.idempotency import Answer, Claim
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.transaction import Acting, Database
from tests.offers import add_tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from chalicelib.adapters.mail import Letter
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.members import Invitation
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


def fail(_: Letter) -> None:
    message = "No letter leaves today."
    raise UnavailableError(message)


def invite(application: Database, send: Callable[[Letter], None]) -> Outcome:
    email = "ada@example.org"
    return invite_member(application, TENANT, ACTOR, email, Role.AGENT, (), "", send, CLAIM, render)


def test_who_was_not_written_to_is_not_invited_and_can_be_under_the_same_key(application: Database) -> None:
    with pytest.raises(UnavailableError):
        invite(application, fail)
    assert list_invitations(application, TENANT, None, 10) == ([], False)
    letters: list[Letter] = []
    outcomes = [invite(application, letters.append) for _ in range(2)]
    assert [outcome.replayed for outcome in outcomes] == [False, True]
    assert len(letters) == 1


def test_a_letter_that_did_not_leave_again_can_be_sent_again(application: Database) -> None:
    letters: list[Letter] = []
    invite(application, letters.append)
    for send in (fail, letters.append):
        ((invitation,), _) = list_invitations(application, TENANT, None, 10)
        claim = Claim("owner:1", f"POST /invitations {invitation.id}", "key", b"")
        try:
            resend_invitation(application, TENANT, invitation.id, ACTOR, "", send, claim, render)
        except UnavailableError:
            assert send is fail
    assert len(letters) == 2


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
    letters: list[Letter] = []

    def create(send: Callable[[Letter], None]) -> bool:
        answer = Answer(201, {}, "")
        return create_tenant(operators, wanted, ACTOR, "", send, claim, lambda _: answer).replayed

    for _ in range(2):
        with pytest.raises(UnavailableError):
            create(fail)
    assert [create(letters.append) for _ in range(2)] == [True, True]
    assert [letter.to for letter in letters] == ["olga@example.org"]
    application.close()
