"""Harbor Cowork: shared capacity in an old fish store in Reykjavík. Hours on a grid, half-hour booths; krónur only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.content import (
    WEEKEND,
    WORKDAYS,
    Address,
    Closure,
    Hours,
    Json,
    Passage,
    Phone,
    Policy,
    Resource,
    Site,
    Tenant,
    Theme,
    Window,
    every_year,
    names,
    paragraphs,
    refunds,
    season,
    weekly,
)

if TYPE_CHECKING:
    from datetime import date

SITE = Site(
    tagline="Work where the boats come in.",
    about=paragraphs(
        "Until 1986 this was a salt-fish store. The cranes are gone, the beams are not, and where the fish dried "
        "there are now sixty desks, six phone booths, a studio and the best coffee on the west side of the harbor.",
        "No memberships and no minimum: take a desk for an hour or for a week of mornings. Seats are not numbered. If "
        "there is room, there is room for you.",
    ),
    highlights=(
        Passage("By the hour", "You pay for the time you sit. Eight hours cost what seven would."),
        Passage("Loud and quiet", "Talk in the Open Desks, whisper in the Quiet Room, shout in a phone booth."),
        Passage("Evenings on the deck", "From Thursday to Sunday the deck is yours for parties and talks of up to 60."),
    ),
    good_to_know=(
        Passage(
            "Getting in", "Weekdays 7 to 22, weekends 9 to 18. The code for the door comes with your confirmation."
        ),
        Passage(
            "Included", "Coffee, tea, 1 Gbit/s, printing, showers, a hook for your bike and a sofa for your thoughts."
        ),
        Passage("Not included", "Lunch; but the fish soup next door is worth the forty steps."),
    ),
    house_rules=(
        Passage("Calls", "In the booths, please; the big room is for typing."),
        Passage("Kitchen", "Anyone who takes the last cup makes the next pot."),
    ),
    opening_hours=(
        Hours("House", "Weekdays 7 to 22, weekends 9 to 18"),
        Hours("Front desk", "Weekdays 8 to 18"),
    ),
    languages=("is", "en"),
    email="desk@harbor-cowork.example",
    # Icelandic numbers never begin with 0, so this one reaches nobody.
    phones=(Phone(label="Front desk, weekdays 8 to 18", number="+354 000 0142"),),
    address=Address(street="Bryggjustígur 7", postal_code="101", locality="Reykjavík", region=None, country="IS"),
    latitude=64.1546,
    longitude=-21.9482,
    directions="Bus 14 to Grandi, then towards the masts. The dark house with the orange door.",
    theme=Theme(
        primary="#22424f",
        on_primary="#ffffff",
        accent="#b9431f",
        background="#f2f6f6",
        surface="#ffffff",
        text="#1d2b33",
        muted="#54656e",
    ),
    welcome_alt="A dark gabled store with an orange door on a harbor quay, fishing boats in front, a snowy mountain "
    "behind",
)

OPENING_HOURS = weekly(**dict.fromkeys(WORKDAYS, ("07:00", "22:00")), **dict.fromkeys(WEEKEND, ("09:00", "18:00")))


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="harbor-cowork",
        name="Harbor Cowork",
        timezone="Atlantic/Reykjavik",
        currency="ISK",
        locale="en-GB",
        site=SITE,
        policies=_policies(today),
        resources=_RESOURCES,
        guests=names(
            "Sigrún Jónsdóttir, Einar Pálsson, Maya Lindgren, Tom Okonkwo, Hildur Björnsdóttir, Arnar Helgason, Freya "
            "Nolan, Jakub Nowak, Katrín Ólafsdóttir, Ben Carver, Lilja Stefánsdóttir, Noor Haddad, Gunnar Þórsson, "
            "Elin Sand"
        ),
    )


def _policies(today: date) -> tuple[Policy, ...]:
    closed = {
        "rule": "blackout_dates",
        "ranges": [
            {**period, "reason": reason}
            for first, until, reason in (
                ("12-24", "12-27", "Closed for Christmas."),
                ("01-01", "01-02", "Closed on New Year's Day."),
                ("06-17", "06-18", "Closed on National Day."),
            )
            for period in every_year(today, first, until)
        ],
    }
    return (
        Policy(slug="open-desks", name="Open Desks", document=_by_the_hour(900, closed)),
        Policy(slug="quiet-room", name="Quiet Room", document=_by_the_hour(1200, closed)),
        Policy(
            slug="phone-booths",
            name="Phone booths",
            document={
                "mode": {"mode": "slot", "slot_minutes": 30, "step_minutes": 30, "offered_in": "opening_hours"},
                "confirmation": {"kind": "instant"},
                "capacity_counts": "units",
                "rules": [
                    OPENING_HOURS,
                    closed,
                    {"rule": "horizon", "maximum_days": 14},
                    {"rule": "per_day_limit", "limit": 4, "scope": "guest"},
                    {"rule": "party_size", "minimum": 1, "maximum": 1},
                ],
                "no_show_after_minutes": 10,
                "cancellation": refunds((0, 100)),
                "rates": _rates({"per": "slot", "amount": 600}),
            },
        ),
        Policy(
            slug="studio",
            name="Podcast Studio",
            document={
                "mode": {
                    "mode": "interval",
                    "step_minutes": 30,
                    "min_minutes": 60,
                    "max_minutes": 480,
                    "offered_in": "opening_hours",
                },
                "confirmation": {"kind": "instant"},
                "capacity_counts": "units",
                "rules": [
                    OPENING_HOURS,
                    closed,
                    {"rule": "horizon", "maximum_days": 90},
                    {"rule": "lead_time", "minimum_minutes": 120},
                    {"rule": "buffers", "before_minutes": 0, "after_minutes": 30},
                ],
                "no_show_after_minutes": 30,
                "cancellation": refunds((24, 100), (2, 50)),
                "rates": _rates({"per": "hour", "amount": 5500}),
            },
        ),
        Policy(slug="harbor-deck", name="Harbor Deck", document=_deck(today)),
    )


def _by_the_hour(amount: int, closed: Json) -> Json:
    return {
        "mode": {
            "mode": "interval",
            "step_minutes": 30,
            "min_minutes": 60,
            "max_minutes": 15 * 60,
            "offered_in": "opening_hours",
        },
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": [
            OPENING_HOURS,
            closed,
            {"rule": "horizon", "maximum_days": 60},
            {"rule": "grid", "step_minutes": 30},
            {"rule": "active_per_guest", "limit": 20},
            {
                "rule": "expression",
                "expression": "party_size <= quantity",
                "message": "Everybody needs a desk: take as many as there are of you.",
                "field": "quantity",
            },
        ],
        "no_show_after_minutes": 120,
        "cancellation": refunds((2, 100), (0, 50)),
        "rates": _rates(
            {"per": "hour", "amount": amount},
            weekdays=[{"weekdays": list(WEEKEND), "percent": 80}],
            length_of_stay=[{"minimum": 4, "percent_off": 5}, {"minimum": 8, "percent_off": 12}],
        ),
    }


def _deck(today: date) -> Json:
    return {
        "mode": {
            "mode": "interval",
            "step_minutes": 60,
            "min_minutes": 120,
            "max_minutes": 360,
            "offered_in": "windows",
        },
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": [
            {"rule": "horizon", "maximum_days": 180},
            {"rule": "lead_time", "minimum_minutes": 3 * 24 * 60},
            {"rule": "buffers", "before_minutes": 60, "after_minutes": 60},
            {"rule": "per_day_limit", "limit": 1, "scope": "resource"},
        ],
        "no_show_after_minutes": None,
        "cancellation": refunds((14 * 24, 100), (3 * 24, 50)),
        "rates": _rates(
            {"per": "hour", "amount": 28000},
            seasons=season(today, "Light nights", "05-15", "08-16", percent=130),
            fees=[{"name": "Host and cleaning", "amount": 25000, "per": "reservation"}],
        ),
    }


def _rates(base: Json, **changes: object) -> Json:
    return {
        "base": base,
        "seasons": [],
        "weekdays": [],
        "extra_guests": None,
        "length_of_stay": [],
        "fees": [],
        "taxes": [{"name": "VSK", "basis_points": 2400, "included": True}],
        **changes,
    }


_RESOURCES = (
    Resource(
        slug="open-desks",
        name="Open Desks",
        kind="desk",
        policy="open-desks",
        capacity=48,
        max_party_size=8,
        summary="Forty-eight places at long tables, four windows on the harbor, a hum of people.",
        description=paragraphs(
            "Sit where you like. Every place has two sockets and a lamp, every window a boat. Calls are fine, "
            "speakers are not. Up to eight of you can come together: take a desk each, we will push the tables.",
        ),
        alt="Long tables with laptops before large windows on a harbor with two fishing boats",
        amenities=("sea_view", "wifi", "coffee", "printer", "showers", "step_free"),
        place="Ground floor",
        weekly_reservations=5,
    ),
    Resource(
        slug="quiet-room",
        name="Quiet Room",
        kind="desk",
        policy="quiet-room",
        capacity=12,
        max_party_size=2,
        summary="Twelve desks, felt walls, no calls, no keyboards from the eighties.",
        description=paragraphs(
            "A room for people with a deadline. Desks have screens to the left and right, a lamp, and a chair that "
            "somebody thought about. Phones stay outside, in their own small lockers with chargers.",
        ),
        alt="A row of desks with green screens between them, bookshelves and a window on a snowy mountain",
        amenities=("mountain_view", "wifi", "coffee", "external_screen", "standing_desk"),
        place="Upper floor, north",
        weekly_reservations=6,
    ),
    Resource(
        slug="phone-booths",
        name="Phone Booths",
        kind="booth",
        policy="phone-booths",
        capacity=6,
        max_party_size=1,
        summary="Half an hour behind a thick door, for calls that nobody else needs to hear.",
        description=paragraphs(
            "Six booths with a stool, a shelf, a light that flatters and air that moves. Half an hour at a time; take "
            "two in a row for the long ones, four a day at most, so that everybody gets a turn.",
        ),
        alt="Three phone booths in blue, orange and yellow; in the middle one somebody is on a call",
        amenities=("soundproof", "wifi", "ventilated"),
        place="Ground floor, along the brick wall",
        closures=(Closure(in_days=5, for_days=2, reason="New door seal for booth 6", units=(6,)),),
        weekly_reservations=4,
    ),
    Resource(
        slug="podcast-studio",
        name="Podcast Studio",
        kind="studio",
        policy="studio",
        capacity=1,
        max_party_size=4,
        summary="Four microphones, dead walls, a mixer that is already set up.",
        description=paragraphs(
            "Come in, sit down, press the red button. Four dynamic microphones, headphones for everybody, recording "
            "to your own drive or to ours. Somebody from the desk shows you around in five minutes.",
        ),
        alt="Two microphones on arms over a wooden table, dark acoustic panels behind",
        amenities=("soundproof", "microphones", "mixer", "headphones", "wifi"),
        place="Upper floor, behind the stairs",
        weekly_reservations=4,
    ),
    Resource(
        slug="harbor-deck",
        name="Harbor Deck",
        kind="event_space",
        policy="harbor-deck",
        capacity=1,
        max_party_size=60,
        summary="The deck in the evening: strings of lights, heaters, and with luck the northern lights.",
        description=paragraphs(
            "Sixty people on the planks over the water, or forty under the roof if it blows. Sound system, heaters, "
            "bar and a host who stays until the last guest has found their coat.",
            "One party an evening, from two to six hours. An hour before and an hour after for setting up are free.",
        ),
        alt="A wooden deck over the water at night with strings of lights, a boat and northern lights over a mountain",
        amenities=("sea_view", "sound_system", "heaters", "bar", "host", "step_free"),
        place="Seaward side",
        windows=(
            Window(weekdays=("thu", "fri", "sat"), opens="17:00", closes="23:00"),
            Window(weekdays=("sun",), opens="12:00", closes="18:00"),
        ),
        weekly_reservations=3,
    ),
)
