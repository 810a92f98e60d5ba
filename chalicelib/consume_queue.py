"""Deliver events: the consumer of the queue, which looks into the outbox at each notification, and the sweep.

The sweep is a scheduled function, and finds what a lost notification left.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.delivery.deliver_events import Channels, Delivery, deliver_events
from chalicelib.delivery.measure_backlog import measure_backlog
from chalicelib.edit_locks.manage_edit_locks import expire_edit_locks
from chalicelib.http.container import container
from chalicelib.jobs.budget import BATCH_SECONDS, Budget
from chalicelib.run_jobs import measured
from chalicelib.scheduled import JOBS
from chalicelib.wiring import jobs_database

if TYPE_CHECKING:
    from chalicelib.database.transaction import Database

logger = logging.getLogger("berth.jobs")


def deliver() -> int:
    """What a notification asks for: deliver what is in the outbox, and see whether an edit lock is over.

    Not recorded as a run, as it comes with every change.
    """
    with measured("deliver_events"):
        budget = Budget(container().config.job_seconds)
        database = jobs_database().until(budget.ends_at, batch_seconds=BATCH_SECONDS)
        done = deliver_events(database, delivery("consumer"), budget)
        return done + expire_edit_locks(database, budget, records=False)


def sweep_events(database: Database, budget: Budget) -> int:
    """Deliver what a lost notification left in the outbox, and what is due again; before it, measure what waits."""
    try:
        measure_backlog(database, {name: job.interval_seconds for name, job in JOBS.items()})
    except Exception:  # whatever it is: what waits is delivered all the same
        logger.exception("What waits could not be measured.")
    return deliver_events(database, delivery("sweep"), budget)


def delivery(by: str) -> Delivery:
    """How events are delivered, and who does it: the sweep or the queue's consumer."""
    return Delivery(channels, by, wake_consumer)


def wake_consumer(seconds: int) -> None:
    """Have the queue's consumer look in so many seconds."""
    container().notifier.notify_later(seconds)


@cache
def channels() -> Channels:
    """The ways in which events are delivered, by name.

    They are imported when there is something to deliver: a sweep usually finds that the consumer has been by.
    """
    from chalicelib.adapters.dns import AddressRecords
    from chalicelib.adapters.egress import Egress
    from chalicelib.adapters.web_push import PushServices, VapidKey
    from chalicelib.delivery.channels import guest_emails, live_messages, push, staff_emails, webhooks

    services = container()
    config = services.config
    egress = Egress(AddressRecords(config.dns_resolver).read)
    pushing: Channels = (
        {}
        if config.vapid is None
        else {push.NAME: push.Push(PushServices(egress, VapidKey(config.vapid[0]), config.vapid[1], config.push_hosts))}
    )
    return {
        **pushing,
        guest_emails.NAME: guest_emails.GuestEmails(
            services.mail.send_until, services.guest_links.to, services.mail.address
        ),
        live_messages.NAME: live_messages.LiveMessages(services.connections),
        staff_emails.NAME: staff_emails.StaffEmails(services.mail.send_until),
        webhooks.NAME: webhooks.Webhooks(egress),
    }
