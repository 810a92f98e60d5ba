"""A cheap load generator: `python -m tools.bench.load`, a plan on stdin, counts and latencies on stdout.

A process of its own, raw HTTP/1.1 over keep-alive connections, because it shares two cores with what it measures.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tools.bench.load"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `key` is sent as Idempotency-Key and `tag` as If-None-Match, unless they are empty."""

    method: str
    path: str
    body: str = ""
    key: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a plan: seconds in all, answers by status, and each answer's milliseconds in order of arrival."""

    seconds: float
    statuses: dict[int, int]
    milliseconds: list[float]

    @property
    def accepted_per_second(self) -> float:
        """Created per second."""
        return self.statuses.get(201, 0) / self.seconds


@contextmanager
def loading(address: str, connections: int, requests: list[Request]) -> Generator[None]:
    """Send the requests over so many connections until the block ends, which begins after as many answers."""
    with TemporaryFile("w+") as plan:
        json.dump(_plan(address, connections, requests), plan)
        plan.seek(0)
        process = subprocess.Popen(COMMAND, stdin=plan, stdout=subprocess.PIPE, cwd=ROOT)
        assert process.stdout is not None  # noqa: S101 - a pipe
        try:
            process.stdout.readline()
            yield
            if process.poll() is not None:
                message = "The load ended before what it was to load; give it more requests."
                raise RuntimeError(message)
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def _plan(address: str, connections: int, requests: list[Request]) -> dict[str, object]:
    return {"address": address, "connections": connections, "requests": [asdict(request) for request in requests]}


def measure(address: str, connections: int, requests: list[Request]) -> Measured:
    """Send the requests over so many connections, each taking the next when it has its answer."""
    plan = _plan(address, connections, requests)
    done = subprocess.run(
        COMMAND,
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    statuses = {int(status): count for status, count in answer["statuses"].items()}
    return Measured(answer["seconds"], statuses, answer["milliseconds"])


async def _connection(
    host: str, port: int, pending: list[bytes], statuses: Counter[int], milliseconds: list[float], warm: int
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while pending:
        message = pending.pop()
        began = time.perf_counter()
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 : lowered.index(b"\r", at)]) if at >= 0 else 0
        if length:
            await reader.readexactly(length)
        milliseconds.append((time.perf_counter() - began) * 1000)
        if len(milliseconds) == warm:
            print("begun", flush=True)
        statuses[int(head[9:12])] += 1
    writer.close()


def _message(request: dict[str, str], host: str) -> bytes:
    body = request["body"].encode()
    lines = [f"{request['method']} {request['path']} HTTP/1.1", f"Host: {host}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if request["key"]:
        lines.append(f"Idempotency-Key: {request['key']}")
    if request["tag"]:
        lines.append(f"If-None-Match: {request['tag']}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Plan(TypedDict):
    """What arrives on standard input."""

    address: str
    connections: int
    requests: list[dict[str, str]]


async def _run(plan: Plan) -> dict[str, object]:
    target = urlsplit(plan["address"])
    pending = [_message(request, target.netloc) for request in reversed(plan["requests"])]
    statuses: Counter[int] = Counter()
    milliseconds: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(plan["connections"]):
            group.create_task(
                _connection(
                    target.hostname or "", target.port or 80, pending, statuses, milliseconds, plan["connections"]
                )
            )
    return {"seconds": time.perf_counter() - began, "statuses": statuses, "milliseconds": milliseconds}


if __name__ == "__main__":
    import uvloop

    print(json.dumps(uvloop.run(_run(json.load(sys.stdin)))))
