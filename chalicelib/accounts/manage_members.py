"""Who works for a tenant, and as what. There is always an owner, whoever acts at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.access.model.people import Role
from chalicelib.accounts.storage import api_keys, members
from chalicelib.accounts.storage.api_keys import RevokedKey
from chalicelib.accounts.storage.members import RevokedInvitation
from chalicelib.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from chalicelib.core.versions import check_version
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.accounts.model.accounts import Invitation, Member
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context

KIND = "member"


@dataclass(frozen=True, slots=True)
class Revoked:
    """What ended with somebody's right to let others in."""

    api_keys: tuple[RevokedKey, ...] = ()
    invitations: tuple[RevokedInvitation, ...] = ()


class NotOwnerError(ForbiddenError):
    """Was an owner when the request began, and is none any more."""

    def __init__(self) -> None:
        super().__init__("Only owners may do that, and you are none any more.")


def list_members(context: Context, after: str | None, limit: int) -> tuple[list[Member], str | None]:
    """Return a page of members by email address, and the address to go on after."""
    found = context.run(lambda transaction: members.list_members(transaction, after, limit + 1))
    return found[:limit], found[limit - 1].email if len(found) > limit else None


def read_member(context: Context, user_id: UUID) -> Member:
    """Return a member. Raises `NotFoundError`."""
    return context.run(lambda transaction: _find(transaction, user_id, None))


def change_member(
    context: Context,
    user_id: UUID,
    role: Role,
    resource_ids: Sequence[UUID],
) -> tuple[Member, Revoked]:
    """Give a member another role, and hosts their resources.

    Who is no owner from now on may let nobody in: keys that they made and invitations that they sent end.
    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, and `ConflictError` for the last owner.
    """

    def work(transaction: Transaction) -> tuple[Member, Revoked]:
        before = _find(transaction, user_id, context.expected_version)
        if role is not Role.OWNER:
            _leave_an_owner(transaction, user_id)
        check_resources(transaction, role, resource_ids)
        members.change_member(transaction, before, role)
        members.give_resources(transaction, user_id, resource_ids)
        event = Event(EventType.MEMBER_CHANGED, KIND, user_id, facts_of(before), _facts(role, resource_ids))
        append_event(transaction, context.actor, event)
        revoked = Revoked() if role is Role.OWNER else _revoke(transaction, user_id, context.actor)
        transaction.settle()
        return _find(transaction, user_id, None), revoked

    return context.run(work)


def remove_member(context: Context, user_id: UUID) -> Revoked:
    """End a membership, keys that the member made and invitations that they sent.

    Raises `NotFoundError`, `VersionMismatchError`, and `ConflictError` for the last owner.
    """

    def work(transaction: Transaction) -> Revoked:
        before = _find(transaction, user_id, context.expected_version)
        _leave_an_owner(transaction, user_id)
        members.remove_member(transaction, before)
        append_event(transaction, context.actor, Event(EventType.MEMBER_REMOVED, KIND, user_id, facts_of(before), None))
        return _revoke(transaction, user_id, context.actor)

    return context.run(work)


def check_still_owner(transaction: Transaction, user_id: UUID) -> None:
    """Keep somebody an owner until the COMMIT, so that what they make is found by who takes that away.

    Raises `NotOwnerError`.
    """
    if not members.hold_owner(transaction, user_id):
        raise NotOwnerError


def check_resources(transaction: Transaction, role: Role, resource_ids: Sequence[UUID]) -> None:
    """Raise `InvalidInputError` for resources that are none of the tenant's, or for somebody who works with all."""
    if role is not Role.HOST and resource_ids:
        message = f"Only a host works with resources of their own; {role} works with all of them."
        raise InvalidInputError("resource_ids", message)
    if members.count_resources(transaction, resource_ids) != len(set(resource_ids)):
        message = "At least one of these resources does not exist."
        raise InvalidInputError("resource_ids", message)


def facts_of(member: Member | Invitation) -> dict[str, Any]:
    """A membership, or what is one once it is accepted, without personal data, JSON-ready."""
    return _facts(member.role, member.resource_ids)


def _facts(role: Role, resource_ids: Sequence[UUID]) -> dict[str, Any]:
    return {"role": role, "resource_ids": [str(one) for one in dict.fromkeys(resource_ids)]}


def _revoke(transaction: Transaction, user_id: UUID, actor: Actor) -> Revoked:
    """End what lets others in and was made by somebody who is no owner any more."""
    because = {"because": "its maker is no owner any more", "created_by": str(user_id)}
    transaction.settle()
    revoked = Revoked(
        api_keys.revoke_api_keys_of(transaction, user_id), members.revoke_invitations_of(transaction, user_id)
    )
    for key in revoked.api_keys:
        append_event(transaction, actor, Event(EventType.API_KEY_REVOKED, "api_key", key.id, None, because))
    for invitation in revoked.invitations:
        append_event(
            transaction, actor, Event(EventType.INVITATION_REVOKED, "invitation", invitation.id, None, because)
        )
    return revoked


def _find(transaction: Transaction, user_id: UUID, expected_version: int | None) -> Member:
    found = members.find_member(transaction, user_id)
    if found is None:
        message = "There is no such member."
        raise NotFoundError(message)
    check_version("member", found.version, expected_version)
    return found


def _leave_an_owner(transaction: Transaction, user_id: UUID) -> None:
    if members.lock_owners(transaction) == {user_id}:
        message = "This is the only owner. Make another member an owner first."
        raise ConflictError(message)
