"""Plays events against the API, each as the person who would do it, and says what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.reservations.model.reservations import State
from tools.replay.client import Client
from tools.replay.hotel import SLUG, ZONE, guest_email
from tools.replay.oracle import Verdict
from tools.replay.timeline import DONE_BY_JOBS, IN_ORDER, Action, Event, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tools.replay.client import ReplayAnswer
    from tools.replay.hotel import Hotel
    from tools.replay.jobs import Jobs
    from tools.replay.settings import Setting
    from tools.replay.simulation import Clock

RESERVATIONS = f"/api/v1/tenants/{SLUG}/reservations"
LEADS_TO = {Action.NO_SHOW: State.NO_SHOW, Action.COMPLETE: State.COMPLETED}


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """What became of an event; `reason` is the refusal's code, with its rule and field where it names some."""

    event: Event
    verdict: Verdict
    status: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """A reservation and the token of its guest."""

    id: UUID
    manage_token: str

    @property
    def path(self) -> str:
        return f"{RESERVATIONS}/{self.id}"


@dataclass(frozen=True, slots=True)
class Played:
    """What the player brings home: outcomes in the order of the events, and how long it took."""

    outcomes: Sequence[EventOutcome]
    seconds: float
    repeated_requests: int


class Player:
    """One replay in one hotel. With `jobs` the scheduled functions run as time passes, and nobody does their work."""

    def __init__(self, setting: Setting, hotel: Hotel, staff_token: str, jobs: Jobs | None = None) -> None:
        self._setting = setting
        self._hotel = hotel
        self._staff_token = staff_token
        self._jobs = jobs
        self._held: dict[int, _Held] = {}

    async def play(
        self,
        address: str,
        clock: Clock,
        planned: Iterable[Step],
        concurrency: int,
        advance: Callable[[Step, Sequence[EventOutcome]], None],
    ) -> Played:
        """Play step after step, moving the clock before and calling `advance` after each. Raises `NoAnswerError`."""
        outcomes: list[EventOutcome] = []
        began = time.monotonic()
        async with Client(address, concurrency) as client:
            for step in planned:
                clock.move(step.at(ZONE))
                if self._jobs is not None:
                    # Nothing else goes on meanwhile, so that a replay can be repeated. In a thread, as Ctrl-C in the
                    # middle of a transaction would look like a broken connection, after which one tries again.
                    await asyncio.to_thread(self._jobs.run, step.at(ZONE))
                if self._jobs is not None and step.phase.action in DONE_BY_JOBS:
                    done = self._found(self._jobs, step)
                else:
                    done = await self._play(client, step)
                outcomes += done
                advance(step, done)
        return Played(outcomes, time.monotonic() - began, client.repeated)

    async def _play(self, client: Client, step: Step) -> list[EventOutcome]:
        """Do everything that happened in one phase of a day; the outcomes are in the order of the events."""
        lanes = await asyncio.gather(*(self._in_turn(client, events) for events in self._lanes(step)))
        outcomes = [outcome for lane in lanes for outcome in lane]
        return sorted(outcomes, key=lambda outcome: outcome.event.booking.row)

    def _found(self, jobs: Jobs, step: Step) -> list[EventOutcome]:
        """Look at what the jobs made of the reservations that were due."""
        held = {row: self._held[row].id for event in step.events if (row := event.booking.row) in self._held}
        states = jobs.states(list(held.values()))
        return [
            _looked(event, states[held[event.booking.row]])
            if event.booking.row in held
            else EventOutcome(event, Verdict.DROPPED)
            for event in step.events
        ]

    def _lanes(self, step: Step) -> Iterable[list[Event]]:
        """Events that must follow one another, in lanes that need not: room types do not compete, except in moves."""
        if step.phase.action not in IN_ORDER:
            return [[event] for event in step.events]
        lanes: dict[str, list[Event]] = {}
        for event in step.events:
            lane = "" if step.phase.action is Action.MOVE else self._setting.reserved_type(event.booking)
            lanes.setdefault(lane, []).append(event)
        return lanes.values()

    async def _in_turn(self, client: Client, events: Iterable[Event]) -> list[EventOutcome]:
        return [await self._do(client, event) for event in events]

    async def _do(self, client: Client, event: Event) -> EventOutcome:
        row, action = event.booking.row, event.phase.action
        key = f"row-{row}-{action}"
        if action is Action.CREATE:
            answer = await client.post(RESERVATIONS, key, None, self._wish(event))
            if answer.status == 201:
                made = answer.json()
                self._held[row] = _Held(UUID(made["id"]), made["manage_token"])
        elif row in self._held:
            held = self._held[row]
            token = held.manage_token if action is Action.CANCEL else self._staff_token
            answer = await client.post(f"{held.path}/{action}", key, token, self._change(event))
        else:
            return EventOutcome(event, Verdict.DROPPED)
        return _outcome(event, answer)

    def _wish(self, event: Event) -> Mapping[str, Any]:
        booking = event.booking
        return {
            "resource_id": str(self._hotel.resource_ids[self._setting.reserved_type(booking)]),
            "check_in_on": booking.arrival_on.isoformat(),
            "check_out_on": booking.departure_on.isoformat(),
            "party_size": booking.people,
            "guest": {"name": f"Guest of row {booking.row}", "email": guest_email(booking.row)},
        }

    def _change(self, event: Event) -> Mapping[str, Any] | None:
        if event.phase.action is not Action.MOVE:
            return None
        return {"resource_id": str(self._hotel.resource_ids[event.booking.assigned_type])}


def _looked(event: Event, state: State) -> EventOutcome:
    if state is LEADS_TO[event.phase.action]:
        return EventOutcome(event, Verdict.DONE)
    return EventOutcome(event, Verdict.OTHER, reason=f"the jobs left it {state}")


def _outcome(event: Event, answer: ReplayAnswer) -> EventOutcome:
    if answer.status in {200, 201}:
        return EventOutcome(event, Verdict.DONE, answer.status)
    problem = answer.json()
    code = problem["code"]
    violations = problem.get("violations", [])
    details = [f"{violation['rule']}: {violation['code']} ({violation['field']})" for violation in violations]
    match answer.status, code:
        case 409, "no_capacity":
            verdict = Verdict.NO_ROOM
        case 409, "invalid_transition":
            verdict = Verdict.TOO_LATE
        case 422, "invalid_range":
            verdict = Verdict.BAD_INPUT
        case _:
            verdict = Verdict.OTHER
    return EventOutcome(event, verdict, answer.status, ", ".join([code, *details]))
