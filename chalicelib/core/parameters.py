"""Checks of a policy's parameters. Types are the reader's business (`chalicelib.policies.model.policy_documents`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import time

MOST_MINUTES = 5 * 366 * 1440
"""No length, notice or buffer is longer than five years."""
MOST_DAYS = 10 * 366
MOST_PLACES = 100_000
"""No resource has more units, and nothing is counted further."""


class ParameterError(ValueError):
    """A parameter that cannot be meant; `field` is its name in the JSON form."""

    def __init__(self, field: str, expectation: str) -> None:
        super().__init__(expectation)
        self.field = field


def check_number(field: str, number: int | None, least: int, most: int) -> None:
    """Refuse a number outside the bounds; None is unlimited."""
    if number is not None and not least <= number <= most:
        expectation = f"must be between {least} and {most}"
        raise ParameterError(field, expectation)


def check_bounds(minimum: int | None, maximum: int | None, most: int, *, least: int = 1) -> None:
    """Refuse a minimum and a maximum that no number can meet."""
    check_number("minimum", minimum, least, most)
    check_number("maximum", maximum, least, most)
    if minimum is not None and maximum is not None and minimum > maximum:
        expectation = f"must not be less than minimum ({minimum})"
        raise ParameterError("maximum", expectation)


def check_time(field: str, at: time) -> None:
    """Refuse a time of day that is not a whole minute of the wall clock."""
    if at.tzinfo is not None or at.second or at.microsecond:
        expectation = "must be a time of day in whole minutes without offset, such as 09:00"
        raise ParameterError(field, expectation)


def check_step(field: str, minutes: int) -> None:
    """Refuse a grid that does not meet the next midnight."""
    check_number(field, minutes, 1, 1440)
    if 1440 % minutes:
        expectation = "must divide a day of 1440 minutes, so that every day has the same grid"
        raise ParameterError(field, expectation)


LONGEST_EXPRESSION = 1000
