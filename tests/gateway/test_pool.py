from __future__ import annotations

import asyncio
from threading import Event as Flag
from typing import TYPE_CHECKING

import pytest

from local.gateway.pool import DeadlineError, FunctionPool

if TYPE_CHECKING:
    from local.gateway.events import Event, LambdaContext


def test_only_a_function_that_runs_on_after_its_deadline_is_stuck() -> None:
    """The one that came first was over when it was looked for, as it is looked for before the second one."""
    go = {"late": Flag(), "endless": Flag()}
    over = Flag()

    def work(_event: Event, context: LambdaContext) -> None:
        go[context.aws_request_id].wait(60)
        if context.aws_request_id == "late":
            over.set()

    async def scene() -> list[str]:
        stuck: list[str] = []
        found = asyncio.Event()

        def on_stuck(request_id: str) -> None:
            stuck.append(request_id)
            found.set()

        pool = FunctionPool(work, threads=1, queue_limit=5, deadline_seconds=0.1, stuck_seconds=2, on_stuck=on_stuck)
        with pytest.raises(DeadlineError):
            await pool.call({}, "late")
        go["late"].set()
        await asyncio.to_thread(over.wait, 60)
        with pytest.raises(DeadlineError):
            await pool.call({}, "endless")
        with pytest.raises(DeadlineError):
            await pool.call({}, "waits behind it and never begins")
        await asyncio.wait_for(found.wait(), 60)
        go["endless"].set()
        return stuck

    assert asyncio.run(scene()) == ["endless"]
