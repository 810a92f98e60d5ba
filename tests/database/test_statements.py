"""Every named statement suits the migrated schema, and the role that runs it may do what it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.sql import SQL

from chalicelib.database import statements
from tests.database.files import FILES
from tools.test_run import ROOT

if TYPE_CHECKING:
    from tests.databases import Database

STATEMENTS = {
    f"{file.relative_to(ROOT / 'chalicelib')}:{name}": (file, name, text)
    for file in FILES
    for name, text in statements.beside(str(file)).items()
}
OF_JOBS = ("check", "seals", "jobs", "outbox", "partitions", "webhook_sending", "push_sending")
"""How the names of those files begin whose statements run as berth_jobs."""
PARAMETER = re.compile(r"%\((\w+)\)s")


def positional(text: str) -> tuple[str, int]:
    """The statement with PostgreSQL's own parameters, as psycopg sends it, and how many there are."""
    names = list(dict.fromkeys(PARAMETER.findall(text)))
    return PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", text).replace("%%", "%"), len(names)


def test_there_are_statements() -> None:
    assert len(STATEMENTS) > 20
    assert {file for file, _, _ in STATEMENTS.values()} == set(FILES)


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_can_be_prepared_and_its_role_may_run_it(name: str, module_database: Database) -> None:
    file, _, statement = STATEMENTS[name]
    text, count = positional(statement)
    dsn = module_database.jobs if file.stem.startswith(OF_JOBS) else module_database.app
    with psycopg.connect(dsn) as connection:
        connection.execute(SQL("PREPARE statement AS {}").format(SQL(text)))  # pyright: ignore[reportArgumentType] - ours
        values = SQL(", ").join([SQL("NULL")] * count)
        execute = SQL("EXPLAIN EXECUTE statement({})").format(values) if count else SQL("EXPLAIN EXECUTE statement")
        assert connection.execute(execute).fetchall()


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_used_where_its_name_says(name: str) -> None:
    """`<stem>.sql` is read by the `<stem>.py` beside it; the proofs of one module are spread over several files."""
    file, statement, _ = STATEMENTS[name]
    module = file.with_name("check.py") if file.stem.startswith("check") else file.with_suffix(".py")
    assert f'"{statement}"' in module.read_text()
