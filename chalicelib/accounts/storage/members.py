"""Who works for a tenant, and who was invited to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.access.model.people import Role
from chalicelib.accounts.model.accounts import Invitation, Member
from chalicelib.database import statements
from chalicelib.database.identifiers import digest, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from chalicelib.accounts.model.accounts import Invitee
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class RevokedInvitation:
    """An invitation that ended with the right of who sent it."""

    id: UUID
    email: str


def list_members(transaction: Transaction, after: str | None, limit: int) -> list[Member]:
    """Return the members whose addresses come after one, by address."""
    return _members(transaction, {"user_id": None, "after": after, "limit": limit})


def addresses_of_owners(transaction: Transaction, limit: int) -> list[str]:
    """Return the email addresses of the tenant's owners."""
    return [row.email for row in transaction.rows(SQL["addresses_of_owners"], {"limit": limit})]


def names_of(transaction: Transaction, user_ids: Sequence[str]) -> Callable[[], dict[str, str]]:
    """Queue the question for people's names; return what tells them by their ids, without those who are not known."""
    if not user_ids:
        return dict
    names = transaction.ask(SQL["names_of"], {"user_ids": list(user_ids)})
    return lambda: {str(row.id): row.name for row in names.rows()}


def find_member(transaction: Transaction, user_id: UUID) -> Member | None:
    """Return one member or None."""
    found = _members(transaction, {"user_id": user_id, "after": None, "limit": 1})
    return found[0] if found else None


def lock_owners(transaction: Transaction) -> set[UUID]:
    """Return the owners, and keep them from being changed by others."""
    return {row.user_id for row in transaction.rows(SQL["lock_owners"], {})}


def hold_owner(transaction: Transaction, user_id: UUID) -> bool:
    """Tell whether somebody is an owner, and keep them one until the COMMIT."""
    return transaction.row(SQL["hold_owner"], {"user_id": user_id}) is not None


def add_member(transaction: Transaction, user_id: UUID, role: Role, *, otherwise: type[Exception]) -> None:
    """Queue a new member; `otherwise` is raised for one that is a member already."""
    transaction.write(SQL["add_member"], {"user_id": user_id, "role": role}, otherwise=otherwise)


def change_member(transaction: Transaction, member: Member, role: Role) -> None:
    """Queue another role."""
    transaction.write(SQL["change_member"], {"user_id": member.id, "role": role, "version": member.version})


def remove_member(transaction: Transaction, member: Member) -> None:
    """Queue the end of a membership."""
    transaction.write(SQL["remove_member"], {"user_id": member.id, "version": member.version})


def give_resources(transaction: Transaction, user_id: UUID, resource_ids: Sequence[UUID]) -> None:
    """Queue the resources that a host is confined to from now on, in place of the earlier ones."""
    transaction.write(SQL["take_resources"], {"user_id": user_id}, rows=None)
    distinct = list(dict.fromkeys(resource_ids))
    values = {"user_id": user_id, "resource_ids": distinct}
    transaction.write(SQL["give_resources"], values, rows=len(distinct))


def count_resources(transaction: Transaction, resource_ids: Sequence[UUID]) -> int:
    """Return how many of these are resources of the tenant."""
    return transaction.row(SQL["count_resources"], {"resource_ids": list(resource_ids)}).resources


def is_member(transaction: Transaction, email: str) -> bool:
    """Tell whether somebody with that address works for the tenant."""
    return transaction.row(SQL["is_member"], {"email": email}) is not None


def add_invitation(
    transaction: Transaction,
    invitee: Invitee,
    secret: str,
    *,
    invited_by: UUID | None,
    lifetime: timedelta,
) -> Invitation:
    """Add an invitation."""
    transaction.changes = True
    invitation_id = new_id()
    row = transaction.row(
        SQL["add_invitation"],
        {
            "id": invitation_id,
            "email": invitee.email,
            "role": invitee.role,
            "resource_ids": list(invitee.resource_ids),
            "token_hash": digest(secret),
            "invited_by": invited_by,
            "lifetime": lifetime,
        },
    )
    resource_ids = tuple(invitee.resource_ids)
    return Invitation(invitation_id, invitee.email, invitee.role, resource_ids, row.created_at, row.expires_at)


def mark_invitation_sent(transaction: Transaction, invitation_id: UUID) -> None:
    """Queue that the email of an invitation left."""
    transaction.write(SQL["mark_invitation_sent"], {"id": invitation_id})


def owner_was_written_to(transaction: Transaction) -> bool:
    """Whether the email of any owner's invitation left."""
    return transaction.row(SQL["owner_was_written_to"], {}).was


def list_invitations(transaction: Transaction, before: tuple[datetime, UUID] | None, limit: int) -> list[Invitation]:
    """Return the invitations that can be accepted, the latest first; `before`: when and which was the last listed."""
    before_at, before_id = before or (None, None)
    values = {"before_at": before_at, "before_id": before_id, "limit": limit}
    return [_invitation(row) for row in transaction.rows(SQL["list_invitations"], values)]


def find_invitation(
    transaction: Transaction, *, secret: str | None = None, invitation_id: UUID | None = None
) -> Invitation | None:
    """Return the invitation of an email, or the one with an id, if it can be accepted."""
    values = {"token_hash": None if secret is None else digest(secret), "id": invitation_id}
    row = transaction.row(SQL["find_invitation"], values)
    return None if row is None else _invitation(row)


def accept_invitation(transaction: Transaction, invitation_id: UUID, *, otherwise: type[Exception]) -> None:
    """Queue that an invitation is accepted; `otherwise` is raised if it cannot be, or not any more."""
    transaction.write(SQL["accept_invitation"], {"id": invitation_id}, otherwise=otherwise)


def revoke_invitation(transaction: Transaction, invitation_id: UUID, *, otherwise: type[Exception]) -> None:
    """Queue that an invitation is taken back; `otherwise` is raised if there is none that is open."""
    transaction.write(SQL["revoke_invitation"], {"id": invitation_id}, otherwise=otherwise)


def revoke_invitations_of(transaction: Transaction, user_id: UUID) -> tuple[RevokedInvitation, ...]:
    """Take back all invitations that somebody sent; return those that could still be accepted."""
    transaction.changes = True
    rows = transaction.rows(SQL["revoke_invitations_of"], {"user_id": user_id})
    return tuple(RevokedInvitation(row.id, row.email) for row in rows if row.was_open)


def add_user(transaction: Transaction, user_id: UUID, email: str, name: str, password_hash: str) -> None:
    """Queue somebody new; the transaction acts for that address."""
    values = {"id": user_id, "email": email, "name": name, "password_hash": password_hash}
    transaction.write(SQL["add_user"], values)


def _members(transaction: Transaction, parameters: dict[str, Any]) -> list[Member]:
    return [
        Member(
            row.id,
            row.email,
            row.name,
            Role(row.role),
            tuple(row.resource_ids),
            row.version,
            row.created_at,
            row.updated_at,
        )
        for row in transaction.rows(SQL["list_members"], parameters)
    ]


def _invitation(row: Any) -> Invitation:  # noqa: ANN401 - a row of either query
    return Invitation(row.id, row.email, Role(row.role), tuple(row.resource_ids), row.created_at, row.expires_at)
