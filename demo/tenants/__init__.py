"""The eight demo tenants, one module each: `content(today)` returns everything about one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.tenants import (
    conference_center,
    grand_hotel,
    harbor_cowork,
    open_tutoring,
    pine_cabins,
    summit_tours,
    team_rooms,
    trail_rentals,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from demo.content import Tenant

CONTENTS: Sequence[Callable[[date], Tenant]] = (
    pine_cabins.content,
    grand_hotel.content,
    harbor_cowork.content,
    open_tutoring.content,
    conference_center.content,
    team_rooms.content,
    summit_tours.content,
    trail_rentals.content,
)


def all_tenants(today: date) -> list[Tenant]:
    """Return every demo tenant as of a day: seasons and holidays are those of that day's year and the next two."""
    return [content(today) for content in CONTENTS]
