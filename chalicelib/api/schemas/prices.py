"""Prices in answers: integer minor units of one currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, Field, model_validator

from chalicelib.domain.pricing import ExpectedPrice

if TYPE_CHECKING:
    from chalicelib.domain.pricing import Quote


MOST_TOTAL = 2**53 - 1
"""What every JSON reader keeps exactly (RFC 8259, 6)."""


class Money(BaseModel):
    """An amount in minor units (cents of EUR), in an ISO 4217 currency."""

    currency: str = Field(examples=["EUR"])
    total: int = Field(examples=[12345])


class ExpectedPriceMembers(BaseModel):
    """What something may cost: where it costs something else now, it is refused with the new price."""

    expected_total: Annotated[int, Field(ge=0, le=MOST_TOTAL)] | None = Field(
        None, description="The price that was seen, in minor units; any price where it is left out."
    )
    expected_currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])] | None = Field(
        None, description="Its currency (ISO 4217); goes with expected_total."
    )

    @model_validator(mode="after")
    def _of_a_total(self) -> Self:
        if self.expected_currency is not None and self.expected_total is None:
            message = "give expected_total, too, or leave expected_currency out"
            raise ValueError(message)
        return self

    def expected(self) -> ExpectedPrice | None:
        """The price that was seen, None where any will do."""
        return None if self.expected_total is None else ExpectedPrice(self.expected_total, self.expected_currency)


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
