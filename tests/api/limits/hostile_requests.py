"""What is sent to every route: each is as large, deep, wide or long as it may be."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from tests.api.documented import example_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.http.endpoint import Endpoint

JSON_TYPE = {"Content-Type": "application/json"}
HEADER = 7_000
"""Characters of one header: a whole head has 10,240 bytes at API Gateway."""
LINE = 6_000
"""Characters of a path or query."""
MOST_VALUES = 50_000
"""Members and elements that are read in one body."""
Refusal = tuple[int, str]
"""Status and code."""
TOO_LARGE: Refusal = (413, "body_too_large")
MALFORMED: Refusal = (400, "malformed")
INVALID: Refusal = (422, "invalid_input")


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """One request, apart from who sends it."""

    name: str
    method: str
    path: str
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    refusal: Refusal | None = None
    """What whoever may use the route is told; None: that depends on the route."""


def repeated(head: bytes, element: bytes, tail: bytes, size: int) -> bytes:
    """As many elements as fit into that many bytes."""
    return head + element * max(0, (size - len(head) - len(tail)) // len(element)) + tail


def deepest(size: int) -> bytes:
    depth = size // 6
    return b'{"a":' * depth + b"0" + b"}" * depth


def widest(size: int) -> bytes:
    members = b",".join(b'"n%07d":0' % number for number in range(max(1, size // 13 - 3)))
    return b"{" + members + b',"t":1,"t":1}'


def longest_name(size: int) -> bytes:
    half = size // 2
    return repeated(b'{"' + b"n" * half + b'":[', b"0,", b'"\\u0000"]}', size)


def unknown_members(size: int) -> bytes:
    """As many as there is room for, with short names: each is a finding."""
    members: list[bytes] = []
    left = size - 2
    while len(members) < MOST_VALUES:
        members.append(b'"%x":0' % len(members))
        left -= len(members[-1]) + 1
        if left < 0:
            members.pop()
            break
    return b"{" + b",".join(members) + b"}"


def unknown_long_members(size: int) -> bytes:
    """With names that are escaped, in a request and in whatever repeats them."""
    members = [b'"%04d%s":0' % (number, b"\\u0001" * 100) for number in range(max(1, size // 609))]
    return b"{" + b",".join(members) + b"}"


BODIES: dict[str, Callable[[int], bytes]] = {
    "its limit and one": lambda size: b"{}" + b" " * (size - 1),
    "deepest": deepest,
    "widest": widest,
    "longest array": lambda size: repeated(b'{"a":[', b"0,", b"0]}", size),
    "longest text": lambda size: b'{"a":"' + b"a" * (size - 8) + b'"}',
    "longest name": longest_name,
    "longest number": lambda size: b'{"a":' + b"9" * (size - 6) + b"}",
    "unknown members": unknown_members,
    "unknown long members": unknown_long_members,
    "one byte": lambda _: b"1",
    "empty": lambda _: b"",
    "its limit": lambda size: b"{}" + b" " * (size - 2),
}
"""Those that are refused come first: what others do may end what their caller may do."""
REFUSED: dict[str, Refusal] = {
    "its limit and one": TOO_LARGE,
    "deepest": MALFORMED,
    "widest": MALFORMED,
    "longest text": INVALID,
    "longest name": MALFORMED,
    "longest number": MALFORMED,
    "unknown members": INVALID,
    "unknown long members": INVALID,
    "one byte": INVALID,
}
CURSORS = {
    "long cursor": "A" * LINE,
    "cursor with a lone surrogate": urlsafe_b64encode(b'["\\ud800","\\ud800"]').decode(),
    "deep cursor": urlsafe_b64encode(b"[" * (LINE // 2)).decode(),
    "cursor of numbers": urlsafe_b64encode(b"[" + b"9" * (LINE // 2) + b"]").decode(),
}
HEADERS = {
    "cookies that end nowhere": {"Cookie": 'a="' + '\\"' * (HEADER // 2)},
    "many cookies": {"Cookie": "; ".join(["a=b"] * (HEADER // 5))},
    "many tags": {"If-None-Match": ",".join(['"a"'] * (HEADER // 4))},
    "long version": {"If-Match": "9" * HEADER},
    "long key": {"Idempotency-Key": "k" * HEADER},
    "token of dots": {"Authorization": "Bearer " + "." * HEADER},
    "token of one part": {"Authorization": "Bearer " + "e" * HEADER},
    "token of deep JSON": {"Authorization": f"Bearer {urlsafe_b64encode(b'[' * 5_000).decode()}.e.e"},
    "many addresses": {"X-Forwarded-For": ",".join(["1.1.1.1"] * (HEADER // 8))},
    "many languages": {"Accept-Language": ",".join(["en;q=0.1"] * (HEADER // 9))},
}


def hostile_requests(declared: Endpoint, names: Mapping[str, str], *, heads: bool = True) -> Iterator[HostileRequest]:
    """Every request for one route, without those with odd headers if not `heads`.

    `names` are those of its path that are known; others are made up.
    """
    path = filled(declared.path, lambda name: names.get(name, str(uuid4())))
    needed: list[str] = declared.query.model_json_schema().get("required", [])
    query = {name: str(example_of(declared.query)[name]) for name in needed}
    for name, body in BODIES.items():
        content = body(declared.body_limit)
        yield HostileRequest(name, declared.method, path, content, JSON_TYPE, query, refusal=REFUSED.get(name))
    for name, headers in HEADERS.items() if heads else ():
        yield HostileRequest(name, declared.method, path, b"{}", JSON_TYPE | headers)
    if "cursor" in declared.query.model_fields:
        for name, cursor in CURSORS.items():
            yield HostileRequest(name, declared.method, path, query={"cursor": cursor})
    yield HostileRequest(
        "many parameters", declared.method, path, query={f"n{number}": "" for number in range(LINE // 8)}
    )
    yield HostileRequest("long parameter", declared.method, path, query={"from": "1" * LINE})
    if "{" in declared.path:
        longest = filled(declared.path, lambda _: "n" * (LINE // declared.path.count("{")))
        yield HostileRequest("longest path", declared.method, longest)
        odd = filled(declared.path, lambda _: "%ED%A0%80%00%2F")
        yield HostileRequest("odd path", declared.method, odd)


def filled(path: str, value: Callable[[str], str]) -> str:
    """The path with a value for each of its names, without the version in front."""
    return re.sub(r"{(\w+)}", lambda match: value(match[1]), path.removeprefix("/v1"))
