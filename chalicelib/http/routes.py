"""The routes of the application, each module of them imported when the first request for one of its paths comes."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from chalice.app import Chalice, RouteEntry

WORD = re.compile(r"/v1/(?:tenants/\{tenant\}/)?([^/]+)")


def word_of(path: str) -> str:
    """Return by which word of a path its modules are found: what follows the tenant, or the version."""
    found = WORD.match(path)
    return "" if found is None else found[1]


class Routes(MutableMapping[str, "dict[str, RouteEntry]"]):
    """What Chalice keeps as `app.routes`: entries by path and method.

    A function answers a few paths before it is let go, so it imports what these need. Going over all routes, as
    `chalice package` and the embedded gateway do, imports all modules first.
    """

    def __init__(self, app: Chalice, modules: Mapping[str, Set[str]], describing: str) -> None:
        """`modules`: those of routes, below `chalicelib`, with the words of their paths.

        `describing`: the word of the path that tells of all routes.
        """
        self._app = app
        self._modules: dict[str, list[str]] = {describing: list(modules)}
        for module, words in modules.items():
            for word in words - {describing}:
                self._modules.setdefault(word, []).append(module)
        self._all = tuple(modules)
        self._entries: dict[str, dict[str, RouteEntry]] = {}
        self._registered: set[str] = set()
        self._importing = RLock()
        self._registering = False

    def __getitem__(self, path: str) -> dict[str, RouteEntry]:
        """Return the entries of a path, an empty dictionary for an unknown one, as Chalice's own table does."""
        self._import(self._modules.get(word_of(path), ()))
        return self._entries.setdefault(path, {})

    def __setitem__(self, path: str, entries: dict[str, RouteEntry]) -> None:
        self._entries[path] = entries

    def __delitem__(self, path: str) -> None:
        del self._entries[path]

    def __iter__(self) -> Iterator[str]:
        self.import_all()
        return iter(self._entries)

    def __len__(self) -> int:
        self.import_all()
        return len(self._entries)

    def __contains__(self, path: object) -> bool:
        self.import_all()
        return path in self._entries

    def import_all(self) -> None:
        """Import all modules of routes."""
        self._import(self._all)

    def _import(self, modules: Sequence[str]) -> None:
        with self._importing:
            if self._registering:  # Chalice asks for each path that a module registers
                return
            self._registering = True
            try:
                for module in modules:
                    if module not in self._registered:
                        self._app.register_blueprint(import_module(f"chalicelib.{module}").blueprint)
                        self._registered.add(module)
            finally:
                self._registering = False
