"""The one serializer of what events say: answers, exports and live messages all have it in this form.

Events are stored forever and sealed, so what they say is kept in the form in which it was written: instants as Python
writes them, units as runs, amounts beside a price that has their currency. Others get what all answers have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast, overload

from chalicelib.core.money import decimals_of
from chalicelib.core.unit_sets import UnitSet, numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

AMOUNTS = ("due", "retained", "refund")
"""What events say of money beside the price, in minor units of its currency."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?\+00:00", re.ASCII)


@overload
def as_sent(facts: Mapping[str, Any]) -> dict[str, Any]: ...


@overload
def as_sent(facts: Mapping[str, Any] | None) -> dict[str, Any] | None: ...


def as_sent(facts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What an event says was or is: instants end in Z, units are numbers, money has its currency and decimals."""
    if facts is None:
        return None
    sent = {name: _units(value) if name == "units" else _value(value) for name, value in facts.items()}
    price: dict[str, Any] | None = facts.get("price")
    if price is not None:
        money = {"currency": price["currency"], "decimals": decimals_of(price["currency"])}
        amounts = {name: {**money, "total": facts[name]} for name in AMOUNTS if name in facts}
        sent |= {"price": {**money, **price}, **amounts}
    return sent


def _value(value: object) -> object:
    if isinstance(value, str):
        return f"{value[:-6]}Z" if _INSTANT.fullmatch(value) else value
    if isinstance(value, dict):
        return as_sent(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [_value(one) for one in cast("list[object]", value)]
    return value


def _units(runs: list[list[int]]) -> list[int] | None:
    return numbers_of(UnitSet(tuple((first, end) for first, end in runs)))
