"""The database can be spread over several servers by tenant: no constraint and no statement needs two tenants at once.

What does is named here, with its reason; nothing is named that does not. docs/SCALE.md says when that matters.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from psycopg.sql import SQL

from tests.database.test_statements import STATEMENTS, positional

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Database

BESIDE = "a UUID is unique by itself; UNIQUE (tenant_id, id) stands beside it and is what references name"
BY_ITSELF = "a UUID is unique by itself, and nothing refers to it"
EXCEPT_CONSTRAINTS = {
    "allocations_never_share_a_unit": "an inventory is of one tenant, by reference (ADR 28 measures it)",
    "edit_locks_never_overlap": "a resource is of one tenant, by reference, and so is its lock",
    "allocations_pkey": "the UUID of who blocks, and a part's number",
    "edit_locks_fencing_key": "fencing numbers of all tenants come from one sequence",
    "api_keys_prefix_key": "random, and looked up within the tenant",
    "invitations_token_hash_key": "who accepts an invitation knows the token and not yet the tenant",
    "connections_pkey": "who sends a message over a connection is known by its id alone",
    "outbox_pkey": "the UUID of the event",
    "waitlist_entries_by_id": "offers are answered by the ids of reservations, whoever answers",
    "availability_windows_pkey": BY_ITSELF,
    "reservation_changes_pkey": BY_ITSELF,
    **{
        f"{table}_pkey": BESIDE
        for table in ("closures", "guests", "inventories", "policies", "reservations", "resources")
    },
}
WITHOUT_TENANT: LiteralString = """
SELECT index.indexrelid::regclass::text, index.indrelid::regclass::text
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indrelid
JOIN pg_attribute AS tenant ON tenant.attrelid = class.oid AND tenant.attname = 'tenant_id'
WHERE class.relnamespace = 'public'::regnamespace AND NOT class.relispartition
    AND (index.indisunique OR index.indisexclusion) AND NOT tenant.attnum = ANY(index.indkey)
"""
HAS_BESIDE: LiteralString = """
SELECT EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'u' AND pg_get_constraintdef(oid) = 'UNIQUE (tenant_id, id)'
)
"""
SWEEP = "a sweep takes what is due, of whichever tenant; spread, it goes server by server"
CHECK = "`./dev check` proves all that there is; spread, it goes server by server"
OWN = "a user's own, at every tenant they work for: users belong to no tenant"
BY_ID = "of a connection the id is known before the tenant; it may be kept where all servers reach it"
UNPRINTED = "it names the tenant in a subquery whose condition plans do not print"
EXCEPT_STATEMENTS = {
    "access/storage/access.sql": {"read_access": OWN},
    "accounts/storage/sign_in.sql": {"read_memberships": OWN},
    "availability/storage/queues.sql": {"waited_for": SWEEP, "answer_offers": SWEEP},
    "availability/storage/sweeps.sql": {"due_reservations": SWEEP, "due_arrivals": SWEEP, "sweep": SWEEP},
    "delivery/storage/outbox.sql": dict.fromkeys(
        (
            *("take_events", "hurry_earlier", "begin_attempts", "settle_attempts", "read_backlog", "list_dead"),
            *("retry_dead", "wake_targets"),
        ),
        SWEEP,
    ),
    "delivery/storage/webhook_sending.sql": {"list_enabled": SWEEP},
    "delivery/storage/push_sending.sql": {"list_recipients": SWEEP},
    "edit_locks/storage/edit_locks.sql": {"due_locks": SWEEP, "expire_locks": SWEEP, "renew_lock": UNPRINTED},
    "jobs/storage/jobs.sql": dict.fromkeys(
        (
            "remove_past_allocations",
            "remove_old_keys",
            "remove_old_requests",
            "remove_old_deliveries",
            "remove_surplus_deliveries",
        ),
        SWEEP,
    ),
    "jobs/storage/partitions.sql": {"archive_partition": SWEEP},
    "realtime/storage/connections.sql": {
        "touch_connection": BY_ID,
        "find_connection": BY_ID,
        "signed_out_connections": OWN,
        **dict.fromkeys(("tenants_with_connections", "lapsed_connections", "remove_lapsed"), SWEEP),
    },
    "reporting/storage/check_allocations.sql": dict.fromkeys(
        (
            *("units_used_twice", "allocations_that_differ", "units_that_differ", "needs_that_differ"),
            *("units_that_inventories_lack", "rooms_that_change", "closures_that_differ"),
        ),
        CHECK,
    ),
    "reporting/storage/check_histories.sql": dict.fromkeys(
        (
            *("count_examined", "illegal_histories", "histories_that_end_elsewhere", "terms_that_change"),
            *("ends_that_differ", "earlier_rooms_that_differ", "waitlist_entries_that_differ"),
            "references_that_dangle",
        ),
        CHECK,
    ),
    "reporting/storage/statistics.sql": {"read_offers": UNPRINTED},
    "waiting/storage/pending.sql": {"waiting_resources": SWEEP, "overdue_changes": SWEEP},
    "waiting/storage/waitlist.sql": {"where_somebody_waits": SWEEP},
}
EXCEPTED = {f"{file}:{name}" for file, names in EXCEPT_STATEMENTS.items() for name in names}

CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "Join Filter", "Hash Cond", "Merge Cond")
ONE = r"(?:\(?current_tenant_id\(\)|\(NULLIF\(current_setting\('app\.tenant_id'|\$\d+|\(InitPlan \d+\)\.col1)"
"""The transaction's tenant, whose function is inlined into some plans, or one that is given or looked up."""
IS_ONE = re.compile(rf"\b(\w+)\.tenant_id\)? = {ONE}|{ONE}\)? = \(?(\w+)\.tenant_id\b")
IS_THE_OTHERS = re.compile(r"\b(\w+)\.tenant_id\)? = \(?(\w+)\.tenant_id\b")


