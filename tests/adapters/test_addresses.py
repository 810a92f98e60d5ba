"""Email addresses are compared as mail servers tell them apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as hypothesis

from chalicelib.adapters import addresses
from chalicelib.adapters.addresses import LONGEST_PLAIN, PLAIN, canonical_email
from tests.work import calls_of


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


SHORT = r"[a-z0-9_+-]{1,9}(\.[a-z0-9_+-]{1,5}){0,2}@([a-z0-9]{1,5}(-[a-z0-9]{1,4}){0,2}\.){1,2}[a-z]{2,8}"


@given(hypothesis.from_regex(SHORT, fullmatch=True))
def test_what_is_plain_is_kept_as_the_library_would_keep_it(address: str) -> None:
    assert PLAIN.fullmatch(address)
    assert len(address) <= LONGEST_PLAIN
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "LONGEST_PLAIN", 0)
        assert canonical_email(address) == address


def test_a_plain_address_takes_no_look_of_the_library() -> None:
    canonical_email("ada@éxample.org")  # brings the library
    assert calls_of(lambda: canonical_email("ada@example.org")) < calls_of(lambda: canonical_email("ADA@example.org"))
