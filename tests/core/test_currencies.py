"""Currencies are those of ISO 4217, each with its own minor unit."""

from __future__ import annotations

import pytest

from chalicelib.core.currencies import DECIMALS, NO_DECIMALS, THREE_DECIMALS, TWO_DECIMALS, check_currency
from chalicelib.core.money import money_text


@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "CHF", "XOF", "SLE", "XCG"])
def test_currencies_in_use_are_known(code: str) -> None:
    assert check_currency(code) == code


@pytest.mark.parametrize("code", ["ABC", "XXX", "XTS", "XAU", "CHE", "HRK", "DEM", "eur", ""])
def test_what_nothing_is_paid_in_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        check_currency(code)


def test_no_code_is_listed_twice() -> None:
    assert len(DECIMALS) == len(f"{NO_DECIMALS} {TWO_DECIMALS} {THREE_DECIMALS}".split()) > 150


def test_amounts_are_written_in_the_minor_units_of_their_currency() -> None:
    assert [money_text(12345, code) for code in ("EUR", "JPY", "KWD")] == ["123.45 EUR", "12,345 JPY", "12.345 KWD"]
