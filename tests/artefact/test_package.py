from __future__ import annotations

import json
import os
import re
import sys
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from chalicelib.scheduled import JOBS
from tests.artefact.conftest import HERE
from tools import lambda_package

if TYPE_CHECKING:
    from tools.lambda_package import PackageInfo

# Whichever test comes first builds the package, which takes a while on a busy machine.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
RELEASE = {"migrate", "rotate"}
"""Functions that answer no requests."""


def names_in(package: PackageInfo) -> set[str]:
    with ZipFile(package.path) as archive:
        return set(archive.namelist())


def locked(requirements: str) -> set[str]:
    """The distributions that a compiled requirements file names for Linux."""
    lines = (ROOT / requirements).read_text().splitlines()
    return {line.partition("==")[0] for line in lines if re.match(r"[a-z0-9-]+==", line) and "win32'" not in line}


def resources(package: PackageInfo) -> dict[str, Any]:
    return json.loads(package.template.read_text())["Resources"]


def test_package_holds_the_locked_requirements_and_no_others(package: PackageInfo) -> None:
    found = {name.partition("/")[0] for name in names_in(package)}
    installed = {name.partition("-")[0].replace("_", "-") for name in found if name.endswith(".dist-info")}
    assert installed == locked("requirements.txt")


def test_package_holds_nothing_of_development(package: PackageInfo) -> None:
    found = {name.partition("/")[0] for name in names_in(package)}
    left_out = {"local", "tools", "demo", "tests", "docs", "ops", "infra", "dev", "conftest.py", ".chalice"}
    assert not found & left_out
    # The page that functions fill, where the web was built.
    assert {name for name in names_in(package) if name.startswith("web/")} <= {"web/dist/public.html"}
    for name in locked("requirements-dev.txt") - locked("requirements.txt") - {"chalice"}:
        modules = {file.parts[0] for file in distribution(name).files or () if file.parts[0].endswith("dist-info")}
        assert not found & modules, name
    assert not found & {"uvicorn", "pip", "setuptools", "pytest", "click", "httpx"}


def test_package_holds_only_the_runtime_part_of_chalice(package: PackageInfo) -> None:
    found = {name for name in names_in(package) if name.startswith("chalice/") and name.endswith(".py")}
    assert found == {"chalice/__init__.py", "chalice/app.py"}


def test_package_holds_exactly_the_code_of_the_functions(package: PackageInfo) -> None:
    packed = {name for name in names_in(package) if name.startswith(("chalicelib/", "app.py"))}
    files = (path for path in (ROOT / "chalicelib").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    expected = {"app.py"} | {str(path.relative_to(ROOT)) for path in files}
    assert {name for name in packed if "__pycache__" not in name} == expected
    with ZipFile(package.path) as archive:
        assert archive.read("app.py") == (ROOT / "app.py").read_bytes()


def test_every_module_of_the_functions_comes_compiled(package_for_here: PackageInfo) -> None:
    names = names_in(package_for_here)
    modules = [
        name for name in names if name.startswith(("chalicelib/", "app.py", "pydantic/")) and name.endswith(".py")
    ]
    assert modules
    assert {cache_from_source(name) for name in modules} <= names


def test_package_is_for_the_python_of_the_functions_whatever_packages(package: PackageInfo) -> None:
    functions = [one["Properties"] for one in resources(package).values() if one["Type"] == "AWS::Serverless::Function"]
    assert {one["Runtime"] for one in functions} == {"python3.13"}
    interfaces = {part for name in names_in(package) for part in re.findall(r"\.(cpython-\d+|abi3)[.-].*so$", name)}
    assert interfaces == {"cpython-313", "abi3"}
    assert {part for name in names_in(package) for part in re.findall(r"\.(cpython-\d+)\.pyc$", name)} <= {
        "cpython-313"
    }


def test_an_interpreter_counts_only_if_it_starts_and_is_of_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lambda_package.find_interpreter(HERE) == sys.executable
    (tmp_path / "python3.99").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.99").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert lambda_package.find_interpreter("3.99") is None


def test_a_package_without_bytecode_says_so(package: PackageInfo) -> None:
    has_bytecode = any(name.endswith(".pyc") for name in names_in(package))
    assert package.has_bytecode is has_bytecode is (lambda_package.find_interpreter("3.13") is not None)
    assert ("without bytecode" in str(package)) is not has_bytecode


def test_the_bill_of_materials_lists_what_is_in_the_package(package: PackageInfo) -> None:
    text = (package.path.parent / "sbom.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    lines = re.findall(r"^([a-z0-9-]+)==([^ ]+) ", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    versions = dict(lines)
    assert {one["name"]: one["version"] for one in bill["components"]} == {
        name: versions[name] for name in locked("requirements.txt")
    }
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in bill["components"])
    assert sum("licenses" in one for one in bill["components"]) > len(versions) / 2


def test_same_input_makes_the_same_package(package: PackageInfo, tmp_path: Path) -> None:
    again = lambda_package.build_package(tmp_path)
    assert again.path.read_bytes() == package.path.read_bytes()


def test_package_is_small_enough(package: PackageInfo) -> None:
    assert package.size == package.path.stat().st_size < 60 * 2**20
    assert package.unzipped_size < 250 * 2**20


def test_package_that_grows_too_large_is_refused(package: PackageInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_package, "ZIPPED_LIMIT", 1 << 20)
    with pytest.raises(lambda_package.PackageError, match=r"too large for Lambda.*MiB zipped \(at most 1\)"):
        lambda_package.measure(package.path.parent)


def test_functions_that_cannot_be_imported_are_not_packaged(tmp_path: Path) -> None:
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "app.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(lambda_package.PackageError, match="No module named 'nothing_of_that_name'"):
        lambda_package.build_package(tmp_path / "out", project=tmp_path)


def test_stage_is_the_one_that_the_paths_promise(package: PackageInfo) -> None:
    assert resources(package)["RestAPI"]["Properties"]["StageName"] == "api"


def test_function_has_the_time_and_memory_that_are_promised(package: PackageInfo) -> None:
    function = resources(package)["APIHandler"]["Properties"]
    assert (function["Handler"], function["Timeout"], function["MemorySize"]) == ("app.app", 29, 1024)


def test_every_function_has_what_it_needs_and_jobs_alone_the_database_of_all_tenants(package: PackageInfo) -> None:
    functions = [one["Properties"] for one in resources(package).values() if one["Type"] == "AWS::Serverless::Function"]
    variables = {one["Handler"].removeprefix("app."): one["Environment"]["Variables"] for one in functions}
    jobs = {name for name, given in variables.items() if "BERTH_JOBS_DATABASE_URL" in given}
    assert jobs == {*JOBS, "deliver_events"}
    assert variables.keys() - jobs == {"app", "open_connection", "answer_message", "close_connection", *RELEASE}
    for name, given in variables.items():
        if name in RELEASE:
            assert not given.keys() & {"DATABASE_URL", "BERTH_SIGNING_KEYS"}, name
            continue
        assert given.keys() >= {"DATABASE_URL", "BERTH_SIGNING_KEYS", "BERTH_PUBLIC_URL", "BERTH_WEBSOCKET_URL"}
    assert variables["app"].keys() >= {
        "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI",
        "BERTH_IMAGES_BUCKET",
        "BERTH_MAIL_FROM",
        "BERTH_QUEUE_URL",
    }
    assert "BERTH_IMAGES_BUCKET" not in variables["seal_events"]


def test_the_stage_of_the_sockets_is_the_one_that_the_roles_name(package: PackageInfo) -> None:
    assert resources(package)["WebsocketAPIStage"]["Properties"]["StageName"] == "api"
