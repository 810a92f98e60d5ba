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
