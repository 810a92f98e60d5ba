"""Whatever people, the clock and scheduled functions do in whatever order: a plain model says what comes of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chalicelib.domain.errors import InvalidTransitionError, NoCapacityError, RuleViolationsError
from chalicelib.domain.reservations import Action, Reservation, State
from chalicelib.services.change_reservation import Change
from chalicelib.services.wanted_times import TimesWanted
from tests import databases
from tests.life.stage import MINUTE, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.postgres.cluster import Cluster

HALF = 30
HOLD, GRACE, MISSED, UNDO = 20, 45, 15, 60
OFFERS = (
    offer("desk", capacity=2, no_show_after_minutes=MISSED),
    offer("held", {"kind": "hold", "hold_minutes": HOLD}, capacity=2),
    offer("queue", {"kind": "pending", "grace_minutes": GRACE}),
)
CAPACITIES = {"desk": 2, "held": 2, "queue": 1}
BEGINS = {"desk": State.CONFIRMED, "held": State.HELD, "queue": State.PENDING}
BLOCKING = {State.HELD, State.CONFIRMED, State.CHECKED_IN}
REFUSALS = (InvalidTransitionError, NoCapacityError, RuleViolationsError)


@dataclass
class Wish:
    """A change that waits for room; minutes like those of its reservation."""

    starts: int
    ends: int
    due: int
    since: int
    order: int


@dataclass
class Plain:
    """A reservation of the model; minutes count from the morning."""

    real: Reservation
    slug: str
    starts: int
    ends: int
    state: State
    due: int | None
    changed: int
    order: int
    stepped: int = 0
    quantity: int = 1
    hold_extended: bool = False
    wish: Wish | None = None

    @property
    def blocks(self) -> bool:
        return self.state in BLOCKING or self.state is State.COMPLETED


class Life(RuleBasedStateMachine):
    """One tenant with a desk, something that is held first, and a queue."""

    cluster: Cluster
    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        database = self.stack.enter_context(databases.new_database(self.cluster))
        self.stage: Stage = self.stack.enter_context(open_stage(database, *OFFERS))
        self.now = 0
        self.all: list[Plain] = []
        self.steps = 0

    @rule(
        target=made,
        slug=st.sampled_from(sorted(CAPACITIES)),
        begins_in=st.integers(1, 4),
        lasts=st.integers(1, 3),
        quantity=st.integers(1, 2),
    )
    def create(self, slug: str, begins_in: int, lasts: int, quantity: int) -> Plain | None:
        quantity = min(quantity, CAPACITIES[slug])
        starts = (self.now // HALF + begins_in) * HALF
        ends = starts + lasts * HALF
        state = BEGINS[slug]
        fits = state is State.PENDING or self.room(slug, starts, ends, quantity)
        times = hours(starts / 60, ends / 60)
        if not fits:
            with pytest.raises(NoCapacityError):
                self.stage.reserve(slug, times, quantity)
            return None
        real = self.stage.reserve(slug, times, quantity)
        plain = Plain(real, slug, starts, ends, state, None, self.now, self.tick(), quantity=quantity)
        self.enter(plain, state)
        self.all.append(plain)
        return plain

    @rule(one=made)
    def confirm(self, one: Plain | None) -> None:
        def possible(plain: Plain) -> bool:
            if plain.state is State.HELD:
                return True
            fresh = plain.state is State.PENDING or plain.starts > self.now or plain.starts == self.now
            return plain.state in {State.PENDING, State.EXPIRED} and fresh and self.room_for(plain)

        self.attempt(one, possible, self.stage.confirm, State.CONFIRMED)

    @rule(one=made)
    def cancel(self, one: Plain | None) -> None:
        states = {State.PENDING, State.HELD, State.CONFIRMED}
        self.step(one, Action.CANCEL, lambda plain: plain.state in states and self.now < plain.ends, State.CANCELLED)

    @rule(one=made)
    def reject(self, one: Plain | None) -> None:
        self.step(one, Action.REJECT, lambda plain: plain.state in {State.PENDING, State.HELD}, State.REJECTED)

    @rule(one=made)
    def check_in(self, one: Plain | None) -> None:
        self.step(
            one,
            Action.CHECK_IN,
            lambda plain: plain.state is State.CONFIRMED and self.now < plain.ends,
            State.CHECKED_IN,
        )

    @rule(one=made)
    def check_out(self, one: Plain | None) -> None:
        self.step(one, Action.CHECK_OUT, lambda plain: plain.state is State.CHECKED_IN, State.COMPLETED)

    @rule(one=made)
    def no_show(self, one: Plain | None) -> None:
        self.step(
            one,
            Action.NO_SHOW,
            lambda plain: plain.state is State.CONFIRMED and self.now >= plain.starts,
            State.NO_SHOW,
        )

    @rule(one=made)
    def undo(self, one: Plain | None) -> None:
        def possible(plain: Plain) -> bool:
            in_time = self.now < min(plain.stepped + UNDO, plain.ends)
            back = plain.state is State.CHECKED_IN or (plain.state is State.NO_SHOW and self.room_for(plain))
            return in_time and back

        self.attempt(one, possible, self.stage.undo, State.CONFIRMED)

    @rule(one=made, longer=st.integers(1, 3))
    def extend(self, one: Plain | None, longer: int) -> None:
        if one is not None:
            self.change(one, Action.EXTEND, one.starts, one.ends + longer * HALF)

    @rule(one=made)
    def shorten(self, one: Plain | None) -> None:
        if one is not None:
            self.change(one, Action.SHORTEN, one.starts, one.ends - HALF)

    @rule(one=made, begins_in=st.integers(1, 4))
    def move(self, one: Plain | None, begins_in: int) -> None:
        if one is not None:
            starts = (self.now // HALF + begins_in) * HALF
            self.change(one, Action.MOVE, starts, starts + one.ends - one.starts)

    @rule(one=made)
    def extend_hold(self, one: Plain | None) -> None:
        if one is None:
            return
        due = one.due if one.state is State.HELD else None
        if due is None or one.hold_extended or self.now >= due:
            with pytest.raises(REFUSALS):
                self.stage.extend_hold(one.real)
            return
        assert self.stage.extend_hold(one.real).state is State.HELD
        one.due, one.hold_extended = self.now + HOLD, True

    @rule(minutes=st.sampled_from([5, 15, 30, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes
        self.stage.pass_by(minutes * MINUTE)

    @rule()
    def jobs_run(self) -> None:
        for plain in self.due(State.HELD):
            self.enter(plain, State.EXPIRED)
        self.promote()
        for plain in self.due(State.PENDING):
            self.enter(plain, State.REJECTED)
        for plain in self.all:
            if plain.wish is not None and plain.wish.due <= self.now:
                plain.wish = None
        for plain in self.due(State.CONFIRMED):
            if plain.slug == "desk":
                self.enter(plain, State.NO_SHOW)
        for plain in [*self.due(State.CHECKED_IN), *self.due(State.CONFIRMED)]:
            self.enter(plain, State.COMPLETED)
        self.stage.run()

    @invariant()
    def states_are_those_of_the_model(self) -> None:
        for plain in self.all:
            found = self.stage.read(plain.real)
            assert (found.state, found.code) == (plain.state, plain.real.code)
            times = hours(plain.starts / 60, plain.ends / 60)
            assert (found.during.starts_at, found.during.ends_at) == (times.starts_at, times.ends_at)
            assert found.quantity == plain.quantity
            assert (found.change is None) == (plain.wish is None)
            assert bool(found.units) == (plain.state in BLOCKING) or plain.state is State.COMPLETED

    def teardown(self) -> None:
        try:
            assert self.stage.broken() == []
        finally:
            self.stack.close()

    def tick(self) -> int:
        self.steps += 1
        return self.steps

    def room_for(self, plain: Plain) -> bool:
        return self.room(plain.slug, plain.starts, plain.ends, plain.quantity, but=plain)

    def room(self, slug: str, starts: int, ends: int, quantity: int, but: Plain | None = None) -> bool:
        """By counting units in each half hour."""
        others = [one for one in self.all if one.slug == slug and one.blocks and one is not but]
        return all(
            sum(one.quantity for one in others if one.starts <= at < one.ends) + quantity <= CAPACITIES[slug]
            for at in range(starts, ends, HALF)
        )

    def due(self, state: State) -> list[Plain]:
        return [one for one in self.all if one.state is state and one.due is not None and one.due <= self.now]

    def enter(self, plain: Plain, state: State) -> None:
        plain.state, plain.changed, plain.stepped = state, self.now, self.now
        plain.due = self.now + HOLD if state is State.HELD else self.due_of(plain)
        if state not in BLOCKING:
            plain.wish = None

    def due_of(self, plain: Plain) -> int | None:
        """When the clock takes it further; a hold keeps the end that it has."""
        missed = plain.starts + MISSED
        return {
            State.HELD: plain.due,
            State.PENDING: self.now + GRACE,
            State.CONFIRMED: missed if plain.slug == "desk" and missed > self.now else plain.ends,
            State.CHECKED_IN: plain.ends,
        }.get(plain.state)

    def change(self, one: Plain, action: Action, starts: int, ends: int) -> None:
        """Ask for other times; nobody asks for what is over or for nothing at all."""
        if ends <= max(starts, self.now):
            return
        times = hours(starts / 60, ends / 60)
        wanted = Change(action, times=times if action is Action.MOVE else TimesWanted(ends_at=times.ends_at))
        if one.state not in BLOCKING | {State.PENDING}:
            with pytest.raises(InvalidTransitionError):
                self.stage.change(one.real, wanted)
        elif one.slug == "queue" and one.state in BLOCKING and action is not Action.SHORTEN:
            assert self.stage.change(one.real, wanted).change is not None
            one.wish = Wish(starts, ends, self.now + GRACE, self.now, self.tick())
        elif one.state is not State.PENDING and not self.room(one.slug, starts, ends, one.quantity, but=one):
            with pytest.raises(NoCapacityError):
                self.stage.change(one.real, wanted)
        else:
            try:
                self.stage.change(one.real, wanted)
            except NoCapacityError:
                assert one.state is State.CHECKED_IN  # who is there keeps the very units, and others may have those
            else:
                self.take(one, starts, ends)

    def take(self, one: Plain, starts: int, ends: int) -> None:
        one.starts, one.ends, one.changed, one.wish = starts, ends, self.now, None
        one.due = self.due_of(one)

    def promote(self) -> None:
        """Everybody who waits, the oldest first, gets room where there is some."""
        queue = [((one.changed, one.order), one) for one in self.all if one.state is State.PENDING]
        queue += [((one.wish.since, one.wish.order), one) for one in self.all if one.wish is not None]
        for _, plain in sorted(queue, key=lambda waiting: waiting[0]):
            wish = plain.wish
            if wish is not None:
                if wish.ends > self.now and self.room(plain.slug, wish.starts, wish.ends, plain.quantity, but=plain):
                    self.take(plain, wish.starts, wish.ends)
            elif plain.ends > self.now and self.room_for(plain):
                self.enter(plain, State.CONFIRMED)

    def step(self, one: Plain | None, action: Action, possible: Callable[[Plain], bool], state: State) -> None:
        self.attempt(one, possible, lambda real: self.stage.step(real, action), state)

    def attempt(
        self,
        one: Plain | None,
        possible: Callable[[Plain], bool],
        work: Callable[[Reservation], Reservation],
        state: State,
    ) -> None:
        if one is None:
            return
        if possible(one):
            assert work(one.real).state is state
            self.enter(one, state)
        else:
            with pytest.raises(REFUSALS):
                work(one.real)


def test_a_plain_model_says_what_becomes_of_every_reservation(cluster: Cluster) -> None:
    Life.cluster = cluster
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
