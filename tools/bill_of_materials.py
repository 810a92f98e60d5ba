"""What a package is made of, for scanners of vulnerabilities and licences: CycloneDX 1.6 (ECMA-424) in JSON."""

from __future__ import annotations

import json
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from importlib.metadata import Distribution
    from pathlib import Path


def bill_of_materials(folder: Path) -> str:
    """List the distributions that are installed in a folder; the same ones give the same text."""
    components = sorted(map(_component, distributions(path=[str(folder)])), key=lambda one: str(one["name"]))
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "berth", "name": "berth"}},
        "components": components,
        "dependencies": [{"ref": "berth", "dependsOn": [one["bom-ref"] for one in components]}],
    }
    return json.dumps(bill, indent=2) + "\n"


def _component(distribution: Distribution) -> dict[str, Any]:
    name = canonicalize_name(distribution.name)
    url = f"pkg:pypi/{name}@{distribution.version}"
    metadata = distribution.metadata.json
    component = {"type": "library", "bom-ref": url, "name": name, "version": distribution.version, "purl": url}
    if expression := metadata.get("license_expression"):
        return {**component, "licenses": [{"expression": expression}]}
    if named := str(metadata.get("license", "")).strip().partition("\n")[0]:  # some put the whole licence there
        return {**component, "licenses": [{"license": {"name": named}}]}
    return component
