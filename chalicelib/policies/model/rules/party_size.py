"""How many people may come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import MOST_PLACES, check_bounds
from chalicelib.core.wording import between_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class PartySize:
    """Bounds of the party; None is unlimited. What a resource can take at most is said by the resource."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = True
    asked: ClassVar = Asked.SIZE

    minimum: int | None = None
    maximum: int | None = None
    rule: Literal["party_size"] = "party_size"

    def __post_init__(self) -> None:
        check_bounds(self.minimum, self.maximum, MOST_PLACES)

    def check(self, wanted: Wanted, _facts: Facts) -> Iterator[Violation]:
        """Refuse a party that is too small or too large, see `Asked.SIZE`."""
        given = wanted.party_size
        had = None if wanted.present is None else wanted.present.party_size
        too_small = self.minimum is not None and given < self.minimum and (had is None or given < had)
        if too_small or (self.maximum is not None and given > self.maximum and (had is None or given > had)):
            code = "party_too_small" if too_small else "party_too_large"
            parameters = {"minimum": self.minimum, "maximum": self.maximum, "given": given}
            yield Violation(self.rule, code, "party_size", f"{self.explain()} You said {given}.", parameters)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        if self.minimum is None and self.maximum is None:
            return "Parties of any size are welcome."
        return f"A party is {between_text(self.minimum, self.maximum, 'guest')}."
