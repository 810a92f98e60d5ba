from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import InvalidInputError
from chalicelib.core.money import Line, Quote
from chalicelib.core.parameters import ParameterError
from chalicelib.core.time_ranges import WEEKDAYS, TimeRange, days, local_date
from chalicelib.policies.model.pricing import lowest_base, quote
from chalicelib.policies.model.rates import (
    MOST_AMOUNT,
    Base,
    ExtraGuests,
    Fee,
    LengthOfStay,
    Rates,
    Season,
    Tax,
    WeekdayRate,
    highest_base,
)
from chalicelib.reservations.storage.reservations import price_document, quote_of
from tests.examples import examples
from tests.subjects import HOURS, LISBON, NIGHTS, policy, stay, use

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.policies.model.wanted import Wanted

amounts = st.integers(0, 1_000_000)
percents = st.integers(0, 400)
dates = st.dates(date(2026, 11, 1), date(2026, 12, 31))
FROM, UNTIL = date(2026, 12, 1), date(2026, 12, 2)
names = st.sampled_from(["Low", "High", "Holidays"])


@st.composite
def seasons(draw: st.DrawFn) -> Season:
    from_on = draw(dates)
    until_on = from_on + timedelta(days=draw(st.integers(1, 40)))
    if draw(st.booleans()):
        return Season(from_on, until_on, name=draw(names), percent=draw(percents))
    return Season(from_on, until_on, name=draw(names), amount=draw(amounts))


@st.composite
def weekday_rates(draw: st.DrawFn) -> tuple[WeekdayRate, ...]:
    shuffled = draw(st.permutations(WEEKDAYS))
    cuts = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    groups = shuffled[: cuts[0]], shuffled[cuts[0] : sum(cuts)]
    return tuple(WeekdayRate(tuple(group), draw(percents)) for group in groups)


fees = st.builds(Fee, name=names, amount=amounts, per=st.sampled_from(["reservation", "night", "unit", "person"]))
taxes = st.builds(Tax, name=names, basis_points=st.integers(0, 3000), included=st.booleans())
rates = st.builds(
    Rates,
    base=st.builds(Base, per=st.sampled_from(["night", "hour", "slot", "person"]), amount=amounts),
    seasons=st.lists(seasons(), max_size=4).map(tuple),
    weekdays=weekday_rates(),
    extra_guests=st.none() | st.builds(ExtraGuests, included=st.integers(0, 4), amount=amounts),
    length_of_stay=st.lists(
        st.builds(LengthOfStay, minimum=st.integers(1, 12), percent_off=st.integers(0, 100)), max_size=3
    ).map(tuple),
    fees=st.lists(fees, max_size=3).map(tuple),
    taxes=st.lists(taxes, max_size=3).map(tuple),
)


@st.composite
def stays(draw: st.DrawFn) -> Wanted:
    on, nights = draw(dates), draw(st.integers(1, 21))
    return stay(on.isoformat(), nights, draw(st.integers(1, 4)), draw(st.integers(1, 9)))


@st.composite
def uses(draw: st.DrawFn) -> Wanted:
    on, minutes = draw(dates), timedelta(minutes=draw(st.integers(1, 4000)))
    wanted = use(f"{on} 00:00", f"{on} 00:01", draw(st.integers(1, 4)), draw(st.integers(1, 9)))
    starts_at = wanted.during.starts_at + timedelta(minutes=draw(st.integers(0, 1439)))
    return replace(wanted, during=TimeRange(starts_at, starts_at + minutes))


def priced(rates: Rates, wanted: Wanted, zone: ZoneInfo = LISBON) -> Quote:
    mode = NIGHTS if wanted.stay is not None else HOURS
    return quote(policy(mode, rates=rates), "EUR", wanted, zone)


def nightly(amount: int, **more: Any) -> Rates:  # noqa: ANN401 - whatever rates there are
    return Rates(Base("night", amount), **more)


def hourly(amount: int, **more: Any) -> Rates:  # noqa: ANN401 - whatever rates there are
    return Rates(Base("hour", amount), **more)


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def lines_of(kind: str, found: Quote) -> list[Line]:
    return [line for line in found.lines if line.kind == kind]


# Whatever the rates are


@given(rates, stays() | uses())
def test_the_lines_add_up_to_the_total_and_are_whole_minor_units(rates: Rates, wanted: Wanted) -> None:
    found = priced(rates, wanted)
    assert found.total == sum(line.amount for line in found.lines)
    assert all(line.amount == line.quantity * line.unit_amount for line in found.lines)
    assert {type(number) for line in found.lines for number in (line.quantity, line.unit_amount, line.amount)} == {int}
    assert found.total >= 0
    assert found.currency == "EUR"


