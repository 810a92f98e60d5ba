"""Recurring reservations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import DESK, STAFF, Role, Scope
from chalicelib.core import errors
from chalicelib.core.money import PriceChangedError
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.paging import CursorError, cursor_at, link_to_next, place_of
from chalicelib.http.prices import money
from chalicelib.reservations.add_to_series import add_to_series
from chalicelib.reservations.api.reservation_answers import ADMITTING, HOLDERS, READERS
from chalicelib.reservations.api.unconfirmed import make_or_ask
from chalicelib.reservations.change_series import SeriesChange, cancel_series, change_series, list_series, read_series
from chalicelib.reservations.create_reservation import GuestDetails
from chalicelib.reservations.create_series import SeriesRequest, create_series, preview_series
from chalicelib.reservations.model.series import SeriesRefusedError
from chalicelib.reservations.schemas.series import (
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

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.model.series import Series

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/series"
ONE = COLLECTION + "/{series}"
CHANGING = [
    errors.NotFoundError,
    SeriesRefusedError,
    PriceChangedError,
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
        SeriesRefusedError,
        PriceChangedError,
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
    """Create a series.

    Reserves the same thing on every date of a recurrence rule, at the tenant's local time. With `mode` `all`,
    either every date is reserved or none; with `fitting`, those that can be. Each date that cannot be reserved says
    why.

    Each date becomes a reservation of its own, which is changed and cancelled like any other.
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

    return create_series(call.context, _request(call), answer)


@endpoint(
    blueprint,
    "POST",
    COLLECTION + "/preview",
    roles={Role.ANYONE} | DESK,
    tag="series",
    body=CreateSeries,
    response=SeriesPreview,
    errors=[errors.NotFoundError, errors.ContentionError],
    counted=True,
    previews=True,
    scope=Scope.RESERVATIONS_WRITE,
    body_limit=32 * 1024,
)
def preview(call: Call[CreateSeries, NoBody]) -> Reply:
    """Preview a series.

    Says for each date whether it can be reserved, and if not, why. Nothing is stored. Use it before creating the
    series, to show dates and prices.
    """
    found = preview_series(call.context, _request(call))
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
    """List series.

    Returns series without their dates, the latest first. Use it to find a series by its resource; read one to see
    its dates.
    """
    place = place_of(call.query.cursor)
    before_id = None if place is None else place[1]
    found, more = list_series(call.context, call.query.resource_id, before_id, call.query.limit)
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
    """Read a series.

    Returns the series with all of its dates, each with its reservation as it is now or the reason why there is
    none.
    """
    return _reply(read_series(call.context, identifier(call, "series")))


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=HOLDERS,
    tag="series",
    body=ChangeSeries,
    response=ChangedSeries,
    errors=CHANGING,
    versioned=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def change_recurring(call: Call[ChangeSeries, NoBody]) -> Reply:
    """Update a series.

    Changes all dates that are still to come, or those from `from_on` on: every one of them or none. Reservations
    that were changed or cancelled on their own stay as they are.

    With `from_on`, the dates that follow become a series of their own, which is the answer; its guest gets a new
    manage token.
    """
    members = call.body.model_dump(exclude={"expected_price"})
    change = SeriesChange(**members, expected=call.body.expected())
    series_id = identifier(call, "series")
    found = change_series(call.context, series_id, change)
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
    versioned=True,
)
def add_date(call: Call[AddDate, NoBody]) -> Outcome:
    """Add a date to a series.

    Reserves a date of the series that could not be reserved before. It is a new reservation: the present rules and
    prices apply. The answer holds the manage token of that date.
    """
    on_date = call.body.on

    def answer(series: Series) -> Answer:
        added = next(one.reservation_id for one in series.occurrences if one.on_date == on_date)
        assert added is not None, "it was just reserved"  # noqa: S101 - a mistake of ours
        token = call.container.tokens.issue_manage_token(call.tenant, added)
        occurrences = [occurrence_body(one, token if one.on_date == on_date else None) for one in series.occurrences]
        body = SeriesBody.model_construct(None, **series_members(series, occurrences))
        return render(Reply(body, version=series.version))

    return add_to_series(call.context, identifier(call, "series"), on_date, answer)


@endpoint(
    blueprint,
    "POST",
    ONE + "/cancel",
    roles=HOLDERS,
    tag="series",
    body=CancelSeries,
    response=CancelledSeries,
    errors=[errors.NotFoundError, errors.ContentionError],
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def cancel_recurring(call: Call[CancelSeries, NoBody]) -> Outcome:
    """Cancel a series.

    Cancels all dates that are still to come, or those from `from_on` on. The answer says for each date, and in sum,
    what is refunded and what stays owed.
    """

    def answer(series: Series) -> Answer:
        amounts = {
            name: money(sum(getattr(one, name) or 0 for one in series.occurrences), series.currency)
            for name in ("due", "refund", "retained")
        }
        body = CancelledSeries.model_construct(None, **series_members(series), **amounts)
        return render(Reply(body, version=series.version))

    return cancel_series(call.context, identifier(call, "series"), call.body.from_on, answer)


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
        anonymous=call.anonymous,
    )


def _reply(series: Series) -> Reply:
    return Reply(SeriesBody.model_construct(None, **series_members(series)), version=series.version)
