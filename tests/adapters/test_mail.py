"""Emails, from boto3's real client to a file that a mail program opens."""

from __future__ import annotations

import email
import json
import socket
import time
from dataclasses import replace
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters import mail
from chalicelib.adapters.mail import Attachment, Email, Mailer
from chalicelib.core.errors import UnavailableError
from local.aws.mail import Mailbox
from local.aws.serve import serve_aws
from tests.api.inbox import calendar_of, text_of
from tests.silence import silent

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = Email("ada@example.org", "Grüße vom See", "Bis bald!\n\n— Pine Cabins\n")


def test_an_email_arrives_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_aws(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        Mailer("Berth <berth@example.org>").send(EMAIL)
    (path,) = (tmp_path / "emails").iterdir()
    found = email.message_from_bytes(path.read_bytes(), policy=default)
    assert (found["From"], found["To"], found["Subject"]) == ("Berth <berth@example.org>", EMAIL.to, EMAIL.subject)
    assert str(found.get_content()).replace("\r\n", "\n") == EMAIL.text
    assert path.suffix == ".eml"


def test_a_calendar_comes_along_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = Attachment("reservation.ics", "text/calendar", "BEGIN:VCALENDAR\r\nX:ü\r\n".encode())
    with serve_aws(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        Mailer("Berth <berth@example.org>").send(replace(EMAIL, attachment=calendar))
    (path,) = (tmp_path / "emails").iterdir()
    found = email.message_from_bytes(path.read_bytes(), policy=default)
    assert calendar_of(found) == calendar.content
    assert text_of(found).replace("\r\n", "\n") == EMAIL.text
    assert [part.get_filename() for part in found.iter_attachments()] == ["reservation.ics"]


def test_an_address_with_a_line_break_is_no_way_to_add_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_aws(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(UnavailableError):
            Mailer("berth@example.org").send(Email("ada@example.org\r\nBcc: eve@example.org", "Hello", ""))
    assert not (tmp_path / "emails").exists()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("=?utf-8?q?=0ABcc:eve@example.org?= invites you", "= ?utf-8?q?=0ABcc:eve@example.org?= invites you"),
        ("Pine\r\nBcc: eve@example.org", "Pine Bcc: eve@example.org"),
        ("Pine\u2028Cabins\x00", "Pine Cabins"),
    ],
)
def test_a_subject_that_was_stored_unchecked_adds_no_header(
    given: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_aws(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        Mailer("berth@example.org").send(Email("ada@example.org", given, "Hello"))
    (path,) = (tmp_path / "emails").iterdir()
    found = email.message_from_bytes(path.read_bytes(), policy=default)
    assert found["Bcc"] is None
    assert found["Subject"] == shown


def test_the_stand_in_for_ses_lets_no_encoded_word_become_a_header(tmp_path: Path) -> None:
    email = {
        "FromEmailAddress": "berth@example.org",
        "Destination": {"ToAddresses": ["ada@example.org"]},
        "Content": {"Simple": {"Subject": {"Data": "=?utf-8?q?=0ABcc:x?="}, "Body": {"Text": {"Data": "Hello"}}}},
    }
    Mailbox(tmp_path).accept(json.dumps(email).encode())
    (path,) = tmp_path.iterdir()
    assert b"\nBcc" not in path.read_bytes()


def test_a_service_that_does_not_answer_is_said_to_be_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    lead_to(monkeypatch, f"127.0.0.1:{port}")
    with pytest.raises(UnavailableError) as caught:
        Mailer("berth@example.org").send(EMAIL)
    assert caught.value.retry_after == 60


def lead_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "berth")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", f"http://{address}")


def test_an_email_that_might_take_too_long_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent() as peer:
        lead_to(monkeypatch, peer.address)
        until = time.monotonic() + mail.CONNECT_SECONDS + mail.READ_SECONDS - 0.01
        assert Mailer("berth@example.org").send_until(EMAIL, until) is False
        assert peer.asked == 0


def test_a_service_that_never_answers_is_asked_once_where_there_is_no_time_for_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "READ_SECONDS", 0.3)
    with silent() as peer:
        lead_to(monkeypatch, peer.address)
        mailer = Mailer("berth@example.org")
        mailer.send_until(EMAIL, 0)  # makes its client, which takes a moment
        with pytest.raises(UnavailableError):
            mailer.send_until(EMAIL, time.monotonic() + mail.CONNECT_SECONDS + mail.READ_SECONDS + 0.2)
        assert peer.asked == 1
