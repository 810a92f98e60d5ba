"""What a reservation costs: a tenant's rates, and the quote that they make of a use.

Money is an integer of minor units (cents of EUR) throughout; shares and percentages are fractions of integers, and each
amount is rounded once, half a unit up, where it enters a line. The lines of a quote add up to its total.

A quote is worked out in this order, of which each step is one kind of line:
1. the base price: per night at the rates of each night, per hour at those of each hour, per slot or person at those of
   the day on which it begins. A season's own amount takes the place of the base amount, then its percentage and the
   weekday's are applied; of several seasons the one listed last counts. Hours are prorated to the microsecond
2. extra guests, per night where the base is per night, otherwise once
3. the discount for the length of stay, on the base price
4. fees
5. taxes on all of that: what is not included is added, what is included is only told
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from chalicelib.domain.currencies import DECIMALS
from chalicelib.domain.errors import InvalidInputError, PriceChangedError
from chalicelib.domain.parameters import MOST_PLACES, ParameterError, check_number
from chalicelib.domain.time_ranges import WEEKDAYS, DateRange, Weekday, days, season_of
from chalicelib.domain.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from chalicelib.domain.days import Days
    from chalicelib.domain.policies import Policy, Wanted
    from chalicelib.domain.time_ranges import TimeRange

MOST_AMOUNT = 10**12
"""No amount in rates is larger."""
MOST_EXACT = 2**53 - 1
"""No computed amount is larger: JSON readers keep integers exactly as far as this (RFC 8259, section 6)."""
MOST_PERCENT = 10_000
MOST_REMEMBERED = 1000
HOUR = timedelta(hours=1)


def money_text(amount: int, currency: str) -> str:
    """Write an amount of minor units for people, such as `123.45 EUR`."""
    decimals = DECIMALS.get(currency, 2)
    return f"{Decimal(amount).scaleb(-decimals):,.{decimals}f} {currency}"


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
    """All prices of a policy, in minor units of the tenant's currency. Raises `ValueError` for a contradiction."""

    base: Base
    seasons: tuple[Season, ...] = ()
    weekdays: tuple[WeekdayRate, ...] = ()
    extra_guests: ExtraGuests | None = None
    length_of_stay: tuple[LengthOfStay, ...] = ()
    fees: tuple[Fee, ...] = ()
    taxes: tuple[Tax, ...] = ()

    def __post_init__(self) -> None:
        named = Counter(weekday for rate in self.weekdays for weekday in rate.weekdays)
        twice = [weekday for weekday, times in named.items() if times > 1]
        if twice:
            expectation = f"must name each day at most once; {', '.join(twice)} is there again"
            raise ParameterError("weekdays", expectation)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a quote: `amount` is `quantity` times `unit_amount`.

    `kind` is base, extra_guests, discount, fee, tax or included_tax. An included tax has the quantity 0: its
    `unit_amount` says what the prices contain, and adds nothing.
    """

    kind: str
    label: str
    quantity: int
    unit_amount: int
    amount: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A price: `total` is the sum of the lines, in minor units of `currency` (ISO 4217)."""

    currency: str
    total: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ExpectedPrice:
    """What something may cost, in minor units: neither more nor less. `currency` None: whatever the tenant's is."""

    total: int
    currency: str | None

    def check(self, price: Quote) -> None:
        """Refuse another price. Raises `PriceChangedError`."""
        if (self.total, self.currency or price.currency) != (price.total, price.currency):
            expected = money_text(self.total, self.currency or price.currency)
            message = (
                f"It costs {money_text(price.total, price.currency)}, and the request expects {expected}. Nothing was "
                "stored; send it again with the new price if that is accepted."
            )
            raise PriceChangedError(message, price)


def sum_of(prices: Sequence[Quote], currency: str) -> Quote:
    """Return what several things cost together, line by line."""
    return Quote(currency, sum(one.total for one in prices), tuple(line for one in prices for line in one.lines))


