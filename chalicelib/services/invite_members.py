"""Invitations: a letter to somebody who may work for the tenant, accepted once and within a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.adapters import passwords
from chalicelib.adapters.mail import Letter
from chalicelib.domain.errors import (
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.text import shown_line
from chalicelib.services.idempotency import Outcome, forget_outcome, run_once
from chalicelib.services.manage_members import KIND, check_resources, check_still_owner, facts_of
from chalicelib.services.sign_in import new_secret
from chalicelib.storage import members
from chalicelib.storage.events import Actor, append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import read_site
from chalicelib.storage.sign_in import find_person_by_email
from chalicelib.storage.transaction import Acting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.domain.people import Role
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.members import Invitation
    from chalicelib.storage.transaction import Database, Transaction

LIFETIME = timedelta(days=7)
INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who accepts: somebody new with a name and a password, or somebody who is signed in."""

    name: str | None
    password: str | None
    signed_in_as: UUID | None


def invite_member(
    database: Database,
    tenant: str,
    actor: Actor,
    email: str,
    role: Role,
    resource_ids: Sequence[UUID],
    public_url: str,
    send: Callable[[Letter], None],
    claim: Claim | None,
    render: Callable[[Invitation], Answer],
) -> Outcome:
    """Invite somebody and send the letter. What is kept under the key tells of the invitation, not of its secret.

    Raises `ConflictError` for who is a member already, `InvalidInputError`, and `UnavailableError` when the letter does
    not leave: the invitation is taken back then, and the key can be used again.
    """
    made: list[Invitation] = []
    letters: list[Letter] = []

    def work(transaction: Transaction) -> Invitation:
        _check_inviter(transaction, actor)
        if members.is_member(transaction, email):
            message = f"{email} works here already. Change the role instead."
            raise ConflictError(message)
        check_resources(transaction, role, resource_ids)
        name = read_site(transaction).name
        link = f"{public_url}/join#{tenant}"
        invitation, letter = add_invitation(transaction, actor, email, role, resource_ids, link, name)
        made[:], letters[:] = [invitation], [letter]
        return invitation

    outcome = run_once(database, tenant, claim, work, render)
    try:
        deliver(database, tenant, claim, outcome, letters, send)
    except UnavailableError:
        revoke_invitation(database, tenant, made[0].id, actor)
        raise
    return outcome


def resend_invitation(
    database: Database,
    tenant: str,
    invitation_id: UUID,
    actor: Actor,
    public_url: str,
    send: Callable[[Letter], None],
    claim: Claim | None,
    render: Callable[[Invitation], Answer],
) -> Outcome:
    """Put a new invitation in the place of one that was not accepted, and send its letter; the old letter ends.

    Only the hash of a letter's secret is known, so the same letter cannot be sent twice. Raises `NotFoundError`, and
    `UnavailableError` when the letter does not leave: the new invitation stays open, and can be sent again.
    """
    letters: list[Letter] = []

    def work(transaction: Transaction) -> Invitation:
        _check_inviter(transaction, actor)
        old = members.find_invitation(transaction, invitation_id=invitation_id)
        if old is None:
            raise _NoInvitationError
        members.revoke_invitation(transaction, old.id, otherwise=_NoInvitationError)
        append_event(transaction, actor, Event(EventType.INVITATION_REVOKED, INVITATION, old.id, None, None))
        transaction.settle()
        name = read_site(transaction).name
        link = f"{public_url}/join#{tenant}"
        invitation, letter = add_invitation(transaction, actor, old.email, old.role, old.resource_ids, link, name)
        letters[:] = [letter]
        return invitation

    outcome = run_once(database, tenant, claim, work, render)
    deliver(database, tenant, claim, outcome, letters, send)
    return outcome


def deliver(
    database: Database,
    tenant: str,
    claim: Claim | None,
    outcome: Outcome,
    letters: Sequence[Letter],
    send: Callable[[Letter], None],
) -> None:
    """Send what a committed change wrote, unless it was sent when its key was used first.

    When it does not leave, the key can be used again. Raises `UnavailableError`.
    """
    if outcome.replayed:
        return
    try:
        for letter in letters:
            send(letter)
    except UnavailableError:
        forget_outcome(database, tenant, claim)
        raise


