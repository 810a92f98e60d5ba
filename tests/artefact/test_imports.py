from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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

ENVIRONMENT = {
    "DATABASE_URL": "postgresql://berth_app@127.0.0.1:1/berth",
    "BERTH_SIGNING_KEYS": f"test:{'s' * 32}",
}


def test_heavy_modules_are_not_imported_before_they_are_needed() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", ANSWER_AND_LIST_MODULES],
        input=json.dumps(Request("GET", "/v1/health").event()),
        env=ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    status, body, modules = json.loads(finished.stdout)
    assert (status, body["status"]) == (200, "ok")
    assert "chalicelib.api.endpoint" in modules
    assert not TOO_HEAVY & set(modules)
