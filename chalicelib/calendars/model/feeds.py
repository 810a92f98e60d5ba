"""Feeds: which part of a tenant's calendar other calendars read, and what they are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

MOST_FEEDS = 200
"""Of a tenant."""
MOST_EVENTS = 1000
"""Of a feed: the earliest."""
PAST, AHEAD = timedelta(days=30), timedelta(days=550)
"""How far a feed reaches."""


@dataclass(frozen=True, slots=True)
class FeedSubject:
    """What a feed is of: a resource, one of its units, or all that a member works with."""

    resource_id: UUID | None
    unit: int | None
    member_id: UUID | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. `detailed`: it names guests and resources; else it says when something is taken, and no more."""

    id: UUID
    subject: FeedSubject
    detailed: bool
    created_by: UUID
    created_by_name: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FeedReader:
    """A feed as it is read: for a host, of the resources that they work with alone (None: of all)."""

    feed: Feed
    key_hash: bytes
    confined_to: tuple[UUID, ...] | None


@dataclass(frozen=True, slots=True)
class FeedReservation:
    """A reservation that has units, as a feed tells of it."""

    id: UUID
    code: str
    state: str
    starts_at: datetime
    ends_at: datetime
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    version: int
    updated_at: datetime
    resource_name: str
    guest_name: str


@dataclass(frozen=True, slots=True)
class FeedBlock:
    """A time in which units cannot be had for another reason: a closure, or whoever draws from the same units."""

    owner_id: UUID
    part: int
    starts_at: datetime
    ends_at: datetime
    resource_name: str
