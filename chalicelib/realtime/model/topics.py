"""What a WebSocket connection subscribes to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core.errors import InvalidInputError
from chalicelib.core.time_ranges import TimeRange, local_date

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MOST_TOPICS = 50
"""Of one connection."""
LONGEST_CALENDAR = timedelta(days=400)
FORM = re.compile(r"tenant|(resource|reservation):([0-9a-fA-F-]{36})|calendar:(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")


class TopicKind(StrEnum):
    """By what a topic chooses events."""

    TENANT = "tenant"
    RESOURCE = "resource"
    RESERVATION = "reservation"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about, as far as topics look at it; a moved reservation has two resources and two ranges."""

    resource_ids: frozenset[UUID]
    reservation_id: UUID | None
    ranges: Sequence[TimeRange]


@dataclass(frozen=True, slots=True)
class Topic:
    """`tenant`, `resource:ID`, `reservation:ID` or `calendar:FROM/UNTIL`: local dates, half-open."""

    kind: TopicKind
    id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None

    def __str__(self) -> str:
        """Return the one way to write it."""
        if self.kind is TopicKind.TENANT:
            return "tenant"
        if self.kind is TopicKind.CALENDAR:
            return f"calendar:{self.from_on}/{self.to_on}"
        return f"{self.kind}:{self.id}"

    def covers(self, subject: Subject, zone: ZoneInfo) -> bool:
        """Whether an event about that subject belongs to the topic."""
        match self.kind:
            case TopicKind.TENANT:
                return True
            case TopicKind.RESOURCE:
                return self.id in subject.resource_ids
            case TopicKind.RESERVATION:
                return self.id == subject.reservation_id
            case TopicKind.CALENDAR:
                return any(self._meets(during, zone) for during in subject.ranges)

    def _meets(self, during: TimeRange, zone: ZoneInfo) -> bool:
        assert self.from_on is not None and self.to_on is not None  # noqa: S101, PT018 - a calendar has both
        last = during.ends_at - timedelta(microseconds=1)
        return local_date(during.starts_at, zone) < self.to_on and self.from_on <= local_date(last, zone)


def read_topic(text: str) -> Topic:
    """Read a topic. Raises `InvalidInputError` for what is none."""
    found = FORM.fullmatch(text)
    if found is None:
        raise _unknown(text)
    kind, identifier, from_text, to_text = found.groups()
    try:
        if from_text is not None:
            return _calendar(text, date.fromisoformat(from_text), date.fromisoformat(to_text))
        return Topic(TopicKind.TENANT) if kind is None else Topic(TopicKind(kind), UUID(identifier))
    except ValueError:
        raise _unknown(text) from None


def _calendar(text: str, from_on: date, to_on: date) -> Topic:
    if not timedelta(0) < to_on - from_on <= LONGEST_CALENDAR:
        message = f"{text!r} must end after it begins, and span at most {LONGEST_CALENDAR.days} days."
        raise InvalidInputError("topics", message)
    return Topic(TopicKind.CALENDAR, from_on=from_on, to_on=to_on)


def _unknown(text: str) -> InvalidInputError:
    message = (
        f"{text[:100]!r} is no topic. There are tenant, resource:ID, reservation:ID and calendar:FROM/UNTIL with dates "
        "such as 2026-05-01."
    )
    return InvalidInputError("topics", message)