@cache
def tables_with_a_tenant(owner_dsn: str) -> frozenset[str]:
    query = "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'tenant_id' AND NOT attisdropped"
    with psycopg.connect(owner_dsn) as owner:
        return frozenset(row[0] for row in owner.execute(query).fetchall())


def of_any_tenant(owner: psycopg.Connection[Any], statement: str, tables: frozenset[str]) -> set[str]:
    """What a statement reads without saying of which tenant, by itself or by what it is joined with.

    Asked of the plan as a superuser has it, for whom row security adds no condition.
    """
    text, count = positional(statement)
    owner.execute("SET plan_cache_mode = force_generic_plan")
    owner.execute(SQL("PREPARE statement AS {}").format(SQL(text)))  # pyright: ignore[reportArgumentType] - ours
    values = SQL("({})").format(SQL(", ").join([SQL("NULL")] * count)) if count else SQL("")
    row = owner.execute(SQL("EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE statement{}").format(values)).fetchone()
    owner.execute("DEALLOCATE statement")
    assert row is not None
    nodes = list(nodes_of(row[0][0]["Plan"]))
    conditions = [str(node[name]) for node in nodes for name in CONDITIONS if name in node]
    read = {node["Alias"] for node in nodes if node.get("Relation Name") in tables and is_read(node)}
    bound = {name for condition in conditions for found in IS_ONE.findall(condition) for name in found if name}
    pairs = [set(found) for condition in conditions for found in IS_THE_OTHERS.findall(condition)]
    while more := {name for pair in pairs if pair & bound for name in pair} - bound:
        bound |= more
    return read - bound


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from nodes_of(below)


def is_read(node: dict[str, Any]) -> bool:
    return node["Node Type"] != "ModifyTable"  # what it changes is read by a scan below it; what is inserted is checked


def test_constraints_of_tables_of_tenants_name_the_tenant_but_for_these(module_database: Database) -> None:
    with psycopg.connect(module_database.owner) as owner:
        found = dict(owner.execute(WITHOUT_TENANT).fetchall())
        assert set(found) == set(EXCEPT_CONSTRAINTS)
        for name, reason in EXCEPT_CONSTRAINTS.items():
            if reason == BESIDE:
                assert owner.execute(HAS_BESIDE, [found[name]]).fetchone() == (True,), name


def test_a_constraint_that_leaves_the_tenant_out_is_found(module_database: Database) -> None:
    with psycopg.connect(module_database.owner) as owner:
        owner.execute("CREATE TABLE bad (tenant_id uuid, slug text UNIQUE, EXCLUDE (slug WITH =))")
        assert len(set(dict(owner.execute(WITHOUT_TENANT).fetchall())) - set(EXCEPT_CONSTRAINTS)) == 2
        owner.rollback()


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_reads_one_tenant_unless_it_is_a_sweep(name: str, module_database: Database) -> None:
    tables = tables_with_a_tenant(module_database.owner)
    with psycopg.connect(module_database.owner) as owner:
        assert bool(of_any_tenant(owner, STATEMENTS[name][2], tables)) == (name in EXCEPTED)


def test_every_exception_is_a_statement() -> None:
    assert set(STATEMENTS) >= EXCEPTED


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM resources",
        "SELECT id FROM resources WHERE id = %(id)s",
        "DELETE FROM closures WHERE id = %(id)s",
        "UPDATE closures SET reason = '' WHERE id = %(id)s",
        "SELECT 1 FROM resources JOIN units ON units.tenant_id = resources.tenant_id AND resource_id = resources.id",
        "SELECT 1 FROM resources, units WHERE resources.tenant_id = current_tenant_id() AND resource_id = resources.id",
    ],
)
def test_a_statement_that_reads_any_tenant_is_found(statement: str, module_database: Database) -> None:
    with psycopg.connect(module_database.owner) as owner:
        assert of_any_tenant(owner, statement, tables_with_a_tenant(module_database.owner))
