"""A small OpenID Connect issuer: keys that can be rotated, and ID tokens with whatever claims a test wants."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

CLIENT_ID = "berth-tests"


class Issuer:
    """An issuer at a loopback address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys_url = f"{url}/keys"
        self._keys = [_new_key(), _new_key()]
        self._kid = 0
        self.nonce: Callable[[], str] = str
        """What the client asks for before it sends somebody here."""

    def rotate(self) -> None:
        """Sign with the key that was announced, and announce another one, as issuers do well before they use it."""
        self._kid += 1
        self._keys.append(_new_key())

    def published(self) -> bytes:
        """The JSON Web Key Set: the present key and the next one."""
        keys = [
            {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": str(kid), "use": "sig", "alg": "RS256"}
            for kid, key in enumerate(self._keys)
            if kid >= self._kid
        ]
        return json.dumps({"keys": keys}).encode()

    def token(self, email: str, /, **changes: object) -> str:
        """An ID token; `changes` replace claims, None leaves one out."""
        return jwt.encode(
            self.claims(email, **changes), self._keys[self._kid], "RS256", headers={"kid": str(self._kid)}
        )

    def claims(self, email: str, /, **changes: object) -> dict[str, Any]:
        """The claims of an ID token."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": f"subject of {email}",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce(),
            "email": email,
            "email_verified": True,
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    @property
    def kid(self) -> str:
        """Id of the present key."""
        return str(self._kid)


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@contextmanager
def running_issuer() -> Generator[Issuer]:
    """An issuer that publishes its keys until the end of the block."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = issuer.published()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, name="issuer")
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
