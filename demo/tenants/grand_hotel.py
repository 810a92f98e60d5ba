"""Grand Hôtel Mirasol: room types with numbered rooms, on the Riviera. Stays by the night; texts in French."""

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
    tagline="Face à la mer depuis 1911.",
    about=paragraphs(
        "Deux coupoles roses, cinquante-trois chambres et suites, un jardin d'orangers : le Grand Hôtel Mirasol "
        "veille sur la baie depuis plus d'un siècle, et n'a jamais fermé ses volets un soir d'été.",
        "Restauré étage par étage entre 2017 et 2022, il a gardé ses parquets, ses balcons de fer forgé et "
        "l'ascenseur de 1924 ; il y a ajouté une bonne literie, le silence et un petit-déjeuner que l'on prend "
        "jusqu'à midi.",
    ),
    highlights=(
        Passage("La terrasse", "Du premier café au dernier verre, douze tables au-dessus de la promenade."),
        Passage("Le bain de mer", "Ponton privé, cabines et draps de bain à deux minutes, de mai à octobre."),
        Passage("Le jardin", "Quatre-vingts orangers amers ; la marmelade du petit-déjeuner en vient."),
    ),
    good_to_know=(
        Passage("Arrivée et départ", "Chambres prêtes à 15 h, à libérer pour 11 h 30. La réception ne ferme jamais."),
        Passage("Arrivée tardive", "Pour une arrivée le jour même, réservez avant 22 h ; ensuite, appelez-nous."),
        Passage("Prix", "Tous les prix comprennent la TVA et le petit-déjeuner. La taxe de séjour se règle sur place."),
        Passage("Enfants", "Lit bébé gracieux. Les chambres Famille accueillent jusqu'à cinq personnes."),
    ),
    house_rules=(
        Passage("Calme", "De 22 h à 8 h, dans les couloirs comme sur les balcons."),
        Passage("Tabac", "La maison est non-fumeurs, le jardin ne l'est pas."),
    ),
    opening_hours=(
        Hours("Réception", "Jour et nuit"),
        Hours("Petit-déjeuner", "Tous les jours de 7 h à midi"),
    ),
    languages=("fr", "en", "it"),
    email="reservations@grand-hotel.example",
    phones=(
        Phone(label="Réception, jour et nuit", number="+33 4 65 71 20 11"),
        Phone(label="Réservations, de 8 h à 20 h", number="+33 4 65 71 20 12"),
    ),
    address=Address(
        street="12, quai des Orangers",
        postal_code="06300",
        locality="Nice",
        region="Provence-Alpes-Côte d'Azur",
        country="FR",
    ),
    latitude=43.6935,
    longitude=7.2812,
    directions="Tramway 2, arrêt Port Lympia, puis cinq minutes à pied le long de la mer. Voiturier de 7 h à minuit.",
    theme=Theme(
        primary="#1f3157",
        on_primary="#fbf6ec",
        accent="#a5552f",
        background="#fbf6ec",
        surface="#ffffff",
        text="#232a3a",
        muted="#5d6373",
    ),
    welcome_alt="La façade blanche du palace avec ses deux coupoles roses, des palmiers et la mer",
)


def content(today: date) -> Tenant:
    """Return the tenant as of a day."""
    return Tenant(
        slug="grand-hotel",
        name="Grand Hôtel Mirasol",
        timezone="Europe/Paris",
        currency="EUR",
        locale="fr-FR",
        site=SITE,
        policies=_policies(today),
        resources=_RESOURCES,
        guests=names(
            "Camille Laurent, Henri Delacroix, Sofia Marchetti, James Ashworth, Annika Sjöberg, Louis Perrin, Chiara "
            "Lombardi, Thomas Weber, Élise Fontaine, Margot Renaud, Ibrahim Benali, Claire Dubois, Victor Almeida, "
            "Hanna Virtanen, Paul Girard, Olivia Bennett"
        ),
    )


