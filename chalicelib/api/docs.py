"""The reference as one page of HTML, without scripts and without anything from elsewhere, for people to read."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from chalice.app import Blueprint

from chalicelib.api.endpoint import JSON_TYPE, Call, NoBody, Reply, endpoint
from chalicelib.api.openapi import document
from chalicelib.api.schema_texts import choices, example_of, limits, reference
from chalicelib.domain.people import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

blueprint = Blueprint(__name__)

Json = dict[str, Any]
EMPTY: Json = {}
STYLE_FILE = Path(__file__).with_name("docs.css")
WHO = {
    Role.ANYONE: "everybody",
    Role.GUEST: "the reservation's guest",
    Role.SIGNED_IN: "who signed in",
    Role.OPERATOR: "the platform's operators",
}
"""Whom else a route serves; a member's role is called by its name."""

CONNECTING = """\
Get a ticket, connect to its `url` within a minute, and subscribe. What is told is a hint, and may come twice or not at
all while nobody is connected: after a reconnect read what was missed since the last `id`. Edit locks are taken and
given back over the connection, too; writes into a locked range carry the lock's number as `Edit-Lock`."""
CONNECT = """\
URL=$(curl -s '%s/v1/auth/ws-tickets' \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"tenant": "pine-cabins"}' \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["url"])')
wscat --connect "$URL" --wait -1 --execute '{"action": "subscribe", "topics": ["tenant"]}'"""


@endpoint(
    blueprint,
    "GET",
    "/v1/docs",
    roles=[Role.ANYONE],
    tag="service",
    response=None,
    content_type="text/html; charset=utf-8",
    fresh_seconds=300,
)
def read_docs(call: Call[NoBody, NoBody]) -> Reply:
    """Read the reference as a page."""
    text, style_hash = page(call.container.config.public_url)
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'; frame-ancestors 'none'"
    return Reply(text, headers={"Content-Security-Policy": policy})


@functools.cache
def page(public_url: str) -> tuple[str, str]:
    """Return the page and the hash of its style, by which the browser lets that style in and no other."""
    style = STYLE_FILE.read_text(encoding="utf-8")
    described = document(public_url)
    text = "".join(_page(described, style))
    return text, base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _page(described: Json, style: str) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Berth: API reference</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<style>{style}</style></head><body><div class="page">'
    yield from _navigation(described)
    yield "<main><h1>Berth: API reference</h1>"
    yield from (f"<p>{_prose(text)}</p>" for text in described["info"]["description"].split("\n\n"))
    yield '<p class="soft">The same as a machine reads it: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1), and '
    yield '<a href="asyncapi.json">asyncapi.json</a> (AsyncAPI 3.0) for what is told live.</p>'
    for tag in described["tags"]:
        yield f'<h2 id="{_anchor(tag)}">{_heading(tag["name"])}</h2><p class="soft">{_prose(tag["description"])}</p>'
        if tag["name"] == "real time":
            yield from _connecting(described)
        for method, path, operation in _operations(described):
            if operation["tags"] == [tag["name"]]:
                yield from _operation(method, path, operation, described)
    yield '<h2 id="schemas">Schemas</h2>'
    for name, schema in sorted(described["components"]["schemas"].items()):
        yield f'<details><summary><h3>{html.escape(name)}</h3></summary><div class="inside" id="schema-{name}">'
        yield f'<p class="soft">{_prose(schema.get("description", ""))}</p>{_members(schema)}</div></details>'
    yield "</main></div></body></html>"


def _navigation(described: Json) -> Iterator[str]:
    yield '<nav aria-label="Contents">'
    for tag in described["tags"]:
        yield f'<section><h2><a href="#{_anchor(tag)}">{_heading(tag["name"])}</a></h2><ul>'
        for _, _, operation in _operations(described):
            if operation["tags"] == [tag["name"]]:
                yield f'<li><a href="#{operation["operationId"]}">{html.escape(operation["summary"])}</a></li>'
        yield "</ul></section>"
    yield '<section><h2><a href="#schemas">Schemas</a></h2></section></nav>'


def _connecting(described: Json) -> Iterator[str]:
    yield "<p>" + _prose(CONNECTING) + ' All that can be said: <a href="asyncapi.json">asyncapi.json</a>.</p>'
    yield f"<pre>{html.escape(CONNECT % described['servers'][0]['url'])}</pre>"


