"""The types of the API for web/: web/src/api/schema.d.ts, made by openapi-typescript of openapi.json.

Descriptions and examples are left out: another wording changes no type.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from tools.web_build import MODULES, WEB, run

if TYPE_CHECKING:
    from tools.node import Node

SCHEMA = WEB / "src" / "api" / "schema.d.ts"
GENERATOR = MODULES / "openapi-typescript" / "bin" / "cli.js"
_SAID = frozenset({"description", "summary", "title", "example", "examples", "tags", "links"})
_NAMED = frozenset({"properties", "responses", "parameters", "schemas", "headers", "paths", "content", "$defs"})
"""Below these, keys are names of something, such as a property `description`."""


def write_schema(node: Node) -> Path:
    """Generate the types; return their path. Raises `CommandError`."""
    document = types_of_document()
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "openapi.json"), Path(folder, "schema.d.ts")
        source.write_text(document, encoding="utf-8")
        run(node, [str(GENERATOR), str(source), "--default-non-nullable=false", f"--output={target}"])
        made = target.read_text(encoding="utf-8")
    SCHEMA.write_text(_head(document, made) + made, encoding="utf-8")
    return SCHEMA


def is_current() -> bool:
    """Say whether the types are those of the present API, and as they were generated."""
    head, _, made = SCHEMA.read_text(encoding="utf-8").partition("\n")
    return f"{head}\n" == _head(types_of_document(), made)


def types_of_document() -> str:
    """Return what the types are made of: openapi.json without what is only said."""
    from app import app
    from chalicelib.http.openapi import document

    list(app.routes)  # imports all of them, which declares them
    return json.dumps(_without_words(document("https://berth.example")), indent=1, sort_keys=True)


def _head(document: str, made: str) -> str:
    """Write down what was generated of what, so that both can be compared without Node.js."""
    of, content = (hashlib.sha256(text.encode()).hexdigest()[:32] for text in (document, made))
    return f"// Made by ./dev web --schema. Of {of}, content {content}.\n"


def _without_words(value: object, *, named: bool = False) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_without_words(one) for one in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_words(one, named=not named and key in _NAMED)
        for key, one in cast("dict[str, object]", value).items()
        if named or key not in _SAID
    }
