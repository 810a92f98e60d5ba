"""WebSocket connections: who is at the other end, and to what they subscribed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.access.model.people import Role
from chalicelib.database import statements
from chalicelib.database.identifiers import digest
from chalicelib.edit_locks.model.edit_locks import GRACE
from chalicelib.realtime.model.connections import Bearer, Connection
from chalicelib.realtime.model.topics import Topic, TopicKind, read_topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from chalicelib.access.model.limits import AnonymousCaller
    from chalicelib.database.transaction import Transaction
    from chalicelib.realtime.model.topics import Subject

SQL = statements.beside(__file__)
UNLIMITED = 2**31 - 1


def add_ticket(transaction: Transaction, secret: str, bearer: Bearer, lifetime: timedelta) -> datetime:
    """Store a ticket; return when it expires."""
    transaction.changes = True
    values = {
        "secret_hash": digest(secret),
        "user_id": bearer.user_id,
        "session_id": bearer.session_id,
        "reservation_id": bearer.reservation_id,
        "api_key_id": bearer.api_key_id,
        "lifetime": lifetime,
    }
    return transaction.row(SQL["add_ticket"], values).expires_at


def use_ticket(transaction: Transaction, secret: str) -> Bearer | None:
    """Use a ticket up; None for one that is unknown, used or expired."""
    transaction.changes = True
    row = transaction.row(SQL["use_ticket"], {"secret_hash": digest(secret)})
    return None if row is None else Bearer(row.user_id, row.session_id, row.reservation_id, row.api_key_id)


def count_visitors(transaction: Transaction) -> int:
    """Count the tenant's connections of visitors."""
    return transaction.row(SQL["count_visitors"], {}).visitors


def add_connection(
    transaction: Transaction,
    connection_id: str,
    role: Role,
    bearer: Bearer,
    resource_ids: Sequence[UUID] | None,
    anonymous: AnonymousCaller,
    otherwise: type[Exception],
) -> None:
    """Queue a connection that has been opened. `otherwise` is raised where anonymous callers have had their share."""
    limits = anonymous.limits
    if bearer.is_anonymous:
        transaction.ask(SQL["let_one_connect"], {})
    values = {
        "anonymous": bearer.is_anonymous,
        "network_hash": digest(f"{anonymous.network} of {transaction.tenant.id}"),
        "most_from_network": limits.visitors_from_address or UNLIMITED,
        "most_of_reservation": limits.sockets_of_reservation or UNLIMITED,
        "most_visitors": limits.visitors_of_tenant or UNLIMITED,
        "id": connection_id,
        "role": role,
        "user_id": bearer.user_id,
        "session_id": bearer.session_id,
        "resource_ids": None if resource_ids is None else list(resource_ids),
        "reservation_id": bearer.reservation_id,
        "api_key_id": bearer.api_key_id,
    }
    transaction.write(SQL["add_connection"], values, otherwise=otherwise)


def touch_connection(transaction: Transaction, window: timedelta) -> tuple[Connection, str | None] | None:
    """Note that a message came over the connection that the transaction acts for; None for an unknown one.

    With it comes why its tenant is suspended, if it is.
    """
    transaction.changes = True
    row = transaction.row(SQL["touch_connection"], {"window": window})
    return None if row is None else (_connection(row), row.suspended_reason)


def find_connection(transaction: Transaction) -> Connection | None:
    """Return the connection that the transaction acts for, or None."""
    return _or_none(transaction.row(SQL["find_connection"], {}))


def change_topics(
    transaction: Transaction, connection_id: str, *, added: Sequence[Topic] = (), removed: Sequence[Topic] = ()
) -> tuple[Topic, ...] | None:
    """Add and remove topics of a connection; return all that it has then, None for an unknown one."""
    transaction.changes = True
    values = {"id": connection_id, "added": [str(one) for one in added], "removed": [str(one) for one in removed]}
    row = transaction.row(SQL["change_topics"], values)
    return None if row is None else tuple(read_topic(text) for text in row.topics)


def remove_connections(transaction: Transaction, ids: Sequence[str]) -> None:
    """Queue the removal of connections that are gone."""
    transaction.write(SQL["remove_connections"], {"ids": list(ids)}, rows=None)


def recipients(transaction: Transaction, subject: Subject) -> list[Connection]:
    """Return whose topics cover the subject, whatever they may see of it. For the role of scheduled functions."""
    asked = [Topic(TopicKind.TENANT), *(Topic(TopicKind.RESOURCE, one) for one in subject.resource_ids)]
    if subject.reservation_id is not None:
        asked.append(Topic(TopicKind.RESERVATION, subject.reservation_id))
    values = {"topics": [str(topic) for topic in asked], "calendars": bool(subject.ranges)}
    found = [_connection(row) for row in transaction.rows(SQL["recipients"], values)]
    zone = transaction.tenant.zone
    return [one for one in found if any(topic.covers(subject, zone) for topic in one.topics)]


def viewers(transaction: Transaction, topic: Topic) -> list[Connection]:
    """Return who of the tenant's people asked for exactly this topic and still may, the longest connected first."""
    rows = transaction.rows(SQL["viewers"], {"topic": str(topic)})
    return [_connection(row) for row in rows]


def tenants_with_connections(transaction: Transaction, tenant_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the tenants whom anybody is connected to."""
    rows = transaction.rows(SQL["tenants_with_connections"], {"tenant_ids": list(tenant_ids)})
    return {row.tenant_id for row in rows}


def mute_connections_of_user(transaction: Transaction, user_id: UUID, only: Sequence[str] | None) -> list[str]:
    """Take all topics from a user's connections to the tenant, or from `only` these of them; return their ids."""
    transaction.changes = True
    values = {"user_id": user_id, "only": None if only is None else list(only)}
    return [row.id for row in transaction.rows(SQL["mute_connections_of_user"], values)]


def signed_out_connections(transaction: Transaction) -> list[str]:
    """Return the user's connections, to any tenant, whose sessions have ended."""
    return [row.id for row in transaction.rows(SQL["signed_out_connections"], {})]


def lapsed_connections(transaction: Transaction, silence: timedelta, limit: int, resting: Sequence[str]) -> list[str]:
    """Return connections of all tenants that are dead, or should not be any more; none of those that rest."""
    values = {"silence": silence, "limit": limit, "resting": list(resting)}
    rows = transaction.rows(SQL["lapsed_connections"], values)
    return [row.id for row in rows]


def remove_lapsed(transaction: Transaction, ids: Sequence[str]) -> None:
    """Queue the removal of connections of any tenant; their edit locks get their grace."""
    transaction.write(SQL["remove_lapsed"], {"ids": list(ids), "grace": GRACE}, rows=None)


def _or_none(row: Any) -> Connection | None:  # noqa: ANN401 - the columns of every read here
    return None if row is None else _connection(row)


def _connection(row: Any) -> Connection:  # noqa: ANN401 - the columns of every read here
    return Connection(
        id=row.id,
        tenant=row.tenant,
        role=Role(row.role),
        bearer=Bearer(row.user_id, row.session_id, row.reservation_id, row.api_key_id),
        name=row.name,
        resource_ids=None if row.resource_ids is None else frozenset(row.resource_ids),
        topics=tuple(read_topic(text) for text in row.topics),
        messages=row.messages,
    )
