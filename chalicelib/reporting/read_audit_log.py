"""The audit log: every change of a tenant, by whom and when. It is read from the events that the changes appended."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core.time_ranges import instant_text
from chalicelib.database.transaction import Isolation
from chalicelib.events.as_sent import as_sent
from chalicelib.events.event_log import list_events

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import EventFilter, RecordedEvent
    from chalicelib.http.context import Context

COLUMNS = (
    *("occurred_at", "type", "entity_kind", "entity_id", "actor_kind", "actor_id", "actor_name", "request_id"),
    *("before", "after", "id"),
)
PIECE = 1000
MOST_BYTES = 5_000_000
"""Of one export, as JSON writes it, which is how an answer leaves a function: of 6 MB at most (AWS Lambda quotas)."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How cells begin that spreadsheets would compute (OWASP, CSV injection)."""


def read_audit_log(context: Context, wanted: EventFilter, limit: int) -> tuple[list[RecordedEvent], bool]:
    """Return a page of events, the latest first, and whether there are more."""
    found = context.run(lambda transaction: list_events(transaction, wanted, limit + 1))
    return found[:limit], len(found) > limit


def export_audit_log(
    context: Context, wanted: EventFilter, most_rows: int, most_bytes: int = MOST_BYTES
) -> tuple[str, UUID | None]:
    """Return events as RFC 4180 has it, with a header, the latest first; no cell is taken for a formula.

    It ends after so many rows, or so many bytes of the answer, whichever comes first; then the last event's id is
    returned, too, to go on after. The events are read in pieces, so that there are never more than a few in memory
    beside the text.
    """

    def work(transaction: Transaction) -> tuple[str, UUID | None]:
        lines, size, last = [_line(COLUMNS)], 0, None
        piece = list_events(transaction, wanted, PIECE)
        while piece:
            for event in piece:
                line = _line([_cell(getattr(event, name)) for name in COLUMNS])
                size += len(json.dumps(line))
                if last is not None and (len(lines) > most_rows or size > most_bytes):
                    return "".join(lines), last
                lines.append(line)
                last = event.id
            piece = list_events(transaction, replace(wanted, before_id=last), PIECE)
        return "".join(lines), None

    return context.run(work, isolation=Isolation.SNAPSHOT)


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, dict):
        text = json.dumps(as_sent(cast("dict[str, Any]", value)), ensure_ascii=False, sort_keys=True)
    else:
        text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
