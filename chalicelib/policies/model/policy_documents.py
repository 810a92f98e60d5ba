"""The JSON form in which policies are stored, read into and described from the domain's own dataclasses.

A mode is told by its member `mode` and a rule by its member `rule`. Unknown members, wrong types and parts that
contradict each other are refused, as many as can be found at once, each with its JSON path.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from chalicelib.core.errors import InvalidDocumentError
from chalicelib.core.parameters import ParameterError
from chalicelib.core.shapes import wording
from chalicelib.policies.model.modes import Mode
from chalicelib.policies.model.policies import CancellationTier, Confirmation, ContradictionError, GuestChanges, Policy
from chalicelib.policies.model.rates import Rates
from chalicelib.policies.model.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails, core_schema

    from chalicelib.policies.model.rules import Rule as AnyRule
else:
    from functools import reduce
    from operator import or_

    AnyRule = reduce(or_, RULES.values())

Path = tuple[int | str, ...]
MOST_REMEMBERED = 1000


class InvalidPolicyError(InvalidDocumentError):
    """A document that is no policy."""

    def __init__(self, findings: Iterable[tuple[Path, str]]) -> None:
        super().__init__([(json_path(path), text) for path, text in findings])


class _Document(BaseModel, extra="forbid", strict=True, defer_build=True):
    """The fields of `Policy`, with types that can be read. What it forbids is forbidden in all dataclasses inside."""

    mode: Annotated[Mode, Field(discriminator="mode")]
    confirmation: Confirmation
    capacity_counts: Literal["units", "people"] = "units"
    rules: tuple[Annotated[AnyRule, Field(discriminator="rule")], ...] = ()
    no_show_after_minutes: int | None = None
    no_show_keeps_units: bool = False
    cancellation: tuple[CancellationTier, ...] = ()
    guest_changes: GuestChanges = GuestChanges()
    early_check_out: Literal["keep_price", "by_tiers"] = "keep_price"
    rates: Rates


class _JsonSchema(GenerateJsonSchema):
    """Times of day as they are written here; the format "time" of JSON Schema has seconds and an offset."""

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}


def parse(document: Mapping[str, Any]) -> Policy:
    """Read a policy. Raises `InvalidPolicyError`, which has every finding."""
    return _read(json.dumps(document))


@lru_cache(MOST_REMEMBERED)
def parse_text(text: str) -> Policy:
    """Read a policy from JSON, as `parse` does. The same text is the same policy, so it is read once."""
    return _read(text)


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document."""
    schema = _Document.model_json_schema(schema_generator=_JsonSchema)
    schema["title"] = "Policy"
    for told in schema["$defs"].values():
        members = told.get("properties", {})
        tags = [tag for tag in ("mode", "rule") if "const" in members.get(tag, {})]
        if tags:
            told["required"] = [*tags, *told.get("required", [])]
    return schema


def json_path(path: Path) -> str:
    """Write a path as RFC 9535 does: `$.rules[0].minimum_minutes`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _read(text: str) -> Policy:
    try:
        document = _Document.model_validate_json(text)
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_input=False)
        raise InvalidPolicyError(_finding(error) for error in found) from None
    try:
        return Policy(**{name: getattr(document, name) for name in _Document.model_fields})
    except ContradictionError as contradiction:
        raise InvalidPolicyError(contradiction.findings) from None


def _finding(error: ErrorDetails) -> tuple[Path, str]:
    path = tuple(_without_tags(error["loc"]))
    kind, context = error["type"], error.get("ctx", {})
    if kind.startswith("union_tag"):
        path = (*path, context["discriminator"].strip("'"))
    reason = context.get("error")
    if isinstance(reason, ParameterError):
        return (*path, reason.field), str(reason)
    return path, wording(kind, context, json_schema(), error["loc"], error["msg"])


def _without_tags(location: Path) -> Iterator[int | str]:
    """Leave out the steps by which pydantic says which member of a union it tried."""
    for number, step in enumerate(location):
        is_tag = location[:number] == ("mode",) or (location[0] == "rules" and number == 2)
        if not is_tag:
            yield step
