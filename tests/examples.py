"""How many examples a property is tried with: all of them in `--rest`, a quarter in every run."""

from __future__ import annotations

from hypothesis import settings

ALL = 100
"""As many as hypothesis tries by itself."""


def examples(most: int) -> int:
    """Return as many of these as the profile says, which is chosen before any test is read."""
    return max(1, most * settings().max_examples // ALL)