@given(rates, stays() | uses())
def test_taxes_that_are_included_do_not_change_the_total(rates: Rates, wanted: Wanted) -> None:
    without = replace(rates, taxes=tuple(tax for tax in rates.taxes if not tax.included))
    assert priced(rates, wanted).total == priced(without, wanted).total


@given(rates, stays() | uses())
def test_more_units_never_cost_less(rates: Rates, wanted: Wanted) -> None:
    rates = replace(rates, extra_guests=None)  # which become fewer, the more units there are
    more = replace(wanted, quantity=wanted.quantity + 1)
    assert priced(rates, more).total >= priced(rates, wanted).total


@given(rates, stays())
def test_more_nights_never_cost_less_where_length_brings_no_discount(rates: Rates, wanted: Wanted) -> None:
    rates = replace(rates, length_of_stay=())
    assert wanted.stay is not None
    on, nights = wanted.stay.check_in_on.isoformat(), wanted.stay.nights
    longer = stay(on, nights + 1, wanted.quantity, wanted.party_size)
    assert priced(rates, longer).total >= priced(rates, wanted).total


# The base price


@given(rates, stays())
def test_each_night_is_charged_at_the_rates_of_its_date(rates: Rates, wanted: Wanted) -> None:
    assert wanted.stay is not None
    rates = replace(rates, base=replace(rates.base, per="night"))
    expected = sum(wanted.quantity * half_up(rate_on(rates, on)) for on in wanted.stay.dates())
    base = lines_of("base", priced(rates, wanted))
    assert sum(line.amount for line in base) == expected
    assert len(base) == len({(line.label, line.unit_amount) for line in base}), "nights at one rate share a line"


@given(rates, uses())
def test_hours_are_prorated_and_each_line_is_rounded_once(rates: Rates, wanted: Wanted) -> None:
    rates = replace(rates, base=replace(rates.base, per="hour"))
    exact = Fraction()
    at = wanted.during.starts_at
    while at < wanted.during.ends_at:
        exact += rate_on(rates, local_date(at, LISBON)) / 60 * wanted.quantity
        at += timedelta(minutes=1)
    base = lines_of("base", priced(rates, wanted))
    assert abs(sum(line.amount for line in base) - exact) <= Fraction(len(base) * wanted.quantity, 2)


def rate_on(rates: Rates, on: date) -> Fraction:
    amount, percent = rates.base.amount, Fraction(1)
    for season in rates.seasons:
        if season.from_on <= on < season.until_on:
            amount = rates.base.amount if season.amount is None else season.amount
            percent = Fraction(1) if season.percent is None else Fraction(season.percent, 100)
    for rate in rates.weekdays:
        if WEEKDAYS[on.weekday()] in rate.weekdays:
            percent *= Fraction(rate.percent, 100)
    return amount * percent


def test_a_season_begins_on_its_first_night_and_is_over_on_its_last_date() -> None:
    season = Season(date(2026, 12, 20), date(2026, 12, 22), name="Holidays", percent=150)
    found = priced(nightly(10000, seasons=(season,)), stay("2026-12-19", 4))
    assert found.lines == (
        Line("base", "night", 2, 10000, 20000),
        Line("base", "night, Holidays", 2, 15000, 30000),
    )


def test_of_several_seasons_the_one_listed_last_counts() -> None:
    winter = Season(date(2026, 12, 1), date(2027, 3, 1), name="Winter", percent=80)
    new_year = Season(date(2026, 12, 31), date(2027, 1, 1), name="New Year", amount=30000)
    assert priced(nightly(10000, seasons=(winter, new_year)), stay("2026-12-30", 3)).total == 8000 + 30000 + 8000
    assert priced(nightly(10000, seasons=(new_year, winter)), stay("2026-12-30", 3)).total == 3 * 8000


def test_a_season_and_a_weekday_multiply_and_are_rounded_together() -> None:
    season = Season(date(2026, 11, 1), date(2026, 12, 1), name="Low", percent=85)
    friday = WeekdayRate(("fri", "sat"), 115)
    found = priced(nightly(9999, seasons=(season,), weekdays=(friday,)), stay("2026-11-26", 2))
    assert [(line.label, line.unit_amount) for line in found.lines] == [
        ("night, Low", 8499),  # 8499.15
        ("night, Low, fri/sat", 9774),  # 9774.0225, not 8499 * 1.15
    ]


