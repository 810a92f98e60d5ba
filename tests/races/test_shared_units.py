"""Resources that share units: races for these, and for what it is that a resource draws from."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.availability.storage import admission
from chalicelib.catalogue.share_units import ShareWanted, UnitsWanted, share_units
from chalicelib.core.errors import ConflictingReservationsError
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from tests.offers import SLOT, Offer, policy
from tests.races.desk import DONE, TENANT, Desk
from tests.races.test_terms import WAIT_SECONDS, blocked, held_open
from tests.races.test_units import HOURS, NOON, UNPROTECTED, hours

if TYPE_CHECKING:
    from uuid import UUID

    import pytest

    from chalicelib.catalogue.manage_resources import Details
    from chalicelib.database.transaction import Database
    from tests.races.arena import Arena
    from tests.races.desk import Result

STAFF = Actor("staff", None, None)
TOUR = policy(SLOT, per="slot")
NEEDS = "UPDATE resources SET needs_inventory_id = '{guide}', needs_units = '{{[1,2)}}' WHERE slug != 'guide'"
DAY = [(NOON - timedelta(hours=4), NOON + timedelta(hours=8))]


def drawing(slug: str, inventory_id: UUID, application: Database) -> Details:
    wanted = ShareWanted(UnitsWanted(inventory_id, [1]), 1, None)
    return share_units(Context(application, TENANT, STAFF), slug, wanted)


def reserving(resource_id: UUID, application: Database) -> Result:
    return Desk(application).create(resource_id, hours(0, 1))


def race_for_a_guide(arena: Arena) -> Counter[tuple[str, str]]:
    """How attempts at two tours ended that need the same guide, eight at each."""
    tours = [Offer(slug=slug, document=TOUR, capacity=9, windows=DAY) for slug in ("peak", "lake")]
    ids = arena.offer(*tours, Offer(slug="guide", document=HOURS))
    arena.execute(NEEDS.format(guide=ids["guide"]))
    wanted = ["peak", "lake"] * 8
    attempts = [partial(Desk.create, resource_id=ids[slug], times=hours(0, 1)) for slug in wanted]
    results = arena.race(attempts, meeting=12)
    return Counter((slug, result.code) for slug, result in zip(wanted, results, strict=True))


def test_of_two_tours_that_need_a_guide_one_takes_place_with_all_its_guests(arena: Arena) -> None:
    ended = race_for_a_guide(arena)
    [leads] = [slug for slug, code in ended if code == DONE]
    [stays] = {"peak", "lake"} - {leads}
    assert ended == {(leads, DONE): 8, (stays, "no_capacity"): 8}
    assert arena.broken() == set()


def test_control_a_guide_leads_two_tours_without_the_constraint(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    ended = race_for_a_guide(arena)
    assert {slug for slug, code in ended if code == DONE} == {"peak", "lake"}
    assert "units_used_twice" in arena.broken()


def two_services(arena: Arena) -> tuple[UUID, UUID]:
    ids = arena.offer(*(Offer(slug=slug, document=HOURS) for slug in ("massage", "yoga")))
    arena.execute("DROP TRIGGER gate ON allocations")
    return ids["massage"], ids["yoga"]


def test_what_a_resource_draws_from_stays_for_whom_it_is_being_reserved(arena: Arena) -> None:
    massage, yoga = two_services(arena)
    with ThreadPoolExecutor(2) as threads:
        with held_open(arena.database, threads, partial(reserving, yoga)) as reserved:
            shared = blocked(arena.database, threads, partial(drawing, "yoga", massage))
        assert isinstance(shared.exception(WAIT_SECONDS), ConflictingReservationsError)
        assert reserved.result(WAIT_SECONDS)
    assert arena.broken() == set()


def reserve_while_sharing(arena: Arena) -> None:
    massage, yoga = two_services(arena)
    with ThreadPoolExecutor(2) as threads:
        with held_open(arena.database, threads, partial(drawing, "yoga", massage)) as shared:
            reserved = blocked(arena.database, threads, partial(reserving, yoga))
        assert shared.result(WAIT_SECONDS)
        assert getattr(reserved.result(WAIT_SECONDS), "code", None) == DONE


def test_units_are_taken_of_what_a_resource_draws_from_by_now(arena: Arena) -> None:
    reserve_while_sharing(arena)
    assert arena.broken() == set()


def test_control_units_are_taken_of_what_a_resource_drew_from_where_its_row_is_not_locked(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    for statement in ("take_units", "take_part"):
        monkeypatch.setitem(admission.SQL, statement, admission.SQL[statement].replace("FOR KEY SHARE", ""))
    reserve_while_sharing(arena)
    assert arena.broken() == {"units_that_differ"}
