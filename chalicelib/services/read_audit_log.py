"""The audit log: every change of a tenant, by whom and when. It is read from the events that the changes appended."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from chalicelib.storage.events import list_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.storage.events import EventFilter, RecordedEvent
    from chalicelib.storage.transaction import Database

COLUMNS = (
    *("occurred_at", "type", "entity_kind", "entity_id", "actor_kind", "actor_id", "actor_name", "request_id"),
    *("before", "after", "id"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How cells begin that spreadsheets would compute (OWASP, CSV injection)."""


def read_audit_log(
    database: Database, tenant: str, wanted: EventFilter, limit: int
) -> tuple[list[RecordedEvent], bool]:
    """Return a page of events, the latest first, and whether there are more."""
    found = database.run(tenant, lambda transaction: list_events(transaction, wanted, limit + 1))
    return found[:limit], len(found) > limit


def as_csv(events: Iterable[RecordedEvent]) -> str:
    """Write events as RFC 4180 has it, with a header; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for event in events:
        writer.writerow([_cell(getattr(event, name)) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
