"""Recurring reservations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import CursorError, cursor_at, link_to_next, place_of
from chalicelib.api.reservation_answers import ADMITTING, HOLDERS, READERS
from chalicelib.api.schemas.series import (
    AddDate,
    CancelledSeries,
    CancelSeries,
    ChangedSeries,
    ChangeSeries,
    CreatedSeries,
    CreateSeries,
    SeriesBody,
    SeriesPage,
    SeriesPreview,
    SeriesQuery,
    SeriesSummary,
    occurrence_body,
    series_members,
    summary_members,
)
from chalicelib.api.unconfirmed import make_or_ask
from chalicelib.domain import errors
from chalicelib.domain.people import DESK, STAFF, Role, Scope
from chalicelib.services.add_to_series import add_to_series
from chalicelib.services.change_series import SeriesChange, cancel_series, change_series, list_series, read_series
from chalicelib.services.create_reservation import GuestDetails
from chalicelib.services.create_series import SeriesRequest, create_series, preview_series

if TYPE_CHECKING:
    from chalicelib.domain.series import Series
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.idempotency import Answer

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/series"
ONE = COLLECTION + "/{series}"
CHANGING = [
    errors.NotFoundError,
    errors.VersionMismatchError,
    errors.SeriesRefusedError,
    errors.PriceChangedError,
    errors.ContentionError,
]


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles={Role.ANYONE} | DESK,
    tag="series",
    body=CreateSeries,
    response=CreatedSeries,
    status=201,
    errors=[
        errors.NotFoundError,
        errors.SeriesRefusedError,
        errors.PriceChangedError,
        errors.IdempotencyInProgressError,
        errors.IdempotencyMismatchError,
        errors.ContentionError,
    ],
    idempotent=True,
    counted=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    body_limit=32 * 1024,
)
def create(call: Call[CreateSeries, NoBody]) -> Outcome:
    """Reserve something on every date of a rule.

    All of it or, with `mode` fitting, what can be had; each date that cannot says why. Times are the tenant's local
    ones. One reservation of it is changed and cancelled like any other.
    """
    return make_or_ask(call, "series", make_series)


def make_series(call: Call[CreateSeries, NoBody]) -> Outcome:
    """Reserve every date that the body asks for."""

    def answer(series: Series) -> Answer:
        tokens = call.container.tokens
        occurrences = [
            occurrence_body(
                one,
                None if one.reservation_id is None else tokens.issue_manage_token(call.tenant, one.reservation_id),
            )
            for one in series.occurrences
        ]
        token = tokens.issue_manage_token(call.tenant, series.id)
        body = CreatedSeries.model_construct(**series_members(series, occurrences), manage_token=token)
        return render(Reply(body, 201, version=series.version).found_at(call.address(ONE, series=series.id)))

    return create_series(call.database, call.tenant, _request(call), call.actor, call.claim, answer)


@endpoint(
    blueprint,
    "POST",
    COLLECTION + "/preview",
    roles={Role.ANYONE} | DESK,
    tag="series",
    body=CreateSeries,
    response=SeriesPreview,
    errors=[errors.NotFoundError, errors.ContentionError],
    scope=Scope.RESERVATIONS_WRITE,
    body_limit=32 * 1024,
)
def preview(call: Call[CreateSeries, NoBody]) -> Reply:
    """Look what would come of each date, which is tried and taken back. Nothing is stored."""
    found = preview_series(call.database, call.tenant, _request(call), call.actor)
    bodies = [occurrence_body(replace(one, reservation_id=None, code=None)) for one in found]
    return Reply(SeriesPreview(occurrences=bodies))


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="series",
    query=SeriesQuery,
    response=SeriesPage,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.RESERVATIONS_READ,
)
def list_recurring(call: Call[NoBody, SeriesQuery]) -> Reply:
    """List series, the latest first."""
    place = place_of(call.query.cursor)
    before_id = None if place is None else place[1]
    found, more = list_series(call.database, call.tenant, call.query.resource_id, before_id, call.query.limit)
    cursor = cursor_at(found[-1].created_at, found[-1].id) if more else None
    items = [SeriesSummary.model_construct(None, **summary_members(one)) for one in found]
    body = SeriesPage.model_construct(items=items, next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    ONE,
    roles=READERS,
    tag="series",
    response=SeriesBody,
    errors=[errors.NotFoundError],
    scope=Scope.RESERVATIONS_READ,
)
def read_recurring(call: Call[NoBody, NoBody]) -> Reply:
    """Read a series with the reservations of its dates as they are now."""
    return _reply(read_series(call.database, call.tenant, identifier(call, "series")))


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=HOLDERS,
    tag="series",
    body=ChangeSeries,
    response=ChangedSeries,
    errors=CHANGING,
    needs_version=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def change_recurring(call: Call[ChangeSeries, NoBody]) -> Reply:
    """Move all that is still to come, or this date and what follows: every one of them, or none.

    From a date on, what follows becomes a series of its own, which is the answer, with a manage token of its own.
    Reservations that were changed or cancelled by themselves stay as they are.
    """
    members = call.body.model_dump(exclude={"expected_total", "expected_currency"})
    change = SeriesChange(**members, expected=call.body.expected())
    series_id = identifier(call, "series")
    found = change_series(call.database, call.tenant, series_id, change, call.actor, call.if_match)
    token = None if found.id == series_id else call.container.tokens.issue_manage_token(call.tenant, found.id)
    body = ChangedSeries.model_construct(None, **series_members(found), manage_token=token)
    return Reply(body, version=found.version)


@endpoint(
    blueprint,
    "POST",
    ONE + "/add-date",
    roles=HOLDERS,
    tag="series",
    body=AddDate,
    response=SeriesBody,
    errors=[*ADMITTING, errors.ConflictError],
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def add_date(call: Call[AddDate, NoBody]) -> Outcome:
    """Reserve a date that could not be had when the series was made, as the series is now.

    It is something new: the rules and prices are the present ones. The date's reservation comes with its manage token.
    """
    on_date = call.body.on

    def answer(series: Series) -> Answer:
        added = next(one.reservation_id for one in series.occurrences if one.on_date == on_date)
        assert added is not None, "it was just reserved"  # noqa: S101 - a mistake of ours
        token = call.container.tokens.issue_manage_token(call.tenant, added)
        occurrences = [occurrence_body(one, token if one.on_date == on_date else None) for one in series.occurrences]
        body = SeriesBody.model_construct(None, **series_members(series, occurrences))
        return render(Reply(body, version=series.version))

    return add_to_series(
        call.database,
        call.tenant,
        identifier(call, "series"),
        on_date,
        call.actor,
        call.claim,
        answer,
        expected_version=call.if_match,
    )


@endpoint(
    blueprint,
    "POST",
    ONE + "/cancel",
    roles=HOLDERS,
    tag="series",
    body=CancelSeries,
    response=CancelledSeries,
    errors=[errors.NotFoundError, errors.VersionMismatchError, errors.ContentionError],
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def cancel_recurring(call: Call[CancelSeries, NoBody]) -> Outcome:
    """Cancel all that is still to come, or a date and what follows; the answer says what is refunded."""

    def answer(series: Series) -> Answer:
        amounts = {
            name: sum(getattr(one, name) or 0 for one in series.occurrences) for name in ("due", "refund", "retained")
        }
        body = CancelledSeries.model_construct(None, **series_members(series), **amounts)
        return render(Reply(body, version=series.version))

    return cancel_series(
        call.database,
        call.tenant,
        identifier(call, "series"),
        call.body.from_on,
        call.actor,
        call.claim,
        answer,
        expected_version=call.if_match,
    )


def _request(call: Call[CreateSeries, NoBody]) -> SeriesRequest:
    body = call.body
    return SeriesRequest(
        resource_id=body.resource_id,
        rule=body.rule,
        first_on=body.first_on,
        except_on=body.except_on,
        pattern=body.pattern(),
        guest=GuestDetails(body.guest.name, body.guest.email, body.guest.phone),
        notes=body.notes,
        all_or_nothing=body.mode == "all",
        expected=body.expected(),
        stranger=call.stranger,
    )


def _reply(series: Series) -> Reply:
    return Reply(SeriesBody.model_construct(None, **series_members(series)), version=series.version)
