"""What cancelling gives back until when, in answers about prices and reservations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from chalicelib.http.prices import Money, money
from chalicelib.http.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.reservations.model.dues import RefundStep


class RefundStepBody(Schema):
    """What a cancellation gives back, from the end of the step before until this one's end."""

    until: datetime | None = Field(
        description="Last instant at which one has to cancel for it (UTC), that one included; null for the last step, "
        "which has no end.",
        examples=["2027-05-12T22:00:00Z"],
    )
    refund_percent: int = Field(description="Percentage of the price that is given back.", examples=[100])
    refund: Money = Field(description="Amount that is given back.")
    retained: Money = Field(description="Amount that stays owed.")
    current: bool = Field(description="Whether it is the step that counts at the time of the answer.", examples=[True])


def refund_step_bodies(steps: Sequence[RefundStep], currency: str) -> list[RefundStepBody]:
    """The public form of steps."""
    return [
        RefundStepBody.model_construct(
            until=step.until,
            refund_percent=step.percent,
            refund=money(step.refund, currency),
            retained=money(step.retained, currency),
            current=step.current,
        )
        for step in steps
    ]
