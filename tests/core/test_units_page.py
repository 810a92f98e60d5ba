"""The examples of docs/POLICIES.md about units and people: each is run."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest

from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import Share
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import UnitSet, blocked_by, place
from chalicelib.policies.model.policies import size_violations
from tests.policies.test_policies_page import table
from tests.subjects import HOURS, at, policy, resource, use

DURING = TimeRange(at("2026-11-25 10:00"), at("2026-11-25 11:00"))
EACH = {"one": 1, "two": 2, "six": 6}
HALL = UUID(int=7)
ROWS = table("## Units, people and closures")
PARTIES = [tuple(cell.strip("`") for cell in row) for row in ROWS if len(row) == 5 and row[0].isdigit()]
SHARES = [tuple(row) for row in ROWS if len(row) == 3 and row[0] != "draws"]


def units(text: str) -> UnitSet:
    """Such as `1`, `1 and 2` or `1 to 6`."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    return UnitSet.of(range(numbers[0], numbers[-1] + 1) if " to " in text else numbers)


@pytest.mark.parametrize(
    ("most", "counts", "quantity", "party_size", "answer"),
    PARTIES,
)
def test_as_many_people_come_as_the_examples_say(
    most: str, counts: str, quantity: str, party_size: str, answer: str
) -> None:
    wanted = use("2026-11-25 10:00", "2026-11-25 11:00", int(quantity), int(party_size))
    wanted = replace(wanted, resource=resource(9, int(most)))
    codes = [violation.code for violation in size_violations(policy(HOURS, capacity_counts=counts), wanted)]
    assert codes == ([] if answer == "accepted" else [answer])


@pytest.mark.parametrize(("draws", "taken", "remaining"), SHARES)
def test_shared_units_are_left_as_the_examples_say(draws: str, taken: str, remaining: str) -> None:
    places, each = draws.split(": ")[1].split(", ")
    share = Share(HALL, units(places), EACH[each.removesuffix(" each")])
    capacity = len(share.units) // share.units_each
    drawing = replace(resource(capacity), share=share)
    others = [
        Allocation(
            UUID(int=number), "reservation", DURING.starts_at, DURING.ends_at, UnitSet.of((number,)), pinned=False
        )
        for number in (UnitSet() if taken == "none" else units(taken))
    ]
    left = int(remaining)
    assert blocked_by(drawing, others, DURING, capacity)[0] == left
    for quantity in range(1, capacity + 1):
        assert (place(drawing, others, DURING, quantity) is not None) == (quantity <= left)
