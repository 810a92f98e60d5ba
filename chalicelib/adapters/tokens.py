"""Signed bearer tokens: JWS compact serialization, HS256 only (RFC 7515, RFC 7519), keys chosen by `kid`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import jwt

from chalicelib.adapters import clock
from chalicelib.domain.errors import AuthenticationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from uuid import UUID

ALGORITHM = "HS256"
Purpose = Literal["manage", "staff"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says: for `manage`, subject is a reservation's id; for `staff`, a person's e-mail."""

    purpose: Purpose
    tenant: str
    subject: str


class Tokens:
    """Issues with the first key, accepts any of them, so that keys can be rotated."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        self._keys = dict(keys)
        self._signing_kid = keys[0][0]

    def issue_manage_token(self, tenant: str, reservation_id: UUID) -> str:
        """A guest's right to one reservation. It never expires: the reservation's state decides what may be done."""
        return self._sign({"use": "manage", "ten": tenant, "sub": str(reservation_id)})

    def issue_staff_token(self, tenant: str, person: str, lifetime: timedelta) -> str:
        """A person's right to work for a tenant, for a limited time."""
        return self._sign({"use": "staff", "ten": tenant, "sub": person, "exp": clock.now() + lifetime})

    def verify(self, token: str) -> Claims:
        """Return the claims of a token of ours. Raises `AuthenticationError`, with the same words for every flaw."""
        try:
            kid = jwt.get_unverified_header(token).get("kid", "")
            claims: dict[str, Any] = jwt.decode(  # pyright: ignore[reportUnknownMemberType] - the library's gap
                token, self._keys[kid], algorithms=[ALGORITHM], options={"require": ["use", "ten", "sub"]}
            )
            if claims["use"] == "staff" and "exp" not in claims:
                raise jwt.MissingRequiredClaimError("exp")
            return Claims(claims["use"], claims["ten"], claims["sub"])
        except (jwt.InvalidTokenError, KeyError, TypeError) as error:
            message = "The bearer token is not valid, or not valid any more."
            raise AuthenticationError(message) from error

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(  # pyright: ignore[reportUnknownMemberType] - the library's gap
            claims, self._keys[self._signing_kid], ALGORITHM, headers={"kid": self._signing_kid}
        )
