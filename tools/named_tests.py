"""Which tests `./dev test NAME` means: a path, a folder of tests/, or one of its files by the least that names it."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_NEAR_NAMES = 6
Key = tuple[str, ...]


def split_names(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names at the beginning, and what is pytest's: everything from the first option on."""
    first = next((place for place, argument in enumerate(arguments) if argument.startswith("-")), len(arguments))
    return list(arguments[:first]), list(arguments[first:])


def find_tests(name: str, root: Path) -> list[str]:
    """The paths that a name means, from `root`; it may go on with `::` and one test. Raises `CommandError`."""
    path, separator, test = name.partition("::")
    if (root / path).exists() and Path(path).parts[:1] == ("tests",):
        return [name]
    wanted = _key(Path(path))
    named = [(known, key) for known, key in _known(root) if wanted and key[-len(wanted) :] == wanted]
    folders = [known for known, _ in named if known.is_dir()]
    found = sorted(known for known, _ in named if not any(folder in known.parents for folder in folders))
    if not found:
        raise CommandError(_unknown(name, wanted, root))
    return [f"{known.relative_to(root)}{separator}{test}" for known in found]


def _known(root: Path) -> Iterator[tuple[Path, Key]]:
    """Every file of tests, and every folder that holds some."""
    tests = root / "tests"
    files = sorted(tests.rglob("test_*.py"))
    folders = {folder for file in files for folder in file.parents if tests in folder.parents}
    for path in (*files, *sorted(folders)):
        yield path, _key(path.relative_to(tests))


def _key(path: Path) -> Key:
    """A path as it may be named: without `tests/`, `test_` and `.py`; a hyphen is as good as an underscore."""
    parts = [part.replace("-", "_") for part in path.with_suffix("").parts if part != "tests"]
    return (*parts[:-1], parts[-1].removeprefix("test_")) if parts else ()


def _unknown(name: str, wanted: Key, root: Path) -> str:
    last = wanted[-1] if wanted else name
    names = sorted({key[-1] for _, key in _known(root)})
    near = [one for one in names if last in one or one in last]
    near += [one for one in difflib.get_close_matches(last, names, MOST_NEAR_NAMES) if one not in near]
    folders = sorted({key[0] for _, key in _known(root)})
    listed = f"Near are: {', '.join(near[:MOST_NEAR_NAMES])}." if near else f"There are: {', '.join(folders)}."
    return (
        f"No tests are named {name!r}. {listed} A name is a folder of tests/, or a file of it with or without test_; "
        "names come first, and from the first - on everything is for pytest."
    )
