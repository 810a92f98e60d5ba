"""Stig & Strand: kayaks, canoes, boards and bicycles by the hour, from a boathouse near Stockholm. Texts in Swedish."""

from __future__ import annotations

from datetime import date, timedelta

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
    every_year,
    names,
    paragraphs,
    refunds,
    season,
    weekly,
)

SITE = Site(
    tagline="Ut på vattnet. Eller in i skogen.",
    about=paragraphs(
        "I det röda båthuset nedanför Vaxholms backar hyr vi ut det man behöver för en bra dag ute: kajaker, kanoter, "
        "brädor och cyklar, per timme. Allt är helt, rent och inställt när du kommer.",
        "Vi har öppet året om. På vintern ingår torrdräkt i kajakhyran och dubbdäck på cyklarna, och båthuset har en "
        "kamin som alltid är varm.",
    ),
    highlights=(
        Passage("Per timme", "Betala för den tid du är ute. Från fyra timmar blir timmen billigare."),
        Passage("Flera på en gång", "Hyr tio kajaker till svensexan eller en cykel till dig själv."),
        Passage("Rundor för alla", "Tre kajakleder och fyra cykelrundor börjar vid bryggan; kartan ingår."),
    ),
    good_to_know=(
        Passage(
            "Öppettider", "Vardagar 9 till 19, lördag och söndag 8 till 20. Stängt midsommarafton och i julhelgen."
        ),
        Passage("Boka i tid", "Senast en timme före start. Vi behöver tiden för att ställa in sadel och fotstöd."),
        Passage("Vana", "Havskajak kräver att du har paddlat förut, eller att du går vår snabbkurs på lördagar kl. 9."),
        Passage("Ingår alltid", "Flytväst, paddel, hjälm, lås, torrsäck och någon som puttar ut dig."),
    ),
    house_rules=(
        Passage("Flytväst", "Bärs av alla, hela tiden."),
        Passage("Tillbaka i tid", "Nästa paddlare väntar på bryggan."),
    ),
    opening_hours=(Hours("Båthuset", "Vardagar 9 till 19, lördag och söndag 8 till 20"),),
    languages=("sv", "en"),
    email="hej@trail-rentals.example",
    phones=(Phone(label="Båthuset, under öppettiderna", number="+46 8 465 004 42"),),
    address=Address(
        street="Båthusbacken 3", postal_code="185 31", locality="Vaxholm", region="Stockholms län", country="SE"
    ),
    latitude=59.4036,
    longitude=18.3468,
    directions="Buss 670 till Söderhamnsplan, sedan fem minuter längs vattnet. Båthuset är rött. Det är alla, men "
    "vårt har flagga.",
    theme=Theme(
        primary="#17646b",
        on_primary="#ffffff",
        accent="#a8382a",
        background="#fbf5e6",
        surface="#ffffff",
        text="#1f2f3a",
        muted="#566672",
    ),
    welcome_alt="Ett rött båthus vid vattnet med en cykel mot väggen, kajaker i ett ställ och en brygga",
)


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="trail-rentals",
        name="Stig & Strand",
        timezone="Europe/Stockholm",
        currency="SEK",
        locale="sv-SE",
        site=SITE,
        policies=_policies(today),
        resources=_RESOURCES,
        guests=names(
            "Elsa Bergström, Oskar Lind, Mira Haddad, Johan Ekdahl, Saga Nyström, Ali Rezaei, Tove Holm, Petter "
            "Åkesson, Linnéa Forsberg, David Osei, Karin Wallin, Nils Sandberg, Ebba Norén, Marcus Lööf"
        ),
    )


