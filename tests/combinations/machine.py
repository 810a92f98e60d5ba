"""Administrators, guests and the clock in any order, over HTTP; a plain model says what has to hold after each step."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, invariant, multiple, rule

from chalicelib.access.model.people import Role
from tests.combinations.hours import HALF_HOUR, KINDS, Site, Use
from tests.combinations.laws import CHANGES, STEPS, Wish, course_of, has_to_be, is_too_soon, state_of, why_not, wish_of
from tests.combinations.model import (
    ALIVE,
    BLOCKING,
    CHECK_IN,
    CHECK_OUT,
    ONE_DAY,
    OWING,
    Closing,
    Place,
    Recurring,
    Stay,
    Terms,
    Waiting,
    nights,
)
from tests.combinations.world import MORNING, Answer, World, guest, open_world

if TYPE_CHECKING:
    from local.postgres.cluster import Cluster

Json = dict[str, Any]
FIRST = MORNING.date()
INN, YARD = "inn", "yard"
TENANTS = (INN, YARD)
MINUTE = timedelta(minutes=1)
FREE_UNTIL_A_DAY = ((1, 100),)
WEEK_THEN_HALF = ((7, 100), (1, 50))
POLICIES = {
    "plain": Terms("plain", 1, 10_000, "instant", FREE_UNTIL_A_DAY),
    "dear": Terms("dear", 1, 99_900, "instant", WEEK_THEN_HALF, lead_days=2),
    "held": Terms("held", 1, 20_000, "hold", FREE_UNTIL_A_DAY),
    "queue": Terms("queue", 1, 30_000, "pending", WEEK_THEN_HALF),
    "asked": Terms("asked", 1, 40_000, "approval", FREE_UNTIL_A_DAY),
}
VARIANTS: tuple[Json, ...] = (
    {"amount": 12_345},
    {"amount": 50_000, "tiers": ()},
    {"lead_days": 4},
    {"closed_on": (FIRST + 5 * ONE_DAY, FIRST + 6 * ONE_DAY)},
    {"tiers": WEEK_THEN_HALF, "amount": 7_000},
    {"confirmation": "instant"},
    {"confirmation": "hold"},
)
"""What another version of a policy says otherwise."""
PLACES = {"rooms": (True, 3), "huts": (False, 4), "first": (False, 2), "second": (True, 2)}
"""Labelled or not, and how many units. At the inn the last two share something, of one of the kinds below."""
FIRST_POLICY = {"huts": "held"}
OWN = ("huts", "rooms")
HOURS: Json = {
    "mode": {"mode": "interval", "step_minutes": 60, "min_minutes": 60, "max_minutes": 1440, "offered_in": "always"},
    "confirmation": {"kind": "instant"},
    "rules": [],
    "rates": {"base": {"per": "hour", "amount": 1000}},
}
COURT = {"slug": "court", "name": "court", "kind": "court", "capacity": 1, "assignment": "labelled", "policy": "hours"}
"""What is reserved by the hour, by whole days in series that meet each other."""
SHARED = {"hall": (((1, 2), 2), ((2,), 1)), "boat": (((1, 2, 3), 1), ((1, 2, 3), 3))}
"""The units that each of both draws of one inventory, and how many one takes: a hall and one of its halves, the seats
of a boat and the boat as a whole."""
SHARING = (*SHARED, "guide")
MOST_PEOPLE = 4
WHEN = st.tuples(st.integers(0, 12), st.integers(1, 4))
"""In how many days it begins, and for how many nights."""
STRANGE = 3
"""Half hours that are no slot's length."""
HOURLY = st.tuples(st.integers(-1, 2), st.integers(-1, 17), st.integers(1, 9), st.integers(1, 3))
"""In how many days the evening begins, how many half hours later it starts, how many it lasts, and for how many."""
DESK = ("confirm", "reject", "check-in", "check-out", "no-show", "undo", "approve-change", "reject-change")
PREVIEWED = {"move", "extend", "shorten", "confirm"}
REFUSED = {403, 409, 412, 422}


