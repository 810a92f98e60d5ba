"""The audit log."""

from __future__ import annotations

from uuid import UUID

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.pages import CursorError, cursor_after, link_to_next, position_of
from chalicelib.api.schemas.audit import AuditPage, AuditQuery
from chalicelib.api.schemas.reservation_search import event_body
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.people import MANAGERS, Scope
from chalicelib.services.read_audit_log import as_csv, read_audit_log
from chalicelib.storage.events import EventFilter, RecordedEvent

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
    errors=[NotFoundError, CursorError],
    scope=Scope.AUDIT_READ,
)
def read_log(call: Call[NoBody, AuditQuery]) -> Reply:
    """Read who changed what, and when: the latest first, with what was different before and after."""
    found, cursor = _page(call)
    body = AuditPage(items=[event_body(event) for event in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, LOG, cursor))


@endpoint(
    blueprint,
    "GET",
    LOG + ".csv",
    roles=MANAGERS,
    tag="audit",
    query=AuditQuery,
    response=None,
    errors=[NotFoundError, CursorError],
    content_type="text/csv; charset=utf-8",
    scope=Scope.AUDIT_READ,
)
def export_log(call: Call[NoBody, AuditQuery]) -> Reply:
    """Read the same page as a table for spreadsheets; the Link header leads to the next one."""
    found, cursor = _page(call)
    name = f'attachment; filename="audit-{call.tenant}.csv"'
    return Reply(as_csv(found), headers={"Content-Disposition": name, **link_to_next(call, LOG + ".csv", cursor)})


def _page(call: Call[NoBody, AuditQuery]) -> tuple[list[RecordedEvent], str | None]:
    query = call.query
    wanted = EventFilter(
        entity_id=query.entity_id,
        entity_kind=query.entity_kind,
        types=query.type,
        actor_kind=query.actor_kind,
        actor_id=query.actor_id,
        occurred_from=query.occurred_from,
        occurred_until=query.occurred_until,
        before_id=_last(query.cursor),
    )
    found, more = read_audit_log(call.database, call.tenant, wanted, query.limit)
    return found, cursor_after((0, str(found[-1].id))) if more else None


def _last(cursor: str | None) -> UUID | None:
    position = position_of(cursor)
    try:
        return None if position is None else UUID(position[1])
    except ValueError as error:
        message = "This is not the next_cursor of an answer; leave it out to begin with the latest."
        raise CursorError("cursor", message) from error