def add_invitation(
    transaction: Transaction,
    actor: Actor,
    email: str,
    role: Role,
    resource_ids: Sequence[UUID],
    link: str,
    tenant_name: str,
) -> tuple[Invitation, Letter]:
    """Add an invitation, and return it with the letter to send after the COMMIT; the secret ends the letter's link."""
    secret = new_secret()
    invitation = members.add_invitation(
        transaction,
        invitation_id=new_id(),
        email=email,
        role=role,
        resource_ids=resource_ids,
        secret=secret,
        invited_by=UUID(actor.id) if actor.kind == "staff" and actor.id else None,
        lifetime=LIFETIME,
    )
    append_event(transaction, actor, Event(EventType.MEMBER_INVITED, INVITATION, invitation.id, None, {"role": role}))
    return invitation, _letter(email, role, tenant_name, f"{link}.{secret}")


def list_invitations(
    database: Database, tenant: str, before: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[Invitation], bool]:
    """Return a page of the invitations that can be accepted, the latest first, and whether there are more."""
    found = database.run(tenant, lambda transaction: members.list_invitations(transaction, before, limit + 1))
    return found[:limit], len(found) > limit


def revoke_invitation(database: Database, tenant: str, invitation_id: UUID, actor: Actor) -> None:
    """Take an invitation back. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        members.revoke_invitation(transaction, invitation_id, otherwise=_NoInvitationError)
        append_event(transaction, actor, Event(EventType.INVITATION_REVOKED, INVITATION, invitation_id, None, None))

    database.run(tenant, work)


def accept_invitation(database: Database, token: str, newcomer: Newcomer, request_id: str) -> tuple[str, Role]:
    """Make somebody a member with the token of their letter; return the tenant's slug and the role.

    Raises `InvalidInputError` for a token that does not hold and for a weak password, `AuthenticationError` when the
    address belongs to an account that has to sign in first, `ConflictError` for who is a member already.
    """
    tenant, _, secret = token.partition(".")
    try:
        invitation = database.run(tenant, lambda transaction: members.find_invitation(transaction, secret=secret))
    except NotFoundError as error:
        raise _StaleError from error
    if invitation is None:
        raise _StaleError

    def work(transaction: Transaction) -> tuple[str, Role]:
        members.accept_invitation(transaction, invitation.id, otherwise=_StaleError)
        transaction.settle()
        user_id = _person(transaction, invitation.email, newcomer)
        members.add_member(transaction, user_id, invitation.role, otherwise=_MemberAlreadyError)
        transaction.settle()
        members.give_resources(transaction, user_id, invitation.resource_ids)
        after = facts_of(invitation)
        actor = Actor("staff", str(user_id), request_id)
        append_event(transaction, actor, Event(EventType.MEMBER_ADDED, KIND, user_id, None, after))
        return tenant, invitation.role

    return database.acting_as(Acting(email=invitation.email)).run(tenant, work)


def _check_inviter(transaction: Transaction, actor: Actor) -> None:
    if actor.kind == "staff" and actor.id:
        check_still_owner(transaction, UUID(actor.id))


def _person(transaction: Transaction, email: str, newcomer: Newcomer) -> UUID:
    found = find_person_by_email(transaction)
    if found is not None:
        if newcomer.signed_in_as != found[0].id:
            message = f"There is an account for {email}: sign in with it, then open the letter's link again."
            raise AuthenticationError(message)
        return found[0].id
    if newcomer.signed_in_as is not None:
        message = f"The invitation is for {email}, and you are signed in with another address. Sign out first."
        raise ConflictError(message)
    if newcomer.name is None or newcomer.password is None:
        field = "name" if newcomer.name is None else "password"
        message = "Somebody new needs a name and a password."
        raise InvalidInputError(field, message)
    passwords.check_new_password(newcomer.password, email, newcomer.name)
    user_id = new_id()
    members.add_person(transaction, user_id, email, newcomer.name, passwords.hash_password(newcomer.password))
    return user_id


def _letter(email: str, role: Role, tenant_name: str, link: str) -> Letter:
    tenant_name = shown_line(tenant_name)
    text = (
        "Hello,\n\n"
        f"{tenant_name} invites you to work with them as {role}. Accept within a week:\n\n"
        f"{link}\n\n"
        "If you did not expect this letter, there is nothing to do.\n"
    )
    return Letter(email, f"{tenant_name} invites you", text)


class _NoInvitationError(NotFoundError):
    def __init__(self) -> None:
        super().__init__("There is no such invitation.")


class _StaleError(InvalidInputError):
    def __init__(self) -> None:
        message = "This invitation was used or taken back, or is older than a week. Ask for another one."
        super().__init__("token", message)


class _MemberAlreadyError(ConflictError):
    def __init__(self) -> None:
        super().__init__("You work there already.")
