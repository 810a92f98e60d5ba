"""What people look at before they reserve: availability in each mode, the search and the catalogue.

Processor time of one look, one client and one worker, all kinds in turn, beside a plain service that lists what is free
of a resource and knows no tenant, rule, price or zone. The resources have a month of reservations.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen
from uuid import uuid4

import psycopg

from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tools.bench.accounts import Accounts, Used, middle, spread
from tools.bench.create import PLAIN, PLAIN_TABLE
from tools.bench.load import Request, measure
from tools.bench.stage import FIRST, POLICY, Figure, Stage, reservations_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

ROUNDS = 5
LOOKS = 60
MONTH, YEAR = 30, 365
MOST_DAYS = 91
"""Days of one request; a year of one resource takes so many of them."""
FEW, MANY = 20, 50
"""Resources of a small catalogue, and of a search."""
CAPACITY = 1
TENANT, CATALOGUE, MANY_RESOURCES = "looks", "looks-few", "looks-many"
RULES = [{"rule": "lead_time", "minimum_minutes": 60}, {"rule": "party_size", "minimum": 1, "maximum": 8}]
HOURS = [{"opens": "08:00", "closes": "20:00"}]
OPEN = {"rule": "opening_hours", "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), HOURS)}
POLICIES: dict[str, dict[str, Any]] = {
    "stay": POLICY
    | {
        "mode": {"mode": "stay", "check_in_time": "15:00", "check_out_time": "11:00", "min_nights": 1},
        "rates": POLICY["rates"] | {"base": {"per": "night", "amount": 12000}},
    },
    "slot": POLICY
    | {
        "mode": {"mode": "slot", "slot_minutes": 60, "step_minutes": 60, "offered_in": "opening_hours"},
        "rules": [*RULES, OPEN],
        "rates": POLICY["rates"] | {"base": {"per": "slot", "amount": 3000}},
    },
    "interval": POLICY,
}
AIMS = {"worker": 1.2, "Postgres": 0.35}
OF_THE_CATALOGUE = {"worker": 0.6, "Postgres": 0.25}


def run(stage: Stage) -> list[Figure]:
    """Measure all kinds in turn, the first round uncounted."""
    with psycopg.connect(stage.cluster.owner_dsn()) as connection:
        connection.execute(PLAIN_TABLE)
    resources = {mode: stage.add_resources(1, CAPACITY, tenant=TENANT, policy=it)[0] for mode, it in POLICIES.items()}
    stage.add_resources(FEW, CAPACITY, tenant=CATALOGUE)
    searched = stage.add_resources(MANY, CAPACITY, tenant=MANY_RESOURCES)
    plain_id = uuid4()
    accounts = Accounts(stage)
    log = stage.environment.directory.path / "access.log"
    functions = stage.environment.functions() | MANY_GUESTS
    taken: dict[str, list[Used]] = {}
    with (
        serve("127.0.0.1", 0, 1, functions, threads=1, access_log=log) as berth,
        serve("127.0.0.1", 0, 1, functions, threads=1, access_log=log, project=PLAIN) as plain,
    ):
        berth.wait_until_ready()
        plain.wait_until_ready()
        for mode, resource_id in resources.items():
            _fill(berth.address, TENANT, resource_id, mode, 40)
        for resource_id in searched:
            _fill(berth.address, MANY_RESOURCES, resource_id, "interval", 10)
        _fill_plain(stage, plain_id)
        looks = dict(_looks(resources))
        for name, path in list(looks.items()):
            if name in POLICIES:
                looks[f"{name}, seen before"] = path
        plain_path = f"/api/v1/resources/{plain_id}/availability?{_period(0, MONTH)}"
        for number in range(ROUNDS + 1):
            for name, paths in looks.items():
                again = name.endswith("seen before")
                tags = [_tag(berth.address, path) if again else "" for path in paths]
                plan = [Request("GET", path, tag=tag) for path, tag in zip(paths, tags, strict=True)] * LOOKS
                used = accounts.used(berth, plan, 304 if again else 200)
                each = Used(used.worker * len(paths), used.postgres * len(paths))
                taken.setdefault(name, []).append(each)
            taken.setdefault("plain", []).append(accounts.used(plain, [Request("GET", plain_path)] * LOOKS, 200))
            if not number:
                taken.clear()
    return list(_figures(taken))


def _figures(taken: dict[str, list[Used]]) -> Iterator[Figure]:
    plain = middle(taken["plain"]).together
    for name, each in taken.items():
        used = middle(each)
        ratio = plain / used.together
        print(
            f"{name}: worker {used.worker:.2f} ms ({spread([one.worker for one in each])}), Postgres "
            f"{used.postgres:.2f} ms ({spread([one.postgres for one in each])}), plain / this {ratio:.2f}"
        )
        if name in POLICIES or name == "catalogue":
            aims = OF_THE_CATALOGUE if name == "catalogue" else AIMS
            for part, reached in (("worker", used.worker), ("Postgres", used.postgres)):
                yield Figure(f"{name}: {part}", f"{reached:.2f} ms", f"≤ {aims[part]} ms", reached <= aims[part])
        if name in POLICIES:
            yield Figure(f"{name}, 30 days: plain service / this", f"{ratio:.2f}", "≥ 1.00", ratio >= 1)
            again = used.together / middle(taken[f"{name}, seen before"]).together
            yield Figure(f"{name}: a look / the same look again", f"{again:.2f}", "≥ 3.00", again >= 3)


def _period(first: int, days: int) -> str:
    from_at, until_at = FIRST + timedelta(days=first), FIRST + timedelta(days=first + days)
    return f"from={from_at:%Y-%m-%d}&until={until_at:%Y-%m-%d}"


def _times(days: int) -> str:
    return f"from={FIRST:%Y-%m-%dT%H:%M:%SZ}&until={FIRST + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def _looks(resources: dict[str, UUID]) -> Iterator[tuple[str, list[str]]]:
    """The requests that make up each kind of look."""
    for mode, resource_id in resources.items():
        path = f"/api/v1/tenants/{TENANT}/resources/{resource_id}/availability"
        yield mode, [f"{path}?{_period(0, MONTH)}"]
        parts = [(first, min(MOST_DAYS, YEAR - first)) for first in range(0, YEAR, MOST_DAYS)]
        yield f"{mode}, a year", [f"{path}?{_period(*part)}" for part in parts]
    yield "search of 50, 30 days", [f"/api/v1/tenants/{MANY_RESOURCES}/availability?{_times(MONTH)}"]
    yield "catalogue", [f"/api/v1/tenants/{CATALOGUE}/resources"]


def _tag(address: str, path: str) -> str:
    with urlopen(f"{address}{path}", timeout=60) as answer:  # noqa: S310 - our own gateway
        return answer.headers["ETag"]


def _fill(address: str, tenant: str, resource_id: UUID, mode: str, count: int) -> None:
    """Reserve here and there over the month."""
    plan: list[Request] = []
    for number in range(count):
        if mode == "stay":
            on = (FIRST + timedelta(days=number * 2 % MONTH)).date()
            times = {"check_in_on": f"{on}", "check_out_on": f"{on + timedelta(days=1 + number % 2)}"}
        else:
            starts_at = FIRST + timedelta(days=1 + number * 7 % MONTH, hours=9 + number % 8)
            times = {
                "starts_at": starts_at.isoformat(),
                "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
            }
        guest = {"name": "Ada Lovelace", "email": f"looks{number}@example.org"}
        body = {"resource_id": str(resource_id), "party_size": 2, "guest": guest} | times
        plan.append(Request("POST", reservations_of(tenant), json.dumps(body), uuid4().hex))
    statuses = measure(address, 1, plan).statuses
    assert statuses.get(201, 0) >= count // 3, statuses  # noqa: S101 - or there is little to look at


def _fill_plain(stage: Stage, resource_id: UUID) -> None:
    with psycopg.connect(stage.cluster.owner_dsn()) as connection:
        for number in range(40):
            starts_at = FIRST + timedelta(days=1 + number * 7 % MONTH, hours=9 + number % 8)
            connection.execute(
                "INSERT INTO plain_reservations VALUES (%s, %s, tstzrange(%s, %s),"
                " int4multirange(int4range(%s, %s)), 'Ada', 'ada@example.org') ON CONFLICT DO NOTHING",
                [uuid4(), resource_id, starts_at, starts_at + timedelta(hours=1), 1, 2],
            )
