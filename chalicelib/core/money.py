"""Amounts in minor units of one currency, and what a price is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.core.currencies import DECIMALS
from chalicelib.core.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.money import Quote


def decimals_of(currency: str) -> int:
    """Return how many digits of an amount in minor units stand behind the point."""
    return DECIMALS.get(currency, 2)


def money_text(amount: int, currency: str) -> str:
    """Write an amount of minor units for people, such as `123.45 EUR`."""
    decimals = decimals_of(currency)
    return f"{Decimal(amount).scaleb(-decimals):,.{decimals}f} {currency}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a quote: `amount` is `quantity` times `unit_amount`.

    `kind` is base, extra_guests, discount, fee, tax or included_tax. An included tax has the quantity 0: its
    `unit_amount` says what the prices contain, and adds nothing. `code` and `parameters` say what `label` says in
    English, for those who say it in another language; lines that were stored before there were codes have none. They
    are no part of what is equal, as a price is not another one by them.
    """

    kind: str
    label: str
    quantity: int
    unit_amount: int
    amount: int
    code: str | None = field(default=None, compare=False)
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """A price: `total` is the sum of the lines, in minor units of `currency` (ISO 4217)."""

    currency: str
    total: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ExpectedPrice:
    """What something may cost, in minor units of a currency: neither more nor less."""

    total: int
    currency: str

    def check(self, price: Quote) -> None:
        """Refuse another price. Raises `PriceChangedError`."""
        if (self.total, self.currency) != (price.total, price.currency):
            expected = money_text(self.total, self.currency)
            message = (
                f"It costs {money_text(price.total, price.currency)}, and the request expects {expected}. Nothing was "
                "stored; send it again with the new price if that is accepted."
            )
            raise PriceChangedError(message, price)


def sum_of(prices: Sequence[Quote], currency: str) -> Quote:
    """Return what several things cost together, line by line."""
    return Quote(currency, sum(one.total for one in prices), tuple(line for one in prices for line in one.lines))


class PriceChangedError(ConflictError):
    """It costs something else than the request expects.

    `price` is what it costs now.
    """

    code = "price_changed"
    advice = "Show the price in `quote`, and repeat the request with its total once it is accepted."

    def __init__(self, detail: str, price: Quote) -> None:
        super().__init__(detail)
        self.price = price
