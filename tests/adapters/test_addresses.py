"""Email addresses are compared as mail servers tell them apart."""

from __future__ import annotations

import pytest

from chalicelib.adapters.addresses import canonical_email


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("ada@Müller.example", "ada@xn--mller-kva.example"),
        ("ada@mu\u0308ller.example", "ada@xn--mller-kva.example"),
        ("ada@XN--MLLER-KVA.example", "ada@xn--mller-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),  # not strasse.example, which is another domain
        ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("ada+spring@example.org", "ada+spring@example.org"),
    ],
)
def test_domains_are_kept_as_the_dns_has_them(given: str, kept: str) -> None:
    assert canonical_email(given) == kept
    assert canonical_email(kept) == kept


@pytest.mark.parametrize("given", ["ada@-ü.example", "ada@ü..example", f"{'a' * 240}@müller.example"])
def test_what_cannot_be_a_domain_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="must"):
        canonical_email(given)


@pytest.mark.parametrize(
    "given",
    [
        "<v@e.org>", "Eve <eve@example.org>", "a,b@e.org", "a@e.org,b@e.org", "a@[127.0.0.1]", '"a b"@e.org',
        "a..b@e.org", ".a@e.org", "a@b@e.org", "a@e.org\r\nBcc: b@e.org", "a@e..org", "a@-e.org", "a\u200b@e.org",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="must"):
        canonical_email(given)


@pytest.mark.parametrize("given", ["guest@replay.invalid", "ada@berth.test", "o'brien@example.org", "ada@x.example"])
def test_addresses_that_no_dns_knows_are_addresses(given: str) -> None:
    assert canonical_email(given) == given
