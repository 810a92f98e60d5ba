"""A tenant's own domain, and how it is proven to be theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set

PREFIX = "_berth"
"""Of the name of the record, so that it disturbs no other use of the domain (RFC 8552)."""


KEPT_WITHOUT_RECORD = timedelta(days=7)
"""A record may be missing for so long, as while a zone moves to other servers, before the proof is over."""


class DomainProblem(StrEnum):
    """Why a check did not prove a domain."""

    NO_RECORD = "no_record"
    """There is no TXT record at the name."""
    OTHER_RECORD = "other_record"
    """There are records, and none holds the value."""
    TAKEN = "taken"
    """Another tenant has proven it."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that a tenant wants its site to be shown under; it is from when it is verified on.

    `host` is as the DNS has it. `problem` is that of the last check, None where it succeeded or none was made.
    `missing_since`: since when the record of a proven domain is not found any more.
    """

    host: str
    token: str
    verified_at: datetime | None = None
    checked_at: datetime | None = None
    problem: DomainProblem | None = None
    missing_since: datetime | None = None

    @property
    def record_name(self) -> str:
        """Where the TXT record has to be."""
        return f"{PREFIX}.{self.host}"

    @property
    def record_value(self) -> str:
        """What the TXT record has to hold."""
        return f"berth-domain={self.token}"

    def checked(self, records: Set[str], now: datetime, *, taken: bool) -> Domain:
        """Return it after a check that found these records; `taken`: another tenant has proven it.

        What is no longer proven is not served any more: the name may belong to somebody else by now.
        """
        problem = DomainProblem.OTHER_RECORD if records else DomainProblem.NO_RECORD
        if self.record_value in records:
            problem = DomainProblem.TAKEN if taken else None
        verified_at = (self.verified_at or now) if problem is None else None
        return replace(self, verified_at=verified_at, checked_at=now, problem=problem, missing_since=None)

    def rechecked(self, records: Set[str], now: datetime) -> Domain:
        """Return it after a look that nobody asked for: a proven one stays so for some days without its record."""
        missing_since = self.missing_since or now
        if self.verified_at is None or self.record_value in records or now - missing_since >= KEPT_WITHOUT_RECORD:
            return self.checked(records, now, taken=False)
        return replace(self, checked_at=now, missing_since=missing_since)
