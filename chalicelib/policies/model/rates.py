"""A tenant's rates, as a policy has them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.core.parameters import MOST_PLACES, ParameterError, check_number
from chalicelib.core.text import check_line
from chalicelib.core.time_ranges import WEEKDAYS, DateRange, Weekday, season_of

if TYPE_CHECKING:
    from datetime import date


MOST_EXACT = 2**53 - 1
"""No computed amount is larger: JSON readers keep integers exactly as far as this (RFC 8259, section 6)."""
MOST_AMOUNT = 10**12
"""No amount in rates is larger."""
MOST_PERCENT = 10_000
MOST_TEXTS = 20
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Base:
    """What a use costs before anything else: for each unit, or for each person where it is per person."""

    per: Literal["night", "slot", "hour", "person"]
    amount: int

    def __post_init__(self) -> None:
        check_number("amount", self.amount, 0, MOST_AMOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Season(DateRange):
    """A time of other prices: an `amount` instead of the base amount, or a `percent` of it; one of the two."""

    name: str
    percent: int | None = None
    amount: int | None = None

    def __post_init__(self) -> None:
        DateRange.__post_init__(self)
        if (self.percent is None) == (self.amount is None):
            expectation = "must be given if amount is not, and only then"
            raise ParameterError("percent", expectation)
        check_number("percent", self.percent, 0, MOST_PERCENT)
        check_number("amount", self.amount, 0, MOST_AMOUNT)


@dataclass(frozen=True, slots=True)
class WeekdayRate:
    """A percentage of the price on some days of the week: the night's evening, or the day of the use."""

    weekdays: tuple[Weekday, ...]
    percent: int

    def __post_init__(self) -> None:
        check_number("percent", self.percent, 0, MOST_PERCENT)


@dataclass(frozen=True, slots=True)
class ExtraGuests:
    """What each person costs beyond those that are included with each unit."""

    included: int
    amount: int

    def __post_init__(self) -> None:
        check_number("included", self.included, 0, MOST_PLACES)
        check_number("amount", self.amount, 0, MOST_AMOUNT)


@dataclass(frozen=True, slots=True)
class LengthOfStay:
    """A discount from a length on: hours where the base is per hour, otherwise nights."""

    minimum: int
    percent_off: int

    def __post_init__(self) -> None:
        check_number("minimum", self.minimum, 1, MOST_PLACES)
        check_number("percent_off", self.percent_off, 0, 100)


@dataclass(frozen=True, slots=True)
class Fee:
    """Something that costs extra."""

    name: str
    amount: int
    per: Literal["reservation", "night", "unit", "person"]

    def __post_init__(self) -> None:
        check_number("amount", self.amount, 0, MOST_AMOUNT)


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax in hundredths of a percent. `included`: the prices contain it already."""

    name: str
    basis_points: int
    included: bool

    def __post_init__(self) -> None:
        check_number("basis_points", self.basis_points, 0, 100_000)


@dataclass(frozen=True, slots=True)
class Rates:
    """All prices of a policy, in minor units of the tenant's currency. Raises `ValueError` for a contradiction.

    `includes` and `excludes` are short texts for guests, in the tenant's language: what is in the prices, and what is
    paid besides, that does not follow from fees and taxes (`price_contents`).
    """

    base: Base
    seasons: tuple[Season, ...] = ()
    weekdays: tuple[WeekdayRate, ...] = ()
    extra_guests: ExtraGuests | None = None
    length_of_stay: tuple[LengthOfStay, ...] = ()
    fees: tuple[Fee, ...] = ()
    taxes: tuple[Tax, ...] = ()
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = Counter(weekday for rate in self.weekdays for weekday in rate.weekdays)
        twice = [weekday for weekday, times in named.items() if times > 1]
        if twice:
            expectation = f"must name each day at most once; {', '.join(twice)} is there again"
            raise ParameterError("weekdays", expectation)
        for member, texts in (("includes", self.includes), ("excludes", self.excludes)):
            _check_texts(member, texts)
        both = sorted({*self.includes} & {*self.excludes})
        if both:
            expectation = f"must not name what includes has as well: {both[0]}"
            raise ParameterError("excludes", expectation)


def _check_texts(member: str, texts: tuple[str, ...]) -> None:
    if len(texts) > MOST_TEXTS:
        expectation = f"must be at most {MOST_TEXTS} texts"
        raise ParameterError(member, expectation)
    if len({*texts}) < len(texts):
        expectation = "must name each only once"
        raise ParameterError(member, expectation)
    for text in texts:
        if text != text.strip() or not 1 <= len(text) <= LONGEST_TEXT:
            expectation = f"must be texts of 1 to {LONGEST_TEXT} characters, without blanks around them"
            raise ParameterError(member, expectation)
        try:
            check_line(text)
        except ValueError as refusal:
            raise ParameterError(member, str(refusal)) from None


def highest_base(rates: Rates) -> int:
    """Return what no price of one night, slot, hour or person is above, whenever it is."""
    return max(
        RateTerms(season, weekday).amount(rates.base.amount, 1, 1)
        for season in (None, *rates.seasons)
        for weekday in (None, *rates.weekdays)
    )


@dataclass(frozen=True, slots=True)
class RateTerms:
    """The rates that hold on a date: those that are listed, or None."""

    season: Season | None
    weekday: WeekdayRate | None

    @property
    def names(self) -> tuple[str, ...]:
        """How to tell a customer about it."""
        season = () if self.season is None else (self.season.name,)
        return season if self.weekday is None else (*season, "/".join(self.weekday.weekdays))

    @property
    def parameters(self) -> dict[str, Any]:
        """The same for those who say it in another language than ours: the season's name, the weekdays' codes."""
        season = {} if self.season is None else {"season": self.season.name}
        return season if self.weekday is None else {**season, "weekdays": [*self.weekday.weekdays]}

    def amount(self, base: int, share: int, of: int) -> int:
        """The price at these rates of `share` parts `of` the whole that costs `base`."""
        if self.season is not None and self.season.amount is not None:
            base = self.season.amount
        season_percent = 100 if self.season is None or self.season.percent is None else self.season.percent
        weekday_percent = 100 if self.weekday is None else self.weekday.percent
        return half_up(base * season_percent * weekday_percent * share, 100 * 100 * of)


def terms_on(rates: Rates, on: date) -> RateTerms:
    """Return what applies on a day: its season and its weekday."""
    weekday = WEEKDAYS[on.weekday()]
    return RateTerms(
        season=season_of(rates.seasons, on),
        weekday=next((rate for rate in rates.weekdays if weekday in rate.weekdays), None),
    )


def half_up(numerator: int, denominator: int) -> int:
    """Divide, and round halves up."""
    """The nearest integer to a fraction that is not negative, half a unit up."""
    return (2 * numerator + denominator) // (2 * denominator)
