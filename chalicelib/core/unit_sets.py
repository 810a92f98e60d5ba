"""Sets of unit numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

UNBOUNDED = 2**31 - 1
"""The end of a run that has none: closures of a whole resource hold for units that it gets later, too."""


@dataclass(frozen=True, slots=True)
class UnitSet:
    """An immutable set of unit numbers, as sorted, half-open runs that neither overlap nor touch.

    Numbers count from 1; only the last run may be `UNBOUNDED`. Raises `ValueError` for runs in another form.
    """

    runs: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        previous_end = 0
        for first, end in self.runs:
            if not previous_end < first < end <= UNBOUNDED:
                message = f"Not sorted, separate runs of unit numbers: {self.runs}"
                raise ValueError(message)
            previous_end = end

    @classmethod
    def of(cls, numbers: Iterable[int]) -> UnitSet:
        """The set of these units."""
        runs: list[tuple[int, int]] = []
        for number in sorted(set(numbers)):
            first = runs.pop()[0] if runs and runs[-1][1] == number else number
            runs.append((first, number + 1))
        return cls(tuple(runs))

    @classmethod
    def span(cls, first: int, end: int) -> UnitSet:
        """The units from `first` to before `end`."""
        return cls(((first, end),))

    def __str__(self) -> str:
        """As a person reads it: 1 to 4, 7."""
        return ", ".join(str(first) if end == first + 1 else f"{first} to {end - 1}" for first, end in self.runs)

    def __len__(self) -> int:
        return sum([end - first for first, end in self.runs])

    def __iter__(self) -> Iterator[int]:
        return (number for first, end in self.runs for number in range(first, end))

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(first <= number < end for first, end in self.runs)

    def __or__(self, other: UnitSet) -> UnitSet:
        return self._combined(other, lambda mine, theirs: mine or theirs)

    def __and__(self, other: UnitSet) -> UnitSet:
        return self._combined(other, lambda mine, theirs: mine and theirs)

    def __sub__(self, other: UnitSet) -> UnitSet:
        return self._combined(other, lambda mine, theirs: mine and not theirs)

    def _combined(self, other: UnitSet, keeps: Callable[[bool, bool], bool]) -> UnitSet:
        """Walk along the ends of all runs; between two neighbouring ones membership does not change."""
        mine = {edge for run in self.runs for edge in run}
        theirs = {edge for run in other.runs for edge in run}
        edges: list[int] = []
        in_mine = in_theirs = kept = False
        for edge in sorted(mine | theirs):
            in_mine ^= edge in mine
            in_theirs ^= edge in theirs
            if keeps(in_mine, in_theirs) != kept:
                kept = not kept
                edges.append(edge)
        return UnitSet(tuple(zip(edges[::2], edges[1::2], strict=True)))


def numbers_of(units: UnitSet) -> list[int] | None:
    """The units one by one, as everything that is sent has them; None where they have no end, which means all."""
    return None if units.runs and units.runs[-1][1] == UNBOUNDED else list(units)
