"""`./dev watch TENANT`: a tenant's live messages, line by line, for people who debug."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, cast
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from chalicelib.access.model.people import MEMBER_ROLES, Role
from chalicelib.core.errors import BerthError
from chalicelib.database.identifiers import new_id
from chalicelib.realtime.live_messages import subject_of
from chalicelib.realtime.model.topics import Topic, read_topic
from chalicelib.realtime.schemas.messages import Event
from local.data_directory import read_data_directory, running_gateway
from local.environment import DEFAULT_PATH
from local.errors import CommandError
from tools.command_line import interrupt_once
from tools.live_lines import Message, Place, line_of
from tools.token import make_token

TOKEN_HOURS = 12
PING_SECONDS = 240
ANSWER_SECONDS = 15
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
MOST_KNOWN = 10_000
"""Ids of messages, by which those that come twice are left out."""
UNAUTHORIZED = 401
TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


class LostError(Exception):
    """There is no connection at the moment; says why."""


class _Lines(Console):
    """Leaves it to the command what becomes of it when nobody reads any more."""

    def on_broken_pipe(self) -> NoReturn:
        """Called by rich."""
        raise BrokenPipeError


def main(arguments: list[str]) -> int:
    """Show messages until Ctrl-C, or until nobody reads them any more."""
    options = _parser().parse_args(arguments)
    interrupt_once()
    notes = Console(stderr=True, highlight=False)
    lines = _Lines(highlight=False)

    def show(message: Message, place: Place) -> None:
        if options.json:
            print(json.dumps(message, ensure_ascii=False, separators=(",", ":")), flush=True)
        else:
            lines.print(line_of(message, place), soft_wrap=True)

    watch = Watch(
        tenant=options.tenant,
        topics=options.topic or [read_topic("tenant")],
        find_address=lambda: options.url or _running(options.data_dir),
        make_token=lambda: make_token(options.data_dir, options.tenant, options.role, TOKEN_HOURS),
        show=show,
        say=lambda text: notes.print(text, style="dim", markup=False, soft_wrap=True),
    )
    try:
        watch.go_on()
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


@dataclass
class Watch:
    """Follows a tenant's live messages over one connection after the other.

    `find_address` gives the gateway's http address and may raise `LostError`; `make_token` an access token, asked for
    again when one is refused. `show` gets each message once, `say` sentences about the connection.
    """

    tenant: str
    topics: Sequence[Topic]
    find_address: Callable[[], str]
    make_token: Callable[[], str]
    show: Callable[[Message, Place], None]
    say: Callable[[str], None]
    _token: str | None = None
    _place: Place = field(default_factory=Place)
    _last: str = ""
    _connected_once: bool = False
    _pause: float = FIRST_PAUSE
    _earlier: frozenset[str] = frozenset()
    _known: dict[str, None] = field(default_factory=dict[str, None])

    def go_on(self) -> NoReturn:
        """Connect, and again whenever that ends. Raises `CommandError` for what trying again does not mend."""
        while True:
            try:
                self._follow()
            except (LostError, httpx.TransportError, WebSocketException, TimeoutError) as error:
                reason = _reason(error)
                if not self._connected_once:
                    raise CommandError(reason) from error
                pause = self._pause * random.uniform(0.5, 1)  # noqa: S311 - so that not all come back at once
                self._pause = min(LONGEST_PAUSE, self._pause * 2)
                self.say(f"Not connected: {reason} Trying again in {pause:.1f} s.")
                time.sleep(pause)

    def _follow(self) -> NoReturn:
        """One connection, to its end. Whatever was told to nobody meanwhile is read once it is subscribed."""
        address = self.find_address()
        with httpx.Client(base_url=f"{address}/api/v1", timeout=ANSWER_SECONDS, trust_env=False) as http:
            ticket = self._ask(http, "POST", "/auth/ws-tickets", json={"tenant": self.tenant})
            self._place = self._read_place(http)
            if not self._connected_once:
                self._last = str(new_id())
                self._earlier = frozenset(message["id"] for message in self._missed(http))
            with _opened(ticket["url"]) as socket:
                self._subscribe(socket)
                topics = ", ".join(map(str, self.topics))
                again = "Connected again" if self._connected_once else "Connected"
                self.say(f"{again} to {address}: {self.tenant}, {topics}; times in {self._place.zone}. Ctrl-C ends it.")
                self._connected_once, self._pause = True, FIRST_PAUSE
                for message in self._missed(http):
                    if message["id"] not in self._earlier and self._covers(message):
                        self._take(message)
                self._listen(socket)

    def _subscribe(self, socket: ClientConnection) -> None:
        ref = "subscribe"
        socket.send(json.dumps({"action": ref, "topics": [str(topic) for topic in self.topics], "ref": ref}))
        while (message := _received(socket, ANSWER_SECONDS)).get("ref") != ref:
            self._take(message)
        if message["type"] == "error":
            raise CommandError(message["data"]["detail"])

    def _listen(self, socket: ClientConnection) -> NoReturn:
        ping_at = time.monotonic() + PING_SECONDS
        while True:
            try:
                self._take(_received(socket, max(0.0, ping_at - time.monotonic())))
            except TimeoutError:
                socket.send('{"action": "ping"}')
                ping_at = time.monotonic() + PING_SECONDS

    def _take(self, message: Message) -> None:
        kind = message["type"]
        if kind == "error":
            detail = message["data"]["detail"]
            if message.get("closes"):
                raise LostError(detail)
            self.say(detail)
        elif kind != "pong" and message["id"] not in self._known:
            self._known[message["id"]] = None
            if len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
            if kind != "presence":
                self._last = message["id"]
            self.show(message, self._place)

    def _missed(self, http: httpx.Client) -> Iterator[Message]:
        """The messages since the last one and a little before, of all topics."""
        query = {"after": self._last, "limit": "200"}
        while True:
            page = self._ask(http, "GET", f"/tenants/{self.tenant}/events", params=query)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def _covers(self, message: Message) -> bool:
        data = Event.model_validate(message).data
        subject = subject_of(cast("Any", data))  # it has the members that are looked at
        return data.shortened or any(topic.covers(subject, self._place.zone) for topic in self.topics)

    def _read_place(self, http: httpx.Client) -> Place:
        site = self._ask(http, "GET", f"/tenants/{self.tenant}")
        catalogue = self._ask(http, "GET", f"/tenants/{self.tenant}/resources", params={"limit": "200"})
        return Place(ZoneInfo(site["timezone"]), {one["id"]: one["slug"] for one in catalogue["items"]})

    def _ask(self, http: httpx.Client, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask the API. Raises `LostError` where that may mend itself, `CommandError` otherwise."""
        known = self._token
        self._token = self._token or self.make_token()
        answer = http.request(method, path, headers={"Authorization": f"Bearer {self._token}"}, **options)
        if answer.status_code == UNAUTHORIZED and known is not None:
            self._token = None  # its hours are over, or the demo began again
            return self._ask(http, method, path, **options)
        try:
            body = answer.json()
        except ValueError:
            body = {"detail": f"{http.base_url} answers {answer.status_code}, and not like Berth."}
            if answer.is_success:
                raise CommandError(body["detail"]) from None
        if answer.is_success:
            return body
        detail = str(body.get("detail"))
        raise LostError(detail) if answer.status_code in TRY_AGAIN else CommandError(detail)


