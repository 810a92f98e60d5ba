"""Every named statement suits the migrated schema, and the role that runs it may do what it does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.sql import SQL

from chalicelib.storage import statements

if TYPE_CHECKING:
    from tests.databases import Database

STORAGE = Path(statements.__file__).parent
STATEMENTS = {
    f"{path.stem}.{name}": text
    for path in sorted(statements.SQL_FOLDER.glob("*.sql"))
    for name, text in statements.load(path.stem).items()
}
PARAMETER = re.compile(r"%\((\w+)\)s")


def positional(text: str) -> tuple[str, int]:
    """The statement with PostgreSQL's own parameters, as psycopg sends it, and how many there are."""
    names = list(dict.fromkeys(PARAMETER.findall(text)))
    return PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", text).replace("%%", "%"), len(names)


def test_there_are_statements() -> None:
    assert len(STATEMENTS) > 20


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_can_be_prepared_and_its_role_may_run_it(name: str, module_database: Database) -> None:
    text, count = positional(STATEMENTS[name])
    dsn = (
        module_database.jobs
        if name.startswith(("check", "seals", "jobs", "outbox", "partitions"))
        else module_database.app
    )
    with psycopg.connect(dsn) as connection:
        connection.execute(SQL("PREPARE statement AS {}").format(SQL(text)))  # pyright: ignore[reportArgumentType] - ours
        values = SQL(", ").join([SQL("NULL")] * count)
        execute = SQL("EXPLAIN EXECUTE statement({})").format(values) if count else SQL("EXPLAIN EXECUTE statement")
        assert connection.execute(execute).fetchall()


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_used_where_its_name_says(name: str) -> None:
    """`sql/<stem>.sql` is read by `<stem>.py`; the proofs of one module are spread over several files."""
    stem, _, statement = name.partition(".")
    module = STORAGE / ("check.py" if stem.startswith("check") else f"{stem}.py")
    assert f'"{statement}"' in module.read_text()
