"""Processor time of one create and of one refusal, in the worker and in Postgres, as the operating system accounts it.

One client and one worker, both kinds in turn. What a machine's neighbours do changes the figures less than the ratios
of times, but it does: the caches are colder then. The refusals are those of a storm: one unit, which somebody has.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tools.bench.load import measure
from tools.bench.stage import RESERVATIONS, Figure, Stage, creates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench.load import Request

ROUNDS = 7
REQUESTS = 300
OTHERS = 19
"""Resources of the tenant that could be had instead."""
PROC = Path("/proc")


def run(stage: Stage) -> list[Figure]:
    """Measure both, the first round uncounted."""
    postgres = _server_of(stage)
    stage.add_resources(OTHERS, 1)
    full = stage.add_resources(1, 1)[0]
    functions = stage.environment.functions() | MANY_GUESTS
    log = stage.environment.directory.path / "access.log"
    taken: dict[str, list[tuple[float, float]]] = {"create": [], "refusal": []}
    with serve("127.0.0.1", 0, 1, functions, threads=1, access_log=log) as gateway:
        gateway.wait_until_ready()
        measure(gateway.address, 1, creates(full, 1, path=RESERVATIONS))
        for number in range(ROUNDS + 1):
            plans: dict[str, list[Request]] = {
                "create": creates(stage.add_resources(1, 500)[0], REQUESTS, path=RESERVATIONS),
                "refusal": creates(full, REQUESTS, path=RESERVATIONS, spread=1),
            }
            for name, plan in plans.items():
                workers, backends = gateway.process_ids, _family(postgres)
                before = _seconds(workers), _seconds(backends)
                statuses = measure(gateway.address, 1, plan).statuses
                assert statuses == {201 if name == "create" else 409: REQUESTS}, statuses  # noqa: S101 - or it means nothing
                used = _seconds(workers) - before[0], _seconds(backends) - before[1]
                if number:
                    taken[name].append((used[0] / REQUESTS * 1000, used[1] / REQUESTS * 1000))
    for name, each in taken.items():
        for part, times in zip(("worker", "Postgres"), zip(*each, strict=True), strict=True):
            print(f"{name}, {part}: median {median(times):.2f} ms, least {min(times):.2f} ms")
    ratio = median(map(sum, taken["refusal"])) / median(map(sum, taken["create"]))
    return [Figure("processor time of a refusal / of a create", f"{ratio:.2f}", "≤ 1.00", ratio <= 1)]


def _server_of(stage: Stage) -> int:
    """The process that all of Postgres' others descend from."""
    with psycopg.connect(stage.cluster.owner_dsn()) as connection:
        return _parent(connection.info.backend_pid)


def _parent(process_id: int) -> int:
    return int((PROC / str(process_id) / "stat").read_text().rpartition(")")[2].split()[1])


def _family(process_id: int) -> list[int]:
    """A process and its children."""
    return [process_id, *(int(one.name) for one in PROC.glob("[0-9]*") if _is_child(one, process_id))]


def _is_child(process: Path, parent: int) -> bool:
    try:
        return _parent(int(process.name)) == parent
    except OSError:  # it has ended meanwhile
        return False


def _seconds(process_ids: Sequence[int]) -> float:
    """What all threads of the processes have used, to the nanosecond."""
    threads = (thread for one in process_ids for thread in (PROC / str(one) / "task").glob("*/schedstat"))
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
