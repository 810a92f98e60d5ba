"""Puts the files of infra/ together: what is merged into the CloudFormation that Chalice makes of the functions.

    compose("localstack")     # {"Parameters": …, "Resources": …, "Outputs": …}

A part is a piece of a CloudFormation template with a section of our own, `Uses`; infra/README.md explains it.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from chalice.package import YAMLTemplateSerializer

from chalicelib.database.migrations.migrate import FOLDER, load
from local.errors import CommandError
from tools.dashboard import dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INFRA = Path(__file__).resolve().parents[1] / "infra"
SECTIONS = ("Parameters", "Mappings", "Rules", "Conditions", "Resources", "Outputs")
ALARM_SECONDS = 300
Section = dict[str, Any]


class InfrastructureError(CommandError):
    """The files of infra/ contradict each other; says which and how."""


def stages() -> dict[str, list[str]]:
    """Return the parts of each stage, by its name."""
    return read(INFRA / "stages.yaml")


def compose(stage: str) -> Section:
    """Return what is merged into Chalice's template for a stage. Raises `InfrastructureError`."""
    template: Section = {}
    uses: dict[str, list[Section]] = {}
    for part in stages()[stage]:
        content = read(INFRA / f"{part}.yaml")
        for name, use in content.pop("Uses", {}).items():
            uses.setdefault(name, []).append(use)
        for section, entries in content.items():
            if section not in SECTIONS:
                message = f"infra/{part}.yaml has a section {section!r}; known are Uses, {', '.join(SECTIONS)}."
                raise InfrastructureError(message)
            _add(template.setdefault(section, {}), entries, f"infra/{part}.yaml")
    for name, row in functions().items():
        _add(template["Resources"], _function(name, row, uses, stage), "infra/functions.yaml")
    return _filled(template)


def functions() -> dict[str, Section]:
    """Return the rows of infra/functions.yaml: `uses`, flat, and `concurrency`, by the functions' logical ids."""
    rows = read(INFRA / "functions.yaml")["Functions"]
    return {name: {**row, "uses": list(_flat(row["uses"]))} for name, row in rows.items()}


def role_of(function: str) -> str:
    """Return the logical id that Chalice gives the role of a function."""
    return {"APIHandler": "ApiHandlerRole"}.get(function, f"{function}Role")


def read(path: Path) -> Any:  # noqa: ANN401 - YAML
    """Read YAML with CloudFormation's short forms, such as `!Ref`."""
    return YAMLTemplateSerializer().load_template(path.read_text(encoding="utf-8"), str(path))


def _function(name: str, row: Section, uses: Mapping[str, list[Section]], stage: str) -> Section:
    """Make what Chalice's function and role of this name get besides."""
    if unknown := [use for use in row["uses"] if use not in uses]:
        message = f"infra/functions.yaml: {name} uses {', '.join(unknown)}, which no part of {stage} explains."
        raise InfrastructureError(message)
    properties: Section = {}
    statements: list[Section] = []
    waits_for = [each for use in row["uses"] for part in uses[use] for each in part.get("DependsOn", [])]
    for part in (part for use in row["uses"] for part in uses[use]):
        _add(properties, part.get("Properties", {}), name)
        if variables := part.get("Variables"):
            _add(properties.setdefault("Environment", {"Variables": {}})["Variables"], variables, name)
        statements += part.get("Statements", [])
    limit = row["concurrency"]
    if isinstance(limit, str):
        limit = {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, limit]}
    policy = {"PolicyName": "Uses", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    function = {"Properties": {**properties, "ReservedConcurrentExecutions": limit}}
    return {
        name: {**function, "DependsOn": waits_for} if waits_for else function,
        role_of(name): {"Properties": {"Policies": [policy]}},
    }


def _add(into: Section, entries: Section, source: str) -> None:
    """Merge deeply. Raises `InfrastructureError` where two say different things of one."""
    for key, value in entries.items():
        known = into.setdefault(key, value)
        if known is value:
            into[key] = _copy(value)
        elif isinstance(known, dict) and isinstance(value, dict):
            _add(cast("Section", known), cast("Section", value), source)
        elif known != value:
            message = f"{source} says something else of {key} than another part does: {value!r} and {known!r}."
            raise InfrastructureError(message)


def _filled(value: Any) -> Any:  # noqa: ANN401 - YAML
    """Replace the tags of our own, which the reader leaves as `Fn::Berth.…`."""
    if isinstance(value, list):
        return [_filled(inner) for inner in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    section = cast("Section", value)
    if len(section) == 1:
        ((key, argument),) = section.items()
        if key == "Fn::Berth.Migrations":
            migrations = load(FOLDER)
            return [migrations[-1].name, sha256("".join(one.checksum for one in migrations).encode()).hexdigest()]
        if key == "Fn::Berth.Dashboard":
            return dashboard(list(functions()))
        if key == "Fn::Berth.SumOfFunctions":
            return _sum(argument["Metric"], argument["Of"])
        if key in {"Fn::Berth.NamesOfFunctions", "Fn::Berth.ArnsOfFunctions"}:
            names = [name for name, row in functions().items() if argument in row["uses"]]
            return [{"Ref": name} if "Names" in key else {"Fn::GetAtt": [name, "Arn"]} for name in names]
    return {key: _filled(inner) for key, inner in section.items()}


def _sum(metric: str, names: list[str]) -> list[Section]:
    """What an alarm watches: a metric of AWS Lambda, added up over functions, within five minutes."""
    letters = [f"m{number}" for number in range(len(names))]
    together = " + ".join(f"FILL({one}, 0)" for one in letters)
    return [
        {"Id": "together", "Label": f"{metric} of all of them", "Expression": together},
        *(
            {
                "Id": one,
                "ReturnData": False,
                "MetricStat": {
                    "Stat": "Sum",
                    "Period": ALARM_SECONDS,
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": metric,
                        "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": name}}],
                    },
                },
            }
            for one, name in zip(letters, names, strict=True)
        ),
    ]


def _copy(value: Any) -> Any:  # noqa: ANN401 - YAML
    """Copy dictionaries, which later parts may add to."""
    return {key: _copy(inner) for key, inner in cast("Section", value).items()} if isinstance(value, dict) else value


def _flat(uses: list[Any]) -> Iterator[str]:
    for use in uses:
        if isinstance(use, list):
            yield from _flat(cast("list[Any]", use))
        else:
            yield use