def test_half_a_unit_is_rounded_up() -> None:
    season = Season(date(2026, 11, 1), date(2026, 12, 1), name="Low", percent=50)
    assert priced(nightly(1, seasons=(season,)), stay("2026-11-26", 1)).total == 1
    assert priced(nightly(3, seasons=(season,)), stay("2026-11-26", 3, quantity=2)).total == 3 * 2 * 2


def test_the_weekday_is_that_of_the_local_date() -> None:
    sunday = (WeekdayRate(("sun",), 200),)
    wanted = use("2026-11-28 22:00", "2026-11-28 23:00")  # a Saturday, and Sunday already in Tokyo
    assert priced(hourly(1000, weekdays=sunday), wanted, LISBON).total == 1000
    assert priced(hourly(1000, weekdays=sunday), wanted, ZoneInfo("Asia/Tokyo")).total == 2000


def test_hours_on_both_sides_of_midnight_have_their_own_rates() -> None:
    found = priced(hourly(1000, weekdays=(WeekdayRate(("sat",), 150),)), use("2026-11-27 22:30", "2026-11-28 02:10"))
    assert found.lines == (
        Line("base", "1:30 h", 1, 1500, 1500),
        Line("base", "2:10 h, sat", 1, 3250, 3250),
    )


@pytest.mark.parametrize(
    ("zone", "starts", "ends", "hours"),
    [
        pytest.param("Europe/Lisbon", "2026-03-29 00:00", "2026-03-29 23:00", 23, id="clocks are put forward"),
        pytest.param("Europe/Lisbon", "2026-10-24 23:00", "2026-10-26 00:00", 25, id="clocks are put back"),
        pytest.param("America/St_Johns", "2010-11-07 00:00", "2010-11-08 03:30", 27.5, id="back to the day before"),
        pytest.param("Pacific/Apia", "2011-12-30 00:00", "2011-12-31 12:00", 36, id="a day is left out"),
        pytest.param("America/Havana", "2026-03-07 05:00", "2026-03-09 04:00", 47, id="a day without midnight"),
    ],
)
def test_every_hour_that_passes_is_charged_once_whatever_clocks_do(
    zone: str, starts: str, ends: str, hours: float
) -> None:
    everyday = tuple(WeekdayRate((weekday,), 100) for weekday in WEEKDAYS)
    found = priced(hourly(1000, weekdays=everyday), use(starts, ends), ZoneInfo(zone))
    assert found.total == 1000 * hours


def test_a_slot_costs_the_same_however_long_it_is_and_a_person_however_many_units_there_are() -> None:
    wanted = use("2026-11-27 10:00", "2026-11-27 13:00", quantity=2, party_size=5)
    assert priced(Rates(Base("slot", 700)), wanted).lines == (Line("base", "slot", 2, 700, 1400),)
    assert priced(Rates(Base("person", 700)), wanted).lines == (Line("base", "person", 5, 700, 3500),)


def test_a_use_without_nights_has_as_many_as_it_has_local_dates() -> None:
    assert priced(nightly(100), use("2026-11-27 10:00", "2026-11-27 13:00")).total == 100
    assert priced(nightly(100), use("2026-11-27 22:00", "2026-11-28 00:00")).total == 100
    assert priced(nightly(100), use("2026-11-27 22:00", "2026-11-28 00:01")).total == 200


def test_where_people_are_counted_each_of_them_is_charged_for_a_unit() -> None:
    wanted = use("2026-11-27 10:00", "2026-11-27 12:00", party_size=3)
    by_people = policy(HOURS, rates=hourly(500, fees=(Fee("Coffee", 100, "unit"),)), capacity_counts="people")
    assert quote(by_people, "EUR", wanted, LISBON).total == 3 * (1000 + 100)


@given(rates, stays() | uses())
def test_no_night_slot_or_person_costs_less_than_the_lowest_base_price_then(rates: Rates, wanted: Wanted) -> None:
    if rates.base.per != "hour":
        first_on = local_date(wanted.during.starts_at, LISBON)
        lowest, highest = lowest_base(rates, first_on), highest_base(rates)
        assert all(lowest <= line.unit_amount <= highest for line in lines_of("base", priced(rates, wanted)))


