"""Addresses that were stored with the domain in Unicode are found by the form that the API compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.adapters.addresses import canonical_email
from chalicelib.database.migrations import migrate
from tests.offers import add_tenant

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database

UNICODE = (
    "ada@bücher.example",
    "ada@straße.example",
    "zoë@mañana.example",
    "info@例え.jp",
    "почта@почта.рф",
    "a@это-просто-пример.испытание",
    "a@ひとつ屋根の下2.example",
    "a@ทดสอบ.example",
    "a@ليهمابتكلموشعربي.example",
    "a@他们为什么不说中文.example",
    "a@xn--bcher-kva.mañana.example",
    "b@bu\u0308cher.\uff45xample",
    "c@bücher。example",
)
AS_THEY_ARE = ("zoë@example.org", "ada@example.org", "ada@xn--fiqs8s.example")
STORE: dict[str, LiteralString] = {
    "guests": """
        INSERT INTO guests (tenant_id, id, name, email, created_at)
        SELECT id, %(id)s, 'Ada', %(email)s, now() FROM tenants WHERE slug = 'addresses'
    """,
    "invitations": """
        INSERT INTO invitations (tenant_id, id, email, role, token_hash, created_at, expires_at)
        SELECT id, %(id)s, %(email)s, 'agent', sha256(%(id)s::text::bytea), now(), now() + interval '1 day'
        FROM tenants WHERE slug = 'addresses'
    """,
    "users": """
        INSERT INTO users (id, email, name, created_at, updated_at)
        SELECT %(id)s, %(email)s, 'Ada', now(), now() FROM tenants WHERE slug = 'addresses'
    """,
}


@pytest.fixture
def owner(database: Database) -> Generator[psycopg.Connection[Any]]:
    add_tenant(database.owner, "addresses", [])
    with psycopg.connect(database.owner) as connection:
        yield connection
        connection.rollback()


def store(owner: psycopg.Connection[Any], table: str, address: str) -> UUID:
    row_id = uuid4()
    owner.execute(STORE[table], {"id": row_id, "email": address})
    return row_id


def repair(owner: psycopg.Connection[Any]) -> None:
    """Run the migration once more, as the runner does."""
    [migration] = [one for one in migrate.load(migrate.FOLDER) if one.name.endswith("domains_of_emails")]
    owner.execute("SET LOCAL ROLE berth_owner")
    owner.execute(migration.statements)
    owner.execute("RESET ROLE")


def stored(owner: psycopg.Connection[Any], table: str) -> dict[UUID, tuple[str, int]]:
    version = SQL("1") if table == "invitations" else Identifier("version")
    query = SQL("SELECT id, email, {} FROM {}").format(version, Identifier(table))
    return {row[0]: (row[1], row[2]) for row in owner.execute(query)}


@pytest.mark.parametrize("table", STORE)
def test_what_was_stored_in_unicode_is_stored_as_it_is_compared(owner: psycopg.Connection[Any], table: str) -> None:
    old = {store(owner, table, address): address for address in UNICODE}
    others = {store(owner, table, address): address for address in AS_THEY_ARE}
    before = stored(owner, table)
    repair(owner)
    after = stored(owner, table)
    for row_id, address in old.items():
        assert after[row_id][0] == canonical_email(address), address
        assert table == "invitations" or after[row_id][1] == before[row_id][1] + 1
    assert {row_id: after[row_id] for row_id in others} == {row_id: before[row_id] for row_id in others}
    repair(owner)
    assert stored(owner, table) == after


def test_a_user_whose_address_is_somebody_elses_by_now_keeps_theirs(owner: psycopg.Connection[Any]) -> None:
    old = store(owner, "users", "ada@bücher.example")
    new = store(owner, "users", "ada@xn--bcher-kva.example")
    first, second = store(owner, "users", "a@mañana.example"), store(owner, "users", "a@man\u0303ana.example")
    repair(owner)
    found = {row_id: email for row_id, (email, _) in stored(owner, "users").items()}
    assert (found[old], found[new]) == ("ada@bücher.example", "ada@xn--bcher-kva.example")
    assert sorted((found[first], found[second])) == ["a@man\u0303ana.example", "a@xn--maana-pta.example"]