def _policies(today: date) -> tuple[Policy, ...]:
    closed = _closed(today)
    return (
        Policy(slug="havskajak", name="Havskajak", document=_hire(today, closed, 14000, carries=1, shortest=120)),
        Policy(slug="dubbelkajak", name="Dubbelkajak", document=_hire(today, closed, 22000, carries=2, shortest=120)),
        Policy(slug="kanot", name="Kanot", document=_hire(today, closed, 16000, carries=3, shortest=120)),
        Policy(slug="sup", name="SUP-bräda", document=_hire(today, closed, 12000, carries=1, shortest=60)),
        Policy(slug="cykel", name="Cykel", document=_hire(today, closed, 9000, carries=1, shortest=60)),
        Policy(slug="elcykel", name="Elcykel", document=_hire(today, closed, 14500, carries=1, shortest=60)),
        Policy(slug="barncykel", name="Barncykel", document=_hire(today, closed, 5000, carries=1, shortest=60)),
    )


def _hire(today: date, closed: Json, amount: int, *, carries: int, shortest: int) -> Json:
    seats = "en person" if carries == 1 else f"högst {carries} personer"
    return {
        "mode": {
            "mode": "interval",
            "step_minutes": 30,
            "min_minutes": shortest,
            "max_minutes": 12 * 60,
            "offered_in": "opening_hours",
        },
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": [
            weekly(**dict.fromkeys(WORKDAYS, ("09:00", "19:00")), **dict.fromkeys(WEEKEND, ("08:00", "20:00"))),
            closed,
            {"rule": "horizon", "maximum_days": 180},
            {"rule": "lead_time", "minimum_minutes": 60},
            {"rule": "buffers", "before_minutes": 0, "after_minutes": 30},
            {
                "rule": "expression",
                "expression": f"party_size <= quantity * {carries}",
                "message": f"Varje exemplar tar {seats}. Välj fler, så att alla får plats.",
                "field": "quantity",
            },
        ],
        "no_show_after_minutes": 60,
        "cancellation": refunds((24, 100), (3, 50)),
        "rates": {
            "base": {"per": "hour", "amount": amount},
            "seasons": [
                *season(today, "Sommar", "06-15", "08-21", percent=120),
                *season(today, "Vinter", "11-01", "03-16", percent=85),
            ],
            "weekdays": [{"weekdays": list(WEEKEND), "percent": 110}],
            "extra_guests": None,
            "length_of_stay": [{"minimum": 4, "percent_off": 15}, {"minimum": 8, "percent_off": 30}],
            "fees": [{"name": "Försäkring", "amount": 3500, "per": "unit"}],
            "taxes": [{"name": "Moms", "basis_points": 2500, "included": True}],
        },
    }


def _closed(today: date) -> Json:
    christmas = [{**period, "reason": "Stängt i julhelgen."} for period in every_year(today, "12-24", "12-27")]
    midsummer = [_midsummer_eve(year) for year in range(today.year, today.year + 3)]
    return {
        "rule": "blackout_dates",
        "ranges": [
            *(
                {"from_on": str(eve), "until_on": str(eve + timedelta(days=1)), "reason": "Stängt midsommarafton."}
                for eve in midsummer
            ),
            *christmas,
        ],
    }


def _midsummer_eve(year: int) -> date:
    """Return the Friday between 19 and 25 June."""
    first = date(year, 6, 19)
    return first + timedelta(days=(4 - first.weekday()) % 7)


