"""The templates as AWS gets them are read in every change. cfn-lint runs beside the tests (`tools/test_run.py`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tools.infrastructure import stages
from tools.template import COMPOSED, rendered

if TYPE_CHECKING:
    from collections.abc import Callable

# The first test of a stage has Chalice make its template.
pytestmark = pytest.mark.timeout(120)

LARGEST = 1_000_000
"""Bytes that CloudFormation takes of a template in a bucket."""


@pytest.mark.parametrize("stage", list(stages()))
def test_the_template_of_a_stage_is_the_one_that_was_read(
    template_of: Callable[[str], dict[str, Any]], stage: str
) -> None:
    written = (COMPOSED / f"{stage}.yaml").read_text(encoding="utf-8")
    assert rendered(template_of(stage)) == written, "./dev template regenerates it: read what changes"


def test_no_template_is_kept_of_a_stage_that_is_gone() -> None:
    assert {path.stem for path in COMPOSED.iterdir()} == set(stages())


def test_templates_are_small_enough(template: dict[str, Any]) -> None:
    assert len(json.dumps(template)) < LARGEST
    assert len(template["Resources"]) < 500
