"""Emails bring a calendar entry along: made with the confirmation, changed and cancelled with the reservation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from icalendar import Calendar

from chalicelib.delivery.channels.guest_emails import NAME, GuestEmails
from chalicelib.delivery.deliver_events import Delivery, deliver_events
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.model.reservations import Action
from tests.mailbox import into
from tests.stage import MORNING, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.adapters.mail import Email
    from tests import databases


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    held = {"kind": "hold", "hold_minutes": 10}
    with open_stage(database, offer("room"), offer("held", held)) as stage:
        yield stage


def sent(stage: Stage) -> Email:
    emails: list[Email] = []
    channel = GuestEmails(into(emails), lambda _, __, ___: None, "berth@example.org")
    deliver_events(stage.jobs, Delivery(lambda: {NAME: channel}, "consumer", lambda _: None), Budget(20))
    (email,) = emails
    return email


def entry(email: Email) -> tuple[str, Any]:
    """The method and the one event of the calendar that came along."""
    assert email.attachment is not None
    calendar: Any = Calendar.from_ical(email.attachment.content)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["method"]), event


def test_an_entry_is_made_changed_and_cancelled_with_its_reservation(stage: Stage) -> None:
    made = stage.reserve("room", hours(1, 2))
    method, first = entry(sent(stage))
    assert (method, first["uid"], first["status"]) == ("REQUEST", str(made.id), "CONFIRMED")
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (made.during.starts_at, made.during.ends_at)
    assert (first["organizer"], first["attendee"]) == ("mailto:berth@example.org", f"mailto:{made.guest.email}")
    assert (first["attendee"].params["PARTSTAT"], first["attendee"].params["RSVP"]) == ("ACCEPTED", "FALSE")
    moved = stage.move(made, hours(3, 4))
    method, second = entry(sent(stage))
    assert (method, second["uid"], second.decoded("dtstart")) == ("REQUEST", first["uid"], moved.during.starts_at)
    assert second["sequence"] > first["sequence"]
    stage.step(moved, Action.CANCEL)
    method, last = entry(sent(stage))
    assert (method, last["uid"], last["status"]) == ("CANCEL", first["uid"], "CANCELLED")
    assert last["sequence"] > second["sequence"]


def test_what_was_never_confirmed_makes_no_entry(stage: Stage) -> None:
    made = stage.reserve("held", hours(1, 2))
    assert sent(stage).attachment is None
    stage.step(made, Action.CANCEL)
    assert sent(stage).attachment is None
    other = stage.reserve("held", hours(1, 2))
    stage.confirm(other)
    assert entry(sent(stage))[1]["uid"] == str(other.id)


def test_names_with_line_breaks_quotes_and_markup_stay_text(stage: Stage) -> None:
    stage.reserve("room", hours(1, 2))
    name = 'Ada "x":mailto:eve@example.org\r\nBEGIN:VALARM\r\n<b>'
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute("UPDATE guests SET name = %s", [name])
        owner.execute("UPDATE resources SET name = %s", ["Room; one, \r\nEND:VEVENT"])
        owner.execute("UPDATE tenants SET name = %s", ['Oaks "inn"\r\nX:1'])
    email = sent(stage)
    assert email.attachment is not None
    lines = email.attachment.content.split(b"\r\n")
    assert (lines.count(b"BEGIN:VEVENT"), lines.count(b"END:VEVENT"), lines.count(b"BEGIN:VALARM")) == (1, 1, 0)
    event = entry(email)[1]
    assert event["summary"] == 'Room; one, END:VEVENT, Oaks "inn" X:1'
    assert event["organizer"] == "mailto:berth@example.org"
    assert event.decoded("dtstart") == hours(1, 2).starts_at
    assert event.decoded("dtstart") > MORNING
