"""When a replica counts as fresh, when it is tried again, and which positions it has reached."""

from __future__ import annotations

import pytest

from chalicelib.database.log_position import FURTHEST, LatestPosition, Position
from chalicelib.database.replica import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Circuit,
    Freshness,
    LeftOutError,
    UnprovenError,
)

HERE, FURTHER = Position(5000), Position(5008)
LONG_AGO = 3600.0


def freshness() -> Freshness:
    return Freshness(5)


def test_a_young_transaction_shows_that_a_replica_is_fresh() -> None:
    freshness().judge(HERE, 5.0, now=100)


@pytest.mark.parametrize("quiet_seconds", [None, LONG_AGO])
def test_nothing_shows_it_before_the_primary_has_said_how_far_it_is(quiet_seconds: float | None) -> None:
    with pytest.raises(UnprovenError):
        freshness().judge(HERE, quiet_seconds, now=100)


def test_having_all_that_the_primary_had_shows_it_for_as_long_as_that_is_recent() -> None:
    known = freshness()
    known.primary_was_at(HERE, at=95)
    known.judge(HERE, LONG_AGO, now=100)
    with pytest.raises(UnprovenError):
        known.judge(HERE, LONG_AGO, now=100.1)


def test_a_replica_lags_that_has_been_behind_for_too_long_however_recent_the_last_look_at_the_primary() -> None:
    known = freshness()
    for now in range(100, 106):
        known.primary_was_at(Position(FURTHER.value + now), at=now)
        with pytest.raises(UnprovenError):
            known.judge(HERE, LONG_AGO, now=now)
    with pytest.raises(LeftOutError, match="lagging"):
        known.judge(HERE, LONG_AGO, now=105.1)


def test_a_replica_that_caught_up_in_between_has_not_been_behind_all_the_time() -> None:
    known = freshness()
    known.primary_was_at(FURTHER, at=100)
    with pytest.raises(UnprovenError):
        known.judge(HERE, LONG_AGO, now=100)
    known.judge(FURTHER, 0.1, now=103)
    known.primary_was_at(Position(9000), at=110)
    with pytest.raises(UnprovenError):
        known.judge(FURTHER, LONG_AGO, now=112)


def test_after_a_failure_nobody_tries_for_a_while_and_then_one_at_a_time() -> None:
    circuit = Circuit()
    ticket = circuit.enter(now=10)
    assert ticket is not None
    circuit.failed(ticket, now=10)
    assert circuit.enter(now=10 + FIRST_PAUSE_SECONDS - 0.01) is None
    assert circuit.enter(now=10 + FIRST_PAUSE_SECONDS) is not None
    assert circuit.enter(now=10 + FIRST_PAUSE_SECONDS) is None, "Two tried at once."


def test_the_pause_doubles_up_to_its_end_and_is_over_with_the_first_success() -> None:
    circuit, now, pauses = Circuit(), 0.0, list[float]()
    for _ in range(8):
        ticket = circuit.enter(now)
        assert ticket is not None
        circuit.failed(ticket, now)
        began = now
        while circuit.enter(now) is None:
            now += 0.5
        pauses.append(now - began)
        now += LONGEST_PAUSE_SECONDS
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    circuit.worked()
    assert circuit.enter(now) is not None
    assert circuit.enter(now) is not None


def test_failures_that_were_under_way_together_count_as_one() -> None:
    circuit = Circuit()
    tickets = [circuit.enter(now=0) for _ in range(8)]
    for ticket in tickets:
        assert ticket is not None
        circuit.failed(ticket, now=0)
    assert circuit.enter(now=FIRST_PAUSE_SECONDS) is not None


@pytest.mark.parametrize("text", ["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"])
def test_a_position_is_written_as_it_was_read(text: str) -> None:
    assert str(Position.parse(text)) == text


@pytest.mark.parametrize("text", ["", "16", "16/", "/1", "1/0 ", "1/0\n", "123456789/0", "16/G", "-1/0", "\u0661/0"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        Position.parse(text)


def test_positions_are_ordered_as_numbers_and_not_as_texts() -> None:
    assert Position.parse("9/0") < Position.parse("10/0") < Position.parse("10/FF") < FURTHEST


def test_the_latest_position_of_a_request_counts() -> None:
    latest = LatestPosition()
    for position in (HERE, FURTHER, HERE):
        latest.note(position)
    assert latest.position == FURTHER


def test_behind_the_header_of_a_page_begins_what_the_page_before_it_ended() -> None:
    page = 7 * 8192
    assert Position(page + 24).is_reached_by(Position(page))
    assert not Position(page + 24).is_reached_by(Position(page - 8))
    assert not Position(page + 32).is_reached_by(Position(page + 24))
    assert Position(page + 40).is_reached_by(Position(page)), "A segment begins with a longer header."
    assert not Position(page + 40).is_reached_by(Position(page - 8))
    assert HERE.is_reached_by(HERE)
    assert not FURTHER.is_reached_by(HERE)
