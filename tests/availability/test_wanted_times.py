from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from chalicelib.availability.wanted_times import resolve
from chalicelib.core.errors import (
    InvalidInputError,
    InvalidRangeError,
    LocalTimeFoldError,
    LocalTimeGapError,
    UnknownZoneError,
)
from chalicelib.core.time_ranges import Fold, Stay, TimeRange, TimesWanted
from chalicelib.policies.model.policies import Confirmation, IntervalMode, Policy, StayMode
from chalicelib.policies.model.rates import Base, Rates

BERLIN = ZoneInfo("Europe/Berlin")
RATES = Rates(Base("night", 100))
NIGHTS = Policy(mode=StayMode(time(15), time(11)), confirmation=Confirmation("instant"), rates=RATES)
TIMES = Policy(mode=IntervalMode(30, 30, 600, "always"), confirmation=Confirmation("instant"), rates=RATES)

EIGHT = datetime(2027, 5, 14, 8)
TEN = datetime(2027, 5, 14, 10)
IN_GAP = datetime(2027, 3, 28, 2, 30)
IN_FOLD = datetime(2027, 10, 31, 2, 30)


def test_dates_of_a_stay_are_nights_between_its_check_in_and_check_out_times() -> None:
    times = TimesWanted(check_in_on=date(2027, 5, 14), check_out_on=date(2027, 5, 16))
    during, stay = resolve(times, NIGHTS, BERLIN)
    assert stay == Stay(date(2027, 5, 14), date(2027, 5, 16))
    assert during == TimeRange(datetime(2027, 5, 14, 13, tzinfo=UTC), datetime(2027, 5, 16, 9, tzinfo=UTC))


def test_a_local_time_is_one_of_the_tenants_zone() -> None:
    during, stay = resolve(TimesWanted(starts_at=EIGHT, ends_at=TEN), TIMES, BERLIN)
    assert during == TimeRange(datetime(2027, 5, 14, 6, tzinfo=UTC), datetime(2027, 5, 14, 8, tzinfo=UTC))
    assert stay is None


def test_a_time_with_an_offset_means_that_instant_whatever_the_zone() -> None:
    starts_at = EIGHT.replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    during, _ = resolve(TimesWanted(starts_at=starts_at, ends_at=TEN), TIMES, BERLIN)
    assert during.starts_at == datetime(2027, 5, 13, 23, tzinfo=UTC)
    assert during.ends_at == datetime(2027, 5, 14, 8, tzinfo=UTC)


def test_the_request_may_name_another_zone_for_its_local_times() -> None:
    during, _ = resolve(TimesWanted(starts_at=EIGHT, ends_at=TEN, timezone="Asia/Tokyo"), TIMES, BERLIN)
    assert during.starts_at == datetime(2027, 5, 13, 23, tzinfo=UTC)


def test_fold_says_which_of_two_equal_local_times_is_meant() -> None:
    ends_at = datetime(2027, 10, 31, 6)
    starts = [
        resolve(TimesWanted(starts_at=IN_FOLD, ends_at=ends_at, fold=fold), TIMES, BERLIN)[0].starts_at
        for fold in (Fold.EARLIER, Fold.LATER)
    ]
    assert starts == [datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("policy", "times", "kind", "field"),
    [
        (NIGHTS, TimesWanted(), InvalidInputError, "check_in_on"),
        (NIGHTS, TimesWanted(check_in_on=date(2027, 5, 14)), InvalidInputError, "check_out_on"),
        (NIGHTS, TimesWanted(starts_at=EIGHT, ends_at=TEN), InvalidInputError, "starts_at"),
        (NIGHTS, TimesWanted(ends_at=TEN), InvalidInputError, "ends_at"),
        (
            NIGHTS,
            TimesWanted(check_in_on=date(2027, 5, 14), check_out_on=date(2027, 5, 15), timezone="Europe/Berlin"),
            InvalidInputError,
            "timezone",
        ),
        (
            NIGHTS,
            TimesWanted(check_in_on=date(2027, 5, 14), check_out_on=date(2027, 5, 15), fold=Fold.LATER),
            InvalidInputError,
            "fold",
        ),
        (
            NIGHTS,
            TimesWanted(check_in_on=date(2027, 5, 14), check_out_on=date(2027, 5, 14)),
            InvalidRangeError,
            "check_out_on",
        ),
        (
            NIGHTS,
            TimesWanted(check_in_on=date(1999, 5, 14), check_out_on=date(1999, 5, 15)),
            InvalidRangeError,
            "check_in_on",
        ),
        (TIMES, TimesWanted(), InvalidInputError, "starts_at"),
        (TIMES, TimesWanted(check_out_on=date(2027, 5, 14)), InvalidInputError, "check_out_on"),
        (TIMES, TimesWanted(starts_at=EIGHT), InvalidInputError, "ends_at"),
        (TIMES, TimesWanted(check_in_on=date(2027, 5, 14)), InvalidInputError, "check_in_on"),
        (TIMES, TimesWanted(starts_at=TEN, ends_at=EIGHT), InvalidRangeError, "ends_at"),
        (TIMES, TimesWanted(starts_at=EIGHT, ends_at=EIGHT), InvalidRangeError, "ends_at"),
        (TIMES, TimesWanted(starts_at=IN_GAP, ends_at=TEN), LocalTimeGapError, "starts_at"),
        (TIMES, TimesWanted(starts_at=IN_FOLD, ends_at=datetime(2027, 10, 31, 6)), LocalTimeFoldError, "starts_at"),
        (TIMES, TimesWanted(starts_at=EIGHT, ends_at=TEN, timezone="America"), UnknownZoneError, "timezone"),
        (TIMES, TimesWanted(starts_at=datetime.max, ends_at=TEN), InvalidRangeError, "starts_at"),
        (
            TIMES,
            TimesWanted(starts_at=datetime.min.replace(tzinfo=ZoneInfo("Asia/Tokyo")), ends_at=TEN),
            InvalidRangeError,
            "starts_at",
        ),
    ],
)
def test_times_that_do_not_suit_are_refused_by_their_field(
    policy: Policy, times: TimesWanted, kind: type[InvalidInputError], field: str
) -> None:
    with pytest.raises(kind) as refused:
        resolve(times, policy, BERLIN)
    assert refused.value.field == field
