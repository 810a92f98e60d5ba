"""The form in which a demo tenant is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from demo.image_files import image_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS = WEEKDAYS[:5]
WEEKEND = WEEKDAYS[5:]
ALL_MONTHS = tuple(range(1, 13))

Json = dict[str, Any]
"""A policy document or a part of one, in its stored form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A number in international form; every one here is reserved for fiction by its country or cannot be dialled."""

    label: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; `country` is an ISO 3166 code."""

    street: str
    postal_code: str
    locality: str
    region: str | None
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours as #rrggbb: `on_primary` is text on `primary`, `text` and `muted` stand on `background` and `surface`."""

    primary: str
    on_primary: str
    accent: str
    background: str
    surface: str
    text: str
    muted: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A titled paragraph."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open, in words."""

    label: str
    hours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a tenant's public site says, in the tenant's language."""

    tagline: str
    about: str
    highlights: Sequence[Passage]
    good_to_know: Sequence[Passage]
    house_rules: Sequence[Passage]
    opening_hours: Sequence[Hours]
    languages: Sequence[str]
    email: str
    phones: Sequence[Phone]
    address: Address
    latitude: float
    longitude: float
    directions: str
    theme: Theme
    welcome_alt: str

    def document(self, tenant: str) -> Json:
        """Return the JSON that is stored with the tenant."""
        return {
            "tagline": self.tagline,
            "about": self.about.split("\n\n"),
            "highlights": [asdict(passage) for passage in self.highlights],
            "good_to_know": [asdict(passage) for passage in self.good_to_know],
            "house_rules": [asdict(passage) for passage in self.house_rules],
            "opening_hours": [asdict(hours) for hours in self.opening_hours],
            "languages": list(self.languages),
            "contact": {"email": self.email, "phones": [asdict(phone) for phone in self.phones]},
            "address": asdict(self.address),
            "position": {"latitude": self.latitude, "longitude": self.longitude},
            "directions": self.directions,
            "theme": asdict(self.theme),
            "image": image_of(tenant, "welcome", self.welcome_alt),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy; `document` is its JSON form."""

    slug: str
    name: str
    document: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When something is offered, week by week: local times of day, on these weekdays of these months (1 to 12)."""

    weekdays: Sequence[str]
    opens: str
    closes: str
    months: Sequence[int] = ALL_MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Units out of service (none named: the whole resource), counted in days from the day of seeding."""

    in_days: int
    for_days: int
    reason: str
    units: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something that the tenant offers.

    `units` are the labels of labelled units; a resource without them is pooled. `place` says where on the premises.
    `weekly_reservations` is how many samples are made for a whole week.
    """

    slug: str
    name: str
    kind: str
    policy: str
    capacity: int
    max_party_size: int
    summary: str
    description: str
    alt: str
    amenities: Sequence[str]
    units: Sequence[str] = ()
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    windows: Sequence[Window] = ()
    closures: Sequence[Closure] = ()
    weekly_reservations: int = 4

    @property
    def assignment(self) -> Literal["labelled", "pooled"]:
        """How units are given out."""
        return "labelled" if self.units else "pooled"

    @property
    def location(self) -> Json | None:
        """Return where it is, if it says so."""
        known = {"description": self.place, "latitude": self.latitude, "longitude": self.longitude}
        return {key: value for key, value in known.items() if value is not None} or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One demo business. `guests` are the people whose sample reservations fill it."""

    slug: str
    name: str
    timezone: str
    currency: str
    locale: str
    site: Site
    policies: Sequence[Policy]
    resources: Sequence[Resource]
    guests: Sequence[str] = ()


def every_year(today: date, first: str, until: str) -> list[Json]:
    """Return the period from one day of the year until another (exclusive; `12-20` until `01-07` spans New Year).

    It is given for the present year and the next two, so that a policy changes with the year and not with the day.
    """
    starts = [date.fromisoformat(f"{year}-{first}") for year in range(today.year - 1, today.year + 3)]
    spans = [(start, date.fromisoformat(f"{start.year + (1 if until <= first else 0)}-{until}")) for start in starts]
    return [
        {"from_on": start.isoformat(), "until_on": end.isoformat()} for start, end in spans if end.year >= today.year
    ]


def season(today: date, name: str, first: str, until: str, **change: int) -> list[Json]:
    """Return a season of a price list for every year: its change is `percent=` or `amount=`."""
    return [{"name": name, **period, **change} for period in every_year(today, first, until)]


def weekly(**days: tuple[str, str]) -> Json:
    """Return the rule of opening hours: `mon=("09:00", "17:00")`; days left out are closed."""
    return {
        "rule": "opening_hours",
        "weekly": {day: [{"opens": opens, "closes": closes}] for day, (opens, closes) in days.items()},
    }


def refunds(*tiers: tuple[int, int]) -> list[Json]:
    """Return cancellation tiers from pairs of hours before the start and percent of the price."""
    return [{"until_minutes_before": hours * 60, "refund_percent": percent} for hours, percent in tiers]


def labels(text: str, first: int, last: int) -> tuple[str, ...]:
    """Return numbered labels: `labels("Cabin", 1, 2)` is Cabin 1, Cabin 2."""
    return tuple(f"{text} {number}" for number in range(first, last + 1))


def names(text: str) -> tuple[str, ...]:
    """Return the names in a list separated by commas."""
    return tuple(text.split(", "))


def paragraphs(*texts: str) -> str:
    """Join the paragraphs of a longer text, as they are stored: with an empty line between them."""
    return "\n\n".join(texts)


def merged(document: Mapping[str, Any], **changes: object) -> Json:
    """Return a copy of a policy document with some of its parts replaced."""
    return {**document, **changes}
