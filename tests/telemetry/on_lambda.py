"""The functions in a process of their own, loaded and called as Lambda does, with what they write to the log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.artefact.requests import Request
    from tests.databases import Database

ROOT = Path(__file__).parents[2]
TRACE = "1-5759e988-bd862e3fe1be46a994272793"
PROCESS = """
import json, logging, os, sys
# Lambda's runtime has a handler on the root logger, at the level WARNING, before it loads the function.
logging.basicConfig(stream=sys.stdout, format="[%(levelname)s] %(message)s", level=logging.WARNING)
os.environ["_X_AMZN_TRACE_ID"] = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
import app

class Context:
    def __init__(self, function_name):
        self.function_name = "berth-" + function_name
        self.aws_request_id = "8f507cfc-0000-4000-8000-000000000000"
    def get_remaining_time_in_millis(self):
        return 29000

for line in sys.stdin:
    function, event = json.loads(line)
    if function == "log":
        logging.getLogger(event["logger"]).log(getattr(logging, event["level"]), event["message"])
        answer = None
    else:
        try:
            answer = getattr(app, function)(event, Context(function))
        except Exception as error:
            # What Lambda writes into the log itself.
            print("[ERROR]", type(error).__name__ + ":", error)
            answer = {"error": str(error)}
    print(json.dumps(answer), file=sys.stderr, flush=True)
"""
SCHEDULED: dict[str, Any] = {
    "version": "0",
    "id": str(uuid4()),
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-30T05:00:00Z",
    "region": "eu-central-1",
    "resources": [],
    "detail": {},
}


def call_functions(
    calls: Sequence[tuple[str, Mapping[str, Any]]], environment: Mapping[str, str]
) -> tuple[list[Any], list[str]]:
    """Call functions of app.py one after the other; return what they answered, and the lines of the log."""
    finished = subprocess.run(
        [sys.executable, "-c", PROCESS],
        input="".join(json.dumps(call) + "\n" for call in calls),
        env={"PATH": os.environ["PATH"], **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stderr.splitlines()], finished.stdout.splitlines()


def http(request: Request) -> tuple[str, dict[str, Any]]:
    """A call of the function that answers HTTP."""
    return "app", dict(request.event())


def environment_of(database: Database, **more: str) -> dict[str, str]:
    """What the functions are told of their surroundings."""
    return {
        "DATABASE_URL": database.app,
        "BERTH_JOBS_DATABASE_URL": database.jobs,
        "BERTH_SIGNING_KEYS": f"test:{'s' * 32}",
        "BERTH_METRICS_SERVICE": "berth-test",
        **more,
    }


def json_lines(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Those lines that are JSON."""
    return [json.loads(line) for line in lines if line.startswith("{")]
