"""Money in requests and answers: integer minor units, with their currency and its decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from chalicelib.core.currencies import DECIMALS, check_currency
from chalicelib.core.money import ExpectedPrice, decimals_of
from chalicelib.http.schema import Schema

if TYPE_CHECKING:
    from chalicelib.core.money import Quote


MOST_TOTAL = 2**53 - 1
"""What every JSON reader keeps exactly (RFC 8259, 6)."""


EXAMPLE = {"currency": "CAD", "decimals": 2, "total": 24000}
Currency = Annotated[
    str,
    AfterValidator(check_currency),
    WithJsonSchema({"type": "string", "enum": sorted(DECIMALS)}),
    Field(description="ISO 4217 code of a currency in use."),
]
"""As requests name it."""
Decimals = Annotated[
    int,
    Field(
        description="Decimals of the currency: how many digits of an amount in minor units stand behind the point.",
        examples=[2],
    ),
]


class Money(Schema):
    """An amount of money: 24000 with 2 decimals are 240.00."""

    currency: str = Field(description="Currency of the amount (ISO 4217).", examples=["CAD"])
    decimals: Decimals
    total: int = Field(description="Amount in minor units of the currency, such as cents.", examples=[24000])


class ExpectedMoney(Schema, extra="forbid", json_schema_extra={"examples": [EXAMPLE]}):
    """The amount that was seen, as it was answered."""

    currency: Currency
    decimals: int | None = Field(
        None, description="Decimals of the currency; refused where it has others.", examples=[2]
    )
    total: Annotated[int, Field(ge=0, le=MOST_TOTAL)] = Field(description="Amount in minor units of the currency.")

    @model_validator(mode="after")
    def _of_the_currency(self) -> Self:
        if self.decimals not in {None, decimals_of(self.currency)}:
            message = f"{self.currency} has {decimals_of(self.currency)} decimals"
            raise ValueError(message)
        return self


class ExpectedPriceMembers(Schema):
    """What something may cost: where it costs something else now, it is refused with the new price."""

    expected_price: ExpectedMoney | None = Field(
        None, description="The price that was seen, without its lines; any price where it is left out."
    )

    def expected(self) -> ExpectedPrice | None:
        """The price that was seen, None where any will do."""
        seen = self.expected_price
        return None if seen is None else ExpectedPrice(seen.total, seen.currency)


class PriceLine(Schema):
    """A line of a price; the lines add up to the total."""

    kind: str = Field(
        description="What the line is for: `base`, `extra_guests`, `discount`, `fee`, `tax` or `included_tax`.",
        examples=["base"],
    )
    label: str = Field(description="What guests read on the bill.", examples=["night"])
    quantity: int = Field(
        description="How often the amount counts: nights, units, people. 0 for a tax that the prices include already.",
        examples=[2],
    )
    unit_amount: int = Field(description="Amount for one, in minor units; negative for a discount.", examples=[12000])
    amount: int = Field(description="`quantity` times `unit_amount`, in minor units.", examples=[24000])
    code: str | None = Field(
        description="What `label` says in English, for any language: `night`, `hour`, `slot` or `person` (with "
        "the `season` and the `weekdays` that make the price, hours with `minutes`), `extra_guests`, `length_of_stay` "
        "(with `percent_off`, `minimum` and `unit`), `fee`, `tax` or `included_tax` (with the `name` that the tenant "
        "gave). Null in reservations from before there were codes.",
        examples=["night"],
    )
    parameters: dict[str, Any] = Field(
        description="What belongs to the `code`.", examples=[{"season": "Summer", "weekdays": ["fri", "sat"]}]
    )


class Price(Money):
    """A price, with the lines that it is made of."""

    lines: list[PriceLine] = Field(description="What the total is made of, in the order in which it is calculated.")


def price_of(quote: Quote) -> Price:
    """The public form of a quote."""
    lines = [
        PriceLine.made_of(
            kind=line.kind,
            label=line.label,
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            amount=line.amount,
            code=line.code,
            parameters={**line.parameters},
        )
        for line in quote.lines
    ]
    decimals = decimals_of(quote.currency)
    return Price.made_of(currency=quote.currency, decimals=decimals, total=quote.total, lines=lines)


def total_of(quote: Quote) -> Money:
    """The total alone, for lists of many."""
    return money(quote.total, quote.currency)


def money(total: int, currency: str) -> Money:
    """The public form of an amount of minor units."""
    return Money.made_of(currency=currency, decimals=decimals_of(currency), total=total)