def _policies(today: date) -> tuple[Policy, ...]:
    high_season = every_year(today, "06-01", "09-16")
    rooms: Json = {
        "mode": {
            "mode": "stay",
            "check_in_time": "15:00",
            "check_out_time": "11:30",
            "min_nights": 1,
            "max_nights": 60,
        },
        "confirmation": {"kind": "hold", "hold_minutes": 20},
        "capacity_counts": "units",
        "rules": [
            {"rule": "horizon", "maximum_days": 540},
            {"rule": "daily_cutoff", "at": "22:00", "within_days": 0},
            {"rule": "length", "minimum": 1, "maximum": 28, "seasons": []},
            {"rule": "active_per_guest", "limit": 6},
        ],
        "no_show_after_minutes": 18 * 60,
        "cancellation": refunds((48, 100), (24, 50)),
    }
    suites = merged(
        rooms,
        rules=[
            {"rule": "horizon", "maximum_days": 540},
            {"rule": "lead_time", "minimum_minutes": 24 * 60},
            {
                "rule": "length",
                "minimum": 2,
                "maximum": 28,
                "seasons": [{**period, "minimum": 3, "maximum": 28} for period in high_season],
            },
        ],
        cancellation=refunds((14 * 24, 100), (7 * 24, 50)),
    )
    return (
        Policy(slug="classique", name="Chambre Classique", document=merged(rooms, rates=_rates(today, 24000, None))),
        Policy(slug="vue-mer", name="Chambre Vue Mer", document=merged(rooms, rates=_rates(today, 34000, 6000))),
        Policy(slug="famille", name="Chambre Famille", document=merged(rooms, rates=_rates(today, 39000, 3500))),
        Policy(slug="suite-junior", name="Suite Junior", document=merged(suites, rates=_rates(today, 52000, 7000))),
        Policy(
            slug="suite-mirasol",
            name="Suite Mirasol",
            document=merged(
                suites,
                rates=_rates(today, 145000, None, high_season={"amount": 210000}),
            ),
        ),
    )


def _rates(today: date, amount: int, extra: int | None, *, high_season: dict[str, int] | None = None) -> Json:
    return {
        "base": {"per": "night", "amount": amount},
        "seasons": [
            *season(today, "Carnaval", "02-10", "03-02", percent=115),
            *season(today, "Mai en fête", "05-10", "06-01", percent=125),
            *season(today, "Haute saison", "06-01", "09-16", **(high_season or {"percent": 135})),
            *season(today, "Basse saison", "11-03", "12-20", percent=85),
            *season(today, "Fêtes", "12-20", "01-04", percent=140),
        ],
        "weekdays": [{"weekdays": ["fri", "sat"], "percent": 110}],
        "extra_guests": None if extra is None else {"included": 2, "amount": extra},
        "length_of_stay": [{"minimum": 3, "percent_off": 5}, {"minimum": 7, "percent_off": 10}],
        "fees": [],
        "taxes": [{"name": "TVA", "basis_points": 1000, "included": True}],
        "includes": ["Petit-déjeuner"],
        "excludes": ["Taxe de séjour, réglée sur place"],
    }


