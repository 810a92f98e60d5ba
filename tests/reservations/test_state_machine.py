"""Whatever people, the clock and scheduled functions do in whatever order: a plain model says what comes of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from chalicelib.availability.close_units import ClosureChange, ClosureRequest
from chalicelib.availability.model.closures import Closure
from chalicelib.core.errors import (
    ConflictError,
    ConflictingReservationsError,
    InvalidTransitionError,
    NoCapacityError,
    NotFoundError,
    RuleViolationsError,
)
from chalicelib.core.time_ranges import TimeRange, TimesWanted
from chalicelib.reservations.change_reservation import Change
from chalicelib.reservations.model.reservations import Action, Reservation, State
from tests import databases
from tests.examples import examples
from tests.stage import MINUTE, MORNING, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from local.postgres.cluster import Cluster

INSTANT, QUARTER, HALF = 5, 15, 30
LONGEST = 480
HOLD, GRACE, MISSED, UNDO, EARLY = 20, 45, 15, 60, 60
OFFERS = (
    offer("desk", capacity=2, no_show_after_minutes=MISSED),
    offer("held", {"kind": "hold", "hold_minutes": HOLD}, capacity=2),
    offer("queue", {"kind": "pending", "grace_minutes": GRACE}, capacity=2),
)
CAPACITY = 2
UNITS = frozenset({1, 2})
BEGINS = {"desk": State.CONFIRMED, "held": State.HELD, "queue": State.PENDING}
BLOCKING = {State.HELD, State.CONFIRMED, State.CHECKED_IN}
Asked = tuple[str, int, int, int]
ASKED = st.tuples(st.sampled_from(sorted(BEGINS)), st.integers(1, 4), st.integers(1, 3), st.integers(1, CAPACITY))
"""What is asked for: of what, in how many half hours, for how many, and how many units."""
STEPS = {
    Action.CANCEL: ({State.PENDING, State.HELD, State.CONFIRMED}, State.CANCELLED),
    Action.REJECT: ({State.PENDING, State.HELD}, State.REJECTED),
    Action.CHECK_IN: ({State.CONFIRMED}, State.CHECKED_IN),
    Action.CHECK_OUT: ({State.CHECKED_IN}, State.COMPLETED),
    Action.NO_SHOW: ({State.CONFIRMED}, State.NO_SHOW),
}
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
    left: int | None = None
    gap: tuple[int, int] = (0, 0)
    """Between these it had no units: who takes units after the start, or again, has them from then on."""

    @property
    def until(self) -> int:
        """Until when it has its units: who was checked out before the end has given back the rest."""
        return self.ends if self.left is None else min(self.left, self.ends)

    def has_units(self, at: int) -> bool:
        return self.starts <= at < self.until and not self.gap[0] <= at < self.gap[1]

    def stands(self, now: int) -> State:
        """A hold ends at its instant, whenever the job comes by."""
        ended = self.state is State.HELD and self.due is not None and self.due <= now
        return State.EXPIRED if ended else self.state

    def blocks(self, now: int) -> bool:
        return self.stands(now) in BLOCKING or self.state is State.COMPLETED


@dataclass(frozen=True)
class Closing:
    """What a manager closes: some units, all of them where none are named, or those above a lower capacity."""

    units: tuple[int, ...] = ()
    lowered_to: int | None = None

    @property
    def takes(self) -> frozenset[int]:
        if self.lowered_to is not None:
            return frozenset(unit for unit in UNITS if unit > self.lowered_to)
        return frozenset(self.units) or UNITS


CLOSINGS = [Closing(), Closing((1,)), Closing((2,)), Closing(lowered_to=1), Closing(lowered_to=0)]


@dataclass(eq=False)
class Closed:
    """A closure of the model; minutes count from the morning. What is lowered wants no particular units."""

    slug: str
    starts: int
    ends: int
    units: frozenset[int]
    lowered: bool
    real: Closure = field(init=False)

    def same_as(self, other: Closed) -> bool:
        """Whether both close the same units for the same time, in the same way."""
        mine, theirs = ((one.slug, one.starts, one.ends, one.units, one.lowered) for one in (self, other))
        return mine == theirs


class Life(RuleBasedStateMachine):
    """One tenant with a desk, something that is held first, and a queue."""

    cluster: Cluster
    made = Bundle("made")
    closed = Bundle("closed")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        database = self.stack.enter_context(databases.new_database(self.cluster))
        self.stage: Stage = self.stack.enter_context(open_stage(database, *OFFERS))
        self.now = 0
        self.all: list[Plain] = []
        self.closures: list[Closed] = []
        self.blocked: dict[str, list[Closed]] = {slug: [] for slug in BEGINS}
        self.steps = 0

    @initialize(target=made, all_asked=st.lists(ASKED, min_size=4, max_size=8))
    def begin(self, all_asked: list[Asked]) -> MultipleResults[Plain]:
        """Hypothesis leaves out some rules for a whole life; a life without reservations would show nothing."""
        return multiple(*(one for asked in all_asked for one in self.reserve(asked)))

    @rule(target=made, asked=ASKED)
    def create(self, asked: Asked) -> MultipleResults[Plain]:
        return multiple(*self.reserve(asked))

    @rule(one=made)
    def confirm(self, one: Plain) -> None:
        def possible(plain: Plain) -> bool:
            if plain.ends <= self.now:
                return False
            state = plain.stands(self.now)
            if state is State.HELD:
                return True
            fresh = state is State.PENDING or plain.starts >= self.now
            return state in {State.PENDING, State.EXPIRED} and fresh and self.room_for(plain)

        before = one.stands(self.now)
        self.attempt(one, possible, self.stage.confirm, State.CONFIRMED)
        if before is State.PENDING and one.state is State.CONFIRMED and one.starts < self.now:
            one.gap = (one.starts, self.now)

    @rule(one=made, action=st.sampled_from(sorted(STEPS)))
    def step(self, one: Plain, action: Action) -> None:
        states, state = STEPS[action]

        def possible(plain: Plain) -> bool:
            begun, over = plain.starts <= self.now, plain.ends <= self.now
            in_time = begun if action is Action.NO_SHOW else not over or action in {Action.REJECT, Action.CHECK_OUT}
            early = action is Action.CHECK_IN and self.now < plain.starts - EARLY
            return plain.stands(self.now) in states and in_time and not early

        before = one.state
        self.attempt(one, possible, lambda real: self.stage.step(real, action), state)
        if one.state is not before and action is Action.CHECK_OUT:
            one.left = self.now

    @rule(one=made)
    def undo(self, one: Plain) -> None:
        if one.state is State.COMPLETED:
            self.undo_check_out(one)
            return

        def possible(plain: Plain) -> bool:
            in_time = self.now < min(plain.stepped + UNDO, plain.ends)
            back = plain.state is State.CHECKED_IN or (plain.state is State.NO_SHOW and self.room_for(plain))
            return in_time and back

        missed = one.state is State.NO_SHOW
        self.attempt(one, possible, self.stage.undo, State.CONFIRMED)
        if missed and one.state is State.CONFIRMED:
            one.gap = (one.starts, self.now)

    @rule(one=made, longer=st.integers(1, 3))
    def extend(self, one: Plain, longer: int) -> None:
        self.change(one, Action.EXTEND, one.starts, one.ends + longer * HALF)

    @rule(one=made)
    def shorten(self, one: Plain) -> None:
        self.change(one, Action.SHORTEN, one.starts, one.ends - HALF)

    @rule(one=made, begins_in=st.integers(1, 4))
    def move(self, one: Plain, begins_in: int) -> None:
        starts = (self.now // HALF + begins_in) * HALF
        self.change(one, Action.MOVE, starts, starts + one.ends - one.starts)

    @rule(one=made)
    def extend_hold(self, one: Plain) -> None:
        due = one.due if one.state is State.HELD else None
        if due is None or one.hold_extended or self.now >= due or due >= one.starts:
            with pytest.raises(REFUSALS):
                self.stage.extend_hold(one.real)
            return
        assert self.stage.extend_hold(one.real).state is State.HELD
        one.due, one.hold_extended = min(due + HOLD, one.starts), True

    @rule(
        target=closed,
        near=made,
        begins_in=st.integers(-4, 6),
        lasts=st.integers(1, 8),
        closing=st.sampled_from(CLOSINGS),
    )
    def close(self, near: Plain, begins_in: int, lasts: int, closing: Closing) -> Closed | MultipleResults[Closed]:
        """Since an hour ago at most, and about where somebody is, was or will be."""
        slug = near.slug
        starts = max(0, self.soon(-4), near.starts + begins_in * QUARTER)
        ends = starts + lasts * QUARTER
        wanted = Closed(slug, starts, ends, closing.takes, closing.lowered_to is not None)
        times = TimeRange(since_morning(starts), since_morning(ends))
        request = ClosureRequest(self.stage.resources[slug], times, "Repairs", closing.units, closing.lowered_to)
        if not self.closes(wanted, lambda: self.stage.close(request)):
            return multiple()
        self.closures.append(wanted)
        self.block(wanted)
        self.somebody_asks(slug, starts)
        return wanted

    @rule(
        one=closed, begins_in=st.integers(0, 8), lasts=st.integers(1, 8), units=st.sampled_from([None, (), (1,), (2,)])
    )
    def change_closure(self, one: Closed, begins_in: int, lasts: int, units: tuple[int, ...] | None) -> None:
        """Nobody changes what is over, nor the beginning of what has begun."""
        if one.ends <= self.now:
            return
        starts = one.starts if one.starts <= self.now else self.soon(begins_in)
        ends = max(starts, self.soon(0)) + lasts * QUARTER
        wanted = replace(one, starts=starts, ends=ends)
        if units is not None:
            wanted.units, wanted.lowered = Closing(units).takes, False
        change = ClosureChange(since_morning(starts), since_morning(ends), units=units)
        if one not in self.closures:
            with pytest.raises(NotFoundError):
                self.stage.change_closure(one.real, change)
        elif self.closes(wanted, lambda: self.stage.change_closure(one.real, change), instead_of=one):
            before, one.starts, one.ends = one.starts, starts, ends
            one.units, one.lowered = wanted.units, wanted.lowered
            self.block(one)
            self.somebody_asks(one.slug, before)

    @rule(one=closed)
    def reopen(self, one: Closed) -> None:
        if one not in self.closures or one.ends <= self.now:
            with pytest.raises(ConflictError if one in self.closures else NotFoundError):
                self.stage.reopen(one.real)
            return
        self.stage.reopen(one.real)
        if one.starts < self.now:
            one.ends = self.now
        else:
            self.closures.remove(one)
        self.block(one)

    @rule(minutes=st.sampled_from([5, 15, 30, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes
        self.stage.pass_by(minutes * MINUTE)

    @rule()
    def jobs_run(self) -> None:
        for plain in self.due(State.HELD):
            self.enter(plain, State.EXPIRED)
        for plain in self.due(State.PENDING):
            self.enter(plain, State.REJECTED)
        for plain in self.all:
            if plain.wish is not None and plain.wish.due <= self.now:
                plain.wish = None
        self.promote()
        for plain in self.due(State.CONFIRMED):
            if plain.slug == "desk":
                self.enter(plain, State.NO_SHOW)
        for plain in [*self.due(State.CHECKED_IN), *self.due(State.CONFIRMED)]:
            wish = plain.wish
            self.enter(plain, State.COMPLETED)
            plain.wish = wish  # what waits for nobody any more is withdrawn by the next run
        self.stage.run()

    @invariant()
    def states_are_those_of_the_model(self) -> None:
        now = self.stage.read_all([plain.real.id for plain in self.all])
        for plain in self.all:
            found = now[plain.real.id]
            assert found.code == plain.real.code
            assert found.state in {plain.state, plain.stands(self.now)}
            times = hours(plain.starts / 60, plain.ends / 60)
            assert (found.during.starts_at, found.during.ends_at) == (times.starts_at, times.ends_at)
            assert found.quantity == plain.quantity
            assert (found.change is None) == (plain.wish is None)
            if plain.stands(self.now) is plain.state is not State.COMPLETED:
                assert bool(found.units) == (plain.state in BLOCKING)

    @invariant()
    def closures_are_those_of_the_model(self) -> None:
        found = {
            one.id: (one.during.starts_at, one.during.ends_at, {unit for unit in UNITS if unit in one.units})
            for one in self.stage.closures()
        }
        assert found == {
            one.real.id: (since_morning(one.starts), since_morning(one.ends), one.units) for one in self.closures
        }

    def teardown(self) -> None:
        try:
            assert self.stage.broken() == []
        finally:
            self.stack.close()

    def reserve(self, asked: Asked) -> list[Plain]:
        slug, begins_in, lasts, quantity = asked
        starts = (self.now // HALF + begins_in) * HALF
        ends = starts + lasts * HALF
        state = BEGINS[slug]
        fits = state is State.PENDING or self.room(slug, starts, ends, quantity)
        times = hours(starts / 60, ends / 60)
        if not fits:
            with pytest.raises(NoCapacityError):
                self.stage.reserve(slug, times, quantity)
            return []
        real = self.stage.reserve(slug, times, quantity)
        plain = Plain(real, slug, starts, ends, state, None, self.now, self.tick(), quantity=quantity)
        self.enter(plain, state)
        self.all.append(plain)
        return [plain]

    def undo_check_out(self, one: Plain) -> None:
        """Back into the very units that were left; counting says only whether some are free."""
        in_time = one.left is not None and self.now < min(one.stepped + UNDO, one.ends)
        others = [plain for plain in self.all if plain is not one and plain.slug == one.slug and plain.blocks(self.now)]
        alone = not others and not self.blocked[one.slug]
        try:
            found = self.stage.undo(one.real)
        except REFUSALS:
            assert not (in_time and alone)
            return
        assert in_time
        assert found.state is State.CHECKED_IN
        one.gap, one.left = (one.until, self.now), None
        self.enter(one, State.CHECKED_IN)
        assert self.room(one.slug, max(one.starts, self.now), one.ends, one.quantity, but=one)

    def tick(self) -> int:
        self.steps += 1
        return self.steps

    def room_for(self, plain: Plain) -> bool:
        """What is past needs no room."""
        return self.room(plain.slug, max(plain.starts, self.now), plain.ends, plain.quantity, but=plain)

    def room(self, slug: str, starts: int, ends: int, quantity: int, but: Plain | None = None) -> bool:
        return self.fits(slug, starts, ends, quantity, self.blocked[slug], but)

    def fits(
        self, slug: str, starts: int, ends: int, quantity: int, closed: Sequence[Closed], but: Plain | None = None
    ) -> bool:
        """By counting units at each instant: who is there may always be given others."""
        others = [one for one in self.all if one.slug == slug and one.blocks(self.now) and one is not but]
        for at in range(starts, ends, INSTANT):
            reserved = sum(one.quantity for one in others if one.has_units(at))
            shut = {unit for one in closed if one.starts <= at < one.ends for unit in one.units}
            if reserved + len(shut) + quantity > CAPACITY:
                return False
        return True

    def somebody_asks(self, slug: str, at: int) -> None:
        """For a time that a closure has just taken or given back; chance alone asks for these too seldom."""
        self.reserve((slug, max(1, at // HALF - self.now // HALF), 1, 1))

    def soon(self, quarters: int) -> int:
        """So many quarters of an hour after the next one that begins."""
        return (-(-self.now // QUARTER) + quarters) * QUARTER

    def block(self, changed: Closed) -> None:
        """Closures block what they block together when one of them changes; what is over by then is left out."""
        self.blocked[changed.slug] = [
            one for one in self.closures if one.slug == changed.slug and (one is changed or one.ends > self.now)
        ]

    def closes(self, wanted: Closed, work: Callable[[], Closure], instead_of: Closed | None = None) -> bool:
        """Whether it is closed. It is not while reservations conflict, and these are named."""
        if any(one is not instead_of and one.same_as(wanted) for one in self.closures):
            with pytest.raises(ConflictError, match="closed for the same time already"):
                work()
            return False
        there = [
            plain
            for plain in self.all
            if plain.slug == wanted.slug
            and plain.blocks(self.now)
            and plain.starts < wanted.ends
            and wanted.starts < plain.until
        ]
        units = {one.id: set(one.units) for one in self.stage.read_all([plain.real.id for plain in there]).values()}
        having = {plain.real.id for plain in there if units[plain.real.id] & wanted.units}
        named: set[UUID] = set()
        try:
            wanted.real = work()
        except ConflictingReservationsError as refusal:
            named = {one.id for one in refusal.reservations}
            assert named
        assert named <= having
        others = [one for one in self.blocked[wanted.slug] if one is not instead_of]
        fits = self.fits(wanted.slug, wanted.starts, wanted.ends, 0, [wanted, *others])
        # Everybody is given other units from now on, but what was used until now is not closed afterwards.
        used = {plain.real.id for plain in there if max(plain.starts, wanted.starts) < self.now}
        assert fits if not named else not fits or used & having
        return not named

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
        """Ask for other times; nobody asks for what is over, for nothing at all, or for longer than is permitted."""
        if ends <= max(starts, self.now) or ends - starts > LONGEST:
            return
        times = hours(starts / 60, ends / 60)
        wanted = Change(action, times=times if action is Action.MOVE else TimesWanted(ends_at=times.ends_at))
        if one.stands(self.now) not in BLOCKING | {State.PENDING}:
            with pytest.raises(InvalidTransitionError):
                self.stage.change(one.real, wanted)
        elif (starts, ends) == (one.starts, one.ends):
            version = self.stage.read(one.real).version
            assert self.stage.change(one.real, wanted).version == version
        elif one.ends <= self.now or (starts != one.starts and self.begun(one)):
            with pytest.raises(RuleViolationsError):
                self.stage.change(one.real, wanted)
        elif one.slug == "queue" and one.state in BLOCKING and action is not Action.SHORTEN:
            assert self.stage.change(one.real, wanted).change is not None
            one.wish = Wish(starts, ends, self.now + GRACE, self.now, self.tick())
        elif one.state is not State.PENDING and not self.room(
            one.slug, max(starts, self.now), ends, one.quantity, but=one
        ):
            with pytest.raises(NoCapacityError):
                self.stage.change(one.real, wanted)
        else:
            self.stage.change(one.real, wanted)
            self.take(one, starts, ends)

    def begun(self, one: Plain) -> bool:
        """Whether its start stays as it is."""
        return one.state is State.CHECKED_IN or one.starts <= self.now

    def take(self, one: Plain, starts: int, ends: int) -> None:
        one.starts, one.ends, one.changed, one.wish = starts, ends, self.now, None
        if starts < self.now:
            one.gap = (starts, self.now)
        one.due = self.due_of(one)

    def promote(self) -> None:
        """Everybody who waits, the oldest first, gets room where there is some."""
        queue = [((one.changed, one.order), one) for one in self.all if one.state is State.PENDING]
        queue += [((one.wish.since, one.wish.order), one) for one in self.all if one.wish is not None]
        for _, plain in sorted(queue, key=lambda waiting: waiting[0]):
            wish = plain.wish
            if wish is not None and plain.state is State.COMPLETED:
                plain.wish = None if wish.ends > self.now else wish
            elif wish is not None and wish.ends > self.now:
                if wish.starts != plain.starts and self.begun(plain):
                    plain.wish = None  # turned down, as it can never be
                elif self.room(plain.slug, wish.starts, wish.ends, plain.quantity, but=plain):
                    self.take(plain, wish.starts, wish.ends)
            elif (
                wish is None
                and plain.ends > self.now
                and self.room(plain.slug, plain.starts, plain.ends, plain.quantity, but=plain)
            ):  # from its start on; only staff confirm for what is left
                self.enter(plain, State.CONFIRMED)

    def attempt(
        self,
        one: Plain,
        possible: Callable[[Plain], bool],
        work: Callable[[Reservation], Reservation],
        state: State,
    ) -> None:
        if possible(one):
            assert work(one.real).state is state
            self.enter(one, state)
        else:
            with pytest.raises(REFUSALS):
                work(one.real)


def since_morning(minutes: int) -> datetime:
    return MORNING + minutes * MINUTE


@pytest.mark.examples
@pytest.mark.timeout(900)  # forty lives of forty steps, beside other tests
def test_a_plain_model_says_what_becomes_of_every_reservation(cluster: Cluster) -> None:
    Life.cluster = cluster
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples(40),
            stateful_step_count=40,
            deadline=None,
            phases=[Phase.generate],  # a failure as it was found, and not after minutes of shrinking
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
