"""Deliver events: each to every channel that wants it, at least once, those about one entity in their order.

An event that cannot be made deliveries of is left in the outbox until its next attempt, and all others are delivered.

Consumers take turns for their bookkeeping: one transaction stores how the attempts of the round before went, takes
events out of the outbox, makes a delivery of each for every channel, and begins the next attempts. Those are made at
once, outside of it. An attempt is fixed in the database before it is made, so that after a death in the middle of it
it is made again; channels know events by their ids.

Attempts end in time, whatever those do who are told: before the function is stopped, and within their lease. A channel
begins nothing that could last longer, and who does not answer all the same is waited for no longer.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Protocol

from chalicelib.core.errors import BerthError, UnavailableError
from chalicelib.delivery.storage import outbox
from chalicelib.delivery.storage.outbox import NO_TARGET, Ending, Wanted
from chalicelib.jobs.budget import BATCH_SECONDS
from chalicelib.jobs.isolation import Isolated
from chalicelib.telemetry.definitions import DELIVERIES
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from chalicelib.jobs.budget import Budget

JOB, SWEEP = "sweep_events", "sweep"
"""Whose failures those of events are."""
BATCH = 200
AT_ONCE = 5
"""Attempts that are made side by side, so that a slow one keeps no other beyond its lease."""
MOST_ATTEMPTS = 10
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, GROWTH = 2, 6 * 3600, 4
"""Between attempts, each pause so many times as long as the one before: all ten take about 15 hours."""
BOOKKEEPING_SECONDS = 1
"""Of a channel, once nobody is told any more: what it stores then."""
SETTLING_SECONDS = 2
"""At the end of what a batch may take: that bookkeeping, and the turn that stores how its attempts ended."""
WAKING_SECONDS = 2
"""What a queue that does not answer takes to be asked for a wake-up."""
SWEEP_SECONDS = 60
"""After which the sweep looks by itself; for what is due before that, the queue is asked for a wake-up."""
logger = logging.getLogger("berth.delivery")


class DeliveryOutcome(StrEnum):
    """How a delivery ended."""

    DELIVERED = "delivered"
    SKIPPED = "skipped"
    """There was no one to tell."""
    SUPERSEDED = "superseded"
    """What it would have said is not so any more: a later event says what is."""
    UNDELIVERED = "undelivered"
    """Its target did not take it in all the time that it had: that is for the tenant to see, and no fault of ours."""
    DEAD = "dead"


class UnfinishedError(UnavailableError):
    """The time of an attempt is over and some are not told yet: the next attempt is for `remaining` alone.

    `progress`: others were told, so that the next attempt may begin at once.
    """

    def __init__(self, detail: str, remaining: Sequence[str], *, progress: bool) -> None:
        super().__init__(detail)
        self.remaining = tuple(remaining)
        self.progress = progress


class NotBegunError(UnavailableError):
    """The time of an attempt was over before anybody was told, so it is not counted as one."""

    def __init__(self) -> None:
        super().__init__("The time was over before anybody could be told. It is tried again soon.")


class TargetError(UnavailableError):
    """A target could not be told: it is tried again after the pause, or not at all where that is None.

    Meanwhile it is left alone for `rest_seconds` at least.
    """

    def __init__(self, detail: str, pause_seconds: float | None, rest_seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.pause_seconds = pause_seconds
        self.rest_seconds = rest_seconds

    @property
    def outcome(self) -> DeliveryOutcome | None:
        """How the delivery ended, None where it did not."""
        return DeliveryOutcome.UNDELIVERED if self.pause_seconds is None else None


Found = tuple["UUID", "OutboxEvent"]
"""The id of a tenant, and an event of it."""


def untargeted(events: Sequence[Found]) -> list[tuple[UUID, OutboxEvent, UUID]]:
    """What `Channel.reached` returns where the channel itself knows whom it tells."""
    return [(tenant_id, event, NO_TARGET) for tenant_id, event in events]


class Channel(Protocol):
    """One way in which events are delivered to people and other systems."""

    def wants(self, event: OutboxEvent) -> bool:
        """Whether the event is delivered this way at all; asked once, without looking anything up."""
        ...

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        """Those of the events that could be delivered this way at the moment, once for each target."""
        ...

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        """Tell, and begin nothing that may last beyond `until`, an instant of `time.monotonic`.

        What is stored after that has `BOOKKEEPING_SECONDS`. Raises `UnavailableError` to be asked again later,
        `TargetError`, `UnfinishedError`, and `NotBegunError` where there was no time to tell anybody.
        """
        ...


Channels = Mapping[str, Channel]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who delivers, and how: `by` names them in figures; `wake` has the queue wake a consumer in so many seconds.

    `channels` gives the channels, and is asked as soon as there is something to deliver.
    """

    channels: Callable[[], Channels]
    by: str
    wake: Callable[[int], None]


