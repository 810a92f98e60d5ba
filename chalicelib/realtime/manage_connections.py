"""WebSocket connections from their ticket to their end: who is there, and to what they subscribed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.access.model.people import Role, Scope
from chalicelib.access.storage.access import key_scopes, read_access
from chalicelib.access.storage.tenant_access import find_tenant
from chalicelib.access.throttle import TICKETS_FOR_ADDRESS, count_attempt
from chalicelib.accounts.sign_in import new_secret
from chalicelib.core.errors import (
    AuthenticationError,
    InvalidInputError,
    NotFoundError,
    TenantSuspendedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.database.transaction import Acting
from chalicelib.edit_locks.for_others import has_resource, orphan_locks
from chalicelib.jobs.isolation import isolated
from chalicelib.realtime.model.connections import VISITOR, Bearer, Connection
from chalicelib.realtime.model.topics import MOST_TOPICS, Topic, TopicKind
from chalicelib.realtime.storage import connections
from chalicelib.reservations.read_reservation import find_reservation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from chalicelib.access.model.limits import AnonymousCaller
    from chalicelib.access.storage.access import Access
    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.http.context import Context
    from chalicelib.jobs.budget import Budget

TICKET_LIFETIME = timedelta(seconds=60)
WINDOW = timedelta(seconds=5)
MOST_MESSAGES = 100
"""In a window, of one connection."""
SILENCE = timedelta(minutes=15)
"""After which a connection is dead: gateways close what says nothing for ten minutes."""
BATCH = 200
WATCHED = frozenset({TopicKind.RESERVATION, TopicKind.RESOURCE})
"""Topics whose subscribers see each other."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a connection begins with, once."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A connection whose bearer may do what its role says at this moment; `acting` is what row security is told."""

    connection: Connection
    acting: Acting


def issue_ticket(context: Context, bearer: Bearer, anonymous: AnonymousCaller) -> Ticket:
    """Issue a ticket to a user of the tenant, the guest of one of its reservations, an API key, or a visitor.

    Raises `NotFoundError` for a tenant or a reservation that is not theirs, `AuthenticationError`,
    `TenantSuspendedError`; for visitors also `ThrottledError`, by their address, as for guests by their reservation,
    and `UnavailableError` when too many look already.
    """
    if bearer.user_id is not None:
        access = _access(context.database, bearer, context.tenant)
        if access.role is None:
            message = f"There is no tenant {context.tenant!r}."
            raise NotFoundError(message)
    secret = new_secret()

    def work(transaction: Transaction) -> datetime:
        if bearer == VISITOR:
            count_attempt(transaction, f"tickets for {anonymous.network}", TICKETS_FOR_ADDRESS)
            most = anonymous.limits.visitors_of_tenant
            if 0 < most <= connections.count_visitors(transaction):
                message = "Too many look at this at the moment. Ask for changes again and again instead."
                raise UnavailableError(message, retry_after=60)
        elif bearer.reservation_id is not None:
            find_reservation(transaction, bearer.reservation_id)
            count_attempt(transaction, f"tickets for the guest of {bearer.reservation_id}", TICKETS_FOR_ADDRESS)
        return connections.add_ticket(transaction, secret, bearer, TICKET_LIFETIME)

    return Ticket(f"{context.tenant}.{secret}", context.run(work))


class TooManyConnectionsError(ThrottledError):
    """An anonymous caller has had their share of connections."""

    def __init__(self) -> None:
        message = "Too many connections for this reservation, from where you are, or to this tenant. Close one first."
        super().__init__(message, retry_after=60)


def open_connection(database: Database, ticket: str, connection_id: str, anonymous: AnonymousCaller) -> None:
    """Begin a connection with a ticket, which is used up; `anonymous` says from where, and how many there may be.

    Raises `AuthenticationError`, `TenantSuspendedError`, `ThrottledError`.
    """
    tenant, _, secret = ticket.partition(".")
    bearer = None
    if "\0" not in ticket:  # which Postgres refuses in any text
        with suppress(NotFoundError):
            bearer = database.run(tenant, lambda transaction: connections.use_ticket(transaction, secret))
    if bearer is None:
        message = "The ticket is unknown, was used or has expired. Ask for another one."
        raise AuthenticationError(message)
    role, resource_ids = Role.GUEST, None
    if bearer.user_id is not None:
        access = _access(database, bearer, tenant)
        if access.role is None:
            raise AuthenticationError(_CHANGED)
        role = access.role
        resource_ids = access.resource_ids if role is Role.HOST else None
    elif bearer.api_key_id is not None:
        _check_key(database, tenant, bearer.api_key_id)
        role = Role.API_KEY
    database.acting_as(Acting(user_id=bearer.user_id)).run(
        tenant,
        lambda transaction: connections.add_connection(
            transaction, connection_id, role, bearer, resource_ids, anonymous, otherwise=TooManyConnectionsError
        ),
    )


def recognize(database: Database, connection_id: str) -> Visit:
    """Return who a message comes from, and count it.

    Raises `AuthenticationError` for a connection that is not known, or whose bearer may not do any more what it was
    opened for, `TenantSuspendedError`, and `ThrottledError` for too many messages. All of them end the connection.
    """
    found = database.acting_as(Acting(connection_id=connection_id)).run_without_tenant(
        lambda transaction: connections.touch_connection(transaction, WINDOW)
    )
    if found is None:
        message = "This connection is not known any more. Connect again."
        raise AuthenticationError(message)
    connection, suspended = found
    if suspended:
        message = f"{connection.tenant} is suspended: {suspended}"
        raise TenantSuspendedError(message)
    if connection.messages > MOST_MESSAGES:
        seconds = int(WINDOW.total_seconds())
        message = f"More than {MOST_MESSAGES} messages in {seconds} seconds are too many. Connect again, and send less."
        raise ThrottledError(message, retry_after=seconds)
    bearer = connection.bearer
    if bearer.api_key_id is not None:
        _check_key(database, connection.tenant, bearer.api_key_id)
    if bearer.user_id is None:
        return Visit(connection, Acting())
    access = _access(database, bearer, connection.tenant)
    confined = frozenset(access.resource_ids) if access.role is Role.HOST else None
    if access.role is not connection.role or confined != connection.resource_ids:
        raise AuthenticationError(_CHANGED)
    return Visit(connection, Acting(bearer.user_id, resource_ids=access.resource_ids if confined is not None else None))


def subscribe(database: Database, visit: Visit, topics: Sequence[Topic]) -> tuple[Topic, ...]:
    """Add topics to a connection; return all that it has then.

    Raises `NotFoundError` for what does not exist or is not theirs, alike, and `InvalidInputError` for too many.
    """

    def work(transaction: Transaction) -> tuple[Topic, ...]:
        for topic in topics:
            _check_topic(transaction, visit, topic)
        found = connections.change_topics(transaction, visit.connection.id, added=topics)
        if found is None:
            raise AuthenticationError(_CHANGED)
        if len(found) > MOST_TOPICS:
            message = f"A connection has at most {MOST_TOPICS} topics. Unsubscribe from some first."
            raise InvalidInputError("topics", message)
        return found

    return database.acting_as(visit.acting).run(visit.connection.tenant, work)


def unsubscribe(database: Database, visit: Visit, topics: Sequence[Topic]) -> tuple[Topic, ...]:
    """Remove topics from a connection; return those that it still has."""

    def work(transaction: Transaction) -> tuple[Topic, ...]:
        return connections.change_topics(transaction, visit.connection.id, removed=topics) or ()

    return database.acting_as(visit.acting).run(visit.connection.tenant, work)


def list_viewers(context: Context, topic: Topic) -> list[Connection]:
    """Return who of the tenant's people asked for a topic, the longest connected first."""
    return context.run(lambda transaction: connections.viewers(transaction, topic))


