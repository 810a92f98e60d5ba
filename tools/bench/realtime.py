"""Real time, in numbers: how soon others see a lock, whether anything is lost, who gets what all want, memory."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import psycopg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chalicelib.access.model.people import Role
from chalicelib.adapters.tokens import Tokens
from chalicelib.database.identifiers import new_id
from local.aws.queue import serve_queue
from local.aws.serve import serve_aws
from local.background import Background
from local.environment import MANY_GUESTS, SIGNING_KID
from local.gateway.serve import Gateway, serve
from local.gateway.settings import SocketSettings
from tools.bench.stage import POLICY, Figure, Stage
from tools.people import MOST_LASTING, OPEN_SESSION, add_member, add_user

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    Waiting = asyncio.Future[dict[str, Any]]

TENANTS, EACH = 20, 50
DEAD = EACH // 10
LOCKS = 200
AWAY_LOCKS = 5
RACERS = 200
PATIENCE = 30.0
KILOBYTE = 1024
DAY = {"starts_at": "2031-04-01T00:00:00Z", "ends_at": "2031-04-02T00:00:00Z"}
DEAD_ROW = """
INSERT INTO connections (
    id, tenant_id, role, user_id, session_id, name, topics, connected_at, last_seen_at, counted_from
)
SELECT %(id)s, tenant_id, role, user_id, session_id, name, '{tenant}', clock_now(), clock_now(), clock_now()
FROM connections WHERE tenant_id = (SELECT id FROM tenants WHERE slug = %(slug)s) LIMIT 1
"""


@dataclass
class Administrator:
    """Somebody with one connection; `heard` is when which lock's event came."""

    tenant: str
    resource_id: UUID
    token: str
    socket: ClientConnection | None = None
    answers: dict[str, Waiting] = field(default_factory=dict[str, "Waiting"])
    heard: dict[str, float] = field(default_factory=dict[str, float])
    last_id: str = ""
    foreign: int = 0
    reader: asyncio.Task[None] | None = None

    async def open(self, http: httpx.AsyncClient) -> None:
        """Connect, and ask for everything of the tenant."""
        answer = await http.post(
            "/auth/ws-tickets", json={"tenant": self.tenant}, headers={"Authorization": f"Bearer {self.token}"}
        )
        answer.raise_for_status()
        self.socket = await connect(answer.json()["url"], proxy=None, compression=None, ping_interval=None)
        self.reader = asyncio.create_task(self._read(self.socket))
        await self.ask("subscribe", topics=["tenant"])

    async def ask(self, action: str, **members: object) -> dict[str, Any]:
        """Send a message and return its answer."""
        assert self.socket is not None  # noqa: S101 - a mistake of the bench
        ref = uuid4().hex
        answer: Waiting = asyncio.get_running_loop().create_future()
        self.answers[ref] = answer
        await self.socket.send(json.dumps({"action": action, "ref": ref, **members}, default=str))
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        finally:
            del self.answers[ref]

    async def close(self) -> None:
        """Go away."""
        if self.socket is not None:
            await self.socket.close()
        if self.reader is not None:
            await self.reader

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                message = json.loads(text)
                waiting = self.answers.get(message.get("ref") or "")
                if waiting is not None:
                    if not waiting.done():  # an answer may come after its asker's patience is over
                        waiting.set_result(message)
                elif message["type"].startswith("edit_lock."):
                    self.last_id = message["id"]
                    if message["type"] == "edit_lock.acquired":
                        self.heard[message["data"]["lock_id"]] = time.perf_counter()
                    if message["data"]["resource_id"] != str(self.resource_id):
                        self.foreign += 1
        except ConnectionClosed:
            return


def run(stage: Stage) -> list[Figure]:
    """Measure through the running gateway, its queue and the consumer."""
    people = [one for number in range(TENANTS) for one in _people(stage, f"live-{number}", EACH)]
    racers = _people(stage, "live-race", RACERS)
    with _served(stage) as gateway:
        return asyncio.run(_measure(stage, gateway, people, racers))


