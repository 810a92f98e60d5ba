from __future__ import annotations

import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters import expressions
from chalicelib.adapters.expressions import DEEPEST, MOST_STEPS, STEPS_OF_ANY, compiled, evaluate, steps
from chalicelib.core.errors import InvalidInputError, InvalidRangeError
from chalicelib.core.parameters import LONGEST_EXPRESSION
from chalicelib.policies.model.rules.expression import Expression, variables
from tests.subjects import NOW, facts, stay, told, use

WANTED = variables(use("2026-11-27 16:30", "2026-11-27 18:00", quantity=2, party_size=3), facts())


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        ("party_size <= quantity * 2", True),
        ("party_size > 3", False),
        ("weekday in ['fri', 'sat'] ? minutes >= 90 : minutes >= 30", True),
        ("starts_on == '2026-11-27' && starts_time >= '16:30' && starts_time < '17:00'", True),
        ("nights == null || nights >= 2", True),
        ("resource.slug.startsWith('kayak') && quantity < resource.capacity", True),
        ("ends_at - starts_at == duration('90m')", True),
        ("starts_at - now > duration('168h')", True),
        ("starts_at.getHours() == 16", True),
        ("[1, 2, 3].exists(each, each * quantity == 6)", True),
        ("resource.name.startsWith('Ka') && !resource.name.contains('X')", True),
        ("'it\\'s' == \"it's\" && '//' != '/*'", True),
        ("party_size / 2 == 1 && party_size % 2 == 1 && !(-quantity >= 0)", True),
    ],
)
def test_expressions_speak_of_what_is_wanted(expression: str, *, met: bool) -> None:
    assert evaluate(expression, WANTED) is met


def test_they_speak_of_nights_where_nights_are_reserved() -> None:
    assert evaluate("nights >= 2", variables(stay("2026-11-27", 2), facts())) is True


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        pytest.param("party_size", "neither true nor false", id="a number"),
        pytest.param("'true'", "neither true nor false", id="a text"),
        pytest.param("null", "neither true nor false", id="nothing"),
        pytest.param("party_sise == 1", "party_sise", id="an unknown name"),
        pytest.param("resource.colour == 'red'", "colour", id="an unknown field"),
        pytest.param("nights >= 2", "overload", id="nights where there are none"),
        pytest.param("weekday + 1 == 2", "Unsupported", id="mixed types"),
        pytest.param("party_size / 0 == 1", "division by zero", id="division by zero"),
        pytest.param("9223372036854775807 + party_size > 0", "overflow", id="overflow"),
        pytest.param("[1][party_size] == 1", "3", id="beyond the end of a list"),
        pytest.param("resource.name.matches('(')", "startsWith", id="a regular expression"),
        pytest.param("timestamp('yesterday') < now", "yesterday", id="no timestamp"),
        pytest.param("party_size ==", "parse", id="no expression"),
        pytest.param("", "parse", id="empty"),
        pytest.param("[1].all(x, [2].all(y, true))", "all", id="refused before it is read"),
    ],
)
def test_what_cannot_be_evaluated_is_neither_true_nor_false_and_said_in_the_log(
    expression: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="berth"):
        assert evaluate(expression, WANTED) is None
    [record] = caplog.records
    assert reason in record.getMessage()
    assert repr(expression) in record.getMessage()


