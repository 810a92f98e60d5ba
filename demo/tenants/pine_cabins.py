"""Pine Cabins: log cabins, a treehouse, a lodge and tent sites in the Rocky Mountains. Stays by the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.content import (
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
    every_year,
    labels,
    merged,
    names,
    paragraphs,
    refunds,
    season,
)

if TYPE_CHECKING:
    from datetime import date

SITE = Site(
    tagline="Wake up where the road ends.",
    about=paragraphs(
        "Nine cabins, a treehouse, a lodge and a meadow for tents around a lake at 8,100 feet, above Estes Park. The "
        "Hollister family built the first cabin in 1958 and has not stopped tinkering since.",
        "There is a stove in every cabin and firewood on every porch. There is no television anywhere, the stars are "
        "very bright, and the nearest traffic light is nineteen miles away.",
    ),
    highlights=(
        Passage("The lake", "Canoes and life vests are yours to use from ice-out until the first snow."),
        Passage("Trails from the door", "Three marked loops start at the office: forty minutes, half a day, all day."),
        Passage("Stay a little longer", "Four nights cost less per night than three, and a week less than that."),
    ),
    good_to_know=(
        Passage("Arriving", "Check-in is from 4 pm. After 8 pm your key hangs in the lit box beside the office door."),
        Passage("Leaving", "Check-out is at 11 am. If nobody follows you we are glad to let you stay on: just ask."),
        Passage("Dogs", "Welcome in the Lakeside and Family Cabins, and on the tent sites. Please not in the lodge."),
        Passage("Winter", "The road is ploughed daily, but bring chains or snow tires from November to April."),
    ),
    house_rules=(
        Passage("Quiet", "From 10 pm to 7 am: the lake carries every word."),
        Passage("Fire", "In stoves and rings only, and none outside while the county bans it."),
    ),
    opening_hours=(Hours("Office", "Daily from 8 am to 8 pm"),),
    languages=("en", "es"),
    email="hello@pine-cabins.example",
    phones=(
        Phone(label="Office, 8 am to 8 pm", number="+1 970-555-0142"),
        Phone(label="At night, for guests on site", number="+1 970-555-0186"),
    ),
    address=Address(
        street="2150 Timber Hollow Road", postal_code="80517", locality="Estes Park", region="Colorado", country="US"
    ),
    latitude=40.3046,
    longitude=-105.5917,
    directions="From Estes Park follow CO-7 south for 12 miles, turn right at the red barn, then 4 miles of gravel.",
    theme=Theme(
        primary="#22564b",
        on_primary="#ffffff",
        accent="#b0422c",
        background="#faf6ec",
        surface="#ffffff",
        text="#23302c",
        muted="#586660",
    ),
    welcome_alt="Three log cabins with lit windows on a mountain lake at dusk, snowy peaks behind",
)


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="pine-cabins",
        name="Pine Cabins",
        timezone="America/Denver",
        currency="USD",
        locale="en-US",
        site=SITE,
        policies=_policies(today),
        resources=_RESOURCES,
        guests=names(
            "Margaret Doyle, Luis Herrera, Jenna Kowalski, Theo Brandt, Aaliyah Washington, Peter Nakamura, Rosa "
            "Delgado, Sam Whitfield, Ingrid Halvorsen, DeShawn Miller, Emily Tran, Walter Boone"
        ),
    )


def _policies(today: date) -> tuple[Policy, ...]:
    summer = every_year(today, "06-12", "09-06")
    holidays = every_year(today, "12-19", "01-04")
    cabins: Json = {
        "mode": {
            "mode": "stay",
            "check_in_time": "16:00",
            "check_out_time": "11:00",
            "min_nights": 1,
            "max_nights": 28,
        },
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": [
            {"rule": "horizon", "maximum_days": 365},
            {"rule": "daily_cutoff", "at": "20:00", "within_days": 0},
            {
                "rule": "length",
                "minimum": 2,
                "maximum": 21,
                "seasons": [{**period, "minimum": 3, "maximum": 21} for period in [*summer, *holidays]],
            },
        ],
        "no_show_after_minutes": 20 * 60,
        "cancellation": refunds((14 * 24, 100), (3 * 24, 50)),
    }
    tents = merged(
        cabins,
        mode={"mode": "stay", "check_in_time": "14:00", "check_out_time": "12:00", "min_nights": 1, "max_nights": 14},
        rules=[
            {"rule": "horizon", "maximum_days": 270},
            {
                "rule": "blackout_dates",
                "ranges": [
                    {**period, "reason": "The tent meadow is closed for the winter."}
                    for period in every_year(today, "11-01", "05-01")
                ],
            },
        ],
        cancellation=refunds((48, 100)),
        rates={
            "base": {"per": "night", "amount": 3800},
            "seasons": season(today, "Summer", "06-12", "09-06", percent=125),
            "weekdays": [],
            "extra_guests": {"included": 2, "amount": 600},
            "length_of_stay": [{"minimum": 5, "percent_off": 10}],
            "fees": [{"name": "Firewood and washhouse", "amount": 400, "per": "night"}],
            "taxes": _taxes(),
        },
    )
    treehouse_rules = [{"rule": "lead_time", "minimum_minutes": 6 * 60}, {"rule": "active_per_guest", "limit": 2}]
    lodge_rules = [
        {"rule": "horizon", "maximum_days": 540},
        {"rule": "lead_time", "minimum_minutes": 2 * 24 * 60},
        {"rule": "arrival_weekdays", "weekdays": ["mon", "fri", "sat"], "seasons": []},
        {"rule": "arrival_weekdays", "weekdays": ["sat"], "seasons": summer},
        {
            "rule": "length",
            "minimum": 2,
            "maximum": 21,
            "seasons": [{**period, "minimum": 7, "maximum": 21} for period in summer]
            + [{**period, "minimum": 4, "maximum": 21} for period in holidays],
        },
    ]
    return (
        Policy(slug="lakeside", name="Lakeside Cabins", document=merged(cabins, rates=_rates(today, 18900, 2, 2000))),
        Policy(slug="family", name="Family Cabins", document=merged(cabins, rates=_rates(today, 25900, 4, 2000))),
        Policy(
            slug="treehouse",
            name="Lookout Treehouse",
            document=merged(
                cabins,
                rules=[*cabins["rules"], *treehouse_rules],
                rates={**_rates(today, 22900, 2, None), "includes": ["Breakfast basket"]},
            ),
        ),
        Policy(
            slug="lodge",
            name="Timber Lodge",
            document=merged(
                cabins,
                rules=lodge_rules,
                cancellation=refunds((60 * 24, 100), (30 * 24, 50), (14 * 24, 25)),
                rates=_rates(today, 64000, 8, 3500, cleaning=18000),
            ),
        ),
        Policy(slug="tents", name="Tent sites", document=tents),
    )


def _rates(today: date, amount: int, included: int, extra: int | None, *, cleaning: int = 6500) -> Json:
    return {
        "base": {"per": "night", "amount": amount},
        "seasons": [
            *season(today, "Mud season", "04-06", "05-16", percent=80),
            *season(today, "Summer", "06-12", "09-06", percent=130),
            *season(today, "Aspen gold", "09-15", "10-11", percent=120),
            *season(today, "Holidays", "12-19", "01-04", percent=150),
        ],
        "weekdays": [{"weekdays": ["fri", "sat"], "percent": 115}],
        "extra_guests": None if extra is None else {"included": included, "amount": extra},
        "length_of_stay": [{"minimum": 4, "percent_off": 5}, {"minimum": 7, "percent_off": 12}],
        "fees": [{"name": "Cleaning", "amount": cleaning, "per": "unit"}],
        "taxes": _taxes(),
    }


def _taxes() -> list[Json]:
    return [
        {"name": "Colorado sales tax", "basis_points": 290, "included": False},
        {"name": "Local sales and lodging tax", "basis_points": 580, "included": False},
    ]


_RESOURCES = (
    Resource(
        slug="lakeside-cabins",
        name="Lakeside Cabin",
        kind="cabin",
        policy="lakeside",
        capacity=5,
        units=labels("Cabin", 1, 5),
        max_party_size=4,
        summary="One bedroom, a sleeping loft and a porch ten steps from the water.",
        description=paragraphs(
            "Five cabins in a row along the south shore, each with its own piece of jetty. Downstairs a queen bed, a "
            "kitchen with everything but a dishwasher, and a stove that heats the place in half an hour. Up the "
            "ladder two more beds under the roof, which children never want to leave.",
            "Cabin 1 is the quiet one at the end; Cabin 3 has the best evening sun.",
        ),
        alt="A log cabin by a lake in the morning, with a jetty and a red canoe",
        amenities=("lake_view", "wood_stove", "kitchen", "porch", "canoe", "wifi", "dogs_welcome"),
        place="South shore",
        latitude=40.3041,
        longitude=-105.5925,
        closures=(Closure(in_days=18, for_days=4, reason="New roof for Cabin 4", units=(4,)),),
        weekly_reservations=6,
    ),
    Resource(
        slug="family-cabins",
        name="Family Cabin",
        kind="cabin",
        policy="family",
        capacity=4,
        units=labels("Cabin", 6, 9),
        max_party_size=6,
        summary="Two bedrooms, bunks and a big table, among the aspens.",
        description=paragraphs(
            "A queen room, a bunk room for four and a bathroom with a tub. The table seats eight, because somebody "
            "always brings the neighbors. Outside: a fire ring, a swing and enough grass for any ball game.",
            "High chair, crib and stair gate are in the office; tell us and they will be in the cabin when you come.",
        ),
        alt="Two log cabins with red roofs among yellow aspens, a picnic table in front",
        amenities=("wood_stove", "kitchen", "bathtub", "fire_pit", "playground", "crib", "wifi", "dogs_welcome"),
        place="Aspen meadow",
        latitude=40.3049,
        longitude=-105.5903,
        weekly_reservations=5,
    ),
    Resource(
        slug="lookout-treehouse",
        name="Lookout Treehouse",
        kind="treehouse",
        policy="treehouse",
        capacity=1,
        units=("Lookout",),
        max_party_size=2,
        summary="A bed for two, twenty-six feet up, with sunrise included.",
        description=paragraphs(
            "Built between two ponderosas around a single queen bed that faces east. There is a small stove, a "
            "kettle, a composting toilet and a bucket on a rope for the breakfast basket. The shower is at the "
            "washhouse, a two-minute walk.",
            "You climb a ladder. It moves a little when the wind blows. People who mind either are happier in a cabin.",
        ),
        alt="A wooden treehouse high between two trunks, above misty forest at sunrise",
        amenities=("mountain_view", "wood_stove", "breakfast_basket", "adults_only"),
        place="East ridge",
        latitude=40.3062,
        longitude=-105.5881,
        weekly_reservations=6,
    ),
    Resource(
        slug="timber-lodge",
        name="Timber Lodge",
        kind="lodge",
        policy="lodge",
        capacity=1,
        units=("Lodge",),
        max_party_size=14,
        summary="Six bedrooms and a two-story window: reunions, retreats, one very large Thanksgiving.",
        description=paragraphs(
            "Six bedrooms with their own baths, a kitchen made for cooking together, a hall with a twenty-foot table "
            "and a stone hearth you can stand in. The sauna holds eight.",
            "In summer it goes by the week, Saturday to Saturday; the rest of the year two nights are enough.",
        ),
        alt="A large A-frame lodge with glowing windows in the snow at night",
        amenities=("fireplace", "kitchen", "sauna", "mountain_view", "wifi", "step_free", "parking"),
        place="Above the lake",
        latitude=40.3068,
        longitude=-105.5932,
        weekly_reservations=4,
    ),
    Resource(
        slug="creekside-tents",
        name="Creekside Tent Site",
        kind="tent_site",
        policy="tents",
        capacity=8,
        units=tuple(f"Site {letter}" for letter in "ABCDEFGH"),
        max_party_size=5,
        summary="Flat ground, a fire ring and the sound of water, May to October.",
        description=paragraphs(
            "Eight grassy sites along the creek, each with a table, a fire ring and a bear locker. Warm showers and "
            "drinking water are at the washhouse; the camp kitchen has a roof for the afternoon storms.",
            "No hookups and no generators. Quiet from ten, because the creek deserves to be heard.",
        ),
        alt="Two tents lit from inside by a creek, a campfire between them under the first stars",
        amenities=("fire_pit", "showers", "drinking_water", "bear_locker", "dogs_welcome"),
        place="Creek meadow",
        latitude=40.3036,
        longitude=-105.5889,
        weekly_reservations=4,
    ),
)
