"""Processor time of requests, in the worker and in Postgres, as the operating system accounts it.

What a machine's neighbours do changes these figures less than the times that answers take, but it does: the caches are
colder then.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from tools.bench.load import measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.gateway.serve import Gateway
    from tools.bench.load import Request
    from tools.bench.stage import Stage

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Used:
    """Milliseconds of the processor that one request took."""

    worker: float
    postgres: float

    @property
    def together(self) -> float:
        """In both."""
        return self.worker + self.postgres


def middle(each: Sequence[Used]) -> Used:
    """The median of each part."""
    return Used(median(used.worker for used in each), median(used.postgres for used in each))


def spread(each: Sequence[float]) -> str:
    """From the least to the greatest."""
    return f"{min(each):.2f} to {max(each):.2f}"


class Accounts:
    """The processes that the requests to a gateway keep busy."""

    def __init__(self, stage: Stage) -> None:
        with psycopg.connect(stage.cluster.owner_dsn()) as connection:
            self._postgres = _parent(connection.info.backend_pid)

    def used(self, gateway: Gateway, plan: list[Request], status: int) -> Used:
        """Send the requests one after the other; each is to be answered with the status."""
        workers, backends = gateway.process_ids, _family(self._postgres)
        before = _seconds(workers), _seconds(backends)
        statuses = measure(gateway.address, 1, plan).statuses
        assert statuses == {status: len(plan)}, statuses  # noqa: S101 - or it means nothing
        used = _seconds(workers) - before[0], _seconds(backends) - before[1]
        return Used(*(seconds / len(plan) * 1000 for seconds in used))


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