_RESOURCES = (
    Resource(
        slug="chambre-classique",
        name="Chambre Classique",
        kind="room",
        policy="classique",
        capacity=24,
        units=(*labels("Chambre", 101, 112), *labels("Chambre", 201, 212)),
        max_party_size=2,
        summary="22 m² côté jardin, lit double, réveil au chant des merles.",
        description=paragraphs(
            "Hauts plafonds, moulures et parquet en point de Hongrie. Lit double de 160 cm (lits jumeaux sur "
            "demande), salle de bains en marbre de Carrare avec douche, petit bureau devant la fenêtre.",
            "Toutes donnent sur les orangers ; celles du premier étage sont les plus fraîches en été.",
        ),
        alt="Chambre aux murs gris clair, lit bleu marine et porte-fenêtre sur un jardin d'orangers",
        amenities=("garden_view", "breakfast", "air_conditioning", "wifi", "safe", "desk"),
        place="Premier et deuxième étages, côté jardin",
        closures=(Closure(in_days=12, for_days=6, reason="Peinture des chambres 111 et 112", units=(11, 12)),),
        weekly_reservations=6,
    ),
    Resource(
        slug="chambre-vue-mer",
        name="Chambre Vue Mer",
        kind="room",
        policy="vue-mer",
        capacity=16,
        units=(*labels("Chambre", 301, 308), *labels("Chambre", 401, 408)),
        max_party_size=3,
        summary="28 m² et deux fenêtres sur la baie, lit de 180 cm, fauteuil de lecture.",
        description=paragraphs(
            "Deux portes-fenêtres, un balcon de fer forgé et toute la baie, du cap jusqu'au phare. Lit de 180 cm, "
            "baignoire, et la place d'ajouter un lit pour un troisième voyageur.",
            "Le bateau de Corse passe vers 20 h. On finit par l'attendre.",
        ),
        alt="Chambre claire avec deux hautes fenêtres sur la mer et les voiliers, lit bleu",
        amenities=("sea_view", "balcony", "breakfast", "bathtub", "air_conditioning", "wifi", "safe"),
        place="Troisième et quatrième étages, côté mer",
        weekly_reservations=7,
    ),
    Resource(
        slug="chambre-famille",
        name="Chambre Famille",
        kind="room",
        policy="famille",
        capacity=6,
        units=labels("Chambre", 213, 218),
        max_party_size=5,
        summary="36 m², un grand lit et deux petits, une porte entre les deux.",
        description=paragraphs(
            "Une chambre de parents, une alcôve d'enfants et une porte qui ferme. Lit de 160 cm, deux lits de 90 cm, "
            "un lit bébé si vous le demandez, une salle de bains avec baignoire.",
            "Jeux, livres et chauffe-biberon sont à la réception. Les voisins le savent : les rires sont permis.",
        ),
        alt="Grande chambre verte avec un lit double et deux lits simples colorés",
        amenities=("garden_view", "breakfast", "bathtub", "crib", "air_conditioning", "wifi", "safe"),
        place="Deuxième étage, côté jardin",
        weekly_reservations=5,
    ),
    Resource(
        slug="suite-junior",
        name="Suite Junior",
        kind="suite",
        policy="suite-junior",
        capacity=6,
        units=labels("Suite", 501, 506),
        max_party_size=3,
        summary="45 m² sous les toits, un coin salon et la vieille ville au crépuscule.",
        description=paragraphs(
            "Au dernier étage, un lit de 180 cm, un salon pour deux, et deux fenêtres sur les toits de la vieille "
            "ville qui rosissent le soir. Salle de bains avec baignoire et douche séparée.",
            "Arrivée en voiture ou en train : le transfert depuis la gare est compris.",
        ),
        alt="Suite aux murs roses, deux fauteuils devant la vieille ville au coucher du soleil",
        amenities=("city_view", "breakfast", "bathtub", "lounge", "transfer", "air_conditioning", "wifi", "safe"),
        place="Cinquième étage",
        weekly_reservations=5,
    ),
    Resource(
        slug="suite-mirasol",
        name="Suite Mirasol",
        kind="suite",
        policy="suite-mirasol",
        capacity=1,
        units=("Suite Mirasol",),
        max_party_size=4,
        summary="110 m² sous la coupole : salon, deux chambres, et la mer de trois côtés.",
        description=paragraphs(
            "Trois portes-fenêtres, un lustre de Murano, un piano accordé chaque lundi. Deux chambres avec salle de "
            "bains, une terrasse circulaire et l'escalier privé qui descend au jardin.",
            "Deux nuits au moins, trois en été. On en part rarement à l'heure, et personne ne s'en plaint.",
        ),
        alt="Salon bleu nuit avec lustre, rideaux dorés et trois fenêtres sur la baie au clair de lune",
        amenities=("sea_view", "terrace", "breakfast", "bathtub", "lounge", "piano", "butler", "transfer", "wifi"),
        place="Sous la coupole est",
        weekly_reservations=4,
    ),
)
