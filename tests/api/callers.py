"""Who calls the API in the tests, and what each endpoint's declaration promises them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from chalicelib.access.model.people import Role, Scope
from chalicelib.http.callers import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import psycopg

    from chalicelib.http.endpoint import Endpoint

KEY_SECRET = "s" * 43
ADD_KEY = """
INSERT INTO api_keys (tenant_id, id, name, prefix, secret_hash, scopes, created_at, expires_at, revoked_at)
SELECT tenant.id, %(id)s, 'Matrix', %(prefix)s, sha256(%(secret)s), %(scopes)s, clock_now() - interval '1 day',
    CASE WHEN %(state)s = 'expired' THEN clock_now() - interval '1 second' END,
    CASE WHEN %(state)s = 'revoked' THEN clock_now() END
FROM tenants AS tenant WHERE tenant.slug = %(tenant)s
"""

SERVED = (0, "")
NOT_SIGNED_IN = (401, "unauthenticated")
FORBIDDEN = (403, "forbidden")
NO_TENANT = (404, "not_found")
Verdict = tuple[int, str]


def add_key(owner: psycopg.Connection[Any], tenant: str, scopes: Iterable[Scope], state: str = "valid") -> str:
    """Make an API key of a tenant; `state` may be `expired` or `revoked`, too."""
    prefix = uuid4().hex[:12]
    values = {"id": uuid4(), "prefix": prefix, "secret": KEY_SECRET.encode(), "scopes": sorted(scopes)}
    owner.execute(ADD_KEY, {**values, "tenant": tenant, "state": state})
    return f"berth_{prefix}_{KEY_SECRET}"


def public(endpoint: Endpoint) -> bool:
    """Nobody's credentials matter."""
    return endpoint.roles == PUBLIC


def of_tenant(endpoint: Endpoint) -> bool:
    """Whether the path names a tenant."""
    return "{tenant}" in endpoint.path


def nobody(endpoint: Endpoint) -> Verdict:
    return SERVED if Role.ANYONE in endpoint.roles else NOT_SIGNED_IN


def ended(endpoint: Endpoint) -> Verdict:
    return SERVED if public(endpoint) else NOT_SIGNED_IN


def malformed(_: Endpoint) -> Verdict:
    """A token that proves nothing is refused even where none is needed: its bearer believes to be somebody."""
    return NOT_SIGNED_IN


def guest(endpoint: Endpoint) -> Verdict:
    return SERVED if endpoint.roles & {Role.GUEST, Role.ANYONE} else FORBIDDEN


def guest_of_another_tenant(endpoint: Endpoint) -> Verdict:
    return NO_TENANT if of_tenant(endpoint) else guest(endpoint)


def member(role: Role) -> Callable[[Endpoint], Verdict]:
    """Somebody of the tenant. Without a tenant in the path nobody is a member of anything."""

    def expected(endpoint: Endpoint) -> Verdict:
        if endpoint.roles & {Role.ANYONE, Role.SIGNED_IN}:
            return SERVED
        return SERVED if of_tenant(endpoint) and role in endpoint.roles else FORBIDDEN

    return expected


def outsider(endpoint: Endpoint) -> Verdict:
    if endpoint.roles & {Role.ANYONE, Role.SIGNED_IN}:
        return SERVED
    return NO_TENANT if of_tenant(endpoint) else FORBIDDEN


def operator(endpoint: Endpoint) -> Verdict:
    return SERVED if Role.OPERATOR in endpoint.roles else outsider(endpoint)


def key_with_scope(endpoint: Endpoint) -> Verdict:
    if public(endpoint):
        return SERVED
    if not of_tenant(endpoint):
        return NOT_SIGNED_IN
    return FORBIDDEN if endpoint.scope is None else SERVED


def key_without_scope(endpoint: Endpoint) -> Verdict:
    if public(endpoint):
        return SERVED
    return FORBIDDEN if of_tenant(endpoint) else NOT_SIGNED_IN
