"""What the functions write to the log on Lambda: every line that is meant to be there, and nothing personal."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.telemetry.logs import JsonFormatter
from tests.artefact.requests import Request
from tests.offers import STAY, Offer, add_tenant, policy
from tests.telemetry.on_lambda import SCHEDULED, TRACE, call_functions, environment_of, http, json_lines

if TYPE_CHECKING:
    from uuid import UUID

    from tests.databases import Database

TENANT = "quiet-house"
NAME, EMAIL, PHONE = "Zenobia Quillfeather", "zenobia.q@example.org", "+49 30 5550123"
NOTES, PASSWORD = "allergic to walnuts", "correct-horse-battery"
PERSONAL = (NAME, "Quillfeather", EMAIL, PHONE, PHONE.replace(" ", ""), NOTES, PASSWORD)
UNEXPECTED = "ALTER TABLE guests ADD CONSTRAINT not_her CHECK (name NOT LIKE 'Zenobia%') NOT VALID"
"""A defect, for her alone: PostgreSQL's message quotes the whole row."""
LOSE_AN_ITEM = """
CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no way to let % <%> go', 'Zenobia Quillfeather', 'zenobia.q@example.org';
END $$;
CREATE TRIGGER complain BEFORE UPDATE ON reservations FOR EACH ROW EXECUTE FUNCTION complain();
"""


def create(resource: UUID, name: str, days: int = 20, **more: Any) -> Request:  # noqa: ANN401 - JSON
    day = datetime.now(UTC).date() + timedelta(days=days)
    body = {
        "resource_id": str(resource),
        "check_in_on": day.isoformat(),
        "check_out_on": (day + timedelta(days=1)).isoformat(),
        "guest": {"name": name, "email": EMAIL, "phone": PHONE},
        "notes": NOTES,
        **more,
    }
    return Request("POST", f"/v1/tenants/{TENANT}/reservations", body)


@pytest.fixture
def house(database: Database) -> UUID:
    """The id of a resource that is held for a minute before it is confirmed."""
    held = policy(STAY, confirmation={"kind": "hold", "hold_minutes": 1})
    return add_tenant(database.owner, TENANT, [Offer(slug="room", document=held, capacity=5)])["room"]


def test_what_modules_say_appears_from_the_level_that_is_asked_for() -> None:
    said = [
        ("log", {"logger": "berth.jobs", "level": "INFO", "message": "expire_holds changed 3"}),
        ("log", {"logger": "berth.queue", "level": "WARNING", "message": "The queue does not answer"}),
        ("log", {"logger": "berth", "level": "ERROR", "message": "broken"}),
        ("log", {"logger": "berth.jobs", "level": "DEBUG", "message": "too much"}),
    ]
    _, usual = call_functions(said, {})
    assert [(line["level"], line["logger"], line["message"]) for line in json_lines(usual)] == [
        ("INFO", "berth.jobs", "expire_holds changed 3"),
        ("WARNING", "berth.queue", "The queue does not answer"),
        ("ERROR", "berth", "broken"),
    ]
    assert len(usual) == 3, "Lambda's own handler has written them once more"
    _, few = call_functions(said, {"BERTH_LOG_LEVEL": "WARNING", "BERTH_LOG_FORMAT": "text"})
    assert [line.split(" ", 2)[2] for line in few] == [
        "berth.queue WARNING The queue does not answer",
        "berth ERROR broken",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("BERTH_LOG_FORMAT", "xml", "it must be json or text"),
        ("BERTH_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
    ],
)
def test_a_wrong_variable_is_named_when_the_functions_are_loaded(variable: str, value: str, expected: str) -> None:
    with pytest.raises(AssertionError) as caught:
        call_functions([], {variable: value})
    assert f"{variable} is '{value}'" in str(caught.value)
    assert expected in str(caught.value)


