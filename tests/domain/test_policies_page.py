"""docs/POLICIES.md describes what there is: each rule with its parameters, and an example that can be published."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.domain.modes import IntervalMode, SlotMode, StayMode
from chalicelib.domain.rules import RULES
from chalicelib.services.manage_policies import findings_of
from local.gateway.serve import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = (ROOT / "docs" / "POLICIES.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \|(.*)$", PAGE, re.MULTILINE))
PARTS: Mapping[str, Any] = {**RULES, "stay": StayMode, "slot": SlotMode, "interval": IntervalMode}


@pytest.mark.parametrize("name", PARTS)
def test_every_mode_and_rule_is_described_with_its_parameters(name: str) -> None:
    parameters = {one.name for one in fields(PARTS[name])} - {"rule", "mode"}
    assert {parameter for parameter in parameters if f"`{parameter}`" not in ROWS[name]} == set()


def test_nothing_is_described_that_is_not_there() -> None:
    assert ROWS.keys() == PARTS.keys()


def test_the_example_can_be_published() -> None:
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    assert findings_of(json.loads(found[1])) == ()
