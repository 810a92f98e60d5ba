"""A closure may reach into the past, but units that were in use then are not closed afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.availability.close_units import ClosureChange, ClosureRequest, preview_closure
from chalicelib.core.errors import ConflictingReservationsError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.http.context import Context
from tests.stage import MORNING, STAFF, TENANT, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.core.errors import ConflictingReservation
    from chalicelib.reservations.model.reservations import Reservation
    from tests.databases import Database
    from tests.stage import Stage

HOUR = timedelta(hours=1)
both_kinds = pytest.mark.parametrize("assignment", ["labelled", "pooled"])


def closing(stage: Stage, units: Sequence[int], first: float, last: float) -> ClosureRequest:
    during = TimeRange(MORNING + first * HOUR, MORNING + last * HOUR)
    return ClosureRequest(stage.resources["boats"], during, "Repairs", units)


def codes(found: Iterable[ConflictingReservation | Reservation]) -> list[str]:
    return [one.code for one in found]


@both_kinds
def test_units_that_were_in_use_are_not_closed_afterwards(database: Database, assignment: str) -> None:
    with open_stage(database, offer("boats", capacity=2, assignment=assignment)) as stage:
        gone = stage.reserve("boats", hours(1, 2))
        units = tuple(gone.units)
        stage.pass_by(3 * HOUR)
        stage.run()
        there = stage.reserve("boats", hours(3, 5))
        reaching_back = closing(stage, units, 1.5, 6)
        assert codes(preview_closure(Context(stage.application, TENANT, STAFF), reaching_back)) == codes([gone])
        with pytest.raises(
            ConflictingReservationsError, match=r"cannot be closed afterwards: close .* from now on"
        ) as no:
            stage.close(reaching_back)
        assert codes(no.value.reservations) == codes([gone])
        stage.close(closing(stage, units, 2, 6))  # nobody had them
        assert not set(units) & set(stage.read(there).units)
        assert stage.broken() == []


@both_kinds
def test_a_closure_that_has_begun_is_not_changed_to_units_in_use_meanwhile(database: Database, assignment: str) -> None:
    with open_stage(database, offer("boats", capacity=2, assignment=assignment)) as stage:
        closed = stage.close(closing(stage, (1,), 1, 6))
        gone = stage.reserve("boats", hours(2, 3))
        assert tuple(gone.units) == (2,)
        stage.pass_by(3 * HOUR)  # it is over at this instant, and no scheduled function has come by
        with pytest.raises(ConflictingReservationsError, match="from now on") as no:
            stage.change_closure(closed, ClosureChange(units=(2,)))
        assert codes(no.value.reservations) == codes([gone])
        stage.reopen(closed)
        stage.close(closing(stage, (2,), 3, 6))
        assert stage.reserve("boats", hours(3, 6)).units == closed.units
        assert stage.broken() == []


def test_who_is_only_in_the_way_from_now_on_is_to_be_moved_or_cancelled(database: Database) -> None:
    with open_stage(database, offer("boats")) as stage:
        to_come = stage.reserve("boats", hours(2, 3))
        stage.pass_by(HOUR)
        with pytest.raises(ConflictingReservationsError, match=rf"{to_come.code}\. Move or cancel them first\.$"):
            stage.close(closing(stage, (), 0, 4))