def _opened(url: str) -> ClientConnection:
    try:
        return connect(url, proxy=None)
    except OSError as error:
        raise LostError(_sentence(error)) from error


def _received(socket: ClientConnection, seconds: float) -> Message:
    return json.loads(socket.recv(timeout=seconds))


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, LostError) else _sentence(error)


def _sentence(error: Exception) -> str:
    return f"{str(error).strip().removesuffix('.') or type(error).__name__}."


def _running(data_dir: Path) -> str:
    """The address of the demo on a data directory. Raises `LostError`, or `CommandError` where there is no data."""
    address = running_gateway(read_data_directory(data_dir))
    if address is None:
        message = f"No demo is running on {data_dir.resolve()}. Start ./dev demo, or name a gateway with --url."
        raise LostError(message)
    return address


def _topic(text: str) -> Topic:
    try:
        return read_topic(text)
    except BerthError as error:
        raise argparse.ArgumentTypeError(error.detail) from error


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        message = f"{text!r} is no address; it is like http://127.0.0.1:8000."
        raise argparse.ArgumentTypeError(message)
    return text.rstrip("/").removesuffix("/api/v1")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev watch", description="Show a tenant's live messages, until Ctrl-C.")
    parser.add_argument("tenant", help="slug of the tenant, e.g. pine-cabins")
    parser.add_argument(
        "--topic",
        type=_topic,
        action="append",
        help="tenant (unless others are named), resource:ID, reservation:ID or calendar:FROM/UNTIL; may be repeated",
    )
    roles = [role.value for role in MEMBER_ROLES]
    parser.add_argument("--role", choices=roles, default=Role.OWNER.value, help="as which of its staff (owner)")
    parser.add_argument("--json", action="store_true", help="one JSON message per line, for pipes")
    parser.add_argument("--url", type=_address, help="of a gateway, instead of the demo that runs on the data")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose database and key (.local)")
    return parser
