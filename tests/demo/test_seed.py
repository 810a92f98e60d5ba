"""The seed: a second run changes nothing, an edited tenant is brought up to date, what others made stays."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import namedtuple_row

from chalicelib.reporting.storage.check import prove, snapshot
from demo.content import Tenant, merged
from demo.seed import seed, write
from demo.tenants import all_tenants
from local.errors import CommandError
from tests.databases import new_database
from tools.consistency import LEGAL

if TYPE_CHECKING:
    from collections.abc import Generator

    from demo.seed import SeedReport
    from local.postgres.cluster import Cluster
    from tests.databases import Database

    Connection = psycopg.Connection[Any]
    Seeded = tuple[str, SeedReport]

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
TABLES = (
    "tenants",
    "policies",
    "policy_versions",
    "resources",
    "units",
    "availability_windows",
    "closures",
    "guests",
    "reservations",
    "allocations",
    "events",
)


@pytest.fixture
def database(database: Database) -> Database:
    """A database whose clock stands still in the afternoon, before the conference centre closes its books."""
    with psycopg.connect(database.owner) as connection:
        set_clock(connection, NOW)
    return database


@pytest.fixture(scope="module")
def first_seed(module_database: Database) -> Seeded:
    """The demo as the first seed leaves it, to be copied, and what it reports."""
    with psycopg.connect(module_database.owner) as connection:
        set_clock(connection, NOW)
    return module_database.name, seed(module_database.owner)


@pytest.fixture
def seeded(cluster: Cluster, first_seed: Seeded) -> Generator[Database]:
    """A database with the demo of that afternoon."""
    with new_database(cluster, first_seed[0]) as database:
        yield database


@pytest.fixture
def owner(database: Database) -> Generator[Connection]:
    """A connection as the seed has it."""
    with connected(database) as connection:
        yield connection


def connected(database: Database) -> Connection:
    return psycopg.connect(database.owner, autocommit=True, row_factory=namedtuple_row)


@pytest.fixture
def tenants() -> list[Tenant]:
    return all_tenants(NOW.date())


def set_clock(connection: psycopg.Connection[Any], now: datetime) -> None:
    """Let the database think it is then, as a simulated data directory does."""
    connection.execute(
        sql.SQL(
            "CREATE OR REPLACE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE"
            " RETURN {}::timestamptz"
        ).format(sql.Literal(now.isoformat()))
    )


def dump(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text; read by the role that sees all tenants."""
    with psycopg.connect(database.jobs) as connection:
        return {
            table: [
                row
                for (row,) in connection.execute(
                    sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(sql.Identifier(table))
                )
            ]
            for table in TABLES
        }


def changed_tables(before: dict[str, list[str]], after: dict[str, list[str]]) -> set[str]:
    return {table for table in TABLES if before[table] != after[table]}


@contextmanager
def acting_for(connection: Connection, tenant: str) -> Generator[None]:
    """A transaction of one tenant, as the owner that row security binds."""
    with connection.transaction():
        connection.execute("SET LOCAL ROLE berth_owner")
        connection.execute("SELECT set_config('app.tenant_id', id::text, true) FROM tenants WHERE slug = %s", [tenant])
        yield


def value(connection: Connection, tenant: str, query: LiteralString, *parameters: object) -> Any:  # noqa: ANN401 - whatever it selects
    with acting_for(connection, tenant):
        ((answer,),) = connection.execute(query, parameters).fetchall()
        return answer


def edited(tenants: list[Tenant], slug: str, **changes: Any) -> list[Tenant]:  # noqa: ANN401 - as dataclasses.replace
    return [replace(tenant, **changes) if tenant.slug == slug else tenant for tenant in tenants]


def test_the_seed_writes_all_tenants_and_a_second_run_changes_nothing(first_seed: Seeded, seeded: Database) -> None:
    _, first = first_seed
    assert (first.tenants, first.resources) == (8, 43)
    assert all((first.policies, first.windows, first.closures, first.reservations))
    before = dump(seeded)
    second = seed(seeded.owner)
    assert not second.changed
    assert str(second) == "Demo data: up to date"
    assert changed_tables(before, dump(seeded)) == set()


def test_the_next_day_brings_its_windows_and_nothing_else(
    database: Database, owner: Connection, tenants: list[Tenant]
) -> None:
    write(owner, tenants, NOW)
    before = dump(database)
    report = write(owner, tenants, NOW + timedelta(days=1))
    after = dump(database)
    assert changed_tables(before, after) == {"availability_windows"}
    assert set(before["availability_windows"]) < set(after["availability_windows"])
    assert report.windows == len(after["availability_windows"]) - len(before["availability_windows"])


def test_an_edited_text_updates_its_row_and_the_version(
    database: Database, owner: Connection, tenants: list[Tenant]
) -> None:
    write(owner, tenants, NOW)
    before = dump(database)
    write(owner, edited(tenants, "pine-cabins", name="Pine Cabins & Sons"), NOW)
    after = dump(database)
    assert changed_tables(before, after) == {"tenants"}
    assert len(set(after["tenants"]) - set(before["tenants"])) == 1
    assert value(owner, "pine-cabins", "SELECT version FROM tenants WHERE name = 'Pine Cabins & Sons'") == 2


