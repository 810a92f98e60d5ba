"""Which of many resources can take exactly this stay, slot or interval, and what stands against the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.access.model.people import THE_PUBLIC, Audience
from chalicelib.availability.availability_facts import Judgement, Outlook, read_outlooks, with_reasons
from chalicelib.availability.wanted_times import resolve_instants, resolve_stay
from chalicelib.core.money import Quote
from chalicelib.core.time_ranges import TimeRange, TimesWanted
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Wanted
from chalicelib.terms.for_others import read_catalogue
from chalicelib.terms.model.terms import CatalogueEntry, CatalogueFilter

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for, whichever resource it is."""

    times: TimesWanted
    quantity: int
    party_size: int

    @property
    def by_night(self) -> bool:
        """Whether nights are looked for."""
        return self.times.check_in_on is not None or self.times.check_out_on is not None

    @property
    def modes(self) -> tuple[str, ...]:
        """The booking modes that can be asked for in this way: nights by dates, the others by times."""
        return ("stay",) if self.by_night else ("slot", "interval")


@dataclass(frozen=True, slots=True)
class Match:
    """A resource, the exact time that would be reserved there, how it is judged, and its price."""

    entry: CatalogueEntry
    wanted: Wanted
    judgement: Judgement
    price: Quote


@dataclass(frozen=True, slots=True)
class MatchPage:
    """Resources in the tenant's order; `after` is the position and slug after which there are more."""

    matches: Sequence[Match]
    after: tuple[int, str] | None


def search_availability(
    context: Context,
    search: Search,
    catalogue: CatalogueFilter,
    limit: int,
    *,
    audience: Audience = THE_PUBLIC,
) -> MatchPage:
    """Judge for an audience every resource that is reserved by times of the given kind.

    One snapshot; the use of all resources is one query. Raises `NotFoundError`, and what `wanted_times.resolve` raises.
    """

    def work(transaction: Transaction) -> MatchPage:
        entries = read_catalogue(transaction, replace(catalogue, modes=search.modes), limit + 1)
        matches = judge_all(transaction, entries[:limit], search, audience=audience)
        return MatchPage(matches, entries[limit - 1].place if len(entries) > limit else None)

    return context.run(work, isolation=Isolation.SNAPSHOT)


def judge_all(
    transaction: Transaction, entries: Sequence[CatalogueEntry], search: Search, *, audience: Audience
) -> list[Match]:
    """Judge resources of the modes that suit the search, in a bounded number of queries."""
    tenant = transaction.tenant
    wanted = _wanted_of_each(entries, search, tenant.zone)
    if not entries:
        return []
    blocked = [entry.policy.blocked(one.during) for entry, one in zip(entries, wanted, strict=True)]
    within = TimeRange(min(one.starts_at for one in blocked), max(one.ends_at for one in blocked))
    outlooks = read_outlooks(transaction, entries, within, audience=audience)
    judged = [outlook.judge(one) for outlook, one in zip(outlooks, wanted, strict=True)]
    if any(judgement.blocked_by for judgement in judged):
        outlooks = with_reasons(transaction, outlooks, within)
    return [
        Match(
            entry=entry,
            wanted=one,
            judgement=_reasoned(judgement, outlook, one),
            price=quote(entry.policy, tenant.currency, one, tenant.zone),
        )
        for entry, one, judgement, outlook in zip(entries, wanted, judged, outlooks, strict=True)
    ]


def _reasoned(judgement: Judgement, outlook: Outlook, wanted: Wanted) -> Judgement:
    """Whether it fits was decided before the reasons were read; these only say why not."""
    if not judgement.blocked_by:
        return judgement
    return replace(judgement, blocked_by=outlook.judge(wanted).blocked_by)


def _wanted_of_each(entries: Sequence[CatalogueEntry], search: Search, zone: ZoneInfo) -> list[Wanted]:
    count, people = search.quantity, search.party_size
    if search.by_night:
        stay = resolve_stay(search.times)
        return [Wanted(entry.resource, entry.policy.during(stay, zone), stay, count, people) for entry in entries]
    during = resolve_instants(search.times, zone)
    return [Wanted(entry.resource, during, None, count, people) for entry in entries]
