"""Each error code has one row in one table, which the reference and docs/ERRORS.md show alike."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.http.endpoint import ENDPOINTS
from chalicelib.http.error_codes import error_codes, error_table
from chalicelib.http.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ERRORS = (ROOT / "docs" / "ERRORS.md").read_text(encoding="utf-8")
REASONS, GATEWAY = ERRORS.split("\n## ")[1:]
HELPERS = {"_timing", "_refused"}
"""Functions that make a violation and take its reason first."""


def test_every_code_has_one_row_with_two_sentences() -> None:
    codes = [one.code for one in error_codes()]
    assert len(set(codes)) == len(codes)
    for one in error_codes():
        for text in (one.when, one.advice):
            assert re.fullmatch(r"[A-Z][^|]*\.", text), (one.code, text)


def test_every_code_that_an_endpoint_declares_is_in_the_table() -> None:
    declared = {refusal.code for endpoint in ENDPOINTS for refusal in endpoint.errors}
    documented = set(re.findall(r"`(\w+)`", " ".join(_refusals())))
    assert declared <= documented
    assert documented <= {one.code for one in error_codes()}


def test_no_answer_has_a_code_that_is_no_refusals() -> None:
    written = {
        (path.name, node.args[1].value)
        for path in (ROOT / "chalicelib").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("problem") and len(node.args) > 1
        if isinstance(node.args[1], ast.Constant)
    }
    assert written == {("problems.py", "invalid_input")}


def test_the_table_is_shown_alike_everywhere() -> None:
    assert error_table() in ERRORS
    assert error_table() in document("https://berth.example")["info"]["description"]


def test_every_reason_of_a_violation_has_a_row() -> None:
    rows = set(re.findall(r"^\| .* \| `(\w+)` \|", REASONS, re.MULTILINE))
    assert rows == set(_reasons())


def test_every_code_of_the_gateway_has_a_row() -> None:
    sources = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "local" / "gateway").glob("*.py"))
    used = set(re.findall(r'\bproblem\(\s*[\w.]+, "(\w+)"', sources))
    used |= set(re.findall(r'\bproblem\(\s*[\w.]+,\s*"(\w+)"', sources))
    assert used
    assert set(re.findall(r"^\| `(\w+)` \|", GATEWAY, re.MULTILINE)) == used


def _refusals() -> Iterator[str]:
    for methods in document("https://berth.example")["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    yield answer["description"]


def _reasons() -> Iterator[str]:
    """The reasons that the code gives: second arguments of violations, first ones of those who make them."""
    for path in (ROOT / "chalicelib").rglob("*.py"):
        if path.parent.name == "http":
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            nodes = list(ast.walk(function))
            calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
            made = [call for call in calls if ast.unparse(call.func) == "Violation"]
            for call in made:
                yield from _texts(call.args[1])
            for call in calls:
                if ast.unparse(call.func) in HELPERS:
                    yield from _texts(call.args[0])
            for node in nodes:
                if made and isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
                    yield from _texts(node.value)


def _texts(value: ast.expr) -> Iterator[str]:
    for part in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
        if isinstance(part, ast.Constant):
            yield str(part.value)
