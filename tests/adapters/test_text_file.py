"""A text file that may be replaced while it is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.text_file import TextFile

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_there_now_is_read_and_what_was_read_last_while_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    file = TextFile(path)
    assert file.read() is None
    path.write_text("first", encoding="utf-8")
    assert file.read() == "first"
    path.unlink()
    assert file.read() == "first"
    (tmp_path / "next.html").write_text("second", encoding="utf-8")
    (tmp_path / "next.html").rename(path)
    assert file.read() == "second"


def test_the_container_that_has_it_can_be_the_key_of_what_is_made_once(tmp_path: Path) -> None:
    file = TextFile(tmp_path / "page.html")
    found = {file: "made"}
    file.read()
    assert found[file] == "made"
