"""A world of two tenants that is reached over HTTP alone, with a clock that tests move and the scheduled functions."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import psycopg
import uvicorn
from psycopg.sql import SQL, Identifier, Literal

from chalicelib.access.model.people import Role
from chalicelib.adapters.tokens import Tokens
from chalicelib.database.transaction import Database
from chalicelib.reporting.storage.check import prove, snapshot
from chalicelib.run_jobs import run_on
from chalicelib.scheduled import JOBS
from chalicelib.telemetry.definitions import DATABASE_CONTENTION
from chalicelib.telemetry.metrics import METRICS
from local.environment import MANY_GUESTS
from local.gateway.serve import ROOT
from local.gateway.settings import WorkerSettings
from local.gateway.worker import build
from tests.containers import container_of
from tests.databases import new_database
from tests.offers import add_tenant
from tools.consistency import LEGAL
from tools.people import access_token, operator_token
from tools.replay.simulation import Clock, install_clock

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from local.postgres.cluster import Cluster
    from tests import databases

Json = dict[str, Any]
MORNING = datetime(2027, 6, 1, 8, tzinfo=UTC)
SIGNING_KEY = ("test", "s" * 32)
LIFE_OF_TOKENS = timedelta(days=1)
ROLES = (Role.OWNER, Role.AGENT)
JOB_SECONDS = 30
BY_THE_CLOCK = tuple(
    name for name in JOBS if name not in {"make_partitions", "remove_old_records", "reap_connections", "sweep_events"}
)
"""Jobs that touch what the machine looks at. The others look at the server's own clock, or send something."""

OF_EACH = {"request_id", "instance"}
"""What each refusal has of its own."""
NEW = {"id", "code", "manage_token", "new_price", "price_change", "confirms_by_email", "pending_change", "units"}
"""What only a write or only a preview tells; which units of a pool are taken is left to chance."""

BREAK = SQL("""
CREATE OR REPLACE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'broken on purpose';
END
$$;
CREATE TRIGGER broken BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN (new.tenant_id = {tenant_id})
EXECUTE FUNCTION break_it();
""")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said."""

    status: int
    body: Json
    etag: str | None

    @property
    def ok(self) -> bool:
        """Whether it did what was asked for."""
        return self.status < httpx.codes.BAD_REQUEST

    @property
    def code(self) -> str | None:
        """The code of a refusal."""
        return self.body.get("code")


@dataclass
class World:
    """The tenants, those who work there, and the time."""

    client: httpx.Client
    clock: Clock
    now: datetime
    jobs: Database
    jobs_dsn: str
    owner_dsn: str
    tokens: dict[tuple[str, Role], str]
    operator: str
    said: list[str] = field(default_factory=list[str])
    """What was asked and answered, for people who read a failure."""

    def call(
        self, method: str, path: str, body: Json | None = None, *, bearer: str | None = None, **headers: str
    ) -> Answer:
        """Ask. No answer may be an error of the server, whatever happened before."""
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        response = self.client.request(method, path, json=body, headers=headers)
        if method != "GET":
            shown = "" if "document" in (body or {}) else body or ""
            self.said.append(f"{self.now:%d %H:%M} {method} {path} {shown} -> {response.status_code}")
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self.said.append(response.text)
        assert response.status_code < httpx.codes.INTERNAL_SERVER_ERROR, self.said[-2:]
        return Answer(response.status_code, response.json() if response.content else {}, response.headers.get("ETag"))

    def post_as_previewed(
        self, path: str, body: Json, *, bearer: str | None = None, **headers: str
    ) -> tuple[Answer, str | None]:
        """Ask what would become of it, and do it; say in what the two differ, if they do."""
        tried = self.call("POST", f"{path}/preview", body, bearer=bearer, **headers)
        answer = self.call("POST", path, body, bearer=bearer, **headers)
        if not answer.ok or not tried.ok:
            same = tried.status == answer.status and _but(tried.body, OF_EACH) == _but(answer.body, OF_EACH)
        else:
            same = _of_reservation(tried.body) == _of_reservation(answer.body)
        return answer, None if same else f"previewed: {tried}, made: {answer}"

    def staff(
        self, tenant: str, method: str, path: str, body: Json | None = None, *, role: Role = Role.OWNER, **headers: str
    ) -> Answer:
        """Ask as someone who works for the tenant, whatever version it has by now; the path begins below it."""
        if method != "GET":
            headers.setdefault("If-Match", "*")
        return self.call(method, f"/tenants/{tenant}{path}", body, bearer=self.tokens[tenant, role], **headers)

    def change(self, tenant: str, method: str, path: str, body: Json | None = None, *, of: str | None = None) -> Answer:
        """Change what has a version, as it is now."""
        present = self.staff(tenant, "GET", of or path)
        below, bearer = f"/tenants/{tenant}{path}", self.tokens[tenant, Role.OWNER]
        return self.call(method, below, body, bearer=bearer, **{"If-Match": present.etag or "*"})

    def pass_by(self, passing: timedelta) -> None:
        """Let time go by."""
        self.now += passing
        self.clock.move(self.now)

    def run_jobs(self, names: Sequence[str] = BY_THE_CLOCK) -> None:
        """Run scheduled functions; what one of them meets is raised. Nobody else is at work, so none loses a race."""
        before = METRICS.total(DATABASE_CONTENTION)
        for name in names:
            run_on(self.jobs, name, JOB_SECONDS)
        assert METRICS.total(DATABASE_CONTENTION) == before, "a job has lost a race that nobody else was in"

    def failed_items(self) -> list[str]:
        """What jobs could not do and would try again."""
        with psycopg.connect(self.jobs_dsn) as connection:
            rows = connection.execute("SELECT job || ': ' || item_id || ': ' || error FROM job_failures").fetchall()
        return [text for (text,) in rows]

    @contextmanager
    def broken_rows(self, tenant: str, table: str) -> Generator[None]:
        """Let nothing be written into a table for a tenant."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as owner:
            row = owner.execute("SELECT id FROM tenants WHERE slug = %s", [tenant]).fetchone()
            assert row is not None
            owner.execute(BREAK.format(table=Identifier(table), tenant_id=Literal(row[0])))
            try:
                yield
            finally:
                owner.execute(SQL("DROP TRIGGER broken ON {}").format(Identifier(table)))

    def broken(self) -> list[str]:
        """What `./dev check` finds."""
        with snapshot(self.jobs_dsn) as connection:
            verdicts = list(prove(connection, LEGAL, most=3))
        return [f"{verdict.proof.claim}: {finding.text}" for verdict in verdicts for finding in verdict.findings]


