"""Policies in answers: as data, and in sentences for guests."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel, Field
from pydantic_core import to_jsonable_python

from chalicelib.domain.guest_changes import last_minutes
from chalicelib.domain.policies import EarlyCheckOut

if TYPE_CHECKING:
    from chalicelib.domain.modes import Mode
    from chalicelib.domain.policies import Confirmation, Policy
    from chalicelib.domain.rules import Rule


class RuleBody(BaseModel):
    """One rule: in a sentence for guests, and with its parameters."""

    rule: str
    explanation: str
    parameters: dict[str, Any]


class TierBody(BaseModel):
    """How much is given back when a reservation is cancelled at least that long before it starts."""

    until_minutes_before: int
    refund_percent: int


class GuestChangesBody(BaseModel):
    """What guests change by themselves of what is agreed; those who work for the tenant change more."""

    until_minutes_before: int | None = Field(description="How long before the start at the latest; null: at any time.")
    other_resources: bool = Field(description="Whether they move it to something else.")


class PolicyBody(BaseModel):
    """How a resource is reserved."""

    version: int
    mode: dict[str, Any] = Field(description="The booking mode with its parameters.")
    confirmation: dict[str, Any]
    capacity_counts: Literal["units", "people"]
    rules: list[RuleBody]
    no_show_after_minutes: int | None
    cancellation: list[TierBody]
    guest_changes: GuestChangesBody
    early_check_out: EarlyCheckOut


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
