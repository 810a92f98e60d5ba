"""What seldom meets by chance is brought together: what is changed, the reservation under it, and who else wants it."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

import hypothesis.strategies as st
from hypothesis.stateful import MultipleResults, multiple, rule

from tests.combinations.machine import INN, MINUTE, OWN, PLACES, POLICIES, TENANTS, WHEN, Combinations
from tests.combinations.model import ONE_DAY, UTC, Stay

if TYPE_CHECKING:
    from tests.combinations.model import Place

OTHER_TERMS = ("dear", "asked", "notice", "closed")
"""What becomes of the policy of a resource, or of its next version; and what is done with a reservation then."""
UNDER_OTHER_TERMS = ("confirm", "shorten", "same", "longer", "later", "elsewhere")
OTHER_RESOURCE = ("people", "archive")
ON_ANOTHER_RESOURCE = ("confirm", "extend-hold", "shorten", "fewer", "longer")
FREED = (("plain", "cancel"), ("plain", "cancel as asked"), ("held", "hold"), ("plain", "visit"), ("plain", "shorten"))
"""Under which policy a place is filled, and how something of it comes free; "as asked" while nothing is offered."""
LATER = ("minutes", "hold", "arrival", "departure")
ONCE_LATER = ("confirm", "extend-hold", "cancel", "later", "elsewhere", "visit", "undo")
SOON = st.tuples(st.integers(0, 3), st.integers(1, 3))
FAR = st.integers(17, 20)
"""In how many days something begins where nobody has reserved anything yet."""
NOON = time(12)
BROKEN = ("event_seals", "statistics_progress")
"""What a job writes for each tenant."""


class Meetings(Combinations):
    """The same steps, and these, each of which makes several."""

    @rule(one=Combinations.stays, what=st.sampled_from(OTHER_TERMS), then=st.sampled_from(UNDER_OTHER_TERMS))
    def meet_other_terms(self, one: Stay, what: str, then: str) -> None:
        self.change_under(one, what)
        self.do_with(one, then)

    @rule(one=Combinations.stays, what=st.sampled_from(OTHER_RESOURCE), then=st.sampled_from(ON_ANOTHER_RESOURCE))
    def meet_another_resource(self, one: Stay, what: str, then: str) -> None:
        self.change_under(one, what)
        self.do_with(one, then)

    @rule(one=Combinations.stays, what=st.sampled_from(LATER), then=st.sampled_from(ONCE_LATER))
    def meet_later(self, one: Stay, what: str, then: str) -> None:
        self.change_under(one, what)
        self.do_with(one, then)

    @rule(
        target=Combinations.stays,
        slug=st.sampled_from(sorted(PLACES)),
        when=SOON,
        how=st.sampled_from(FREED),
        waits=st.booleans(),
    )
    def fill_and_free(
        self,
        slug: str,
        when: tuple[int, int],
        how: tuple[str, str],
        waits: bool,  # noqa: FBT001 - hypothesis gives it
    ) -> MultipleResults[Stay]:
        """A place is full, somebody may wait for it, something comes free, and somebody else comes."""
        place, (check_in_on, check_out_on), (policy, freed) = self.places[INN, slug], self.dates(when), how
        self.replace_policy(INN, slug, policy)
        tried = [self.reserve(INN, slug, when, 1, 1) for _ in range(place.capacity)]
        made = [one for one in tried if one is not None]
        if made:
            if freed == "hold":
                self.world.pass_by(10 * MINUTE)
                for one in made[1:]:
                    self.ask(one, "extend-hold")
            if waits:
                self.wait(slug, when, 1)
            if freed in {"hold", "visit"}:
                self.change_under(made[0], "hold" if freed == "hold" else "arrival")
            if freed == "cancel as asked":
                self.replace_policy(INN, slug, "asked")
                self.ask(made[0], "cancel")
                self.replace_policy(INN, slug, policy)
            elif freed != "hold":
                self.do_with(made[0], freed)
            first = max(0, (check_in_on - self.world.now.date()).days)
            last = (check_out_on - self.world.now.date()).days
            if first < last:
                made.append(self.reserve(INN, slug, (first, last - first), 1, 1, at_once=True) or made[0])
        return multiple(*dict.fromkeys(made))

    @rule(target=Combinations.stays, slug=st.sampled_from(sorted(PLACES)), when=SOON)
    def let_a_hold_end(self, slug: str, when: tuple[int, int]) -> MultipleResults[Stay]:
        """What an ended hold had is theirs who wait for it, not theirs who come by just then."""
        self.make_as_at_first(slug, "held")
        return self.fill_and_free(slug, when, ("held", "hold"), waits=True)

    @rule(one=Combinations.stays)
    def come_in_the_morning(self, one: Stay) -> None:
        """Guests are checked in from the beginning of their first day on."""
        self.go_on_to(datetime.combine(one.check_in_on, time(), UTC))
        self.ask(one, "check-in", by_staff=True)

    @rule(target=Combinations.stays, slug=st.sampled_from(OWN))
    def change_rooms_for_the_rest(self, slug: str) -> MultipleResults[Stay]:
        """Who is here may have another room from now on, though somebody else had that until this morning."""
        (other,) = set(OWN) - {slug}
        self.make_as_at_first(slug, "plain")
        there = self.make_as_at_first(other, "plain")
        one = self.reserve(INN, slug, (0, 3), 1, 1)
        others = [self.reserve(INN, other, (0, 1), 1, 1) for _ in range(there.capacity)]
        if one is not None:
            self.go_on_to(one.starts_at)
            self.ask(one, "check-in", by_staff=True)
            self.go_on_to(datetime.combine(one.check_in_on + ONE_DAY, NOON, UTC))
            self.change_rooms(one, other)
        return multiple(*(made for made in (one, *others) if made is not None))

    @rule(one=Combinations.stays, given_away=st.booleans())
    def take_back_a_departure(self, one: Stay, given_away: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Who was checked out by mistake is here again, unless somebody else has the room by then."""
        self.go_on_to(one.starts_at)
        self.do_with(one, "visit")
        if given_away and one.tenant == INN:
            tonight = 0, max(1, (one.check_out_on - self.world.now.date()).days)
            for _ in range(one.place.capacity):
                self.reserve(INN, one.place.slug, tonight, 1, 1)
        self.ask(one, "undo", by_staff=True)

    @rule(ahead=FAR)
    def promote_around_changes(self, ahead: int) -> None:
        """One who waits is given room by moving two others, whose own changes then find none."""
        place = self.make_as_at_first("rooms", "queue")
        if place.capacity == 1:
            self.set_capacity(INN, place.slug, 2)
        whole, first, last = (ahead, 3), (ahead, 1), (ahead + 2, 1)
        wanted = [*[whole] * (place.capacity - 2), whole, first]
        *_, leaving, early = self.promoted(wanted)
        if leaving is None or early is None:
            return
        self.ask(leaving, "cancel")
        (late,) = self.promoted([last])
        self.reserve(INN, place.slug, whole, 1, 1)
        self.world.pass_by(MINUTE)
        self.ask(early, "extend", {"check_out_on": f"{early.check_out_on + 2 * ONE_DAY}"})
        if late is not None:
            times = {"check_in_on": f"{early.check_in_on}", "check_out_on": f"{late.check_out_on}"}
            self.ask(late, "move", times)
        self.jobs_run()

    @rule(ahead=FAR)
    def let_units_stand_apart(self, ahead: int) -> None:
        """One unit that is free tonight and another that is free tomorrow are no room for both nights."""
        place = self.make_as_at_first("rooms", "plain")
        if place.capacity == 1:
            self.set_capacity(INN, place.slug, 2)
        units = set(place.units)
        closings = [
            self.close_units(place, self.dates((ahead, 1)), units - {min(units)}),
            self.close_units(place, self.dates((ahead + 1, 1)), units - {max(units)}),
        ]
        self.reserve(INN, place.slug, (ahead, 2), 1, 1)
        for one in closings:
            if one is not None:
                self.reopen(one)

    @rule(target=Combinations.stays, slug=st.sampled_from(OWN), when=WHEN)
    def close_what_somebody_has(self, slug: str, when: tuple[int, int]) -> Stay | MultipleResults[Stay]:
        """The unit that a guest has is closed over these nights, so that they get another; and then once more."""
        place = self.make_as_at_first(slug, "plain")
        one = self.reserve(INN, slug, when, 1, 1)
        if one is None:
            return multiple()
        units: list[int] = self.read(one)["units"]
        between = one.check_in_on, one.check_out_on
        closed = self.close_units(place, between, {*units})
        if closed is not None:
            self.close_units(place, between, {*units})
            self.reopen(closed)
        return one

    @rule(tenant=st.sampled_from(TENANTS), table=st.sampled_from(BROKEN))
    def meet_a_bad_row(self, tenant: str, table: str) -> None:
        """What fails for one tenant is written down, stops nothing else, and is done a little later."""
        with self.world.broken_rows(tenant, table):
            self.world.run_jobs()
            failed = self.world.failed_items()
        self.look(by_the_clock=True)
        assert all(f": {tenant}: " in item for item in failed), (failed, self.story)
        self.world.pass_by(MINUTE)
        self.jobs_run()

    def change_under(self, one: Stay, what: str) -> None:
        tenant, place = one.tenant, one.place
        if what in POLICIES:
            self.replace_policy(tenant, place.slug, what)
        elif what == "notice":
            self.publish(tenant, place.policy, {"lead_days": 4})
        elif what == "closed":
            self.publish(tenant, place.policy, {"closed_on": (one.check_in_on, one.check_out_on)})
        elif what == "people":
            self.set_party_size(tenant, place.slug, max(1, one.party_size - 1))
        elif what == "archive":
            if not place.archived:
                self.archive_or_restore(tenant, place.slug)
        else:
            until = {"hold": one.hold_until, "arrival": one.starts_at, "departure": one.ends_at}.get(what)
            self.world.pass_by(max(10 * MINUTE, (until or self.world.now) - self.world.now))

    def do_with(self, one: Stay, then: str) -> None:
        if then == "shorten":
            self.shorten(one, by_staff=False)
        elif then == "fewer":
            self.come_with_fewer(one)
        elif then == "same":
            self.change_nothing(one)
        elif then == "longer":
            self.extend(one, 1)
        elif then == "later":
            later = {"check_in_on": f"{one.check_in_on + ONE_DAY}", "check_out_on": f"{one.check_out_on + ONE_DAY}"}
            self.ask(one, "move", later)
        elif then == "elsewhere":
            slugs = sorted(PLACES)
            self.move_elsewhere(one, slugs[(slugs.index(one.place.slug) + 1) % len(slugs)])
        elif then == "visit":
            self.ask(one, "check-in", by_staff=True)
            self.world.pass_by(10 * MINUTE)
            self.ask(one, "check-out", by_staff=True)
        else:
            self.ask(one, then, by_staff=then == "undo")

    def make_as_at_first(self, slug: str, policy: str) -> Place:
        """Let a place of the inn be offered under a policy that says what it said at first."""
        place, first = self.places[INN, slug], POLICIES[policy]
        if place.archived:
            self.archive_or_restore(INN, slug)
        self.replace_policy(INN, slug, policy)
        says = {name: getattr(first, name) for name in ("amount", "confirmation", "tiers", "lead_days", "closed_on")}
        present = self.present[INN, policy]
        if any(getattr(present, name) != value for name, value in says.items()):
            self.publish(INN, policy, says)
        return place

    def go_on_to(self, instant: datetime) -> None:
        """Let time go by until then, if that is to come."""
        if instant > self.world.now:
            self.world.pass_by(instant - self.world.now)

    def promoted(self, wanted: list[tuple[int, int]]) -> list[Stay | None]:
        """Reserve rooms one after the other, each promoted before the next one comes."""
        made: list[Stay | None] = []
        for when in wanted:
            made.append(self.reserve(INN, "rooms", when, 1, 1))
            self.jobs_run()
        return made
