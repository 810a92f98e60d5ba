"""The head and the first content of each page of a site, made of the API's own answers.

What is shown first is plain: the scripts of the page replace it once they show the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.core.money import money_text
from chalicelib.pages.model.addresses import Addresses, resource_path
from chalicelib.pages.model.linked_data import home_data, part_of, resource_data
from chalicelib.pages.model.markup import data, element, shortened, start, text
from chalicelib.pages.model.shell import Filling
from chalicelib.pages.model.words import OWN, WORDS, language_of, page_locale

Json = Mapping[str, Any]
LONGEST_DESCRIPTION = 300
LONGEST_TEXT = 10_000
"""Characters of a text in the first content; the whole of it comes with the scripts."""
MOST_GIVEN = 64 * 1024
"""Bytes of answers of the API that come with a page."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages of a site share: its information, where it is, and the language of this page.

    `given`: answers of the API by their addresses, which the scripts need not ask for.
    """

    site: Json
    addresses: Addresses
    language: str
    path: str
    given: Mapping[str, str]
    embedded: bool = False

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the page."""
        return WORDS[self.language]

    @property
    def own_language(self) -> str:
        """The language of the page without a choice."""
        return language_of(self.site["locale"])


def home_page(frame: Frame, resources: Sequence[Json]) -> Filling:
    """Make the page of a business."""
    site = frame.site
    tagline = site["tagline"]
    about = shortened(" ".join(site["about"]), LONGEST_DESCRIPTION) or tagline or site["name"]
    first = [
        _image(site["image"]),
        element("h1", None, text(site["name"])),
        *([element("p", None, text(tagline))] if tagline else []),
        *(element("p", None, text(shortened(one, LONGEST_TEXT))) for one in site["about"]),
        *([element("h2", None, text(frame.words["offers"]))] if resources else []),
        element("ul", None, *(_offer(frame, resource) for resource in resources)) if resources else "",
        _address(site),
    ]
    head = _head(frame, tagline and f"{site['name']} · {tagline}", about, site["image"], None)
    structured = "" if frame.embedded else data("application/ld+json", home_data(site, resources, frame.addresses))
    title = f"{site['name']} · {tagline}" if tagline else site["name"]
    return _filling(frame, title, head, first, structured)


def resource_page(frame: Frame, resource: Json) -> Filling:
    """Make the page of something that is offered."""
    site = frame.site
    image = next(iter(resource["images"]), None) or site["image"]
    about = shortened(resource["description"] or resource["summary"], LONGEST_DESCRIPTION) or resource["name"]
    title = f"{resource['name']} · {site['name']}"
    first = [
        _image(image),
        element("h1", None, text(resource["name"])),
        *([element("p", None, text(resource["summary"]))] if resource["summary"] else []),
        element("p", None, _price(frame, resource)),
        *(
            [element("p", None, text(shortened(resource["description"], LONGEST_TEXT)))]
            if resource["description"]
            else []
        ),
        _back(frame),
    ]
    structured = "" if frame.embedded else data("application/ld+json", resource_data(site, resource, frame.addresses))
    return _filling(frame, title, _head(frame, title, about, image, None), first, structured)


def guest_page(frame: Frame) -> Filling:
    """Make a page that is for one guest: nothing of it is for crawlers, and its content comes with the scripts."""
    return _filling(frame, frame.site["name"], _head(frame, None, None, None, "noindex"), [])


def missing_page(frame: Frame, reason: str) -> Filling:
    """Say that there is nothing, and lead to what there is; `reason` is `missing` or `gone`."""
    title = frame.words[f"{reason}.title"]
    said = frame.words.get(f"{reason}.text")
    first = [
        element("h1", None, text(title)),
        *([element("p", None, text(said))] if said else []),
        _back(frame),
    ]
    return _filling(frame, f"{title} · {frame.site['name']}", _head(frame, None, None, None, "noindex"), first)


def notice_page(language: str, reason: str) -> Filling:
    """Say why no site is shown, without scripts: it is `unknown`, `suspended` or `unavailable`."""
    words = WORDS[language]
    title = words[f"{reason}.title"]
    first = element("main", None, element("h1", None, text(title)), element("p", None, text(words[f"{reason}.text"])))
    head = start("meta", {"name": "robots", "content": "noindex"}) if reason == "unknown" else ""
    return Filling(language, title, head, first, "", runs=False)


def chosen_language(asked: str | None, locale: str | None) -> str:
    """Return the language of a page: the one of its address, else that in which the business writes."""
    if asked in WORDS:
        return str(asked)
    return OWN if locale is None else language_of(locale)