def quote(policy: Policy, currency: str, wanted: Wanted, zone: ZoneInfo) -> Quote:
    """Work out the price of a use; see the beginning of this file for how. `zone` decides on which day something is.

    What is charged for each unit is charged for each person where the policy counts capacity by people. Raises
    `InvalidInputError` for so much that JSON readers would not keep an amount exactly.
    """
    rates = policy.rates
    there = policy.days(zone)
    wanted = replace(wanted, quantity=policy.units_taken(wanted.quantity, wanted.party_size))
    base = list(_base_lines(rates, wanted, there))
    lines = [*base, *_extra_guests(rates, wanted, there), *_discount(rates, base, wanted, there)]
    lines += _fees(rates, wanted, there)
    lines += [*_taxes(rates, sum(line.amount for line in lines))]
    total = sum(line.amount for line in lines)
    if any(abs(amount) > MOST_EXACT for line in lines for amount in (line.unit_amount, line.amount, total)):
        message = f"This would cost more than {MOST_EXACT} minor units of {currency}; ask for fewer, or a shorter time."
        raise InvalidInputError("quantity", message)
    return Quote(currency, total, tuple(lines))


@dataclass(frozen=True, slots=True)
class _Terms:
    """The rates that hold on a date: those that are listed, or None."""

    season: Season | None
    weekday: WeekdayRate | None

    @property
    def names(self) -> tuple[str, ...]:
        """How to tell a customer about it."""
        season = () if self.season is None else (self.season.name,)
        return season if self.weekday is None else (*season, "/".join(self.weekday.weekdays))

    def amount(self, base: int, share: int, of: int) -> int:
        """The price at these rates of `share` parts `of` the whole that costs `base`."""
        if self.season is not None and self.season.amount is not None:
            base = self.season.amount
        season_percent = 100 if self.season is None or self.season.percent is None else self.season.percent
        weekday_percent = 100 if self.weekday is None else self.weekday.percent
        return _half_up(base * season_percent * weekday_percent * share, 100 * 100 * of)


def _terms(rates: Rates, on: date) -> _Terms:
    weekday = WEEKDAYS[on.weekday()]
    return _Terms(
        season=season_of(rates.seasons, on),
        weekday=next((rate for rate in rates.weekdays if weekday in rate.weekdays), None),
    )


@lru_cache(MOST_REMEMBERED)
def lowest_base(rates: Rates, from_on: date) -> int:
    """Return the lowest price of one night, slot, hour or person on any day from a date on."""
    # Between two dates at which a season begins or ends, the weekdays alone make a difference: a week shows them all.
    changes = {on for season in rates.seasons for on in (season.from_on, season.until_on) if on > from_on}
    begins = sorted({from_on, *changes})
    ends = [*begins[1:], date.max]
    shown = (
        date.fromordinal(ordinal)
        for begin, end in zip(begins, ends, strict=True)
        for ordinal in range(begin.toordinal(), min(begin.toordinal() + len(WEEKDAYS), end.toordinal()))
    )
    return min(_terms(rates, on).amount(rates.base.amount, 1, 1) for on in shown)


def highest_base(rates: Rates) -> int:
    """Return what no price of one night, slot, hour or person is above, whenever it is."""
    return max(
        _Terms(season, weekday).amount(rates.base.amount, 1, 1)
        for season in (None, *rates.seasons)
        for weekday in (None, *rates.weekdays)
    )


