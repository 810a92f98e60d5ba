"""Web push: messages that only one browser can read, and requests that a push service can tell to be ours.

RFC 8291 encrypts for the browser, with the coding of RFC 8188; RFC 8292 (VAPID) says who sends; RFC 8030 is the
request. It is written on cryptography and PyJWT, which are here for other reasons (docs/adr/0033).
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalicelib.adapters.egress import Answer, EgressError, EgressFailure, parse_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from chalicelib.adapters.egress import Egress

RECORD_BYTES = 4096
"""What every push service takes (RFC 8030, 7.2): a message is one record."""
MOST_BYTES = 3993
"""Of a message: the record without the header (86), the delimiter (1) and the tag (16)."""
SALT_BYTES, SCALAR_BYTES, POINT_BYTES, SECRET_BYTES = 16, 32, 65, 16
TOKEN_SECONDS = 3600
"""For which a token of ours is valid; each request has its own (RFC 8292, 2: a day at most)."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser as its push service knows it: its address there, its public key (65 bytes), a shared secret (16)."""

    endpoint: str
    p256dh: bytes
    auth: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What is pushed: kept for `ttl` seconds, and in the place of what waits with the same `topic` (32 characters)."""

    content: bytes
    ttl: int
    urgent: bool
    topic: str


class VapidKey:
    """The key that says who sends. Browsers get its public part when they subscribe, and keep to it."""

    def __init__(self, text: str) -> None:
        """Take the form that `new_key` makes. Raises `ValueError`."""
        scalar = decoded(text)
        if len(scalar) != SCALAR_BYTES:
            message = f"A key has {SCALAR_BYTES} bytes."
            raise ValueError(message)
        self._scalar = int.from_bytes(scalar, "big")

    @cached_property
    def private(self) -> EllipticCurvePrivateKey:
        """The key itself. Raises `ValueError` for a number that is none of the curve's."""
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.derive_private_key(self._scalar, ec.SECP256R1())

    @cached_property
    def public(self) -> str:
        """Its public part, as browsers take it (`applicationServerKey`)."""
        return encoded(_point_of(self.private))

    def authorization(self, endpoint: str, subject: str, now: datetime) -> str:
        """The header that says to one push service who sends, and until when that is true."""
        import jwt

        claims = {"aud": f"https://{urlsplit(endpoint).hostname}", "exp": int(now.timestamp()) + TOKEN_SECONDS}
        token = jwt.encode({**claims, "sub": subject}, self.private, algorithm="ES256")
        return f"vapid t={token}, k={self.public}"


class PushServices:
    """Sends to browsers, through the egress guard, and to no host but those of push services."""

    def __init__(self, egress: Egress, key: VapidKey, subject: str, hosts: Sequence[str]) -> None:
        self._egress = egress
        self._key = key
        self._subject = subject
        self._hosts = tuple(hosts)

    def send(self, to: Subscription, message: Message, now: datetime, until: float) -> Answer:
        """Push; the answer has no body. Raises `EgressError`, and `ValueError` for keys that are none."""
        if not is_push_service(to.endpoint, self._hosts):
            raise EgressError(EgressFailure.INVALID_URL)
        headers = {
            "authorization": self._key.authorization(to.endpoint, self._subject, now),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(message.ttl),
            "urgency": "high" if message.urgent else "normal",
            "topic": message.topic,
        }
        body = encrypt(message.content, to, new_key(), secrets.token_bytes(SALT_BYTES))
        return self._egress.request("POST", to.endpoint, headers=headers, body=body, until=until)


def is_push_service(endpoint: str, hosts: Sequence[str]) -> bool:
    """Whether an address is at one of these hosts: a name, or `*.` and what the name ends with."""
    try:
        host = parse_url(endpoint).host
    except ValueError:
        return False
    return any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in hosts)


def new_key() -> VapidKey:
    """Make a new key."""
    from cryptography.hazmat.primitives.asymmetric import ec

    scalar = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return VapidKey(encoded(scalar.to_bytes(SCALAR_BYTES, "big")))


def key_text(key: VapidKey) -> str:
    """The form in which a key is configured."""
    return encoded(key.private.private_numbers().private_value.to_bytes(SCALAR_BYTES, "big"))


def encrypt(content: bytes, to: Subscription, own: VapidKey, salt: bytes) -> bytes:
    """Encrypt for one browser (RFC 8291, 3.4), with a key and a salt that are used once.

    Raises `ValueError` for a public key that is none, and for more than `MOST_BYTES`.
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(content) > MOST_BYTES:
        message = f"A message has {MOST_BYTES} bytes at most."
        raise ValueError(message)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to.p256dh)
    sender = _point_of(own.private)
    shared = own.private.exchange(ec.ECDH(), theirs)
    input_key = _derived(shared, to.auth, b"WebPush: info\0" + to.p256dh + sender, 32)
    content_key = _derived(input_key, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(input_key, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(sender)]) + sender
    return header + AESGCM(content_key).encrypt(nonce, content + b"\x02", None)


def encoded(some: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(some).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Bytes of `encoded`, with or without padding. Raises `ValueError`."""
    plain = text.rstrip("=")
    if not plain.isascii() or not plain.replace("-", "").replace("_", "").isalnum():
        message = "must be base64url"
        raise ValueError(message)
    return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))


def _point_of(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
