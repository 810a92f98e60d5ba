"""Open Tutoring: half-hour lessons with people who say when they teach. Slots derived from availability windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.content import (
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
    tagline="Half an hour with somebody who can explain it.",
    about=paragraphs(
        "Six tutors, each of whom has taught for years and still likes it. You pick a person and a time; they open "
        "their diary, you take half an hour of it. No packages, no subscriptions, no talking to sales.",
        "Lessons happen on screen or at our table by Russell Square. The first one ends with an honest word about "
        "whether you need another.",
    ),
    highlights=(
        Passage("Thirty minutes", "Long enough for one problem. Take two in a row if there are two."),
        Passage("The same person", "You choose the tutor, not a subject line. Next week it is the same face."),
        Passage("Fair cancelling", "Free until the day before. Things happen; children get colds."),
    ),
    good_to_know=(
        Passage("Who we teach", "From Year 9 to second-year university, and adults who want to know after all."),
        Passage("Before a lesson", "Send the question with your reservation. A photo of the page is perfect."),
        Passage("How many", "Two lessons a day and six ahead are the limit, so that exam week has room for all."),
        Passage("Late?", "We wait ten minutes, then the tutor makes tea and the lesson counts as given."),
    ),
    house_rules=(Passage("Phones", "Off the table, unless the question is on it."),),
    opening_hours=(Hours("Telephone", "Weekdays 10 to 18"),),
    languages=("en",),
    email="hello@open-tutoring.example",
    phones=(Phone(label="Weekdays 10 to 18", number="+44 20 7946 0142"),),
    address=Address(street="4 Candlemaker Yard", postal_code="WC1B 5DX", locality="London", region=None, country="GB"),
    latitude=51.5216,
    longitude=-0.1257,
    directions="Russell Square station, then three minutes: through the arch beside the bookshop, first floor.",
    theme=Theme(
        primary="#4b2a55",
        on_primary="#ffffff",
        accent="#b4471f",
        background="#fdf4e3",
        surface="#ffffff",
        text="#2d2333",
        muted="#67596e",
    ),
    welcome_alt="A desk in the evening: a tutor on the screen beside a drawn curve, an open book, a steaming mug",
)


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="open-tutoring",
        name="Open Tutoring",
        timezone="Europe/London",
        currency="GBP",
        locale="en-GB",
        site=SITE,
        policies=_policies(today),
        resources=_RESOURCES,
        guests=names(
            "Olivia Marsh, Jaden Clarke, Zara Hussain, Ewan MacLeod, Grace Adebayo, Finn Gallagher, Ines Carvalho, "
            "Leo Papadakis, Martha Hughes, Yusuf Demir, Ruby Sinclair, Hugo Lambert"
        ),
    )


def _policies(today: date) -> tuple[Policy, ...]:
    return (
        Policy(slug="lesson", name="Single lesson", document=_lesson(today, {"per": "slot", "amount": 2600})),
        Policy(
            slug="advanced", name="Single lesson, advanced", document=_lesson(today, {"per": "slot", "amount": 3400})
        ),
        Policy(
            slug="small-group",
            name="Small group",
            document={
                **_lesson(today, {"per": "person", "amount": 1200}),
                "capacity_counts": "people",
            },
        ),
    )


def _lesson(today: date, base: Json) -> Json:
    return {
        "mode": {"mode": "slot", "slot_minutes": 30, "step_minutes": 30, "offered_in": "windows"},
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": [
            {"rule": "horizon", "maximum_days": 60},
            {"rule": "lead_time", "minimum_minutes": 12 * 60},
            {"rule": "per_day_limit", "limit": 2, "scope": "guest"},
            {"rule": "active_per_guest", "limit": 6},
            {
                "rule": "blackout_dates",
                "ranges": [
                    {**period, "reason": "The tutors are with their families."}
                    for period in every_year(today, "12-24", "01-02")
                ],
            },
        ],
        "no_show_after_minutes": 10,
        "cancellation": refunds((24, 100), (2, 50)),
        "rates": {
            "base": base,
            "seasons": season(today, "Exam season", "04-25", "06-26", percent=110),
            "weekdays": [{"weekdays": ["sun"], "percent": 120}],
            "extra_guests": None,
            "length_of_stay": [],
            "fees": [],
            "taxes": [],
        },
    }


_RESOURCES = (
    Resource(
        slug="amara-okafor",
        name="Amara Okafor",
        kind="person",
        policy="lesson",
        capacity=1,
        max_party_size=2,
        summary="Mathematics, GCSE to A level. Draws everything.",
        description=paragraphs(
            "Amara taught in Peckham for eleven years and believes that nobody is bad at mathematics, only bad at "
            "being rushed. She starts from what you already see in the picture and goes on from there.",
            "Good for: algebra that will not stick, geometry proofs, exam nerves. Bring a sibling or a friend.",
        ),
        alt="Portrait of Amara Okafor before a curve, pi and a circle in a square",
        amenities=("online", "in_person", "gcse", "a_level"),
        windows=(
            Window(weekdays=("mon", "wed"), opens="15:30", closes="19:30"),
            Window(weekdays=("sat",), opens="09:00", closes="13:00"),
        ),
        weekly_reservations=5,
    ),
    Resource(
        slug="tomasz-zielinski",
        name="Tomasz Zieliński",
        kind="person",
        policy="advanced",
        capacity=1,
        max_party_size=1,
        summary="Physics and mechanics, A level and first years. Two pendulums and a lot of patience.",
        description=paragraphs(
            "Tomasz came to physics through repairing radios. He works at a research institute in the mornings and "
            "teaches in the afternoons, because explaining a thing is how he finds out whether he understands it.",
            "Good for: mechanics, fields, waves, university entrance papers.",
        ),
        alt="Portrait of Tomasz Zieliński before an atom, a pendulum and a wave",
        amenities=("online", "a_level", "university"),
        windows=(
            Window(weekdays=("tue", "thu"), opens="14:00", closes="20:00"),
            Window(weekdays=("fri",), opens="14:00", closes="17:00"),
        ),
        weekly_reservations=4,
    ),
    Resource(
        slug="priya-raman",
        name="Dr Priya Raman",
        kind="person",
        policy="advanced",
        capacity=1,
        max_party_size=1,
        summary="Chemistry and biology, A level to medical entrance.",
        description=paragraphs(
            "Priya spent eight years in a laboratory and six as head of science at a girls' school in Harrow. She "
            "keeps a drawer of molecules that you can hold in your hand, also on screen.",
            "Good for: organic mechanisms, genetics, practical papers, applications to medicine.",
        ),
        alt="Portrait of Priya Raman before chemical rings, a flask and leaves",
        amenities=("online", "in_person", "a_level", "university"),
        windows=(
            Window(weekdays=("mon", "tue", "thu"), opens="16:00", closes="19:00"),
            Window(weekdays=("sun",), opens="10:00", closes="14:00"),
        ),
        weekly_reservations=5,
    ),
    Resource(
        slug="callum-fraser",
        name="Callum Fraser",
        kind="person",
        policy="small-group",
        capacity=4,
        max_party_size=4,
        summary="English and history essays, in small groups of up to four.",
        description=paragraphs(
            "Callum edits books by day. In half an hour he takes a paragraph apart with up to four people around it "
            "and puts it together again, shorter. You can join alone; the others are nice.",
            "Good for: essays, personal statements, reading poems without fear.",
        ),
        alt="Portrait of Callum Fraser with glasses before books and a quill",
        amenities=("online", "small_group", "gcse", "a_level"),
        windows=(
            Window(weekdays=("wed", "thu"), opens="17:00", closes="20:00"),
            Window(weekdays=("sat",), opens="14:00", closes="17:00"),
        ),
        weekly_reservations=6,
    ),
    Resource(
        slug="mei-ling-chow",
        name="Mei-Ling Chow",
        kind="person",
        policy="lesson",
        capacity=1,
        max_party_size=2,
        summary="Mandarin for beginners and for people who once knew more.",
        description=paragraphs(
            "Mei-Ling grew up between Taichung and Manchester and knows both sides of every misunderstanding. Lessons "
            "are mostly talking; characters come with their stories, so that they stay.",
            "Good for: pronunciation, HSK 1 to 4, business trips, talking to grandparents.",
        ),
        alt="Portrait of Mei-Ling Chow before speech bubbles, a brush and its strokes",
        amenities=("online", "in_person", "beginners", "exam_preparation"),
        windows=(
            Window(weekdays=("mon", "tue", "wed", "thu", "fri"), opens="07:30", closes="09:30"),
            Window(weekdays=("tue", "fri"), opens="18:00", closes="20:30"),
        ),
        weekly_reservations=4,
    ),
    Resource(
        slug="samuel-adeyemi",
        name="Samuel Adeyemi",
        kind="person",
        policy="lesson",
        capacity=1,
        max_party_size=1,
        summary="Programming and computer science, from the first loop to the first job.",
        description=paragraphs(
            "Samuel writes software for hospitals and taught himself from library books. He never takes the keyboard: "
            "you type, he asks. It takes longer and it stays.",
            "Good for: Python, algorithms on paper, GCSE and A level projects, getting unstuck.",
        ),
        alt="Portrait of Samuel Adeyemi with glasses before code and circuits",
        amenities=("online", "gcse", "a_level", "university", "beginners"),
        windows=(
            Window(weekdays=("mon", "wed", "fri"), opens="18:30", closes="21:30"),
            Window(weekdays=("sun",), opens="15:00", closes="18:00"),
        ),
        weekly_reservations=5,
    ),
)
