"""What a tenant tells the public about itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, computed_field, model_validator

from chalicelib.core.money import decimals_of
from chalicelib.http.prices import Currency
from chalicelib.http.schema import Schema
from chalicelib.http.texts import MANY_LINES, ONE_LINE, Email, Id, NextCursor, Version
from chalicelib.http.times import CreatedAt, UpdatedAt

if TYPE_CHECKING:
    from chalicelib.tenants.model.site import Site


class Passage(Schema, extra="allow"):
    """A titled paragraph."""

    title: str = Field(description="Heading.", examples=["Getting here"])
    text: str = Field(description="The paragraph itself.", examples=["The last ferry leaves at 20:00."])


class Hours(Schema, extra="allow"):
    """When something is open, in the tenant's words."""

    label: str = Field(description="What is open.", examples=["Front desk"])
    hours: str = Field(description="When, in words.", examples=["Daily from 8 to 20"])


class Phone(Schema, extra="allow"):
    """A telephone number."""

    label: str = Field(description="Who answers there.", examples=["Front desk"])
    number: str = Field(description="Number in international form.", examples=["+1 604 555 0123"])


class Contact(Schema, extra="allow"):
    """How to reach the tenant."""

    email: str | None = Field(
        None,
        description="Email address for questions; null where there is none.",
        examples=["hello@pine-cabins.example"],
    )
    phones: list[Phone] = Field(default=[], description="Telephone numbers, in the order in which they are shown.")


class Address(Schema, extra="allow"):
    """A postal address."""

    street: str | None = Field(
        None, description="Street with number; null where it is not given.", examples=["12 Lake Road"]
    )
    postal_code: str | None = Field(
        default=None, description="Postal code; null where there is none.", examples=["V0N 1T0"]
    )
    locality: str | None = Field(default=None, description="Town or village.", examples=["Squamish"])
    region: str | None = Field(
        None, description="State or province, where addresses have one; null otherwise.", examples=["British Columbia"]
    )
    country: str | None = Field(default=None, description="Country, as an ISO 3166-1 code.", examples=["CA"])


class Position(Schema, extra="allow"):
    """A place on the map."""

    latitude: float = Field(
        description="Degrees north of the equator, WGS 84; negative in the south.", examples=[49.69]
    )
    longitude: float = Field(description="Degrees east of Greenwich, WGS 84; negative in the west.", examples=[-123.16])


class Image(Schema, extra="allow"):
    """An image with its text."""

    id: UUID | None = Field(
        None,
        description="Id of the image; null for images that come with the site.",
        examples=["0192f0c4-8b20-7c40-a591-40bf6e5d1c02"],
    )
    url: str = Field(
        description="Where the image is; may be relative to the root of the site.",
        examples=["/images/pine-cabins/lakeside.webp"],
    )
    thumbnail_url: str | None = Field(
        None,
        description="Where a small version of it is; null where there is none.",
        examples=["/images/pine-cabins/lakeside-small.webp"],
    )
    alt: str = Field(
        default="",
        description="What the image shows, for people who do not see it.",
        examples=["The cabin from the lake, in June"],
    )
    width: int | None = Field(default=None, description="Width in pixels; null where it is not known.", examples=[1600])
    height: int | None = Field(
        default=None, description="Height in pixels; null where it is not known.", examples=[1067]
    )


class Presentation(Schema, extra="allow"):
    """Texts, contacts and looks, as the tenant wrote them; there may be further members."""

    tagline: str | None = Field(
        None, description="One line below the name; null where there is none.", examples=["Cabins by the lake"]
    )
    about: list[str] = Field(
        default=[], description="Paragraphs about the business.", examples=[["Four cabins, one lake, no traffic."]]
    )
    highlights: list[Passage] = Field(default=[], description="What is worth knowing before reserving.")
    good_to_know: list[Passage] = Field(default=[], description="What is worth knowing before arriving.")
    house_rules: list[Passage] = Field(
        default=[],
        description="What guests have to keep to while they are there.",
        examples=[[{"title": "Quiet", "text": "From 22:00 to 7:00."}]],
    )
    opening_hours: list[Hours] = Field(
        default=[],
        description="When the tenant is open, in words; what can be reserved follows from its policies alone.",
        examples=[[{"label": "Front desk", "hours": "Daily from 8 to 20"}]],
    )
    languages: list[str] = Field(
        default=[], description="Languages that people there speak, as BCP 47 tags.", examples=[["en", "fr"]]
    )
    contact: Contact | None = Field(default=None, description="How to reach the tenant; null where it is not given.")
    address: Address | None = Field(default=None, description="Postal address; null where it is not given.")
    position: Position | None = Field(default=None, description="Place on the map; null where it is not given.")
    directions: str | None = Field(
        None, description="How to get there; null where it is not given.", examples=["From the highway take exit 12."]
    )
    theme: dict[str, str] = Field(
        default={},
        description="Colours of the site by what they are for, as #rrggbb.",
        examples=[{"accent": "#2f6b4f"}],
    )
    image: Image | None = Field(default=None, description="Image at the top of the site; null where there is none.")


