"""Invitations: an email to somebody who may work for the tenant, accepted once and within a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.accounts.manage_members import KIND, check_resources, check_still_owner, facts_of
from chalicelib.accounts.model.accounts import Invitee
from chalicelib.accounts.sign_in import new_secret
from chalicelib.accounts.storage import members
from chalicelib.accounts.storage.sign_in import find_user_by_email
from chalicelib.adapters import passwords
from chalicelib.adapters.mail import Email
from chalicelib.core.errors import (
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from chalicelib.core.text import shown_line
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Acting
from chalicelib.events.event_log import Actor, append_event
from chalicelib.events.model import Event, EventType
from chalicelib.http.idempotency import Outcome, forget_outcome
from chalicelib.tenants.for_others import read_site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.access.model.people import Role
    from chalicelib.accounts.model.accounts import Invitation
    from chalicelib.adapters.mail import Mailing
    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.stored_answers import Answer

LIFETIME = timedelta(days=7)
INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who accepts: somebody new with a name and a password, or somebody who is signed in."""

    name: str | None
    password: str | None
    signed_in_as: UUID | None


def invite_member(
    context: Context, invitee: Invitee, mailing: Mailing, render: Callable[[Invitation], Answer]
) -> Outcome:
    """Invite somebody and send the email. What is kept under the key tells of the invitation, not of its secret.

    Raises `ConflictError` for who is a member already, `InvalidInputError`, and `UnavailableError` when the email does
    not leave: the invitation is taken back then, and the key can be used again.
    """
    made: list[Invitation] = []
    emails: list[Email] = []

    def work(transaction: Transaction) -> Invitation:
        _check_inviter(transaction, context.actor)
        if members.is_member(transaction, invitee.email):
            message = f"{invitee.email} works here already. Change the role instead."
            raise ConflictError(message)
        check_resources(transaction, invitee.role, invitee.resource_ids)
        name = read_site(transaction).name
        link = f"{mailing.public_url}/join#{context.tenant}"
        invitation, mail = add_invitation(transaction, context.actor, invitee, link, name)
        made[:], emails[:] = [invitation], [mail]
        return invitation

    outcome = context.run_once(work, render)
    try:
        deliver(context, outcome, emails, mailing.send)
    except UnavailableError:
        revoke_invitation(context, made[0].id)
        raise
    return outcome


def resend_invitation(
    context: Context, invitation_id: UUID, mailing: Mailing, render: Callable[[Invitation], Answer]
) -> Outcome:
    """Put a new invitation in the place of one that was not accepted, and send its email; the old email ends.

    Only the hash of an email's secret is known, so the same email cannot be sent twice. Raises `NotFoundError`, and
    `UnavailableError` when the email does not leave: the new invitation stays open, and can be sent again.
    """
    emails: list[Email] = []

    def work(transaction: Transaction) -> Invitation:
        _check_inviter(transaction, context.actor)
        old = members.find_invitation(transaction, invitation_id=invitation_id)
        if old is None:
            raise _NoInvitationError
        members.revoke_invitation(transaction, old.id, otherwise=_NoInvitationError)
        append_event(transaction, context.actor, Event(EventType.INVITATION_REVOKED, INVITATION, old.id, None, None))
        transaction.settle()
        name = read_site(transaction).name
        link = f"{mailing.public_url}/join#{context.tenant}"
        invitee = Invitee(old.email, old.role, old.resource_ids)
        invitation, mail = add_invitation(transaction, context.actor, invitee, link, name)
        emails[:] = [mail]
        return invitation

    outcome = context.run_once(work, render)
    deliver(context, outcome, emails, mailing.send)
    return outcome


def deliver(context: Context, outcome: Outcome, emails: Sequence[Email], send: Callable[[Email], None]) -> None:
    """Send what a committed change wrote, unless it was sent when its key was used first.

    When it does not leave, the key can be used again. Raises `UnavailableError`.
    """
    if outcome.replayed:
        return
    try:
        for mail in emails:
            send(mail)
    except UnavailableError:
        forget_outcome(context.database, context.tenant, context.claim)
        raise


def add_invitation(
    transaction: Transaction, actor: Actor, invitee: Invitee, link: str, tenant_name: str
) -> tuple[Invitation, Email]:
    """Add an invitation, and return it with the email to send after the COMMIT; the secret ends the email's link."""
    secret = new_secret()
    invitation = members.add_invitation(
        transaction,
        invitee,
        secret,
        invited_by=UUID(actor.id) if actor.kind == "staff" and actor.id else None,
        lifetime=LIFETIME,
    )
    facts = {"role": invitee.role}
    append_event(transaction, actor, Event(EventType.MEMBER_INVITED, INVITATION, invitation.id, None, facts))
    return invitation, _email(invitee.email, invitee.role, tenant_name, f"{link}.{secret}")


def list_invitations(
    context: Context, before: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[Invitation], bool]:
    """Return a page of the invitations that can be accepted, the latest first, and whether there are more."""
    found = context.run(lambda transaction: members.list_invitations(transaction, before, limit + 1))
    return found[:limit], len(found) > limit


def revoke_invitation(context: Context, invitation_id: UUID) -> None:
    """Take an invitation back. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        members.revoke_invitation(transaction, invitation_id, otherwise=_NoInvitationError)
        append_event(
            transaction, context.actor, Event(EventType.INVITATION_REVOKED, INVITATION, invitation_id, None, None)
        )

    context.run(work)


def accept_invitation(database: Database, token: str, newcomer: Newcomer, request_id: str) -> tuple[str, Role]:
    """Make somebody a member with the token of their email; return the tenant's slug and the role.

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
        user_id = _user(transaction, invitation.email, newcomer)
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


def _user(transaction: Transaction, email: str, newcomer: Newcomer) -> UUID:
    found = find_user_by_email(transaction)
    if found is not None:
        if newcomer.signed_in_as != found[0].id:
            message = f"There is an account for {email}: sign in with it, then open the link of the email again."
            raise AuthenticationError(message)
        return found[0].id
    if newcomer.signed_in_as is not None:
        message = f"The invitation is for {email}, and you are signed in with another address. Sign out first."
        raise ConflictError(message)
    if newcomer.name is None or newcomer.password is None:
        field = "name" if newcomer.name is None else "password"
        message = "A new user needs a name and a password."
        raise InvalidInputError(field, message)
    passwords.check_new_password(newcomer.password, email, newcomer.name)
    user_id = new_id()
    members.add_user(transaction, user_id, email, newcomer.name, passwords.hash_password(newcomer.password))
    return user_id


def _email(email: str, role: Role, tenant_name: str, link: str) -> Email:
    tenant_name = shown_line(tenant_name)
    text = (
        "Hello,\n\n"
        f"{tenant_name} invites you to work with them as {role}. Accept within a week:\n\n"
        f"{link}\n\n"
        "If you did not expect this email, there is nothing to do.\n"
    )
    return Email(email, f"{tenant_name} invites you", text)


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
