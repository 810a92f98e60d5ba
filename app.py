"""The Chalice application: registers the HTTP blueprints; every non-HTTP handler is declared here too, a line each."""

from __future__ import annotations

from chalice.app import Chalice

from chalicelib.api import (
    audit,
    availability,
    calendar,
    catalogue,
    closures,
    current,
    docs,
    guests,
    health,
    images,
    members,
    openapi,
    policies,
    quotes,
    reservation_search,
    reservations,
    resources,
    settings,
    sign_in,
    statistics,
    tenants,
    transitions,
    windows,
)
from chalicelib.jobs import JOBS
from chalicelib.jobs.running import run_scheduled

app = Chalice(app_name="berth")
app.api.binary_types = []
app.register_middleware(current.remember_request, "http")
for part in (
    health,
    tenants,
    settings,
    resources,
    availability,
    quotes,
    reservations,
    transitions,
    reservation_search,
    calendar,
    closures,
    catalogue,
    images,
    windows,
    policies,
    sign_in,
    members,
    guests,
    statistics,
    audit,
    openapi,
    docs,
):
    app.register_blueprint(part.blueprint)


@app.schedule(JOBS["expire_holds"].schedule)
def expire_holds(_: object) -> None:
    """Run the job of this name."""
    run_scheduled("expire_holds")


@app.schedule(JOBS["promote_pending"].schedule)
def promote_pending(_: object) -> None:
    """Run the job of this name."""
    run_scheduled("promote_pending")


@app.schedule(JOBS["mark_no_shows"].schedule)
def mark_no_shows(_: object) -> None:
    """Run the job of this name."""
    run_scheduled("mark_no_shows")


@app.schedule(JOBS["complete_stays"].schedule)
def complete_stays(_: object) -> None:
    """Run the job of this name."""
    run_scheduled("complete_stays")


@app.schedule(JOBS["refresh_statistics"].schedule)
def refresh_statistics(_: object) -> None:
    """Run the job of this name."""
    run_scheduled("refresh_statistics")


@app.schedule(JOBS["seal_events"].schedule)
def seal_events(_: object) -> None:
    """Run the job of this name."""
    run_scheduled("seal_events")
