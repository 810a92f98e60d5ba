"""Processes that are killed, connections that break, a database that goes away: nothing is lost, nothing done twice."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.database.migrations.migrate import migrate
from local.gateway.serve import Gateway, serve
from local.postgres import start_cluster
from tests.databases import PASSWORDS
from tests.eventually import eventually
from tests.folders import folder_for_clusters
from tests.offers import Offer, add_tenant
from tests.races.desk import TENANT
from tests.races.proxy import Proxy, open_proxy
from tests.races.test_units import HOURS, NOON

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.postgres.cluster import Cluster
    from tests.races.arena import Arena

RESERVATIONS = f"/api/v1/tenants/{TENANT}/reservations"
CAPACITY = 100
"""Room for every request, if each took effect."""
RECOVERY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Service:
    """A gateway whose functions reach Postgres through a proxy."""

    gateway: Gateway
    proxy: Proxy
    client: httpx.Client
    pool: UUID

    def reserve(self, key: str) -> httpx.Response:
        """Reserve one unit under an Idempotency-Key."""
        body = {
            "resource_id": str(self.pool),
            "starts_at": NOON.isoformat(),
            "ends_at": NOON.replace(hour=13).isoformat(),
            "guest": {"name": "Ada Lovelace", "email": "ada@example.org"},
        }
        return self.client.post(RESERVATIONS, json=body, headers={"Idempotency-Key": key})


@contextmanager
def serving(app_dsn: str, pool: UUID, workers: int = 1) -> Generator[Service]:
    """Serve the functions on that database until the block ends."""
    parameters = conninfo_to_dict(app_dsn)
    with TemporaryDirectory() as folder, open_proxy(str(parameters["host"]), int(str(parameters["port"]))) as proxy:
        environment = {
            "DATABASE_URL": make_conninfo(app_dsn, host=proxy.host, port=proxy.port),
            "BERTH_SIGNING_KEYS": "test:" + "s" * 32,
            "BERTH_PREPARE_AFTER": "1",
            # Nothing is counted, so that the first COMMIT is the reservation's.
            **{f"BERTH_WRITES_{of}": "0" for of in ("FROM_ADDRESS", "OF_EMAIL", "OF_TENANT")},
        }
        with (
            serve("127.0.0.1", 0, workers, environment, access_log=Path(folder, "access.log")) as gateway,
            httpx.Client(base_url=gateway.address, timeout=30) as client,
        ):
            gateway.wait_until_ready()
            yield Service(gateway, proxy, client, pool)


@pytest.fixture
def pool(arena: Arena) -> UUID:
    return arena.offer(Offer(slug="pool", document=HOURS, capacity=CAPACITY))["pool"]


@pytest.fixture
def service(arena: Arena, pool: UUID) -> Generator[Service]:
    """One that has made a reservation: it knows the terms, so that a create is one transaction with one COMMIT."""
    with serving(arena.database.app, pool) as running:
        assert running.reserve("first").status_code == 201
        yield running


def assert_took_effect_once(arena: Arena, answer: httpx.Response) -> None:
    """The answer is the stored one, and its reservation is the only one beside the first."""
    assert (answer.status_code, answer.headers.get("idempotent-replayed")) == (201, "true"), answer.text
    with psycopg.connect(arena.database.owner) as connection:
        made = connection.execute("SELECT id FROM reservations ORDER BY id").fetchall()
    assert [identifier for (identifier,) in made[1:]] == [UUID(answer.json()["id"])]
    assert arena.broken() == set()


def test_who_repeats_a_request_whose_process_was_killed_after_commit_gets_the_stored_answer(
    arena: Arena, service: Service
) -> None:
    service.proxy.hold_next_commit()
    with ThreadPoolExecutor(1) as other_thread:
        lost = other_thread.submit(service.reserve, "k")
        service.proxy.wait_until_committed()
        for process_id in service.gateway.process_ids:
            os.kill(process_id, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            lost.result()
    assert_took_effect_once(arena, service.reserve("k"))


def test_who_is_told_that_the_outcome_is_unknown_learns_it_by_repeating_the_request(
    arena: Arena, service: Service
) -> None:
    service.proxy.hold_next_commit()
    with ThreadPoolExecutor(1) as other_thread:
        unknown = other_thread.submit(service.reserve, "k")
        service.proxy.wait_until_committed()
        service.proxy.drop()
        answer = unknown.result()
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert_took_effect_once(arena, service.reserve("k"))


def test_connections_that_broke_while_nobody_used_them_are_replaced_unnoticed(arena: Arena, service: Service) -> None:
    arena.count("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'berth_app'")
    assert service.reserve("after").status_code == 201


def test_fifty_requests_with_one_key_to_two_processes_get_the_same_bytes(arena: Arena, pool: UUID) -> None:
    with serving(arena.database.app, pool, workers=2) as service, ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(service.reserve, ["k"] * 50))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert arena.count("SELECT count(*) FROM reservations") == 1


def test_while_the_database_is_down_requests_are_refused_with_503_and_served_again_when_it_is_back(
    cluster: Cluster,
) -> None:
    with folder_for_clusters() as path, ExitStack() as stack:
        with start_cluster(path, PASSWORDS, durable=False, major=cluster.major) as first:
            first.create_database()
            migrate(first.owner_dsn())
            first.give_passwords()
            offer = Offer(slug="pool", document=HOURS, capacity=CAPACITY)
            pool = add_tenant(first.owner_dsn(), TENANT, [offer])["pool"]
            service = stack.enter_context(serving(first.app_dsn(), pool))
            assert service.reserve("up").status_code == 201
        refused = service.reserve("down")
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert int(refused.headers["retry-after"]) > 0
        assert service.client.get("/api/v1/health").status_code == 200
        assert service.client.get("/api/v1/ready").status_code == 503
        second = stack.enter_context(start_cluster(path, PASSWORDS, durable=False, major=cluster.major))
        service.proxy.server = second.owner["host"], int(second.owner["port"])
        assert until_served(service, "down").status_code == 201
        assert service.reserve("up").headers["idempotent-replayed"] == "true"
        with psycopg.connect(second.owner_dsn()) as connection:
            assert connection.execute("SELECT count(*) FROM reservations").fetchone() == (2,)


def until_served(service: Service, key: str) -> httpx.Response:
    """Repeat a request while it is refused with 503, as its client is told to."""

    def served() -> httpx.Response | None:
        answer = service.reserve(key)
        return None if answer.status_code == 503 else answer

    answer = eventually(served, "it is served again", RECOVERY_SECONDS)
    assert answer is not None
    return answer
