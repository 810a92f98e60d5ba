"""Every answer that a test of the API gets is one that the document describes, and has all of its instants in UTC."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

import tests.endpoints  # pyright: ignore[reportUnusedImport] # noqa: F401 - the document is kept as it is asked for first
from chalicelib.http.openapi import document

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel

PREFIX = "/api"
OF_THE_GATEWAY = re.compile(
    r"date|server|vary|connection|allow|content-.+|access-control-.+|x-amzn-.+|strict-.+|x-.+-options"
    r"|referrer-policy|permissions-policy|cross-origin-.+"
)
OTHER_INSTANT = re.compile(r"\dT\d\d:\d\d(:\d\d(\.\d+)?)?(?![Z:.\d])")
"""An instant with another offset than Z, or with none."""
RUNS_OF_UNITS = re.compile(r'"units": ?\[\[')
"""Units as the tables have them."""
BARE_AMOUNT = re.compile(r'"(due|refund)": ?-?\d')
"""An amount without its currency."""


def assert_documented(answer: httpx.Response) -> None:
    """Compare status, headers and body with the document; a hook of httpx clients.

    What is no endpoint has no description.
    """
    operation = described(answer.request.method, answer.request.url.path)
    if operation is None:
        return
    asked = f"{answer.request.method} {answer.request.url}"
    assert str(answer.status_code) in operation["responses"], f"{asked}: {answer.status_code} is not documented"
    headers = operation["responses"][str(answer.status_code)].get("headers", {})
    headers = {name.lower(): _resolved(header) for name, header in headers.items()}
    undocumented = {name for name in answer.headers if not OF_THE_GATEWAY.fullmatch(name)} - headers.keys()
    assert not undocumented, f"{asked}: {answer.status_code} with {undocumented}"
    for name, header in headers.items():
        assert name in answer.headers or not header.get("required"), f"{asked}: {answer.status_code} without {name}"
        pattern = header["schema"].get("pattern", "")
        assert re.search(pattern, answer.headers.get(name, "")) or name not in answer.headers, f"{asked}: {name}"
    answer.read()
    for media in operation["responses"][str(answer.status_code)].get("content", {}).values():
        if "schema" in media:
            error = next(_validator(json.dumps(media["schema"])).iter_errors(answer.json()), None)
            assert error is None, f"{asked}: {answer.status_code}, {error}"
            assert_sent_form(answer.text, asked)


def assert_sent_form(text: str, asked: str) -> None:
    """In all that is sent instants end in Z, whatever they stand in, units are numbers, and money says its currency."""
    for pattern in (OTHER_INSTANT, RUNS_OF_UNITS, BARE_AMOUNT):
        found = pattern.search(text)
        assert found is None, f"{asked}: {text[max(0, found.start() - 60) : found.end() + 20]}"


def described(method: str, path: str) -> Any:  # noqa: ANN401 - JSON
    """The operation of a path; None where there is none."""
    for pattern, methods in _patterns():
        if method.lower() in methods and pattern.fullmatch(path.removeprefix(PREFIX)):
            return methods[method.lower()]
    return None


@cache
def _validator(schema: str) -> Draft202012Validator:
    described = {**json.loads(schema), "components": document("https://berth.example")["components"]}
    return Draft202012Validator(described, validate_formats=True, formats={"date-time": _ends_in_z})


def _ends_in_z(text: str) -> bool:
    return text.endswith("Z")


@cache
def _patterns() -> list[tuple[re.Pattern[str], Any]]:
    """Paths as patterns, those with fewer variables first: `/closures/preview` is no closure."""
    paths = sorted(document("https://berth.example")["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), methods) for path, methods in paths]


def example_of(model: type[BaseModel]) -> Any:  # noqa: ANN401 - JSON of any shape
    """What the endpoint's own documentation shows."""
    return next(iter(model.model_json_schema().get("examples", [])), None)


def _resolved(header: Any) -> Any:  # noqa: ANN401 - JSON
    name = header["$ref"].rpartition("/")[2]
    return document("https://berth.example")["components"]["headers"][name]
