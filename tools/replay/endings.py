"""How a replay with the jobs running ends against the file: counts by status, and each difference with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tools.replay.bookings import Booking, Ending
from tools.replay.books import STATES
from tools.replay.hotel import guest_email
from tools.replay.jobs import Runs
from tools.replay.oracle import Verdict
from tools.replay.timeline import Action

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    import psycopg

    from tools.replay.player import EventOutcome

READ_ROWS = """
SELECT guest.email, reservation.state
FROM reservations AS reservation
INNER JOIN guests AS guest ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
WHERE reservation.tenant_id = %s
"""
COUNT_ACTORS = """
SELECT type, actor_kind, count(*) FROM events WHERE tenant_id = %s AND entity_kind = 'reservation' GROUP BY 1, 2
ORDER BY 1, 2
"""
REFUSED = "refused"
NO_RESERVATION = "no reservation"


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows that ended in Berth otherwise than in the file, all for one reason; None: nothing explains it.

    `became` is a status of the file, a state that it does not know, or what is there in place of a reservation.
    """

    ending: str
    became: str
    reason: str | None
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Count:
    """One status: rows in the file, less the refused, and what explained differences take from it or bring to it."""

    ending: str
    file: int
    refused: int
    otherwise: int
    berth: int

    @property
    def expected(self) -> int:
        """How many reservations there must be."""
        return self.file - self.refused + self.otherwise

    @property
    def unexplained(self) -> int:
        """How many there are too many; negative: too few."""
        return self.berth - self.expected


@dataclass(frozen=True, slots=True)
class Endings:
    """The end of a replay in life mode. `actors` counts the events of reservations by their type and by who did it."""

    counts: Sequence[Count]
    differences: Sequence[Difference]
    actors: Mapping[str, Mapping[str, int]]
    jobs: Mapping[str, Runs]

    @property
    def good(self) -> bool:
        """Whether every difference has its reason, and the counts are what these leave."""
        explained = all(difference.reason is not None for difference in self.differences)
        return explained and not any(count.unexplained for count in self.counts)

    def json(self) -> dict[str, Any]:
        """Everything, JSON-ready."""
        counts = [
            {**asdict(count), "expected": count.expected, "unexplained": count.unexplained} for count in self.counts
        ]
        return {**asdict(self), "counts": counts, "good": self.good}


def compare_endings(
    connection: psycopg.Connection[Any],
    tenant_id: UUID,
    bookings: Sequence[Booking],
    outcomes: Sequence[EventOutcome],
    jobs: Mapping[str, Runs],
) -> Endings:
    """Compare row by row what the file says with what is in the database."""
    states: dict[str, list[str]] = {}
    for email, state in connection.execute(READ_ROWS, [tenant_id]).fetchall():
        states.setdefault(email, []).append(STATES.get(state, state))
    created = {
        outcome.event.booking.row: outcome for outcome in outcomes if outcome.event.phase.action is Action.CREATE
    }
    found: dict[tuple[str, str, str | None], list[int]] = {}
    for booking in bookings:
        became, reason = _ended(booking, states.get(guest_email(booking.row), []), created[booking.row])
        if became != booking.ending:
            found.setdefault((booking.ending, became, reason), []).append(booking.row)
    differences = [Difference(*key, rows) for key, rows in sorted(found.items(), key=lambda item: -len(item[1]))]
    actors: dict[str, dict[str, int]] = {}
    for event_type, actor_kind, count in connection.execute(COUNT_ACTORS, [tenant_id]).fetchall():
        actors.setdefault(event_type, {})[actor_kind] = count
    berth = Counter(ending for endings in states.values() for ending in endings)
    return Endings(list(_counts(bookings, berth, differences)), differences, actors, jobs)


def _ended(booking: Booking, endings: Sequence[str], created: EventOutcome) -> tuple[str, str | None]:
    """What became of a row, and why, where that is not what the file says; None: what nothing in the file gives."""
    match endings:
        case []:
            return _refusal(booking, created) if created.reason else (NO_RESERVATION, None)
        case [ending]:
            late = booking.ending is Ending.CANCELLED and booking.ended_on > booking.arrival_on
            if late and ending == Ending.NO_SHOW:
                return ending, "cancelled after the day of arrival, when the job had marked that nobody came"
            return ending, None
        case _:
            return f"{len(endings)} reservations", None


def _refusal(booking: Booking, created: EventOutcome) -> tuple[str, str | None]:
    match created.verdict:
        case Verdict.BAD_INPUT if booking.nights == 0:
            return REFUSED, f"a stay of no nights ({created.reason})"
        case Verdict.NO_ROOM:
            return REFUSED, f"no room was left ({created.reason})"
        case _:
            return f"{REFUSED}: {created.reason}", None


def _counts(
    bookings: Sequence[Booking], berth: Mapping[str, int], differences: Sequence[Difference]
) -> Iterator[Count]:
    file = Counter[str](booking.ending for booking in bookings)
    refused, otherwise = Counter[str](), Counter[str]()
    for difference in differences:
        if difference.reason is None:
            continue
        if difference.became == REFUSED:
            refused[difference.ending] += len(difference.rows)
        else:
            otherwise[difference.ending] -= len(difference.rows)
            otherwise[difference.became] += len(difference.rows)
    for ending in dict.fromkeys([*map(str, Ending), *sorted(berth)]):
        yield Count(ending, file[ending], refused[ending], otherwise[ending], berth.get(ending, 0))
