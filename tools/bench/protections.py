"""What each protection costs: with it and without it (or beside a plain control) in turn, as the ratio of medians.

Without it means: the plain function of the library, or the same code with the one call left out that protects. Nothing
that is deployed can switch a protection off; the bench takes it out here.
"""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any
from unittest.mock import patch
from uuid import uuid4

import uvicorn
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import StringConstraints, TypeAdapter
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chalicelib.access.model.limits import AnonymousCaller, Limits
from chalicelib.access.throttle import CountedWrite
from chalicelib.adapters.expressions import Meter, evaluate
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.log_position import LatestPosition
from chalicelib.database.pipeline import Pipeline
from chalicelib.database.transaction import Database
from chalicelib.events.event_log import Actor
from chalicelib.http import strict_json
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.http.texts import Name
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.terms.terms import TermsMemory
from local.gateway.asgi import whole_body
from local.gateway.heads import refusal_of
from local.gateway.protocol import BoundedHttpProtocol
from tools.bench.load import Request, measure
from tools.bench.round_trips import counting_proxy
from tools.bench.stage import FIRST, TENANT, Figure, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import LiteralString
    from uuid import UUID

    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

    from chalicelib.database.time_limits import TimeLimits
    from tools.bench.round_trips import Turns

ROUNDS = 15
CALLS = 2_000
"""Of a pure function, in a round."""
CREATES = 50
REQUESTS = 1_000
BODY_LIMIT = 16 * 1024
BODY = {
    "resource_id": "0192f0c1-2b3c-7d4e-8f50-123456789abc",
    "starts_at": "2040-01-01T10:00:00+00:00",
    "ends_at": "2040-01-01T11:00:00+00:00",
    "quantity": 1,
    "party_size": 2,
    "guest": {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946 0018"},
    "notes": "We arrive by train at about nine. " * 20,
}
EXPRESSION = "party_size <= 4 || (nights >= 3 && weekday in ['fri', 'sat'])"
VARIABLES = {"party_size": 5, "nights": 3, "weekday": "sat"}
PLAIN_NAME = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
GUEST = Actor("guest", None, None)
UNREACHED = Limits(
    writes_from_address=10**9, writes_of_email=10**9, writes_of_tenant=10**9, holds_from_address=0, holds_of_email=0
)
"""Counted all the same."""


def run(stage: Stage, rounds: int = ROUNDS) -> list[Figure]:
    """Measure each, and the round trips of a create."""
    return [
        *_texts(rounds),
        _head_and_body(rounds),
        *_creates(stage, rounds),
    ]


def _texts(rounds: int) -> list[Figure]:
    body = json.dumps(BODY).encode()
    kilobytes = len(body) / 1024
    name, plain = TypeAdapter[str](Name), TypeAdapter[str](PLAIN_NAME)
    return [
        _figure(
            "strict JSON / json.loads, µs per KB",
            rounds,
            partial(_calls, lambda: strict_json.parse(body), kilobytes),
            partial(_calls, lambda: json.loads(body), kilobytes),
        ),
        _figure(
            "a name checked for links and what is invisible / for its length, µs",
            rounds,
            partial(_calls, lambda: name.validate_python("Ada Lovelace")),
            partial(_calls, lambda: plain.validate_python("Ada Lovelace")),
        ),
        _figure(
            "a metered evaluation / an evaluation, µs",
            rounds,
            partial(_calls, lambda: Meter().evaluate(EXPRESSION, VARIABLES)),
            partial(_calls, lambda: evaluate(EXPRESSION, VARIABLES)),
        ),
    ]


def _figure(name: str, rounds: int, protected: Callable[[], float], plain: Callable[[], float]) -> Figure:
    """Take both in turn, the first round uncounted; each returns what one takes, in the unit that the name says."""
    pairs = [(protected(), plain()) for _ in range(rounds + 1)][1:]
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    return Figure(name, f"{ours / theirs:.2f} ({ours:.2f} / {theirs:.2f})", "told", met=True)


def _calls(function: Callable[[], object], units: float = 1.0) -> float:
    """Microseconds of processor time that a call takes for each of so many units."""
    gc.collect()
    began = time.thread_time()
    for _ in range(CALLS):
        function()
    return (time.thread_time() - began) / CALLS / units * 1e6


def _head_and_body(rounds: int) -> Figure:
    requests = [Request("POST", "/", json.dumps(BODY))] * REQUESTS

    class Protocol(BoundedHttpProtocol):
        head_seconds = 10.0

    def milliseconds(address: str) -> float:
        measured = measure(address, 1, requests)
        assert measured.statuses == {204: REQUESTS}, measured.statuses  # noqa: S101 - or the time means nothing
        return median(measured.milliseconds) * 1000

    with _serving(_bounded, Protocol) as bounded, _serving(_unbounded, HttpToolsProtocol) as unbounded:
        return _figure(
            "a request with head and body bounded / unbounded, µs",
            rounds,
            partial(milliseconds, bounded),
            partial(milliseconds, unbounded),
        )


async def _bounded(scope: Any, receive: Any, send: ASGISendCallable) -> None:  # noqa: ANN401 - as the gateway's
    assert refusal_of(scope) is None  # noqa: S101 - a usual head
    async with asyncio.timeout(10):
        await whole_body(receive, BODY_LIMIT)
    await _no_content(send)


async def _unbounded(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        assert message["type"] == "http.request"  # noqa: S101 - the client stays
        parts.append(message["body"])
        more = message["more_body"]
    b"".join(parts)
    await _no_content(send)


async def _no_content(send: ASGISendCallable) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": [], "trailers": False})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


@contextmanager
def _serving(application: Callable[..., Any], protocol: type[HttpToolsProtocol]) -> Generator[str]:
    """Serve an application on a free port of this machine, in a thread; yield its address."""
    config = uvicorn.Config(
        application, port=0, http=protocol, ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _creates(stage: Stage, rounds: int) -> list[Figure]:
    dsn = stage.cluster.app_dsn()
    server = conninfo_to_dict(dsn)
    resource = stage.add_resources(1, 500)[0]
    with ExitStack() as stack:
        port, turns = stack.enter_context(counting_proxy(str(server["host"]), int(str(server["port"]))))
        direct, counted = (
            stack.enter_context(closing(Database(one, pool_size=1, request_seconds=10, prepare_after=3)))
            for one in (dsn, make_conninfo(dsn, port=port))
        )
        desk = Desk(resource)
        figures: list[Figure] = []
        for name, without in (
            ("writes counted", partial(desk.creates, is_counted=False)),
            ("the time of statements, locks and idleness limited", partial(_unlimited, desk.creates)),
            ("the position of its change asked for", partial(desk.creates, is_told=False)),
        ):
            label = f"a create with {name} / without"
            figures += [
                _figure(f"{label}, ms", rounds, partial(desk.creates, direct), partial(without, direct)),
                _trips(label, turns, partial(desk.creates, counted), partial(without, counted)),
            ]
        return figures


def _trips(label: str, turns: Turns, protected: Callable[[], float], plain: Callable[[], float]) -> Figure:
    trips: list[float] = []
    for creates in (protected, plain):
        creates()  # connects, and reads the terms
        turns.take()
        creates()
        trips.append(turns.take() / CREATES)
    ours, theirs = trips
    return Figure(f"{label}, round trips", f"{ours:g} / {theirs:g}", "the same", met=ours == theirs)


def _unlimited(creates: Callable[[Database], float], database: Database) -> float:
    def limit(_pipeline: Pipeline, _statement: LiteralString, _limits: TimeLimits) -> None:
        """Send nothing."""

    with patch.object(Pipeline, "limit", limit):
        return creates(database)


class Desk:
    """Makes reservations of one resource, each by another guest at another hour."""

    def __init__(self, resource: UUID) -> None:
        self._resource = resource
        self._hours = count()
        self._memory = TermsMemory()

    def creates(self, database: Database, *, is_counted: bool = True, is_told: bool = True) -> float:
        """Make some; return the milliseconds that each took."""
        gc.collect()
        began = time.perf_counter()
        for _ in range(CREATES):
            self.create(database.noting(LatestPosition()) if is_told else database, is_counted=is_counted)
        return (time.perf_counter() - began) / CREATES * 1000

    def create(self, database: Database, *, is_counted: bool) -> None:
        """Make one."""
        starts_at = FIRST + timedelta(hours=2 * (next(self._hours) % 5_000))
        email = f"{uuid4().hex}@example.org"
        anonymous = AnonymousCaller("192.0.2.1", UNREACHED)
        guest = GuestDetails("Ada Lovelace", email, None)
        times = TimesWanted(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
        request = ReservationRequest(self._resource, times, 1, 2, guest, "", None, anonymous=anonymous)
        if is_counted:
            database = database.counting(CountedWrite(anonymous, email, TENANT))
        made = Answer(201, {}, "")
        create_reservation(Context(database, TENANT, GUEST), self._memory, request, lambda _: made)