def deliver_events(database: Database, delivery: Delivery, budget: Budget) -> int:
    """Deliver what is in the outbox and what is due again; return how many events and attempts were worked on."""
    done = 0
    endings: list[Ending] = []
    apart: Isolated | None = None  # once events had to be taken apart from each other
    while True:
        leased_at = time.monotonic()  # at the earliest
        turn = partial(_turn, delivery, endings, goes_on=not budget.spent, takes=apart is None)
        try:
            taken, begun = database.run_without_tenant(turn)
        except UnavailableError:
            raise  # no event is to blame
        except Exception:
            if apart is not None:
                raise
            logger.exception("Events could not be taken together: they are taken apart.")
            apart = Isolated(database, JOB, budget, records=True)
            continue
        attempts = [attempt for some in begun for attempt in some()]
        _wake(delivery, endings, budget)
        if apart is not None and not budget.spent:
            taken = _take_apart(apart, delivery)
        done += taken + len(attempts)
        if not attempts and taken < (BATCH if apart is None else 1):
            break
        endings = _make_all(database, delivery, attempts, _end_of_attempts(leased_at, budget))
        for ending in endings:
            METRICS.count(
                DELIVERIES, ending.outcome or ("left" if ending.not_begun or ending.starts_over else "failed")
            )
    if apart is None and delivery.by == SWEEP:
        apart = Isolated(database, JOB, budget, records=True)
    if apart is not None:
        apart.settle()
    return done


def _turn(
    delivery: Delivery, ended: Sequence[Ending], transaction: Transaction, *, goes_on: bool, takes: bool
) -> tuple[int, list[Callable[[], list[Attempt]]]]:
    """Return how many events were taken, and the attempts that have begun, which are known after the COMMIT."""
    outbox.take_turn(transaction)
    if ended:
        outbox.settle_attempts(transaction, ended)
    if not goes_on:
        return 0, []
    begun = outbox.begin_attempts(transaction, AT_ONCE)
    if not takes:
        return 0, [begun]
    taken, late = outbox.take_events(transaction, BATCH)
    wanted = _put_down(transaction, delivery, taken, late)
    if not wanted:
        return len(taken), [begun]
    return len(taken), [begun, outbox.begin_attempts(transaction, AT_ONCE - len(begun()))]


def _take_apart(run: Isolated, delivery: Delivery) -> int:
    """Take events out of the outbox, apart from those that fail; return how many were found."""
    late = 0

    def find(transaction: Transaction, only: Sequence[str] | None) -> Sequence[tuple[UUID, OutboxEvent]]:
        nonlocal late
        outbox.take_turn(transaction)
        taken, late = outbox.take_events(transaction, BATCH, only=only, left_out=run.resting)
        return taken

    def put_down(transaction: Transaction, taken: Sequence[tuple[UUID, OutboxEvent]]) -> int:
        _put_down(transaction, delivery, taken, late)
        return len(taken)

    return run.batch(find, put_down, lambda one: one[1].id)[0]


def _put_down(
    transaction: Transaction, delivery: Delivery, taken: Sequence[tuple[UUID, OutboxEvent]], late: int
) -> Sequence[Wanted]:
    """Queue a delivery of each event for every channel that wants it; return them. `late` of them waited too long."""
    if late:
        logger.warning("%d events had waited in the outbox for too long when the %s found them.", late, delivery.by)
        outbox.count_late(transaction, delivery.by, late)
    wanted = _wanted(transaction, delivery.channels(), taken) if taken else []
    if wanted:
        outbox.add_deliveries(transaction, wanted)
    return wanted


