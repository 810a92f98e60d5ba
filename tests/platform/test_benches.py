"""Benches that are run now and then still run."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from tools.bench import protections, tenants
from tools.bench.stage import open_stage


@pytest.mark.slow
def test_what_protections_cost_is_measured_and_takes_no_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("CALLS", 20), ("CREATES", 5), ("REQUESTS", 20)):
        monkeypatch.setattr(protections, name, few)
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as folder:
        Path(folder).chmod(0o755)  # root's Postgres runs as somebody else, who has to get in
        with open_stage(Path(folder) / "data") as stage:
            figures = {figure.name: figure for figure in protections.run(stage, rounds=1)}
    trips = [figure.reached for name, figure in figures.items() if name.endswith("round trips")]
    assert trips == ["3 / 3"] * 3
    others = [figure.reached for name, figure in figures.items() if not name.endswith("round trips")]
    assert len(others) == 7
    assert all(re.fullmatch(r"\d+\.\d\d \(\d+\.\d\d / \d+\.\d\d\)", reached) for reached in others)
    assert all(figure.met for figure in figures.values())


@pytest.mark.slow
def test_what_the_tenant_in_the_exclusion_constraint_costs_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("FILLED", 200), ("INSERTED", 20), ("CREATES", 3)):
        monkeypatch.setattr(tenants, name, few)
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as folder:
        Path(folder).chmod(0o755)
        with open_stage(Path(folder) / "data") as stage:
            figures = tenants.run(stage, rounds=2)
    assert len(figures) == 7
    assert all(re.fullmatch(r"\d+\.\d\d \(\d+\.\d\d / \d+\.\d\d\)", figure.reached) for figure in figures)
