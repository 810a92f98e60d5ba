"""How Postgres answers the hot queries, as the application's role under row security: by index, past a long history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.sql import SQL

from tests.database.files import statements_of
from tests.databases import Database, new_database
from tests.offers import STAY, Offer, add_tenant, policy

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from uuid import UUID

    from local.postgres.cluster import Cluster

ADMISSION = statements_of("admission")
RESOURCES = statements_of("terms")
RESERVATIONS = statements_of("reservations")
CALENDAR = statements_of("calendar")
GUESTS = statements_of("guests")
EVENTS = statements_of("event_log")
STATISTICS = statements_of("statistics")
TAKEN = statements_of("taken_elsewhere")
JOBS = statements_of("jobs")
MONTHS = 4
"""Partitions of events: this month, the next two, and the open one."""
NO_FILTER = dict.fromkeys(
    (
        "text",
        "resource_id",
        "guest_id",
        "states",
        "from",
        "until",
        "created_from",
        "created_until",
        "after_at",
        "after_id",
    )
)

# Much history, some future, many tenants with the same: what an index has to find its way through.
FILL = """
WITH made AS (
    SELECT
        number, resource.tenant_id, resource.id AS resource_id, resource.policy_id,
        gen_random_uuid() AS id, gen_random_uuid() AS guest_id,
        date_trunc('day', now()) + (number - 1500) * interval '1 hour' AS starts_at
    FROM resources AS resource, generate_series(1, 2000) AS number
),
guest AS (
    INSERT INTO guests (id, tenant_id, name, email, created_at)
    SELECT guest_id, tenant_id, 'Guest', format('guest%s@example.org', number % 1000), now() FROM made
),
reserved AS (
    INSERT INTO reservations (
        id, tenant_id, code, resource_id, guest_id, state, starts_at, ends_at, quantity, party_size, price,
        policy_id, policy_version, created_at, updated_at
    )
    SELECT
        id, tenant_id, id::text, resource_id, guest_id,
        CASE WHEN starts_at < now() THEN 'completed' ELSE 'confirmed' END,
        starts_at, starts_at + interval '1 hour', 1, 1, '{}', policy_id, 1, now(), now()
    FROM made
)
INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, during, units, quantity, pinned)
SELECT
    tenant_id, id, 0, 'reservation', resource_id, tstzrange(starts_at, starts_at + interval '1 hour'),
    int4multirange(int4range(1, 2)), 1, false
FROM made
WHERE starts_at > now()
"""


# Of each day of three years, a sum; of each reservation, how it was made, in turn in each of four months.
FILL_MORE = """
WITH day AS (
    INSERT INTO daily_statistics (tenant_id, resource_id, on_date, reserved_minutes, nights, revenue, active, cancelled,
        came, no_shows, lead_minutes)
    SELECT resource.tenant_id, resource.id, current_date - number, 60, 1, 100, 1, 0, 1, 0, 60
    FROM resources AS resource, generate_series(1, 1000) AS number
)
INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at, transaction_id
)
SELECT
    tenant_id,
    overlay(
        gen_random_uuid()::text
        PLACING left(first_id_at(now() + row_number() OVER () % 4 * interval '1 month')::text, 13) FROM 1
    )::uuid,
    'reservation.created', 'reservation', id, 'guest', created_at,
    row_number() OVER ()::text::xid8
