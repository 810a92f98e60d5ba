"""Benches that are run now and then still run."""

from __future__ import annotations

import re
import tempfile
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.errors import CommandError
from tools.bench import command, protections, tenants
from tools.bench.stage import Figure, Stage, open_stage


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


def test_a_figure_says_by_how_much_it_is_worse_than_before() -> None:
    less, more, none = (Figure("f", "2.20 ms", target, met=True) for target in ("≤ 1.2 ms", "≥ 1.00", "(none)"))
    assert (less.worse_by(2.0), more.worse_by(2.2), none.worse_by(2.0)) == (pytest.approx(0.1), pytest.approx(0), None)
    assert Figure("f", "1,100", "≥ 1", met=True).worse_by(2200) == pytest.approx(1)


def test_a_run_is_compared_with_one_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = iter(("1.00", "1.04", "1.06", "1.06"))

    def run(_stage: Stage) -> list[Figure]:
        return [Figure("one", next(reached), "≤ 0.5", met=False)]

    monkeypatch.setattr(command, "BENCHES", {"one": run})
    monkeypatch.setattr(command, "_stage", lambda: nullcontext(SimpleNamespace(cluster=SimpleNamespace(major=18))))
    kept = str(tmp_path / "kept.json")
    assert command.main(["one", "--keep", kept]) == 1  # missed, as its target says
    assert command.main(["one", "--compare", kept, "--strict"]) == 0
    assert command.main(["one", "--compare", kept]) == 0
    capsys.readouterr()
    assert command.main(["one", "--compare", kept, "--strict"]) == 1
    assert "Worse by more than 5%: one by 6%." in capsys.readouterr().out
    with pytest.raises(CommandError, match="holds no figures"):
        command.main(["one", "--compare", str(tmp_path / "nothing.json")])
