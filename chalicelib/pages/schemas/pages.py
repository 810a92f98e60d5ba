"""Pages as they are asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.http.schema import Schema

Host = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    Field(description="Host that the page is asked of, perhaps with a port.", examples=["book.example.com"]),
]


class HostQuery(Schema, extra="forbid", json_schema_extra={"examples": [{"host": "book.example.com"}]}):
    """Of which host something is asked."""

    host: Host


class SitemapQuery(
    HostQuery, json_schema_extra={"examples": [{"host": "book.example.com", "path": "/t/pine-cabins/sitemap.xml"}]}
):
    """Where something is asked for."""

    path: Annotated[str, StringConstraints(pattern="^/", max_length=8000)] = Field(
        description="Path that is asked for, percent-encoded.", examples=["/t/pine-cabins"]
    )


class PageQuery(SitemapQuery, json_schema_extra={"examples": [{"host": "book.example.com", "path": "/t/pine-cabins"}]}):
    """Which page is asked for."""

    lang: Annotated[str, StringConstraints(max_length=35)] | None = Field(
        None,
        description="Language of the page: `en`, `de`, `es` or `fr`; for others and without, that of the tenant.",
        examples=["de"],
    )
