"""The runbooks of docs/OPERATIONS.md: every command, statement, filter, metric and name in them is tried as printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from app import RELEASES
from chalicelib.config import LIMITS
from chalicelib.core.errors import DatabaseBusyError
from chalicelib.database.transaction import Database
from chalicelib.scheduled import JOBS
from chalicelib.telemetry.definitions import ALL, DATABASE_UNKNOWN_COMMITS
from chalicelib.telemetry.metrics import Metrics
from tests.infrastructure.monitoring import alarms
from tests.offers import STAY, Offer, add_tenant, policy
from tests.platform.running import ROOT
from tests.platform.test_jobs_command import DEAD, ENDED, EVENTS, FAILING
from tests.platform.test_papers import OPERATIONS, rows_of
from tests.telemetry.on_lambda import call_functions, environment_of, http
from tests.telemetry.test_logs import NAME, TENANT, UNEXPECTED, create
from tools.infrastructure import compose

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests import databases

pytestmark = pytest.mark.timeout(180)

SAID = re.compile(r"`([^`]+)`")
RUNBOOKS = {row[0].strip("`"): row[2:] for row in rows_of(OPERATIONS, "Alarms")}
"""Where to look and what to do, by alarm."""
SPANS = sorted({span for cells in RUNBOOKS.values() for cell in cells for span in SAID.findall(cell)})
SCHEDULED = re.sub("(?s)```.*?```", "", OPERATIONS.split("\n## Scheduled functions\n")[1].split("\n## ")[0])
COMMANDS = sorted({span for span in [*SPANS, *SAID.findall(SCHEDULED)] if span.startswith("./dev ")})
STATEMENTS = [span for span in SPANS if re.match("(SELECT|ANALYZE)", span)]
FILTERS = [span for span in SPANS if re.match('(filter |")', span)]
METRICS = {metric.name: metric for metric in ALL}
ALARMS, PARAMETERS = alarms(), compose("production")["Parameters"]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "chalicelib").rglob("*.py"))
OF_AWS = {"Errors", "Throttles", "Forbidden", "LimitExceeded", "@connections", "aws secretsmanager rotate-secret"}
"""What is found there alone."""
COUNTED_BY = {"error.type", "function"}
"""Members of lines of the log, which a test below looks for."""
JOB = "promote_pending"


@dataclass
class Operator:
    """Somebody who reaches the database of a deployment, where something has gone wrong, by DATABASE_URL."""

    owner: str
    dead: str

    def run(self, printed: str) -> subprocess.CompletedProcess[str]:
        """Run a command as it is printed, with a job and an id in place of NAME and ID."""
        words = re.sub(r"\[?\bNAME\b\]?", JOB, re.sub(r"\bID\b", self.dead, printed)).split()
        return subprocess.run(
            [sys.executable, "-m", "tools", *words[1:]],
            cwd=ROOT,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "DATABASE_URL": self.owner, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def operator(database: databases.Database) -> Operator:
    """With an item and a run that failed, and two dead deliveries."""
    one, other = uuid4(), uuid4()
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(FAILING.replace("the-item", str(one)).encode(), {"error": "RaiseException: no way"})
        owner.execute(ENDED, {"error": "RaiseException: no way at all"})
        owner.execute(EVENTS, [[one, other]])
        owner.execute(DEAD, [[one, other]])
    return Operator(database.owner, str(one))


EXPECTED = {
    "./dev jobs": f"\n{JOB} ",
    "./dev jobs dead": "It is raining.",
    "./dev jobs failures": "RaiseException: no way\n",
    "./dev jobs failures [NAME]": "RaiseException: no way\n",
    "./dev jobs failures sweep_events": "Nothing fails.",
    "./dev jobs last NAME": "RaiseException: no way at all\n",
    "./dev jobs last [NAME]": "RaiseException: no way at all\n",
    "./dev jobs retry --all": "Due again: 2.",
    "./dev jobs retry ID": "Due again: 1.",
    "./dev jobs run NAME": f"{JOB}: 0 changed\n",
    "./dev jobs run NAME --seconds 600": f"{JOB}: 0 changed\n",
    "./dev jobs run sweep_events --seconds 600": "sweep_events: ",
}
"""What each shows of what has gone wrong."""


def test_every_command_is_tried() -> None:
    assert sorted([*EXPECTED, "./dev check"]) == COMMANDS


@pytest.mark.parametrize("printed", EXPECTED)
def test_a_command_runs_as_printed_and_shows_what_it_is_named_for(operator: Operator, printed: str) -> None:
    done = operator.run(printed)
    assert done.returncode == 0, done.stderr
    assert EXPECTED[printed] in done.stdout


def test_the_check_says_which_row_is_wrong(operator: Operator) -> None:
    done = operator.run("./dev check")
    assert done.returncode == 1
    assert operator.dead in done.stdout


@pytest.fixture
def lines(database: databases.Database) -> list[dict[str, Any]]:
    """The log of requests that found no unit, that met a fault of ours, and of which nobody knows how they ended."""
    room = add_tenant(database.owner, TENANT, [Offer(slug="room", document=policy(STAY))])["room"]
    with psycopg.connect(database.owner) as owner:
        owner.execute(UNEXPECTED)
    calls = [http(create(room, "Ada")), http(create(room, "Ada")), http(create(room, NAME, days=9))]
    answers, written = call_functions(calls, environment_of(database))
    assert [answer["statusCode"] for answer in answers] == [201, 409, 500]
    return [json.loads(line) for line in written]


def matching(lines: list[dict[str, Any]], printed: str) -> list[dict[str, Any]]:
    """What CloudWatch Logs Insights would find, as far as runbooks use its filters."""
    found = re.fullmatch(r'filter (\w+) (=|like) "([^"]+)"', printed)
    assert found is not None, f"{printed} is no filter"
    member, operator, value = found.groups()
    return [line for line in lines if value == line.get(member) or (operator == "like" and value in line[member])]


def test_filters_find_what_they_are_named_for(lines: list[dict[str, Any]], caplog: pytest.LogCaptureFixture) -> None:
    refused, failed = (matching(lines, one) for one in ('filter outcome = "no_capacity"', 'filter level = "ERROR"'))
    assert [line["tenant"] for line in refused] == [TENANT], "it is counted by tenant"
    assert [(line["error"]["type"], line["function"]) for line in failed] == [("CheckViolation", "berth-app")]
    Metrics().count(DATABASE_UNKNOWN_COMMITS)
    said = [{"message": record.getMessage()} for record in caplog.records]
    assert matching(said, 'filter message like "database_unknown_commits"')
    tried = {
        'filter outcome = "no_capacity"',
        'filter level = "ERROR"',
        'filter message like "database_unknown_commits"',
        # Lambda's own words, which test_sandbox.py has of the same events.
        'filter @message like "Task timed out"',
        '"Runtime."',
    }
    assert set(FILTERS) == tried


def kind_of(span: str) -> str:
    """What a word in a runbook is; empty where it is nothing that there is."""
    kinds = {
        "command": span in COMMANDS,
        "statement": span in STATEMENTS,
        "filter": span in FILTERS,
        "metric": span in METRICS,
        "dimension": span in {metric.dimension for metric in ALL},
        "alarm": span in ALARMS,
        "variable": span in {f"BERTH_{name.upper()}" for name in LIMITS},
        "logger": f'getLogger("{span}")' in SOURCES,
        "function": span in {*JOBS, *RELEASES, "deliver_events"},
        "parameter": span in PARAMETERS,
        "role": span == "berth_app",
        "class": hasattr(psycopg.errors, span),
        "member": span in COUNTED_BY,
        "of AWS": span in OF_AWS,
    }
    return next((kind for kind, is_it in kinds.items() if is_it), "")


def test_every_word_in_code_is_one_that_there_is() -> None:
    assert [span for span in SPANS if not kind_of(span)] == []
    kinds = {kind_of(span) for span in SPANS}
    assert {"command", "statement", "filter", "metric", "dimension", "alarm", "variable", "logger"} <= kinds
    assert kind_of("jobs_failures") == ""


def test_metrics_are_told_apart_by_what_is_said() -> None:
    for cells in RUNBOOKS.values():
        for name, dimension in chain.from_iterable(re.findall(r"`(\w+)` by `(\w+)`", cell) for cell in cells):
            assert METRICS[name].dimension == dimension


@pytest.fixture
def numbers(database: databases.Database) -> Generator[Callable[[], int]]:
    """A request that changes a row, which somebody may have locked."""
    add_tenant(database.owner, TENANT, [])
    with psycopg.connect(database.owner) as owner:
        owner.execute("CREATE TABLE numbers (id int PRIMARY KEY); INSERT INTO numbers VALUES (1)")
        owner.execute("GRANT SELECT, UPDATE ON numbers TO berth_app")
    with closing(Database(database.app, pool_size=1, request_seconds=0.5)) as opened:
        yield lambda: opened.run(TENANT, lambda transaction: transaction.touch("UPDATE numbers SET id = id", {}))


def test_a_session_that_locks_is_found_and_ended_as_printed(
    database: databases.Database, numbers: Callable[[], int]
) -> None:
    _analyze, ended, looked, counted = STATEMENTS
    with psycopg.connect(database.owner, autocommit=True) as person, closing(psycopg.connect(database.owner)) as holder:
        holder.execute("SELECT FROM numbers FOR UPDATE")
        with pytest.raises(DatabaseBusyError):
            numbers()
        listed = person.execute(looked.encode()).fetchall()
        idle = [row for row in listed if row[1] == "idle in transaction" and "FOR UPDATE" in row[3]]
        assert [row[0] for row in idle] == [holder.info.backend_pid]
        assert listed.index(idle[0]) <= listed.index(next(row for row in listed if row[1] == "active"))
        states = {(row[0], row[1]) for row in person.execute(counted.encode()).fetchall()}
        assert ("berth_app", "idle") in states
        assert person.execute(ended.replace("PID", str(idle[0][0])).encode()).fetchone() == (True,)
        numbers()


def test_statements_are_explained_as_the_application_and_tables_analyzed(database: databases.Database) -> None:
    assert "EXPLAIN its statements as `berth_app`; `ANALYZE` after a large import" in OPERATIONS
    with psycopg.connect(database.app) as app:
        assert app.execute("EXPLAIN SELECT id FROM reservations").fetchone()
    with psycopg.connect(database.owner) as owner:
        owner.execute("ANALYZE")
