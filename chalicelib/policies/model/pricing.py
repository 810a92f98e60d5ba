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

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.core.errors import InvalidInputError
from chalicelib.core.memories import Memory
from chalicelib.core.money import Line, Quote
from chalicelib.core.time_ranges import WEEKDAYS, days
from chalicelib.core.wording import count_text
from chalicelib.policies.model.price_contents import EXTRA_GUESTS
from chalicelib.policies.model.rates import MOST_EXACT, Rates, RateTerms, half_up, terms_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from chalicelib.core.days import Days
    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.model.wanted import Wanted

MOST_REMEMBERED = 1000
HOUR = timedelta(hours=1)


def quote(policy: Policy, currency: str, wanted: Wanted, zone: ZoneInfo) -> Quote:
    """Work out the price of a use; see the beginning of this file for how. `zone` decides on which day something is.

    What is charged for each unit is charged for each person where the policy counts capacity by people. Raises
    `InvalidInputError` for so much that JSON readers would not keep an amount exactly.
    """
    key = policy, currency, zone, wanted.during, wanted.stay, wanted.quantity, wanted.party_size
    return _quotes.find(key) or _quotes.keep(key, _work_out(policy, currency, wanted, zone), 1)


_quotes: Memory[Quote] = Memory(5_000)
"""What the same use costs under the same policy, of whichever resource: some five megabytes."""


def _work_out(policy: Policy, currency: str, wanted: Wanted, zone: ZoneInfo) -> Quote:
    rates = policy.rates
    there = policy.days(zone)
    quantity = policy.units_taken(wanted.quantity, wanted.party_size)
    if quantity != wanted.quantity:
        wanted = replace(wanted, quantity=quantity)
    base = list(_base_lines(rates, wanted, there))
    lines = [*base, *_extra_guests(rates, wanted, there), *_discount(rates, base, wanted, there)]
    lines += _fees(rates, wanted, there)
    lines += [*_taxes(rates, sum(line.amount for line in lines))]
    total = sum(line.amount for line in lines)
    if max(abs(total), *[max(abs(line.unit_amount), abs(line.amount)) for line in lines]) > MOST_EXACT:
        message = f"This would cost more than {MOST_EXACT} minor units of {currency}; ask for fewer, or a shorter time."
        raise InvalidInputError("quantity", message)
    return Quote(currency, total, tuple(lines))


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
    return min(terms_on(rates, on).amount(rates.base.amount, 1, 1) for on in shown)


def _base_lines(rates: Rates, wanted: Wanted, there: Days) -> Iterator[Line]:
    """Lines of the base price: one for all nights, or hours, at the same rates, in the order in which these come."""
    base = rates.base
    match base.per:
        case "night":
            terms_of_nights = (terms_on(rates, on) for on in _dates(wanted, there))
            # Seasons may share a name: what reads alike and costs alike is one line.
            nights: dict[tuple[tuple[str, ...], int], list[RateTerms]] = {}
            for terms in terms_of_nights:
                nights.setdefault((terms.names, terms.amount(base.amount, 1, 1)), []).append(terms)
            for (names, amount), (terms, *others) in nights.items():
                label, count = ", ".join(("night", *names)), 1 + len(others)
                yield _line("base", label, count * wanted.quantity, amount, "night", **terms.parameters)
        case "hour":
            for terms, duration in _durations(rates, wanted.during, there).items():
                minutes = duration // timedelta(minutes=1)
                label = ", ".join((f"{minutes // 60}:{minutes % 60:02} h", *terms.names))
                share = duration // timedelta.resolution
                price = terms.amount(base.amount, share, HOUR // timedelta.resolution)
                yield _line("base", label, wanted.quantity, price, "hour", minutes=minutes, **terms.parameters)
        case per:
            terms = terms_on(rates, wanted.starts_on(there))
            quantity = wanted.quantity if per == "slot" else wanted.party_size
            amount = terms.amount(base.amount, 1, 1)
            yield _line("base", ", ".join((per, *terms.names)), quantity, amount, per, **terms.parameters)


def _dates(wanted: Wanted, there: Days) -> tuple[date, ...]:
    """The nights of a stay; the days of any other use."""
    if wanted.stay is not None:
        return wanted.stay.dates()
    return tuple(_days_of(wanted.during, there))


def _days_of(during: TimeRange, there: Days) -> Iterator[date]:
    last_on = there.day_of(during.ends_at - timedelta.resolution)
    return days(there.day_of(during.starts_at), last_on + timedelta(days=1))


def _durations(rates: Rates, during: TimeRange, there: Days) -> Mapping[RateTerms, timedelta]:
    """How much time passes at which rates."""
    durations: dict[RateTerms, timedelta] = {}
    for on in _days_of(during, there):
        starts_at = max(during.starts_at, there.begins_at(on))
        ends_at = min(during.ends_at, there.begins_at(on + timedelta(days=1)))
        if starts_at < ends_at:  # a zone may leave a whole day out
            terms = terms_on(rates, on)
            durations[terms] = durations.get(terms, timedelta()) + (ends_at - starts_at)
    return durations


def _extra_guests(rates: Rates, wanted: Wanted, there: Days) -> Iterator[Line]:
    if rates.extra_guests is None:
        return
    guests = wanted.party_size - rates.extra_guests.included * wanted.quantity
    if guests > 0:
        nights = len(_dates(wanted, there)) if rates.base.per == "night" else 1
        yield _line("extra_guests", EXTRA_GUESTS, guests * nights, rates.extra_guests.amount, "extra_guests")


def _discount(rates: Rates, base: list[Line], wanted: Wanted, there: Days) -> Iterator[Line]:
    """The largest discount that the length of stay reaches."""
    if not rates.length_of_stay:
        return
    hourly = rates.base.per == "hour"
    length = wanted.during.duration // HOUR if hourly else len(_dates(wanted, there))
    reached = [tier for tier in rates.length_of_stay if tier.minimum <= length]
    if reached:
        best = max(reached, key=lambda tier: tier.percent_off)
        amount = half_up(sum(line.amount for line in base) * best.percent_off, 100)
        unit = "hour" if hourly else "night"
        label = f"{best.percent_off} % off from {count_text(best.minimum, unit)}"
        said = {"percent_off": best.percent_off, "minimum": best.minimum, "unit": f"{unit}s"}
        yield _line("discount", label, 1, -amount, "length_of_stay", **said)


def _fees(rates: Rates, wanted: Wanted, there: Days) -> Iterable[Line]:
    if not rates.fees:
        return ()
    nights = len(_dates(wanted, there))
    quantities = {"reservation": 1, "night": nights, "unit": wanted.quantity, "person": wanted.party_size}
    return (_line("fee", fee.name, quantities[fee.per], fee.amount, "fee", name=fee.name) for fee in rates.fees)


def _taxes(rates: Rates, subtotal: int) -> Iterator[Line]:
    """Taxes on the subtotal. Included ones are parts of a gross amount, of which the rest is net."""
    gross = 10_000 + sum(tax.basis_points for tax in rates.taxes if tax.included)
    for tax in rates.taxes:
        if tax.included:
            amount, quantity, kind = half_up(subtotal * tax.basis_points, gross), 0, "included_tax"
        else:
            amount, quantity, kind = half_up(subtotal * tax.basis_points, 10_000), 1, "tax"
        yield _line(kind, tax.name, quantity, amount, kind, name=tax.name)


def _line(kind: str, label: str, quantity: int, unit_amount: int, code: str, **parameters: object) -> Line:
    return Line(kind, label, quantity, unit_amount, quantity * unit_amount, code, parameters)
