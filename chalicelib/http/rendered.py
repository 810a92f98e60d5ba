"""The JSON of answers that are given more than once: made once, and kept as long as what it says is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

T = TypeVar("T")


class Rendered(Generic[T]):
    """What `render` makes of things that do not change and are told apart by what they are, not by what they hold."""

    def __init__(self, render: Callable[[T], BaseModel]) -> None:
        self._render = render
        self._texts: WeakKeyDictionary[T, str] = WeakKeyDictionary()

    def text_of(self, thing: T) -> str:
        """Return its public form as JSON."""
        text = self._texts.get(thing)
        if text is None:
            text = self._texts[thing] = self._render(thing).model_dump_json(exclude_none=False)
        return text
