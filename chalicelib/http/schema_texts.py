"""JSON schemas in words and by example, for readers of the documentation."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
PREFIX = "#/components/schemas/"
BY_FORMAT = {
    "uuid": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
    "date": "2027-05-14",
    "date-time": "2027-05-14T15:00:00Z",
}
BY_TYPE: dict[str, Any] = {"string": "…", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def reference(schema: Json) -> str | None:
    """Return the name of the component that a schema refers to."""
    target = schema.get("$ref")
    return None if target is None else target.removeprefix(PREFIX)


def choices(schema: Json) -> list[Json]:
    """Return the schemas of which one must hold: the schema itself where it is no choice."""
    return schema.get("anyOf") or schema.get("oneOf") or [schema]


def example_of(schema: Json, components: Json) -> Any:  # noqa: ANN401 - JSON
    """Return a value that suits the schema: its own example, or one made of its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    if "default" in schema and schema["default"] not in (None, []):
        return schema["default"]
    named = reference(schema)
    if named is not None:
        return example_of(components[named], components)
    first = choices(schema)[0]
    if first is not schema:
        return example_of(first, components)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object" or "properties" in schema:
        return {name: example_of(member, components) for name, member in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), components)]
    return BY_FORMAT.get(schema.get("format", ""), BY_TYPE.get(schema.get("type", ""), "…"))