@contextmanager
def serve(folder: Path) -> Generator[str]:
    """Serve the API in this process; its functions use the database of the present `open_world`."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings = WorkerSettings(
        listener=-1,
        parent=-1,
        project=str(ROOT),
        threads=2,
        queue_limit=64,
        deadline_seconds=29,
        stuck_seconds=60,
        stop_seconds=5,
        access_log=str(folder / "access.log"),
        images=str(folder),
    )
    configuration = uvicorn.Config(
        build(settings, logging.error), lifespan="off", interface="asgi3", log_config=None, access_log=False
    )
    server = uvicorn.Server(configuration)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="combinations")
    thread.start()
    log = logging.getLogger("berth")
    level = log.level
    log.setLevel(logging.WARNING)  # what each run of a job did would fill pages
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    finally:
        log.setLevel(level)
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def open_world(cluster: Cluster, address: str, tenants: Sequence[str]) -> Generator[World]:
    """Make a database with the tenants, whose clock stands at the morning of 1 June 2027, and let the API use it."""
    with (
        new_database(cluster) as database,
        psycopg.connect(database.owner, autocommit=True) as owner,
        _functions_of(database),
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        clock = install_clock(owner, MORNING)
        signing = Tokens([SIGNING_KEY])
        operator = operator_token(database.owner, signing, LIFE_OF_TOKENS)
        jobs = Database(database.jobs, pool_size=2, request_seconds=JOB_SECONDS)
        world = World(client, clock, MORNING, jobs, database.jobs, database.owner, {}, operator)
        try:
            for tenant in tenants:
                add_tenant(database.owner, tenant, [])
                for role in ROLES:
                    world.tokens[tenant, role] = access_token(database.owner, signing, tenant, role, LIFE_OF_TOKENS)
            yield world
        finally:
            jobs.close()


@contextmanager
def _functions_of(database: databases.Database) -> Generator[None]:
    environment = {
        "DATABASE_URL": database.app,
        "BERTH_SIGNING_KEYS": ":".join(SIGNING_KEY),
        "BERTH_POOL_SIZE": "2",
        **MANY_GUESTS,
        "BERTH_PUBLIC_URL": "https://berth.example",
    }
    with container_of(environment):
        yield


def _but(body: Json, names: set[str]) -> Json:
    return {name: value for name, value in body.items() if name not in names}


def _of_reservation(body: Json) -> list[Any]:
    change = body["pending_change"]
    return [_but(body, NEW), len(body["units"]), None if change is None else _but(change, {"id"})]


def guest(name: str = "Ada Lovelace") -> Json:
    """Someone who reserves, each time someone else."""
    return {"name": name, "email": f"{uuid4().hex}@example.org"}
