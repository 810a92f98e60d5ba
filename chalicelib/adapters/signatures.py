"""Signs claims and checks signatures: JWS compact serialization, HS256 only (RFC 7515, RFC 7519).

`tokens` imports it when the first token is signed or read: the library costs more than all other adapters together, and
neither a scheduled function nor a visitor without a token needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
from jwt.algorithms import HMACAlgorithm

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "HS256"


class SignatureError(ValueError):
    """It is not signed by one of these keys, has ended, or lacks a claim."""


class _KnownKeys(HMACAlgorithm):
    """HS256 of the library, which looks at each key once: whether it is a certificate or a JWK by mistake.

    Done for every token, as the library does, that takes several times as long as the signature.
    """

    def __init__(self) -> None:
        super().__init__(HMACAlgorithm.SHA256)
        self._known: dict[str | bytes, bytes] = {}

    def prepare_key(self, key: str | bytes) -> bytes:
        """Return the key, checked. Raises `jwt.InvalidKeyError`."""
        if key not in self._known:
            self._known[key] = super().prepare_key(key)
        return self._known[key]


jwt.unregister_algorithm(ALGORITHM)
jwt.register_algorithm(ALGORITHM, _KnownKeys())


def signed(claims: dict[str, Any], kid: str, key: str) -> str:
    """Return the token with these claims. Raises `jwt.InvalidKeyError` for a key that is no secret."""
    return jwt.encode(  # pyright: ignore[reportUnknownMemberType] - the library's gap
        claims, key, ALGORITHM, headers={"kid": kid}
    )


def claims_of(token: str, keys: Mapping[str, str], required: list[str]) -> dict[str, Any]:
    """Return the claims of a token that is signed by the key of its `kid`. Raises `SignatureError`."""
    try:
        kid = jwt.get_unverified_header(token).get("kid", "")
        return jwt.decode(  # pyright: ignore[reportUnknownMemberType] - the library's gap
            token,
            keys[kid],
            algorithms=[ALGORITHM],
            # When it was issued was said by another function's clock, which may be ahead of this one's.
            options={"require": required, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise SignatureError(str(error)) from error
