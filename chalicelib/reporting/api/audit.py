"""The audit log."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, Scope
from chalicelib.core.errors import InvalidRangeError, NotFoundError
from chalicelib.events.event_log import EventFilter
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.paging import CursorError, cursor_after, id_of, link_to_next
from chalicelib.reporting.read_audit_log import export_audit_log, read_audit_log
from chalicelib.reporting.schemas.audit import AuditExportQuery, AuditPage, AuditQuery
from chalicelib.reservations.schemas.reservation_search import event_body

blueprint = Blueprint(__name__)
LOG = "/v1/tenants/{tenant}/audit"


@endpoint(
    blueprint,
    "GET",
    LOG,
    roles=MANAGERS,
    tag="audit",
    query=AuditQuery,
    response=AuditPage,
    errors=[NotFoundError, InvalidRangeError, CursorError],
    scope=Scope.AUDIT_READ,
    replica_seconds=60,
)
def read_log(call: Call[NoBody, AuditQuery]) -> Reply:
    """List the audit log.

    Returns who changed what and when, the latest first, with the values before and after.
    """
    found, more = read_audit_log(call.context, _filter(call.query), call.query.limit)
    cursor = cursor_after((0, str(found[-1].id))) if more else None
    body = AuditPage(items=[event_body(event) for event in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, LOG, cursor))


@endpoint(
    blueprint,
    "GET",
    LOG + ".csv",
    roles=MANAGERS,
    tag="audit",
    query=AuditExportQuery,
    response=None,
    errors=[NotFoundError, InvalidRangeError, CursorError],
    content_type="text/csv; charset=utf-8",
    scope=Scope.AUDIT_READ,
    replica_seconds=60,
)
def export_log(call: Call[NoBody, AuditExportQuery]) -> Reply:
    """Export the audit log.

    Returns the audit log as CSV for spreadsheets, at most 50,000 events or 5 MB. Where there is more, a `Link`
    header leads to the next part.
    """
    table, last = export_audit_log(call.context, _filter(call.query), call.query.limit)
    cursor = cursor_after(None if last is None else (0, str(last)))
    name = f'attachment; filename="audit-{call.tenant}.csv"'
    return Reply(table, headers={"Content-Disposition": name, **link_to_next(call, LOG + ".csv", cursor)})


def _filter(query: AuditQuery) -> EventFilter:
    occurred_from, occurred_until = query.bounds()
    return EventFilter(
        entity_id=query.entity_id,
        entity_kind=query.entity_kind,
        types=query.type,
        actor_kind=query.actor_kind,
        actor_id=query.actor_id,
        occurred_from=occurred_from,
        occurred_until=occurred_until,
        before_id=id_of(query.cursor),
    )
