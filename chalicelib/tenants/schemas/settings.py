"""A tenant's settings as requests and answers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from chalicelib.http.schema import Schema

Minutes = Annotated[
    int,
    Field(
        ge=0,
        le=7 * 1440,
        description="For how many minutes managers can undo a check-in, check-out or no-show.",
        examples=[60],
    ),
]
Agents = Annotated[
    bool, Field(description="Whether agents may waive rules of policies, as managers may.", examples=[False])
]

Waitlist = Annotated[bool, Field(description="Whether guests can join a waitlist for what is taken.")]
OfferMinutes = Annotated[
    int,
    Field(
        ge=1, le=7 * 1440, description="How many minutes an offer to a guest of the waitlist is held.", examples=[30]
    ),
]


def _changes(schema: dict[str, Any]) -> None:
    """What is left out stays as it is: these members have no defaults."""
    schema["examples"] = [{"undo_minutes": 120}]
    for member in schema["properties"].values():
        member.pop("default", None)


EarlyMinutes = Annotated[
    int,
    Field(
        ge=0,
        le=1440,
        description="How many minutes before the start guests can be checked in; for stays from the first day on.",
        examples=[60],
    ),
]

ByEmail = Annotated[
    bool,
    Field(
        description="Whether reservations, series and waitlist entries of anonymous callers are made only after "
        "they have opened the link of an email, within an hour; until then the answer is 202, without a token. It "
        "protects against reservations for email addresses that do not exist.",
        examples=[False],
    ),
]

PORT = r"(:([1-9][0-9]?|[1-35-9][0-9]{2}|4[0-35-9][0-9]|44[0-24-9]|[1-9][0-9]{3,4}))?"
"""Not 443: browsers leave the scheme's own port out (RFC 6454, section 6.2)."""
LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HERE = r"http://(localhost|127\.0\.0\.1)(:[1-9][0-9]{0,4})?"
Origin = Annotated[str, Field(max_length=255, pattern=rf"^(https://{LABEL}(\.{LABEL})*{PORT}|{HERE})$")]
Origins = Annotated[
    tuple[Origin, ...],
    Field(
        max_length=10,
        description="Web origins whose pages may call the API for this tenant, besides those of the deployment: such "
        "as `https://www.example.com`, without a path. A change takes effect within a minute.",
        examples=[["https://www.example.com"]],
    ),
]

EmbedOrigins = Annotated[
    tuple[Origin, ...],
    Field(
        max_length=10,
        description="Web origins whose pages may show the booking frame of this tenant (CSP `frame-ancestors`), such "
        "as `https://www.example.com`, without a path. No other may.",
        examples=[["https://www.example.com"]],
    ),
]


class ChangeSettings(Schema, extra="forbid", json_schema_extra=_changes):
    """Settings to change; those that are left out stay as they are."""

    undo_minutes: Minutes = 0
    agents_may_override: Agents = False
    waitlist: Waitlist = True
    waitlist_offer_minutes: OfferMinutes = 30
    check_in_early_minutes: EarlyMinutes = 60
    confirm_by_email: ByEmail = False
    origins: Origins = ()
    embed_origins: EmbedOrigins = ()


class SettingsBody(Schema):
    """What a tenant decides besides its policies."""

    undo_minutes: Minutes
    agents_may_override: Agents
    waitlist: Waitlist
    waitlist_offer_minutes: OfferMinutes
    check_in_early_minutes: EarlyMinutes
    confirm_by_email: ByEmail
    origins: Origins
    embed_origins: EmbedOrigins
