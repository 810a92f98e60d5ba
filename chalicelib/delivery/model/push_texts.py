"""What notifications say, in the languages of the administrators' app. No guest is named: lock screens show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chalicelib.core.text import shown_line
from chalicelib.events.model import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping

DASH = "\N{EN DASH}"
LONGEST_NAME = 80
"""Of a resource or tenant, as far as it is said."""
PENDING = "pending"
REQUEST = "request"
"""A reservation that waits for an answer."""
TITLES: Mapping[str, Mapping[str, str]] = {
    "en": {
        REQUEST: "New request",
        EventType.RESERVATION_CREATED: "New reservation",
        EventType.RESERVATION_CHANGE_REQUESTED: "A guest asks for a change",
        EventType.RESERVATION_CONFIRMED: "Reservation confirmed",
        EventType.RESERVATION_CANCELLED: "Reservation cancelled",
        EventType.RESERVATION_MOVED: "Reservation moved",
        EventType.RESERVATION_EXTENDED: "Reservation extended",
        EventType.RESERVATION_SHORTENED: "Reservation shortened",
        EventType.RESERVATION_CHECKED_IN: "Guest checked in",
        EventType.RESERVATION_NO_SHOW: "Guest did not come",
        EventType.RESERVATION_EXPIRED: "Hold expired",
        EventType.PUSH_DEVICE_TESTED: "Notifications work",
    },
    "de": {
        REQUEST: "Neue Anfrage",
        EventType.RESERVATION_CREATED: "Neue Reservierung",
        EventType.RESERVATION_CHANGE_REQUESTED: "Ein Gast bittet um eine Änderung",
        EventType.RESERVATION_CONFIRMED: "Reservierung bestätigt",
        EventType.RESERVATION_CANCELLED: "Reservierung storniert",
        EventType.RESERVATION_MOVED: "Reservierung verschoben",
        EventType.RESERVATION_EXTENDED: "Reservierung verlängert",
        EventType.RESERVATION_SHORTENED: "Reservierung verkürzt",
        EventType.RESERVATION_CHECKED_IN: "Gast ist angekommen",
        EventType.RESERVATION_NO_SHOW: "Gast ist nicht gekommen",
        EventType.RESERVATION_EXPIRED: "Vormerkung abgelaufen",
        EventType.PUSH_DEVICE_TESTED: "Benachrichtigungen funktionieren",
    },
    "es": {
        REQUEST: "Nueva solicitud",
        EventType.RESERVATION_CREATED: "Nueva reserva",
        EventType.RESERVATION_CHANGE_REQUESTED: "Un huésped pide un cambio",
        EventType.RESERVATION_CONFIRMED: "Reserva confirmada",
        EventType.RESERVATION_CANCELLED: "Reserva cancelada",
        EventType.RESERVATION_MOVED: "Reserva cambiada de fecha",
        EventType.RESERVATION_EXTENDED: "Reserva prolongada",
        EventType.RESERVATION_SHORTENED: "Reserva acortada",
        EventType.RESERVATION_CHECKED_IN: "El huésped ha llegado",
        EventType.RESERVATION_NO_SHOW: "El huésped no se ha presentado",
        EventType.RESERVATION_EXPIRED: "Prerreserva caducada",
        EventType.PUSH_DEVICE_TESTED: "Las notificaciones funcionan",
    },
    "fr": {
        REQUEST: "Nouvelle demande",
        EventType.RESERVATION_CREATED: "Nouvelle réservation",
        EventType.RESERVATION_CHANGE_REQUESTED: "Un client demande une modification",
        EventType.RESERVATION_CONFIRMED: "Réservation confirmée",
        EventType.RESERVATION_CANCELLED: "Réservation annulée",
        EventType.RESERVATION_MOVED: "Réservation déplacée",
        EventType.RESERVATION_EXTENDED: "Réservation prolongée",
        EventType.RESERVATION_SHORTENED: "Réservation raccourcie",
        EventType.RESERVATION_CHECKED_IN: "Le client est arrivé",
        EventType.RESERVATION_NO_SHOW: "Le client ne s'est pas présenté",
        EventType.RESERVATION_EXPIRED: "Option expirée",
        EventType.PUSH_DEVICE_TESTED: "Les notifications fonctionnent",
    },
}
SEVERAL: Mapping[str, str] = {
    "en": "{count} notifications",
    "de": "{count} Benachrichtigungen",
    "es": "{count} notificaciones",
    "fr": "{count} notifications",
}
"""In the place of more than a few: only the device knows how many it shows."""
MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "de": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}


@dataclass(frozen=True, slots=True)
class Notification:
    """What a device shows."""

    title: str
    body: str


def notification(event_type: str, after: Mapping[str, Any], language: str, place: Place) -> Notification:
    """Say what happened, to what, when, and at which business; `after` is what the event says."""
    titles = TITLES[language]
    tenant_name = _short(place.tenant_name)
    if event_type == EventType.PUSH_DEVICE_TESTED:
        return Notification(titles[event_type], tenant_name)
    is_request = event_type == EventType.RESERVATION_CREATED and after["state"] == PENDING
    title = f"{titles[REQUEST if is_request else event_type]}: {_short(place.resource_name)}"
    return Notification(title, f"{_times(after, language, place.zone)} · {tenant_name}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened: names as they are now, and the zone of the tenant."""

    tenant_name: str
    resource_name: str
    zone: ZoneInfo


def _short(name: str) -> str:
    line = shown_line(name)
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def _times(after: Mapping[str, Any], language: str, zone: ZoneInfo) -> str:
    if after.get("check_in_on"):
        begins, ends = date.fromisoformat(after["check_in_on"]), date.fromisoformat(after["check_out_on"])
        return f"{_day(begins, language)} {DASH} {_day(ends, language)}"
    starts_at, ends_at = (datetime.fromisoformat(after[one]).astimezone(zone) for one in ("starts_at", "ends_at"))
    if starts_at.date() == ends_at.date():
        return f"{_day(starts_at, language)}, {starts_at:%H:%M}{DASH}{ends_at:%H:%M}"
    return f"{_day(starts_at, language)}, {starts_at:%H:%M} {DASH} {_day(ends_at, language)}, {ends_at:%H:%M}"


def _day(day: date, language: str) -> str:
    return f"{day.day}{'.' if language == 'de' else ''} {MONTHS[language][day.month - 1]}"
