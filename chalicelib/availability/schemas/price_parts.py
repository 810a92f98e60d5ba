"""What a price includes and leaves out, in answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chalicelib.http.prices import Money, money
from chalicelib.http.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.policies.model.price_contents import PricePart


class PricePartBody(Schema):
    """Something that is in a price, or comes on top of it."""

    kind: Literal["text", "fee", "tax", "extra_guests"] = Field(
        description="`text`: the tenant's own words, such as breakfast. The others follow from the rates."
    )
    name: str = Field(description="What guests read, in the tenant's language.", examples=["Cleaning"])
    amount: Money | None = Field(description="Amount of a fee, or for an extra guest; null for others.")
    per: Literal["reservation", "night", "unit", "person"] | None = Field(
        description="How often the amount is due; null where there is none.", examples=["reservation"]
    )
    basis_points: int | None = Field(
        description="Rate of a tax in hundredths of a percent; null for others.", examples=[None]
    )
    beyond: int | None = Field(
        description="Number of guests for each unit beyond whom one is extra; null for others.", examples=[None]
    )


Included = Annotated[list[PricePartBody], Field(description="What the price includes.", examples=[[]])]
Excluded = Annotated[list[PricePartBody], Field(description="What comes on top of the price.", examples=[[]])]


def price_part_bodies(parts: Sequence[PricePart], currency: str) -> list[PricePartBody]:
    """The public form of parts of a price."""
    return [
        PricePartBody.model_construct(
            kind=part.kind,
            name=part.name,
            amount=None if part.amount is None else money(part.amount, currency),
            per=part.per,
            basis_points=part.basis_points,
            beyond=part.beyond,
        )
        for part in parts
    ]
