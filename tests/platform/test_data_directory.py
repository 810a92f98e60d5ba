"""The data directory: made once, ours alone, and never somebody else's folder."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from local.data_directory import DataDirectory, Purpose, open_data_directory
from local.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path


def opened(path: Path, purpose: Purpose = Purpose.NORMAL, *, fresh: bool = False) -> DataDirectory:
    with open_data_directory(path, purpose=purpose, fresh=fresh) as directory:
        return directory


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    first = opened(tmp_path / "data")
    assert opened(tmp_path / "data").secrets == first.secrets
    assert len(set(first.secrets.passwords.values())) == 4
    assert len(first.secrets.signing_key) >= 32


def test_two_data_directories_share_no_secret(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "one").secrets, opened(tmp_path / "other").secrets
    assert one.signing_key != other.signing_key
    assert one.demo_password != other.demo_password


def test_only_the_owner_may_read_the_secrets(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        opened(tmp_path / "data")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data" / "secrets.json").stat().st_mode) == 0o600


def test_the_demo_password_can_be_set_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generated = opened(tmp_path / "data").secrets.demo_password
    monkeypatch.setenv("BERTH_DEMO_PASSWORD", "open sesame")
    assert opened(tmp_path / "data").secrets.demo_password == "open sesame"
    monkeypatch.delenv("BERTH_DEMO_PASSWORD")
    assert opened(tmp_path / "data").secrets.demo_password == generated


def test_a_directory_in_use_is_refused_and_its_user_named(tmp_path: Path) -> None:
    with (
        open_data_directory(tmp_path / "data", purpose=Purpose.NORMAL, fresh=False),
        pytest.raises(CommandError, match=rf"in use by another running Berth \(process {os.getpid()}\)"),
    ):
        opened(tmp_path / "data")
    opened(tmp_path / "data")


def test_throwing_away_what_is_in_use_is_refused(tmp_path: Path) -> None:
    with (
        open_data_directory(tmp_path / "data", purpose=Purpose.NORMAL, fresh=False) as directory,
        pytest.raises(CommandError, match="in use"),
    ):
        opened(tmp_path / "data", fresh=True)
    assert opened(tmp_path / "data").secrets == directory.secrets


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_that_berth_did_not_make_is_left_alone(tmp_path: Path, *, fresh: bool) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(CommandError, match="exists and Berth did not make it"):
        opened(tmp_path, fresh=fresh)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    with pytest.raises(CommandError, match="Berth did not make it"):
        opened(tmp_path / "data", fresh=True)


def test_fresh_throws_everything_away(tmp_path: Path) -> None:
    before = opened(tmp_path / "data")
    (tmp_path / "data" / "postgres").mkdir()
    (tmp_path / "data" / "postgres" / "log").write_text("old")
    after = opened(tmp_path / "data", fresh=True)
    assert after.secrets != before.secrets
    assert not (tmp_path / "data" / "postgres").exists()


def test_fresh_follows_no_link_out_of_the_directory(tmp_path: Path) -> None:
    opened(tmp_path / "data")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("mine")
    (tmp_path / "data" / "postgres").symlink_to(tmp_path / "precious")
    opened(tmp_path / "data", fresh=True)
    assert (tmp_path / "precious" / "file").read_text() == "mine"


def test_only_a_directory_made_for_a_simulation_is_simulated(tmp_path: Path) -> None:
    opened(tmp_path / "normal")
    opened(tmp_path / "simulated", Purpose.SIMULATED)
    assert opened(tmp_path / "simulated", Purpose.SIMULATED).purpose is Purpose.SIMULATED
    with pytest.raises(CommandError, match="was made for normal use, not simulated"):
        opened(tmp_path / "normal", Purpose.SIMULATED)
    with pytest.raises(CommandError, match="was made for simulated use, not normal"):
        opened(tmp_path / "simulated")


def test_a_directory_of_another_format_is_refused_until_thrown_away(tmp_path: Path) -> None:
    opened(tmp_path / "data")
    marker = tmp_path / "data" / "berth.json"
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "format": 2}))
    with pytest.raises(CommandError, match=r"made by another Berth \(format 2; this one knows 1\)"):
        opened(tmp_path / "data")
    opened(tmp_path / "data", fresh=True)


@pytest.mark.parametrize("name", ["berth.json", "secrets.json"])
def test_a_damaged_file_is_named_and_fresh_mends_it(tmp_path: Path, name: str) -> None:
    opened(tmp_path / "data")
    (tmp_path / "data" / name).write_text("{")
    with pytest.raises(CommandError, match=f"{name} is missing or damaged"):
        opened(tmp_path / "data")
    opened(tmp_path / "data", fresh=True)


def test_a_start_that_was_interrupted_before_the_marker_is_continued(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("lock", "secrets.json", "berth.new"):
        (tmp_path / "data" / name).touch()
    opened(tmp_path / "data")
