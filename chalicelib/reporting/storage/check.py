"""Proves that what a whole database holds is consistent: over all tenants, in SQL alone, relying on no constraint."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from chalicelib.database import statements

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

SQL = statements.beside(__file__, "check_allocations") | statements.beside(__file__, "check_histories")


@dataclass(frozen=True, slots=True)
class Proof:
    """One statement that finds nothing; `examined` is what its rows are, as `count_examined` names them."""

    statement: str
    claim: str
    examined: str


PROOFS = (
    Proof("units_used_twice", "no unit is used twice at an instant", "allocations"),
    Proof(
        "allocations_that_differ",
        "exactly the reservations that block have allocations, for their whole time with its buffers",
        "reservations",
    ),
    Proof(
        "units_that_differ",
        "each part takes as many units as are needed, of those that its resource draws from",
        "allocations",
    ),
    Proof("needs_that_differ", "what a reservation needs besides is taken for as long as it is", "allocations"),
    Proof("units_that_inventories_lack", "every resource draws from units that there are", "resources"),
    Proof("rooms_that_change", "nobody is given other labelled units who came or was promised them", "allocations"),
    Proof("closures_that_differ", "what is closed is blocked and nothing else", "closures"),
    Proof("illegal_histories", "every history follows the transition table, one version after the other", "events"),
    Proof("histories_that_end_elsewhere", "every reservation is what its history says", "reservations"),
    Proof("terms_that_change", "every reservation keeps its policy version and its price while it stays", "events"),
    Proof(
        "earlier_rooms_that_differ",
        "who changed rooms was in one after the other, from the start until they came into the present one",
        "reservations",
    ),
    Proof(
        "waitlist_entries_that_differ",
        "an entry of the waitlist stands where the reservation stands that was offered to it",
        "reservations",
    ),
    Proof(
        "ends_that_differ", "the clock takes each further when its state, its times and its policy say", "reservations"
    ),
    Proof("references_that_dangle", "everything belongs to something of its own tenant", "tenants"),
)


@dataclass(frozen=True, slots=True)
class LegalHistory:
    """What histories may be: the states in which they begin, and `steps` of event type, state before, state after.

    `created_event` begins each; `side_events` tell of other things and make no version.
    """

    created_event: str
    side_events: Sequence[str]
    initial_states: Sequence[str]
    steps: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Breach:
    """A row that breaks a proof. `tenant` is a slug, None for an unknown tenant; `id` that of a `kind` of thing."""

    tenant: str | None
    kind: str
    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a proof ended: how many rows were looked at, how many break it, and the first of those."""

    proof: Proof
    examined: int
    broken: int
    findings: tuple[Breach, ...]


@contextmanager
def snapshot(jobs_dsn: str) -> Generator[psycopg.Connection[Any]]:
    """A connection that sees one moment of the database and changes nothing, as the role that sees all tenants."""
    with psycopg.connect(jobs_dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


def prove(connection: psycopg.Connection[Any], legal: LegalHistory, *, most: int) -> Iterator[Verdict]:
    """Run every proof on a `snapshot`; each verdict brings at most `most` findings."""
    event_types, from_states, to_states = zip(*legal.steps, strict=True)
    parameters = {
        "most": most,
        "created_event": legal.created_event,
        "side_events": list(legal.side_events),
        "initial_states": list(legal.initial_states),
        "event_types": list(event_types),
        "from_states": list(from_states),
        "to_states": list(to_states),
    }
    cursor = connection.cursor(row_factory=namedtuple_row)
    counted: Any = cursor.execute(SQL["count_examined"]).fetchone()
    for proof in PROOFS:
        rows: list[Any] = cursor.execute(SQL[proof.statement], parameters).fetchall()
        yield Verdict(
            proof=proof,
            examined=getattr(counted, proof.examined),
            broken=rows[0].found if rows else 0,
            findings=tuple(Breach(row.tenant, row.kind, row.id, row.finding) for row in rows),
        )