class InCurrency(Schema):
    """What has prices of its own: those in its policies say no currency."""

    currency: str = Field(description="Currency of all its prices (ISO 4217).", examples=["CAD"])

    @computed_field(description="Decimals of the currency: how many digits of an amount stand behind the point.")
    @property
    def decimals(self) -> int:
        """Follows from the currency."""
        return decimals_of(self.currency)


class SiteBody(Presentation, InCurrency):
    """A tenant, as its public site shows it."""

    id: Id
    slug: str = Field(description="Short name of the tenant for addresses.", examples=["pine-cabins"])
    name: str = Field(description="What the business is called.", examples=["Pine Cabins"])
    timezone: str = Field(description="IANA zone of its local times and dates.", examples=["America/Vancouver"])
    locale: str = Field(description="Language of its texts, as a BCP 47 tag.", examples=["en-CA"])
    domain: str | None = Field(
        description="Host under which its public site is shown besides, proven by its DNS; null where there is none.",
        examples=["book.pine-cabins.example"],
    )
    embed_origins: list[str] = Field(
        description="Web origins whose pages may show its booking frame.",
        examples=[["https://www.pine-cabins.example"]],
    )
    version: Version
    updated_at: UpdatedAt


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), MANY_LINES]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE]
Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=63),
    Field(description="Names the tenant in addresses; it stays.", examples=["pine-cabins"]),
]
LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
Locale = Annotated[
    str,
    StringConstraints(pattern=LANGUAGE_TAG, max_length=35),
    Field(description="BCP 47 tag of its texts.", examples=["en-CA"]),
]


class PassageWanted(Schema, extra="forbid"):
    """A titled paragraph."""

    title: Line = Field(description="Heading.")
    text: Text = Field(description="The paragraph itself.")


class PhoneWanted(Schema, extra="forbid"):
    """A telephone number."""

    label: Line = Field(description="Who answers there.")
    number: Annotated[str, StringConstraints(pattern=r"^\+[0-9 ()-]{3,30}$")] = Field(
        description="Number in international form, beginning with `+`.", examples=["+1 604 555 0123"]
    )


class HoursWanted(Schema, extra="forbid"):
    """When something is open."""

    label: Line = Field(description="What is open.", examples=["Front desk"])
    hours: Line = Field(description="When, in words.", examples=["Daily from 8 to 20"])


def _each_once(tags: list[str]) -> list[str]:
    if len({tag.lower() for tag in tags}) < len(tags):
        message = "must name each language only once"
        raise ValueError(message)
    return tags


Language = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG, max_length=35)]


class ContactWanted(Schema, extra="forbid"):
    """How to reach the tenant."""

    email: Email | None = Field(default=None, description="Email address for questions; null where there is none.")
    phones: list[PhoneWanted] = Field(
        default_factory=list[PhoneWanted],
        max_length=20,
        description="Telephone numbers, in the order in which they are shown.",
    )


class AddressWanted(Schema, extra="forbid"):
    """A postal address."""

    street: Line | None = Field(default=None, description="Street with number.")
    postal_code: Line | None = Field(default=None, description="Postal code, where there is one.")
    locality: Line | None = Field(default=None, description="Town or village.")
    region: Line | None = Field(default=None, description="State or province, where addresses have one.")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        None, description="Country, as an ISO 3166-1 code.", examples=["CA"]
    )


