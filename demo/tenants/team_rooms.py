"""Team Rooms: Raum1 to Raum4 of an office house in Cologne, free of charge for the teams in it. Texts in German."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.content import (
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
    names,
    paragraphs,
    refunds,
    weekly,
)

if TYPE_CHECKING:
    from datetime import date

SITE = Site(
    tagline="Vier Räume für alle im Haus.",
    about=paragraphs(
        "Blau, Grün, Gelb, Koralle: Raum1 bis Raum4 gehören allen Teams im Haus an der Drehbrücke. Wer reserviert, "
        "hat den Raum; wer nicht kommt, gibt ihn nach einer Viertelstunde wieder frei.",
        "Die Räume kosten nichts. Wir bitten nur darum, sie so zu hinterlassen, wie man sie selbst gern vorfindet: "
        "Stühle gerade, Tafel leer, Fenster zu.",
    ),
    highlights=(
        Passage("Auf die Viertelstunde", "Beginn und Ende liegen auf vollen Viertelstunden, höchstens acht Stunden."),
        Passage("Heute noch", "Raum1 bis Raum3 lassen sich bis zur letzten Minute nehmen, auch abends."),
        Passage("Umbauzeit", "Bei Raum4 halten wir davor und danach je 15 Minuten zum Umstellen frei."),
    ),
    good_to_know=(
        Passage("Fair bleiben", "Höchstens drei Reservierungen je Person und Tag, zehn im Voraus, acht Wochen weit."),
        Passage(
            "Wer kommt mit?", "Die Plätze sind gezählt: vier, sechs, zehn und vierzehn. Mehr lässt das System nicht zu."
        ),
        Passage("Etwas fehlt?", "Adapter, Stifte und Moderationskoffer liegen am Empfang im Erdgeschoss."),
    ),
    house_rules=(
        Passage("Nach der Besprechung", "Tafel wischen, Fenster schließen, Stühle an den Tisch."),
        Passage("Essen", "Ja, aber nichts, was man im Flur noch riecht."),
    ),
    opening_hours=(
        Hours("Räume", "Montag bis Freitag von 7 bis 21 Uhr"),
        Hours("Empfang", "Montag bis Freitag von 8 bis 18 Uhr"),
    ),
    languages=("de", "en"),
    email="empfang@team-rooms.example",
    phones=(Phone(label="Empfang, 8 bis 18 Uhr", number="+49 221 4710 142"),),
    address=Address(
        street="Drehbrückenufer 12",
        postal_code="50679",
        locality="Köln",
        region="Nordrhein-Westfalen",
        country="DE",
    ),
    latitude=50.9362,
    longitude=6.9728,
    directions="Bahnhof Köln Messe/Deutz, Ausgang Rheinseite, sieben Minuten flussaufwärts. Klingel „Empfang“.",
    theme=Theme(
        primary="#2a5f9e",
        on_primary="#ffffff",
        accent="#b9402a",
        background="#f5f4f0",
        surface="#ffffff",
        text="#2a2f3a",
        muted="#5e6470",
    ),
    welcome_alt="Ein Flur mit vier Glastüren in Blau, Grün, Gelb und Koralle, nummeriert von 1 bis 4",
)


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="team-rooms",
        name="Team Rooms an der Drehbrücke",
        timezone="Europe/Berlin",
        currency="EUR",
        locale="de-DE",
        site=SITE,
        policies=_POLICIES,
        resources=_RESOURCES,
        guests=names(
            "Jana Vogt, Mehmet Demir, Annika Brandt, Tobias Kern, Lea Schwarz, Dominik Pohl, Fatima El Amrani, Stefan "
            "Großmann, Marie Lindner, Oleksandr Koval, Nele Hartmann, Jonas Wirth"
        ),
    )


FREE_OF_CHARGE: Json = {
    "base": {"per": "hour", "amount": 0},
    "seasons": [],
    "weekdays": [],
    "extra_guests": None,
    "length_of_stay": [],
    "fees": [],
    "taxes": [],
}

FAIR_SHARES: list[Json] = [
    {"rule": "horizon", "maximum_days": 56},
    {"rule": "grid", "step_minutes": 15},
    {"rule": "per_day_limit", "limit": 3, "scope": "guest"},
    {"rule": "active_per_guest", "limit": 10},
]

_POLICIES = (
    Policy(
        slug="besprechung",
        name="Besprechung",
        document={
            "mode": {
                "mode": "interval",
                "step_minutes": 15,
                "min_minutes": 15,
                "max_minutes": 480,
                "offered_in": "always",
            },
            "confirmation": {"kind": "pending", "grace_minutes": 15},
            "capacity_counts": "units",
            "rules": FAIR_SHARES,
            "no_show_after_minutes": 15,
            "cancellation": refunds((0, 100)),
            "rates": FREE_OF_CHARGE,
        },
    ),
    Policy(
        slug="workshop",
        name="Workshop",
        document={
            "mode": {
                "mode": "interval",
                "step_minutes": 15,
                "min_minutes": 60,
                "max_minutes": 480,
                "offered_in": "opening_hours",
            },
            "confirmation": {"kind": "pending", "grace_minutes": 15},
            "capacity_counts": "units",
            "rules": [
                weekly(**dict.fromkeys(WORKDAYS, ("07:00", "21:00"))),
                *FAIR_SHARES,
                {"rule": "lead_time", "minimum_minutes": 120},
                {"rule": "buffers", "before_minutes": 15, "after_minutes": 15},
            ],
            "no_show_after_minutes": 15,
            "cancellation": refunds((0, 100)),
            "rates": FREE_OF_CHARGE,
        },
    ),
)

_RESOURCES = (
    Resource(
        slug="raum1",
        name="Raum1",
        kind="meeting_room",
        policy="besprechung",
        capacity=1,
        units=("Raum1",),
        max_party_size=4,
        summary="Blau, vier Plätze: Einzelgespräche, kurze Runden, ein Whiteboard.",
        description=paragraphs(
            "Der kleinste Raum und der beliebteste. Ein Tisch, vier Stühle, ein Whiteboard über die halbe Wand und "
            "der Blick auf den Dom. Ideal für das Gespräch, das nicht im Großraum stattfinden soll.",
        ),
        alt="Blauer Besprechungsraum mit Tisch, vier Stühlen, Whiteboard und Blick auf den Dom",
        amenities=("whiteboard", "city_view", "step_free"),
        place="2. Obergeschoss",
        weekly_reservations=5,
    ),
    Resource(
        slug="raum2",
        name="Raum2",
        kind="meeting_room",
        policy="besprechung",
        capacity=1,
        units=("Raum2",),
        max_party_size=6,
        summary="Grün, sechs Plätze: für Videokonferenzen gebaut.",
        description=paragraphs(
            "Bildschirm in Augenhöhe, Kamera darüber, Mikrofone im Tisch und Filz an den Wänden. Wer zugeschaltet "
            "ist, sitzt hier mit am Tisch. Ein Kabel genügt.",
        ),
        alt="Grüner Besprechungsraum mit sechs Stühlen und einem Bildschirm mit vier zugeschalteten Personen",
        amenities=("video_conference", "external_screen", "soundproof", "step_free"),
        place="2. Obergeschoss",
        weekly_reservations=5,
    ),
    Resource(
        slug="raum3",
        name="Raum3",
        kind="meeting_room",
        policy="besprechung",
        capacity=1,
        units=("Raum3",),
        max_party_size=10,
        summary="Gelb, zehn Plätze: der lange Tisch für das ganze Team.",
        description=paragraphs(
            "Zehn Stühle, drei Lampen, ein Tisch aus einem Stück Eiche. Bildschirm an der Stirnseite, Steckdosen in "
            "der Tischmitte. Für Teamrunden, Vorstellungen und Geburtstagskuchen.",
        ),
        alt="Gelber Besprechungsraum mit langem Tisch und zehn Stühlen unter drei Lampen",
        amenities=("video_conference", "external_screen", "city_view", "step_free"),
        place="3. Obergeschoss",
        weekly_reservations=4,
    ),
    Resource(
        slug="raum4",
        name="Raum4",
        kind="meeting_room",
        policy="workshop",
        capacity=1,
        units=("Raum4",),
        max_party_size=14,
        summary="Koralle, vierzehn Plätze: Workshops, Stehtische, beschreibbare Wand.",
        description=paragraphs(
            "Alles auf Rollen: Stehtische, Hocker, Stellwände, ein Sofa, das keine hat. Die lange Wand ist von oben "
            "bis unten beschreibbar. Umgebaut wird in den 15 Minuten davor und danach, die wir frei halten.",
        ),
        alt="Korallenroter Workshopraum mit Stehtischen, Hockern, Sofa und beschreibbarer Wand voller Notizen",
        amenities=("whiteboard", "standing_desk", "workshop_kit", "sofa", "city_view", "step_free"),
        place="3. Obergeschoss",
        weekly_reservations=3,
    ),
)
