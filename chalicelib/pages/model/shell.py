"""The page as web/ builds it, and what is put into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.pages.model.markup import element, start, text

PARTS = re.compile(
    r'<html lang="en">(?P<before_title>.*)<title>[^<]*</title>(?P<before_page>.*)<div id="page"></div>'
    r"(?P<before_words>.*)<noscript>[^<]*</noscript>",
    re.DOTALL,
)
RUNNING = re.compile(r"<script\b[^>]*></script>|<link\b[^>]*\brel=\"modulepreload\"[^>]*>")


class ShellError(Exception):
    """The built page is not of the form that content can be put into."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What is put into a page; all but the title is markup. `data`: what is for machines, last.

    `tenant` and `base` tell the scripts whose site it is and below which path; `runs`: whether these take over.
    `map_tiles`: where tiles of maps are, and whom to name for them.
    """

    locale: str
    title: str
    head: str
    first: str
    noscript: str
    data: str = ""
    tenant: str = ""
    base: str = ""
    runs: bool = True
    map_tiles: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Shell:
    """The built page, cut where something is put in."""

    begin: str
    before_title: str
    before_page: str
    before_words: str
    end: str

    def filled(self, filling: Filling) -> str:
        """Return the whole page."""
        named = {"data-tenant": filling.tenant, "data-base": filling.base} if filling.tenant else {}
        if filling.map_tiles is not None:
            named |= {"data-map-tiles": filling.map_tiles[0], "data-map-credits": filling.map_tiles[1]}
        before_page = self.before_page if filling.runs else RUNNING.sub("", self.before_page)
        return "".join(
            (
                self.begin,
                start("html", {"lang": filling.locale, "dir": "ltr", **named}),
                self.before_title,
                element("title", None, text(filling.title)),
                filling.head,
                before_page,
                element("div", {"id": "first"}, filling.first) if filling.first else "",
                start("div", {"id": "page"}),
                "</div>",
                self.before_words,
                element("noscript", None, filling.noscript) if filling.runs else "",
                filling.data,
                self.end,
            )
        )


@lru_cache(maxsize=2)
def shell_of(built: str) -> Shell:
    """Cut a built page. Raises `ShellError`."""
    found = PARTS.search(built)
    if found is None:
        message = "The built page has not each of <html lang>, <title>, #page and <noscript> once, in this order."
        raise ShellError(message)
    parts = found.groupdict()
    return Shell(
        built[: found.start()],
        parts["before_title"],
        parts["before_page"],
        parts["before_words"],
        built[found.end() :],
    )
