"""Who calls: from the Authorization header to a caller that the endpoint serves, or a refusal."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.authenticate import (
    KEY_MARK,
    NOBODY,
    Caller,
    authenticate_key,
    authenticate_user,
    guest_of_link,
)
from chalicelib.access.model.people import DESK, Role, Scope
from chalicelib.adapters.tokens import AccessClaims, ManageClaims
from chalicelib.core.errors import AuthenticationError, ForbiddenError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.http.container import Container

PUBLIC = frozenset({Role.ANYONE})
RESERVING = PUBLIC | DESK
"""Who may create a reservation; an API key needs `Scope.RESERVATIONS_WRITE` for it."""


def caller_of(
    header: str | None,
    allowed: frozenset[Role],
    scope: Scope | None,
    services: Container,
    path: Mapping[str, str],
    tenant: str | None,
) -> Caller:
    """Return who calls; `tenant` is the one in question, whose keys are accepted.

    Raises `AuthenticationError`, `ForbiddenError`, and `NotFoundError` for what is not theirs.
    """
    if header is None:
        if Role.ANYONE in allowed:
            return NOBODY
        message = "This needs a bearer token: sign in, or use a reservation's manage token or an API key."
        raise AuthenticationError(message)
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        message = "Authorization must be `Bearer` and a token."
        raise AuthenticationError(message)
    if token.startswith(KEY_MARK):
        return NOBODY if allowed == PUBLIC else authenticate_key(services.database, token, tenant, scope)
    claims = services.tokens.verify(token)
    if isinstance(claims, ManageClaims):
        return _guest(claims, services, allowed, path)
    return NOBODY if allowed == PUBLIC else _user(claims, services, path.get("tenant"), allowed)


def staff_of(header: str | None, services: Container, path: Mapping[str, str]) -> Caller:
    """Return who calls as creating a reservation would take them, or `NOBODY`.

    The endpoint is public, so credentials that are not valid are no reason to refuse: their bearer is the public.
    """
    if header is None:
        return NOBODY
    with suppress(AuthenticationError, ForbiddenError, NotFoundError):
        tenant = path["tenant"]
        return caller_of(header, RESERVING, Scope.RESERVATIONS_WRITE, services, {"tenant": tenant}, tenant)
    return NOBODY


def _user(claims: AccessClaims, services: Container, tenant: str | None, allowed: frozenset[Role]) -> Caller:
    return authenticate_user(services.database, claims.user_id, claims.session_id, tenant, allowed)


def _guest(claims: ManageClaims, services: Container, allowed: frozenset[Role], path: Mapping[str, str]) -> Caller:
    if claims.tenant != path.get("tenant", claims.tenant):
        message = f"There is no tenant {path['tenant']!r}."
        raise NotFoundError(message)
    if Role.GUEST in allowed:
        # Who waits on the waitlist is offered a reservation with the same id. A path without any is about all of them.
        named = {path[name] for name in ("reservation", "entry", "series") if name in path}
        if named and claims.reservation not in named:
            message = "There is no such reservation."
            raise NotFoundError(message)
        days = services.config.manage_days
        return guest_of_link(claims.tenant, UUID(claims.reservation), claims.generation, days)
    if Role.ANYONE in allowed:
        return NOBODY
    message = "A reservation's manage token does not allow that."
    raise ForbiddenError(message)