def test_a_line_says_which_request_it_belongs_to_and_nothing_personal(house: UUID, database: Database) -> None:
    """Requests and jobs that go well, that are refused and that break, with what is personal in all of their places."""
    key, secret = "berth_0123456789ab", "s" * 43
    bearers = {
        "api key": f"{key}_{secret}",
        "no token": f"eyJhbGciOiJIUzI1NiJ9.{'x' * 20}.{'y' * 43}",
    }
    with psycopg.connect(database.owner) as owner:
        owner.execute(UNEXPECTED)
    good, broken = http(create(house, "Ada")), http(create(house, NAME))
    calls = [
        good,
        broken,
        http(create(house, NAME, quantity=99)),
        http(create(house, NAME, check_in_on=EMAIL)),
        http(Request("POST", "/v1/auth/login", {"email": EMAIL, "password": PASSWORD})),
        *(http(Request("GET", "/v1/auth/me", headers={"Authorization": f"Bearer {one}"})) for one in bearers.values()),
        http(Request("GET", f"/v1/tenants/{EMAIL}/resources")),
    ]
    answers, lines = call_functions(calls, environment_of(database))
    assert [answer["statusCode"] for answer in answers] == [201, 500, 422, 422, 401, 401, 401, 404]
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE reservations SET hold_expires_at = clock_now(), due_at = clock_now()")
        owner.execute(LOSE_AN_ITEM.encode())
    _, of_job = call_functions([("expire_holds", SCHEDULED)], environment_of(database))
    token = "".join(part for part in answers[0]["body"].split('"') if part.startswith("eyJ"))
    assert token
    log = "\n".join([*lines, *of_job])
    for personal in (*PERSONAL, token, secret, *bearers.values()):
        assert personal not in log, f"{personal!r} is in the log:\n{log}"
    (failed,) = [line for line in json_lines(lines) if line.get("level") == "ERROR"]
    assert {name: failed[name] for name in ("request_id", "tenant", "actor", "trace_id", "function")} == {
        "request_id": broken[1]["requestContext"]["requestId"],
        "tenant": TENANT,
        "actor": "guest",
        "trace_id": TRACE,
        "function": "berth-app",
    }
    assert failed["error"]["type"] == "CheckViolation"
    assert (failed["error"]["sqlstate"], failed["error"]["constraint"]) == ("23514", "not_her")
    assert any("create_reservation.py:" in frame for frame in failed["error"]["stack"])
    (lost,) = [line for line in json_lines(of_job) if line.get("level") == "ERROR"]
    assert lost["message"].startswith("expire_holds failed for ")
    assert (lost["function"], lost["error"]["type"]) == ("berth-expire_holds", "RaiseException")


def test_a_function_that_fails_tells_lambda_no_more_than_the_log(database: Database) -> None:
    """Lambda writes the text of an exception into the log, and keeps it with the event that failed."""
    with psycopg.connect(database.owner) as owner:
        owner.execute("ALTER TABLE job_runs ADD CONSTRAINT no_runs CHECK (name <> 'expire_holds') NOT VALID")
    (answer,), lines = call_functions([("expire_holds", SCHEDULED)], environment_of(database))
    assert answer == {"error": "CheckViolation, of which the log says more."}
    assert "Failing row" not in "\n".join(lines)
    (failed,) = [line for line in json_lines(lines) if line.get("level") == "ERROR"]
    assert (failed["error"]["type"], failed["error"]["constraint"]) == ("CheckViolation", "no_runs")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"mail to <{EMAIL}> bounced", "mail to <[masked]> bounced"),
        ("call +49 (30) 555-0123 now", "call [masked] now"),
        ("Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0", "Bearer [masked]"),
        (f"key berth_0123456789ab_{'k' * 43}", "key [masked]"),
        ("postgresql://berth_app:secret@db.internal/berth", "[masked]"),
        ("2026-11-30T05:15:00+00:00 of berth_jobs, 0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", None),
    ],
)
def test_what_looks_personal_is_masked_wherever_it_stands(text: str, masked: str | None) -> None:
    record = logging.LogRecord("berth", logging.WARNING, "", 0, "%s", (text,), None)
    assert f'"message":"{masked or text}"' in JsonFormatter().format(record)


def test_a_sentence_for_who_operates_it_is_in_the_log(database: Database) -> None:
    environment = environment_of(database) | {"BERTH_JOBS_DATABASE_URL": ""}
    _, lines = call_functions([("expire_holds", SCHEDULED)], environment)
    (failed,) = [line for line in json_lines(lines) if line.get("level") == "ERROR"]
    assert failed["error"]["message"].startswith("BERTH_JOBS_DATABASE_URL is not set; it must be ")