FROM reservations
"""


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> Generator[tuple[psycopg.Connection[Any], dict[str, UUID]]]:
    """A connection of the application in a tenant's transaction, and the tenant's resources by slug."""
    with new_database(cluster) as database:
        offers = [Offer(slug=f"cabin-{number}", document=policy(STAY)) for number in range(4)]
        for neighbour in range(7):
            add_tenant(database.owner, f"neighbour-{neighbour}", offers)
        ids = add_tenant(database.owner, "oaks", offers)
        with psycopg.connect(database.owner, autocommit=True) as owner:
            owner.execute(FILL)
            owner.execute(FILL_MORE)
            while owner.execute("SELECT make_event_partition()").fetchone() == (True,):
                pass
            owner.execute("VACUUM ANALYZE")
        with psycopg.connect(database.app) as connection:
            begin = statements_of("transaction")["begin_tenant"]
            connection.execute(begin, {"slug": "oaks"})
            yield connection, ids


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def plan_of(connection: psycopg.Connection[Any], statement: str, **parameters: object) -> list[Mapping[str, Any]]:
    explain = SQL("EXPLAIN (FORMAT JSON) {}").format(SQL(statement))  # pyright: ignore[reportArgumentType] - our own
    row = connection.execute(explain, parameters).fetchone()
    assert row is not None
    return list(nodes(row[0][0]["Plan"]))


def reads_of(plan: list[Mapping[str, Any]], table: str) -> list[Mapping[str, Any]]:
    """The nodes that read the table, or its partitions."""
    found = [node for node in plan if re.fullmatch(f"{table}(_first|_\\d{{4}}_\\d\\d)?", node.get("Relation Name", ""))]
    assert found, f"the plan does not read {table}"
    return found


def conditions(node: Mapping[str, Any], plan: list[Mapping[str, Any]]) -> str:
    """What an index is searched by; a bitmap's condition stands at the index scans below it."""
    own = node.get("Index Cond", "")
    below = [each.get("Index Cond", "") for each in plan if each["Node Type"] == "Bitmap Index Scan"]
    return " ".join([own, *below]) if node["Node Type"] == "Bitmap Heap Scan" else own


def assert_allocations_by_index(plan: list[Mapping[str, Any]]) -> None:
    for node in reads_of(plan, "allocations"):
        assert node["Node Type"] != "Seq Scan"
        condition = conditions(node, plan)
        assert "inventory_id" in condition
        assert "ends_at" in condition


def week() -> dict[str, str]:
    return {"from_at": "now", "until_at": "tomorrow"}


