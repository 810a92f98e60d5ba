"""Policies in answers: as data, and in sentences for guests."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import Field
from pydantic_core import to_jsonable_python

from chalicelib.http.schema import Schema
from chalicelib.policies.model.cancellation_text import explain_cancellation
from chalicelib.policies.model.policies import EarlyCheckOut
from chalicelib.reservations.model.guest_changes import last_minutes

if TYPE_CHECKING:
    from chalicelib.policies.model.modes import Mode
    from chalicelib.policies.model.policies import Confirmation, Policy
    from chalicelib.policies.model.rules import Rule


class RuleBody(Schema):
    """A rule of a policy."""

    rule: str = Field(description="Name of the rule.", examples=["lead_time"])
    explanation: str = Field(
        description="What it asks, as a sentence for guests.",
        examples=["Please reserve at least 2 hours before it begins."],
    )
    parameters: dict[str, Any] = Field(
        description="Its settings, as in the policy document.", examples=[{"minimum_minutes": 120}]
    )


class TierBody(Schema):
    """A tier of the cancellation terms."""

    until_minutes_before: int = Field(
        description="How long before the start one has to cancel at the latest, in minutes.", examples=[2880]
    )
    refund_percent: int = Field(description="Percentage of the price that is refunded then.", examples=[100])


class GuestChangesBody(Schema):
    """What guests may change by themselves; staff may change more."""

    until_minutes_before: int | None = Field(
        description="How long before the start guests may change it at the latest, in minutes; null: at any time.",
        examples=[2880],
    )
    other_resources: bool = Field(description="Whether guests may move it to another resource.", examples=[True])


class PolicyBody(Schema):
    """The rules under which a resource is reserved."""

    version: int = Field(description="Number of this version; reservations made now keep it.", examples=[1])
    mode: dict[str, Any] = Field(
        description="Booking mode with its settings.",
        examples=[
            {
                "mode": "stay",
                "check_in_time": "15:00",
                "check_out_time": "11:00",
                "min_nights": 1,
                "max_nights": 14,
            }
        ],
    )
    confirmation: dict[str, Any] = Field(
        description="How a new reservation begins: confirmed (`instant`), held (`hold`), or pending for room "
        "(`pending`) or for staff (`approval`), with its settings.",
        examples=[{"kind": "instant", "hold_minutes": None, "grace_minutes": None, "rivals": None}],
    )
    capacity_counts: Literal["units", "people"] = Field(
        description="Whether a reservation takes units by its quantity, or one for each person."
    )
    rules: list[RuleBody] = Field(description="The rules that a reservation has to keep, in order.")
    no_show_after_minutes: int | None = Field(
        description="How long after the start a reservation becomes a no-show unless the guest was checked in, in "
        "minutes; null: never by itself.",
        examples=[720],
    )
    cancellation: list[TierBody] = Field(
        description="How much is refunded by when one cancels; nothing where no tier counts."
    )
    cancellation_explanation: str = Field(
        description="The same as sentences for guests.",
        examples=["On cancellation 50 % of the price is refunded until it begins. After that nothing is refunded."],
    )
    guest_changes: GuestChangesBody = Field(description="What guests may change by themselves.")
    early_check_out: EarlyCheckOut = Field(
        description="What is owed when a guest leaves early: `keep_price` all, `by_tiers` what the cancellation tiers "
        "leave of the nights that have not begun.",
    )


def policy_body(policy: Policy, version: int) -> PolicyBody:
    """The public form of a policy."""
    return PolicyBody(
        version=version,
        mode={"mode": policy.mode.mode, **_parameters(policy.mode)},
        confirmation=_parameters(policy.confirmation),
        capacity_counts=policy.capacity_counts,
        rules=[
            RuleBody(rule=rule.rule, explanation=rule.explain(), parameters=_parameters(rule)) for rule in policy.rules
        ],
        no_show_after_minutes=policy.no_show_after_minutes,
        cancellation=[
            TierBody(until_minutes_before=tier.until_minutes_before, refund_percent=tier.refund_percent)
            for tier in policy.cancellation
        ],
        cancellation_explanation=explain_cancellation(policy.cancellation),
        guest_changes=GuestChangesBody(
            until_minutes_before=last_minutes(policy), other_resources=policy.guest_changes.other_resources
        ),
        early_check_out=policy.early_check_out,
    )


def _parameters(part: Mode | Confirmation | Rule) -> dict[str, Any]:
    """The parameters of a part of a policy, as its document has them."""
    members = asdict(cast("Any", part))
    return {name: _plain(value) for name, value in members.items() if name not in {"mode", "rule"}}


def _plain(value: object) -> object:
    """A value as JSON has it; times of day are whole minutes, as in the document."""
    match value:
        case time():
            return f"{value:%H:%M}"
        case dict():
            return {name: _plain(member) for name, member in cast("dict[str, object]", value).items()}
        case list() | tuple():
            return [_plain(member) for member in cast("list[object]", value)]
        case _:
            return to_jsonable_python(value)
