"""The handlers of all functions. Lambda imports this module and asks it for one of them, by name.

Each imports what it alone needs, at that moment, so that it starts sooner: routes of HTTP, when their first request
comes; a scheduled function nothing of HTTP at all. `app` is the Chalice application, which knows all of them: for HTTP,
and for `chalice package`, which makes a function of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from chalicelib.adapters import clock
from chalicelib.config import TelemetryConfig
from chalicelib.http.call_reports import report_request, reported
from chalicelib.scheduled import JOBS, imported
from chalicelib.telemetry.emf import EmfReporter
from chalicelib.telemetry.logs import set_up_logs
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from chalice.app import Chalice

    app: Chalice

Handler = Callable[[Mapping[str, Any], Any], Any]
"""What Lambda calls, with the event and its context."""

telemetry = TelemetryConfig.from_environment()
set_up_logs(telemetry.log_format, telemetry.log_level)
if telemetry.metrics_service:
    METRICS.report_to(EmfReporter(telemetry.metrics_service, clock.now))

DESCRIPTION = "openapi.json"
ROUTES: Mapping[str, Set[str]] = {
    "http.health": {"health", "ready"},
    "accounts.api.owners": {"tenants", "invite-owner"},
    "tenants.api.tenants": {"tenants", "suspend", "resume"},
    "tenants.api.settings": {"settings"},
    "tenants.api.domains": {"domain", "hosts"},
    "pages.api.pages": {"pages"},
    "catalogue.api.list_resources": {"resources"},
    "availability.api.availability": {"availability", "resources"},
    "availability.api.quotes": {"quotes"},
    "reservations.api.reservations": {"reservations"},
    "reservations.api.previews": {"reservations"},
    "reservations.api.transitions": {"reservations"},
    "waiting.api.pending": {"reservations"},
    "waiting.api.waitlist": {"waitlist"},
    "reservations.api.series": {"series"},
    "waiting.api.confirmations": {"confirmations"},
    "waiting.api.links": {"reservations", "series", "waitlist"},
    "reservations.api.reservation_search": {"reservations"},
    "reporting.api.calendar": {"calendar"},
    "reporting.api.timeline": {"timeline"},
    "availability.api.closures": {"closures"},
    "catalogue.api.manage_resources": {"resources", "amenities"},
    "catalogue.api.images": {"resources"},
    "catalogue.api.inventories": {"inventories", "resources"},
    "catalogue.api.windows": {"availability-windows"},
    "policies.api.policies": {"policies"},
    "accounts.api.sign_in": {"auth"},
    "accounts.api.members": {"members", "invitations", "api-keys"},
    "guests.api.guests": {"guests"},
    "reporting.api.statistics": {"statistics"},
    "reporting.api.audit": {"audit", "audit.csv"},
    "delivery.api.webhooks": {"webhooks"},
    "delivery.api.push": {"push-subscriptions", "push-preferences"},
    "calendars.api.feeds": {"calendars"},
    "realtime.api.realtime": {"auth", "edit-locks", "events"},
    "http.openapi": {DESCRIPTION},
    "realtime.api.asyncapi": {"asyncapi.json"},
    "http.reference_page": {"docs"},
}
"""The modules of routes, and by which words of their paths each is found (`chalicelib/http/routes.py`)."""
SOCKETS = {
    "open_connection": "realtime.api.connect:handle",
    "answer_message": "realtime.api.message:handle",
    "close_connection": "realtime.api.disconnect:handle",
}
"""The functions of the WebSocket API, and what each does, as in `JOBS`."""

RELEASES = {
    "migrate": "releases.migrate_stack:migrate_stack",
    "rotate": "releases.rotate_secret:rotate_secret",
}
"""What a release needs, as in `JOBS`: CloudFormation changes a stack, Secrets Manager takes a step of a rotation."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a handler or the application
    """Make the handler of that name, when it is asked for first."""
    made = _application() if name == "app" else reported(_handler(name))
    globals()[name] = made
    return made


def _handler(name: str) -> Handler:
    if name in JOBS:
        from chalicelib.run_jobs import run_job

        _ = JOBS[name].work  # imported while the function starts, not while it works
        return lambda _event, _context: run_job(name)
    if name == "deliver_events":
        from chalicelib.consume_queue import deliver

        for channel in (
            "guest_emails",
            "live_messages",
            "push",
            "staff_emails",
            "webhooks",
        ):  # it is called when there is something to deliver
            import_module(f"chalicelib.delivery.channels.{channel}")
        # What the messages say does not matter, nor how many there are: it looks into the outbox.
        return lambda _event, _context: deliver()
    if name in SOCKETS:
        import_module("chalicelib.wiring")
        return imported(SOCKETS[name])
    if name in RELEASES:
        work = imported(RELEASES[name])
        return lambda event, _context: work(event)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def _application() -> Chalice:
    from chalice.app import Chalice

    from chalicelib.http import cors, current
    from chalicelib.http.routes import Routes

    for module in ("chalicelib.http.endpoint", "chalicelib.wiring"):  # what every request needs
        import_module(module)
    application = Chalice(app_name="berth", configure_logs=False)  # it would leave out what is no error
    application.experimental_feature_flags.update(["WEBSOCKETS"])
    application.api.binary_types = []
    application.api.cors = cors.PREFLIGHT
    application.register_middleware(report_request, "http")
    application.register_middleware(cors.let_pages_read, "http")
    application.register_middleware(current.remember_request, "http")
    application.routes = cast("Any", Routes(application, ROUTES, DESCRIPTION))
    for name, job in JOBS.items():
        application.schedule(job.schedule, name=name, description=job.description)(_declared(name))
    application.on_sqs_message(queue="berth-events", batch_size=10)(_declared("deliver_events"))
    for name in RELEASES:
        application.lambda_function(name=name)(_declared(name))
    application.on_ws_connect()(_declared("open_connection"))
    application.on_ws_message()(_declared("answer_message"))
    application.on_ws_disconnect()(_declared("close_connection"))
    return application


def _declared(name: str) -> Callable[..., Any]:
    """Return what Chalice is told of: it names the function after it. It calls it with an event of its own, or two."""

    def handle(event: Any, context: object = None) -> Any:  # noqa: ANN401 - Chalice has no type that all events have
        made = globals().get(name) or __getattr__(name)
        return made(event.to_dict(), event.context) if context is None else made(event, context)

    handle.__name__ = name
    return handle
