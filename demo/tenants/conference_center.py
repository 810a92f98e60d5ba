"""Narrows Conference Centre: exclusive rooms in St. John's, and nothing is accepted after five in the afternoon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.content import (
    WEEKEND,
    WORKDAYS,
    Address,
    Hours,
    Json,
    Passage,
    Phone,
    Policy,
    Resource,
    Site,
    Tenant,
    Theme,
    every_year,
    names,
    paragraphs,
    refunds,
    weekly,
)

if TYPE_CHECKING:
    from datetime import date

SITE = Site(
    tagline="Six rooms at the edge of the continent.",
    about=paragraphs(
        "The Narrows Conference Centre stands on the rock above the harbour mouth: a hall for 240 and five rooms "
        "named after the lights that guide ships along this coast. In June icebergs drift past the coffee breaks.",
        "We do one thing at a time. A room is yours alone, half an hour before and after is set aside for setting up "
        "and clearing away, and a person with a name is there for you from the first chair to the last cable.",
    ),
    highlights=(
        Passage("Plans you can trust", "Every plan shows exactly as many chairs as people we let in."),
        Passage(
            "Half an hour on each side", "For setting up and clearing away. It is yours, and you do not pay for it."
        ),
        Passage("Answers the same day", "Requests come in until 5 pm; the team goes through them every afternoon."),
    ),
    good_to_know=(
        Passage("Reserving", "Online until 5 pm our time (Newfoundland: half an hour ahead of Halifax), a day ahead."),
        Passage("Hours", "Monday to Friday 7 to 22, Saturday 8 to 22, Sunday 9 to 18. Closed over Christmas."),
        Passage("Catering", "Coffee, tea and water are charged per person. Lunch comes from three kitchens nearby."),
        Passage("Cancelling", "Free until 30 days before; half until 14 days; a quarter until three days."),
    ),
    house_rules=(
        Passage("Furniture", "Move what you like, and tell the technician: they know how it goes back."),
        Passage("Open flames", "None, candles included."),
    ),
    opening_hours=(
        Hours("House", "Monday to Friday 7 to 22, Saturday 8 to 22, Sunday 9 to 18"),
        Hours("Event office", "Daily 8 am to 5 pm"),
    ),
    languages=("en", "fr"),
    email="rooms@conference-center.example",
    phones=(
        Phone(label="Event office, 8 am to 5 pm", number="+1 709-555-0158"),
        Phone(label="House technician, during events", number="+1 709-555-0161"),
    ),
    address=Address(
        street="58 Battery Lookout",
        postal_code="A1A 0B8",
        locality="St. John's",
        region="Newfoundland and Labrador",
        country="CA",
    ),
    latitude=47.5683,
    longitude=-52.6921,
    directions="Ten minutes on foot from Water Street, or the shuttle from the cruise terminal. Ninety parking spaces.",
    theme=Theme(
        primary="#1f3a4d",
        on_primary="#ffffff",
        accent="#b23a26",
        background="#f6f1e4",
        surface="#fffdf6",
        text="#1f2d38",
        muted="#586672",
    ),
    welcome_alt="A glass building on a rock above the sea with flags, a red and white lighthouse and an iceberg",
)

CLOSES_AT_FIVE = {"rule": "daily_cutoff", "at": "17:00", "within_days": None}


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="conference-center",
        name="Narrows Conference Centre",
        timezone="America/St_Johns",
        currency="CAD",
        locale="en-CA",
        site=SITE,
        policies=_policies(today),
        resources=_RESOURCES,
        guests=names(
            "Avalon Tech Meetup, Dr. Moira Kelly, Gerald Sparkes, Atlantic Nurses Union, Nadia Rahman, Fred "
            "Noseworthy, Ocean Research Group, Philippa Dawe, Bay Roberts Choir, Kwame Mensah, Northern Mining Forum, "
            "Susan Pike"
        ),
    )


def _policies(today: date) -> tuple[Policy, ...]:
    hall_rules: list[Json] = [
        {"rule": "party_size", "minimum": 40, "maximum": 240},
        {"rule": "per_day_limit", "limit": 2, "scope": "resource"},
    ]
    return (
        Policy(
            slug="hall",
            name="Cape Spear Hall",
            document={
                **_exclusive(today, 32000, setting_up=45000, shortest=240, rules=hall_rules),
                "cancellation": refunds((60 * 24, 100), (30 * 24, 50), (14 * 24, 25)),
            },
        ),
        Policy(slug="large-room", name="Large rooms", document=_exclusive(today, 15000, setting_up=12000)),
        Policy(slug="medium-room", name="Medium rooms", document=_exclusive(today, 9000, setting_up=6000)),
        Policy(slug="small-room", name="Small rooms", document=_exclusive(today, 5500, setting_up=0)),
    )


def _exclusive(
    today: date, amount: int, *, setting_up: int, shortest: int = 60, rules: list[Json] | None = None
) -> Json:
    fees = [{"name": "Coffee and water station", "amount": 650, "per": "person"}]
    if setting_up:
        fees.insert(0, {"name": "Technician and furniture", "amount": setting_up, "per": "reservation"})
    return {
        "mode": {
            "mode": "interval",
            "step_minutes": 30,
            "min_minutes": shortest,
            "max_minutes": 900,
            "offered_in": "opening_hours",
        },
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": [
            weekly(**dict.fromkeys(WORKDAYS, ("07:00", "22:00")), sat=("08:00", "22:00"), sun=("09:00", "18:00")),
            CLOSES_AT_FIVE,
            {"rule": "lead_time", "minimum_minutes": 24 * 60},
            {"rule": "horizon", "maximum_days": 540},
            {"rule": "grid", "step_minutes": 30},
            {"rule": "buffers", "before_minutes": 30, "after_minutes": 30},
            _closed(today),
            *(rules or []),
        ],
        "no_show_after_minutes": 60,
        "cancellation": refunds((30 * 24, 100), (14 * 24, 50), (3 * 24, 25)),
        "rates": {
            "base": {"per": "hour", "amount": amount},
            "seasons": [],
            "weekdays": [{"weekdays": list(WEEKEND), "percent": 125}],
            "extra_guests": None,
            "length_of_stay": [{"minimum": 6, "percent_off": 10}],
            "fees": fees,
            "taxes": [{"name": "HST", "basis_points": 1500, "included": False}],
        },
    }


def _closed(today: date) -> Json:
    reasons = {
        ("12-24", "01-03"): "Closed over Christmas and New Year.",
        ("07-01", "07-02"): "Closed on Canada Day and Memorial Day.",
    }
    return {
        "rule": "blackout_dates",
        "ranges": [
            {**period, "reason": reason}
            for (first, until), reason in reasons.items()
            for period in every_year(today, first, until)
        ],
    }


_RESOURCES = (
    Resource(
        slug="cape-spear-hall",
        name="Cape Spear Hall",
        kind="hall",
        policy="hall",
        capacity=1,
        units=("Cape Spear Hall",),
        max_party_size=240,
        summary="240 seats in ten curved rows, a stage, and nothing between the speaker and the sea.",
        description=paragraphs(
            "A raked hall with a stage of eleven by four metres, a projection wall, a sound system for speech and for "
            "music, and interpreters' booths for three languages. The foyer belongs to it and holds everybody.",
            "From 40 people and for at least four hours; at most two events a day.",
        ),
        alt="Floor plan of the hall: ten curved rows with 240 seats, a middle aisle and a stage",
        amenities=("stage", "projector", "sound_system", "interpreters_booths", "livestream", "step_free", "sea_view"),
        place="Ground floor",
        weekly_reservations=2,
    ),
    Resource(
        slug="bonavista-room",
        name="Bonavista Room",
        kind="meeting_room",
        policy="large-room",
        capacity=1,
        units=("Bonavista Room",),
        max_party_size=80,
        summary="Ten round tables of eight: dinners, workshops, award nights.",
        description=paragraphs(
            "The largest of the five rooms, with a floor that dances and a kitchen hatch. Ten round tables as drawn; "
            "without tables it takes a standing reception.",
        ),
        alt="Floor plan: ten round tables with eight chairs each, a screen on the window wall",
        amenities=("projector", "sound_system", "whiteboard", "kitchen_hatch", "step_free", "sea_view"),
        place="First floor, east",
        weekly_reservations=3,
    ),
    Resource(
        slug="cape-race-room",
        name="Cape Race Room",
        kind="meeting_room",
        policy="large-room",
        capacity=1,
        units=("Cape Race Room",),
        max_party_size=40,
        summary="Twenty double desks in rows: training, examinations, press.",
        description=paragraphs(
            "Five rows of double desks with power at every place, a lectern and two screens. Curtains that really "
            "darken, and a door at the back for those who come late.",
        ),
        alt="Floor plan: five rows of four double desks before a lectern and a screen",
        amenities=("projector", "power_at_seats", "lectern", "blackout_curtains", "step_free"),
        place="First floor, west",
        weekly_reservations=4,
    ),
    Resource(
        slug="signal-room",
        name="Signal Room",
        kind="meeting_room",
        policy="medium-room",
        capacity=1,
        units=("Signal Room",),
        max_party_size=24,
        summary="A horseshoe for 24, with cameras that follow whoever speaks.",
        description=paragraphs(
            "Everybody sees everybody: a U of tables around an open floor, microphones in the ceiling, and a camera "
            "on each side for those who join from elsewhere. Marconi would have liked it.",
        ),
        alt="Floor plan: a horseshoe of tables with eight chairs on each of its three sides",
        amenities=("video_conference", "projector", "whiteboard", "step_free", "sea_view"),
        place="Second floor",
        weekly_reservations=4,
    ),
    Resource(
        slug="quidi-vidi-boardroom",
        name="Quidi Vidi Boardroom",
        kind="meeting_room",
        policy="medium-room",
        capacity=1,
        units=("Quidi Vidi Boardroom",),
        max_party_size=14,
        summary="One oval table, fourteen good chairs, a door that closes softly.",
        description=paragraphs(
            "For decisions. A table of local birch, a screen at its end, a sideboard for lunch, and a small room next "
            "door where one can think aloud on the telephone.",
        ),
        alt="Floor plan: an oval table with fourteen chairs on a carpet, a sideboard and a screen",
        amenities=("video_conference", "sideboard", "side_room", "step_free"),
        place="Second floor",
        weekly_reservations=5,
    ),
    Resource(
        slug="fogo-room",
        name="Fogo Room",
        kind="meeting_room",
        policy="small-room",
        capacity=1,
        units=("Fogo Room",),
        max_party_size=8,
        summary="A round table for eight and a wall to write on.",
        description=paragraphs(
            "The smallest room and the first to be taken. One table, one wall of whiteboard, two plants that have "
            "survived every strategy meeting since 2014.",
        ),
        alt="Floor plan: a round table with eight chairs, a whiteboard wall and two plants",
        amenities=("whiteboard", "external_screen", "step_free"),
        place="Second floor",
        weekly_reservations=5,
    ),
)