def close_connection(database: Database, connection_id: str) -> tuple[Connection, timedelta | None] | None:
    """Forget a connection that has ended; its edit locks get their grace.

    Return what it was and how long its locks hold yet, None without any; None for one that is forgotten already.
    """

    def work(transaction: Transaction) -> tuple[Connection, timedelta | None] | None:
        connection = connections.find_connection(transaction)
        # Those of a suspended tenant end as well.
        if connection is None or find_tenant(transaction, connection.tenant) is None:
            return None
        until = orphan_locks(transaction, connection_id)
        connections.remove_connections(transaction, [connection_id])
        return connection, None if until is None else until - transaction.now

    return database.acting_as(Acting(connection_id=connection_id)).run_without_tenant(work)


def list_signed_out(database: Database) -> list[str]:
    """Return which connections of the user that the database acts for are to be closed, as their sessions have ended.

    They are forgotten when their gateway says that they are gone: who looked at the same is told then.
    """
    return database.run_without_tenant(connections.signed_out_connections)


def reap_connections(database: Database, budget: Budget, close: Callable[[str], None]) -> int:
    """Close and forget connections of all tenants that are dead, or whose bearers may not have them; return how many.

    `close` ends one at the gateway, whatever has become of it.
    """
    reaped = 0
    with isolated(database, "reap_connections", budget) as run:

        def end(connection_id: str) -> int:
            close(connection_id)
            return 1

        def forget(transaction: Transaction, ids: Sequence[str]) -> int:
            connections.remove_lapsed(transaction, ids)
            return len(ids)

        while not budget.spent:
            lapsed = run.database.run_without_tenant(
                lambda transaction: connections.lapsed_connections(transaction, SILENCE, BATCH, run.resting)
            )
            # Each end may take seconds, so the rest of them waits for the next run.
            ended = [one for one in lapsed if not budget.spent and run.one(one, partial(end, one))]
            if not lapsed:
                break
            reaped += run.batch(lambda _, only, ended=ended: ended if only is None else only, forget, str)[1]
    return reaped


