"""Signed bearer tokens, keys chosen by `kid`: what each says and how long it holds. `signatures` signs them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.adapters import clock
from chalicelib.core.errors import AuthenticationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ManageClaims:
    """A guest's right to one reservation of a tenant (its slug), as long as links of its generation hold."""

    tenant: str
    reservation: str
    generation: int = 0


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """A user's right to act, as long as their session lasts; what they may do is asked of the database."""

    user_id: UUID
    session_id: UUID


def _access_claims(claims: Mapping[str, Any]) -> AccessClaims:
    if "exp" not in claims:  # where there is one, it has been checked
        raise KeyError("exp")
    return AccessClaims(UUID(claims["sub"]), UUID(claims["sid"]))


READERS: Mapping[str, Callable[[Mapping[str, Any]], ManageClaims | AccessClaims]] = {
    "manage": lambda claims: ManageClaims(claims["ten"], claims["sub"], claims.get("gen", 0)),
    "access": _access_claims,
}


class Tokens:
    """Issues with the first key, accepts any of them, so that keys can be rotated."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        self._keys = dict(keys)
        self._signing_kid = keys[0][0]

    def issue_manage_token(self, tenant: str, reservation_id: UUID, generation: int = 0) -> str:
        """A guest's right to one reservation. How long it holds is asked of the database: its end may move."""
        claims = {"use": "manage", "ten": tenant, "sub": str(reservation_id)}
        return self._sign({**claims, "gen": generation} if generation else claims)

    def issue_access_token(self, user_id: UUID, session_id: UUID, lifetime: timedelta) -> str:
        """A user's right to act for a limited time, within a session that can end earlier."""
        claims = {"use": "access", "sub": str(user_id), "sid": str(session_id)}
        return self._sign({**claims, "iat": clock.now(), "exp": clock.now() + lifetime})

    def issue_device_token(self, email: str, lifetime: timedelta) -> str:
        """A browser in which somebody signed in with that address; it proves nothing else, and opens nothing."""
        claims = {"use": "device", "sub": _hash_of(email), "jti": secrets.token_urlsafe(16)}
        return self._sign({**claims, "exp": clock.now() + lifetime})

    def device_of(self, token: str | None, email: str) -> str | None:
        """Which browser it is, if somebody signed in there with that address before."""
        if token is None:
            return None
        try:
            claims = self._claims(token, ["use", "sub", "jti", "exp"])
        except (LookupError, TypeError, ValueError, AttributeError):
            return None
        known = claims["use"] == "device" and hmac.compare_digest(str(claims["sub"]), _hash_of(email))
        return str(claims["jti"]) if known else None

    def issue_nonce(self, lifetime: timedelta) -> str:
        """What an external issuer is to put into an ID token, so that it is one that was asked for here."""
        return self._sign({"use": "nonce", "sub": secrets.token_urlsafe(16), "exp": clock.now() + lifetime})

    def is_nonce(self, nonce: str) -> bool:
        """Whether it was issued here and holds."""
        try:
            return self._claims(nonce, ["use", "sub", "exp"])["use"] == "nonce"
        except (LookupError, TypeError, ValueError, AttributeError):
            return False

    def verify(self, token: str) -> ManageClaims | AccessClaims:
        """Return the claims of a token of ours. Raises `AuthenticationError`, with the same words for every flaw."""
        try:
            claims = self._claims(token, ["use", "sub"])
            return READERS[claims["use"]](claims)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            message = "The bearer token is not valid, or not valid any more."
            raise AuthenticationError(message) from error

    def _claims(self, token: str, required: list[str]) -> dict[str, Any]:
        from chalicelib.adapters import signatures

        return signatures.claims_of(token, self._keys, required)

    def _sign(self, claims: dict[str, Any]) -> str:
        from chalicelib.adapters import signatures

        return signatures.signed(claims, self._signing_kid, self._keys[self._signing_kid])


def _hash_of(email: str) -> str:
    """An address as a cookie may hold it; the signature is what counts."""
    return hashlib.sha256(email.encode()).hexdigest()
