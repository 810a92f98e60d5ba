"""What a listing says, asked with everything by itself: tests vary each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.availability.model import availability
from chalicelib.availability.model.inquiries import Inquiry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chalicelib.availability.model.availability import FreeRange, Night, Slot
    from chalicelib.availability.model.inquiries import Fits
    from chalicelib.availability.model.profiles import Profile
    from chalicelib.core.resources import Resource
    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.model.wanted import Facts


def nights(
    policy: Policy,
    resource: Resource,
    profile: Profile,
    facts: Facts,
    from_on: date,
    until_on: date,
    quantity: int,
    party_size: int,
    fits: Fits,
    *,
    resource_on: Mapping[date, int] = availability.NO_COUNTS,
) -> list[Night]:
    inquiry = Inquiry(policy, resource, profile, quantity, party_size, fits)
    return availability.nights(inquiry, facts, from_on, until_on, resource_on)


def slots(
    policy: Policy,
    resource: Resource,
    profile: Profile,
    facts: Facts,
    within: TimeRange,
    quantity: int,
    party_size: int,
    fits: Fits,
    *,
    resource_on: Mapping[date, int] = availability.NO_COUNTS,
) -> list[Slot]:
    inquiry = Inquiry(policy, resource, profile, quantity, party_size, fits)
    return availability.slots(inquiry, facts, within, resource_on)


def free_ranges(
    policy: Policy,
    resource: Resource,
    profile: Profile,
    facts: Facts,
    within: TimeRange,
    quantity: int,
    party_size: int,
    fits: Fits,
    *,
    resource_on: Mapping[date, int] = availability.NO_COUNTS,
) -> list[FreeRange]:
    inquiry = Inquiry(policy, resource, profile, quantity, party_size, fits)
    return availability.free_ranges(inquiry, facts, within, resource_on)
