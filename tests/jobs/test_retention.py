"""What is kept for a time only is removed after it, so many rows of each kind at once, and nothing else is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.database.transaction import Database
from chalicelib.jobs import retention
from chalicelib.jobs.budget import Budget
from chalicelib.jobs.storage import jobs

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests import databases

OLD = """
INSERT INTO users (id, email, name, created_at, updated_at)
VALUES ('0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11', 'ada@example.org', 'Ada', now(), now());
INSERT INTO tenants (id, slug, name, timezone, currency)
VALUES ('0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b12', 'oaks', 'Oaks', 'UTC', 'EUR');
INSERT INTO idempotency_keys (tenant_id, caller, route, key, body_hash, status, headers, body, created_at)
SELECT '0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b12', 'a', 'r', age, '', 200, '{}', '', now() - age * interval '1 day'
FROM generate_series(0, 7) AS age;
INSERT INTO sessions (id, user_id, created_at, refreshed_at, expires_at)
SELECT
    first_id_at(now() - age * interval '20 days'), '0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11', now(), now(),
    now() - age * interval '20 days'
FROM generate_series(0, 7) AS age;
INSERT INTO refresh_tokens (token_hash, session_id, user_id, issued_at)
SELECT sha256(session.id::text::bytea || number::text::bytea), session.id, session.user_id, now()
FROM sessions AS session, generate_series(1, 3) AS number;
INSERT INTO password_resets (token_hash, user_id, created_at, expires_at)
SELECT sha256(age::text::bytea), '0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11', now(), now() - age * interval '20 hours'
FROM generate_series(0, 7) AS age;
INSERT INTO throttles (key_hash, failures, window_ends_at)
SELECT sha256(age::text::bytea), 1, now() - age * interval '20 hours' FROM generate_series(0, 7) AS age;
INSERT INTO unconfirmed_requests (tenant_id, id, kind, email, body, secret_hash, created_at, expires_at)
SELECT
    '0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b12', gen_random_uuid(), 'series', 'a@example.org', '{}',
    sha256(age::text::bytea), now(), now() + interval '30 minutes' - age * interval '20 minutes'
FROM generate_series(0, 7) AS age;
INSERT INTO job_runs (id, name, started_at, finished_at, changed)
SELECT gen_random_uuid(), 'sweep', now(), now() - age * interval '10 days', 0 FROM generate_series(0, 7) AS age;
INSERT INTO deliveries (tenant_id, id, event_id, channel, next_attempt_at, outcome, created_at, settled_at)
SELECT
    '0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b12', gen_random_uuid(), gen_random_uuid(), 'emails', now(), 'delivered', now(),
    now() - age * interval '20 days'
FROM generate_series(0, 7) AS age;
"""
KEPT = {
    "idempotency_keys": 1,
    "sessions": 2,
    "refresh_tokens": 6,
    "password_resets": 2,
    "throttles": 2,
    "unconfirmed_requests": 2,
    "job_runs": 2,
    "deliveries": 2,
}


@pytest.fixture
def owner(database: databases.Database) -> Generator[psycopg.Connection[Any]]:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(OLD)
        yield owner


@pytest.fixture
def way(database: databases.Database) -> Generator[Database]:
    way = Database(database.jobs, pool_size=1, request_seconds=10)
    yield way
    way.close()


def counted(owner: psycopg.Connection[Any]) -> dict[str, int]:
    counts = SQL("SELECT count(*) FROM {}")
    return {table: owner.execute(counts.format(Identifier(table))).fetchall()[0][0] for table in KEPT}


def test_no_statement_removes_more_rows_than_it_is_told(owner: psycopg.Connection[Any], way: Database) -> None:
    before = counted(owner)
    for kind in jobs.OLD_RECORDS:
        way.run_without_tenant(partial(jobs.remove, kind=kind, limit=3, left_out=()))
    after = counted(owner)
    removed = {table: before[table] - after[table] for table in KEPT}
    assert removed.pop("sessions") <= 3  # those whose tokens are removed already
    assert set(removed.values()) == {3}


def test_all_that_is_over_is_removed_and_what_is_not_stays(
    owner: psycopg.Connection[Any], way: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    before = counted(owner)
    assert retention.remove_old_records(way, Budget(20)) == sum(before.values()) - sum(KEPT.values())
    assert counted(owner) == KEPT
