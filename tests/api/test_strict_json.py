"""The body of a request is read in time that grows with its size alone, and refused with the place of what is wrong."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as hypothesis

from chalicelib.http import strict_json
from chalicelib.http.strict_json import DEEPEST, MOST_VALUES, MalformedError, parse
from tests.work import calls_of

if TYPE_CHECKING:
    from collections.abc import Callable


def names_with_a_repeated_pair_at_the_end(size: int) -> bytes:
    names = [f'"n{number}":1' for number in range(size)]
    return ("{" + ",".join([*names, '"twice":1', '"twice":1']) + "}").encode()


def a_long_name_over_many_elements(size: int) -> bytes:
    return json.dumps({"n" * size: [0] * (size // 16) + ["\0"]}).encode()


def text_beyond_ascii(size: int) -> bytes:
    return json.dumps("ü" * size).encode()


def processor_seconds(text: bytes) -> float:
    """The least of several readings, in which nothing else ran."""
    readings: list[float] = []
    for _ in range(7):
        began = time.process_time()
        with suppress(MalformedError):
            parse(text)
        readings.append(time.process_time() - began)
    return min(readings)


@pytest.mark.parametrize(
    "shape", [names_with_a_repeated_pair_at_the_end, a_long_name_over_many_elements, text_beyond_ascii]
)
def test_reading_eight_times_as_much_takes_no_more_than_about_eight_times_as_long(
    shape: Callable[[int], bytes],
) -> None:
    """What grows with the square of the size would take 64 times as long."""
    small, large = shape(4_000), shape(32_000)
    assert processor_seconds(large) < 24 * processor_seconds(small)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b'{"guest":{"name":"\\u0000"}}', "guest.name"),
        (b'{"units":[1,2,"\\ud800"]}', "units[2]"),
        (b'["\\u0000"]', "[0]"),
        (b'"\\u0000"', "body"),
        (b'{"\\u0000":1}', "?"),
        (b'{"a":1,"a":2}', "a"),
    ],
)
def test_a_refusal_names_the_place(text: bytes, field: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        parse(text)
    assert refusal.value.field == field


def test_a_refusal_does_not_repeat_a_long_name() -> None:
    with pytest.raises(MalformedError) as refusal:
        parse(json.dumps({"n" * 500_000: ["\0"]}).encode())
    assert len(refusal.value.field) <= 100


@pytest.mark.parametrize("text", [b"[" * 5000, b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2), b'{"a":' * 5000])
def test_depth_is_bounded(text: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(text)


def test_as_deep_as_it_may_be() -> None:
    text = b"[" * DEEPEST + b"]" * DEEPEST
    assert parse(text) == json.loads(text)


def test_the_number_of_values_is_bounded() -> None:
    assert parse(json.dumps([0] * MOST_VALUES).encode())
    with pytest.raises(MalformedError, match="more than 50,000 values"):
        parse(json.dumps([[0] * (MOST_VALUES // 2), [0] * (MOST_VALUES // 2)]).encode())


TEXTS = hypothesis.text(hypothesis.sampled_from('aé,[{"\\0\ud800u\u0301'), max_size=4)
VALUES = hypothesis.recursive(
    TEXTS | hypothesis.none() | hypothesis.integers(),
    lambda inner: hypothesis.lists(inner, max_size=4) | hypothesis.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, hypothesis.booleans(), hypothesis.integers(0, 6), hypothesis.integers(0, 20))
def test_what_is_told_without_looking_is_what_looking_tells(
    value: object,
    escaped: bool,  # noqa: FBT001 - from hypothesis
    deepest: int,
    most: int,
) -> None:
    def never(_: bytes) -> bool:
        return False

    text = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    outcomes: list[object] = []
    for counted in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(strict_json, "DEEPEST", deepest)
            patch.setattr(strict_json, "MOST_VALUES", most)
            if not counted:
                patch.setattr(strict_json, "_is_plain", never)
            try:
                outcomes.append(parse(text))
            except MalformedError as refusal:
                outcomes.append((refusal.field, str(refusal)))
    assert outcomes[0] == outcomes[1]


def test_of_plain_ascii_no_value_is_looked_at() -> None:
    plain, other = (json.dumps([{"n": letter}] * 10, ensure_ascii=False).encode() for letter in "aé")
    assert calls_of(lambda: parse(plain)) < calls_of(lambda: parse(other))
