"""What a site says to machines: JSON-LD in the words of schema.org, made of the API's own answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from chalicelib.pages.model.addresses import Addresses, resource_path
from chalicelib.pages.model.markup import shortened

Json = Mapping[str, Any]
UNIT_CODES = {"night": "DAY", "hour": "HUR"}
"""UN/CEFACT Common Codes."""
LONGEST = 5000
MOST_IMAGES = 6


def home_data(site: Json, resources: Sequence[Json], addresses: Addresses) -> dict[str, Any]:
    """Describe a business and what it offers."""
    offers = [offer_data(one, addresses, with_item=True) for one in resources]
    return {"@context": "https://schema.org", **_business(site, resources, addresses), **_given(makesOffer=offers)}


def resource_data(site: Json, resource: Json, addresses: Addresses) -> dict[str, Any]:
    """Describe something that is offered, and by whom."""
    business = _business(site, [resource], addresses)
    brief = {name: business[name] for name in ("@type", "@id", "name", "url")}
    return {
        "@context": "https://schema.org",
        **_product(resource, addresses),
        "brand": {"@type": "Brand", "name": site["name"]},
        "offers": {**offer_data(resource, addresses, with_item=False), "seller": brief},
    }


def offer_data(resource: Json, addresses: Addresses, *, with_item: bool) -> dict[str, Any]:
    """Describe the lowest price of something that is offered."""
    price, url = resource["from_price"], addresses.canonical(resource_path(resource["slug"]))
    amount = decimal_text(price)
    return {
        "@type": "Offer",
        "url": url,
        "price": amount,
        "priceCurrency": price["currency"],
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "price": amount,
            "priceCurrency": price["currency"],
            "unitText": price["per"],
            **_given(unitCode=UNIT_CODES.get(price["per"])),
        },
        **({"itemOffered": _product(resource, addresses)} if with_item else {}),
    }


def decimal_text(money: Json) -> str:
    """Write minor units as a decimal number."""
    return f"{Decimal(money['total']).scaleb(-money['decimals']):.{money['decimals']}f}"


def part_of(site: Json, name: str) -> Json:
    """Return a part of a site that may be left out: then it says nothing."""
    part: Json | None = site[name]
    return {} if part is None else part


def _product(resource: Json, addresses: Addresses) -> dict[str, Any]:
    url = addresses.canonical(resource_path(resource["slug"]))
    return {
        "@type": "Product",
        "@id": f"{url}#product",
        "name": resource["name"],
        "url": url,
        **_given(
            description=shortened(resource.get("description") or resource["summary"], LONGEST),
            image=[addresses.file(image["url"]) for image in resource["images"][:MOST_IMAGES]],
        ),
    }


def _business(site: Json, resources: Sequence[Json], addresses: Addresses) -> dict[str, Any]:
    contact, address, position = part_of(site, "contact"), part_of(site, "address"), site["position"]
    url = addresses.canonical("/")
    lodges = any(resource["mode"] == "stay" for resource in resources)
    return {
        "@type": "LodgingBusiness" if lodges else "LocalBusiness",
        "@id": f"{url}#business",
        "name": site["name"],
        "url": url,
        "currenciesAccepted": site["currency"],
        **_given(
            slogan=site["tagline"],
            description=shortened(" ".join(site["about"]), LONGEST),
            image=site["image"] and addresses.file(site["image"]["url"]),
            email=contact.get("email"),
            telephone=next((phone["number"] for phone in contact.get("phones", ())), None),
            knowsLanguage=site["languages"],
            address=address
            and {
                "@type": "PostalAddress",
                **_given(
                    streetAddress=address.get("street"),
                    postalCode=address.get("postal_code"),
                    addressLocality=address.get("locality"),
                    addressRegion=address.get("region"),
                    addressCountry=address.get("country"),
                ),
            },
            geo=position
            and {
                "@type": "GeoCoordinates",
                "latitude": position["latitude"],
                "longitude": position["longitude"],
            },
        ),
    }


def _given(**members: object) -> dict[str, Any]:
    """Leave out what there is nothing to say about."""
    return {name: value for name, value in members.items() if value}