def test_an_edited_policy_is_published_as_a_new_version_and_the_old_one_stays(
    database: Database, owner: Connection, tenants: list[Tenant]
) -> None:
    write(owner, tenants, NOW)
    before = dump(database)
    pines = tenants[0]
    policy = pines.policies[0]
    stricter = replace(policy, document=merged(policy.document, cancellation=[]))
    report = write(owner, edited(tenants, pines.slug, policies=(stricter, *pines.policies[1:])), NOW)
    after = dump(database)
    assert report.policies == 1
    assert changed_tables(before, after) == {"policies", "policy_versions"}
    assert set(before["policy_versions"]) < set(after["policy_versions"])
    current = "SELECT current_version FROM policies WHERE slug = %s"
    assert value(owner, pines.slug, current, policy.slug) == 2


def test_a_resource_that_is_no_longer_offered_is_archived_and_comes_back(
    database: Database, owner: Connection, tenants: list[Tenant]
) -> None:
    write(owner, tenants, NOW)
    pines = tenants[0]
    without_tents = edited(tenants, pines.slug, resources=pines.resources[:-1])
    archived = "SELECT archived_at IS NOT NULL FROM resources WHERE slug = 'creekside-tents'"
    write(owner, without_tents, NOW)
    assert value(owner, pines.slug, archived) is True
    before = dump(database)
    assert not write(owner, without_tents, NOW).changed
    assert changed_tables(before, dump(database)) == set()
    write(owner, tenants, NOW)
    assert value(owner, pines.slug, archived) is False


def test_relabelled_units_are_exchanged(owner: Connection, tenants: list[Tenant]) -> None:
    write(owner, tenants, NOW)
    pines = tenants[0]
    cabins = pines.resources[0]
    swapped = replace(cabins, units=(cabins.units[1], cabins.units[0], *cabins.units[2:-1]), capacity=4)
    report = write(owner, edited(tenants, pines.slug, resources=(swapped, *pines.resources[1:])), NOW)
    assert report.resources == 1
    labels = (
        "SELECT array_agg(unit.label ORDER BY unit.number) FROM units AS unit"
        " JOIN resources AS resource ON resource.id = unit.resource_id WHERE resource.slug = %s"
    )
    assert value(owner, pines.slug, labels, cabins.slug) == ["Cabin 2", "Cabin 1", "Cabin 3", "Cabin 4"]


def test_changed_hours_replace_windows_that_the_seed_made_and_no_others(
    owner: Connection, tenants: list[Tenant]
) -> None:
    write(owner, tenants, NOW)
    tutoring = next(tenant for tenant in tenants if tenant.slug == "open-tutoring")
    amara = tutoring.resources[0]
    starts_at = datetime(2026, 12, 1, 6, tzinfo=UTC)
    with acting_for(owner, tutoring.slug):
        owner.execute(
            "INSERT INTO availability_windows (id, tenant_id, resource_id, starts_at, ends_at)"
            " SELECT %s, tenant_id, id, %s, %s FROM resources WHERE slug = %s",
            [uuid4(), starts_at, starts_at + timedelta(hours=1), amara.slug],
        )
    closing_earlier = replace(amara, windows=[replace(window, closes="12:00") for window in amara.windows[1:]])
    write(owner, edited(tenants, tutoring.slug, resources=(closing_earlier, *tutoring.resources[1:])), NOW)
    hours = (
        "SELECT array_agg(DISTINCT to_char(availability_window.starts_at AT TIME ZONE 'Europe/London', 'Dy HH24:MI-')"
        " || to_char(availability_window.ends_at AT TIME ZONE 'Europe/London', 'HH24:MI'))"
        " FROM availability_windows AS availability_window"
        " JOIN resources AS resource ON resource.id = availability_window.resource_id WHERE resource.slug = %s"
    )
    assert sorted(value(owner, tutoring.slug, hours, amara.slug)) == ["Sat 09:00-12:00", "Tue 06:00-07:00"]


def test_a_capacity_below_what_is_reserved_is_refused_and_nothing_is_written(
    seeded: Database, tenants: list[Tenant]
) -> None:
    before = dump(seeded)
    hotel = next(tenant for tenant in tenants if tenant.slug == "grand-hotel")
    with connected(seeded) as owner, acting_for(owner, hotel.slug):
        ((taken,),) = owner.execute(
            "SELECT resource.slug FROM allocations AS allocation"
            " JOIN resources AS resource ON resource.id = allocation.resource_id"
            " WHERE allocation.owner_kind = 'reservation' ORDER BY upper(allocation.units) DESC LIMIT 1"
        ).fetchall()
    smaller = [
        replace(resource, capacity=1, units=resource.units[:1]) if resource.slug == taken else resource
        for resource in hotel.resources
    ]
    message = rf"^grand-hotel/{taken} shall have a capacity of 1, but unit \d+ is reserved"
    with connected(seeded) as owner, pytest.raises(CommandError, match=message):
        write(owner, [replace(hotel, name="Petit Hôtel", resources=smaller)], NOW)
    assert changed_tables(before, dump(seeded)) == set()


def test_a_week_later_the_demo_is_as_busy_and_what_was_reserved_is_untouched(
    first_seed: Seeded, seeded: Database
) -> None:
    _, first = first_seed
    before = dump(seeded)
    with connected(seeded) as owner:
        set_clock(owner, NOW + timedelta(weeks=1))
    later = seed(seeded.owner)
    assert first.reservations / 3 < later.reservations < first.reservations
    assert set(before["reservations"]) < set(dump(seeded)["reservations"])


def test_what_is_seeded_is_consistent(seeded: Database) -> None:
    with snapshot(seeded.jobs) as connection:
        verdicts = list(prove(connection, LEGAL, most=5))
    assert [verdict.findings for verdict in verdicts if verdict.broken] == []
    assert all(verdict.examined for verdict in verdicts)