def _wanted(transaction: Transaction, channels: Channels, taken: Sequence[tuple[UUID, OutboxEvent]]) -> list[Wanted]:
    wanted: list[Wanted] = []
    for name, channel in channels.items():
        chosen = [(tenant_id, event) for tenant_id, event in taken if channel.wants(event)]
        if chosen:
            reached = channel.reached(transaction, chosen)
            wanted += [Wanted(tenant_id, event, name, target_id) for tenant_id, event, target_id in reached]
    return sorted(wanted, key=lambda one: one.event.id)


def _end_of_attempts(leased_at: float, budget: Budget) -> float:
    """Return until when attempts that begin now may tell: a batch's seconds, in the function's time and the lease."""
    return min(
        time.monotonic() + BATCH_SECONDS,
        budget.ends_at + BATCH_SECONDS - SETTLING_SECONDS,
        leased_at + outbox.LEASE_SECONDS - BOOKKEEPING_SECONDS,
    )


def _make_all(database: Database, delivery: Delivery, attempts: Sequence[Attempt], until: float) -> list[Ending]:
    """Make attempts side by side; return how they ended, as far as they have."""
    ends_at = until + BOOKKEEPING_SECONDS
    hands = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="deliveries")
    try:
        making = [
            hands.submit(copy_context().run, _make, database.until(ends_at), delivery, attempt, until)
            for attempt in attempts
        ]
        made, hanging = wait(making, max(0.0, ends_at - time.monotonic()))
    finally:
        hands.shutdown(wait=False)
    if hanging:
        # Somebody answers a bit at a time, or a name is not resolved: no client's timeout ends that. It is as if this
        # consumer had died: whether they were told is not known, and the lease is left to end by itself.
        logger.error("%d attempts did not end in time: they are made again after their lease.", len(hanging))
    return [one.result() for one in making if one in made]


def _make(database: Database, delivery: Delivery, attempt: Attempt, until: float) -> Ending:
    """Make an attempt and return how it ended, whatever it met."""
    channel = delivery.channels().get(attempt.channel)
    if channel is None:
        return Ending(attempt, DeliveryOutcome.DEAD, "There is no such channel any more.")
    try:
        if time.monotonic() >= until:
            raise NotBegunError  # noqa: TRY301 - it ends as what a channel says of it
        return Ending(attempt, channel.send(database, attempt, until))
    except NotBegunError as late:
        # A pause all the same: what takes its time before it tells anybody is not to keep consumers busy.
        return Ending(
            attempt,
            None,
            late.detail,
            pause_seconds=_jittered(FIRST_PAUSE_SECONDS),
            remaining=attempt.remaining,
            not_begun=True,
        )
    except UnfinishedError as rest:
        if rest.progress:
            return Ending(attempt, None, rest.detail, remaining=rest.remaining, starts_over=True)
        return _failed(attempt, rest.detail, rest.remaining)
    except TargetError as failed:
        return Ending(
            attempt,
            failed.outcome,
            failed.detail,
            pause_seconds=failed.pause_seconds or 0,
            rest_seconds=failed.rest_seconds,
        )
    except UnavailableError as failure:
        return _failed(attempt, failure.detail)
    except BerthError as refusal:  # the tenant is suspended, or what it is about is gone
        return Ending(attempt, DeliveryOutcome.SKIPPED, refusal.detail)
    except Exception as failure:
        return _failed(attempt, f"{type(failure).__name__}: {failure}")


def _failed(attempt: Attempt, error: str, remaining: Sequence[str] | None = None) -> Ending:
    if attempt.number >= MOST_ATTEMPTS:
        return Ending(attempt, DeliveryOutcome.DEAD, error)
    pause = _jittered(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * GROWTH ** (attempt.number - 1)))
    return Ending(attempt, None, error, pause_seconds=pause, remaining=remaining or attempt.remaining)


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(0.5, 1)  # noqa: S311 - not a secret


def _wake(delivery: Delivery, ended: Sequence[Ending], budget: Budget) -> None:
    """Have the queue wake a consumer for what is due again before the sweep looks, as far as there is time for it."""
    due = [one.pause_seconds for one in ended if one.outcome is None and one.pause_seconds < SWEEP_SECONDS]
    for seconds in sorted({math.ceil(pause) for pause in due if pause or budget.spent}):  # without: it goes on itself
        if time.monotonic() + WAKING_SECONDS > budget.ends_at + BATCH_SECONDS:
            break  # the sweep will look
        delivery.wake(seconds)
