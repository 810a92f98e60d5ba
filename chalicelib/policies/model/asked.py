"""When a rule is asked about a change of a reservation: only about what is newly taken."""

from __future__ import annotations

from enum import Enum, auto


class Asked(Enum):
    """About what a rule is asked where a reservation changes. Of a new reservation all rules are asked.

    Who keeps what they have, or gives some of it up, needs no permission: a rule that came later, a size that was
    lowered or an hour of the day may not hold fast what a guest wants to give back.
    """

    NEW = auto()
    """Not at all: it is about whether there may be one more reservation."""
    START = auto()
    """About a start outside the time that it has already."""
    TIME = auto()
    """About each part of the time that it does not have already; all of it, if it wants more units or people."""
    ANYTHING = auto()
    """About the whole, if any of it is newly taken."""
    SIZE = auto()
    """About the whole. It has bounds, of which a maximum counts for what grows and a minimum for what gets smaller."""