class PositionWanted(Schema, extra="forbid"):
    """A place on the map."""

    latitude: Annotated[float, Field(ge=-90, le=90)] = Field(
        description="Degrees north of the equator, WGS 84; negative in the south."
    )
    longitude: Annotated[float, Field(ge=-180, le=180)] = Field(
        description="Degrees east of Greenwich, WGS 84; negative in the west."
    )


class ChangeTenant(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"tagline": "Cabins by the lake", "theme": {"accent": "#2f6b4f"}}]},
):
    """What to change about a tenant; members that are left out stay as they are, null removes a text."""

    name: Line | None = Field(default=None, description="What the business is called.")
    timezone: Line | None = Field(
        None, description="IANA zone of its local times and dates; fixed once anything was reserved."
    )
    currency: Currency | None = Field(
        None, description="Currency of all its prices (ISO 4217); fixed once anything was reserved."
    )
    locale: Locale | None = Field(default=None, description="Language of its texts, as a BCP 47 tag.")
    tagline: Line | None = Field(default=None, description="One line below the name.")
    about: Annotated[list[Text], Field(max_length=20)] | None = Field(
        None, description="Paragraphs about the business."
    )
    highlights: Annotated[list[PassageWanted], Field(max_length=20)] | None = Field(
        None, description="What is worth knowing before reserving."
    )
    good_to_know: Annotated[list[PassageWanted], Field(max_length=20)] | None = Field(
        None, description="What is worth knowing before arriving."
    )
    house_rules: Annotated[list[PassageWanted], Field(max_length=20)] | None = Field(
        None, description="What guests have to keep to while they are there."
    )
    opening_hours: Annotated[list[HoursWanted], Field(max_length=20)] | None = Field(
        None, description="When the tenant is open, in words; policies alone decide what can be reserved."
    )
    languages: Annotated[list[Language], Field(max_length=20), AfterValidator(_each_once)] | None = Field(
        None, description="Languages that people there speak, as BCP 47 tags.", examples=[["en", "fr"]]
    )
    contact: ContactWanted | None = Field(default=None, description="How to reach the tenant.")
    address: AddressWanted | None = Field(default=None, description="Postal address.")
    position: PositionWanted | None = Field(default=None, description="Place on the map.")
    directions: Text | None = Field(default=None, description="How to get there.")
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
    Schema,
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
    """A tenant to create, and whom to invite as its first owner."""

    slug: Slug = Field(description="Short name of the tenant for addresses; it never changes.")
    name: Line = Field(description="What the business is called.")
    timezone: Line = Field(description="IANA zone of its local times and dates.")
    currency: Currency = Field(description="Currency of all its prices (ISO 4217).")
    locale: Locale = Field(default="en", description="Language of its texts, as a BCP 47 tag.")
    owner_email: Email = Field(description="Where the invitation of its first owner goes.")


class InviteOwner(Schema, extra="forbid", json_schema_extra={"examples": [{"owner_email": "grace@example.org"}]}):
    """Whom to invite as the first owner."""

    owner_email: Email = Field(description="Where the invitation goes.")


class SuspendTenant(Schema, extra="forbid", json_schema_extra={"examples": [{"reason": "Unpaid since May"}]}):
    """Why the tenant is suspended."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), ONE_LINE] = Field(
        description="Why; every caller of the tenant is shown it."
    )


class TenantEntryBody(InCurrency):
    """A tenant, as operators of the platform see it."""

    id: Id
    slug: str = Field(description="Short name of the tenant for addresses.", examples=["pine-cabins"])
    name: str = Field(description="What the business is called.", examples=["Pine Cabins"])
    timezone: str = Field(description="IANA zone of its local times and dates.", examples=["America/Vancouver"])
    locale: str = Field(description="Language of its texts, as a BCP 47 tag.", examples=["en-CA"])
    suspended_at: datetime | None = Field(
        description="Since when it is suspended (UTC); null while it is served.", examples=[None]
    )
    suspended_reason: str | None = Field(description="Why it is suspended; null while it is served.", examples=[None])
    created_at: CreatedAt


class TenantList(Schema):
    """A page of tenants."""

    items: list[TenantEntryBody] = Field(description="The tenants of this page, by slug.")
    next_cursor: NextCursor


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
            "domain": site.domain,
            "embed_origins": site.embed_origins,
            "version": site.version,
            "updated_at": site.updated_at,
        }
    )
