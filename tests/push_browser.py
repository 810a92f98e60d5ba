"""A browser that is pushed to, as far as its keys: what it reads is decrypted by an implementation that is not ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import http_ece as untyped  # pyright: ignore[reportMissingTypeStubs]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.adapters.web_push import Subscription

HTTP_ECE: Any = untyped


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class PushBrowser:
    """Its key and secret, and its path at the push service."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)
    auth: bytes = field(default_factory=lambda: uuid4().bytes)
    path: str = field(default_factory=lambda: f"/send/{uuid4()}")

    def at(self, host: str) -> Subscription:
        """What it gives away."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Subscription(f"https://{host}{self.path}", point, self.auth)

    def read(self, body: bytes) -> bytes:
        """What was encrypted for it."""
        return cast("bytes", HTTP_ECE.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"))
