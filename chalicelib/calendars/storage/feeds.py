"""Feeds, and what they tell. Of the secrets in their addresses only SHA-256 is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.calendars.model.feeds import (
    AHEAD,
    MOST_EVENTS,
    PAST,
    Feed,
    FeedBlock,
    FeedReader,
    FeedReservation,
    FeedSubject,
)
from chalicelib.database import statements
from chalicelib.database.identifiers import digest, new_id

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def list_feeds(transaction: Transaction, of: UUID | None, after: UUID | None, limit: int) -> list[Feed]:
    """Return feeds, the oldest first: those that a user made or is the member of, or all."""
    return _read(transaction, None, of, after, limit)


def find_feed(transaction: Transaction, feed_id: UUID, of: UUID | None) -> Feed | None:
    """Return a feed, as far as `list_feeds` would."""
    return next(iter(_read(transaction, feed_id, of, None, 1)), None)


def _read(
    transaction: Transaction, feed_id: UUID | None, of: UUID | None, after: UUID | None, limit: int
) -> list[Feed]:
    values = {"id": feed_id, "of": of, "after": after, "limit": limit}
    return [_feed(row) for row in transaction.rows(SQL["list_feeds"], values)]


def count_feeds(transaction: Transaction) -> int:
    """Return how many the tenant has."""
    return transaction.row(SQL["count_feeds"], {}).feeds


def add_feed(transaction: Transaction, subject: FeedSubject, key: str, created_by: UUID, *, detailed: bool) -> UUID:
    """Queue a new feed; return its id."""
    feed_id = new_id()
    values = {
        "id": feed_id,
        "key_hash": digest(key),
        "resource_id": subject.resource_id,
        "unit": subject.unit,
        "member_id": subject.member_id,
        "detailed": detailed,
        "created_by": created_by,
    }
    transaction.write(SQL["add_feed"], values)
    return feed_id


def renew_feed(transaction: Transaction, feed_id: UUID, key: str) -> None:
    """Queue that a feed has another secret."""
    transaction.write(SQL["renew_feed"], {"id": feed_id, "key_hash": digest(key)})


def delete_feed(transaction: Transaction, feed_id: UUID) -> None:
    """Queue the end of a feed."""
    transaction.write(SQL["delete_feed"], {"id": feed_id})


def find_resource(transaction: Transaction, resource_id: UUID) -> tuple[int, bool] | None:
    """Return the capacity of a resource that the caller may see, and whether its units are its own."""
    rows = transaction.rows(SQL["find_resource"], {"id": resource_id})
    return next(((row.capacity, row.own_units) for row in rows), None)


def is_member(transaction: Transaction, user_id: UUID) -> bool:
    """Whether a user works for the tenant."""
    return bool(transaction.rows(SQL["find_member"], {"id": user_id}))


def read_feed(transaction: Transaction, feed_id: UUID) -> FeedReader | None:
    """Return a feed and with whose rights it is read; None where that user does not work here any more."""
    for row in transaction.rows(SQL["read_feed"], {"id": feed_id}):
        confined_to = None if row.confined_to is None else tuple(row.confined_to)
        return FeedReader(_feed(row), bytes(row.key_hash), confined_to)
    return None


def read_reservations(transaction: Transaction, subject: FeedSubject) -> list[FeedReservation]:
    """Return the reservations that a feed tells of, by start."""
    rows = transaction.rows(SQL["read_reservations"], _wanted(transaction, subject))
    return [FeedReservation(**row._asdict()) for row in rows]


def read_blocks(transaction: Transaction, subject: FeedSubject) -> list[FeedBlock]:
    """Return what else has the units, by start."""
    rows = transaction.rows(SQL["read_blocks"], _wanted(transaction, subject))
    return [FeedBlock(**row._asdict()) for row in rows]


def _wanted(transaction: Transaction, subject: FeedSubject) -> dict[str, Any]:
    return {
        "resource_id": subject.resource_id,
        "unit": subject.unit,
        "from": transaction.now - PAST,
        "until": transaction.now + AHEAD,
        "limit": MOST_EVENTS,
    }


def _feed(row: Any) -> Feed:  # noqa: ANN401 - the columns of both reads
    subject = FeedSubject(row.resource_id, row.unit, row.member_id)
    return Feed(row.id, subject, row.detailed, row.created_by, row.created_by_name, row.created_at)
