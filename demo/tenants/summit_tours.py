"""Summit Tours: guided walks around Hobart with a number of seats per departure. Each window is one departure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.content import (
    WEEKDAYS,
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
    Window,
    every_year,
    names,
    paragraphs,
    refunds,
    season,
)

if TYPE_CHECKING:
    from datetime import date

SITE = Site(
    tagline="Small groups, big weather.",
    about=paragraphs(
        "We walk. From Hobart up the organ pipes of kunanyi / Mount Wellington before breakfast, into the Hartz Range "
        "for the day, to the tarns of Mount Field when the fagus turns. Never more than twelve people, always a guide "
        "who grew up with this weather.",
        "We acknowledge the muwinina and palawa people, on whose country we walk.",
    ),
    highlights=(
        Passage("Seats, not charters", "Come alone or bring five friends: you reserve seats on a departure that runs."),
        Passage(
            "Warm and fed", "Jacket, overtrousers and poles to borrow; a thermos and something baked in every pack."
        ),
        Passage("It runs", "Every departure with at least one guest goes. Only the mountain can call it off."),
    ),
    good_to_know=(
        Passage(
            "Meeting point", "Our hut at Franklin Square, fifteen minutes before departure. Hotel pick-up on request."
        ),
        Passage(
            "Last call", "Seats for tomorrow can be taken until 6 pm; for the shorter walks until two hours before."
        ),
        Passage("Children", "From eight years, from twelve on the day walks. Prices are per person."),
        Passage("Called off by weather", "If we cancel you choose another day or get everything back."),
    ),
    house_rules=(
        Passage("Track", "We stay on it, and what we carry in we carry out."),
        Passage("Guide", "When the guide says turn, everybody turns."),
    ),
    opening_hours=(Hours("Hut", "Daily 6 am to 6 pm"),),
    languages=("en",),
    email="walks@summit-tours.example",
    phones=(
        Phone(label="Hut, daily 6 am to 6 pm", number="+61 3 5550 0142"),
        Phone(label="Guide on the mountain", number="+61 491 570 156"),
    ),
    address=Address(
        street="Hut 3, Franklin Square", postal_code="7000", locality="Hobart", region="Tasmania", country="AU"
    ),
    latitude=-42.8836,
    longitude=147.3303,
    directions="In the park behind the town hall; look for the green door with the boot on it.",
    theme=Theme(
        primary="#2f5650",
        on_primary="#ffffff",
        accent="#b4471f",
        background="#f6f1e3",
        surface="#ffffff",
        text="#23302f",
        muted="#566462",
    ),
    welcome_alt="Four walkers with packs on a grassy ridge in the morning, snowy ranges and mist behind",
)

DAILY = WEEKDAYS
DARK_MONTHS = (4, 5, 6, 7, 8, 9)
LIGHT_MONTHS = (10, 11, 12, 1, 2, 3)


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="summit-tours",
        name="Summit Tours Tasmania",
        timezone="Australia/Hobart",
        currency="AUD",
        locale="en-AU",
        site=SITE,
        policies=_policies(today),
        resources=_RESOURCES,
        guests=names(
            "Georgia Tran, Callan Reid, Mitsuko Arai, Ben Thornton, Lucy Papadopoulos, Arjun Nair, Freya Sorensen, "
            "Dean Muir, Isabelle Roche, Wei Zhang, Harriet Coombs, Matteo Greco, Siobhan Daly, Tim Hollis"
        ),
    )


def _policies(today: date) -> tuple[Policy, ...]:
    day_before = [{"rule": "daily_cutoff", "at": "18:00", "within_days": 1}]
    two_hours = [{"rule": "lead_time", "minimum_minutes": 120}]
    return (
        Policy(slug="sunrise", name="Sunrise walk", document=_departures(today, 210, 9500, day_before)),
        Policy(slug="half-day", name="Half-day walk", document=_departures(today, 180, 7900, two_hours)),
        Policy(
            slug="hartz", name="Hartz Peak day walk", document=_departures(today, 510, 18900, day_before, park=2300)
        ),
        Policy(
            slug="tarns", name="Tarn Shelf day walk", document=_departures(today, 600, 19900, day_before, park=2300)
        ),
        Policy(slug="night", name="Night sky", document=_departures(today, 150, 8900, two_hours)),
    )


def _departures(today: date, minutes: int, amount: int, last_call: list[Json], *, park: int = 0) -> Json:
    return {
        "mode": {"mode": "slot", "slot_minutes": minutes, "step_minutes": minutes, "offered_in": "windows"},
        "confirmation": {"kind": "instant"},
        "capacity_counts": "people",
        "rules": [
            {"rule": "horizon", "maximum_days": 120},
            *last_call,
            {"rule": "party_size", "minimum": 1, "maximum": 6},
            {
                "rule": "blackout_dates",
                "ranges": [
                    {**period, "reason": "No walks on Christmas Day."} for period in every_year(today, "12-25", "12-26")
                ],
            },
        ],
        "no_show_after_minutes": 15,
        "cancellation": refunds((7 * 24, 100), (48, 75), (24, 50)),
        "rates": {
            "base": {"per": "person", "amount": amount},
            "seasons": [
                *season(today, "Summer", "12-15", "02-01", percent=110),
                *season(today, "Turning of the fagus", "04-18", "05-12", percent=115),
            ],
            "weekdays": [{"weekdays": ["sat", "sun"], "percent": 105}],
            "extra_guests": None,
            "length_of_stay": [],
            "fees": [{"name": "National park entry", "amount": park, "per": "person"}] if park else [],
            "taxes": [{"name": "GST", "basis_points": 1000, "included": True}],
            "includes": ["Guide"],
        },
    }


_RESOURCES = (
    Resource(
        slug="kunanyi-sunrise",
        name="kunanyi Sunrise",
        kind="tour",
        policy="sunrise",
        capacity=10,
        max_party_size=6,
        summary="Up in the dark, coffee on the rim, the sun out of the Tasman Sea.",
        description=paragraphs(
            "We drive to the Springs and walk the last two hours by head lamp to a ledge we know. When the light "
            "comes the whole Derwent lies below, and the thermos goes round. Back in town for a late breakfast.",
            "3.5 hours, 5 km, 420 m of climbing. The departure follows the sun through the year.",
        ),
        alt="Three walkers on a rim above a river and city lights as the sun rises",
        amenities=("guide", "transport", "hot_drink", "head_lamps", "rain_gear"),
        latitude=-42.8958,
        longitude=147.2375,
        windows=(
            Window(weekdays=("tue", "thu", "sat", "sun"), opens="04:30", closes="08:00", months=(11, 12, 1)),
            Window(weekdays=("tue", "thu", "sat", "sun"), opens="05:15", closes="08:45", months=(2, 9, 10)),
            Window(weekdays=("tue", "thu", "sat", "sun"), opens="05:45", closes="09:15", months=(3, 4)),
            Window(weekdays=("tue", "thu", "sat", "sun"), opens="06:15", closes="09:45", months=(5, 6, 7, 8)),
        ),
        weekly_reservations=6,
    ),
    Resource(
        slug="organ-pipes-loop",
        name="Organ Pipes Loop",
        kind="tour",
        policy="half-day",
        capacity=12,
        max_party_size=6,
        summary="Half a day under the dolerite columns, every morning and afternoon.",
        description=paragraphs(
            "The classic: along the foot of the Organ Pipes through snow gums and boulder fields, with time for the "
            "climbers above and the lizards below. Easy underfoot, long in views.",
            "3 hours, 7 km, 280 m of climbing. Fine for children from eight.",
        ),
        alt="Tall dolerite columns above a winding track, snow gums and two walkers",
        amenities=("guide", "transport", "snack", "rain_gear", "family_friendly"),
        latitude=-42.8903,
        longitude=147.2461,
        windows=(
            Window(weekdays=DAILY, opens="09:30", closes="12:30"),
            Window(weekdays=DAILY, opens="13:30", closes="16:30"),
        ),
        weekly_reservations=4,
    ),
    Resource(
        slug="hartz-peak",
        name="Hartz Peak",
        kind="tour",
        policy="hartz",
        capacity=8,
        max_party_size=6,
        summary="A day to the edge of the south-west: glacial lakes, buttongrass, one honest climb.",
        description=paragraphs(
            "An hour and a half by van, then boardwalk past Lake Esperance and up over boulders to the summit. On a "
            "clear day Federation Peak stands on the horizon like a broken tooth. Swim in the lake if you must.",
            "8.5 hours door to door, 9 km, 450 m of climbing. Lunch is in your pack before you ask.",
        ),
        alt="A pointed snowy peak above a small lake, two walkers on a boardwalk through golden buttongrass",
        amenities=("guide", "transport", "lunch", "rain_gear", "poles"),
        latitude=-43.2406,
        longitude=146.7681,
        windows=(Window(weekdays=("wed", "fri", "sat", "sun"), opens="07:30", closes="16:00"),),
        weekly_reservations=5,
    ),
    Resource(
        slug="tarn-shelf",
        name="Tarn Shelf",
        kind="tour",
        policy="tarns",
        capacity=8,
        max_party_size=6,
        summary="Mount Field's high tarns; in late April the fagus sets the slopes on fire.",
        description=paragraphs(
            "From Lake Dobson over the ski fields to a shelf of small lakes that mirror whatever the sky is doing. "
            "The deciduous beech, the only one in the country, turns around Anzac Day; those seats go early.",
            "10 hours door to door, 12 km, 500 m of climbing. For people who like long days.",
        ),
        alt="Small mountain lakes on a shelf among orange beech bushes, three walkers on a winding track",
        amenities=("guide", "transport", "lunch", "rain_gear", "poles"),
        latitude=-42.6826,
        longitude=146.5661,
        windows=(Window(weekdays=("thu", "sat", "sun"), opens="07:00", closes="17:00"),),
        weekly_reservations=5,
    ),
    Resource(
        slug="summit-night-sky",
        name="Summit Night Sky",
        kind="tour",
        policy="night",
        capacity=12,
        max_party_size=6,
        summary="The Milky Way from the top, a telescope, and sometimes the aurora.",
        description=paragraphs(
            "We drive to the summit after dark with blankets, hot chocolate and a telescope as long as a "
            "ten-year-old. The Southern Cross points the way; when the aurora australis shows, we stay.",
            "2.5 hours, hardly any walking. It is always colder than you think: jackets are included.",
        ),
        alt="Three people with packs below the Milky Way, a telescope and a mast with a red light",
        amenities=("guide", "transport", "hot_drink", "telescope", "blankets", "family_friendly"),
        latitude=-42.8961,
        longitude=147.2372,
        windows=(
            Window(weekdays=("wed", "fri", "sat"), opens="18:30", closes="21:00", months=DARK_MONTHS),
            Window(weekdays=("wed", "fri", "sat"), opens="21:15", closes="23:45", months=LIGHT_MONTHS),
        ),
        weekly_reservations=4,
    ),
)