class Combinations(RuleBasedStateMachine):
    """Two tenants with labelled rooms and pooled huts, whose policies are exchanged while guests hold reservations."""

    cluster: ClassVar[Cluster]
    address: ClassVar[str]
    steps: ClassVar[int] = 0
    """How many were made, for who counts how long it took to find something."""
    stays = Bundle("stays")
    waiting = Bundle("waiting")
    closings = Bundle("closings")
    series = Bundle("series")
    uses = Bundle("uses")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world: World = self.stack.enter_context(open_world(self.cluster, self.address, TENANTS))
        self.present: dict[tuple[str, str], Terms] = {}
        self.versions: dict[tuple[str, str, int], Terms] = {}
        self.places: dict[tuple[str, str], Place] = {}
        self.entries: list[Waiting] = []
        self.inventory = ""
        """Where the one is that is shared; `last_drawn` is its highest unit that something draws or needs."""
        self.last_drawn = 0
        self.suspended: set[str] = set()
        self.by_id: dict[str, Place] = {}
        self.by_days: tuple[str, datetime] | None = None
        """The series at the court, and when its first day begins."""
        self.done(self.world.staff(INN, "POST", "/policies", {"slug": "hours", "name": "hours", "document": HOURS}))
        self.court = self.done(self.world.staff(INN, "POST", "/resources", {**COURT, "max_party_size": 1}))["id"]
        self.sites = {kind: self.make_site(kind) for kind in KINDS}
        for tenant in TENANTS:
            for policy in POLICIES.values():
                body = {"slug": policy.policy, "name": policy.policy, "document": policy.document()}
                self.done(self.world.staff(tenant, "POST", "/policies", body))
                self.present[tenant, policy.policy] = policy
                self.versions[tenant, policy.policy, 1] = policy
            for slug, (labelled, capacity) in PLACES.items():
                body = {
                    "slug": slug,
                    "name": slug,
                    "kind": "room",
                    "capacity": capacity,
                    "max_party_size": MOST_PEOPLE,
                    "assignment": _how(labelled),
                }
                body["policy"] = FIRST_POLICY.get(slug, "plain")
                made = self.done(self.world.staff(tenant, "POST", "/resources", body))
                place = Place(slug, made["id"], labelled, capacity, MOST_PEOPLE, body["policy"])
                self.places[tenant, slug] = self.by_id[place.id] = place

    def make_site(self, kind: str) -> Site:
        """Make what is reserved by the hour at the inn."""
        hours = KINDS[kind]
        self.done(
            self.world.staff(INN, "POST", "/policies", {"slug": kind, "name": kind, "document": hours.document()})
        )
        body = {
            "slug": kind,
            "name": kind,
            "kind": "tour",
            "capacity": hours.capacity,
            "max_party_size": 1,
            "assignment": _how(hours.labelled),
            "policy": kind,
        }
        return Site(self.done(self.world.staff(INN, "POST", "/resources", body))["id"], hours, hours.capacity)

    def share(self, kind: str) -> None:
        """Let two resources of the inn take from the same units, or need the same guide."""
        pair = [self.places[INN, slug] for slug in PLACES if slug not in OWN]
        made = self.done(self.world.staff(INN, "POST", "/inventories", {"name": kind, "capacity": 3}))["id"]
        self.inventory, self.last_drawn = f"/inventories/{made}", 1
        for number, place in enumerate(pair):
            body: Json = {"needs": {"inventory_id": made, "units": [1]}}
            if kind == "guide":
                place.guided = pair
            else:
                units, each = SHARED[kind][number]
                self.last_drawn = max(self.last_drawn, *units)
                place.draws, place.each, place.capacity = frozenset(units), each, len(units) // each
                place.beside = [one for one in pair if one is not place]
                body = {"draws": {"inventory_id": made, "units": [*units], "units_each": each}}
            path = f"/resources/{place.id}"
            shared = self.done(self.world.change(INN, "PUT", f"{path}/inventory", body, of=path))
            assert shared["capacity"] == place.capacity, (shared, self.story)

    def teardown(self) -> None:
        self.stack.close()

    # What administrators do.

    @rule(
        tenant=st.sampled_from(TENANTS), slug=st.sampled_from(sorted(PLACES)), policy=st.sampled_from(sorted(POLICIES))
    )
    def replace_policy(self, tenant: str, slug: str, policy: str) -> None:
        place = self.places[tenant, slug]
        answer = self.world.change(tenant, "PATCH", f"/resources/{place.id}", {"policy": policy})
        if place.archived or tenant in self.suspended:
            assert not answer.ok
        else:
            self.done(answer)
            place.policy = policy

    @rule(tenant=st.sampled_from(TENANTS), policy=st.sampled_from(sorted(POLICIES)), variant=st.sampled_from(VARIANTS))
    def republish(self, tenant: str, policy: str, variant: Json) -> None:
        self.publish(tenant, policy, variant)

    @rule(one=stays)
    def close_days(self, one: Stay) -> None:
        """Close the first night that a guest has, and the one after the last: what was promised stays so."""
        self.publish(one.tenant, one.place.policy, {"closed_on": (one.check_in_on, one.check_out_on)})
        if one.state == "held":
            self.ask(one, "confirm")

    def publish(self, tenant: str, policy: str, variant: Json) -> None:
        before = self.present[tenant, policy]
        after = replace(before, version=before.version + 1, **variant)
        path = f"/policies/{policy}"
        answer = self.world.change(tenant, "POST", f"{path}/versions", {"document": after.document()}, of=path)
        if tenant in self.suspended:
            assert not answer.ok
        elif self.done(answer)["version"] == after.version:
            self.present[tenant, policy] = self.versions[tenant, policy, after.version] = after

    @rule(tenant=st.sampled_from(TENANTS), slug=st.sampled_from(sorted(PLACES)))
    def archive_or_restore(self, tenant: str, slug: str) -> None:
        if tenant in self.suspended:
            return
        place = self.places[tenant, slug]
        if place.archived:
            self.done(self.world.staff(tenant, "POST", f"/resources/{place.slug}/restore"))
        else:
            self.done(self.world.change(tenant, "DELETE", f"/resources/{place.id}"))
        place.archived = not place.archived

    @rule(tenant=st.sampled_from(TENANTS), slug=st.sampled_from(sorted(PLACES)), people=st.integers(1, MOST_PEOPLE))
    def set_party_size(self, tenant: str, slug: str, people: int) -> None:
        place = self.places[tenant, slug]
        if place.archived or tenant in self.suspended:
            return
        self.done(self.world.change(tenant, "PATCH", f"/resources/{place.id}", {"max_party_size": people}))
        place.most_people = people

    @rule(tenant=st.sampled_from(TENANTS), slug=st.sampled_from(sorted(PLACES)), capacity=st.integers(1, 5))
    def set_capacity(self, tenant: str, slug: str, capacity: int) -> None:
        place = self.places[tenant, slug]
        if place.archived or tenant in self.suspended or place.draws is not None:
            return
        answer = self.world.change(tenant, "PATCH", f"/resources/{place.id}", {"capacity": capacity})
        fewer = capacity < place.capacity
        if answer.ok:
            place.capacity = capacity
        else:
            assert fewer, answer
            assert answer.status == 409, answer

    @rule(name=st.sampled_from(("Hall", "Annex")), capacity=st.integers(1, 5))
    def keep_inventory(self, name: str, capacity: int) -> None:
        """What is drawn from it stays, archived or not, and with that the inventory."""
        answer = self.world.change(INN, "PATCH", self.inventory, {"name": name, "capacity": capacity})
        if capacity < self.last_drawn:
            assert answer.code == "conflicting_resources", (answer, self.story)
        else:
            kept = self.done(answer)
            assert (kept["name"], kept["capacity"]) == (name, capacity), (answer, self.story)
        assert self.world.staff(INN, "DELETE", self.inventory).code == "conflicting_resources", self.story

    @rule(target=closings, slug=st.sampled_from(sorted(PLACES)), when=WHEN, unit=st.integers(1, 3))
    def close(self, slug: str, when: tuple[int, int], unit: int) -> Closing | MultipleResults[Closing]:
        return self.close_units(self.places[INN, slug], self.dates(when), {unit}) or multiple()

    def close_units(self, place: Place, between: tuple[date, date], units: set[int]) -> Closing | None:
        """Close units of the inn over nights: those who have them are given others, where there are some."""
        now, (check_in_on, check_out_on) = self.world.now, between
        if place.archived or not units <= place.units:
            return None
        body = {
            "resource_id": place.id,
            "starts_at": f"{check_in_on}T15:00:00Z",
            "ends_at": f"{check_out_on}T11:00:00Z",
            "reason": "Repairs",
            "units": sorted(units),
        }
        closed = nights(check_in_on, check_out_on)
        same = any((one.check_in_on, one.check_out_on, one.units) == (*between, units) for one in place.closings)
        again = any(units & one.units for one in place.closings)
        begins_at = datetime.combine(check_in_on, CHECK_IN, UTC)
        room = not again and place.may_be_closed(closed, len(units), now) and begins_at > now
        answer = self.world.staff(INN, "POST", "/closures", body)
        assert not (answer.ok and same), ("the same was closed twice", answer, self.story)
        if not answer.ok:
            assert answer.status in {409, 422}, answer
            assert not room, ("guests could be moved", answer, self.story)
            return None
        closing = Closing(answer.body["id"], check_in_on, check_out_on, frozenset(units))
        place.closings.append(closing)
        return closing

    @rule(one=closings)
    def reopen(self, one: Closing) -> None:
        place = next((place for place in self.places.values() if one in place.closings), None)
        if place is None:
            return
        answer = self.world.staff(INN, "DELETE", f"/closures/{one.id}")
        over = datetime.combine(one.check_out_on, datetime.min.time(), UTC) + timedelta(hours=11) <= self.world.now
        assert answer.ok or over, answer
        if answer.ok:
            place.closings.remove(one)

    @rule()
    def publish_what_fits_no_stay(self) -> None:
        """What is charged once for all nights is no rate of nights."""
        document = POLICIES["plain"].document()
        document["rates"]["base"]["per"] = "person"
        path = "/policies/plain"
        answer = self.world.change(INN, "POST", f"{path}/versions", {"document": document}, of=path)
        assert answer.status == 422, (answer, self.story)

    @rule(minutes=st.sampled_from([5, 60, 720]))
    def set_offer(self, minutes: int) -> None:
        if INN not in self.suspended:
            self.done(self.world.change(INN, "PATCH", "/settings", {"waitlist_offer_minutes": minutes}))

    @rule()
    def suspend_or_resume(self) -> None:
        """The other tenant, whose work has to be nobody else's matter."""
        action = "resume" if YARD in self.suspended else "suspend"
        body = {"reason": "Unpaid"} if action == "suspend" else None
        answer = self.world.call("POST", f"/tenants/{YARD}/{action}", body, bearer=self.world.operator)
        self.done(answer)
        self.suspended ^= {YARD}

    @rule(tenant=st.sampled_from(TENANTS))
    def set_zone(self, tenant: str) -> None:
        """Guests were promised times of day: once anything was reserved, a tenant stays in its zone."""
        if tenant in self.suspended:
            return
        reserved = any(one.tenant == tenant for place in self.places.values() for one in place.stays)
        if reserved or (tenant == INN and any(site.uses for site in self.sites.values())):
            answer = self.world.change(tenant, "PATCH", "", {"timezone": "Asia/Kathmandu"})
            assert answer.status == 409, (answer, self.story)
        elif tenant == YARD and not self.entries:
            for zone in ("Asia/Kathmandu", "UTC"):
                self.done(self.world.change(tenant, "PATCH", "", {"timezone": zone}))

    @rule(capacity=st.integers(1, 6))
    def set_places_of_the_walk(self, capacity: int) -> None:
        """As few as are taken at once, whoever has which."""
        walk, now = self.sites["walk"], self.world.now
        answer = self.world.change(INN, "PATCH", f"/resources/{walk.id}", {"capacity": capacity})
        assert answer.ok == (walk.busiest(now) <= capacity), (walk.uses, answer, self.story)
        if answer.ok:
            walk.capacity = capacity

    # What guests do.

    @initialize(
        target=stays,
        kind=st.sampled_from(SHARING),
        wishes=st.lists(st.tuples(st.sampled_from(sorted(PLACES)), WHEN), min_size=3, max_size=6),
    )
    def begin(self, kind: str, wishes: list[tuple[str, tuple[int, int]]]) -> MultipleResults[Stay]:
        """A world without reservations would show nothing."""
        self.share(kind)
        made = [self.reserve(INN, slug, when, 1, 2) for slug, when in wishes]
        return multiple(*(one for one in made if one is not None))

    @rule(
        target=stays,
        tenant=st.sampled_from((INN, INN, YARD)),
        slug=st.sampled_from(sorted(PLACES)),
        when=WHEN,
        quantity=st.integers(1, 2),
        people=st.integers(1, MOST_PEOPLE),
    )
    def create(
        self, tenant: str, slug: str, when: tuple[int, int], quantity: int, people: int
    ) -> Stay | MultipleResults[Stay]:
        return self.reserve(tenant, slug, when, quantity, people) or multiple()

    @rule(one=stays, when=WHEN)
    def move(self, one: Stay, when: tuple[int, int]) -> None:
        check_in_on, check_out_on = self.dates(when)
        self.ask(one, "move", {"check_in_on": f"{check_in_on}", "check_out_on": f"{check_out_on}"})

    @rule(one=stays, slug=st.sampled_from(sorted(PLACES)))
    def move_elsewhere(self, one: Stay, slug: str) -> None:
        self.ask(one, "move", {"resource_id": self.places[one.tenant, slug].id})

    @rule(one=stays, people=st.integers(1, MOST_PEOPLE), quantity=st.integers(1, 2))
    def resize(self, one: Stay, people: int, quantity: int) -> None:
        self.ask(one, "move", {"party_size": people, "quantity": quantity})

    @rule(one=stays, longer=st.integers(1, 3))
    def extend(self, one: Stay, longer: int) -> None:
        self.ask(one, "extend", {"check_out_on": f"{one.check_out_on + longer * ONE_DAY}"})

    @rule(one=stays, by_staff=st.booleans())
    def shorten(self, one: Stay, by_staff: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        if len(one.nights) > 1:
            self.ask(one, "shorten", {"check_out_on": f"{one.check_out_on - ONE_DAY}"}, by_staff=by_staff)

    @rule(one=stays)
    def come_with_fewer(self, one: Stay) -> None:
        if one.party_size > 1:
            self.ask(one, "move", {"party_size": one.party_size - 1})

    @rule(one=stays)
    def change_nothing(self, one: Stay) -> None:
        self.ask(one, "move", {"check_in_on": f"{one.check_in_on}", "check_out_on": f"{one.check_out_on}"})

    @rule(one=stays, when=WHEN)
    def move_by_staff(self, one: Stay, when: tuple[int, int]) -> None:
        check_in_on, check_out_on = self.dates(when)
        self.ask(one, "move", {"check_in_on": f"{check_in_on}", "check_out_on": f"{check_out_on}"}, by_staff=True)

    @rule(one=stays, slug=st.sampled_from(sorted(PLACES)))
    def change_rooms(self, one: Stay, slug: str) -> None:
        """Staff give a guest who is here another room from now on; others they move."""
        self.ask(one, "move", {"resource_id": self.places[one.tenant, slug].id}, by_staff=True)

    @rule(one=stays, unit=st.integers(1, 3))
    def promise_room(self, one: Stay, unit: int) -> None:
        if one.place.labelled and one.quantity * one.place.each == 1 and unit in one.place.units:
            self.ask(one, "move", {"unit": unit}, by_staff=True)

    @rule(one=stays)
    def extend_hold(self, one: Stay) -> None:
        self.ask(one, "extend-hold")

    @rule(one=stays)
    def confirm(self, one: Stay) -> None:
        self.ask(one, "confirm")

    @rule(one=stays)
    def cancel(self, one: Stay) -> None:
        self.ask(one, "cancel")

    @rule(one=stays, action=st.sampled_from(DESK))
    def desk(self, one: Stay, action: str) -> None:
        self.ask(one, action, by_staff=True)

    @rule(target=series, slug=st.sampled_from(sorted(PLACES)), when=WHEN, every=st.integers(2, 3))
    def create_series(self, slug: str, when: tuple[int, int], every: int) -> Recurring | MultipleResults[Recurring]:
        place = self.places[INN, slug]
        body = {
            "resource_id": place.id,
            "rule": f"FREQ=DAILY;INTERVAL={every};COUNT=3",
            "first_on": f"{self.dates(when)[0]}",
            "nights": 1,
            "guest": guest(),
            "mode": "fitting",
        }
        terms = self.terms_of(INN, place)
        answer = self.world.call("POST", f"/tenants/{INN}/series", body)
        if not answer.ok:
            assert answer.status in {404, 409, 422}, (answer, self.story)
            return multiple()
        made = Recurring(answer.body["id"], answer.body["version"])
        for one in answer.body["occurrences"]:
            if one["reservation_id"] is not None:
                check_in_on = date.fromisoformat(one["on"])
                check_out_on = check_in_on + ONE_DAY
                total = terms.price(1, 1)
                stay = Stay(
                    one["reservation_id"],
                    one["manage_token"],
                    INN,
                    place,
                    terms,
                    check_in_on,
                    check_out_on,
                    1,
                    1,
                    one["state"],
                    total,
                    1,
                )
                place.stays.append(stay)
                made.stays.append(stay)
        return made

    @rule(one=series, longer=st.integers(1, 2))
    def change_series(self, one: Recurring, longer: int) -> None:
        """All of it moves, or nothing; what was changed by itself stays."""
        answer = self.world.change(INN, "PATCH", f"/series/{one.id}", {"nights": longer})
        if answer.ok:
            for stay in one.stays:
                self.follow_change(stay, self.read(stay), self.world.now)
        else:
            assert answer.status in {409, 422}, (answer, self.story)

    @rule(one=series)
    def cancel_series(self, one: Recurring) -> None:
        now = self.world.now
        to_come = [
            stay
            for stay in one.stays
            if state_of(stay, now) in {"pending", "held", "confirmed"} and stay.starts_at > now
        ]
        answer = self.done(self.world.staff(INN, "POST", f"/series/{one.id}/cancel", {}))
        for stay in to_come:
            stay.retained, stay.state = stay.kept_if_cancelled(now), "cancelled"
        assert answer["id"] == one.id

    @rule(hour=st.sampled_from([6, 12, 18]), ahead=st.integers(1, 3))
    def move_whole_days(self, hour: int, ahead: int) -> None:
        """Each day goes where the one before it was; no one else is there."""
        if self.by_days is None or self.by_days[1] <= self.world.now:
            body = {
                "resource_id": self.court,
                "guest": guest(),
                "rule": "FREQ=DAILY;COUNT=3",
                "first_on": f"{self.world.now.date() + ahead * ONE_DAY}",
                "starts_at_time": "00:00",
                "minutes": 1440,
            }
            answer = self.world.call("POST", f"/tenants/{INN}/series", body)
            if not answer.ok:  # days of the one before are still to come
                assert self.by_days is not None, (answer, self.story)
                return
            begins_at = datetime.combine(self.world.now.date() + ahead * ONE_DAY, datetime.min.time(), UTC)
            self.by_days = answer.body["id"], begins_at
        series_id, begins_at = self.by_days
        later = begins_at.replace(hour=(begins_at.hour + hour) % 24)
        if later > self.world.now:
            moved = {"starts_at_time": f"{later:%H:%M}"}
            answer = self.world.change(INN, "PATCH", f"/series/{series_id}", moved)
            assert answer.ok or later < begins_at, ("a series moves as one", answer, self.story)
            if answer.ok:
                self.by_days = series_id, later

    @initialize(target=uses, wishes=st.lists(HOURLY, min_size=4, max_size=8))
    def begin_hours(self, wishes: list[tuple[int, int, int, int]]) -> MultipleResults[Use]:
        """The walk and the studio, in turn."""
        made = [self.reserve_hours(site, *wish) for site, wish in zip(cycle(self.sites.values()), wishes, strict=False)]
        return multiple(*(one for one in made if one is not None))

    @rule(target=uses, kind=st.sampled_from(sorted(KINDS)), wishes=st.lists(HOURLY, min_size=2, max_size=4))
    def use(self, kind: str, wishes: list[tuple[int, int, int, int]]) -> MultipleResults[Use]:
        """By the hour, past midnight too: what is listed can be had, and what can be had is listed."""
        made = [self.reserve_hours(self.sites[kind], *wish) for wish in wishes]
        return multiple(*(one for one in made if one is not None))

    def reserve_hours(self, site: Site, ahead: int, halves: int, lasting: int, quantity: int) -> Use | None:
        hours, now = site.hours, self.world.now
        opens_at = datetime.combine(now.date() + ahead * ONE_DAY, hours.opens, UTC)
        starts_at = opens_at + halves * HALF_HOUR
        ends_at = starts_at + (hours.longest if hours.slots and lasting != STRANGE else lasting * HALF_HOUR)
        quantity = quantity if site.capacity > 1 else 1
        body = {
            "resource_id": site.id,
            "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}",
            "ends_at": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}",
            "quantity": quantity,
            "party_size": quantity,
            "guest": guest(),
        }
        wanted = f"from={body['starts_at']}&until={body['ends_at']}&quantity={quantity}&party_size={quantity}"
        found = self.world.call("GET", f"/tenants/{INN}/availability?{wanted}").body.get("items", [])
        listed = any(one["bookable"] for one in found if one["resource_id"] == site.id)
        can_be_had = hours.accepts(starts_at, ends_at, now) and site.has_room(starts_at, ends_at, quantity, now)
        answer, otherwise = self.world.post_as_previewed(f"/tenants/{INN}/reservations", body)
        assert otherwise is None, (otherwise, self.story)
        assert answer.ok == can_be_had == listed, (can_be_had, listed, answer, site.uses, self.story)
        if not answer.ok:
            return None
        one = Use(answer.body["id"], answer.body["manage_token"], site, starts_at, ends_at, quantity)
        site.uses.append(one)
        self.compare_use(one, answer.body)
        return one

    @rule(one=uses, halves=st.integers(-6, 6), longer=st.integers(-2, 2))
    def move_use(self, one: Use, halves: int, longer: int) -> None:
        """Staff move it to where it may be."""
        site, now = one.place, self.world.now
        starts_at = one.starts_at + halves * HALF_HOUR
        ends_at = one.ends_at + (halves + (0 if site.hours.slots else longer)) * HALF_HOUR
        body = {"starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", "ends_at": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}"}
        same = (starts_at, ends_at) == (one.starts_at, one.ends_at)
        to_come = one.state == "confirmed" and one.starts_at > now
        if not same and starts_at >= one.starts_at and ends_at <= one.ends_at:
            return  # giving up a part asks for less than this model knows
        path, owner = f"/tenants/{INN}/reservations/{one.id}/move", self.world.tokens[INN, Role.OWNER]
        answer, otherwise = self.world.post_as_previewed(path, body, bearer=owner, **{"If-Match": "*"})
        assert otherwise is None, (otherwise, self.story)
        can_be = site.hours.accepts(starts_at, ends_at, now) and site.has_room(
            starts_at, ends_at, one.quantity, now, but=one
        )
        if to_come:
            assert answer.ok == (same or can_be), (can_be, one, answer, site.uses, self.story)
        elif not same:
            assert not answer.ok, (one, answer, self.story)
        if answer.ok and not same:
            self.follow_use(one, starts_at, ends_at)
            self.compare_use(one, answer.body)

    @rule(one=uses)
    def cancel_use(self, one: Use) -> None:
        now = self.world.now
        answer = self.world.call("POST", f"/tenants/{INN}/reservations/{one.id}/cancel", {}, bearer=one.token)
        assert answer.ok == (one.state == "confirmed" and now < one.ends_at), (one, answer, self.story)
        if answer.ok:
            one.retained, one.state = one.kept_if_cancelled(now), "cancelled"
            self.compare_use(one, answer.body)

    @rule(target=waiting, slug=st.sampled_from(sorted(PLACES)), when=WHEN, quantity=st.sampled_from((1, 1, 2)))
    def wait(self, slug: str, when: tuple[int, int], quantity: int) -> Waiting | MultipleResults[Waiting]:
        place = self.places[INN, slug]
        check_in_on, check_out_on = self.dates(when)
        body = {
            "resource_id": place.id,
            "check_in_on": f"{check_in_on}",
            "check_out_on": f"{check_out_on}",
            "quantity": quantity,
            "guest": guest(),
        }
        answer = self.world.call("POST", f"/tenants/{INN}/waitlist", body)
        if not answer.ok:
            return multiple()
        entry = Waiting(answer.body["id"], answer.body["manage_token"], INN, place, check_in_on, check_out_on, quantity)
        self.entries.append(entry)
        return entry

    @rule(entry=waiting)
    def stop_waiting(self, entry: Waiting) -> None:
        answer = self.world.call("DELETE", f"/tenants/{INN}/waitlist/{entry.id}", bearer=entry.token)
        if answer.ok:
            entry.state = "left"

    # What the clock does.

    @rule(minutes=st.sampled_from([10, 45, 240, 1440, 4320]))
    def time_passes(self, minutes: int) -> None:
        self.world.pass_by(minutes * MINUTE)

    @rule()
    def jobs_run(self) -> None:
        self.world.run_jobs()
        assert self.world.failed_items() == [], self.story
        self.look(by_the_clock=True)
        for entry in self.entries:
            assert not (entry.state == "waiting" and self.fits(entry)), ("no offer was made", entry, self.story)

    # What has to hold.

    @invariant()
    def the_database_is_consistent(self) -> None:
        assert self.world.broken() == [], self.story

    @invariant()
    def promises_are_kept(self) -> None:
        type(self).steps += 1
        self.look()

    # How the model follows.

    @property
    def story(self) -> str:
        """What was asked and answered last."""
        return "\n".join(["", *self.world.said[-12:]])

    def dates(self, when: tuple[int, int]) -> tuple[date, date]:
        check_in_on = self.world.now.date() + when[0] * ONE_DAY
        return check_in_on, check_in_on + when[1] * ONE_DAY

    def read(self, one: Stay) -> Json:
        return self.done(self.world.staff(one.tenant, "GET", f"/reservations/{one.id}"))

    def done(self, answer: Answer) -> Json:
        assert answer.ok, (answer, self.story)
        return answer.body

    def terms_of(self, tenant: str, place: Place) -> Terms:
        return self.present[tenant, place.policy]

    def reserve(
        self, tenant: str, slug: str, when: tuple[int, int], quantity: int, people: int, *, at_once: bool = False
    ) -> Stay | None:
        """Reserve; `at_once`: nobody looks before, who would notice what has come free."""
        place = self.places[tenant, slug]
        terms = self.terms_of(tenant, place)
        check_in_on, check_out_on = self.dates(when)
        wanted = nights(check_in_on, check_out_on)
        body = {
            "resource_id": place.id,
            "check_in_on": f"{check_in_on}",
            "check_out_on": f"{check_out_on}",
            "quantity": quantity,
            "party_size": people,
            "guest": guest(),
        }
        listed = self.listed(tenant, place, body)
        if not at_once:
            self.stand_at_the_desk(tenant, place, body, listed=listed)
        first = [
            entry
            for entry in self.entries
            if entry.state == "waiting"
            and entry.place is place
            and set(entry.nights) & set(wanted)
            and self.fits(entry)
        ]
        path = f"/tenants/{tenant}/reservations"
        if at_once:
            answer = self.world.call("POST", path, body)
        else:
            answer, otherwise = self.world.post_as_previewed(path, body)
            assert otherwise is None, (otherwise, self.story)
        if answer.ok and terms.confirmation in {"instant", "hold"}:
            ids = {one["id"] for one in self.done(self.world.staff(tenant, "GET", "/reservations?limit=200"))["items"]}
            assert all(entry.id in ids for entry in first), ("a stranger came first", first, self.story)
        if terms.confirmation in {"instant", "hold"}:
            waited_for = listed and self.comes_first(place, wanted)
            assert answer.ok == listed or waited_for, ("listed and bookable differ", listed, answer, self.story)
        if tenant in self.suspended or place.archived:
            assert answer.status in {403, 404}, answer
            return None
        allowed = (
            people <= place.most_people * quantity
            and quantity <= place.capacity
            and not is_too_soon(terms, check_in_on, self.world.now)
            and not set(wanted) & set(terms.closed_on)
        )
        waits = terms.confirmation in {"pending", "approval"}
        free = waits or place.has_room(wanted, quantity, self.world.now)
        if not answer.ok:
            assert answer.status in {409, 422}, (answer, self.story)
            # Who left early this evening had the unit until then, and a night is reserved from its beginning on.
            begun = datetime.combine(check_in_on, CHECK_IN, UTC) < self.world.now
            sure = (place.is_certain(wanted, self.world.now) and not begun) or waits
            assert not (allowed and free and sure) or self.comes_first(place, wanted), (answer, self.story)
            return None
        assert allowed, ("should be refused", answer, self.story)
        assert free, ("there is no room", answer, self.story)
        one = Stay(
            answer.body["id"],
            answer.body["manage_token"],
            tenant,
            place,
            terms,
            check_in_on,
            check_out_on,
            quantity,
            people,
            {"instant": "confirmed", "hold": "held"}.get(terms.confirmation, "pending"),
            terms.price(len(wanted), quantity),
            1,
        )
        place.stays.append(one)
        self.compare(one, answer.body)
        return one

    def stand_at_the_desk(self, tenant: str, place: Place, body: Json, *, listed: bool) -> None:
        """Staff are told the same as the guest, and of the running night what comes of trying to sell it."""
        clerk = self.world.tokens[tenant, Role.AGENT]
        assert self.listed(tenant, place, body, bearer=clerk) == listed, ("staff are told something else", self.story)
        check_in_on = self.world.now.date() - ONE_DAY
        wanted = nights(check_in_on, check_in_on + 2 * ONE_DAY)
        running = {**body, "check_in_on": f"{check_in_on}", "check_out_on": f"{check_in_on + len(wanted) * ONE_DAY}"}
        assert not self.listed(tenant, place, running), ("guests are told of the running night", self.story)
        if self.terms_of(tenant, place).confirmation not in {"instant", "hold"} or self.comes_first(place, wanted):
            return
        told = self.listed(tenant, place, running, bearer=clerk)
        tried = {name: body[name] for name in ("resource_id", "quantity", "party_size", "guest")}
        tried |= {"rule": "FREQ=DAILY;COUNT=1", "first_on": f"{check_in_on}", "nights": len(wanted)}
        answer = self.world.staff(tenant, "POST", "/series/preview", tried, role=Role.AGENT)
        can_be_had = answer.ok and answer.body["occurrences"][0]["refusal"] is None
        assert told == can_be_had, ("the running night is not as listed", told, answer, self.story)

    def listed(self, tenant: str, place: Place, body: Json, *, bearer: str | None = None) -> bool:
        """Whether availability says that exactly this can be reserved."""
        sizes = "&".join(f"{name}={body[name]}" for name in ("quantity", "party_size"))
        wanted = f"from={body['check_in_on']}&until={body['check_out_on']}&{sizes}"
        found = self.world.call("GET", f"/tenants/{tenant}/availability?{wanted}", bearer=bearer).body.get("items", [])
        return any(one["bookable"] for one in found if one["resource_id"] == place.id)

    def comes_first(self, place: Place, wanted: list[date]) -> bool:
        """Whether someone who waits for one of these nights may have it first."""
        return any(
            entry.state == "waiting" and self.touches(entry.place, place) and set(entry.nights) & set(wanted)
            for entry in self.entries
        )

    def touches(self, one: Place, other: Place) -> bool:
        """Whether what one takes the other may not have."""
        return one is other or other in one.beside or other in one.guided

    def ask(self, one: Stay, action: str, body: Json | None = None, *, by_staff: bool = False) -> None:
        """Ask for a step or a change, and let the model follow what was answered."""
        now, body = self.world.now, body or {}
        path = f"/tenants/{one.tenant}/reservations/{one.id}/{action}"
        bearer = self.world.tokens[one.tenant, Role.OWNER] if by_staff else one.token
        target = self.by_id[body.get("resource_id", one.place.id)]
        wish = self.wish(one, body) if action in CHANGES else None
        unit = body.get("unit")
        reason = why_not(one, action, wish, now, by_staff=by_staff) if unit is None else None
        certain = unit is None and (
            has_to_be(one, action, wish, now, by_staff=by_staff) or self.can_change_rooms(one, wish)
        )
        version = {"If-Match": "*"} if by_staff else {}
        waiting = [entry for entry in self.entries if entry.state == "waiting" and not self.fits(entry)]
        if action in PREVIEWED:
            answer, otherwise = self.world.post_as_previewed(path, body, bearer=bearer, **version)
            assert otherwise is None, (otherwise, self.story)
        else:
            answer = self.world.call("POST", path, body, bearer=bearer, **version)
        if one.tenant in self.suspended:
            assert answer.status == 403, answer
            return
        if answer.ok:
            assert reason is None, ("should be refused", reason, one, answer, self.story)
            self.follow(one, action, wish, unit, answer.body, by_staff=by_staff)
            if action == "cancel":
                self.look()
                missed = [entry for entry in waiting if entry.state == "waiting" and self.fits(entry)]
                assert missed == [], ("it was not offered in the same moment", missed, one, self.story)
            return
        gone = target.archived and target is not one.place
        assert answer.status in REFUSED | ({404} if gone else set()), (answer, self.story)
        assert reason is not None or not certain, ("should not be refused", one, answer, self.story)

    def wish(self, one: Stay, body: Json) -> Wish:
        present = {place.id: self.terms_of(tenant, place) for (tenant, _), place in self.places.items()}
        return wish_of(one, body, self.by_id, present)

    def can_change_rooms(self, one: Stay, wish: Wish | None) -> bool:
        """Whether somebody who is here can have the other room for what is left, beyond doubt."""
        if wish is None or one.state != "checked_in" or not wish.elsewhere(one):
            return False
        place, now = wish.place, self.world.now
        left = [on for on in wish.nights if datetime.combine(on + ONE_DAY, CHECK_OUT, UTC) > now]
        allowed = (
            wish.nights == one.nights
            and not one.terms.lead_days
            and not set(left) & {*one.terms.closed_on, *wish.present.closed_on}
            and wish.party_size <= place.most_people * wish.quantity
            and wish.quantity <= place.capacity
        )
        free = place.can_be_rearranged(left, now) and place.has_room(left, wish.quantity, now, but=one)
        return bool(left) and allowed and free and not place.archived and not self.comes_first(place, left)

    def fits(self, entry: Waiting) -> bool:
        """Whether what someone waits for is there beyond doubt."""
        place, now = entry.place, self.world.now
        terms = self.terms_of(entry.tenant, place)
        allowed = entry.starts_at - now > max(terms.lead_days * ONE_DAY, MINUTE)
        open_then = not set(entry.nights) & set(terms.closed_on)
        waits = terms.confirmation in {"instant", "hold"}
        certain = place.is_certain(entry.nights, now) and not place.archived and entry.quantity <= place.capacity
        return allowed and open_then and waits and certain and place.has_room(entry.nights, entry.quantity, now)

    def follow(
        self, one: Stay, action: str, wish: Wish | None, unit: int | None, body: Json, *, by_staff: bool
    ) -> None:
        """Let the model make the step that the answer says was made, if it may be."""
        owed = one.due
        if wish is not None:
            self.follow_wish(one, wish, unit, body, by_staff=by_staff)
        elif action in STEPS:
            self.follow_step(one, action)
        elif action == "confirm":
            one.retained = max(0, one.retained - one.total) if one.state not in OWING else one.retained
            one.state = "confirmed"
        elif action == "extend-hold":
            assert one.hold_until is not None
            later = min(one.hold_until + one.given, one.starts_at)
            assert _instant(body["hold_expires_at"]) == later, (later, one, body, self.story)
            one.hold_until, one.extended = later, True
        elif action == "approve-change":
            self.follow_change(one, body, one.asked_at or self.world.now)
        else:
            one.waits = False
        assert (body["refund"] or {"total": 0})["total"] == max(0, owed - one.due), (owed, one, body, self.story)
        self.compare(one, body)

    def follow_step(self, one: Stay, action: str) -> None:
        now, state = self.world.now, STEPS[action]
        if action == "undo" and one.state == "completed":
            state = "checked_in"
        if action in {"check-in", "check-out", "no-show"}:
            one.marked_at = now
        if state in {"cancelled", "rejected"}:
            one.retained = one.kept_if_cancelled(now)
        elif state == "no_show":
            one.retained = one.due
        elif one.state == "no_show":
            one.retained = max(0, one.due - one.total)
        one.state, one.waits = state, one.waits and state == "checked_in"

    def follow_wish(self, one: Stay, wish: Wish, unit: int | None, body: Json, *, by_staff: bool) -> None:
        if wish.same(one) and unit is None:
            assert body["version"] == one.version, ("a change that changes nothing is none", body, self.story)
            return
        expected = course_of(one, wish, by_staff=by_staff) if unit is None else (one.state, False)
        found = body["state"], body["pending_change"] is not None
        assert found == expected, (expected, one, body, self.story)
        self.follow_change(one, body, self.world.now)
        one.promised = unit or one.promised

    def follow_change(self, one: Stay, body: Json, now: datetime) -> None:
        if body["pending_change"] is not None:
            one.waits, one.asked_at = True, now
            return
        one.waits = False
        owed, kept, before = one.due, one.kept_if_cancelled(now), (one.place, one.check_in_on)
        was_owing, total, percent = one.state in OWING, one.total, one.terms.percent_back(one.starts_at, now)
        place = self.by_id[body["resource_id"]]
        if place is not one.place:
            one.place.stays.remove(one)
            place.stays.append(one)
            one.place, one.promised, one.state = place, None, body["state"]
            if one.state != "checked_in":
                one.terms = self.terms_of(one.tenant, place)
        one.check_in_on = date.fromisoformat(body["check_in_on"])
        one.check_out_on = date.fromisoformat(body["check_out_on"])
        one.quantity, one.party_size = body["quantity"], body["party_size"]
        one.total = one.terms.price(len(one.nights), one.quantity)
        if was_owing:
            if before != (one.place, one.check_in_on):
                one.least = kept
            cheaper = max(0, total - one.total)
            owed = owed - (cheaper * percent + 50) // 100 if one.state in OWING else 0
        price = one.total if one.state in OWING else 0
        one.retained = max(owed, one.least, price) - price

    def follow_use(self, one: Use, starts_at: datetime, ends_at: datetime) -> None:
        """What is moved retains what cancelling it before would have; what is made shorter gives back by its tier."""
        now, owed, total = self.world.now, one.due, one.total
        kept, percent = one.kept_if_cancelled(now), one.percent_back(now)
        if starts_at != one.starts_at:
            one.least = kept
        one.starts_at, one.ends_at = starts_at, ends_at
        owed -= (max(0, total - one.total) * percent + 50) // 100
        one.retained = max(owed, one.least, one.total) - one.total

    def compare_use(self, one: Use, body: Json) -> None:
        """What was promised is what is answered."""
        found = (body["state"], _instant(body["starts_at"]), _instant(body["ends_at"]), body["quantity"])
        assert found == (one.state, one.starts_at, one.ends_at, one.quantity), (one, body, self.story)
        owed = tuple(body[name]["total"] for name in ("price", "due", "retained"))
        assert owed == (one.total, one.due, one.retained), (one, body, self.story)

    def look_at_uses(self, bodies: dict[str, Json], *, by_the_clock: bool) -> None:
        now = self.world.now
        for site in self.sites.values():
            for one in site.uses:
                body = bodies[one.id]
                if (one.state, body["state"]) == ("confirmed", "completed"):
                    assert by_the_clock, ("changed by itself", one, self.story)
                    assert one.ends_at <= now, ("completed before its end", one, self.story)
                    one.state = "completed"
                self.compare_use(one, body)
            assert site.busiest(now) <= site.capacity, (site.uses, self.story)

    def compare(self, one: Stay, body: Json) -> None:
        """What was promised is what is answered."""
        found = (body["state"], body["price"]["total"], body["check_in_on"], body["check_out_on"], body["quantity"])
        wanted = (one.state, one.total, f"{one.check_in_on}", f"{one.check_out_on}", one.quantity)
        assert found == wanted, (body, self.story)
        assert (body["due"]["total"], body["retained"]["total"]) == (one.due, one.retained), (one, body, self.story)
        assert body["policy_version"] == one.terms.version, (body, self.story)
        held_until = _instant(body["hold_expires_at"])
        if held_until is None:
            one.extended = False
        elif one.hold_until is None:
            one.given = held_until - self.world.now
        one.hold_until = held_until
        one.version = body["version"]
        if one.promised is not None and one.state in BLOCKING:
            assert body["units"] == [one.promised], ("another room than the promised one", one, body, self.story)

    def look(self, *, by_the_clock: bool = False) -> None:
        """Read everything again: what nobody asked to change has not changed."""
        for tenant in TENANTS:
            if tenant in self.suspended:
                continue
            items = self.done(self.world.staff(tenant, "GET", "/reservations?limit=200"))["items"]
            bodies = {body["id"]: body for body in items}
            self.take_offers(tenant, bodies)
            if tenant == INN:
                self.look_at_uses(bodies, by_the_clock=by_the_clock)
            for place in self.places.values():
                for one in list(place.stays):
                    if one.tenant == tenant:
                        self.look_at(one, bodies[one.id], by_the_clock=by_the_clock)
        now = self.world.now
        for place in self.places.values():
            taken = [
                (one, night) for one in place.stays if one.holds(now) for night in one.nights if night >= now.date()
            ]
            for one, on in taken:
                assert place.used(on, now) <= len(place.units), (place.slug, on, self.story)
                assert place.has_guide([on], now, but=one), ("two have the guide", place.slug, on, self.story)

    def look_at(self, one: Stay, body: Json, *, by_the_clock: bool) -> None:
        if body["state"] != one.state:
            # What needs the units writes down that a hold has ended, before the job comes.
            has_ended = one.state == "held" and one.hold_until is not None and one.hold_until <= self.world.now
            noticed = has_ended and body["state"] == "expired"
            assert by_the_clock or noticed, ("changed by itself", one, body, self.story)
            self.check_what_the_clock_did(one, body["state"])
            one.retained = one.due if body["state"] == "no_show" else one.retained
            one.state = body["state"]
        if one.waits and body["pending_change"] is None:
            assert by_the_clock or one.state not in ALIVE, ("a change was decided by itself", body, self.story)
            one.waits = False
            if body["version"] != one.version and one.state in BLOCKING:
                self.follow_change(one, body, one.asked_at or self.world.now)
        self.compare(one, body)

    def check_what_the_clock_did(self, one: Stay, state: str) -> None:
        now = self.world.now
        lawful = {
            ("held", "expired"): one.hold_until is not None and one.hold_until <= now,
            ("pending", "confirmed"): one.terms.confirmation == "pending",
            ("pending", "rejected"): True,
            ("confirmed", "completed"): one.ends_at <= now,
            ("checked_in", "completed"): one.ends_at <= now,
        }
        assert lawful.get((one.state, state), False), (one, state, self.story)

    def take_offers(self, tenant: str, bodies: dict[str, Json]) -> None:
        """An offer of the waitlist is a reservation with the entry's id."""
        for entry in self.entries:
            if entry.tenant == tenant and entry.state == "waiting" and entry.id in bodies:
                body = bodies[entry.id]
                entry.state = "offered"
                terms = self.versions[tenant, entry.place.policy, body["policy_version"]]
                one = Stay(
                    entry.id,
                    entry.token,
                    tenant,
                    entry.place,
                    terms,
                    entry.check_in_on,
                    entry.check_out_on,
                    entry.quantity,
                    body["party_size"],
                    body["state"],
                    terms.price(len(entry.nights), entry.quantity),
                    1,
                )
                entry.place.stays.append(one)


def _how(labelled: bool) -> str:  # noqa: FBT001 - what it says of a place
    return "labelled" if labelled else "pooled"


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