@settings(max_examples=examples(30))
@given(rates, dates)
def test_the_lowest_base_price_is_one_that_some_day_from_a_date_on_has(rates: Rates, from_on: date) -> None:
    nightly_rates = replace(rates, base=replace(rates.base, per="night"))
    ahead = [stay(on.isoformat(), 1) for on in days(from_on, date(2027, 2, 20))]
    found = {line.unit_amount for one in ahead for line in lines_of("base", priced(nightly_rates, one))}
    assert lowest_base(rates, from_on) == min(found)


def test_a_season_that_is_over_lowers_no_price() -> None:
    low = Season(FROM, UNTIL, name="Low", percent=80)  # a Tuesday
    cheap = nightly(10000, seasons=(low,), weekdays=(WeekdayRate(("tue",), 90),))
    assert lowest_base(cheap, FROM) == 7200
    assert lowest_base(cheap, UNTIL) == 9000
    every_day = (WeekdayRate(WEEKDAYS[:4], 120), WeekdayRate(WEEKDAYS[4:], 150))
    assert lowest_base(nightly(10000, weekdays=every_day), FROM) == 12000


def test_amounts_that_json_readers_would_round_are_refused() -> None:
    dear = nightly(MOST_AMOUNT)
    assert priced(dear, stay("2026-11-26", 90, quantity=100)).total == 9000 * MOST_AMOUNT
    for rates in (dear, replace(dear, length_of_stay=(LengthOfStay(1, 100),))):
        with pytest.raises(InvalidInputError) as refusal:
            priced(rates, stay("2026-11-26", 91, quantity=100))
        assert refusal.value.field == "quantity"


# What comes on top


def test_extra_guests_are_those_beyond_what_the_units_include_and_pay_each_night() -> None:
    extra = ExtraGuests(included=2, amount=1500)
    assert lines_of("extra_guests", priced(nightly(0, extra_guests=extra), stay("2026-11-26", 3, 2, 4))) == []
    assert lines_of("extra_guests", priced(nightly(0, extra_guests=extra), stay("2026-11-26", 3, 2, 6))) == [
        Line("extra_guests", "extra guests", 6, 1500, 9000)
    ]
    wanted = use("2026-11-27 10:00", "2026-11-27 13:00", party_size=3)
    assert priced(hourly(0, extra_guests=extra), wanted).total == 1500


TIERS = (LengthOfStay(7, 10), LengthOfStay(3, 5), LengthOfStay(28, 40))


@pytest.mark.parametrize(("nights", "percent_off"), [(2, 0), (3, 5), (6, 5), (7, 10), (27, 10), (28, 40), (60, 40)])
def test_the_discount_is_the_best_that_the_length_reaches(nights: int, percent_off: int) -> None:
    found = priced(nightly(1000, length_of_stay=TIERS), stay("2026-11-26", nights))
    assert found.total == nights * 1000 * (100 - percent_off) // 100
    assert bool(lines_of("discount", found)) == bool(percent_off)


def test_where_hours_are_charged_their_number_brings_the_discount() -> None:
    rates = hourly(1000, length_of_stay=TIERS)
    assert priced(rates, use("2026-11-27 10:00", "2026-11-27 12:59")).total == 2983
    found = priced(rates, use("2026-11-27 10:00", "2026-11-27 13:00"))
    assert lines_of("discount", found) == [Line("discount", "5 % off from 3 hours", 1, -150, -150)]


def test_the_discount_is_on_the_base_price_alone() -> None:
    rates = nightly(1000, extra_guests=ExtraGuests(1, 500), fees=(Fee("Cleaning", 3000, "unit"),), length_of_stay=TIERS)
    found = priced(rates, stay("2026-11-26", 3, party_size=2))
    assert [line.amount for line in found.lines] == [3000, 1500, -150, 3000]
    assert lines_of("discount", found)[0].label == "5 % off from 3 nights"


def test_fees_are_per_reservation_night_unit_or_person() -> None:
    every = tuple(Fee(per, 100, per) for per in ("reservation", "night", "unit", "person"))
    found = priced(nightly(0, fees=every), stay("2026-11-26", 3, quantity=2, party_size=5))
    assert {line.label: line.quantity for line in lines_of("fee", found)} == {
        "reservation": 1,
        "night": 3,
        "unit": 2,
        "person": 5,
    }


def test_taxes_are_on_everything_before_them_and_do_not_compound() -> None:
    taxes = (Tax("State", 290, included=False), Tax("Local", 580, included=False))
    found = priced(nightly(10000, fees=(Fee("Cleaning", 6550, "unit"),), taxes=taxes), stay("2026-11-26", 1))
    assert lines_of("tax", found) == [Line("tax", "State", 1, 480, 480), Line("tax", "Local", 1, 960, 960)]
    assert found.total == 16550 + 480 + 960


