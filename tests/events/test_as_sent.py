"""What events say is sent in one form: instants in Z, units as numbers, money with its currency and decimals."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.unit_sets import UNBOUNDED
from chalicelib.events.as_sent import as_sent

PRICE: dict[str, Any] = {"currency": "JPY", "total": 24000, "lines": []}


def test_nothing_is_sent_as_nothing() -> None:
    assert as_sent(None) is None
    assert as_sent({}) == {}


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ("2027-05-14T22:00:00+00:00", "2027-05-14T22:00:00Z"),
        ("2027-05-14T22:00:00.123456+00:00", "2027-05-14T22:00:00.123456Z"),
        ("2027-05-14", "2027-05-14"),
        ("closed until 2027-05-14T22:00:00+00:00", "closed until 2027-05-14T22:00:00+00:00"),
        (None, None),
        (["2027-05-14T22:00:00+00:00"], ["2027-05-14T22:00:00Z"]),
    ],
)
def test_an_instant_ends_in_z_and_a_text_is_left_alone(stored: object, sent: object) -> None:
    assert as_sent({"ends_at": stored}) == {"ends_at": sent}


@pytest.mark.parametrize(
    ("stored", "sent"),
    [([[1, 2]], [1]), ([[1, 3], [5, 6]], [1, 2, 5]), ([], []), ([[1, UNBOUNDED]], None), ([[3, UNBOUNDED]], None)],
)
def test_units_are_numbers_wherever_they_stand(stored: list[list[int]], sent: list[int] | None) -> None:
    needs: dict[str, Any] = {"units": stored, "inventory_id": "0192f0c4"}
    assert as_sent({"units": stored, "needs": needs}) == {"units": sent, "needs": {**needs, "units": sent}}


def test_amounts_have_the_currency_of_the_price_and_its_decimals() -> None:
    money = {"currency": "JPY", "decimals": 0}
    assert as_sent({"price": PRICE, "due": 24000, "retained": 0, "refund": 5, "quantity": 2}) == {
        "price": {**money, "total": 24000, "lines": []},
        "due": {**money, "total": 24000},
        "retained": {**money, "total": 0},
        "refund": {**money, "total": 5},
        "quantity": 2,
    }


def test_what_is_sent_is_made_anew() -> None:
    stored: dict[str, Any] = {"price": PRICE, "due": 1, "units": [[1, 2]]}
    as_sent(stored)
    assert stored == {"price": PRICE, "due": 1, "units": [[1, 2]]}
    assert PRICE == {"currency": "JPY", "total": 24000, "lines": []}
