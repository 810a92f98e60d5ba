"""Each alarm goes off: its condition is caused, and what is reported then passes the threshold that infra/ has."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Barrier, Event
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib import consume_queue
from chalicelib.adapters import egress
from chalicelib.adapters.connections import Connections
from chalicelib.adapters.egress import Egress, Reach
from chalicelib.core.errors import ContentionError, DatabaseBusyError, DatabaseUnavailableError, UnavailableError
from chalicelib.database.transaction import Database, Isolation, Transaction
from chalicelib.delivery.channels import webhooks
from chalicelib.delivery.deliver_events import Delivery, DeliveryOutcome, deliver_events, untargeted
from chalicelib.delivery.measure_backlog import measure_backlog
from chalicelib.delivery.model.webhooks import MOST_WEBHOOKS
from chalicelib.jobs.budget import Budget
from chalicelib.run_jobs import run_on
from chalicelib.scheduled import JOBS
from chalicelib.telemetry.metrics import METRICS, Values
from tests.certificates import Authority
from tests.delivery.test_webhooks import create as create_webhook
from tests.infrastructure.monitoring import METRICS_OF_CODE, NAMESPACE, Reported, alarms
from tests.offers import STAY, Offer, add_tenant, policy
from tests.silence import silent
from tests.stage import MINUTE, Stage, hours, offer, open_stage
from tests.telemetry.on_lambda import call_functions, environment_of, http, json_lines
from tests.telemetry.test_logs import LOSE_AN_ITEM, NAME, TENANT, UNEXPECTED, create

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from uuid import UUID

    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from chalicelib.telemetry.metrics import Report
    from tests import databases

ALARMS = alarms()
OF_AWS = {name for name, alarm in ALARMS.items() if any(one.namespace != NAMESPACE for one in alarm.watched.values())}
"""What AWS counts itself does not happen on one machine."""
NUMBERS = "CREATE TABLE numbers (id int PRIMARY KEY, value int NOT NULL); INSERT INTO numbers VALUES (1, 0), (2, 0)"
BREAK_AT_COMMIT = """
CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM pg_terminate_backend(pg_backend_pid());
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER break_off AFTER UPDATE ON numbers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION break_off();
"""
SLEEP = """
CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(3.1);
    RETURN new;
