"""What a tenant tells the public about itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from chalicelib.storage.resources import Site


class Passage(BaseModel, extra="allow"):
    """A titled paragraph."""

    title: str
    text: str


class Phone(BaseModel, extra="allow"):
    """A telephone number in international form, and whom one reaches."""

    label: str
    number: str


class Contact(BaseModel, extra="allow"):
    """How to reach the tenant."""

    email: str | None = None
    phones: list[Phone] = []


class Address(BaseModel, extra="allow"):
    """A postal address; `country` is an ISO 3166-1 code."""

    street: str | None = None
    postal_code: str | None = None
    locality: str | None = None
    region: str | None = None
    country: str | None = None


class Position(BaseModel, extra="allow"):
    """A place on the map (WGS 84, degrees)."""

    latitude: float
    longitude: float


class Image(BaseModel, extra="allow"):
    """A picture; `url` may be relative to the site's root, `alt` describes it."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


class Presentation(BaseModel, extra="allow"):
    """Texts, contacts and looks, as the tenant wrote them; members that others do not know of may be there too."""

    tagline: str | None = None
    about: list[str] = []
    highlights: list[Passage] = []
    good_to_know: list[Passage] = []
    contact: Contact | None = None
    address: Address | None = None
    position: Position | None = None
    directions: str | None = None
    theme: dict[str, str] = {}
    image: Image | None = None


class SiteBody(Presentation):
    """A tenant's public information."""

    id: UUID
    slug: str = Field(examples=["pine-cabins"])
    name: str = Field(examples=["Pine Cabins"])
    timezone: str = Field(description="IANA zone of its local times and dates.", examples=["America/Vancouver"])
    currency: str = Field(description="ISO 4217 code of its prices.", examples=["CAD"])
    locale: str = Field(description="BCP 47 tag of its texts.", examples=["en-CA"])
    version: int
    updated_at: datetime


def body_of(site: Site) -> SiteBody:
    """The public form of a site."""
    return SiteBody.model_validate(
        {
            **site.site,
            "id": site.id,
            "slug": site.slug,
            "name": site.name,
            "timezone": site.timezone,
            "currency": site.currency,
            "locale": site.locale,
            "version": site.version,
            "updated_at": site.updated_at,
        }
    )
