"""docs/OPERATIONS.md, docs/MAP.md and docs/GLOSSARY.md name what there is: variables, commands, files, words."""

from __future__ import annotations

import ast
import re
from itertools import chain
from typing import TYPE_CHECKING

from chalicelib.access.model.people import Role
from chalicelib.config import LIMITS
from chalicelib.reservations.model.reservations import INITIAL_STATES, State
from chalicelib.scheduled import JOBS
from chalicelib.waiting.model.waitlist import EntryState
from local.gateway.serve import ROOT
from tests.endpoints import MODULES_OF_ENDPOINTS
from tools.test_run import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPERATIONS = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
MAP = (ROOT / "docs" / "MAP.md").read_text(encoding="utf-8")
VARIABLE = re.compile(r"BERTH_[A-Z_]+|DATABASE_(REPLICA_)?URL")


def variables_read_in(path: Path) -> set[str]:
    """The names of environment variables that a module has as whole texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if VARIABLE.fullmatch(text)}


def rows_of(page: str, heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading, without its head."""
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    for line in [line for line in section.splitlines() if line.startswith("|")][2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_has_every_variable_that_is_read_and_no_other() -> None:
    readers = ("chalicelib/config.py", "local/data_directory.py", "local/environment.py")
    read = set(chain.from_iterable(variables_read_in(ROOT / reader) for reader in readers))
    read |= {f"BERTH_{name.upper()}" for name in LIMITS}
    described = [name for row in rows_of(OPERATIONS, "Configuration") for name in re.findall(r"`([A-Z_]+)`", row[0])]
    assert len(read) > 10
    assert sorted(described) == sorted(read)


def test_every_variable_is_said_to_mean_something() -> None:
    for names, meaning, *_ in rows_of(OPERATIONS, "Configuration"):
        assert len(meaning) > 10, names


def test_every_command_is_named() -> None:
    from tools.__main__ import COMMANDS

    named = {name for row in rows_of(OPERATIONS, "Commands") for name in re.findall(r"`(\w+)`", row[0])}
    assert named == set(COMMANDS)


def test_the_map_names_files_that_are_there() -> None:
    missing: list[str] = []
    for line in MAP.splitlines():
        folder = ROOT / "chalicelib"
        for name in re.findall(r"`((?:\w+/)*\w+\.(?:py|sql))`", line):
            candidates = [ROOT / "chalicelib" / name, ROOT / name, folder / name]
            found = next((path for path in candidates if path.is_file()), None)
            missing += [] if found or name == "for_others.py" else [name]  # it is in every capability
            folder = found.parent if found else folder
    assert missing == []


def test_the_map_leaves_out_no_route_no_use_case_and_no_sql() -> None:
    house = ROOT / "chalicelib"
    layers = ("core", "adapters", "telemetry", "http", "database", "model", "rules", "schemas", "storage", "api")
    use_cases = {path for path in house.glob("**/*.py") if path.parent.name not in layers and path.parent != house}
    files = [*use_cases, *(ROOT / file for file in STATEMENTS)]
    names = {path.name for path in [*files, *MODULES_OF_ENDPOINTS] if path.name != "__init__.py"}
    named = set(re.findall(r"(\w+\.(?:py|sql))`", MAP))
    assert sorted(names - named - {"check_allocations.sql", "check_histories.sql"}) == []


def test_links_between_papers_lead_somewhere() -> None:
    papers = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    links = [(paper, link) for paper in papers for link in re.findall(r"\]\(([^)#]+)[^)]*\)", paper.read_text("utf-8"))]
    assert len(links) > 10
    assert [f"{paper.name}: {link}" for paper, link in links if not (paper.parent / link).exists()] == []


def test_the_glossary_has_the_words_that_answers_are_made_of() -> None:
    roles = set(Role) - {Role.ANYONE, Role.SIGNED_IN}
    words = {*State, *EntryState, *INITIAL_STATES} | {role.replace("api_key", "api key") for role in roles}
    assert {word for word in words if not re.search(rf"\b{word}\b", GLOSSARY, re.IGNORECASE)} == set()


def test_every_job_is_in_the_list_that_is_shown() -> None:
    listed = OPERATIONS.split("$ ./dev jobs\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    assert [line.split()[0] for line in listed] == list(JOBS)