_CHANGED = "What you may do here has changed. Sign in and connect again."


def _check_key(database: Database, tenant: str, key_id: UUID) -> None:
    """Raise `AuthenticationError` for a key that has ended. What it was made for does not change."""
    if Scope.RESERVATIONS_READ not in key_scopes(database, tenant, key_id):
        raise AuthenticationError(_CHANGED)


def _access(database: Database, bearer: Bearer, tenant: str) -> Access:
    assert bearer.user_id is not None and bearer.session_id is not None  # noqa: S101, PT018 - a user has both
    access = read_access(database, bearer.user_id, bearer.session_id, tenant)
    if access is None:
        message = "The session has ended; please sign in again."
        raise AuthenticationError(message)
    return access


def _check_topic(transaction: Transaction, visit: Visit, topic: Topic) -> None:
    is_guest = visit.connection.role is Role.GUEST
    match topic.kind:
        case TopicKind.TENANT | TopicKind.CALENDAR:
            if is_guest:
                message = "A guest can watch their own reservation and resources."
                raise NotFoundError(message)
        case TopicKind.RESOURCE:
            assert topic.id is not None  # noqa: S101 - it has one
            if not has_resource(transaction, topic.id):
                message = "There is no such resource."
                raise NotFoundError(message)
        case TopicKind.RESERVATION:
            assert topic.id is not None  # noqa: S101 - it has one
            if is_guest and topic.id != visit.connection.bearer.reservation_id:
                message = "There is no such reservation."
                raise NotFoundError(message)
            find_reservation(transaction, topic.id)


def watched(topics: Sequence[Topic]) -> list[Topic]:
    """Those topics whose subscribers see each other."""
    return [topic for topic in topics if topic.kind in WATCHED]