_RESOURCES = (
    Resource(
        slug="havskajak",
        name="Havskajak",
        kind="kayak",
        policy="havskajak",
        capacity=14,
        max_party_size=14,
        summary="Smala, snabba enmanskajaker för dig som har paddlat förut.",
        description=paragraphs(
            "Fjorton havskajaker i polyeten och laminat, 15 till 17 fot, med roder, två täta packluckor och kapell i "
            "rätt storlek. Runt Tynningö tar det tre timmar, med kaffe fyra.",
            "Minst två timmar. November till mars ingår torrdräkt.",
        ),
        alt="En gul havskajak med röd paddel på blått vatten framför skär med tallar",
        amenities=("life_vest", "paddle", "spray_skirt", "dry_bag", "dry_suit_in_winter", "map"),
        place="Bryggan",
        closures=(Closure(in_days=3, for_days=21, reason="Två kajaker på lagning", units=(13, 14)),),
        weekly_reservations=4,
    ),
    Resource(
        slug="dubbelkajak",
        name="Dubbelkajak",
        kind="kayak",
        policy="dubbelkajak",
        capacity=8,
        max_party_size=16,
        summary="Stadig, för två. Den som sitter bak styr, den som sitter fram bestämmer.",
        description=paragraphs(
            "Åtta breda kajaker för två. Bra för den som inte har paddlat på länge. Välj så många kajaker att alla får "
            "en sits.",
        ),
        alt="En blågrön dubbelkajak med två gula paddlar i kvällsljus",
        amenities=("life_vest", "paddle", "spray_skirt", "dry_bag", "family_friendly", "map"),
        place="Bryggan",
        weekly_reservations=4,
    ),
    Resource(
        slug="kanot",
        name="Kanot",
        kind="canoe",
        policy="kanot",
        capacity=6,
        max_party_size=18,
        summary="Rymlig kanadensare för två vuxna, ett barn och alldeles för mycket matsäck.",
        description=paragraphs(
            "Sex kanadensare som tål stenar och barn. Passar bäst i de skyddade vikarna norr om stan; vid hård vind "
            "byter vi gärna till kajak eller cykel utan kostnad.",
        ),
        alt="En röd kanot med två träpaddlar på en stilla skogssjö med näckrosor",
        amenities=("life_vest", "paddle", "dry_bag", "family_friendly", "map"),
        place="Stranden",
        weekly_reservations=3,
    ),
    Resource(
        slug="sup-brada",
        name="SUP-bräda",
        kind="board",
        policy="sup",
        capacity=10,
        max_party_size=10,
        summary="Stå, sitt eller ligg. Tio brädor i tre storlekar.",
        description=paragraphs(
            "Breda nybörjarbrädor och tre långa för den som vill framåt. Paddeln ställer vi in efter din längd, och "
            "fotleden får en lina. Vattnet är klart nog för att se abborrarna.",
        ),
        alt="Tre SUP-brädor i vitt, blågrönt och gult uppställda på en klippa vid havet",
        amenities=("life_vest", "paddle", "leash", "dry_bag"),
        place="Klippan",
        weekly_reservations=3,
    ),
    Resource(
        slug="stigcykel",
        name="Stigcykel",
        kind="bicycle",
        policy="cykel",
        capacity=16,
        max_party_size=16,
        summary="Dämpad framgaffel, grova däck, fyra rundor i skogen.",
        description=paragraphs(
            "Sexton stigcyklar i storlek S till XL. Blå rundan är för alla, svarta rundan är för den som har ångrat "
            "sig förr. Dubbdäck från första frosten.",
        ),
        alt="En röd stigcykel på en skogsväg i solsken",
        amenities=("helmet", "lock", "repair_kit", "studded_tyres_in_winter", "map"),
        place="Båthuset",
        weekly_reservations=4,
    ),
    Resource(
        slug="elcykel",
        name="Elcykel",
        kind="bicycle",
        policy="elcykel",
        capacity=8,
        max_party_size=8,
        summary="Nio mil på en laddning, korg för kameran och bullarna.",
        description=paragraphs(
            "Åtta elcyklar med lågt insteg, korg och barnstol på begäran. Batteriet räcker till Resarö, Bogesund och "
            "hem igen; är du orolig tar du med ett till.",
        ),
        alt="En blågrön elcykel med korg på en klippa vid havet",
        amenities=("helmet", "lock", "basket", "child_seat", "map"),
        place="Båthuset",
        weekly_reservations=5,
    ),
    Resource(
        slug="barncykel",
        name="Barncykel",
        kind="bicycle",
        policy="barncykel",
        capacity=6,
        max_party_size=6,
        summary="Tjugo och tjugofyra tum, med flagga så att du ser dem.",
        description=paragraphs(
            "Sex barncyklar med handbroms och fotbroms, flagga och ringklocka som hörs. Hjälm i rätt storlek ingår. "
            "Växer barnet under turen byter vi gratis.",
        ),
        alt="Två barncyklar i gult och blått på en skogsväg med blommor",
        amenities=("helmet", "flag", "family_friendly"),
        place="Båthuset",
        weekly_reservations=3,
    ),
)
