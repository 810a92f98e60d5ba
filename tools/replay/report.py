"""What came of a replay: refusals and their reasons, the oracle's view, and what the hotel really did."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from tools.replay.bookings import Booking, Ending
from tools.replay.books import Books, books_of_hotel
from tools.replay.endings import Endings
from tools.replay.oracle import Verdict
from tools.replay.timeline import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from tools.replay.player import EventOutcome, Played
    from tools.replay.settings import Setting

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An event that Berth and the oracle see differently."""

    row: int
    on: str
    action: str
    expected: str
    happened: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Proven:
    """How one proof of ./dev check ended."""

    claim: str
    examined: int
    broken: int


@dataclass(frozen=True, slots=True)
class Month:
    """Nights slept in during one month, and the share of all rooms that they are, in percent."""

    month: str
    hotel_nights: int
    berth_nights: int
    hotel_occupancy: float
    berth_occupancy: float


@dataclass(frozen=True, slots=True)
class Report:
    """One replay of one setting; money in euro cents. `verdicts` count events by action and what became of them.

    `life` is how it ended where the jobs were running, None where they were not.
    """

    setting: str
    moves: bool
    capacities: Mapping[str, int]
    rows: int
    events: int
    requests: int
    repeated_requests: int
    seconds: float
    verdicts: Mapping[str, Mapping[str, int]]
    refusals: Mapping[str, int]
    disagreements: Sequence[Disagreement]
    hotel_endings: Mapping[str, int]
    berth_endings: Mapping[str, int]
    months: Sequence[Month]
    hotel_revenue: int
    kept_revenue: int
    berth_revenue: int
    proofs: Sequence[Proven]
    life: Endings | None

    @property
    def good(self) -> bool:
        """Whether Berth did on every row what counting says, every proof holds, and every difference has its reason."""
        ended_well = self.life is None or self.life.good
        return ended_well and not self.disagreements and not any(proven.broken for proven in self.proofs)

    def refused_for_room(self) -> int:
        """How many reservations were refused for want of room."""
        return self.verdicts[Action.CREATE].get(Verdict.NO_ROOM, 0)

    def json(self) -> dict[str, Any]:
        """Everything, JSON-ready."""
        life = None if self.life is None else self.life.json()
        return {**asdict(self), "life": life, "refused_for_room": self.refused_for_room(), "good": self.good}


def make_report(
    setting: Setting,
    bookings: Sequence[Booking],
    played: Played,
    expected: Sequence[Verdict],
    books: Books,
    proofs: Sequence[Proven],
    *,
    moves: bool,
    life: Endings | None = None,
) -> Report:
    """Compare. `expected` are the oracle's verdicts on the same events."""
    outcomes = played.outcomes
    hotel = books_of_hotel(bookings)
    stayed = {
        outcome.event.booking.row
        for outcome in outcomes
        if outcome.event.phase.action in {Action.CHECK_OUT, Action.COMPLETE} and outcome.verdict is Verdict.DONE
    }
    return Report(
        setting=setting.name,
        moves=moves,
        capacities=setting.capacities,
        rows=len(bookings),
        events=len(outcomes),
        requests=sum(outcome.status is not None for outcome in outcomes),
        repeated_requests=played.repeated_requests,
        seconds=round(played.seconds, 1),
        verdicts=_counted(outcomes),
        refusals=dict(Counter(_refusal(outcome) for outcome in outcomes if outcome.reason).most_common()),
        disagreements=list(_disagreements(outcomes, expected)),
        hotel_endings=hotel.endings,
        berth_endings={**books.endings, "refused": len(bookings) - sum(books.endings.values())},
        months=list(_months(setting, hotel, books)),
        hotel_revenue=hotel.revenue,
        kept_revenue=sum(booking.revenue for booking in bookings if booking.row in stayed),
        berth_revenue=books.revenue,
        proofs=proofs,
        life=life,
    )


def _counted(outcomes: Sequence[EventOutcome]) -> dict[str, dict[str, int]]:
    counts = Counter((outcome.event.phase.action, outcome.verdict) for outcome in outcomes)
    return {
        action: {verdict: counts[action, verdict] for verdict in Verdict if counts[action, verdict]}
        for action in Action
        if any(counts[action, verdict] for verdict in Verdict)
    }


def _refusal(outcome: EventOutcome) -> str:
    return f"{outcome.event.phase.action}: {outcome.status} {outcome.reason}"


def _disagreements(outcomes: Sequence[EventOutcome], expected: Sequence[Verdict]) -> Iterator[Disagreement]:
    for outcome, verdict in zip(outcomes, expected, strict=True):
        if outcome.verdict is not verdict:
            event = outcome.event
            yield Disagreement(
                event.booking.row, event.on.isoformat(), event.phase.action, verdict, outcome.verdict, outcome.reason
            )