def test_admission_looks_at_allocations_by_inventory_and_end(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, ids = filled
    blocked = {"blocked_from": "now", "blocked_until": "tomorrow", "except_owner": None}
    reach = {"reach_from": "now", "reach_until": "tomorrow"}
    for statement, values in (("read_facts", blocked | reach), ("read_need", blocked | {"departure_id": None})):
        assert_allocations_by_index(plan_of(connection, ADMISSION[statement], resource_id=ids["cabin-1"], **values))


def test_profiles_of_many_resources_look_at_allocations_by_inventory_and_end(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, ids = filled
    plan = plan_of(connection, ADMISSION["read_profiles"], resource_ids=list(ids.values()), except_owner=None, **week())
    assert_allocations_by_index(plan)


def test_the_units_of_others_are_looked_up_by_inventory_and_end(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, ids = filled
    plan = plan_of(
        connection, ADMISSION["read_allocations"], inventory_ids=[ids["cabin-1"]], except_owner=None, **week()
    )
    assert_allocations_by_index(plan)


def test_counting_others_reads_neither_all_guests_nor_all_reservations(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, ids = filled
    plan = plan_of(
        connection,
        ADMISSION["count_others"],
        resource_id=ids["cabin-1"],
        email="guest7@example.org",
        day_starts_at="today",
        day_ends_at="tomorrow",
        except_reservation=None,
    )
    for node in [*reads_of(plan, "reservations"), *reads_of(plan, "guests")]:
        assert node["Node Type"] != "Seq Scan"


def test_starts_of_reservations_are_found_by_resource_and_start(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, ids = filled
    plan = plan_of(
        connection, ADMISSION["read_starts"], resource_ids=list(ids.values()), except_reservation=None, **week()
    )
    for node in reads_of(plan, "reservations"):
        assert node["Node Type"] != "Seq Scan"
        assert "starts_at" in conditions(node, plan)


def test_reservations_of_a_guest_are_found_by_the_guest(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    plan = plan_of(
        connection,
        ADMISSION["read_guest_starts"],
        email="guest7@example.org",
        from_at="today",
        except_reservation=None,
    )
    for node in [*reads_of(plan, "reservations"), *reads_of(plan, "guests")]:
        assert node["Node Type"] != "Seq Scan"


def test_a_reservation_is_found_by_its_id(filled: tuple[psycopg.Connection[Any], dict[str, UUID]]) -> None:
    connection, ids = filled
    plan = plan_of(connection, RESERVATIONS["read_reservation"], reservation_id=ids["cabin-1"])
    for node in [*reads_of(plan, "reservations"), *reads_of(plan, "allocations")]:
        assert node["Node Type"] != "Seq Scan"


def test_the_catalogue_reads_neither_reservations_nor_allocations(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    plan = plan_of(
        connection,
        RESOURCES["read_catalogue"],
        named=None,
        id=None,
        kind=None,
        modes=None,
        amenities=[],
        party_size=None,
        quantity=1,
        after_position=None,
        after_slug=None,
        archived=False,
        limit=50,
    )
    read = {node["Relation Name"] for node in plan if "Relation Name" in node}
    assert read == {"resources", "policies", "policy_versions"}


@pytest.mark.parametrize(
    ("page", "index", "column"),
    [
        ("page_by_start", "reservations_order", "starts_at"),
        ("page_by_start_descending", "reservations_order", "starts_at"),
        ("page_by_creation_descending", "reservations_tenant_id_id_key", "id <"),
    ],
)
def test_a_page_of_reservations_goes_on_in_the_index_where_the_last_one_ended(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]], page: str, index: str, column: str
) -> None:
    connection, _ = filled
    amidst = "80000000-0000-4000-8000-000000000000"  # ids are random here
    plan = plan_of(connection, RESERVATIONS[page], **NO_FILTER | {"after_at": "today", "after_id": amidst, "limit": 50})
    for node in reads_of(plan, "reservations"):
        assert node.get("Index Name") == index
        assert column in node["Index Cond"]
    assert "Sort" not in {node["Node Type"] for node in plan}
    for node in reads_of(plan, "guests"):
        assert node["Node Type"] != "Seq Scan"


def test_the_reservations_of_a_page_are_read_by_their_ids(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, ids = filled
    plan = plan_of(connection, RESERVATIONS["read_reservations"], reservation_ids=list(ids.values()))
    for table in ("reservations", "guests", "allocations"):
        for node in reads_of(plan, table):
            assert node["Node Type"] != "Seq Scan"


def test_the_calendar_reads_past_a_long_history(filled: tuple[psycopg.Connection[Any], dict[str, UUID]]) -> None:
    connection, _ = filled
    wanted = {
        "resource_id": None,
        "states": ["confirmed"],
        "from": "tomorrow",
        "until": "2199-01-01",
        "as_of": None,
    }
    plan = plan_of(connection, CALENDAR["read_uses"], **wanted)
    for node in reads_of(plan, "reservations"):
        assert node["Node Type"] != "Seq Scan"
        assert "ends_at" in conditions(node, plan)


def test_what_is_taken_elsewhere_is_read_past_a_long_history_and_its_units_by_the_reservation(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    wanted = {"resource_id": None, "states": ["confirmed"], "from": "tomorrow", "until": "2199-01-01"}
    for plan in (
        plan_of(connection, TAKEN["read_taken"], **wanted, as_of=None),
        plan_of(connection, TAKEN["read_taken"], **wanted, as_of="now"),
    ):
        for node in reads_of(plan, "reservations"):
            assert node["Node Type"] != "Seq Scan"
        for node in reads_of(plan, "allocations"):
            assert "owner_id" in conditions(node, plan)
        for node in reads_of(plan, "events"):
            assert "entity_id" in conditions(node, plan)


AMIDST = "80000000-0000-4000-8000-000000000000"  # ids are random here


def assert_pages_of(plan: list[Mapping[str, Any]], table: str) -> None:
    """It begins in an index of the tenant's where the last page ended, and stops when the page is full."""
    for node in reads_of(plan, table):
        assert node["Node Type"] in {"Index Scan", "Index Only Scan"}
        assert "tenant_id" in node["Index Cond"]
        assert "id <" in node["Index Cond"]
    assert "Sort" not in {node["Node Type"] for node in plan}


def test_a_page_of_guests_goes_on_where_the_last_one_ended(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    plan = plan_of(connection, GUESTS["search_guests"], id=None, text=None, before_id=AMIDST, limit=50)
    assert_pages_of(plan, "guests")
    for node in reads_of(plan, "reservations"):
        assert node["Node Type"] != "Seq Scan"
        assert "guest_id" in conditions(node, plan)


def test_one_guest_and_who_is_the_same_person_are_found_by_index(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, ids = filled
    one = plan_of(connection, GUESTS["search_guests"], id=ids["cabin-1"], text=None, before_id=None, limit=1)
    same = plan_of(connection, GUESTS["same_person"], email="guest7@example.org")
    for plan, column in ((one, "id ="), (same, "email")):
        for node in reads_of(plan, "guests"):
            assert node["Node Type"] != "Seq Scan"
            assert column in conditions(node, plan)


NO_EVENTS_FILTER = dict.fromkeys(
    ("entity_id", "entity_kind", "types", "actor_kind", "actor_id", "from", "until", "before_id")
)


def test_a_page_of_the_audit_log_goes_on_where_the_last_one_ended(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    plan = plan_of(connection, EVENTS["list_events"], **NO_EVENTS_FILTER | {"before_id": AMIDST, "limit": 50})
    assert_pages_of(plan, "events")


def test_what_happened_to_one_thing_is_found_by_it(filled: tuple[psycopg.Connection[Any], dict[str, UUID]]) -> None:
    connection, ids = filled
    wanted = NO_EVENTS_FILTER | {"entity_id": ids["cabin-1"], "limit": 50}
    plan = plan_of(connection, EVENTS["list_events"], **wanted)
    for node in reads_of(plan, "events"):
        assert node["Node Type"] != "Seq Scan"
        assert "entity_id" in conditions(node, plan)


def test_statistics_read_the_sums_of_their_days_alone(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    period = {"from": "yesterday", "until": "tomorrow", "resource_id": None}
    plan = plan_of(connection, STATISTICS["read_sums"], step="day", **period)
    assert {node["Relation Name"] for node in plan if "Relation Name" in node} == {"daily_statistics"}
    for node in reads_of(plan, "daily_statistics"):
        assert node["Node Type"] != "Seq Scan"
        assert "on_date" in conditions(node, plan)


def test_statistics_are_brought_up_to_date_from_what_happened_since(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    plan = plan_of(connection, STATISTICS["touched_days"], zone="UTC", reached="63990")
    for node in reads_of(plan, "events"):
        assert node["Node Type"] != "Seq Scan"
        assert "transaction_id" in conditions(node, plan)


def test_the_calendar_as_it_stood_reads_the_events_of_what_touches_the_period(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    wanted = {"resource_id": None, "states": ["confirmed"], "from": "now", "until": "tomorrow", "as_of": "now"}
    plan = plan_of(connection, CALENDAR["read_uses"], **wanted)
    by_time = {node.get("Index Name") for node in plan} & {"reservations_until", "reservations_order"}
    assert by_time
    assert "reservations_moved" in {node.get("Index Name") for node in plan}
    for node in reads_of(plan, "reservations"):
        assert node["Node Type"] != "Seq Scan"
    events = reads_of(plan, "events")
    for node in events:
        assert "entity_id" in conditions(node, plan)
    assert len(events) <= 2 * MONTHS, "The events of a reservation are read again for each of its facts."
    closed = plan_of(connection, CALENDAR["read_closures_as_of"], **wanted, archived=True)
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events_of_closures'::regclass"
    of_closures = {name for (name,) in connection.execute(query)}
    assert len(of_closures) == MONTHS
    for node in reads_of(closed, "events"):
        assert {each.get("Index Name") for each in [node, *node.get("Plans", ())]} & of_closures


def test_the_calendar_as_it_stood_reads_no_events_of_what_has_not_changed_since(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    wanted = {"resource_id": None, "states": ["confirmed"], "from": "now", "until": "2199-01-01"}
    explain = SQL("EXPLAIN (ANALYZE, FORMAT JSON) {}").format(SQL(CALENDAR["read_uses"]))  # pyright: ignore[reportArgumentType] - our own
    [[[told]]] = connection.execute(explain, {**wanted, "as_of": "tomorrow"}).fetchall()
    assert told["Plan"]["Actual Rows"] > 0
    assert not any(node["Actual Loops"] for node in reads_of(list(nodes(told["Plan"])), "events"))


@pytest.mark.parametrize(
    "statement",
    [
        ("sweeps", "sweep"),
        ("waiting/storage/pending", "promote"),
        ("admission", "take_units"),
        ("admission", "release_as_seen"),
        ("event_log", "append_events"),
    ],
    ids=" ".join,
)
def test_what_changes_many_rows_joins_by_index_also_when_prepared_for_any_number(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]], statement: tuple[str, str]
) -> None:
    connection, _ = filled
    if connection.info.server_version < 160000:
        pytest.skip("EXPLAIN (GENERIC_PLAN) came with PostgreSQL 16")
    stem, name = statement
    text = statements_of(stem)[name]
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", text)
    row = connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered}".encode()).fetchone()
    assert row is not None
    plan = list(nodes(row[0][0]["Plan"]))
    # How many there will be is not known then, and few are expected: all of them joined with all would take hours.
    assert [node["Join Filter"] for node in plan if "Join Filter" in node] == []
    # The few resources that the database has here are one page.
    read_whole = [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"]
    assert [name for name in read_whole if name != "resources"] == []


def test_pages_of_events_are_read_month_by_month_and_no_further_than_needed(
    filled: tuple[psycopg.Connection[Any], dict[str, UUID]],
) -> None:
    connection, _ = filled
    plan = plan_of(connection, EVENTS["list_events"], **NO_EVENTS_FILTER | {"limit": 50})
    assert len(reads_of(plan, "events")) == MONTHS
    assert "Merge Append" not in {node["Node Type"] for node in plan}
    last_month = connection.execute("SELECT first_id_at(date_trunc('month', now(), 'UTC'))").fetchone()
    assert last_month is not None
    before = plan_of(connection, EVENTS["list_events"], **NO_EVENTS_FILTER | {"before_id": last_month[0], "limit": 50})
    assert [node["Relation Name"] for node in reads_of(before, "events")] == ["events_first"]


def test_answered_offers_are_found_by_their_ids_whoever_answers(database: Database) -> None:
    """Scheduled functions answer those of all tenants at once."""
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(
            "INSERT INTO waitlist_entries (id, tenant_id, resource_id, guest_id, state, starts_at, ends_at, quantity,"
            " party_size, joined_at)"
            " SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'offered',"
            " '2027-07-01', '2027-07-02', 1, 1, now() FROM generate_series(1, 20000)"
        )
        owner.execute("VACUUM ANALYZE waitlist_entries")
    values = {
        "ids": [AMIDST],
        "event_ids": [AMIDST],
        "before": ["offered", "expired"],
        "state": "accepted",
        "now": "2027-06-01Z",
        "event_type": "waitlist.accepted",
        "actor_kind": "job",
        "actor_id": None,
        "request_id": None,
    }
    with psycopg.connect(database.jobs) as connection:
        plan = plan_of(connection, statements_of("queues")["answer_offers"], **values)
    reads = [node for node in reads_of(plan, "waitlist_entries") if node["Node Type"] != "ModifyTable"]
    assert "waitlist_entries_by_id" in {node.get("Index Name") for node in reads}
    assert "Seq Scan" not in {node["Node Type"] for node in reads}


def test_settled_deliveries_are_removed_by_index_past_many_that_are_kept(database: Database) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(
            "INSERT INTO deliveries"
            " (tenant_id, id, event_id, channel, next_attempt_at, outcome, created_at, settled_at)"
            " SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'emails', now(), 'delivered', now(),"
            " now() - number * interval '1 minute' FROM generate_series(1, 50000) AS number"
        )
        owner.execute("VACUUM ANALYZE deliveries")
    with psycopg.connect(database.jobs) as connection:
        plan = plan_of(connection, JOBS["remove_old_deliveries"], limit=50, left_out=[], removes=True)
    assert "deliveries_settled" in {node.get("Index Name") for node in plan}
    for node in reads_of(plan, "deliveries"):
        assert node["Node Type"] != "Seq Scan"
