from __future__ import annotations

from chalicelib.core.memories import Memory


def test_what_is_kept_is_found_until_all_of_it_gets_too_heavy() -> None:
    memory: Memory[str] = Memory(10)
    assert memory.keep("light", "a", 4) == "a"
    memory.keep("other", "b", 6)
    assert (memory.find("light"), memory.find("other"), memory.find("unknown")) == ("a", "b", None)
    memory.keep("one more", "c", 1)
    assert (memory.find("light"), memory.find("one more")) == (None, "c")


def test_what_is_too_heavy_by_itself_is_not_kept() -> None:
    memory: Memory[str] = Memory(10)
    assert memory.keep("heavy", "a", 11) == "a"
    assert memory.find("heavy") is None
    memory.keep("light", "b", 5)
    assert memory.find("light") == "b"
