"""Messages that are pushed: what RFC 8291 gives as its example, another implementation, and who may be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.adapters.web_push import (
    MOST_BYTES,
    RECORD_BYTES,
    Subscription,
    VapidKey,
    decoded,
    encoded,
    encrypt,
    is_push_service,
    key_text,
    new_key,
)
from chalicelib.config import PUSH_HOSTS
from tests.push_browser import PushBrowser

SALT = b"s" * 16
HOST = "updates.push.services.mozilla.com"
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"


def test_the_example_of_rfc_8291_comes_out_byte_for_byte() -> None:
    """Its appendix A."""
    to = Subscription(
        ENDPOINT,
        decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        decoded("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    own = VapidKey("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    body = encrypt(b"When I grow up, I want to be a watermelon", to, own, decoded("DGv6ra1nlYgDCS1FRnbzlw"))
    assert encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("length", [0, 1, MOST_BYTES])
def test_another_implementation_decrypts_it(length: int) -> None:
    browser = PushBrowser()
    body = encrypt(b"x" * length, browser.at(HOST), new_key(), SALT)
    assert len(body) <= RECORD_BYTES
    assert browser.read(body) == b"x" * length


def test_no_more_is_encrypted_than_push_services_take() -> None:
    with pytest.raises(ValueError, match="3993"):
        encrypt(b"x" * (MOST_BYTES + 1), PushBrowser().at(HOST), new_key(), SALT)


def test_a_point_beside_the_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid EC key"):
        encrypt(b"", Subscription(ENDPOINT, b"\x04" + b"\x01" * 64, b"a" * 16), new_key(), SALT)


def test_who_sends_is_signed_for_one_push_service_and_an_hour() -> None:
    key = new_key()
    now = datetime.now(UTC)
    header = key.authorization(ENDPOINT, "mailto:push@berth.example", now)
    token, public = header.removeprefix("vapid t=").split(", k=")
    verifier = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public))
    claims = jwt.decode(token, verifier, algorithms=["ES256"], audience="https://updates.push.services.mozilla.com")
    assert claims["sub"] == "mailto:push@berth.example"
    assert claims["exp"] == int(now.timestamp()) + 3600
    assert VapidKey(key_text(key)).public == public == key.public


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (ENDPOINT, True),
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://db5p.notify.windows.com/w/?token=abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://notify.windows.com/", False),
        ("https://evilnotify.windows.com.example.org/", False),
        ("https://xnotify.windows.com/", False),
        ("https://fcm.googleapis.com.example.org/", False),
        ("https://fcm.googleapis.com@example.org/", False),
        ("https://fcm.googleapis.com:8443/", False),
        ("http://fcm.googleapis.com/", False),
        ("https://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("https://169.254.169.254/latest/meta-data/", False),
        ("https://localhost/", False),
        ("https://berth.internal/", False),
    ],
)
def test_only_push_services_are_asked(endpoint: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert is_push_service(endpoint, PUSH_HOSTS) == expected
