from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tools.infrastructure import stages
from tools.lambda_package import build_template

if TYPE_CHECKING:
    from collections.abc import Callable

Template = dict[str, Any]


@pytest.fixture(scope="session")
def template_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """The whole CloudFormation of a stage, made by Chalice and infra/ together."""

    @cache
    def build(stage: str) -> Template:
        return json.loads(build_template(tmp_path_factory.mktemp(stage), stage).read_text())

    return build


@pytest.fixture(params=list(stages()))
def template(request: pytest.FixtureRequest, template_of: Callable[[str], Template]) -> Template:
    """Of every stage in turn."""
    return template_of(request.param)
