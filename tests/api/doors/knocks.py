"""What is sent to every route: each is as large, deep, wide or long as it may be."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.api.endpoint import Endpoint

JSON_TYPE = {"Content-Type": "application/json"}
HEADER = 7_000
"""Characters of one header: a whole head has 10,240 bytes at API Gateway."""
LINE = 6_000
"""Characters of a path or query."""


@dataclass(frozen=True, slots=True)
class Knock:
    """One request, apart from who sends it."""

    name: str
    method: str
    path: str
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])


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


BODIES: dict[str, Callable[[int], bytes]] = {
    "empty": lambda _: b"",
    "one byte": lambda _: b"1",
    "its limit": lambda size: b"{}" + b" " * (size - 2),
    "its limit and one": lambda size: b"{}" + b" " * (size - 1),
    "deepest": deepest,
    "widest": widest,
    "longest array": lambda size: repeated(b'{"a":[', b"0,", b"0]}", size),
    "longest text": lambda size: b'{"a":"' + b"a" * (size - 8) + b'"}',
    "longest name": longest_name,
    "longest number": lambda size: b'{"a":' + b"9" * (size - 6) + b"}",
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


def knocks(declared: Endpoint, names: Mapping[str, str], *, heads: bool = True) -> Iterator[Knock]:
    """Every request for one route, without those with odd headers if not `heads`.

    `names` are those of its path that are known; others are made up.
    """
    path = filled(declared.path, lambda name: names.get(name, str(uuid4())))
    for name, body in BODIES.items():
        yield Knock(name, declared.method, path, body(declared.body_limit), JSON_TYPE)
    for name, headers in HEADERS.items() if heads else ():
        yield Knock(name, declared.method, path, b"{}", JSON_TYPE | headers)
    if "cursor" in declared.query.model_fields:
        for name, cursor in CURSORS.items():
            yield Knock(name, declared.method, path, query={"cursor": cursor})
    yield Knock("many parameters", declared.method, path, query={f"n{number}": "" for number in range(LINE // 8)})
    yield Knock("long parameter", declared.method, path, query={"from": "1" * LINE})
    if "{" in declared.path:
        longest = filled(declared.path, lambda _: "n" * (LINE // declared.path.count("{")))
        yield Knock("longest path", declared.method, longest)
        odd = filled(declared.path, lambda _: "%ED%A0%80%00%2F")
        yield Knock("odd path", declared.method, odd)


def filled(path: str, value: Callable[[str], str]) -> str:
    """The path with a value for each of its names, without the version in front."""
    return re.sub(r"{(\w+)}", lambda match: value(match[1]), path.removeprefix("/v1"))