def test_an_included_tax_is_told_as_what_the_price_contains() -> None:
    found = priced(nightly(11000, taxes=(Tax("TVA", 1000, included=True),)), stay("2026-11-26", 1))
    assert lines_of("included_tax", found) == [Line("included_tax", "TVA", 0, 1000, 0)]
    assert found.total == 11000


@given(st.lists(taxes.map(lambda tax: replace(tax, included=True)), max_size=4), amounts)
def test_included_taxes_and_what_is_left_make_the_price(taxes: list[Tax], amount: int) -> None:
    found = priced(nightly(amount, taxes=tuple(taxes)), stay("2026-11-26", 1))
    contained = sum(line.unit_amount for line in lines_of("included_tax", found))
    net = Fraction(amount) / (1 + Fraction(sum(tax.basis_points for tax in taxes), 10_000))
    assert abs(amount - contained - net) <= Fraction(len(taxes), 2)


# Rates that cannot be meant


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Base("night", -1), "amount"),
        (lambda: Base("night", MOST_AMOUNT + 1), "amount"),
        (lambda: Season(FROM, UNTIL, name="x"), "percent"),
        (lambda: Season(FROM, UNTIL, name="x", percent=100, amount=100), "percent"),
        (lambda: Season(FROM, UNTIL, name="x", percent=-1), "percent"),
        (lambda: Season(FROM, UNTIL, name="x", amount=-1), "amount"),
        (lambda: WeekdayRate(("sat",), -1), "percent"),
        (lambda: ExtraGuests(-1, 100), "included"),
        (lambda: ExtraGuests(1, -1), "amount"),
        (lambda: LengthOfStay(0, 10), "minimum"),
        (lambda: LengthOfStay(7, 101), "percent_off"),
        (lambda: Fee("x", -1, "unit"), "amount"),
        (lambda: Tax("x", -1, included=False), "basis_points"),
        (lambda: nightly(1, weekdays=(WeekdayRate(("sat",), 1), WeekdayRate(("fri", "sat"), 2))), "weekdays"),
    ],
)
def test_rates_that_contradict_themselves_are_refused_with_their_field(make: Callable[[], object], field: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        make()
    assert refusal.value.field == field


def test_a_season_that_never_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="later than from_on"):
        Season(UNTIL, FROM, name="x", percent=100)


def test_seasons_that_cost_nothing_are_meant() -> None:
    free = Season(FROM, UNTIL, name="Open days", amount=0)
    assert priced(nightly(1000, seasons=(free,)), stay("2026-12-01", 2)).total == 1000
    assert [on for on in days(FROM, UNTIL + timedelta(days=1)) if free.covers(on)] == [FROM]


def test_lines_say_in_codes_what_their_labels_say() -> None:
    rates = Rates(
        Base("night", 10000),
        seasons=(Season(date(2026, 12, 20), date(2027, 1, 3), name="Holidays", percent=150),),
        weekdays=(WeekdayRate(("fri", "sat"), 120),),
        extra_guests=ExtraGuests(1, 500),
        length_of_stay=(LengthOfStay(2, 10),),
        fees=(Fee("Cleaning", 4000, "unit"),),
        taxes=(Tax("City", 500, included=False), Tax("VAT", 1900, included=True)),
    )
    found = priced(rates, stay("2026-12-19", 2, party_size=2))
    assert [(line.code, dict(line.parameters)) for line in found.lines] == [
        ("night", {"weekdays": ["fri", "sat"]}),
        ("night", {"season": "Holidays"}),
        ("extra_guests", {}),
        ("length_of_stay", {"percent_off": 10, "minimum": 2, "unit": "nights"}),
        ("fee", {"name": "Cleaning"}),
        ("tax", {"name": "City"}),
        ("included_tax", {"name": "VAT"}),
    ]
    assert quote_of(price_document(found)).lines[0].parameters == {"weekdays": ["fri", "sat"]}


def test_lines_that_were_stored_without_a_code_are_read_and_equal() -> None:
    found = priced(nightly(10000), stay("2026-12-19", 2))
    document = price_document(found)
    for line in document["lines"]:
        del line["code"], line["parameters"]
    assert quote_of(document) == found
    assert quote_of(document).lines[0].code is None
