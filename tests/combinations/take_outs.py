"""Each mend taken out by its name, so that the machine can show that it would find the fault again.

A take-out replaces functions while the API and the jobs run in this process; `without` puts everything back. What
each one brings back, and with which seed it was found, says `docs/COMBINATIONS.md`.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from chalicelib.availability import availability_facts, close_units, ended_holds, waitlist_precedence
from chalicelib.availability.model import boards, needs, vacating
from chalicelib.availability.storage import admission
from chalicelib.catalogue.storage import inventories
from chalicelib.core.resources import Resource
from chalicelib.jobs import isolation
from chalicelib.policies.model import policies
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations import (
    change_reservation,
    change_series,
    confirm_reservation,
    extend_hold,
    read_reservation,
    transition_reservation,
    undo_transition,
)
from chalicelib.reservations.model import dues, guest_changes, reservations
from chalicelib.terms import terms
from chalicelib.terms.model.terms import Terms
from chalicelib.terms.storage import terms as resources
from chalicelib.waiting import promotion_page

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from chalicelib.core.units import Part

Fact = Any
"""Whatever the function that is replaced is given or gives."""
Put = tuple[object, str, Fact]


def _nothing(*_: object, **__: object) -> None:
    """Do nothing."""


def _everywhere(function: Callable[..., Fact], other: Fact) -> list[Put]:
    """Every module of the product that knows a function by its name."""
    name = function.__name__
    known = [module for path, module in sys.modules.items() if path.startswith("chalicelib")]
    return [(module, name, other) for module in known if getattr(module, name, None) is function]


def _present_terms(transaction: Fact, wanted: Fact) -> Fact:
    """The terms that a resource has by now, instead of those of its reservation."""
    known = list(wanted)
    offered = {
        one.resource.id: one
        for one in resources.read_terms(transaction, resource_ids=[each.resource_id for each in known])
    }
    kept = _ALL_TERMS_OF(transaction, known)
    return {
        terms.terms_key(one): replace(
            kept[terms.terms_key(one)],
            policy=offered[one.resource_id].policy,
            policy_id=offered[one.resource_id].policy_id,
            policy_version=offered[one.resource_id].policy_version,
        )
        if one.resource_id in offered
        else kept[terms.terms_key(one)]
        for one in known
    }


def _terms_of_what_is_offered(transaction: Fact, wanted: Fact) -> Fact:
    known = list(wanted)
    for one in known:
        terms.offered_terms(transaction, one.resource_id)
    return _ALL_TERMS_OF(transaction, known)


def _own_terms_elsewhere(transaction: Fact, before: Fact, resource_id: Fact) -> Fact:
    own = terms.terms_of(transaction, before)
    if resource_id in {None, before.resource_id}:
        return own
    return replace(terms.room_terms(transaction, before, resource_id), present=None)


def _all_at_once(before: Fact, *_: object, **__: object) -> Fact:
    return guest_changes.Course(before.state, before.waits_for)


def _judged_whole(wanted: Fact) -> Fact:
    return (replace(wanted, present=None),)


def _less_is_put_back(board: Fact, taken: Fact) -> None:
    for allocation in taken.allocations:
        board._note(allocation)  # noqa: SLF001 - the fault, as it was


def _one_raises(_run: Fact, _item: object, work: Callable[[], int], _tenant: str | None = None) -> int:
    return work()


def _all_are_stuck(_resource: Fact, allocations: Fact, closing: Part, _now: Fact) -> Fact:
    stuck = [one for one in allocations if one.owner_kind != "closure" and _meets(one, closing)]
    return vacating.Vacated(stuck=tuple(stuck))


def _meets(one: Fact, closing: Part) -> bool:
    return (
        bool(one.units & closing.units)
        and one.starts_at < closing.during.ends_at
        and closing.during.starts_at < one.ends_at
    )


def _counting_alone(outlook: Fact, blocked: Fact, quantity: int) -> bool:
    return outlook.profile.remaining(blocked) >= quantity


def _settled_and_forgotten(*facts: Fact) -> Fact:
    return replace(_SETTLED(*facts), nonrefundable=0)


def _no(_: Fact) -> bool:
    return False


def _none(_: Fact) -> tuple[()]:
    return ()


def _nothing_draws(*_: Fact) -> tuple[()]:
    return ()


def _all_of_it(*_: Fact) -> int:
    return 100


def _held_since_now(transaction: Fact, *wanted: Fact) -> Fact:
    return replace(_FIND_RESERVATION(transaction, *wanted), held_since=transaction.now)


def _as_it_is(wanted: Fact, *_: Fact) -> Fact:
    return wanted


def _units_it_had(_: Fact, before: Fact) -> Fact:
    return before.units


def _own_policy(one: Fact) -> Fact:
    return one.policy


def _stored_state(one: Fact, _: Fact) -> Fact:
    return one.state


def _as_many_as_in_one(_: Fact, resource: Fact, __: Fact) -> Fact:
    return resource.max_party_size


def _minutes_before(one: Fact, early: Fact, _: Fact) -> Fact:
    return one.during.starts_at - early * _MINUTE


def _own_id(one: Fact) -> Fact:
    return one.id


_MINUTE = timedelta(minutes=1)
_SETTLED = dues._settled  # pyright: ignore[reportPrivateUsage] # noqa: SLF001 - what is taken out
_FIND_RESERVATION = read_reservation.find_reservation
_ALL_TERMS_OF = terms.all_terms_of
TAKE_OUTS: dict[str, list[Put]] = {
    "A1-terms": [(terms, "all_terms_of", _present_terms), (promotion_page, "all_terms_of", _present_terms)],
    "A2-archived": [(terms, "all_terms_of", _terms_of_what_is_offered)],
    "A3-giving-up": [
        (Wanted, "taken", property(_judged_whole)),
        (policies, "_as_roomy", _no),
    ],
    "A3-nothing-changes": [(Wanted, "changes_nothing", property(_no))],
    "A4-granted-hold": [(confirm_reservation, "present_of", _nothing)],
    "A4-longer-hold": [(extend_hold, "find_reservation", _held_since_now)],
    "A5-never-owed": [
        (dues, "OWING_STATES", dues.OWING_STATES | {reservations.State.HELD, reservations.State.PENDING})
    ],
    "A5-tiers": [(dues, "refund_percent", _all_of_it)],
    "A6-cancelling": _everywhere(guest_changes.check_guest_change, _nothing),
    "A6-approval": _everywhere(guest_changes.course_of, _all_at_once),
    "A6-moved-away": [(dues, "_settled", _settled_and_forgotten)],
    "A7-new-claim": [(change_reservation, "target_terms", _own_terms_elsewhere)],
    "A7-begun": [(change_reservation, "check_begun", _nothing)],
    "A7-over": [(reservations, "BEFORE_THE_END", frozenset[Fact]())],
    "A7-from-now-on": [(change_reservation, "_from_now_on", _as_it_is)],
    "A8-leaving-early": [(transition_reservation, "free_units_from", _nothing)],
    "A8-undo": [(undo_transition, "_taken_again", _units_it_had)],
    "A9-series": [(change_series, "free_units", _nothing)],
    "A10-closed-days": [(Terms, "judging", property(_own_policy))],
    "B1-put-back": [(boards.Board, "put_back", _less_is_put_back)],
    "B1-isolation": [(isolation.Isolated, "one", _one_raises)],
    "C1-listed": [(availability_facts.Outlook, "fits", _counting_alone)],
    "C3-strangers": _everywhere(waitlist_precedence.respect_waitlist, _nothing),
    "C3-at-once": _everywhere(waitlist_precedence.offer_afterwards, _nothing),
    "C4-ended-hold": [
        *_everywhere(ended_holds.expire, _nothing),
        *_everywhere(ended_holds.expire_ended_holds, _nothing),
    ],
    "C4-ended-is-ended": _everywhere(reservations.state_at, _stored_state),
    "C5-people": [(policies.Policy, "most_people", _as_many_as_in_one)],
    "C6-rates": [(policies, "_unfit_rates", _none)],
    "C11-early": _everywhere(reservations.check_in_from, _minutes_before),
    "C12-closures": _everywhere(vacating.vacate, _all_are_stuck),
    "C12-twice": [(close_units, "_refuse_twice", _nothing)],
    "C14-guide": [(admission, "take_needs", _nothing), *_everywhere(needs.reasons_of, _none)],
    "C14-inventories": [(inventories, "resources_above", _nothing_draws)],
    "C14-shares": [(Resource, "inventory_id", property(_own_id))],
}
"""What is put in place of what, by the fault that comes back."""


@contextmanager
def without(name: str) -> Generator[None]:
    """Take a mend out for a while. Raises `KeyError` for a name that there is not."""
    with ExitStack() as stack:
        for owner, attribute, other in TAKE_OUTS[name]:
            stack.enter_context(patch.object(owner, attribute, other))
        yield
