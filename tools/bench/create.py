"""The full create over HTTP against a plain service on the same server, and its round trips to the database."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.database.identifiers import new_id
from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tools.bench.load import measure
from tools.bench.round_trips import counting_proxy
from tools.bench.stage import RESERVATIONS, Figure, Stage, creates

if TYPE_CHECKING:
    from uuid import UUID

CONNECTIONS = 16
ROUNDS = 5
REQUESTS = 1500
PLAIN = Path(__file__).with_name("plain")
PLAIN_TABLE = """
CREATE TABLE IF NOT EXISTS plain_reservations (
    id uuid PRIMARY KEY,
    resource_id uuid NOT NULL,
    during tstzrange NOT NULL,
    units int4multirange NOT NULL,
    guest_name text NOT NULL,
    guest_email text NOT NULL,
    EXCLUDE USING gist (resource_id WITH =, during WITH &&, units WITH &&)
);
GRANT SELECT, INSERT ON plain_reservations TO berth_app;
"""


def run(stage: Stage) -> list[Figure]:
    """Measure both in turn, five times each, on fresh resources."""
    with psycopg.connect(stage.cluster.owner_dsn()) as connection:
        connection.execute(PLAIN_TABLE)
    ratios: list[float] = []
    with stage.gateway() as berth, stage.gateway(PLAIN) as plain:
        for number in range(ROUNDS + 1):
            ours = _accepted(berth.address, RESERVATIONS, stage.add_resources(1, 500)[0])
            theirs = _accepted(plain.address, "/api/v1/reservations", new_id())
            if number:  # the first round warms both up
                ratios.append(ours / theirs)
                print(f"create: {ours:,.0f} per second, plain {theirs:,.0f}, ratio {ratios[-1]:.2f}")
    trips = round_trips(stage)
    return [
        Figure("create / plain service, 16 connections", f"{median(ratios):.2f}", "≥ 0.60", median(ratios) >= 0.6),
        Figure("database round trips per create", str(trips), "≤ 3", trips <= 3),
    ]


def _accepted(address: str, path: str, resource_id: UUID) -> float:
    return measure(address, CONNECTIONS, creates(resource_id, REQUESTS, path=path)).accepted_per_second


def round_trips(stage: Stage) -> int:
    """Count what one create costs on a connection that is open, under terms that are known."""
    dsn = stage.cluster.app_dsn()
    parts = conninfo_to_dict(dsn)
    with counting_proxy(str(parts["host"]), int(str(parts["port"]))) as (port, turns):
        functions = {**stage.environment.functions(), **MANY_GUESTS, "DATABASE_URL": make_conninfo(dsn, port=port)}
        log = stage.environment.directory.path / "access.log"
        with serve("127.0.0.1", 0, 1, functions, threads=1, access_log=log) as gateway:
            gateway.wait_until_ready()
            first, *others = creates(stage.add_resources(1, 500)[0], 101, path=RESERVATIONS)
            measure(gateway.address, 1, [first])
            turns.take()
            measured = measure(gateway.address, 1, others)
            assert measured.statuses == {201: 100}, measured.statuses  # noqa: S101 - or the count means nothing
            return round(turns.take() / len(others))
