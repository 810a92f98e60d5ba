"""Processor time of one create and of one refusal, one client and one worker, both kinds in turn.

The refusals are those of a storm: one unit, which someone has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tools.bench.accounts import Accounts, Used, middle, spread
from tools.bench.load import measure
from tools.bench.stage import RESERVATIONS, Figure, Stage, creates

if TYPE_CHECKING:
    from tools.bench.load import Request

ROUNDS = 7
REQUESTS = 300
OTHERS = 19
"""Resources of the tenant that could be had instead."""
STATUS = {"create": 201, "refusal": 409}


def run(stage: Stage) -> list[Figure]:
    """Measure both, the first round uncounted."""
    accounts = Accounts(stage)
    stage.add_resources(OTHERS, 1)
    full = stage.add_resources(1, 1)[0]
    functions = stage.environment.functions() | MANY_GUESTS
    log = stage.environment.directory.path / "access.log"
    taken: dict[str, list[Used]] = {name: [] for name in STATUS}
    with serve("127.0.0.1", 0, 1, functions, threads=1, access_log=log) as gateway:
        gateway.wait_until_ready()
        measure(gateway.address, 1, creates(full, 1, path=RESERVATIONS))
        for number in range(ROUNDS + 1):
            plans: dict[str, list[Request]] = {
                "create": creates(stage.add_resources(1, 500)[0], REQUESTS, path=RESERVATIONS),
                "refusal": creates(full, REQUESTS, path=RESERVATIONS, spread=1),
            }
            for name, plan in plans.items():
                used = accounts.used(gateway, plan, STATUS[name])
                if number:
                    taken[name].append(used)
    for name, each in taken.items():
        for part, times in (("worker", [used.worker for used in each]), ("Postgres", [used.postgres for used in each])):
            print(f"{name}, {part}: median {sorted(times)[len(times) // 2]:.2f} ms, {spread(times)}")
    ratio = middle(taken["refusal"]).together / middle(taken["create"]).together
    return [Figure("processor time of a refusal / of a create", f"{ratio:.2f}", "≤ 1.00", ratio <= 1)]
