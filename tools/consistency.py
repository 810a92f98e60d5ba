"""`./dev check`: proves on a database, in SQL alone, that what it holds is consistent; names what is not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from chalicelib.events.model import CHANGES_NOTHING, EventType
from chalicelib.reporting.storage.check import LegalHistory, prove, snapshot
from chalicelib.reservations import change_reservation, transition_reservation
from chalicelib.reservations.model.reservations import INITIAL_STATES, TRANSITIONS, Action
from local.environment import DEFAULT_PATH, open_database
from local.errors import CommandError

if TYPE_CHECKING:
    from chalicelib.reporting.storage.check import Verdict

MOST_NAMED = 20

EVENTS = {
    **change_reservation.EVENTS,
    **transition_reservation.EVENTS,
    Action.MOVE_TO_HOLD: EventType.RESERVATION_MOVED,
    Action.MOVE_TO_WAIT: EventType.RESERVATION_MOVED,
    Action.UPDATE: EventType.RESERVATION_UPDATED,
    Action.CONFIRM: EventType.RESERVATION_CONFIRMED,
    Action.EXPIRE: EventType.RESERVATION_EXPIRED,
    Action.COMPLETE: EventType.RESERVATION_COMPLETED,
    Action.EXTEND_HOLD: EventType.RESERVATION_HOLD_EXTENDED,
    Action.UNDO: EventType.RESERVATION_UNDONE,
    Action.REQUEST_CHANGE: EventType.RESERVATION_CHANGE_REQUESTED,
    Action.REJECT_CHANGE: EventType.RESERVATION_CHANGE_REJECTED,
    Action.WITHDRAW_CHANGE: EventType.RESERVATION_CHANGE_WITHDRAWN,
}
"""The event that tells of each action."""

LEGAL = LegalHistory(
    created_event=EventType.RESERVATION_CREATED,
    side_events=CHANGES_NOTHING,
    initial_states=list(INITIAL_STATES.values()),
    steps=[(EVENTS[action], before, after) for (before, action), after in TRANSITIONS.items()],
)


def main(arguments: list[str]) -> int:
    """Run every proof. Returns 0 when all hold."""
    parser = argparse.ArgumentParser(prog="./dev check", description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="without DATABASE_URL: whose database")
    options = parser.parse_args(arguments)
    with open_database(options.data_dir) as cluster:
        return 1 if any(verdict.broken for verdict in check(cluster.jobs_dsn())) else 0


def check(jobs_dsn: str) -> list[Verdict]:
    """Run every proof and print how it ended. Raises `CommandError` for a database without Berth's present schema."""
    try:
        with snapshot(jobs_dsn) as connection:
            return [_shown(verdict) for verdict in prove(connection, LEGAL, most=MOST_NAMED)]
    except psycopg.ProgrammingError as error:
        message = f"This database does not have Berth's present schema: {str(error).strip()} Run ./dev migrate first."
        raise CommandError(message) from error
    except psycopg.OperationalError as error:
        message = f"The database cannot be checked: {str(error).strip()}"
        raise CommandError(message) from error


def _shown(verdict: Verdict) -> Verdict:
    proof = verdict.proof
    ending = f"BROKEN by {verdict.broken:,}" if verdict.broken else "holds"
    print(f"{ending:<12} {proof.claim} ({verdict.examined:,} {proof.examined})", flush=True)
    for finding in verdict.findings:
        print(f"    {finding.tenant or 'no tenant'}: {finding.kind} {finding.id}: {finding.text}")
    if verdict.broken > len(verdict.findings):
        print(f"    … and {verdict.broken - len(verdict.findings):,} more")
    return verdict
