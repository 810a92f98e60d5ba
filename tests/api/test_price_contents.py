"""What a price includes and leaves out: by the rates, and in the tenant's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.core.errors import InvalidDocumentError
from chalicelib.policies.model.policy_documents import parse
from tests.api.tenant import in_days
from tests.offers import NO_RATES, STAY, Offer, policy, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.offers import Json

RATES: Json = {
    **NO_RATES,
    "extra_guests": {"included": 2, "amount": 1500},
    "fees": [{"name": "Ménage", "amount": 4000, "per": "reservation"}],
    "taxes": [
        {"name": "TVA", "basis_points": 1000, "included": True},
        {"name": "Taxe", "basis_points": 250, "included": False},
    ],
    "includes": ["Petit-déjeuner"],
    "excludes": ["Parking"],
}
NIGHTS = {"check_in_on": in_days(5), "check_out_on": in_days(7), "party_size": 2}


def told(name: str) -> Json:
    return part("text", name)


def part(kind: str, name: str, **members: object) -> Json:
    nothing = dict.fromkeys(("amount", "per", "basis_points", "beyond"))
    return {"kind": kind, "name": name, **nothing, **members}


def eur(total: int) -> Json:
    return {"currency": "EUR", "decimals": 2, "total": total}


FEE = part("fee", "Ménage", amount=eur(4000), per="reservation")
VAT, TAX = part("tax", "TVA", basis_points=1000), part("tax", "Taxe", basis_points=250)
EXTRA = part("extra_guests", "extra guests", amount=eur(1500), per="person", beyond=2)


def test_catalogue_and_quote_say_what_their_prices_include(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(STAY, rates=RATES)))
    [shown] = tenant.get("/resources").json()["items"]
    assert shown["from_price"]["includes"] == [told("Petit-déjeuner"), VAT]
    assert shown["from_price"]["excludes"] == [EXTRA, FEE, TAX, told("Parking")]
    assert tenant.get("/resources/room").json()["from_price"] == shown["from_price"]
    quoted = tenant.post("/quotes", {"resource_id": str(tenant.ids["room"]), **NIGHTS}).json()
    assert quoted["includes"] == [told("Petit-déjeuner"), FEE, VAT, TAX]
    assert quoted["excludes"] == [told("Parking")]
    assert {line["label"] for line in quoted["price"]["lines"]} >= {"Ménage", "TVA", "Taxe"}


def test_a_new_version_says_something_else_at_once(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(STAY, rates=RATES)))
    before = tenant.get("/resources/room")
    publish(tenant.database.owner, tenant.ids["room"], policy(STAY))
    after = tenant.get("/resources/room")
    assert (after.json()["from_price"]["includes"], after.json()["from_price"]["excludes"]) == ([], [])
    assert after.headers["etag"] != before.headers["etag"]


def test_what_follows_from_the_price_list_needs_no_text(make_tenant: Callable[..., Tenant]) -> None:
    bare: Any = {name: value for name, value in RATES.items() if name not in {"includes", "excludes"}}
    tenant = make_tenant(Offer(slug="room", document=policy(STAY, rates={**bare, "extra_guests": None})))
    price = tenant.get("/resources/room").json()["from_price"]
    assert (price["includes"], price["excludes"]) == ([VAT], [FEE, TAX])


@pytest.mark.parametrize(
    ("member", "texts", "expected"),
    [
        ("includes", ["x"] * 2, "only once"),
        ("includes", [f"text {number}" for number in range(21)], "at most 20"),
        ("excludes", ["a" * 101], "1 to 100"),
        ("excludes", [""], "1 to 100"),
        ("excludes", [" Parking"], "without blanks"),
        ("includes", ["Two\nlines"], "one line"),
        ("excludes", ["Petit-déjeuner"], "includes has as well"),
        ("includes", [7], "text"),
    ],
)
def test_texts_have_bounds(member: str, texts: list[Any], expected: str) -> None:
    rates: Json = {**RATES, member: texts}
    with pytest.raises(InvalidDocumentError, match=expected) as refused:
        parse(policy(STAY, rates=rates))
    assert refused.value.field.startswith(f"$.rates.{member}")


def test_texts_may_be_as_long_and_as_many_as_said() -> None:
    texts = [f"{number:02}" + "é" * 98 for number in range(20)]
    read = parse(policy(STAY, rates={**RATES, "includes": texts}))
    assert list(read.rates.includes) == texts
