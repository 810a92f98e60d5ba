"""Whatever administrators, guests and the clock do in any order, what was promised holds."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.combinations.machine import Combinations
from tests.combinations.world import serve

if TYPE_CHECKING:
    from pathlib import Path

    from local.postgres.cluster import Cluster

SETTINGS = settings(
    max_examples=10,
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
LONG = settings(SETTINGS, max_examples=5, stateful_step_count=60)


@pytest.mark.timeout(600)
def test_what_was_promised_holds_in_every_combination(
    cluster: Cluster, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    minutes, seed = request.config.getoption("minutes", 0), request.config.getoption("seed", None)
    with serve(tmp_path) as address:
        Combinations.cluster, Combinations.address = cluster, address
        if not minutes:
            run_state_machine_as_test(Combinations, settings=SETTINGS)
            return
        _go_on(minutes, seed or 1, request)


def _go_on(minutes: int, first: int, request: pytest.FixtureRequest) -> None:
    """Try seed after seed, each with five lives of sixty steps; what is found names its seed."""
    ends = time.monotonic() + 60 * minutes
    for seed in count(first):
        try:
            run_state_machine_as_test(hypothesis.seed(seed)(Combinations), settings=LONG)
        except BaseException as found:
            found.add_note(f"Found with: ./dev prove combinations --minutes 1 --seed {seed}")
            raise
        if time.monotonic() > ends:
            request.config.get_terminal_writer().line(f"\nNothing was found with the seeds {first} to {seed}.")
            return
