"""Prices in answers: integer minor units of one currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from chalicelib.domain.pricing import Quote


class Money(BaseModel):
    """An amount in minor units (cents of EUR), in an ISO 4217 currency."""

    currency: str = Field(examples=["EUR"])
    total: int = Field(examples=[12345])


class PriceLine(BaseModel):
    """One line of a price; amounts in minor units. The lines add up to the total."""

    kind: str
    label: str
    quantity: int
    unit_amount: int
    amount: int


class Price(Money):
    """A price with the lines it is made of."""

    lines: list[PriceLine]


def price_of(quote: Quote) -> Price:
    """The public form of a quote."""
    lines = [
        PriceLine.model_construct(
            kind=line.kind,
            label=line.label,
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            amount=line.amount,
        )
        for line in quote.lines
    ]
    return Price.model_construct(currency=quote.currency, total=quote.total, lines=lines)


def total_of(quote: Quote) -> Money:
    """The total alone, for lists of many."""
    return Money.model_construct(currency=quote.currency, total=quote.total)
