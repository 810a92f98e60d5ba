from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import memory
from tools.memory import temporary_files_in_memory


def answer(monkeypatch: pytest.MonkeyPatch, free: int, flags: int) -> None:
    def statvfs(_: Path) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=free, f_frsize=1, f_flag=flags)

    monkeypatch.setattr(os, "statvfs", statvfs)


def test_temporary_files_are_made_where_there_is_room_and_gone_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, memory.ROOM, 0)
    with temporary_files_in_memory(tmp_path) as variables:
        folder = Path(variables["TMPDIR"])
        assert folder.parent == tmp_path
        (folder / "left").touch()
    assert not folder.exists()


@pytest.mark.parametrize(("free", "flags"), [(memory.ROOM - 1, 0), (memory.ROOM, os.ST_NOEXEC)], ids=str)
def test_without_room_or_where_nothing_may_be_executed_they_stay_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, flags: int
) -> None:
    answer(monkeypatch, free, flags)
    with temporary_files_in_memory(tmp_path) as variables:
        assert variables == {}


def test_a_system_without_files_in_memory_has_no_room(tmp_path: Path) -> None:
    with temporary_files_in_memory(tmp_path / "missing") as variables:
        assert variables == {}
