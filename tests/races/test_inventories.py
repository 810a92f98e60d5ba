"""An inventory is deleted or made smaller at the moment in which a resource is told to draw from it.

One transaction is held open where all is written and nothing committed; the other one runs into it. So every resource
draws from units that there are, whoever comes first. The controls run without the lock on the inventory's row.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.errors import ForeignKeyViolation

from chalicelib.catalogue.manage_inventories import change_inventory, create_inventory, delete_inventory
from chalicelib.catalogue.share_units import ShareWanted, UnitsWanted, share_units
from chalicelib.catalogue.storage import inventories
from chalicelib.core.errors import ConflictingResourcesError, InvalidInputError, NotFoundError, VersionMismatchError
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from tests.consistency.world import working
from tests.offers import Offer
from tests.races.desk import TENANT
from tests.races.test_shared_units import STAFF
from tests.races.test_terms import WAIT_SECONDS, blocked, held_open
from tests.races.test_units import HOURS

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.catalogue.model.inventories import Inventory
    from chalicelib.database.transaction import Database
    from tests.races.arena import Arena

    Work = Callable[[Database], object]


@pytest.fixture
def hall(arena: Arena) -> UUID:
    """An inventory of two units, from which the resource `east` does not draw yet."""
    arena.offer(Offer(slug="east", document=HOURS))
    made: list[UUID] = []

    def render(inventory: Inventory) -> Answer:
        made.append(inventory.id)
        return Answer(201, {}, "")

    with working(arena.database) as application:
        create_inventory(Context(application, TENANT, STAFF), "Hall", 2, render)
    return made[-1]


def drawing(inventory_id: UUID, application: Database) -> object:
    wanted = ShareWanted(UnitsWanted(inventory_id, [2]), 1, None)
    return share_units(Context(application, TENANT, STAFF), "east", wanted)


def needing(inventory_id: UUID, application: Database) -> object:
    wanted = ShareWanted(None, 1, UnitsWanted(inventory_id, [2]))
    return share_units(Context(application, TENANT, STAFF), "east", wanted)


def deleting(inventory_id: UUID, application: Database) -> object:
    return delete_inventory(Context(application, TENANT, STAFF), inventory_id)


def shrinking(inventory_id: UUID, application: Database) -> object:
    return change_inventory(Context(application, TENANT, STAFF), inventory_id, {"capacity": 1})


def renaming(inventory_id: UUID, application: Database) -> object:
    return change_inventory(Context(application, TENANT, STAFF, expected_version=1), inventory_id, {"name": "Annex"})


def second_ends(arena: Arena, first: Work, second: Work) -> BaseException | None:
    """What the one that waited for the other is refused with; the first one is done."""
    with ThreadPoolExecutor(2) as threads:
        with held_open(arena.database, threads, first) as done:
            waited = blocked(arena.database, threads, second)
        assert done.exception(WAIT_SECONDS) is None
        return waited.exception(WAIT_SECONDS)


@pytest.mark.parametrize("attaching", [drawing, needing])
@pytest.mark.parametrize("taking", [deleting, shrinking])
def test_what_a_resource_has_just_begun_to_draw_from_stays(
    arena: Arena, hall: UUID, attaching: Callable[..., object], taking: Callable[..., object]
) -> None:
    refusal = second_ends(arena, partial(attaching, hall), partial(taking, hall))
    assert isinstance(refusal, ConflictingResourcesError)
    assert [one.slug for one in refusal.resources] == ["east"]
    assert arena.broken() == set()


@pytest.mark.parametrize("attaching", [drawing, needing])
@pytest.mark.parametrize(("taking", "refused"), [(deleting, NotFoundError), (shrinking, InvalidInputError)])
def test_nothing_draws_from_what_has_just_been_taken_away(
    arena: Arena, hall: UUID, attaching: Callable[..., object], taking: Callable[..., object], refused: type[Exception]
) -> None:
    assert isinstance(second_ends(arena, partial(taking, hall), partial(attaching, hall)), refused)
    assert arena.broken() == set()


def test_of_two_changes_of_one_version_one_is_made(arena: Arena, hall: UUID) -> None:
    assert isinstance(second_ends(arena, partial(shrinking, hall), partial(renaming, hall)), VersionMismatchError)


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = inventories.SQL["lock_inventories"].replace("FOR NO KEY UPDATE", "")
    monkeypatch.setitem(inventories.SQL, "lock_inventories", statement)


def test_control_without_the_lock_a_resource_draws_from_units_that_there_are_not(
    arena: Arena, hall: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked(monkeypatch)
    with ThreadPoolExecutor(1) as threads, working(arena.database) as application:
        with held_open(arena.database, threads, partial(drawing, hall)) as drawn:
            shrinking(hall, application)
        assert drawn.exception(WAIT_SECONDS) is None
    assert arena.broken() == {"units_that_inventories_lack"}


def test_control_without_the_lock_only_the_foreign_key_keeps_what_a_resource_draws_from(
    arena: Arena, hall: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked(monkeypatch)
    assert isinstance(second_ends(arena, partial(drawing, hall), partial(deleting, hall)), ForeignKeyViolation)
    assert arena.broken() == set()


def test_control_without_lock_and_foreign_key_a_resource_draws_from_nothing(
    arena: Arena, hall: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked(monkeypatch)
    arena.execute("ALTER TABLE resources DROP CONSTRAINT resources_tenant_id_inventory_id_fkey")
    with ThreadPoolExecutor(1) as threads, working(arena.database) as application:
        with held_open(arena.database, threads, partial(drawing, hall)) as drawn:
            deleting(hall, application)
        assert drawn.exception(WAIT_SECONDS) is None
    assert arena.broken() == {"references_that_dangle"}


def _nothing(*_: Any) -> list[Any]:  # noqa: ANN401 - a protection that is off
    return []


def test_control_without_the_look_at_resources_their_units_are_taken_away(
    arena: Arena, hall: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventories, "resources_above", _nothing)
    with working(arena.database) as application:
        drawing(hall, application)
        shrinking(hall, application)
    assert arena.broken() == {"units_that_inventories_lack"}
