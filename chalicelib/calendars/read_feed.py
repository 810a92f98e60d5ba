"""A feed as other calendars read it, by its secret address."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from chalicelib.calendars.calendar_text import calendar_text
from chalicelib.calendars.model.feeds import MOST_EVENTS
from chalicelib.calendars.storage import feeds
from chalicelib.core.errors import NotFoundError
from chalicelib.core.text import shown_line
from chalicelib.database.identifiers import digest
from chalicelib.database.transaction import Acting
from chalicelib.tenants.for_others import read_site

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.calendars.model.feeds import FeedReader
    from chalicelib.database.transaction import Database, Transaction


def read_feed(database: Database, tenant: str, feed_id: UUID, key: str) -> str:
    """Return the calendar. Raises `NotFoundError` for a wrong key as for no feed at all."""
    found = database.run(tenant, lambda transaction: feeds.read_feed(transaction, feed_id))
    if found is None or not hmac.compare_digest(found.key_hash, digest(key)):
        message = "There is no such calendar."
        raise NotFoundError(message)
    return _seen_by(found, database).run(tenant, lambda transaction: _text(transaction, found))


def _seen_by(found: FeedReader, database: Database) -> Database:
    """The database as its reader sees it: a host their own resources alone, whatever the feed is of."""
    user_id = found.feed.subject.member_id or found.feed.created_by
    return database.acting_as(Acting(user_id=user_id, resource_ids=found.confined_to))


def _text(transaction: Transaction, found: FeedReader) -> str:
    subject = found.feed.subject
    reservations = feeds.read_reservations(transaction, subject)
    blocks = feeds.read_blocks(transaction, subject)
    # Both are cut at the same instant, so that nothing is left out between what is told.
    ends = [some[-1].starts_at for some in (reservations, blocks) if len(some) >= MOST_EVENTS]
    if ends:
        reservations = [one for one in reservations if one.starts_at <= min(ends)]
        blocks = [one for one in blocks if one.starts_at <= min(ends)]
    name = shown_line(read_site(transaction).name)
    return calendar_text(name, found.feed, reservations, blocks)
