"""What may be asked of a reservation and what comes of it, as POLICIES says, in the terms of the plain model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from tests.combinations.model import ALIVE, CHECK_IN, CHECK_OUT, ONE_DAY, UTC, Place, Stay, Terms, nights

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

STEPS = {
    "cancel": "cancelled",
    "reject": "rejected",
    "check-in": "checked_in",
    "check-out": "completed",
    "no-show": "no_show",
    "undo": "confirmed",
}
"""Where they lead; to undo a check-out leads to being checked in."""
CHANGES = frozenset({"move", "extend", "shorten"})
AGREED = frozenset({"confirmed", "checked_in"})
FROM = {
    "confirm": {"pending", "held", "expired"},
    "cancel": {"pending", "held", "confirmed"},
    "reject": {"pending", "held"},
    "check-in": {"confirmed"},
    "check-out": {"checked_in"},
    "no-show": {"confirmed"},
    "undo": {"checked_in", "no_show", "completed"},
    "extend-hold": {"held"},
    "approve-change": AGREED,
    "reject-change": AGREED,
}
"""From which states a step leads anywhere."""
EARLY = UNDO = timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    """What a change would make of a reservation. `terms` are those that it would have then."""

    place: Place
    terms: Terms
    present: Terms
    """What the place is offered under now: it says which nights are closed."""
    check_in_on: date
    check_out_on: date
    quantity: int
    party_size: int

    @property
    def nights(self) -> list[date]:
        return nights(self.check_in_on, self.check_out_on)

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.check_in_on, CHECK_IN, UTC)

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.check_out_on, CHECK_OUT, UTC)

    def elsewhere(self, one: Stay) -> bool:
        return self.place is not one.place

    def grows(self, one: Stay) -> bool:
        return self.quantity > one.quantity or self.party_size > one.party_size

    def new_nights(self, one: Stay) -> set[date]:
        """The nights that it does not have yet; all of them where more is wanted."""
        had = set[date]() if self.elsewhere(one) or self.grows(one) else set(one.nights)
        return set(self.nights) - had

    def takes(self, one: Stay) -> bool:
        """Whether anything is newly taken: giving something up needs no permission."""
        return bool(self.new_nights(one))

    def same(self, one: Stay) -> bool:
        had = (one.place, one.check_in_on, one.check_out_on, one.quantity, one.party_size)
        return had == (self.place, self.check_in_on, self.check_out_on, self.quantity, self.party_size)


def wish_of(one: Stay, body: Json, places: Mapping[str, Place], present: Mapping[str, Terms]) -> Wish:
    """What is wanted; places by their ids, and what these are offered under."""
    place = places[body.get("resource_id", one.place.id)]
    return Wish(
        place,
        one.terms if place is one.place else present[place.id],
        present[place.id],
        date.fromisoformat(body["check_in_on"]) if "check_in_on" in body else one.check_in_on,
        date.fromisoformat(body["check_out_on"]) if "check_out_on" in body else one.check_out_on,
        body.get("quantity", one.quantity),
        body.get("party_size", one.party_size),
    )


def is_too_soon(terms: Terms, check_in_on: date, now: datetime) -> bool:
    """Tonight can be had this evening, unless the terms ask for notice."""
    starts_at = datetime.combine(check_in_on, CHECK_IN, UTC)
    return check_in_on < now.date() or (terms.lead_days > 0 and starts_at - now < terms.lead_days * ONE_DAY)


def state_of(one: Stay, now: datetime) -> str:
    """An ended hold is none, before the clock has come by."""
    return "expired" if one.hold_ended(now) else one.state


def why_not(one: Stay, action: str, wish: Wish | None, now: datetime, *, by_staff: bool) -> str | None:
    """Why a step or a change has to be refused; None where it need not be."""
    state = state_of(one, now)
    if wish is not None:
        return None if state in ALIVE and wish.same(one) else _why_no_change(one, wish, now, by_staff=by_staff)
    if state not in FROM[action]:
        return "no such step"
    if action in {"confirm", "cancel", "check-in"} and now >= one.ends_at:
        return "it is over"
    if action == "confirm" and state == "pending" and not by_staff:
        return "staff decide"
    early = min(one.starts_at - EARLY, datetime.combine(one.check_in_on, time(), UTC))
    if action == "check-in" and now < early:
        return "too early"
    if action == "no-show" and now < one.starts_at:
        return "too early to have failed to come"
    if action == "undo" and (one.marked_at is None or now >= min(one.marked_at + UNDO, one.ends_at)):
        return "too late to undo"
    if action == "extend-hold" and one.extended:
        return "extended once"
    if action in {"approve-change", "reject-change"} and not one.waits:
        return "nothing waits"
    return None


def _why_no_change(one: Stay, wish: Wish, now: datetime, *, by_staff: bool) -> str | None:
    state = state_of(one, now)
    if state not in ALIVE:
        return "no such step"
    if now >= one.ends_at:
        return "it is over"
    here, elsewhere = state == "checked_in", wish.elsewhere(one)
    new_start = wish.check_in_on != one.check_in_on
    if (here or now >= one.starts_at) and (new_start or (elsewhere and not (here and by_staff))):
        return "it has begun"
    if here and elsewhere:
        return None  # from now on alone, which nights do not say
    free = [days for days, percent in one.terms.tiers if percent == 100]
    late = bool(free) and now > one.starts_at - min(free) * ONE_DAY
    if not by_staff and state in AGREED and wish.takes(one) and late:
        return "too late for a guest to change it"
    if wish.new_nights(one) & set(wish.present.closed_on):
        return "closed"
    given_up_at_front = not elsewhere and set(wish.nights) <= set(one.nights)
    judged_start = elsewhere or (new_start and not given_up_at_front)
    if judged_start and is_too_soon(wish.terms, wish.check_in_on, now):
        return "too soon"
    roomy = wish.party_size <= one.party_size and wish.party_size * one.quantity <= one.party_size * wish.quantity
    if (elsewhere or not roomy) and wish.party_size > wish.place.most_people * wish.quantity:
        return "too many people"
    return None


def has_to_be(one: Stay, action: str, wish: Wish | None, now: datetime, *, by_staff: bool) -> bool:
    """What no circumstance may refuse, if `why_not` has nothing against it."""
    state = state_of(one, now)
    if wish is not None:
        if wish.same(one):
            return True
        return not wish.takes(one) and wish.ends_at > now
    if action == "confirm":
        return state == "held"
    if action == "extend-hold":
        return one.hold_until is not None and one.hold_until < one.starts_at
    return action in {"cancel", "check-in", "check-out", "no-show"} or (action == "reject" and by_staff)


def course_of(one: Stay, wish: Wish, *, by_staff: bool) -> tuple[str, bool]:
    """The state after a change that is accepted, and whether the change waits while all stays as it is."""
    kind, own, elsewhere = wish.terms.confirmation, one.terms.confirmation, wish.elsewhere(one)
    if wish.same(one) or not wish.takes(one) or (one.state == "checked_in" and elsewhere):
        return one.state, False
    if one.state in AGREED:
        if not by_staff and "approval" in {kind, own}:
            return one.state, True
        if kind == "pending":
            return one.state, True
        if not by_staff and elsewhere and kind == "hold":
            return "held", False
        return one.state, False
    if not by_staff and elsewhere and kind != "instant":
        return ("held" if kind == "hold" else "pending"), False
    return one.state, False
