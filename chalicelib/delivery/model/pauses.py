"""How long a channel waits before it tries a receiver again."""

from __future__ import annotations

FIRST_SECONDS, GROWTH = 5, 4
"""The pause after the first attempt, and how many times as long each pause is as the one before."""
MOST_STEPS = 20
"""Beyond that the longest pause is reached, whatever it is."""


def pause_before_next(number: int, share: float, longest_seconds: float) -> float:
    """Return how many seconds after the failed attempt of this number the next is made; `share` is random, 0 to 1."""
    pause = min(longest_seconds, FIRST_SECONDS * GROWTH ** min(number - 1, MOST_STEPS))
    return pause * (0.5 + share / 2)