async def _measure(
    stage: Stage, gateway: Gateway, people: list[Administrator], racers: list[Administrator]
) -> list[Figure]:
    async with httpx.AsyncClient(base_url=f"{gateway.address}/api/v1", timeout=PATIENCE) as http:
        async with _connected(http, people[:EACH]):
            pass  # whatever is loaded at first
        before = _memory(gateway)
        async with _connected(http, people):
            kilobytes = (_memory(gateway) - before) / KILOBYTE / len(people)
            print(f"realtime: {len(people):,} connections of {TENANTS} tenants, {kilobytes:.1f} KB each")
            seen = await _seen(stage, people)
            lost = await _away(http, people)
        async with _connected(http, racers):
            race = await _race(racers)
    return [*seen, lost, *race, Figure("memory per idle connection, KB", f"{kilobytes:.1f}", "< 40", kilobytes < 40)]


async def _seen(stage: Stage, people: list[Administrator]) -> list[Figure]:
    """Take locks one after the other; time runs from before the holder asks until each of the others is told."""
    waits: list[float] = []
    missing = 0
    holders = [random.choice(people) for _ in range(LOCKS)]  # noqa: S311 - a bench
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as owner:
        for holder in holders:
            with owner.cursor() as cursor:
                cursor.executemany(
                    DEAD_ROW, [{"id": f"dead-{uuid4().hex}", "slug": holder.tenant} for _ in range(DEAD)]
                )
            others = [one for one in people if one.tenant == holder.tenant and one is not holder]
            began = time.perf_counter()
            lock = (await holder.ask("edit_lock.acquire", resource_id=holder.resource_id, **DAY))["data"]["lock_id"]
            until = time.perf_counter() + 5
            while any(lock not in one.heard for one in others) and time.perf_counter() < until:
                await asyncio.sleep(0.002)
            missing += sum(lock not in one.heard for one in others)
            waits += [(one.heard[lock] - began) * 1000 for one in others if lock in one.heard]
            await holder.ask("edit_lock.release", lock_id=lock)
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    foreign = sum(one.foreign for one in people)
    middle, late = median(waits), quantiles(waits, n=100)[98]
    print(f"realtime: {LOCKS} locks told {len(waits):,} times, median {middle:.0f} ms, p99 {late:.0f} ms")
    return [
        Figure("a lock seen by the others, median ms", f"{middle:.0f}", "< 100", middle < 100),
        Figure("a lock seen by the others, p99 ms", f"{late:.0f}", "< 500", late < 500),
        Figure("locks not told to somebody who was there", f"{missing}", "0", missing == 0),
        Figure("messages about another tenant", f"{foreign}", "0", foreign == 0),
    ]


async def _away(http: httpx.AsyncClient, people: list[Administrator]) -> Figure:
    """One of each tenant goes away, misses some locks, comes back and reads them."""
    lost = 0
    for number in range(TENANTS):
        holder, away = people[number * EACH], people[number * EACH + 1]
        lock = (await holder.ask("edit_lock.acquire", resource_id=holder.resource_id, **DAY))["data"]["lock_id"]
        await holder.ask("edit_lock.release", lock_id=lock)
        until = time.perf_counter() + 5
        while lock not in away.heard and time.perf_counter() < until:
            await asyncio.sleep(0.005)
        await away.close()
        missed: set[str] = set()
        for _ in range(AWAY_LOCKS):
            lock = (await holder.ask("edit_lock.acquire", resource_id=holder.resource_id, **DAY))["data"]["lock_id"]
            await holder.ask("edit_lock.release", lock_id=lock)
            missed.add(lock)
        last = away.last_id
        await away.open(http)
        answer = await http.get(
            f"/tenants/{away.tenant}/events",
            params={"after": last, "limit": 200},
            headers={"Authorization": f"Bearer {away.token}"},
        )
        read = {one["data"]["lock_id"] for one in answer.json()["items"] if one["type"] == "edit_lock.acquired"}
        lost += len(missed - read - set(away.heard))
    return Figure("events missed while away and not read back", f"{lost}", "0", lost == 0)


