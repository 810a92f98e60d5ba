"""Messages about JSON of the wrong shape: what is wrong and what would be right, from its JSON schema.

The one table of such texts, whatever the request came by. The kinds are those of pydantic, whose own phrases say less
and change; what is expected is read from the schema, so that it cannot differ from what is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json = Mapping[str, Any]

EXPECTED = "must be {expected}"
OUR_OWN = "{error}"
UNKNOWN = "is not known here; {known}"
UNKNOWN_MEMBERS = ("extra_forbidden", "unexpected_keyword_argument")
TEXTS = {
    "missing": "is missing; it must be {expected}",
    **dict.fromkeys(UNKNOWN_MEMBERS, UNKNOWN),
    "value_error": OUR_OWN,
    "union_tag_invalid": "must be one of {expected_tags}",
    "union_tag_not_found": "is missing; it says which kind this is",
    "json_invalid": "is not JSON: {error}",
    **dict.fromkeys(
        (
            "bool_parsing",
            "bool_type",
            "date_from_datetime_inexact",
            "date_from_datetime_parsing",
            "date_parsing",
            "date_type",
            "datetime_from_date_parsing",
            "datetime_parsing",
            "datetime_type",
            "dict_type",
            "enum",
            "finite_number",
            "float_parsing",
            "float_type",
            "greater_than",
            "greater_than_equal",
            "int_from_float",
            "int_parsing",
            "int_parsing_size",
            "int_type",
            "is_instance_of",
            "less_than",
            "less_than_equal",
            "list_type",
            "literal_error",
            "model_attributes_type",
            "model_type",
            "dataclass_type",
            "string_pattern_mismatch",
            "string_too_long",
            "string_too_short",
            "string_type",
            "string_unicode",
            "time_parsing",
            "time_type",
            "timezone_aware",
            "too_long",
            "too_short",
            "tuple_type",
            "uuid_parsing",
            "uuid_type",
            "uuid_version",
        ),
        EXPECTED,
    ),
}
FORMATS = {
    "uuid": "an id such as 0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
    "date": "a date such as 2027-05-14",
    "date-time": "an instant with its offset, such as 2027-05-14T15:00:00Z",
    "time": "a time of day such as 15:00",
}
MOST_NAMED = 40


def wording(kind: str, context: Json, schema: Json, location: Sequence[int | str], fallback: str) -> str:
    """Say what is wrong at a place of a document that `schema` describes; `fallback` is what we said ourselves."""
    template = TEXTS.get(kind)
    if template is None:
        return fallback
    found = at(schema, location, schema)
    return template.format(
        expected="something else" if found is None else expected(found, schema),
        known=f"known are {', '.join(names)}" if (names := known(schema, location)) else "nothing is taken",
        error=context.get("error", ""),
        expected_tags=context.get("expected_tags", "").replace("'", ""),
    )


def known(schema: Json, location: Sequence[int | str]) -> list[str]:
    """The members that may stand where one does that is not known, up to `MOST_NAMED`."""
    return list(_members(at(schema, location[:-1], schema), schema))


def at(schema: Json | None, location: Sequence[int | str], root: Json) -> Json | None:
    """The schema of a place; None where there is none. Steps that are no member name a choice that was tried."""
    if schema is None:
        return None
    if not location:
        return schema
    step, rest = location[0], location[1:]
    for choice in _choices(schema, root):
        members = choice.get("properties", {})
        if isinstance(step, str) and step in members:
            return at(members[step], rest, root)
        if isinstance(step, str) and (named := _of_any_name(choice)) is not None:
            return at(named, rest, root)
        if isinstance(step, int) and "items" in choice:
            return at(choice["items"], rest, root)
        if isinstance(step, int) and "prefixItems" in choice and step < len(choice["prefixItems"]):
            return at(choice["prefixItems"][step], rest, root)
    tagged = _tagged(schema, root, str(step))
    if tagged is not None:
        return at(tagged, rest, root)
    return at(schema, rest, root) if rest and isinstance(step, str) else None


def _of_any_name(schema: Json) -> Json | None:
    """What the members of an object are whose names its caller chooses."""
    named: list[Json | bool] = [
        *schema.get("patternProperties", {}).values(),
        schema.get("additionalProperties", False),
    ]
    return next((one for one in named if not isinstance(one, bool)), None)


def expected(schema: Json, root: Json) -> str:
    """What a schema accepts, in words that follow "must be"."""
    words = dict.fromkeys(_words(choice, root) for choice in _choices(schema, root))
    return " or ".join(words)


def _words(schema: Json, root: Json) -> str:
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        values = [value if isinstance(value, str) else str(value).lower() for value in allowed]
        return values[0] if len(values) == 1 else f"one of {', '.join(values)}"
    match schema.get("type"):
        case "string":
            return _text(schema)
        case "integer":
            return f"a whole number{_between(schema, 'minimum', 'maximum')}"
        case "number":
            return f"a number{_between(schema, 'minimum', 'maximum')}"
        case "boolean":
            return "true or false"
        case "null":
            return "null"
        case "array":
            listed = f"a list{_counted(schema, 'minItems', 'maxItems', 'items')}"
            inside = [choice for choice in _choices(schema.get("items", {}), root) if choice]
            return listed if not inside else f"{listed}, each {' or '.join(_words(one, root) for one in inside)}"
        case _:
            names = list(_members(schema, root))
            return f"an object with {', '.join(names)}" if names else "an object"


def _text(schema: Json) -> str:
    if schema.get("format") in FORMATS and "pattern" not in schema:
        return FORMATS[schema["format"]]
    text, examples = f"text{_counted(schema, 'minLength', 'maxLength', 'characters')}", schema.get("examples", ())
    if "pattern" not in schema:
        return text
    return f"{text} such as {examples[0]}" if examples else f"{text} of the form {schema['pattern']}"


def _between(schema: Json, least: str, most: str) -> str:
    low = schema.get(least, schema.get("exclusiveMinimum"))
    high = schema.get(most, schema.get("exclusiveMaximum"))
    if low is not None and high is not None:
        return f" from {low:,} to {high:,}"
    if low is not None:
        return f" of at least {low:,}"
    return "" if high is None else f" of at most {high:,}"


def _counted(schema: Json, least: str, most: str, what: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low is not None and high is not None:
        return f" of {low:,} to {high:,} {what}"
    if low is not None:
        return f" of at least {low:,} {what}"
    return "" if high is None else f" of at most {high:,} {what}"


def _choices(schema: Json, root: Json) -> Iterator[Json]:
    """The schemas of which one must hold, with references followed."""
    if "$ref" in schema:
        target = root.get("$defs", {})[schema["$ref"].rpartition("/")[2]]
        # What stands beside a reference says more of the same.
        yield from _choices(target, root)
        return
    several = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if several is None:
        yield schema
        return
    beside = {name: schema[name] for name in ("examples",) if name in schema}
    for one in several:
        for choice in _choices(one, root):
            yield choice if choice.get("type") != "string" else {**beside, **choice}


def _tagged(schema: Json, root: Json, tag: str) -> Json | None:
    for choice in _choices(schema, root):
        if any(member.get("const") == tag for member in choice.get("properties", {}).values()):
            return choice
    return None


def _members(schema: Json | None, root: Json) -> Iterator[str]:
    if schema is not None:
        names = dict.fromkeys(name for choice in _choices(schema, root) for name in choice.get("properties", {}))
        yield from list(names)[:MOST_NAMED]