END $$;
CREATE TRIGGER sleep BEFORE INSERT ON guests FOR EACH ROW EXECUTE FUNCTION sleep();
"""


@pytest.fixture
def reported() -> Generator[Reported]:
    """What is reported until the end of the test, as within one period of CloudWatch."""
    together: Reported = {}

    def add(report: Report) -> None:
        for key, values in report.items():
            known = together.setdefault(key, Values())
            known.sum = values.sum if key[0].kind == "gauge" else known.sum + values.sum
            known.each += values.each

    METRICS.report_to(add)
    try:
        yield together
    finally:
        METRICS.report_to(None)


def goes_off(name: str, reported: Reported) -> None:
    """Say that an alarm goes off."""
    METRICS.report()
    alarm = ALARMS[name]
    assert alarm.value(reported) >= alarm.threshold


def of_log(lines: Sequence[str]) -> Reported:
    """What the functions have reported in a process of their own."""
    together: Reported = {}
    for document in (line for line in json_lines(lines) if "_aws" in line):
        for named in (one for directive in document["_aws"]["CloudWatchMetrics"] for one in directive["Metrics"]):
            metric = METRICS_OF_CODE[named["Name"]]
            values = together.setdefault((metric, document.get(metric.dimension or "", "")), Values())
            value = document[metric.name]
            if isinstance(value, list):
                values.each += value
            else:
                values.sum += value
    return together


@pytest.fixture
def numbers(database: databases.Database) -> databases.Database:
    """A table with two rows that the application may change, and a tenant."""
    add_tenant(database.owner, TENANT, [])
    with psycopg.connect(database.owner) as owner:
        owner.execute(NUMBERS)
        owner.execute("GRANT SELECT, UPDATE ON numbers TO berth_app")
        owner.execute(f"ALTER DATABASE {database.name} SET deadlock_timeout = '20ms'".encode())
    return database


@contextmanager
def application(numbers: databases.Database, seconds: float = 10, connections: int = 2) -> Generator[Database]:
    with closing(Database(numbers.app, pool_size=connections, request_seconds=seconds)) as opened:
        yield opened


def increase(transaction: Transaction, number: int = 1) -> None:
    transaction.touch("UPDATE numbers SET value = value + 1 WHERE id = %(id)s", {"id": number})


def lose_races(numbers: databases.Database, times: int) -> None:
    """Make requests each of which finds, whenever it is tried, that somebody has changed what it read."""
    with application(numbers, 0.25) as database, psycopg.connect(numbers.owner, autocommit=True) as rival:

        def work(transaction: Transaction) -> None:
            transaction.rows("SELECT value FROM numbers WHERE id = 1", {})
            rival.execute("UPDATE numbers SET value = value + 1 WHERE id = 1")
            increase(transaction)

        for _ in range(times):
            with pytest.raises((ContentionError, DatabaseBusyError)):
                database.run(TENANT, work, isolation=Isolation.SERIALIZABLE)


def test_conflict_spike(database: databases.Database) -> None:
    room = add_tenant(database.owner, TENANT, [Offer(slug="room", document=policy(STAY))])["room"]
    calls = [http(create(room, "Ada")) for _ in range(110)]
    _, lines = call_functions(calls, environment_of(database, BERTH_WRITES_FROM_ADDRESS="0", BERTH_WRITES_OF_EMAIL="0"))
    goes_off("ConflictSpike", of_log(lines))


def test_deadlocks(numbers: databases.Database, reported: Reported) -> None:
    with application(numbers) as database, ThreadPoolExecutor(2) as pool:
        for _ in range(int(ALARMS["Deadlocks"].threshold)):
            both, met = Barrier(2), Event()

            def work(transaction: Transaction, first: int, both: Barrier = both, met: Event = met) -> None:
                increase(transaction, first)
                if not met.is_set():
                    both.wait(10)
                    met.set()
                increase(transaction, 3 - first)

            runs = [pool.submit(database.run, TENANT, lambda t, one=one, work=work: work(t, one)) for one in (1, 2)]
            for run in runs:
                run.result()
    goes_off("Deadlocks", reported)


def test_retries_and_contention(numbers: databases.Database, reported: Reported) -> None:
    for _ in range(100):
        METRICS.count(METRICS_OF_CODE["responses"], "2xx")
    METRICS.report()
    assert ALARMS["Retries"].value(reported) == ALARMS["Contention"].value(reported) == 0
    lose_races(numbers, 14)
    goes_off("Retries", reported)
    goes_off("Contention", reported)


def test_lock_waits(numbers: databases.Database, reported: Reported) -> None:
    with psycopg.connect(numbers.owner) as holder, application(numbers, 0.4) as database:
        holder.execute("SELECT FROM numbers FOR UPDATE")
        for _ in range(5):
            with pytest.raises(DatabaseBusyError):
                database.run(TENANT, increase)
    goes_off("LockWaits", reported)


def test_no_connection(numbers: databases.Database, reported: Reported) -> None:
    taken, done = Event(), Event()

    def keep(transaction: Transaction) -> None:
        increase(transaction)
        taken.set()
        done.wait(30)

    with application(numbers, 30, connections=1) as database, ThreadPoolExecutor(1) as pool:
        keeping = pool.submit(database.run, TENANT, keep)
        assert taken.wait(10)
        try:
            for _ in range(5):
                with pytest.raises(DatabaseBusyError):
                    database.until(time.monotonic() + 0.1).run(TENANT, increase)
        finally:
            done.set()
        keeping.result()
    goes_off("NoConnection", reported)


def test_unknown_commits(numbers: databases.Database, reported: Reported) -> None:
    with psycopg.connect(numbers.owner) as owner:
        owner.execute(BREAK_AT_COMMIT)
    with application(numbers) as database, pytest.raises(DatabaseUnavailableError):
        database.run(TENANT, increase)
    goes_off("UnknownCommits", reported)


def intervals() -> dict[str, int]:
    return {name: job.interval_seconds for name, job in JOBS.items()}


class Deaf:
    """A channel that reaches nobody."""

    def wants(self, event: OutboxEvent) -> bool:
        del event
        return True

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        del transaction
        return untargeted(events)

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        del database, attempt, until
        message = "nobody answers"
        raise UnavailableError(message)


def test_outbox_age_and_dead_deliveries(database: databases.Database, reported: Reported) -> None:
    with open_stage(database, offer("open")) as stage:
        stage.reserve("open", hours(5, 6))
        measure_backlog(stage.jobs, intervals())
        METRICS.report()
        assert ALARMS["OutboxAge"].value(reported) < ALARMS["OutboxAge"].threshold
        assert ALARMS["DeadDeliveries"].value(reported) == 0
        stage.pass_by(4 * MINUTE)
        measure_backlog(stage.jobs, intervals())
        goes_off("OutboxAge", reported)
        for _ in range(11):
            deliver_events(stage.jobs, Delivery(lambda: {"deaf": Deaf()}, "sweep", lambda _: None), Budget(10))
            stage.pass_by(timedelta(hours=7))
        measure_backlog(stage.jobs, intervals())
    goes_off("DeadDeliveries", reported)


def test_webhooks_time_out(
    database: databases.Database, reported: Reported, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(egress, "REQUEST_SECONDS", 0.2)
    here = (ip_address("127.0.0.1"),)
    with open_stage(database, offer("open")) as stage, silent() as peer:
        port = int(peer.address.rpartition(":")[2])
        guard = Egress(lambda _, __: here, Reach(port, (ip_network("127.0.0.0/8"),)), Authority(tmp_path).trust)
        for _ in range(MOST_WEBHOOKS):
            create_webhook(stage)
        stage.reserve("open", hours(50, 51))
        channels = {webhooks.NAME: webhooks.Webhooks(guard)}
        for _ in range(3):
            deliver_events(stage.jobs, Delivery(lambda: channels, "sweep", lambda _: None), Budget(30))
            stage.pass_by(timedelta(hours=2))
    goes_off("WebhooksTimeOut", reported)


def held(stage: Stage, number: int) -> None:
    """Holds that are over."""
    for _ in range(number):
        stage.reserve("held", hours(5, 6))
    stage.pass_by(11 * MINUTE)


def test_job_failures_item_failures_and_job_lag(
    database: databases.Database, reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_for = offer("held", {"kind": "hold", "hold_minutes": 10}, capacity=10)
    with open_stage(database, held_for) as stage:
        run_on(stage.jobs, "expire_holds", 10)
        measure_backlog(stage.jobs, intervals())
        METRICS.report()
        for name in ("JobFailures", "ItemFailures", "JobLag"):
            assert ALARMS[name].value(reported) < ALARMS[name].threshold
        held(stage, 5)
        with psycopg.connect(database.owner) as owner:
            owner.execute(LOSE_AN_ITEM.encode())
        run_on(stage.jobs, "expire_holds", 10)
        goes_off("ItemFailures", reported)
        with psycopg.connect(database.owner) as owner:
            owner.execute("REVOKE SELECT ON reservations FROM berth_jobs")
        for _ in range(3):
            stage.pass_by(3 * MINUTE)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run_on(stage.jobs, "expire_holds", 10)
        goes_off("JobFailures", reported)
        monkeypatch.setattr(consume_queue, "channels", dict)
        run_on(stage.jobs, "sweep_events", 10)  # which measures, as it does each minute
    goes_off("JobLag", reported)


def test_server_errors(database: databases.Database) -> None:
    room = add_tenant(database.owner, TENANT, [Offer(slug="room", document=policy(STAY), capacity=20)])["room"]
    with psycopg.connect(database.owner) as owner:
        owner.execute(UNEXPECTED)
    answers, lines = call_functions([http(create(room, NAME)) for _ in range(10)], environment_of(database))
    assert {answer["statusCode"] for answer in answers} == {500}
    goes_off("ServerErrors", of_log(lines))


def test_slow_requests(database: databases.Database) -> None:
    room = add_tenant(database.owner, TENANT, [Offer(slug="room", document=policy(STAY))])["room"]
    with psycopg.connect(database.owner) as owner:
        owner.execute(SLEEP.encode())
    _, lines = call_functions([http(create(room, "Ada"))], environment_of(database))
    goes_off("SlowRequests", of_log(lines))


def test_lost_messages(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    outcomes = Connections(("key", "secret")).send([(f"connection-{number}", "{}") for number in range(20)])
    assert set(outcomes.values()) == {"failed"}
    goes_off("LostMessages", reported)


def test_every_alarm_of_our_own_metrics_is_caused_here() -> None:
    caused = re.findall(r'goes_off\("(\w+)"', Path(__file__).read_text(encoding="utf-8"))
    assert sorted(caused) == sorted(ALARMS.keys() - OF_AWS)


def test_those_that_are_not_caused_watch_what_aws_counts() -> None:
    of_functions = {f"{group}{what}" for group in ("Socket", "Sweep", "Upkeep") for what in ("Errors", "Throttles")}
    of_api = {"FunctionErrors", "Throttles"}
    assert of_functions | of_api | {"DeadNotificationsArrived", "DatabaseConnections", "DatabaseCpu"} == OF_AWS