async def _race(racers: list[Administrator]) -> list[Figure]:
    """All want one lock, hold it for a moment, and leave when they have had it."""
    held: list[tuple[float, float]] = []
    unanswered = 0

    async def want(racer: Administrator) -> bool:
        nonlocal unanswered
        until = time.perf_counter() + 10 * PATIENCE
        while time.perf_counter() < until:
            try:
                answer = await racer.ask("edit_lock.acquire", resource_id=racer.resource_id, **DAY)
            except TimeoutError:
                unanswered += 1
                continue
            if answer["type"] == "edit_lock.acquired":
                began = time.perf_counter()
                await asyncio.sleep(0.005)
                held.append((began, time.perf_counter()))
                await racer.ask("edit_lock.release", lock_id=answer["data"]["lock_id"])
                return True
            await asyncio.sleep(random.uniform(0.2, 2))  # noqa: S311 - a bench
        return False

    began = time.perf_counter()
    had = sum(await asyncio.gather(*(want(racer) for racer in racers)))
    held.sort()
    together = sum(earlier[1] >= later[0] for earlier, later in pairwise(held))
    print(f"realtime: {had} of {len(racers)} had the lock, in {time.perf_counter() - began:.0f} s")
    return [
        Figure("administrators who had it at the same time", f"{together}", "0", together == 0),
        Figure("administrators who never had it", f"{len(racers) - had}", "0", had == len(racers)),
        Figure(f"messages of theirs unanswered for {PATIENCE:.0f} s", f"{unanswered}", "0", unanswered == 0),
    ]


@contextmanager
def _served(stage: Stage) -> Generator[Gateway]:
    directory = stage.environment.directory.path
    with serve_aws(directory) as aws, serve_queue(aws) as queue:
        functions = stage.environment.functions() | MANY_GUESTS | aws | queue
        sockets = SocketSettings(aws["AWS_ACCESS_KEY_ID"], aws["AWS_SECRET_ACCESS_KEY"])
        log = directory / "access.log"
        with (
            serve("127.0.0.1", 0, 2, functions, access_log=log, sockets=sockets) as gateway,
            Background(functions | stage.environment.jobs() | gateway.variables),
        ):
            gateway.wait_until_ready()
            yield gateway


@asynccontextmanager
async def _connected(http: httpx.AsyncClient, people: list[Administrator]) -> AsyncGenerator[None]:
    at_once = asyncio.Semaphore(8)

    async def open_one(one: Administrator) -> None:
        async with at_once:
            await one.open(http)

    await asyncio.gather(*(open_one(one) for one in people))
    try:
        yield
    finally:
        await asyncio.gather(*(one.close() for one in people))


def _people(stage: Stage, slug: str, count: int) -> list[Administrator]:
    """A tenant with one resource, and so many who work there."""
    tenant_id, policy_id, resource_id = new_id(), new_id(), new_id()
    tokens = Tokens([(SIGNING_KID, stage.environment.directory.secrets.signing_key)])
    people: list[Administrator] = []
    with psycopg.connect(stage.cluster.owner_dsn()) as connection:
        connection.execute(
            "INSERT INTO tenants (id, slug, name, timezone, currency) VALUES (%s, %s, 'Bench', 'UTC', 'EUR')",
            [tenant_id, slug],
        )
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
        connection.execute(
            "INSERT INTO policies (id, tenant_id, slug, name) VALUES (%s, %s, 'bench', 'Bench')", [policy_id, tenant_id]
        )
        connection.execute(
            "INSERT INTO policy_versions (tenant_id, policy_id, version, document) VALUES (%s, %s, 1, %s)",
            [tenant_id, policy_id, json.dumps(POLICY)],
        )
        connection.execute(
            "INSERT INTO resources (id, tenant_id, slug, name, kind, capacity, max_party_size, assignment, policy_id)"
            " VALUES (%s, %s, 'room', 'Room', 'thing', 1, 8, 'pooled', %s)",
            [resource_id, tenant_id, policy_id],
        )
        for number in range(count):
            user_id, session_id = add_user(connection, f"{slug}-{number}@example.org", f"Number {number}"), new_id()
            add_member(connection, slug, user_id, Role.AGENT)
            connection.execute(OPEN_SESSION, {"id": session_id, "user_id": user_id, "expires_at": MOST_LASTING})
            token = tokens.issue_access_token(user_id, session_id, timedelta(hours=3))
            people.append(Administrator(slug, resource_id, token))
    return people


def _memory(gateway: Gateway) -> int:
    """Bytes that the workers have for themselves, and their share of what they have together."""
    total = 0
    for process_id in gateway.process_ids:
        lines = Path(f"/proc/{process_id}/smaps_rollup").read_text(encoding="ascii").splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * KILOBYTE
    return total
