from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.gateway.sample import WaitingRoom, serve_sample
from tests.gateway.sockets import SETTINGS, Events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.gateway.serve import Gateway


@pytest.fixture(scope="session")
def access_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway") / "access.log"


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("served") / "images"
    (directory / "cabins").mkdir(parents=True)
    (directory / "cabins" / "lake side.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (directory / "notes.txt").write_text("not an image")
    (directory.parent / "outside.svg").write_text("<svg>secret</svg>")
    (directory / "link.svg").symlink_to(directory.parent / "outside.svg")
    return directory


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build leaves, with files that it never has: beside it, and through a link."""
    directory = tmp_path_factory.mktemp("web") / "dist"
    (directory / "assets").mkdir(parents=True)
    (directory / "public.html").write_text("<!doctype html>page")
    (directory / "admin.html").write_text("<!doctype html>desk")
    (directory / "embed.js").write_text("embed")
    (directory / "admin-sw.js").write_text("worker")
    (directory / "manifest.json").write_text("{}")
    (directory.parent / "secret.js").write_text("secret")
    script = directory / "assets" / "app-1a2b.js"
    script.write_text("plain")
    script.with_name("app-1a2b.js.br").write_bytes(b"brotli")
    script.with_name("app-1a2b.js.gz").write_bytes(b"gzipped")
    script.with_name("notes.exe").write_text("no type that is served")
    script.with_name("link.js").symlink_to(directory.parent / "secret.js")
    return directory


@pytest.fixture(scope="session")
def gateway(access_log: Path, images: Path, web: Path, waiting_room: WaitingRoom) -> Iterator[Gateway]:
    environment = {**waiting_room.environment, "GREETING": "hello"}
    with serve_sample(workers=2, access_log=access_log, images=images, web=web, environment=environment) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="session")
def socket_events(tmp_path_factory: pytest.TempPathFactory) -> Events:
    return Events(tmp_path_factory.mktemp("sockets") / "events.jsonl")


@pytest.fixture(scope="session")
def socket_gateway(access_log: Path, socket_events: Events, waiting_room: WaitingRoom) -> Iterator[Gateway]:
    """Two workers with WebSockets, with the limits of API Gateway."""
    environment = {**waiting_room.environment, **socket_events.environment}
    with serve_sample(workers=2, access_log=access_log, environment=environment, sockets=SETTINGS) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="session")
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.address) as connected:
        yield connected


@pytest.fixture(scope="session")
def waiting_room(tmp_path_factory: pytest.TempPathFactory) -> WaitingRoom:
    return WaitingRoom(tmp_path_factory.mktemp("waiting"))
