"""The months of events, as tables: read and made as the role of background jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.database import statements

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Partition:
    """A table with the events from `from_id` until before `until_id`; None: open at that end."""

    name: str
    archived: bool
    from_id: UUID | None
    until_id: UUID | None


def make_partition(transaction: Transaction) -> bool:
    """End the open partition with a month and open the next; return False where none is due.

    Raises `LockWaitError` where somebody reads or writes for longer than is waited.
    """
    transaction.changes = True
    return transaction.row(SQL["make_partition"], {}).made


def archive_partition(transaction: Transaction, keep_months: int) -> bool:
    """Archive the oldest partition that ended so many months before this one; return False where none did.

    One whose events are not all delivered stays. Raises `LockWaitError` as `make_partition`.
    """
    transaction.changes = True
    return transaction.row(SQL["archive_partition"], {"keep_months": keep_months}).archived


def list_partitions(transaction: Transaction) -> list[Partition]:
    """Return all partitions in the order of their ids."""
    return [Partition(**row._asdict()) for row in transaction.rows(SQL["list_partitions"], {})]
