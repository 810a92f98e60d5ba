"""What a price includes and leaves out: what follows from the rates, and what a tenant says besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.rates import Fee, Rates, Tax

EXTRA_GUESTS = "extra guests"
"""What they are called in the lines of a price, too."""


@dataclass(frozen=True, slots=True)
class PricePart:
    """Something that is in a price, or comes on top of it.

    `text`: the tenant's own words, such as breakfast. Otherwise it follows from the rates: an `amount` of minor units
    `per` something, or `basis_points` of the price. Extra guests are those beyond so many with each unit.
    """

    kind: Literal["text", "fee", "tax", "extra_guests"]
    name: str
    amount: int | None = None
    per: Literal["reservation", "night", "unit", "person"] | None = None
    basis_points: int | None = None
    beyond: int | None = None


@dataclass(frozen=True, slots=True)
class PriceContents:
    """What is in a price, and what is not."""

    includes: tuple[PricePart, ...]
    excludes: tuple[PricePart, ...]


def contents_of_base(rates: Rates) -> PriceContents:
    """Return what the price of one night, slot, hour or person includes, and what comes on top of it."""
    included = (_tax(tax) for tax in rates.taxes if tax.included)
    on_top = (_tax(tax) for tax in rates.taxes if not tax.included)
    return PriceContents(
        includes=(*_told(rates.includes), *included),
        excludes=(*_extra_guests(rates), *map(_fee, rates.fees), *on_top, *_told(rates.excludes)),
    )


def contents_of_total(rates: Rates) -> PriceContents:
    """Return what the whole price of a reservation includes, and what a guest pays besides."""
    return PriceContents(
        includes=(*_told(rates.includes), *map(_fee, rates.fees), *map(_tax, rates.taxes)),
        excludes=tuple(_told(rates.excludes)),
    )


def _told(texts: tuple[str, ...]) -> Iterator[PricePart]:
    return (PricePart("text", text) for text in texts)


def _fee(fee: Fee) -> PricePart:
    return PricePart("fee", fee.name, amount=fee.amount, per=fee.per)


def _tax(tax: Tax) -> PricePart:
    return PricePart("tax", tax.name, basis_points=tax.basis_points)


def _extra_guests(rates: Rates) -> Iterator[PricePart]:
    extra = rates.extra_guests
    if extra is not None and extra.amount:
        yield PricePart("extra_guests", EXTRA_GUESTS, amount=extra.amount, per="person", beyond=extra.included)
