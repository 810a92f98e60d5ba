"""The Chalice application: registers the HTTP blueprints; every non-HTTP handler is declared here too, a line each."""

from __future__ import annotations

from chalice.app import Chalice, CloudWatchEvent, SQSEvent, WebsocketEvent

from chalicelib.api import (
    audit,
    availability,
    calendar,
    catalogue,
    closures,
    confirmations,
    cross_origin,
    current,
    docs,
    guests,
    health,
    images,
    inventories,
    members,
    openapi,
    policies,
    quotes,
    real_time,
    reservation_links,
    reservation_search,
    reservations,
    resources,
    series,
    settings,
    sign_in,
    statistics,
    tenants,
    transitions,
    waitlist,
    windows,
)
from chalicelib.jobs.running import deliver, run_job
from chalicelib.realtime import asyncapi
from chalicelib.realtime.connect import connect
from chalicelib.realtime.disconnect import disconnect
from chalicelib.realtime.message import answer

app = Chalice(app_name="berth")
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.api.binary_types = []
app.api.cors = cross_origin.PREFLIGHT
app.register_middleware(cross_origin.tell_pages, "http")
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
    waitlist,
    series,
    confirmations,
    reservation_links,
    reservation_search,
    calendar,
    closures,
    catalogue,
    images,
    inventories,
    windows,
    policies,
    sign_in,
    members,
    guests,
    statistics,
    audit,
    real_time,
    openapi,
    asyncapi,
    docs,
):
    app.register_blueprint(part.blueprint)


# Scheduled functions (EventBridge rules) and the queue's consumer (SQS). Each is a Lambda function of its own with its
# handler's name; what each does is said in chalicelib/jobs/registry.py.


@app.schedule("rate(1 minute)", description="Let go of what was held and not confirmed in time")
def expire_holds(event: CloudWatchEvent) -> None:
    """Every minute: who holds units is told a time, and others wait for them."""
    run_job("expire_holds")


@app.schedule("rate(1 minute)", description="Promote what waits for room, the oldest first")
def promote_pending(event: CloudWatchEvent) -> None:
    """Every minute."""
    run_job("promote_pending")


@app.schedule("rate(1 minute)", description="Mark who has not come by the time of the policy")
def mark_no_shows(event: CloudWatchEvent) -> None:
    """Every minute: units may come free."""
    run_job("mark_no_shows")


@app.schedule("rate(5 minutes)", description="Complete stays that are over")
def complete_stays(event: CloudWatchEvent) -> None:
    """Every five minutes."""
    run_job("complete_stays")


@app.schedule("rate(1 minute)", description="Offer places that have come free to those who wait")
def offer_waitlist_places(event: CloudWatchEvent) -> None:
    """Every minute."""
    run_job("offer_waitlist_places")


@app.schedule("rate(15 minutes)", description="Remove allocations whose time is over")
def remove_past_allocations(event: CloudWatchEvent) -> None:
    """Every quarter of an hour, so that what admission reads stays small."""
    run_job("remove_past_allocations")


@app.schedule("rate(1 hour)", description="Remove keys, sessions and tokens after their time")
def remove_old_records(event: CloudWatchEvent) -> None:
    """Every hour."""
    run_job("remove_old_records")


@app.schedule("rate(1 hour)", description="Seal the events into each tenant's chain")
def seal_events(event: CloudWatchEvent) -> None:
    """Every hour."""
    run_job("seal_events")


@app.schedule("cron(30 3 * * ? *)", description="Make the months to come of events")
def make_partitions(event: CloudWatchEvent) -> None:
    """Every night, in an hour (UTC) when few write: it has something to do once a month."""
    run_job("make_partitions")


@app.schedule("rate(10 minutes)", description="Bring statistics up to date")
def refresh_statistics(event: CloudWatchEvent) -> None:
    """Every ten minutes, so that whoever asks waits for little."""
    run_job("refresh_statistics")


@app.schedule("rate(1 minute)", description="Deliver what a lost nudge left in the outbox")
def sweep_events(event: CloudWatchEvent) -> None:
    """Every minute."""
    run_job("sweep_events")


@app.schedule("rate(1 minute)", description="End edit locks that nobody renewed in time")
def expire_edit_locks(event: CloudWatchEvent) -> None:
    """Every minute; most end sooner, with the nudge that their connection's end sends."""
    run_job("expire_edit_locks")


@app.schedule("rate(1 minute)", description="Close connections that are dead, or not allowed any more")
def reap_connections(event: CloudWatchEvent) -> None:
    """Every minute."""
    run_job("reap_connections")


@app.on_sqs_message(queue="berth-events", batch_size=10)
def deliver_events(event: SQSEvent) -> None:
    """A nudge: look into the outbox. What the messages say does not matter, nor how many there are."""
    deliver()


# The WebSocket API: one Lambda function per route (chalicelib/realtime).


@app.on_ws_connect()
def open_connection(event: WebsocketEvent) -> dict[str, int]:
    """A client comes with a ticket."""
    return connect(event)


@app.on_ws_message()
def answer_message(event: WebsocketEvent) -> None:
    """A client says something."""
    answer(event)


@app.on_ws_disconnect()
def close_connection(event: WebsocketEvent) -> None:
    """A client is gone."""
    disconnect(event)