def _filling(frame: Frame, title: str, head: str, first: Sequence[str], structured: str = "") -> Filling:
    site, addresses = frame.site, frame.addresses
    locale = page_locale(frame.language, site["locale"])
    shown = ""
    if first:
        top = element("a", {"href": addresses.here("/")}, text(site["name"]))
        # The words of a business are in its own language, whatever that of the page is.
        shown = element("header", None, top) + element(
            "main", {"lang": site["locale"] if frame.language != frame.own_language else None}, *first
        )
    return Filling(
        locale=locale,
        title=title,
        head=head,
        first=shown,
        data=structured + _given_answers(frame.given),
        noscript=_without_scripts(frame),
        tenant=site["slug"],
        base=addresses.base,
    )


def _head(frame: Frame, title: str | None, about: str | None, image: Json | None, robots: str | None) -> str:
    """The elements for search engines and for who shares the page; none of the latter without a title."""
    addresses, site, path = frame.addresses, frame.site, frame.path
    if robots or frame.embedded:
        return start("meta", {"name": "robots", "content": robots or "noindex"})
    own = None if frame.language == frame.own_language else frame.language
    canonical = addresses.canonical(path, own)
    tags = [
        start("meta", {"name": "description", "content": about}),
        start("link", {"rel": "canonical", "href": canonical}),
        start("link", {"rel": "alternate", "hreflang": "x-default", "href": addresses.canonical(path)}),
    ]
    for language in WORDS:
        chosen = None if language == frame.own_language else language
        tags.append(
            start("link", {"rel": "alternate", "hreflang": language, "href": addresses.canonical(path, chosen)})
        )
    tags.append(start("link", {"rel": "sitemap", "type": "application/xml", "href": addresses.here("/sitemap.xml")}))
    shared = {
        "og:type": "website",
        "og:title": title or site["name"],
        "og:description": about,
        "og:url": canonical,
        "og:site_name": site["name"],
        "og:locale": page_locale(frame.language, site["locale"]).replace("-", "_"),
    }
    if image is not None:
        shared |= {
            "og:image": addresses.file(image["url"]),
            "og:image:width": image["width"],
            "og:image:height": image["height"],
            "og:image:alt": image["alt"] or None,
        }
    tags += [start("meta", {"property": name, "content": said}) for name, said in shared.items() if said is not None]
    tags.append(start("meta", {"name": "twitter:card", "content": "summary_large_image" if image else "summary"}))
    return "".join(tags)


def _given_answers(given: Mapping[str, str]) -> str:
    if not given or sum(map(len, given.values())) > MOST_GIVEN:
        return ""
    return data("application/json", dict(given), {"id": "given"})


def _image(image: Json | None) -> str:
    if image is None:
        return ""
    facts = {
        "src": image["url"],
        "alt": image["alt"],
        "width": image["width"] or 1200,
        "height": image["height"] or 800,
    }
    return start("img", {**facts, "fetchpriority": "high"})


def _offer(frame: Frame, resource: Json) -> str:
    address = frame.addresses.here(resource_path(resource["slug"]))
    return element(
        "li",
        None,
        element("h3", None, element("a", {"href": address}, text(resource["name"]))),
        *([element("p", None, text(resource["summary"]))] if resource["summary"] else []),
        element("p", None, _price(frame, resource)),
    )


def _price(frame: Frame, resource: Json) -> str:
    price, words = resource["from_price"], frame.words
    if price["total"] == 0:
        return text(words["offers.free"])
    amount = money_text(price["total"], price["currency"])
    per = words[f"offers.per.{price['per']}"]
    return text(f"{words['offers.from']} {amount} {per}")


def _address(site: Json) -> str:
    address = part_of(site, "address")
    lines = [
        address.get("street"),
        " ".join(filter(None, (address.get("postal_code"), address.get("locality")))),
        address.get("region"),
        address.get("country"),
    ]
    said = ", ".join(filter(None, lines))
    return element("address", None, text(said)) if said else ""


def _back(frame: Frame) -> str:
    return element("p", None, element("a", {"href": frame.addresses.here("/")}, text(frame.words["offer.back"])))


def _without_scripts(frame: Frame) -> str:
    contact = part_of(frame.site, "contact")
    ways = [
        element("a", {"href": f"tel:{_dialled(phone['number'])}"}, text(phone["number"]))
        for phone in contact.get("phones", ())
    ]
    if contact.get("email"):
        ways.append(element("a", {"href": f"mailto:{contact['email']}"}, text(contact["email"])))
    said = element("p", None, text(frame.words["noscript"]))
    if ways:
        said += element("p", None, text(frame.words["noscript.contact"]), " ", ", ".join(ways))
    return said


def _dialled(number: str) -> str:
    return "".join(character for character in number if character in "+0123456789")
