"""The links of guests: which generation holds, and until when there is something to manage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.database import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.pipeline import Pending, Pipeline
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Link:
    """The generation that holds, and when what it is for ends; None where it never had a time."""

    generation: int
    ends_at: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class LinkedGuest:
    """Whom a link belongs to."""

    id: UUID
    name: str
    email: str


def ask_link(pipeline: Pipeline, subject_id: UUID) -> Pending:
    """Queue the question what holds for the links to a reservation, series or entry."""
    return pipeline.send(SQL["read_link"], {"id": subject_id})


def link_of(rows: Sequence[Any]) -> Link:
    """Return what `ask_link` found."""
    (row,) = rows
    return Link(row.generation, row.ends_at, row.now)


def generation_of(transaction: Transaction, subject_id: UUID) -> int:
    """Return the generation whose links hold."""
    return transaction.row(SQL["read_link"], {"id": subject_id}).generation


def guest_of(transaction: Transaction, subject_id: UUID) -> LinkedGuest | None:
    """Return whom the links to a reservation, series or entry belong to."""
    row = transaction.row(SQL["guest_of"], {"id": subject_id})
    return None if row is None else LinkedGuest(row.id, row.name, row.email)


def renew_link(transaction: Transaction, subject_id: UUID) -> tuple[int, list[str]]:
    """Make all earlier links invalid. Returns the new generation, and the connections that have ended with them."""
    transaction.changes = True
    generation = transaction.row(SQL["renew_link"], {"id": subject_id}).generation
    transaction.write(SQL["forget_tickets"], {"id": subject_id}, rows=None)
    return generation, [row.id for row in transaction.rows(SQL["end_connections"], {"id": subject_id})]
