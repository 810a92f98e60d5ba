"""The cancellation tiers of a policy as sentences for guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.wording import minutes_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.policies.model.policies import CancellationTier

EVERYTHING = 100


def explain_cancellation(tiers: Iterable[CancellationTier]) -> str:
    """Return what cancelling gives back until when, as sentences for guests; English, as those of rules are."""
    refunding = [tier for tier in tiers if tier.refund_percent]
    if not refunding:
        return "Nothing is refunded on cancellation."
    first, *later = refunding
    share = "all" if first.refund_percent == EVERYTHING else f"{first.refund_percent} %"
    parts = [f"{share} of the price is refunded until {_before(first)}"]
    parts += [f"then {tier.refund_percent} % until {_before(tier)}" for tier in later]
    return f"On cancellation {', '.join(parts)}. After that nothing is refunded."


def _before(tier: CancellationTier) -> str:
    minutes = tier.until_minutes_before
    return f"{minutes_text(minutes)} before it begins" if minutes else "it begins"
