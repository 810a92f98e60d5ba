"""`./dev seals` as it is typed: it seals, says whether the chain holds, and exits with 1 where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from local.errors import CommandError
from tests.consistency.world import TENANT, make_world
from tools.seals import main

if TYPE_CHECKING:
    from tests.databases import Database


@pytest.fixture
def sealed(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database in which much has happened, sealed by the command."""
    monkeypatch.setenv("DATABASE_URL", database.owner)
    make_world(database)
    assert main(["seal", "--tenant", TENANT]) == 0
    return database


def test_a_chain_that_holds_is_told_with_its_whole_head(sealed: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    with psycopg.connect(sealed.owner) as owner:
        head = owner.execute("SELECT encode(digest, 'hex') FROM event_seals").fetchall()
    assert f"HEAD  {TENANT}: {head[0][0]}\n" in capsys.readouterr().out


def test_a_broken_chain_is_named_and_exits_with_one(sealed: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(sealed.owner) as owner:
        owner.execute("SET session_replication_role = replica")
        gone = owner.execute(
            "DELETE FROM events WHERE id = (SELECT id FROM events ORDER BY transaction_id, id LIMIT 1) RETURNING id"
        ).fetchall()
    assert main(["verify", "--tenant", TENANT]) == 1
    assert f"BROKEN  {TENANT}: event {gone[0][0]}, under seal 1, is gone\n" in capsys.readouterr().out


def test_a_tenant_that_is_none_is_one_sentence(sealed: Database) -> None:
    assert sealed
    with pytest.raises(CommandError, match=r"tenant|nobody"):
        main(["verify", "--tenant", "nobody"])
