"""What a tenant decides about how it works, beyond its policies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a tenant works.

    `undo_minutes`: for how long a mistaken check-in or no-show may be taken back. `agents_may_override`: whether not
    only managers may make a reservation without insisting on rules. `waitlist`: whether guests may wait for what is
    taken; `waitlist_offer_minutes`: how long a place is held for them when it comes free. `check_in_early_minutes`: how
    long before the start guests can be checked in, to stays all of that day as well. `confirm_by_email`: whether what
    anonymous callers ask for is nothing until they open the link of an email. `origins`: whose pages may read the
    answers of the tenant's routes, beside the deployment's own; `embed_origins`: whose pages may show the frame in
    which guests reserve.
    """

    undo_minutes: int = 60
    agents_may_override: bool = False
    waitlist: bool = True
    waitlist_offer_minutes: int = 30
    check_in_early_minutes: int = 60
    confirm_by_email: bool = False
    origins: tuple[str, ...] = ()
    embed_origins: tuple[str, ...] = ()
