"""The waitlist: who waits the longest is offered what fits, once, and never what has begun."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from chalicelib.availability.close_units import ClosureRequest
from chalicelib.catalogue.manage_resources import change_resource
from chalicelib.core.errors import ConflictError, ForbiddenError, NoCapacityError, RuleViolationsError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.events.event_log import EventFilter, RecordedEvent, list_events
from chalicelib.events.model import EventType
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.reservations.change_reservation import Change
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest
from chalicelib.reservations.model.reservations import Action, Reservation, State
from chalicelib.reservations.read_reservation import read_reservation
from chalicelib.reservations.sweep_reservations import expire_holds, mark_no_shows
from chalicelib.tenants.manage_settings import change_settings
from chalicelib.waiting.join_waitlist import join_waitlist, leave_waitlist, read_entry
from chalicelib.waiting.model.waitlist import EntryState, WaitlistEntry
from chalicelib.waiting.offer_waitlist_places import offer_waitlist_places
from tests.stage import MINUTE, MORNING, STAFF, TENANT, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.core.time_ranges import TimesWanted
    from tests.databases import Database

ROOM = offer("room")
POOL = offer("pool", capacity=3)


def join(stage: Stage, slug: str, times: TimesWanted, quantity: int = 1, email: str | None = None) -> WaitlistEntry:
    kept: list[WaitlistEntry] = []

    def keep(entry: WaitlistEntry) -> Answer:
        kept.append(entry)
        return Answer(201, {}, "")

    guest = GuestDetails("Ada Lovelace", email or f"{uuid4().hex}@example.org", None)
    request = ReservationRequest(stage.resources[slug], times, quantity, 1, guest, "", None)
    join_waitlist(Context(stage.application, TENANT, STAFF), request, keep)
    stage.pass_by(timedelta(seconds=1))
    return kept[-1]


def state(stage: Stage, entry: WaitlistEntry) -> EntryState:
    return read_entry(Context(stage.application, TENANT), entry.id).state


def offered(stage: Stage) -> list[UUID]:
    """To whom places were offered, in the order of the events."""
    with psycopg.connect(stage.databases.owner) as owner:
        query = "SELECT entity_id FROM events WHERE type = 'waitlist.offered' ORDER BY id"
        return [row[0] for row in owner.execute(query).fetchall()]


def test_the_oldest_is_offered_what_comes_free_and_the_next_one_when_the_offer_lapses(database: Database) -> None:
    with open_stage(database, ROOM) as stage:
        taken = stage.reserve("room", hours(5, 6))
        first, second = join(stage, "room", hours(5, 6)), join(stage, "room", hours(5, 6))
        assert [first.place, second.place] == [1, 2]
        assert stage.run(offer_waitlist_places) == 0
        stage.step(taken, Action.CANCEL)
        held = read_reservation(Context(stage.application, TENANT), first.id)
        assert held.state is State.HELD
        assert held.hold_expires_at == MORNING + 30 * MINUTE + timedelta(seconds=2)
        assert [state(stage, one) for one in (first, second)] == [EntryState.OFFERED, EntryState.WAITING]
        assert read_entry(Context(stage.application, TENANT), second.id).place == 1
        stage.pass_by(31 * MINUTE)
        assert stage.run(expire_holds) == 1
        assert [state(stage, one) for one in (first, second)] == [EntryState.EXPIRED, EntryState.OFFERED]
        assert stage.run(offer_waitlist_places) == 0
        assert offered(stage) == [first.id, second.id]
        assert not stage.broken()


def test_what_becomes_of_the_reservation_becomes_of_the_entry(database: Database) -> None:
    with open_stage(database, POOL) as stage:
        taken = stage.reserve("pool", hours(5, 6), quantity=3)
        accepts, declines = join(stage, "pool", hours(5, 6)), join(stage, "pool", hours(5, 6))
        late = join(stage, "pool", hours(5, 6))
        stage.step(taken, Action.CANCEL)
        stage.confirm(read_reservation(Context(stage.application, TENANT), accepts.id))
        assert state(stage, accepts) is EntryState.ACCEPTED
        stage.step(read_reservation(Context(stage.application, TENANT), declines.id), Action.CANCEL)
        assert state(stage, declines) is EntryState.DECLINED
        stage.pass_by(31 * MINUTE)
        stage.run(expire_holds)
        assert state(stage, late) is EntryState.EXPIRED
        stage.confirm(read_reservation(Context(stage.application, TENANT), late.id))
        assert state(stage, late) is EntryState.ACCEPTED
        assert [told(stage, one) for one in (accepts, declines, late)] == [
            ["joined", "offered", "accepted"],
            ["joined", "offered", "declined"],
            ["joined", "offered", "expired", "accepted"],
        ]
        assert not stage.broken()


def test_what_an_answer_says_of_an_entry_is_what_an_offer_would_say(database: Database) -> None:
    with open_stage(database, ROOM) as stage:
        taken = stage.reserve("room", hours(5, 6))
        entry = join(stage, "room", hours(5, 6))
        stage.step(taken, Action.CANCEL)
        stage.confirm(read_reservation(Context(stage.application, TENANT), entry.id))
        offer_made, answer = (one for one in entry_events(stage, entry) if one.type != "waitlist.joined")
        assert answer.before == offer_made.after
        assert answer.after == {**(offer_made.after or {}), "state": "accepted"}
        assert (answer.actor_kind, answer.actor_id) == (STAFF.kind, STAFF.id)


def entry_events(stage: Stage, entry: WaitlistEntry) -> list[RecordedEvent]:
    """What happened to an entry, in order."""
    wanted = EventFilter(entity_id=entry.id, types=[one for one in EventType if one.startswith("waitlist.")])
    return stage.application.run(TENANT, lambda transaction: list_events(transaction, wanted, 100))[::-1]


def told(stage: Stage, entry: WaitlistEntry) -> list[str]:
    return [event.type.removeprefix("waitlist.") for event in entry_events(stage, entry)]


LABELLED = offer("labelled", capacity=2, assignment="labelled")
HELD = offer("held", {"kind": "hold", "hold_minutes": 10})
WATCHED = offer("watched", no_show_after_minutes=15)
PENDING = offer("queue", "pending")
Freeing = Callable[[Stage, Reservation], object]
WAYS: dict[str, tuple[str, Freeing]] = {
    "cancel": ("room", lambda stage, one: stage.step(one, Action.CANCEL)),
    "reject": ("held", lambda stage, one: stage.step(one, Action.REJECT)),
    "shorten": ("room", lambda stage, one: stage.change(one, Change(Action.SHORTEN, times=hours(2, 4)))),
    "move": ("room", lambda stage, one: stage.move(one, hours(20, 24))),
    "move to another": (
        "room",
        lambda stage, one: stage.change(one, Change(Action.MOVE, resource_id=stage.resources["labelled"])),
    ),
}
"""Ways to give up the time from the fifth to the sixth hour of what was reserved from the second to the sixth."""


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_free_is_offered_at_once_and_a_stranger_is_refused(database: Database, way: str) -> None:
    slug, free = WAYS[way]
    with open_stage(database, ROOM, HELD, LABELLED) as stage:
        taken = stage.reserve(slug, hours(2, 6))
        entry = join(stage, slug, hours(5, 6))
        free(stage, taken)
        assert state(stage, entry) is EntryState.OFFERED
        with pytest.raises(NoCapacityError) as refusal:
            stage.reserve(slug, hours(5, 6))
        assert refusal.value.alternatives
        assert not stage.broken()


def test_what_the_clock_frees_is_offered_in_the_same_run(database: Database) -> None:
    with open_stage(database, HELD, WATCHED) as stage:
        stage.reserve("held", hours(5, 6))
        stage.reserve("watched", hours(1, 6))
        lapsed, missed = join(stage, "held", hours(5, 6)), join(stage, "watched", hours(5, 6))
        stage.pass_by(10 * MINUTE)
        assert stage.run(expire_holds) == 1
        assert [state(stage, one) for one in (lapsed, missed)] == [EntryState.OFFERED, EntryState.WAITING]
        stage.pass_by(65 * MINUTE)
        assert stage.run(mark_no_shows) == 1
        assert state(stage, missed) is EntryState.OFFERED
        assert not stage.broken()


def test_who_leaves_early_leaves_the_rest_to_who_waits(database: Database) -> None:
    with open_stage(database, ROOM) as stage:
        taken = stage.reserve("room", hours(0.5, 6))
        entry = join(stage, "room", hours(5, 6))
        stage.pass_by(60 * MINUTE)
        stage.step(taken, Action.CHECK_IN)
        stage.step(taken, Action.CHECK_OUT)
        assert state(stage, entry) is EntryState.OFFERED
        assert not stage.broken()


def test_what_is_reopened_or_added_is_offered_at_once(database: Database) -> None:
    with open_stage(database, ROOM, LABELLED) as stage:
        times = TimeRange(MORNING + 300 * MINUTE, MORNING + 360 * MINUTE)
        closed = stage.close(ClosureRequest(stage.resources["room"], times, "Repairs"))
        entry = join(stage, "room", hours(5, 6))
        stage.reopen(closed)
        assert state(stage, entry) is EntryState.OFFERED
        stage.reserve("labelled", hours(5, 6), quantity=2)
        more = join(stage, "labelled", hours(5, 6))
        change_resource(Context(stage.application, TENANT, STAFF), "labelled", {"capacity": 3})
        assert state(stage, more) is EntryState.OFFERED
        assert not stage.broken()


def test_nobody_slips_in_when_a_hold_ends_by_itself(database: Database) -> None:
    """Nothing happens at that instant; who asks first lets the guest who waits have it, who is offered it at once."""
    with open_stage(database, HELD) as stage:
        stage.reserve("held", hours(5, 6))
        entry = join(stage, "held", hours(5, 6))
        stage.pass_by(10 * MINUTE)
        with pytest.raises(NoCapacityError):
            stage.reserve("held", hours(5, 6))
        assert state(stage, entry) is EntryState.OFFERED
        assert not stage.broken()


def test_who_was_too_late_to_confirm_comes_after_who_waits(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        late = stage.reserve("held", hours(5, 6))
        entry = join(stage, "held", hours(5, 6))
        stage.pass_by(10 * MINUTE)
        with pytest.raises(NoCapacityError):
            stage.confirm(late)
        assert state(stage, entry) is EntryState.OFFERED
        assert not stage.broken()


def test_who_waits_for_more_than_there_is_keeps_nobody_out(database: Database) -> None:
    with open_stage(database, POOL) as stage:
        stage.reserve("pool", hours(5, 6), quantity=2)
        group = join(stage, "pool", hours(5, 6), quantity=2)
        assert stage.reserve("pool", hours(5, 6)).state is State.CONFIRMED
        assert state(stage, group) is EntryState.WAITING


def test_offers_that_fail_neither_undo_what_freed_the_units_nor_stop_a_stranger(database: Database) -> None:
    with open_stage(database, ROOM) as stage:
        taken = stage.reserve("room", hours(5, 6))
        entry = join(stage, "room", hours(5, 6))
        with psycopg.connect(stage.databases.owner) as owner:
            owner.execute(b"ALTER TABLE waitlist_entries ADD CONSTRAINT stuck CHECK (state != 'offered') NOT VALID")
        assert stage.step(taken, Action.CANCEL).state is State.CANCELLED
        assert state(stage, entry) is EntryState.WAITING
        assert stage.reserve("room", hours(5, 6)).state is State.CONFIRMED


def test_who_fits_is_served_before_an_older_one_who_does_not(database: Database) -> None:
    with open_stage(database, POOL) as stage:
        big, small = stage.reserve("pool", hours(5, 6), quantity=2), stage.reserve("pool", hours(5, 6))
        group, one = join(stage, "pool", hours(5, 6), quantity=3), join(stage, "pool", hours(5, 6))
        stage.step(small, Action.CANCEL)
        assert [state(stage, entry) for entry in (group, one)] == [EntryState.WAITING, EntryState.OFFERED]
        stage.step(big, Action.CANCEL)
        stage.step(read_reservation(Context(stage.application, TENANT), one.id), Action.CANCEL)
        assert state(stage, group) is EntryState.OFFERED
        assert not stage.broken()


def test_nothing_is_offered_that_has_begun_and_no_hold_outlasts_the_start(database: Database) -> None:
    with open_stage(database, ROOM, POOL) as stage:
        soon, later = stage.reserve("room", hours(0.5, 1)), stage.reserve("pool", hours(1, 2), quantity=3)
        now, late = join(stage, "room", hours(0.5, 1)), join(stage, "pool", hours(1, 2))
        stage.step(soon, Action.CANCEL)
        held = read_reservation(Context(stage.application, TENANT), now.id)
        assert held.hold_expires_at is not None
        assert held.hold_expires_at <= held.during.starts_at
        stage.pass_by(60 * MINUTE)
        stage.step(later, Action.CANCEL)
        stage.run(offer_waitlist_places)
        assert state(stage, late) is EntryState.OVER


def test_what_is_free_or_could_not_be_reserved_is_not_waited_for(database: Database) -> None:
    ruled = offer("ruled", rules=[{"rule": "length", "minimum": 60, "maximum": 120}])
    queue = offer("queue", "pending")
    with open_stage(database, ROOM, ruled, queue) as stage:
        with pytest.raises(ConflictError, match="room for this"):
            join(stage, "room", hours(5, 6))
        with pytest.raises(RuleViolationsError):
            join(stage, "ruled", hours(5, 8))
        with pytest.raises(ConflictError, match="accepted"):
            join(stage, "queue", hours(5, 6))
        stage.reserve("room", hours(5, 6))
        change_settings(Context(stage.application, TENANT, STAFF), {"waitlist": False})
        with pytest.raises(ForbiddenError):
            join(stage, "room", hours(5, 6))


def test_a_guest_waits_for_a_resource_so_many_times_at_most(database: Database) -> None:
    with open_stage(database, ROOM) as stage:
        stage.reserve("room", hours(5, 9))
        for _ in range(5):
            join(stage, "room", hours(5, 6), email="ada@example.org")
        with pytest.raises(ConflictError, match="up to 5"):
            join(stage, "room", hours(6, 7), email="ada@example.org")


def test_who_leaves_is_offered_nothing(database: Database) -> None:
    with open_stage(database, ROOM) as stage:
        taken = stage.reserve("room", hours(5, 6))
        gone, stays = join(stage, "room", hours(5, 6)), join(stage, "room", hours(5, 6))
        leave_waitlist(Context(stage.application, TENANT, STAFF), gone.id)
        with pytest.raises(ConflictError):
            leave_waitlist(Context(stage.application, TENANT, STAFF), gone.id)
        stage.step(taken, Action.CANCEL)
        assert offered(stage) == [stays.id]


def test_the_tenant_says_for_how_long_a_place_is_held(database: Database) -> None:
    with open_stage(database, ROOM) as stage:
        change_settings(Context(stage.application, TENANT, STAFF), {"waitlist_offer_minutes": 5})
        taken = stage.reserve("room", hours(5, 6))
        entry = join(stage, "room", hours(5, 6))
        stage.step(taken, Action.CANCEL)
        held = read_reservation(Context(stage.application, TENANT), entry.id)
        assert held.hold_expires_at == held.created_at + 5 * MINUTE


def rush(stage: Stage) -> list[UUID]:
    """Places come free while several offer them, and guests take them directly."""
    taken = [stage.reserve("pool", hours(number, number + 1), quantity=3) for number in range(1, 7)]
    entries = [join(stage, "pool", hours(number, number + 1)) for number in range(1, 7) for _ in range(5)]

    def give_up(index: int) -> None:
        stage.step(taken[index], Action.CANCEL)

    def take(index: int) -> None:
        with contextlib.suppress(NoCapacityError):
            stage.reserve("pool", hours(index + 1, index + 2))

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(give_up, index) for index in range(6)]
        work += [pool.submit(stage.run, offer_waitlist_places) for _ in range(4)]
        work += [pool.submit(take, index) for index in range(6)]
        for done in work:
            done.result()
    stage.run(offer_waitlist_places)
    return [entry.id for entry in entries]


def out_of_turn(stage: Stage, queue: list[UUID]) -> list[tuple[UUID, UUID]]:
    """Pairs of those who waited for the same, of whom the later one was offered a place before the earlier one."""
    with psycopg.connect(stage.databases.owner) as owner:
        starts = dict(owner.execute("SELECT id, starts_at FROM waitlist_entries").fetchall())
    order = {entry_id: number for number, entry_id in enumerate(offered(stage))}
    return [
        (earlier, later)
        for place, earlier in enumerate(queue)
        for later in queue[place + 1 :]
        if starts[earlier] == starts[later] and later in order and order.get(earlier, len(queue)) > order[later]
    ]


def test_nothing_is_offered_twice_or_out_of_turn_or_overbooked_however_many_offer(database: Database) -> None:
    with open_stage(database, POOL) as stage:
        queue = rush(stage)
        given = offered(stage)
        assert len(given) == len(set(given)) > 6
        assert out_of_turn(stage, queue) == []
        assert not stage.broken()
