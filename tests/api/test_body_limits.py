"""Every route takes a body of its limit and none that is longer, in the gateway and in the function alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app import app
from chalicelib.http.endpoint import ENDPOINTS
from local.gateway import routes

if TYPE_CHECKING:
    import httpx

    from chalicelib.http.endpoint import Endpoint

MOST = 1024 * 1024
SIGN_IN = 2 * 1024
SERVED = [declared for declared in ENDPOINTS if declared.path in app.routes]


@pytest.fixture(params=["gateway", "function"])
def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who refuses: the gateway before it reads the body, or the function where a gateway knows nothing of limits."""
    if request.param == "function":
        monkeypatch.setattr(routes.Resource, "body_limit", no_limit)
    return request.param


def no_limit(_resource: routes.Resource, _method: str) -> int:
    """What a gateway says that knows nothing of a route's own limit."""
    return MOST


def send(client: httpx.Client, declared: Endpoint, size: int) -> httpx.Response:
    path = re.sub(r"{(\w+)}", lambda _: uuid4().hex, declared.path.removeprefix("/v1"))
    body = b"{}" + b" " * (size - 2)
    return client.request(declared.method, path, content=body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("declared", SERVED, ids=lambda declared: f"{declared.method} {declared.path}")
def test_a_body_of_the_limit_is_read_and_one_byte_more_is_refused(
    client: httpx.Client, door: str, declared: Endpoint
) -> None:
    assert 0 < declared.body_limit <= MOST
    assert send(client, declared, declared.body_limit).status_code != 413
    refused = send(client, declared, declared.body_limit + 1)
    if door == "function" and declared.body_limit == MOST:
        return  # such a gateway's own limit comes first
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert f" {declared.body_limit} bytes" in refused.json()["detail"]
    assert ("limit" in refused.json()) is (door == "function")
    assert refused.json().get("limit", declared.body_limit) == declared.body_limit


def test_sign_in_takes_two_kilobytes() -> None:
    limits = {declared.path: declared.body_limit for declared in SERVED}
    assert limits["/v1/auth/login"] == limits["/v1/auth/password/reset"] == SIGN_IN


def test_the_reference_names_each_limit(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for declared in SERVED:
        operation = document["paths"][declared.path][declared.method.lower()]
        assert operation["x-body-limit"] == declared.body_limit
        assert "413" in operation["responses"]