def test_a_reservation_is_refused_by_the_rule_whose_expression_cannot_be_evaluated() -> None:
    rule = Expression("party_sise <= 2", "Two people share a kayak.", "quantity")
    world = facts(evaluate_expression=evaluate)
    violations = list(rule.check(use("2026-11-27 16:30", "2026-11-27 18:00"), world))
    assert told(violations) == [("expression", "cannot_be_evaluated", "quantity")]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("[1].all(x, [1].exists(y, x == y))", id="nested"),
        pytest.param("[1].map(x, size([1].filter(y, true)))", id="nested in a call"),
        pytest.param("[1] . map\n(x, {'a': [1] . map\t(y, y)})", id="nested with spaces"),
        pytest.param("[1].all(x, 'all(' == ')' && [1].all(y, true))", id="nested behind brackets in a text"),
        pytest.param("[1].all(x, ['a'].all(y, 'a'.matches(y)))", id="nested regular expressions"),
        pytest.param("['a'].all(x, 'a'.matches(x))", id="a regular expression for each"),
        pytest.param("'a'.matches('\\\\w{210}')", id="a regular expression that takes 58 ms to compile"),
        pytest.param("[1].map(x, [2]).all(y, y == [2])", id="one over what another made"),
        pytest.param("['a'].map(x, x + x) == []", id="joined for each"),
        pytest.param(
            "['a'].map(s, s + s).map(s, s + s).map(s, s + s) == []", id="a chain that could double and double"
        ),
        pytest.param("(" * (DEEPEST + 1) + "true" + ")" * (DEEPEST + 1), id="deep"),
        pytest.param("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1) + " == []", id="deep lists"),
        pytest.param("true" + " && true" * 130, id="long"),
    ],
)
def test_what_could_take_long_is_refused_before_it_is_read(expression: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        compiled(expression)
    assert refusal.value.field == "expression"
    assert "parse" not in refusal.value.detail


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("true // [1].all(x, true)", id="a comment"),
        pytest.param("'''a'b''' == 'a'", id="a text in three quotes"),
        pytest.param(r"r'\' == 'a'", id="a raw text"),
        pytest.param("b'a' == b'a'", id="bytes"),
        pytest.param("'a\nb' == 'c'", id="a text over two lines"),
        pytest.param("'a", id="a text without end"),
        pytest.param("`all` == 1", id="a quoted name"),
        pytest.param("a\x00 == 1", id="a NUL byte"),
        pytest.param("größe == 1", id="a letter outside of ASCII"),
        pytest.param("\ud800 == 1", id="a lone surrogate"),
    ],
)
def test_what_is_read_otherwise_by_others_is_not_read_at_all(expression: str) -> None:
    with pytest.raises(InvalidInputError, match=r"cannot have .* at character"):
        compiled(expression)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("(" * DEEPEST + "true" + ")" * DEEPEST, id="deep"),
        pytest.param("1" + "+1" * ((LONGEST_EXPRESSION - 5) // 2) + "> 1", id="many operators"),
        pytest.param("!" * (LONGEST_EXPRESSION - 4) + "true", id="many negations"),
        pytest.param("resource" + ".a" * ((LONGEST_EXPRESSION - 8) // 2), id="many fields"),
        pytest.param("resource" + "[0]" * ((LONGEST_EXPRESSION - 8) // 3), id="many indexes"),
        pytest.param("true" + "?true:true" * ((LONGEST_EXPRESSION - 4) // 10), id="many conditions"),
        pytest.param("[" + "1," * 450 + "1].all(x, x in [" + "2," * 30 + "1])", id="many elements"),
        pytest.param("[" + "1," * 240 + "1].all(x, x in [" + "2," * 230 + "1])", id="the most steps"),
        pytest.param(")" * 50, id="brackets that were never opened"),
    ],
)
def test_what_is_as_much_as_is_allowed_is_answered_on_a_small_stack(expression: str) -> None:
    usual = threading.stack_size(1024 * 1024)  # an eighth of what threads usually have
    try:
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(evaluate, expression, WANTED).result(timeout=10) in {True, False, None}
    finally:
        threading.stack_size(usual)


@pytest.mark.parametrize(
    ("expression", "most"),
    [
        pytest.param("party_size <= 4", 2004, id="plain"),
        pytest.param("[1, 2].all(x, x == 1)", 2000 + 8 + 8 * 7, id="for each of two, counted as eight tokens"),
        pytest.param("[1, 2].all(x, [3, 4] == [x])", 2000 + 8 + 8 * 13, id="a list for each"),
        pytest.param("größe", 2001, id="what is not read"),
    ],
)
def test_the_steps_of_an_expression_are_known_before_it_is_evaluated(expression: str, most: int) -> None:
    assert steps(expression) == most


def test_no_expression_takes_more_than_a_thousandth_of_what_all_may_take() -> None:
    """With so many tokens outside as inside of the comprehension there are most; see the ADR for what a step takes."""
    longest = "[" + "1," * 240 + "1].all(x, x in [" + "2," * 230 + "1])"
    assert steps(longest) <= LONGEST_EXPRESSION**2 / 4 + STEPS_OF_ANY <= MOST_STEPS / 1000
    assert steps("[" * LONGEST_EXPRESSION * 1000) < MOST_STEPS  # no more than that is looked at


def test_who_asks_for_too_many_steps_is_stopped_before_the_one_that_is_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expressions, "MOST_STEPS", 3 * steps("party_size == 3"))
    meter = expressions.Meter()
    assert [meter.evaluate("party_size == 3", WANTED) for _ in range(3)] == [True] * 3
    with pytest.raises(InvalidRangeError, match="Ask for fewer days"):
        meter.evaluate("party_size == 3", WANTED)
    assert expressions.Meter().evaluate("party_size == 3", WANTED) is True  # the next answer has its own


texts = st.text(alphabet="ax1_.,:?!+-*/%<>=&|()[]{}'\"\\ \n", max_size=40)
WORDS = (
    "party_size nights resource x 1 0 2.5 1u 'a' null true [1,2] {'a':1} + - * / == < && || ! ? : in . , ( ) [ ] { } "
    "map all exists size has matches int string timestamp duration type"
)
words = st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join)


@given(texts | words)
def test_no_text_is_a_crash(expression: str) -> None:
    assert evaluate(expression, WANTED) in {True, False, None}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(json_values)
def test_no_value_is_a_crash(value: Any) -> None:  # noqa: ANN401 - any JSON
    for expression in ("value == value", "value > 1", "size(value) > 0", "value.a", "value.all(x, x)", "value"):
        assert evaluate(expression, {"value": value, "now": NOW}) in {True, False, None}


def test_instants_of_every_year_that_berth_keeps_can_be_compared() -> None:
    earliest, latest = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, 23, 59, tzinfo=UTC)
    assert evaluate("earliest < latest && latest.getFullYear() == 2199", {"earliest": earliest, "latest": latest})


def test_the_library_is_loaded_when_an_expression_is_evaluated_and_without_its_command_line() -> None:
    program = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from chalicelib.adapters.expressions import evaluate
assert not [name for name in sys.modules if name.startswith("cel")]
with ThreadPoolExecutor(8) as threads:
    assert all(threads.map(lambda number: evaluate(f"{number} >= 0", {}), range(64)))
assert not {"typer", "rich", "prompt_toolkit", "pygments"} & set(sys.modules)
import cel
assert cel.evaluate("1 + 1") == 2
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
