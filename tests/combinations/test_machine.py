"""Whatever administrators, guests and the clock do in any order, what was promised holds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.combinations.meetings import Meetings
from tests.combinations.take_outs import TAKE_OUTS, without
from tests.combinations.world import serve
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.postgres.cluster import Cluster

SETTINGS = settings(
    max_examples=examples(16),
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
LONG = settings(SETTINGS, max_examples=5, stateful_step_count=60)
QUICKLY_FOUND = {"A5-never-owed": 1, "A9-series": 1, "C14-guide": 2}
"""Take-outs that are found with few steps, and the seeds: docs/COMBINATIONS.md lists all."""


@pytest.fixture(scope="module", autouse=True)
def _served(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    with serve(tmp_path_factory.mktemp("combinations")) as address:
        Meetings.cluster, Meetings.address = cluster, address
        yield


@pytest.mark.examples
@pytest.mark.timeout(600)
def test_what_was_promised_holds_in_every_combination(request: pytest.FixtureRequest) -> None:
    minutes: int = request.config.getoption("minutes", 0) or 0
    seed: int | None = request.config.getoption("seed", None)
    name = request.config.getoption("without", None)
    if name is not None:
        _find_all(sorted(TAKE_OUTS) if name == "all" else name.split(","), seed or 1, minutes, request)
    elif minutes:
        _go_on(minutes, seed or 1, request)
    else:
        run_state_machine_as_test(Meetings, settings=SETTINGS)


@pytest.mark.parametrize("name", TAKE_OUTS)
def test_each_mend_can_be_taken_out(name: str) -> None:
    """A function that was renamed since would make a take-out find nothing."""
    with without(name):
        pass


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "seed"), QUICKLY_FOUND.items())
def test_a_fault_is_found_once_its_mend_is_taken_out(name: str, seed: int, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("minutes", 0):
        pytest.skip("the other test takes the time")
    assert find(name, seed) is not None


@dataclass(frozen=True)
class Found:
    """With which seed a fault was found, after how many steps and seconds of all seeds, and how it showed."""

    seed: int
    steps: int
    seconds: float
    what: str


def find(name: str, first: int, minutes: float = 0) -> Found | None:
    """Try seed after seed with a mend taken out, one at least."""
    began, before = time.monotonic(), Meetings.steps
    for seed in count(first):
        with without(name):  # outside: what cannot be taken out is not found
            try:
                run_state_machine_as_test(hypothesis.seed(seed)(Meetings), settings=LONG)
            except Exception as found:
                what = f"{type(found).__name__}: {str(found).strip()}".splitlines()[0]
                return Found(seed, Meetings.steps - before, time.monotonic() - began, what)
        if time.monotonic() - began >= 60 * minutes:
            return None
    raise AssertionError


def _find_all(names: list[str], first: int, minutes: int, request: pytest.FixtureRequest) -> None:
    """Say of each take-out with which seed it is found; fail if one is not."""
    lines = request.config.get_terminal_writer()
    missed: list[str] = []
    for name in names:
        before = Meetings.steps
        found = find(name, first, minutes)
        if found is None:
            missed.append(name)
            steps = Meetings.steps - before
            lines.line(f"{name}: not found in {steps} steps, {minutes} min, from seed {first} on", flush=True)
        else:
            told = f"seed {found.seed}, {found.steps} steps, {found.seconds:.0f} s: {found.what[:120]}"
            lines.line(f"{name}: {told}", flush=True)
    assert missed == []


def _go_on(minutes: int, first: int, request: pytest.FixtureRequest) -> None:
    """Try seed after seed, each with five lives of sixty steps; what is found names its seed."""
    ends = time.monotonic() + 60 * minutes
    for seed in count(first):
        try:
            run_state_machine_as_test(hypothesis.seed(seed)(Meetings), settings=LONG)
        except BaseException as found:
            found.add_note(f"Found with: ./dev prove combinations --minutes 1 --seed {seed}")
            raise
        if time.monotonic() > ends:
            request.config.get_terminal_writer().line(f"\nNothing was found with the seeds {first} to {seed}.")
            return
