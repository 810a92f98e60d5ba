"""docs/POLICIES.md describes what there is: modes, rules, kinds of confirmation, settings, and an example."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from chalicelib.domain.modes import IntervalMode, SlotMode, StayMode
from chalicelib.domain.parameters import ParameterError
from chalicelib.domain.policies import USUAL_GRACE_MINUTES, Confirmation, Policy
from chalicelib.domain.rules import RULES
from chalicelib.domain.settings import Settings
from chalicelib.services.manage_policies import findings_of
from local.gateway.serve import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = (ROOT / "docs" / "POLICIES.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \|(.*)$", PAGE, re.MULTILINE))
PARTS: Mapping[str, Any] = {**RULES, "stay": StayMode, "slot": SlotMode, "interval": IntervalMode}
KINDS = get_args(get_type_hints(Confirmation)["kind"])
PARAMETERS: Mapping[str, Any] = {"hold_minutes": 20, "grace_minutes": 20, "rivals": "keep"}


def takes(kind: Any, **parameters: Any) -> bool:  # noqa: ANN401 - any kind, and what it may have
    try:
        Confirmation(kind, **parameters)
    except ParameterError:
        return False
    return True


@pytest.mark.parametrize("name", PARTS)
def test_every_mode_and_rule_is_described_with_its_parameters(name: str) -> None:
    parameters = {one.name for one in fields(PARTS[name])} - {"rule", "mode"}
    assert {parameter for parameter in parameters if f"`{parameter}`" not in ROWS[name]} == set()


def test_nothing_is_described_that_is_not_there() -> None:
    assert ROWS.keys() == {*PARTS, *KINDS, *(one.name for one in fields(Settings))}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_confirmation_is_described_with_the_parameters_that_it_takes(kind: str) -> None:
    assert {one.name for one in fields(Confirmation)} == {"kind", *PARAMETERS}
    needed = {} if takes(kind) else {"hold_minutes": 20}
    taken = {name for name, value in PARAMETERS.items() if takes(kind, **{**needed, name: value})}
    assert {name for name in PARAMETERS if f"`{name}`" in ROWS[kind]} == taken


def test_the_usual_grace_is_said() -> None:
    assert Confirmation("pending").grace_minutes == USUAL_GRACE_MINUTES
    assert f"{USUAL_GRACE_MINUTES} where nothing is said" in ROWS["pending"]


@pytest.mark.parametrize("setting", [one.name for one in fields(Settings)])
def test_every_setting_is_described_with_what_it_is_at_first(setting: str) -> None:
    assert ROWS[setting].split("|")[-2].strip() == json.dumps(getattr(Settings(), setting))


def test_every_part_of_a_policy_is_described() -> None:
    assert {one.name for one in fields(Policy) if f"`{one.name}" not in PAGE and f'"{one.name}"' not in PAGE} == set()


def test_the_example_can_be_published() -> None:
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    assert findings_of(json.loads(found[1])) == ()