def _base_lines(rates: Rates, wanted: Wanted, there: Days) -> Iterator[Line]:
    """Lines of the base price: one for all nights, or hours, at the same rates, in the order in which these come."""
    base = rates.base
    match base.per:
        case "night":
            terms_of_nights = (_terms(rates, on) for on in _dates(wanted, there))
            # Seasons may share a name: what reads alike and costs alike is one line.
            nights = Counter((terms.names, terms.amount(base.amount, 1, 1)) for terms in terms_of_nights)
            for (names, amount), count in nights.items():
                yield _line("base", ", ".join(("night", *names)), count * wanted.quantity, amount)
        case "hour":
            for terms, duration in _durations(rates, wanted.during, there).items():
                minutes = duration // timedelta(minutes=1)
                label = ", ".join((f"{minutes // 60}:{minutes % 60:02} h", *terms.names))
                share = duration // timedelta.resolution
                price = terms.amount(base.amount, share, HOUR // timedelta.resolution)
                yield _line("base", label, wanted.quantity, price)
        case per:
            terms = _terms(rates, wanted.starts_on(there))
            quantity = wanted.quantity if per == "slot" else wanted.party_size
            yield _line("base", ", ".join((per, *terms.names)), quantity, terms.amount(base.amount, 1, 1))


def _dates(wanted: Wanted, there: Days) -> tuple[date, ...]:
    """The nights of a stay; the days of any other use."""
    if wanted.stay is not None:
        return wanted.stay.dates()
    return tuple(_days_of(wanted.during, there))


def _days_of(during: TimeRange, there: Days) -> Iterator[date]:
    last_on = there.day_of(during.ends_at - timedelta.resolution)
    return days(there.day_of(during.starts_at), last_on + timedelta(days=1))


def _durations(rates: Rates, during: TimeRange, there: Days) -> Mapping[_Terms, timedelta]:
    """How much time passes at which rates."""
    durations: dict[_Terms, timedelta] = {}
    for on in _days_of(during, there):
        starts_at = max(during.starts_at, there.begins_at(on))
        ends_at = min(during.ends_at, there.begins_at(on + timedelta(days=1)))
        if starts_at < ends_at:  # a zone may leave a whole day out
            terms = _terms(rates, on)
            durations[terms] = durations.get(terms, timedelta()) + (ends_at - starts_at)
    return durations


def _extra_guests(rates: Rates, wanted: Wanted, there: Days) -> Iterator[Line]:
    if rates.extra_guests is None:
        return
    guests = wanted.party_size - rates.extra_guests.included * wanted.quantity
    if guests > 0:
        nights = len(_dates(wanted, there)) if rates.base.per == "night" else 1
        yield _line("extra_guests", "extra guests", guests * nights, rates.extra_guests.amount)


def _discount(rates: Rates, base: list[Line], wanted: Wanted, there: Days) -> Iterator[Line]:
    """The largest discount that the length of stay reaches."""
    hourly = rates.base.per == "hour"
    length = wanted.during.duration // HOUR if hourly else len(_dates(wanted, there))
    reached = [tier for tier in rates.length_of_stay if tier.minimum <= length]
    if reached:
        best = max(reached, key=lambda tier: tier.percent_off)
        amount = _half_up(sum(line.amount for line in base) * best.percent_off, 100)
        label = f"{best.percent_off} % off from {count_text(best.minimum, 'hour' if hourly else 'night')}"
        yield _line("discount", label, 1, -amount)


def _fees(rates: Rates, wanted: Wanted, there: Days) -> Iterator[Line]:
    nights = len(_dates(wanted, there))
    quantities = {"reservation": 1, "night": nights, "unit": wanted.quantity, "person": wanted.party_size}
    return (_line("fee", fee.name, quantities[fee.per], fee.amount) for fee in rates.fees)


def _taxes(rates: Rates, subtotal: int) -> Iterator[Line]:
    """Taxes on the subtotal. Included ones are parts of a gross amount, of which the rest is net."""
    gross = 10_000 + sum(tax.basis_points for tax in rates.taxes if tax.included)
    for tax in rates.taxes:
        if tax.included:
            yield _line("included_tax", tax.name, 0, _half_up(subtotal * tax.basis_points, gross))
        else:
            yield _line("tax", tax.name, 1, _half_up(subtotal * tax.basis_points, 10_000))


def _line(kind: str, label: str, quantity: int, unit_amount: int) -> Line:
    return Line(kind, label, quantity, unit_amount, quantity * unit_amount)


def _half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction that is not negative, half a unit up."""
    return (2 * numerator + denominator) // (2 * denominator)
