"""What the others feel of a tenant that asks for fifty times as much as each of them."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING

from tools.bench.load import Request, loading, measure
from tools.bench.stage import Figure, Stage, creates, reservations_of

if TYPE_CHECKING:
    from uuid import UUID

OTHERS = tuple(f"other-{number}" for number in range(8))
HOG = "hog"
EACH = 2
"""Requests that each of the others has under way at any time."""
TIMES = 50
ROUNDS = 7
REQUESTS = 1200
"""Of the others together, in a round."""
MOST_OF_HOG = 5_000
"""More than it can be served in a round."""


def run(stage: Stage) -> list[Figure]:
    """Measure the others alone and beside it in turn; the ratio is that of the rounds' medians."""
    for tenant in (*OTHERS, HOG):
        stage.add_resources(1, 500, tenant=tenant)
    alone: list[float] = []
    beside: list[float] = []
    with stage.gateway() as gateway:
        for number in range(ROUNDS + 1):
            first = _p99(stage, gateway.address)
            greedy = creates(_resource(stage, HOG), MOST_OF_HOG, path=reservations_of(HOG))
            with loading(gateway.address, TIMES * EACH, greedy):
                second = _p99(stage, gateway.address)
            if number:  # the first round warms up
                alone.append(first)
                beside.append(second)
                print(f"share: p99 of the others {first:.0f} ms alone, {second:.0f} ms beside, {second / first:.2f}")
    ratio = median(beside) / median(alone)
    return [
        Figure(
            "p99 of the others beside a tenant at 50 times their share / alone", f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5
        )
    ]


def _resource(stage: Stage, tenant: str) -> UUID:
    return stage.add_resources(1, 500, tenant=tenant)[0]


def _p99(stage: Stage, address: str) -> float:
    """Creates of all the others, taken in turn, so that each has as many under way."""
    per_tenant = REQUESTS // len(OTHERS)
    plans = [creates(_resource(stage, tenant), per_tenant, path=reservations_of(tenant)) for tenant in OTHERS]
    requests: list[Request] = [one for turn in zip(*plans, strict=True) for one in turn]
    measured = measure(address, EACH * len(OTHERS), requests)
    assert measured.statuses == {201: len(requests)}, measured.statuses  # noqa: S101 - or the time means nothing
    return quantiles(measured.milliseconds, n=100)[98]
