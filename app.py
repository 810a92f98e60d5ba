"""The Chalice application: registers the HTTP blueprints; every non-HTTP handler is declared here too, a line each."""

from __future__ import annotations

from chalice.app import Chalice

from chalicelib.api import current, health

app = Chalice(app_name="berth")
app.api.binary_types = []
app.register_middleware(current.remember_request, "http")
for blueprint in (health.blueprint,):
    app.register_blueprint(blueprint)
