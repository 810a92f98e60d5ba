"""Emails to those who work for a tenant: what needs somebody and would be noticed by nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.accounts.for_others import addresses_of_owners
from chalicelib.adapters.mail import Email
from chalicelib.core.text import shown_line
from chalicelib.delivery.deliver_events import DeliveryOutcome, NotBegunError, UnfinishedError, untargeted
from chalicelib.delivery.model.webhooks import DisabledBecause
from chalicelib.events.model import EventType
from chalicelib.tenants.for_others import read_site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent

NAME = "staff_emails"
MOST_OWNERS = 20
REASONS = {
    DisabledBecause.GONE: "It answered 410 (Gone), which says that it takes nothing any more.",
    DisabledBecause.FAILING: "It took nothing for three days.",
}
NEXT = (
    "What happens while it is disabled is not sent later. Mend what receives it, and enable the webhook again. The log "
    "of its deliveries says what was answered, and each can be replayed."
)


@dataclass(frozen=True, slots=True)
class StaffEmails:
    """Sends through `post`, which gets an instant of `time.monotonic` and returns False where it could not begin."""

    post: Callable[[Email, float], bool]

    def wants(self, event: OutboxEvent) -> bool:
        """What happened by itself and stays so until somebody does something."""
        return event.type == EventType.WEBHOOK_DISABLED

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        """All: every tenant has owners."""
        del transaction
        return untargeted(events)

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        """Write to each owner. Raises `UnavailableError`, `NotBegunError`, `UnfinishedError`."""
        event = attempt.event

        def look(transaction: Transaction) -> tuple[str, list[str]]:
            return shown_line(read_site(transaction).name), addresses_of_owners(transaction, MOST_OWNERS)

        tenant_name, owners = database.run(event.tenant, look)
        wanted = [one for one in owners if attempt.remaining is None or one in attempt.remaining]
        if not wanted:
            return DeliveryOutcome.SKIPPED
        for place, address in enumerate(wanted):
            if not self.post(_email(event, tenant_name, address), until):
                if place == 0:
                    raise NotBegunError
                message = f"The time was over before {len(wanted) - place} of {len(wanted)} owners could be written to."
                raise UnfinishedError(message, wanted[place:], progress=True)
        return DeliveryOutcome.DELIVERED


def _email(event: OutboxEvent, tenant_name: str, address: str) -> Email:
    after = event.after or {}
    host = shown_line(str(after.get("host", "")))
    lines = [
        "Hello,",
        f"events of {tenant_name} are not sent to {host} any more: its webhook was disabled.",
        REASONS[DisabledBecause(after["disabled_because"])],
        NEXT,
        tenant_name,
    ]
    return Email(address, f"{tenant_name}: the webhook to {host} was disabled", "\n\n".join(lines) + "\n")
