"""The few words of pages that are not the tenant's own, in the languages of web/src/texts.

What web/src/texts says, too, is the same there; a test compares both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = "en"
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "offers": "What is offered",
        "offers.from": "from",
        "offers.free": "Free of charge",
        "offers.per.night": "a night",
        "offers.per.hour": "an hour",
        "offers.per.slot": "each",
        "offers.per.person": "a person",
        "offer.back": "All that is offered",
        "noscript": "To reserve, this page needs JavaScript.",
        "noscript.contact": "To reserve without it, get in touch:",
        "missing.title": "There is nothing here",
        "missing.text": "The address may be old, or mistyped.",
        "gone.title": "This is not offered any more",
        "unknown.title": "There is no such site",
        "unknown.text": "The address may be mistyped, or the site has moved.",
        "suspended.title": "This site rests at the moment",
        "suspended.text": "Please come back later. What was reserved stays reserved.",
        "unavailable.title": "This site cannot be shown at the moment",
        "unavailable.text": "Please try again in a minute.",
    },
    "de": {
        "offers": "Das Angebot",
        "offers.from": "ab",
        "offers.free": "Kostenlos",
        "offers.per.night": "pro Nacht",
        "offers.per.hour": "pro Stunde",
        "offers.per.slot": "je Termin",
        "offers.per.person": "pro Person",
        "offer.back": "Das ganze Angebot",
        "noscript": "Zum Reservieren braucht diese Seite JavaScript.",
        "noscript.contact": "Ohne JavaScript reservieren Sie direkt:",
        "missing.title": "Hier ist nichts",
        "missing.text": "Vielleicht ist die Adresse veraltet oder falsch geschrieben.",
        "gone.title": "Das wird nicht mehr angeboten",
        "unknown.title": "Diese Website gibt es nicht",
        "unknown.text": "Vielleicht ist die Adresse falsch geschrieben, oder die Website ist umgezogen.",
        "suspended.title": "Diese Website ruht zurzeit",
        "suspended.text": "Bitte versuchen Sie es später noch einmal. Was reserviert ist, bleibt reserviert.",
        "unavailable.title": "Diese Website ist gerade nicht zu erreichen",
        "unavailable.text": "Bitte versuchen Sie es in einer Minute noch einmal.",
    },
    "es": {
        "offers": "Lo que se ofrece",
        "offers.from": "desde",
        "offers.free": "Gratis",
        "offers.per.night": "por noche",
        "offers.per.hour": "por hora",
        "offers.per.slot": "por turno",
        "offers.per.person": "por persona",
        "offer.back": "Todo lo que se ofrece",
        "noscript": "Para reservar, esta página necesita JavaScript.",
        "noscript.contact": "Para reservar sin JavaScript, póngase en contacto:",
        "missing.title": "Aquí no hay nada",
        "missing.text": "Puede que la dirección sea antigua o esté mal escrita.",
        "gone.title": "Esto ya no se ofrece",
        "unknown.title": "Este sitio no existe",
        "unknown.text": "Puede que la dirección esté mal escrita o que el sitio se haya mudado.",
        "suspended.title": "Este sitio está en pausa",
        "suspended.text": "Vuelva más tarde, por favor. Lo reservado sigue reservado.",
        "unavailable.title": "Este sitio no se puede mostrar ahora",
        "unavailable.text": "Inténtelo de nuevo en un minuto.",
    },
    "fr": {
        "offers": "Les offres",
        "offers.from": "dès",
        "offers.free": "Gratuit",
        "offers.per.night": "la nuit",
        "offers.per.hour": "l’heure",
        "offers.per.slot": "la séance",
        "offers.per.person": "par personne",
        "offer.back": "Toutes les offres",
        "noscript": "Pour réserver, cette page a besoin de JavaScript.",
        "noscript.contact": "Pour réserver sans JavaScript, contactez-nous :",
        "missing.title": "Il n’y a rien ici",
        "missing.text": "L’adresse est peut-être ancienne ou mal écrite.",
        "gone.title": "Ceci n’est plus proposé",
        "unknown.title": "Ce site n’existe pas",
        "unknown.text": "L’adresse est peut-être mal écrite, ou le site a déménagé.",
        "suspended.title": "Ce site est en pause",
        "suspended.text": "Revenez plus tard, s’il vous plaît. Ce qui est réservé le reste.",
        "unavailable.title": "Ce site ne peut pas être affiché pour le moment",
        "unavailable.text": "Réessayez dans une minute.",
    },
}
REGION = re.compile(r"-([A-Z]{2}|[0-9]{3})(?=-|$)")


def language_of(locale: str) -> str:
    """Return the language of pages in which a business writes; English where there are no pages in it."""
    own = locale.partition("-")[0].lower()
    return own if own in WORDS else OWN


def page_locale(language: str, locale: str) -> str:
    """Return the locale of a page: its language, as where the business is."""
    if locale.partition("-")[0].lower() == language:
        return locale
    region = REGION.search(locale)
    return f"{language}-{region[1]}" if region else language
