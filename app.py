"""The Chalice application: registers the HTTP blueprints; every non-HTTP handler is declared here too, a line each."""

from __future__ import annotations

from chalice.app import Chalice

from chalicelib.api import closures, current, health, pages, reservations, resources, tenants

app = Chalice(app_name="berth")
app.api.binary_types = []
app.register_middleware(current.remember_request, "http")
for blueprint in (health.blueprint, tenants.blueprint, resources.blueprint, reservations.blueprint, closures.blueprint):
    app.register_blueprint(blueprint)
