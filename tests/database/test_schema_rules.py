"""What every table must have is asked of the catalog, so that no migration can forget it.

Each rule lists what breaks it; the migrated schema breaks none, and for each rule a table made on purpose does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.databases import Database

TENANT_TABLES = """
CREATE TEMPORARY VIEW tenant_table AS
    SELECT class.oid, class.relname::text AS name, class.relrowsecurity, class.relforcerowsecurity,
        attribute.attnum AS tenant_column
    FROM pg_class AS class
    JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attname = 'tenant_id'
    WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p')
"""
RULES: dict[str, LiteralString] = {
    "tables with a tenant force row security": """
    SELECT name FROM tenant_table WHERE NOT (relrowsecurity AND relforcerowsecurity)""",
    "tables with a tenant are closed to other tenants": """
    SELECT name FROM tenant_table
    WHERE NOT EXISTS (
        SELECT FROM pg_policy AS policy
        WHERE policy.polrelid = tenant_table.oid AND policy.polname = 'tenant_only' AND policy.polcmd = '*'
            AND policy.polpermissive
            AND pg_get_expr(policy.polqual, policy.polrelid) LIKE '%tenant_id = ( SELECT %current_tenant_id()%'
            AND pg_get_expr(policy.polwithcheck, policy.polrelid) = pg_get_expr(policy.polqual, policy.polrelid)
    )""",
    "what policies let be written they check": """
    SELECT policy.polrelid::regclass || '.' || policy.polname FROM pg_policy AS policy
    WHERE policy.polcmd IN ('*', 'a', 'w') AND policy.polwithcheck IS NULL""",
    "only background jobs see every tenant": """
    SELECT policy.polrelid::regclass || '.' || policy.polname FROM pg_policy AS policy
    WHERE policy.polpermissive AND pg_get_expr(policy.polqual, policy.polrelid) = 'true'
        AND policy.polroles <> ARRAY['berth_jobs'::regrole::oid] AND policy.polrelid <> 'tenants'::regclass""",
    "references between tables of tenants name the tenant": """
    SELECT source.name || '.' || reference.conname
    FROM pg_constraint AS reference
    JOIN tenant_table AS source ON source.oid = reference.conrelid
    JOIN tenant_table AS target ON target.oid = reference.confrelid
    WHERE reference.contype = 'f' AND NOT EXISTS (
        SELECT FROM unnest(reference.conkey, reference.confkey) AS pair (from_column, to_column)
        WHERE pair.from_column = source.tenant_column AND pair.to_column = target.tenant_column
    )""",
    "tables with a tenant have an index that begins with it, the resource or the inventory": """
    SELECT name FROM tenant_table
    WHERE NOT EXISTS (
        SELECT FROM pg_index AS index
        JOIN pg_attribute AS first ON first.attrelid = index.indrelid AND first.attnum = index.indkey[0]
        WHERE index.indrelid = tenant_table.oid AND first.attname IN ('tenant_id', 'resource_id', 'inventory_id')
    )""",
    "other tables of people force row security too": """
    SELECT class.relname FROM pg_class AS class
    JOIN pg_constraint AS reference ON reference.conrelid = class.oid AND reference.confrelid = 'users'::regclass
    WHERE NOT (class.relrowsecurity AND class.relforcerowsecurity)""",
    "functions with their owner's rights pin the search path": """
    SELECT function.oid::regprocedure::text FROM pg_proc AS function
    WHERE function.pronamespace = 'public'::regnamespace AND function.prosecdef
        AND NOT coalesce(function.proconfig::text LIKE '%search_path=%', false)""",
    "views see what their reader may see": """
    SELECT class.relname FROM pg_class AS class
    WHERE class.relnamespace = 'public'::regnamespace AND (class.relkind = 'm' OR (class.relkind = 'v'
        AND NOT coalesce(class.reloptions::text LIKE '%security_invoker=true%', false)))""",
    "roles of functions own nothing and bypass nothing": """
    SELECT role.rolname FROM pg_roles AS role
    WHERE role.rolname IN ('berth_app', 'berth_jobs', 'berth_readonly') AND (
        role.rolsuper OR role.rolbypassrls OR role.rolcreaterole OR role.rolcreatedb OR role.rolreplication
        OR EXISTS (SELECT FROM pg_class AS class WHERE class.relowner = role.oid)
        OR EXISTS (SELECT FROM pg_auth_members AS member WHERE member.member = role.oid)
    )""",
    "nobody's functions change or empty what is only appended to": """
    SELECT grantee.rolname || ' may ' || verb.name || ' ' || kept.name
    FROM pg_roles AS grantee
    CROSS JOIN unnest(ARRAY['events', 'archived_events', 'policy_versions']) AS kept (name)
    CROSS JOIN unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS verb (name)
    WHERE grantee.rolname IN ('berth_app', 'berth_jobs', 'berth_readonly')
        AND (has_table_privilege(grantee.oid, kept.name, verb.name)
            OR verb.name = 'UPDATE' AND has_any_column_privilege(grantee.oid, kept.name, 'UPDATE'))""",
    "partitions are reached through their table alone": """
    SELECT class.relname FROM pg_class AS class
    WHERE class.relispartition AND class.relkind = 'r' AND (class.relacl IS NOT NULL
        AND EXISTS (SELECT FROM aclexplode(class.relacl) AS one WHERE one.grantee <> class.relowner))""",
}
NOTHING_PROTECTED = """
CREATE TABLE bad (
    tenant_id uuid NOT NULL, id uuid, resource_id uuid, user_id uuid REFERENCES users (id),
    FOREIGN KEY (id) REFERENCES other (id)
)"""
OTHER = "CREATE TABLE other (tenant_id uuid, id uuid PRIMARY KEY)"
BROKEN: dict[str, tuple[LiteralString, ...]] = {
    "tables with a tenant force row security": (
        "CREATE TABLE bad (tenant_id uuid)",
        "ALTER TABLE bad ENABLE ROW LEVEL SECURITY",
    ),
    "tables with a tenant are closed to other tenants": (
        "CREATE TABLE bad (tenant_id uuid)",
        "CREATE POLICY tenant_only ON bad USING (tenant_id IS NOT NULL)",
    ),
    "what policies let be written they check": (
        "CREATE TABLE bad (tenant_id uuid)",
        "CREATE POLICY tenant_only ON bad USING (tenant_id = (SELECT current_tenant_id()))",
    ),
    "only background jobs see every tenant": (
        "CREATE TABLE bad (tenant_id uuid)",
        "CREATE POLICY every_tenant ON bad USING (true)",
    ),
    "references between tables of tenants name the tenant": (OTHER, NOTHING_PROTECTED),
    "tables with a tenant have an index that begins with it, the resource or the inventory": (OTHER,),
    "other tables of people force row security too": (OTHER, NOTHING_PROTECTED),
    "functions with their owner's rights pin the search path": (
        "CREATE FUNCTION bad() RETURNS integer LANGUAGE sql SECURITY DEFINER RETURN 1",
    ),
    "views see what their reader may see": ("CREATE VIEW bad AS SELECT id FROM reservations",),
    "roles of functions own nothing and bypass nothing": ("GRANT berth_jobs TO berth_app",),
    "nobody's functions change or empty what is only appended to": ("GRANT UPDATE (after) ON events TO berth_app",),
    "partitions are reached through their table alone": ("GRANT SELECT ON events_first TO berth_app",),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_schema_keeps(rule: str, module_database: Database) -> None:
    with psycopg.connect(module_database.owner) as connection:
        connection.execute(TENANT_TABLES)
        assert connection.execute(RULES[rule]).fetchall() == []


@pytest.mark.parametrize("rule", RULES)
def test_who_breaks_it_is_named(rule: str, module_database: Database) -> None:
    with psycopg.connect(module_database.owner) as connection:
        for statement in (TENANT_TABLES, *BROKEN[rule]):
            connection.execute(statement)
        assert connection.execute(RULES[rule]).fetchall() != []
        connection.rollback()