def _operations(described: Json) -> Iterable[tuple[str, str, Json]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _operation(method: str, path: str, operation: Json, described: Json) -> Iterator[str]:
    who = _who(operation)
    yield f"<details><summary><h3>{html.escape(operation['summary'])}</h3>"
    yield f'<span class="method {method}">{method.upper()}</span> <code>{html.escape(path)}</code>'
    # What a link leads to is inside: browsers open what they have to show.
    yield f'<span class="who">for {who}</span></summary><div class="inside" id="{operation["operationId"]}">'
    yield f"<p>{_prose(operation['description'])}</p>"
    if operation["parameters"]:
        yield "<h4>Parameters</h4><dl>"
        for parameter in operation["parameters"]:
            where = f"in the {parameter['in']}" + (", required" if parameter["required"] else "")
            yield _term(parameter["name"], parameter["schema"], where, parameter.get("description", ""))
        yield "</dl>"
    if "requestBody" in operation:
        yield f"<h4>Body</h4><p>{_type(_content(operation['requestBody']))}</p>"
    yield f"<h4>Example</h4><pre>{html.escape(_curl(method, path, operation, described))}</pre><h4>Answers</h4><dl>"
    for status, answer in operation["responses"].items():
        schema = _content(answer)
        kind = f" {_type(schema)}" if schema else ""
        yield f"<div><dt>{status}{kind}</dt><dd>{_prose(answer['description'])}</dd></div>"
    yield "</dl></div></details>"


def _content(described: Json) -> Json:
    """The schema of a body or an answer; empty where it has none."""
    content: dict[str, Json] = described.get("content", {})
    return next((media.get("schema", EMPTY) for media in content.values()), EMPTY)


def _members(schema: Json) -> str:
    if "properties" not in schema:
        return f"<p>{_type(schema)}</p>"
    required = schema.get("required", ())
    terms = [
        _term(name, member, "" if name in required else "optional", member.get("description", ""))
        for name, member in schema["properties"].items()
    ]
    return f"<dl>{''.join(terms)}</dl>"


def _term(name: str, schema: Json, remark: str, description: str) -> str:
    remarks = ", ".join(filter(None, [remark, limits(schema)]))
    head = f'<dt><code>{html.escape(name)}</code> <span class="soft">{_type(schema)}'
    return f"<div>{head}{', ' if remarks else ''}{html.escape(remarks)}</span></dt><dd>{_prose(description)}</dd></div>"


def _type(schema: Json) -> str:
    """The type of a value in a few words, linked to the schema where it is a component."""
    parts = choices(schema)
    if parts != [schema]:
        return " or ".join(_type(part) for part in parts)
    named = reference(schema)
    if named is not None:
        return f'<a href="#schema-{named}">{html.escape(named)}</a>'
    if "const" in schema or "enum" in schema:
        return " or ".join(
            f"<code>{html.escape(str(value))}</code>" for value in schema.get("enum", [schema.get("const")])
        )
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = schema.get("format") or schema.get("type") or "anything"
    return html.escape(kind if isinstance(kind, str) else " or ".join(kind))


def _curl(method: str, path: str, operation: Json, described: Json) -> str:
    """A call to copy: with the required parameters, and those that have an example of their own."""
    components = described["components"]["schemas"]
    query: dict[str, str] = {}
    headers: list[str] = []
    for parameter in operation["parameters"]:
        name, schema = parameter["name"], parameter["schema"]
        value = parameter.get("example", example_of(schema, components))
        if parameter["in"] == "path":
            path = path.replace("{" + name + "}", value if value != "…" else f"${name.upper()}_ID")
        elif parameter["in"] == "query" and "example" in parameter:
            query[name] = ",".join(cast("list[str]", value)) if isinstance(value, list) else str(value)
        elif name in {"Idempotency-Key", "If-Match"} and (parameter["required"] or name != "If-Match"):
            headers.append(f"{name}: " + ('"1"' if name == "If-Match" else "$(uuidgen)"))
    if operation["security"]:
        headers.append("Authorization: Bearer $TOKEN")
    url = f"{described['servers'][0]['url']}{path}" + (f"?{urlencode(query, safe=':,')}" if query else "")
    lines = [f"curl{'' if method == 'get' else f' -X {method.upper()}'} {_quoted(url)}"]
    lines += [f"  -H {_quoted(header)}" for header in headers]
    if "requestBody" in operation:
        body = json.dumps(example_of(_content(operation["requestBody"]), components), indent=2, ensure_ascii=False)
        lines += [f"  -H {_quoted(f'Content-Type: {JSON_TYPE}')}", f"  -d {shlex.quote(body)}"]
    return " \\\n".join(lines)


def _quoted(text: str) -> str:
    """Quote for a shell that fills in what begins with $; everything else stands for itself."""
    return '"' + re.sub(r'(["\\`])', r"\\\1", text) + '"'


def _anchor(tag: Json) -> str:
    return tag["name"].replace(" ", "-")


def _heading(text: str) -> str:
    return html.escape(text.capitalize())


def _prose(text: str) -> str:
    """A text with its `code` marked."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _who(operation: Json) -> str:
    """Whom a route serves, in words."""
    roles = [Role(name) for name in operation["x-roles"]]
    if Role.ANYONE in roles:
        return WHO[Role.ANYONE]
    key = [f"keys with {operation['x-scope']}"] if "x-scope" in operation else []
    return ", ".join([WHO.get(role, role.value) for role in roles] + key)
