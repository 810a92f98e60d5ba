"""An external OpenID Connect issuer: its ID tokens prove who somebody is (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.addresses import canonical_email
from chalicelib.core.errors import AuthenticationError, UnavailableError

if TYPE_CHECKING:
    from jwt import PyJWKClient

ALGORITHMS = ("RS256", "ES256")
"""Asymmetric only: a public key must never pass as a shared secret."""
TIMEOUT_SECONDS = 3
LEEWAY_SECONDS = 30
KEYS_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the issuer vouches for."""

    issuer: str
    subject: str
    email: str


class Issuer:
    """One issuer, at which this deployment is known as `client_id`; its keys are at `keys_url` (RFC 7517)."""

    def __init__(self, issuer: str, client_id: str, keys_url: str) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._keys_url = keys_url

    def identify(self, id_token: str, nonce: str) -> Identity:
        """Return whom an ID token is about.

        `nonce` is what the client sent to the issuer. Raises `AuthenticationError`, and `UnavailableError` when the
        issuer's keys cannot be fetched.
        """
        import jwt

        try:
            claims: dict[str, Any] = jwt.decode(  # pyright: ignore[reportUnknownMemberType] - the library's gap
                id_token,
                self._keys.get_signing_key_from_jwt(id_token).key,
                algorithms=ALGORITHMS,
                audience=self._client_id,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce", "email"]},
            )
        except jwt.PyJWKClientConnectionError as error:
            message = "The issuer's keys cannot be fetched at the moment. Please try again."
            raise UnavailableError(message, retry_after=5) from error
        except jwt.PyJWTError as error:
            raise _invalid() from error
        if claims["nonce"] != nonce or claims.get("email_verified") is not True:
            raise _invalid()
        try:
            email = canonical_email(str(claims["email"]).strip())
        except ValueError as error:
            raise _invalid() from error
        return Identity(self._issuer, str(claims["sub"]), email)

    @cached_property
    def _keys(self) -> PyJWKClient:
        from jwt import PyJWKClient

        return PyJWKClient(self._keys_url, lifespan=KEYS_SECONDS, timeout=TIMEOUT_SECONDS)


def _invalid() -> AuthenticationError:
    return AuthenticationError("The ID token is not valid here, or its email address is not verified.")
