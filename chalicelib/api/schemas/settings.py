"""A tenant's settings as requests and answers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

Minutes = Annotated[
    int,
    Field(ge=0, le=7 * 1440, description="For how long managers may take a mistaken check-in or no-show back."),
]
Agents = Annotated[bool, Field(description="Whether agents, too, may override rules of policies.")]

Waitlist = Annotated[bool, Field(description="Whether guests may wait for what is taken.")]
OfferMinutes = Annotated[
    int, Field(ge=1, le=7 * 1440, description="How long a place is held for who waited, when it comes free.")
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
        description="How long before the start guests can be checked in; to a stay all of its first day as well.",
    ),
]

ByEmail = Annotated[
    bool,
    Field(
        description="Whether what strangers ask for (reservations, series, places on the waitlist) is nothing until "
        "they open the link of an email, within an hour: they are answered 202 and given no token before. For tenants "
        "whom somebody keeps busy with guests that do not exist."
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
        description="Whose pages may call this tenant's part of the API and read the answers, beside the deployment's "
        "own: as browsers say it, such as `https://www.example.com`, without a path. Takes up to a minute.",
    ),
]


class ChangeSettings(BaseModel, extra="forbid", json_schema_extra=_changes):
    """What to change; settings that are left out stay as they are."""

    undo_minutes: Minutes = 0
    agents_may_override: Agents = False
    waitlist: Waitlist = True
    waitlist_offer_minutes: OfferMinutes = 30
    check_in_early_minutes: EarlyMinutes = 60
    confirm_by_email: ByEmail = False
    origins: Origins = ()


class SettingsBody(BaseModel):
    """How a tenant works, beyond its policies."""

    undo_minutes: Minutes
    agents_may_override: Agents
    waitlist: Waitlist
    waitlist_offer_minutes: OfferMinutes
    check_in_early_minutes: EarlyMinutes
    confirm_by_email: ByEmail
    origins: Origins
