"""`./dev template`: writes the whole CloudFormation of each stage into infra/composed/, for people to read in a change.

The description of the API's routes, which Chalice makes of app.py, and the list of migrations are left out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tools.infrastructure import INFRA, stages
from tools.lambda_package import build_template

COMPOSED = INFRA / "composed"
LEFT_OUT = {"RestAPI": "DefinitionBody", "Schema": "Migrations"}
"""Properties that follow from other files, which are read where they change: of which resource, and which."""


def main(arguments: list[str]) -> int:
    """Regenerate the templates."""
    argparse.ArgumentParser(prog="./dev template", description=__doc__).parse_args(arguments)
    COMPOSED.mkdir(exist_ok=True)
    for stage in stages():
        with tempfile.TemporaryDirectory(prefix="berth-template-") as folder:
            template = json.loads(build_template(Path(folder), stage).read_text(encoding="utf-8"))
        (COMPOSED / f"{stage}.yaml").write_text(rendered(template), encoding="utf-8")
        print(f"Written: infra/composed/{stage}.yaml")
    return 0


def rendered(template: dict[str, Any]) -> str:
    """Return a template as text that changes where the template does."""
    resources = dict(template["Resources"])
    for name, member in LEFT_OUT.items():
        properties = {one: value for one, value in resources[name]["Properties"].items() if one != member}
        resources[name] = {**resources[name], "Properties": properties}
    shown = {**template, "Resources": resources}
    return yaml.dump(shown, Dumper=_Plain, sort_keys=False, width=120)


class _Plain(yaml.SafeDumper):
    """Writes everything where it stands: what two functions have in common is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True
