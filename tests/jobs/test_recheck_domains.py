"""Proofs of domains are looked at again: a record may be missing for some days, and not for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.core.errors import UnavailableError
from chalicelib.jobs.budget import Budget
from chalicelib.tenants import recheck_domains
from tests.jobs.test_every_job import PROVEN_DOMAIN
from tests.stage import TENANT, Stage, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests import databases

DAY = timedelta(days=1)
STANDING = """
SELECT
    domain_verified_at IS NOT NULL, domain_problem, (clock_now() - domain_missing_since)::text,
    clock_now() - domain_checked_at < interval '1 hour',
    (SELECT count(*) FROM events WHERE type = 'tenant.settings_changed' AND actor_id = 'recheck_domains')
FROM tenants WHERE slug = %s
"""


class Records:
    """What the DNS says of any name; None: it does not answer."""

    def __init__(self) -> None:
        self.present: frozenset[str] | None = frozenset({"other", "berth-domain=x"})
        self.asked: list[str] = []

    def __call__(self, name: str) -> frozenset[str]:
        self.asked.append(name)
        if self.present is None:
            message = "The DNS does not answer."
            raise UnavailableError(message)
        return self.present


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Records:
    said = Records()
    monkeypatch.setattr(recheck_domains, "read_records", said)
    return said


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    with open_stage(database) as stage:
        with psycopg.connect(database.owner) as owner:
            owner.execute(PROVEN_DOMAIN)
        yield stage


def run(stage: Stage) -> int:
    return recheck_domains.recheck_domains(stage.jobs, Budget(30))


def standing(stage: Stage) -> tuple[object, ...]:
    with psycopg.connect(stage.databases.owner) as owner:
        found = owner.execute(STANDING.encode(), [TENANT]).fetchone()
    assert found is not None
    return found


def test_a_record_that_is_there_is_looked_for_once_a_day(stage: Stage, records: Records) -> None:
    assert (run(stage), run(stage)) == (0, 0)
    assert records.asked == [f"_berth.{TENANT}.example.com"]
    assert standing(stage) == (True, None, None, True, 0)
    stage.pass_by(DAY)
    run(stage)
    assert len(records.asked) == 2


def test_a_record_may_be_missing_for_days_and_come_back(stage: Stage, records: Records) -> None:
    records.present = frozenset()
    assert run(stage) == 1
    stage.pass_by(6 * DAY)
    assert run(stage) == 1
    assert standing(stage) == (True, None, "6 days", True, 0)
    records.present = frozenset({"berth-domain=x"})
    stage.pass_by(2 * DAY)
    assert run(stage) == 0
    assert standing(stage) == (True, None, None, True, 0)


@pytest.mark.parametrize(("left", "problem"), [(frozenset[str](), "no_record"), (frozenset({"x"}), "other_record")])
def test_after_seven_days_without_its_record_a_domain_is_not_proven_any_more(
    stage: Stage, records: Records, left: frozenset[str], problem: str
) -> None:
    records.present = left
    run(stage)
    stage.pass_by(7 * DAY)
    assert run(stage) == 1
    assert standing(stage) == (False, problem, None, True, 1)
    stage.pass_by(2 * DAY)
    assert run(stage) == 0
    assert len(records.asked) == 2


def test_a_dns_that_does_not_answer_ends_no_proof(stage: Stage, records: Records) -> None:
    records.present = None
    for _ in range(10):
        assert run(stage) == 0
        stage.pass_by(DAY)
    assert standing(stage) == (True, None, None, False, 0)
    records.present = frozenset({"berth-domain=x"})
    run(stage)
    assert standing(stage) == (True, None, None, True, 0)


def test_a_suspended_tenant_and_one_that_has_not_proven_its_domain_are_left_alone(
    stage: Stage, records: Records
) -> None:
    for change in (
        "UPDATE tenants SET suspended_at = clock_now(), suspended_reason = 'x'",
        "UPDATE tenants SET suspended_at = NULL, suspended_reason = NULL, domain_verified_at = NULL",
    ):
        with psycopg.connect(stage.databases.owner) as owner:
            owner.execute(change.encode())
        assert run(stage) == 0
    assert records.asked == []
