from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chalicelib.core.memories import FreshMemory, Memory

NOW = datetime(2027, 6, 1, tzinfo=UTC)


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


def test_an_answer_is_given_again_under_the_same_facts_while_it_is_fresh() -> None:
    memory: FreshMemory[str] = FreshMemory(10, timedelta(seconds=5))
    memory.keep("what?", "facts", NOW, "this", 1)
    assert memory.knows("what?")
    assert memory.find("what?", "facts", NOW + timedelta(seconds=4)) == ("this", timedelta(seconds=4))
    assert memory.find("what?", "facts", NOW + timedelta(seconds=5)) is None
    assert memory.find("what?", "facts", NOW - timedelta(seconds=1)) is None
    assert memory.find("what?", "other facts", NOW) is None
    assert (memory.knows("why?"), memory.find("why?", "facts", NOW)) == (False, None)
