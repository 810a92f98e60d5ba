"""Feeds as a tenant keeps them: made, given another address, deleted.

Who sees all of the tenant makes feeds of any resource; a host of their own. Everybody may make one of all that they
work with themselves, managers of what others do.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from chalicelib.calendars.model.feeds import MOST_FEEDS, Feed, FeedSubject
from chalicelib.calendars.storage import feeds
from chalicelib.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.http.idempotency import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.stored_answers import Answer

    Render = Callable[[Feed, str | None], Answer]
    """The answer; None for the key where it was told before."""

KIND = "calendar"


def create_feed(
    context: Context, maker: UUID, subject: FeedSubject, render: Render, *, detailed: bool, manages: bool
) -> Outcome:
    """Make a feed, and tell its key in this one answer.

    Raises `NotFoundError`, `ForbiddenError` for another member's, `InvalidInputError` for a unit that cannot be told
    apart, and `ConflictError` where there are too many.
    """
    if subject.member_id is not None and subject.member_id != maker and not manages:
        message = "Managers alone make calendars of other members. Leave out `member_id` to name yourself."
        raise ForbiddenError(message)

    def work(transaction: Transaction, key: str) -> Feed:
        if feeds.count_feeds(transaction) >= MOST_FEEDS:
            message = f"A tenant has {MOST_FEEDS} calendars at most. Delete one that is not read any more."
            raise ConflictError(message)
        _check(transaction, subject)
        feed_id = feeds.add_feed(transaction, subject, key, maker, detailed=detailed)
        made = _find(transaction, feed_id, None)
        append_event(transaction, context.actor, Event(EventType.CALENDAR_CREATED, KIND, feed_id, None, _facts(made)))
        return made

    return _telling_once(context, work, render, isolation=Isolation.SERIALIZABLE)


def list_feeds(context: Context, of: UUID | None, after: UUID | None, limit: int) -> tuple[list[Feed], bool]:
    """Return a page of feeds, the oldest first, and whether there are more; `of` one user alone where it is given."""
    found = context.run(lambda transaction: feeds.list_feeds(transaction, of, after, limit + 1))
    return found[:limit], len(found) > limit


def find_feed(context: Context, feed_id: UUID, of: UUID | None) -> Feed:
    """Return a feed, as far as `list_feeds` would. Raises `NotFoundError`."""
    return context.run(lambda transaction: _find(transaction, feed_id, of))


def renew_feed(context: Context, feed_id: UUID, of: UUID | None, render: Render) -> Outcome:
    """Give a feed another address; the one before ends at once. Raises `NotFoundError`."""

    def work(transaction: Transaction, key: str) -> Feed:
        found = _find(transaction, feed_id, of)
        feeds.renew_feed(transaction, feed_id, key)
        append_event(transaction, context.actor, Event(EventType.CALENDAR_RENEWED, KIND, feed_id, None, None))
        return found

    return _telling_once(context, work, render)


def delete_feed(context: Context, feed_id: UUID, of: UUID | None) -> None:
    """End a feed at once. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        found = _find(transaction, feed_id, of)
        feeds.delete_feed(transaction, feed_id)
        append_event(transaction, context.actor, Event(EventType.CALENDAR_DELETED, KIND, feed_id, _facts(found), None))

    context.run(work)


def _check(transaction: Transaction, subject: FeedSubject) -> None:
    if subject.member_id is not None:
        if not feeds.is_member(transaction, subject.member_id):
            message = "There is no such member."
            raise NotFoundError(message)
        return
    assert subject.resource_id is not None  # noqa: S101 - it is of a member or a resource
    found = feeds.find_resource(transaction, subject.resource_id)
    if found is None:
        message = "There is no such resource."
        raise NotFoundError(message)
    capacity, own_units = found
    if subject.unit is not None and not own_units:
        message = "The units of this resource belong to an inventory that others draw from. Leave out `unit`."
        raise InvalidInputError("unit", message)
    if subject.unit is not None and subject.unit > capacity:
        message = f"There are units 1 to {capacity}."
        raise InvalidInputError("unit", message)


def _find(transaction: Transaction, feed_id: UUID, of: UUID | None) -> Feed:
    found = feeds.find_feed(transaction, feed_id, of)
    if found is None:
        message = "There is no such calendar."
        raise NotFoundError(message)
    return found


def _facts(feed: Feed) -> dict[str, Any]:
    subject = feed.subject
    return {
        "resource_id": subject.resource_id and str(subject.resource_id),
        "unit": subject.unit,
        "member_id": subject.member_id and str(subject.member_id),
        "detailed": feed.detailed,
    }


def _telling_once(
    context: Context,
    work: Callable[[Transaction, str], Feed],
    render: Render,
    *,
    isolation: Isolation = Isolation.READ_COMMITTED,
) -> Outcome:
    """As for API keys, what is kept under the Idempotency-Key is the answer without the secret."""
    key = secrets.token_urlsafe(32)
    made: list[Feed] = []

    def keeping(transaction: Transaction) -> Feed:
        made[:] = [work(transaction, key)]
        return made[0]

    outcome = context.run_once(keeping, lambda feed: render(feed, None), isolation=isolation)
    return outcome if outcome.replayed else Outcome(render(made[0], key), replayed=False)
