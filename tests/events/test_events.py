from __future__ import annotations

import re

from chalicelib.events.model import EventType
from chalicelib.reservations.model.reservations import Action, State


def test_an_event_is_named_by_what_happened_to_what() -> None:
    names = [event_type.value for event_type in EventType]
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", name) for name in names)
    assert len(names) == len(set(names))


def test_every_state_that_a_reservation_can_come_to_has_its_event() -> None:
    """Held and pending are how it is created."""
    named = {event_type.value.removeprefix("reservation.") for event_type in EventType}
    assert {state.value for state in State} - named == {State.HELD, State.PENDING}


def test_every_change_has_its_event() -> None:
    for change, participle in (
        (Action.MOVE, "moved"),
        (Action.EXTEND, "extended"),
        (Action.SHORTEN, "shortened"),
        (Action.UPDATE, "updated"),
    ):
        assert EventType(f"reservation.{participle}") is EventType[f"RESERVATION_{participle.upper()}"], change
