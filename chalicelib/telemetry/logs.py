"""The log: lines of JSON where a service collects them, lines for people on a machine of their own.

The JSON never holds personal data. Of an exception it has the type, the place, and of one of PostgreSQL its SQLSTATE
and constraint, but not the message: those of databases and of Python quote the values that they are about. As a second
line of defence, what looks like an email address, a telephone number or a token is masked wherever it stands.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

LogFormat = Literal["json", "text"]
FOR_PEOPLE = "%(asctime)s %(name)s %(levelname)s %(message)s"
MASKED = "[masked]"
PERSONAL = re.compile(
    r"[^\s@<>\"'(),;=]+@[^\s@<>\"'(),;=]+"  # an email address, or the user and password of an address of a database
    r"|\+\d[\d ()./-]{5,}\d"  # a telephone number, as they are stored
    r"|\beyJ[\w-]{5,}\.[\w-]+\.[\w-]+"  # a JSON Web Token (RFC 7519)
    r"|\bberth_[A-Za-z0-9]+_[\w-]{16,}"  # an API key
)
MOST_FRAMES = 24
"""Of a stack, the innermost: what is around them is the way into a function, the same every time."""
MOST_CAUSES = 4
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
_call: ContextVar[dict[str, str] | None] = ContextVar("call", default=None)


@contextmanager
def call_described(**members: str) -> Generator[None]:
    """Name the call of a function that this thread works on, and threads that start with a copy of its context."""
    token = _call.set({name: value for name, value in members.items() if value})
    try:
        yield
    finally:
        _call.reset(token)


def describe_call(**members: str) -> None:
    """Add to what is known of the present call, such as its tenant."""
    known = _call.get()
    if known is not None:
        known.update({name: value for name, value in members.items() if value})


def call_members() -> Mapping[str, str]:
    """What is known of the present call: request_id, trace_id, function, tenant, actor."""
    return _call.get() or {}


def set_up_logs(log_format: LogFormat, level: str) -> None:
    """Send what the loggers `berth` and below have to say from that level on to standard output, in that format."""
    handler = _StandardOutput()
    handler.setFormatter(JsonFormatter() if log_format == "json" else logging.Formatter(FOR_PEOPLE))
    berth = logging.getLogger("berth")
    berth.setLevel(level)
    berth.propagate = False  # Lambda's own handler would write each line again
    berth.handlers[:] = [handler]


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Render it, without personal data."""
        milliseconds = int(record.msecs)
        line: dict[str, Any] = {
            "at": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{milliseconds:03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **call_members(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = described(record.exc_info[1])
        return _encode(line)


def masked(text: str) -> str:
    """The text without what looks personal."""
    return PERSONAL.sub(MASKED, text)


def described(error: BaseException, depth: int = 1) -> dict[str, Any]:
    """What may be said of an exception: its type and place, what PostgreSQL calls it, and what caused it."""
    diagnosis = getattr(error, "diag", None)
    frames = [
        f"{'/'.join(PurePath(frame.f_code.co_filename).parts[-3:])}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    said: dict[str, Any] = {
        "type": type(error).__name__,
        # Where its class says so: a sentence of ours for operators, which quotes no data.
        "message": masked(str(error)) if getattr(error, "for_the_log", False) else None,
        "sqlstate": getattr(error, "sqlstate", None),
        "constraint": getattr(diagnosis, "constraint_name", None),
        "table": getattr(diagnosis, "table_name", None),
        "stack": frames[-MOST_FRAMES:],
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < MOST_CAUSES:
        said["cause"] = described(cause, depth + 1)
    return {name: value for name, value in said.items() if value}


class _StandardOutput(logging.StreamHandler[TextIO]):
    """Writes to what standard output is at the moment: it may be another one later."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # pyright: ignore[reportIncompatibleVariableOverride] - looked up each time, as logging's own
        """Where lines go."""
        return sys.stdout
