"""What availability offers is what admission accepts, however full and however fixed the units are."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

BUFFERS = {"rule": "buffers", "before_minutes": 0, "after_minutes": 24 * 60}
DAYS = 9


def nights(first: int, length: int) -> dict[str, str]:
    return {"check_in_on": in_days(first), "check_out_on": in_days(first + length)}


def fill(tenant: Tenant, random: Random, *, labelled: bool) -> None:
    """Make some reservations, of which some keep a room that was promised, are in it, or leave; close some units."""
    for _ in range(12):
        first, length = random.randrange(DAYS), random.randint(1, 4)
        match random.choice(["any", "any", "any", "unit", "close", "cancel"]):
            case "unit" if labelled:
                tenant.reserve("rooms", **nights(first, length), unit=random.randint(1, 4))
            case "close":
                day = in_days(first)
                tenant.try_to_close(
                    "rooms", starts_at=f"{day}T18:00Z", ends_at=f"{day}T20:00Z", units=[random.randint(1, 4)]
                )
            case kind:
                made = tenant.reserve("rooms", **nights(first, length), quantity=random.choice([1, 1, 2]))
                if made.status_code == 201 and kind == "cancel":
                    tenant.cancelled(made.json())
                elif made.status_code == 201 and first == 0:
                    tenant.staff(f"/reservations/{made.json()['id']}/check-in")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("assignment", ["labelled", "pooled"])
def test_a_stay_is_offered_exactly_where_it_can_be_had(
    assignment: str, seed: int, make_tenant: Callable[..., Tenant]
) -> None:
    random = Random(f"{assignment} {seed}")  # noqa: S311 - the same cases every time
    document = policy(STAY, *([BUFFERS] if seed % 2 else []))
    tenant = make_tenant(Offer(slug="rooms", document=document, capacity=4, assignment=assignment))
    fill(tenant, random, labelled=assignment == "labelled")
    refused = 0
    for first in range(DAYS):
        for length in (1, 2, 4):
            quantity = random.choice([1, 2])
            wanted = {**nights(first, length), "quantity": quantity}
            [match] = tenant.get("/availability", **wanted).json()["items"]
            made = tenant.reserve("rooms", **wanted)
            assert (made.status_code == 201) == match["bookable"], made.text
            if made.status_code == 201:
                tenant.cancelled(made.json())
            else:
                refused += 1
                assert match["blocked_by"] == made.json()["blocked_by"]
                assert match["remaining"] >= made.json()["free"]
    assert refused
