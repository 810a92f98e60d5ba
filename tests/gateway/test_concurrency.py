from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from local.gateway.serve import Gateway


def test_two_hundred_parallel_requests_do_not_mix(gateway: Gateway) -> None:
    async def ask_all() -> list[tuple[str, httpx.Response]]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=gateway.address, limits=limits, timeout=30) as client:

            async def ask(name: str) -> tuple[str, httpx.Response]:
                url = f"/api/v1/event?name={name}"
                headers = {"Content-Type": "text/plain", "X-Name": name}
                return name, await client.post(url, content=name * 50, headers=headers)

            return await asyncio.gather(*(ask(f"n{number}") for number in range(200)))

    answers = asyncio.run(ask_all())
    for name, response in answers:
        event = response.json()
        assert event["queryStringParameters"] == {"name": name}
        assert event["headers"]["x-name"] == name
        assert event["body"] == name * 50
        assert event["requestContext"]["requestId"] == response.headers["x-amzn-requestid"]
    assert len({response.headers["x-amzn-requestid"] for _, response in answers}) == 200