def _months(setting: Setting, hotel: Books, books: Books) -> Iterator[Month]:
    rooms = sum(setting.capacities.values())
    for first_on in sorted({*hotel.nights, *books.nights}):
        all_nights = rooms * calendar.monthrange(first_on.year, first_on.month)[1]
        hotel_nights, berth_nights = hotel.nights.get(first_on, 0), books.nights.get(first_on, 0)
        yield Month(
            f"{first_on:%Y-%m}",
            hotel_nights,
            berth_nights,
            round(100 * hotel_nights / all_nights, 1),
            round(100 * berth_nights / all_nights, 1),
        )


def show(report: Report, console: Console) -> None:
    """Print the report for people."""
    rate = report.requests / report.seconds if report.seconds else 0.0
    console.print(
        f"[bold]Setting {report.setting}[/bold]{' with moves' if report.moves else ''}"
        f"{' with the jobs running' if report.life else ''}: "
        f"{report.rows:,} rows, {report.events:,} events, {report.requests:,} requests in {report.seconds:,.1f} s "
        f"({rate:,.0f} per second, {report.repeated_requests:,} repeated)"
    )
    console.print("Rooms: " + ", ".join(f"{room_type} {rooms}" for room_type, rooms in report.capacities.items()))
    for table in (_events_table(report), _endings_table(report), _months_table(report), _revenue_table(report)):
        console.print(table)
    for refusal, count in report.refusals.items():
        console.print(f"{count:>8,} times {refusal}", markup=False)
    console.print(f"Refused for want of room: {report.refused_for_room():,}")
    if report.disagreements:
        console.print(f"[red]Berth and plain counting disagree on {len(report.disagreements):,} events:[/red]")
        for found in report.disagreements[:MOST_SHOWN]:
            text = f"  row {found.row}, {found.on} {found.action}: expected {found.expected}, got {found.happened}"
            console.print(text + (f" ({found.reason})" if found.reason else ""), markup=False)
    else:
        console.print("[green]Berth did on every row what plain counting says.[/green]")
    if report.life is not None:
        _show_life(report.life, console)


def _show_life(life: Endings, console: Console) -> None:
    console.print(_counts_table(life))
    for found in life.differences:
        rows = f"{len(found.rows):,} {'row' if len(found.rows) == 1 else 'rows'} {found.ending} → {found.became}"
        if found.reason is not None:
            console.print(f"  {rows}: {found.reason}", markup=False)
        else:
            some = ", ".join(map(str, found.rows[:MOST_SHOWN])) + (" …" if len(found.rows) > MOST_SHOWN else "")
            console.print(f"  {rows}: NOT EXPLAINED (rows {some})", style="red", markup=False)
    console.print(_actors_table(life))
    console.print(_jobs_table(life))
    if life.good:
        console.print("[green]The file's own counts, less what is listed with its reason.[/green]")
    else:
        console.print("[red]Something ended otherwise than in the file, and nothing explains it.[/red]")


def _events_table(report: Report) -> Table:
    table = Table("Event", *Verdict, box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for action, counts in report.verdicts.items():
        table.add_row(action, *(f"{counts.get(verdict, 0):,}" for verdict in Verdict))
    return table


def _endings_table(report: Report) -> Table:
    table = Table("Ending", "hotel", "Berth", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for ending in dict.fromkeys([*Ending, *report.berth_endings]):
        table.add_row(ending, f"{report.hotel_endings.get(ending, 0):,}", f"{report.berth_endings.get(ending, 0):,}")
    return table


def _counts_table(life: Endings) -> Table:
    headings = ("Status", "file", "refused", "ended otherwise", "expected", "Berth", "not explained")
    table = Table(*headings, box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for count in life.counts:
        figures = (count.file, -count.refused, count.otherwise, count.expected, count.berth, count.unexplained)
        table.add_row(count.ending, *(f"{figure:,}" for figure in figures))
    return table


def _actors_table(life: Endings) -> Table:
    kinds = sorted({kind for counts in life.actors.values() for kind in counts})
    table = Table("Done by", *kinds, box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for event_type, counts in life.actors.items():
        table.add_row(event_type, *(f"{counts.get(kind, 0):,}" for kind in kinds))
    return table


def _jobs_table(life: Endings) -> Table:
    table = Table("Job", "runs", "changed", "seconds", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, runs in life.jobs.items():
        table.add_row(name, f"{runs.times:,}", f"{runs.changed:,}", f"{runs.seconds:,.1f}")
    return table


def _months_table(report: Report) -> Table:
    table = Table("Month", "nights, hotel", "nights, Berth", "occupied, hotel", "occupied, Berth", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for month in report.months:
        table.add_row(
            month.month,
            f"{month.hotel_nights:,}",
            f"{month.berth_nights:,}",
            f"{month.hotel_occupancy} %",
            f"{month.berth_occupancy} %",
        )
    return table


def _revenue_table(report: Report) -> Table:
    table = Table("Revenue of stays", "EUR", box=box.SIMPLE_HEAD)
    table.columns[1].justify = "right"
    lines = {
        "the hotel's, at its average daily rates": report.hotel_revenue,
        "of the stays that Berth took, at the same rates": report.kept_revenue,
        "of those at Berth's price, one rate per room type": report.berth_revenue,
    }
    for line, cents in lines.items():
        table.add_row(line, f"{cents / 100:,.2f}")
    return table
