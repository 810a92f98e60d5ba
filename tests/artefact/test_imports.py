from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import RELEASES, ROUTES, SOCKETS, app
from chalicelib.http.routes import word_of
from chalicelib.scheduled import JOBS
from tests.artefact.requests import Request

ROOT = Path(__file__).parents[2]

# Each costs a cold start more than all of our own modules; what needs one imports it when it is needed.
TOO_HEAVY = {
    "PIL",
    "boto3",
    "botocore",
    "cel",
    "chalice.cli",
    "chalice.deploy",
    "chalice.local",
    "click",
    "pygments",
    "pywebpush",
    "requests",
    "rich",
    "typer",
}

ANSWER_AND_LIST_MODULES = """
import json, sys
from app import app
class Context:
    aws_request_id = "00000000-0000-4000-8000-000000000000"
    def get_remaining_time_in_millis(self):
        return 29000
answer = app(json.load(sys.stdin), Context())
print(json.dumps([answer["statusCode"], json.loads(answer["body"]), sorted(sys.modules)]))
"""

IMPORT_EACH = """
import importlib, json, os, sys
import psycopg, psycopg_pool
for name in sys.argv[1:]:
    if os.fork():
        assert os.wait()[1] == 0, name
        continue
    getattr(importlib.import_module("app"), name)
    offers = getattr(sys.modules.get("chalicelib.availability.waitlist_offers"), "_offers", [])
    print(json.dumps([name, len(offers), sorted(sys.modules)]), flush=True)
    os._exit(0)
"""
"""A process for each handler, which begins with what no handler does without."""

ENVIRONMENT = {
    "DATABASE_URL": "postgresql://berth_app@127.0.0.1:1/berth",
    "BERTH_SIGNING_KEYS": f"test:{'s' * 32}",
}


def answer(request: Request) -> tuple[int, Any, list[str]]:
    """Ask a process of its own; return status, body and the modules that it has then."""
    finished = subprocess.run(
        [sys.executable, "-c", ANSWER_AND_LIST_MODULES],
        input=json.dumps(request.event()),
        env=ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(finished.stdout))


def test_heavy_modules_are_not_imported_before_they_are_needed() -> None:
    status, body, modules = answer(Request("GET", "/v1/health"))
    assert (status, body["status"]) == (200, "ok")
    assert "chalicelib.http.endpoint" in modules
    assert not TOO_HEAVY & set(modules)
    assert {module for module in modules if ".api." in module} == set(), "the routes of other paths"


COMMON = {"access", "adapters", "availability", "core", "database", "http", "telemetry"}
RELEASE = {"access", "adapters", "database", "http", "releases", "telemetry"}
JOB = COMMON | {"jobs"}
SWEEP = JOB | {"events", "policies", "reservations"}
DELIVERY = JOB | {
    "calendars",
    "accounts",
    "delivery",
    "edit_locks",
    "events",
    "policies",
    "realtime",
    "reservations",
    "tenants",
    "terms",
}
SOCKET = COMMON | {"accounts", "edit_locks", "events", "jobs", "realtime", "reservations"}
FOLDERS = {
    "migrate": RELEASE,
    "rotate": RELEASE,
    "app": COMMON | {"events"},
    "expire_holds": SWEEP,
    "promote_pending": SWEEP | {"waiting"},
    "mark_no_shows": SWEEP,
    "complete_stays": SWEEP,
    "offer_waitlist_places": JOB | {"reservations", "waiting"},
    "remove_past_allocations": JOB,
    "remove_old_records": JOB,
    "seal_events": JOB | {"reporting"},
    "make_partitions": JOB,
    "refresh_statistics": JOB | {"policies", "reporting"},
    "recheck_domains": JOB | {"events", "tenants"},
    "sweep_events": JOB | {"delivery", "edit_locks", "events"},
    "expire_edit_locks": JOB | {"edit_locks", "events"},
    "reap_connections": SOCKET,
    "deliver_events": DELIVERY,
    "open_connection": SOCKET,
    "answer_message": SOCKET,
    "close_connection": SOCKET,
}
"""Of `chalicelib`: what each function imports while it starts. A folder more makes it start later."""
ANSWERING = {"app": {"chalice", "pydantic"}, "answer_message": {"pydantic"}}
"""Which libraries a function needs to read what comes in; others need none of them."""
OUTER = {"chalice", "cryptography", "jwt", "pydantic"}


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """The modules of each handler once Lambda has it."""
    command = [sys.executable, "-c", IMPORT_EACH, *FOLDERS]
    done = subprocess.run(command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {name: offers for name, offers, _ in found if offers != 1 and name not in RELEASES} == {}, (
        "nobody would be offered what comes free"
    )
    return {name: set(modules) for name, _, modules in found}


def test_each_function_is_looked_at(imported: dict[str, set[str]]) -> None:
    assert imported.keys() == {"app", "deliver_events", *SOCKETS, *JOBS, *RELEASES}


@pytest.mark.parametrize("name", FOLDERS)
def test_each_function_imports_what_it_alone_needs(imported: dict[str, set[str]], name: str) -> None:
    modules = imported[name]
    assert {module.split(".")[1] for module in modules if re.match(r"chalicelib\.\w+\.", module)} == FOLDERS[name]
    assert modules & OUTER == ANSWERING.get(name, set())
    assert not TOO_HEAVY & modules
    layers = {module for module in modules if {"api", "schemas"} & set(module.split("."))}
    assert not layers if name not in SOCKETS else all(".realtime." in module for module in layers)
    if name in JOBS:
        assert f"chalicelib.{JOBS[name].use_case.partition(':')[0]}" in modules
        assert "chalicelib.http.endpoint" not in modules


def test_every_path_is_found_by_its_words() -> None:
    """One more than a path has would import what nobody asked for, one less would answer 405."""
    words: dict[str, set[str]] = {}
    for path, methods in app.routes.items():
        for route in methods.values():
            module = route.view_function.__module__.removeprefix("chalicelib.")
            words.setdefault(module, set()).add(word_of(path))
    assert words == {module: set(known) for module, known in ROUTES.items()}


COMPILE_AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
sys.setswitchinterval(1e-6)
from pydantic import ValidationError
from app import app
from chalicelib.http.endpoint import ENDPOINTS
assert len(app.routes) > 50, "going over them imports the modules of all"
models = {model for one in ENDPOINTS for model in (one.body, one.query, one.response) if model is not None}
barrier = Barrier(8)
def validate(model):
    barrier.wait()
    try:
        model.model_validate({})
    except ValidationError:
        pass
    return model.model_json_schema()["title"]
with ThreadPoolExecutor(8) as threads:
    for model in models:
        assert len(set(threads.map(validate, [model] * 8))) == 1
print(len(models))
"""


def test_a_schema_may_be_used_for_the_first_time_by_threads_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILE_AT_ONCE], env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
