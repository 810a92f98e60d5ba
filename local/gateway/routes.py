"""The route table: which of the Chalice app's path templates a path belongs to, as API Gateway would decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalice.app import CORSConfig, RouteEntry


BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a request's body, unless the function of its route says that it takes less."""


class RouteConflictError(Exception):
    """Two templates that API Gateway would not deploy side by side."""


class MalformedPathError(Exception):
    """The path holds bytes that no route can mean; the text says which."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One path template and the methods that it answers.

    `preflight` are the headers of its CORS preflight, or None where cross-origin use is not allowed.
    """

    template: str
    methods: frozenset[str]
    parameters: tuple[str, ...]
    preflight: Mapping[str, str] | None
    body_limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """Bytes that the body of a request may have, by method."""

    def body_limit(self, method: str) -> int:
        """Bytes that the body of a request may have."""
        return min(BODY_LIMIT, self.body_limits.get(method, BODY_LIMIT))

    @property
    def allow(self) -> str:
        """Value of the `Allow` header (RFC 9110, section 10.2.1); HEAD comes with GET."""
        return ", ".join(sorted({*self.methods, "HEAD"} if "GET" in self.methods else self.methods))

    def served_method(self, method: str) -> str | None:
        """The declared method that answers `method`: HEAD is GET without its body; None if there is none."""
        if method in self.methods:
            return method
        return "GET" if method == "HEAD" and "GET" in self.methods else None


class Match(NamedTuple):
    """A path's resource and its decoded parameters (None without any, as in API Gateway's events)."""

    resource: Resource
    parameters: dict[str, str] | None


@dataclass(slots=True)
class _Node:
    """A segment of the tree of templates: fixed names first, then at most one parameter."""

    fixed: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    parameter: str | None = None
    variable: _Node | None = None
    resource: Resource | None = None


class Routes:
    """Finds the resource of a path; a fixed segment wins over a parameter."""

    def __init__(self, table: Mapping[str, Mapping[str, RouteEntry]]) -> None:
        """Build the tree from Chalice's `app.routes`; raises `RouteConflictError`."""
        self._root = _Node()
        self._fixed: dict[str, Match] = {}
        for template, entries in table.items():
            resource = _resource(template, entries)
            self._add(resource)
            if not resource.parameters:
                # Both spellings: API Gateway ignores one trailing slash.
                self._fixed[template] = self._fixed[f"{template.rstrip('/')}/"] = Match(resource, None)

    def find(self, raw_path: str) -> Match | None:
        """The resource of a percent-encoded path, or None. Raises `MalformedPathError`.

        Segments are decoded after splitting, so an encoded slash stays within its parameter.
        """
        match = self._fixed.get(raw_path)
        if match is not None:
            return match
        segments = raw_path.removesuffix("/").split("/")[1:]
        if "%" in raw_path:
            segments = [_decoded(segment) for segment in segments]
        values: list[str] = []
        resource = _descend(self._root, segments, values)
        if resource is None:
            return None
        return Match(resource, dict(zip(resource.parameters, values, strict=True)) or None)

    def _add(self, resource: Resource) -> None:
        node = self._root
        for segment in resource.template.strip("/").split("/"):
            if not segment.startswith("{"):
                node = node.fixed.setdefault(segment, _Node())
                continue
            name = segment[1:-1]
            if node.variable is None:
                node.parameter, node.variable = name, _Node()
            elif node.parameter != name:
                message = (
                    f"{resource.template}: {{{name}}} stands where another route has {{{node.parameter}}}; "
                    "API Gateway wants one name for all."
                )
                raise RouteConflictError(message)
            node = node.variable
        node.resource = resource


def _resource(template: str, entries: Mapping[str, RouteEntry]) -> Resource:
    parameters = tuple(segment[1:-1] for segment in template.split("/") if segment.startswith("{"))
    methods = frozenset(entries)
    # Chalice gives all methods of a path the same one; its declared type leaves out None.
    crossing = cast("CORSConfig | None", next(iter(entries.values())).cors)
    preflight = None
    if crossing is not None:
        allowed = ",".join(sorted(methods | {"OPTIONS"}))
        preflight = {**crossing.get_access_control_headers(), "Access-Control-Allow-Methods": allowed}
    limits = {method: getattr(entry.view_function, "body_limit", BODY_LIMIT) for method, entry in entries.items()}
    return Resource(template, methods, parameters, preflight, limits)


def _descend(node: _Node, segments: Sequence[str], values: list[str]) -> Resource | None:
    if not segments:
        return node.resource
    head, rest = segments[0], segments[1:]
    below = node.fixed.get(head)
    if below is not None:
        found = _descend(below, rest, values)
        if found is not None:
            return found
    if node.variable is None or not head:
        return None
    values.append(head)
    found = _descend(node.variable, rest, values)
    if found is None:
        values.pop()
    return found


def _decoded(segment: str) -> str:
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        message = "The path is not valid UTF-8 once its percent-encoding is removed."
        raise MalformedPathError(message) from None
    if "\0" in text:
        message = "The path contains a NUL character (%00)."
        raise MalformedPathError(message)
    return text
