"""What a tenant tells the public about itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, WithJsonSchema, model_validator

from chalicelib.api.schemas.reservations import Email
from chalicelib.api.schemas.texts import MANY_LINES, ONE_LINE
from chalicelib.domain.currencies import DECIMALS, check_currency

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

    id: UUID | None = None
    url: str
    thumbnail_url: str | None = None
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


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), MANY_LINES]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE]
Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=63),
    Field(description="Names the tenant in addresses; it stays.", examples=["pine-cabins"]),
]
Currency = Annotated[
    str,
    AfterValidator(check_currency),
    WithJsonSchema({"type": "string", "enum": sorted(DECIMALS)}),
    Field(description="ISO 4217 code of a currency in use."),
]
Locale = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35),
    Field(description="BCP 47 tag of its texts.", examples=["en-CA"]),
]


class PassageWanted(BaseModel, extra="forbid"):
    """A titled paragraph."""

    title: Line
    text: Text


class PhoneWanted(BaseModel, extra="forbid"):
    """A telephone number in international form, and whom one reaches."""

    label: Line
    number: Annotated[str, StringConstraints(pattern=r"^\+[0-9 ()-]{3,30}$")]


class ContactWanted(BaseModel, extra="forbid"):
    """How to reach the tenant."""

    email: Email | None = None
    phones: list[PhoneWanted] = Field(default_factory=list[PhoneWanted], max_length=20)


class AddressWanted(BaseModel, extra="forbid"):
    """A postal address; `country` is an ISO 3166-1 code."""

    street: Line | None = None
    postal_code: Line | None = None
    locality: Line | None = None
    region: Line | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


class PositionWanted(BaseModel, extra="forbid"):
    """A place on the map (WGS 84, degrees)."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class ChangeTenant(
    BaseModel,
    extra="forbid",
    json_schema_extra={"examples": [{"tagline": "Cabins by the lake", "theme": {"accent": "#2f6b4f"}}]},
):
    """What to change; members that are left out stay, null removes a text."""

    name: Line | None = None
    timezone: Line | None = Field(None, description="IANA zone; fixed once anything was reserved.")
    currency: Currency | None = Field(None, description="ISO 4217 code; fixed once anything was reserved.")
    locale: Locale | None = None
    tagline: Line | None = None
    about: Annotated[list[Text], Field(max_length=20)] | None = None
    highlights: Annotated[list[PassageWanted], Field(max_length=20)] | None = None
    good_to_know: Annotated[list[PassageWanted], Field(max_length=20)] | None = None
    contact: ContactWanted | None = None
    address: AddressWanted | None = None
    position: PositionWanted | None = None
    directions: Text | None = None
    theme: (
        Annotated[
            dict[
                Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")],
                Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")],
            ],
            Field(max_length=20, description="Colours by what they are for, as #rrggbb."),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _kept(self) -> ChangeTenant:
        for name in sorted({"name", "timezone", "currency", "locale"} & self.model_fields_set):
            if getattr(self, name) is None:
                message = f"{name} cannot be removed"
                raise ValueError(message)
        return self


class CreateTenant(
    BaseModel,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {
                "slug": "lake-huts",
                "name": "Lake Huts",
                "timezone": "Europe/Zurich",
                "currency": "CHF",
                "locale": "de-CH",
                "owner_email": "grace@example.org",
            }
        ]
    },
):
    """A tenant, and who is invited as its first owner."""

    slug: Slug
    name: Line
    timezone: Line = Field(description="IANA zone of its local times and dates.")
    currency: Currency
    locale: Locale = "en"
    owner_email: Email


class InviteOwner(BaseModel, extra="forbid", json_schema_extra={"examples": [{"owner_email": "grace@example.org"}]}):
    """Who is to be the first owner."""

    owner_email: Email


class SuspendTenant(BaseModel, extra="forbid", json_schema_extra={"examples": [{"reason": "Unpaid since May"}]}):
    """Why; everybody who calls is told."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), ONE_LINE]


class TenantEntryBody(BaseModel):
    """A tenant as the platform's operators see it; null in `suspended_at`: it is served."""

    id: UUID
    slug: str
    name: str
    timezone: str
    currency: str
    locale: str
    suspended_at: datetime | None
    suspended_reason: str | None
    created_at: datetime


class TenantList(BaseModel):
    """Tenants by slug."""

    items: list[TenantEntryBody]
    next_cursor: str | None


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
