"""Who may call what: every route, every kind of caller, own and other tenants, as the declarations say.

The matrix is made from the route table, so that a new endpoint is in it before anybody thinks of it. A cell is one
request: `served` means that the call got past authorization, whatever was then said about its content.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import uuid4

import psycopg
import pytest

from chalicelib.access.model.people import MEMBER_ROLES, STAFF, Role, Scope
from chalicelib.adapters.tokens import Tokens
from chalicelib.database.identifiers import new_id
from chalicelib.http.endpoint import ENDPOINTS, Endpoint
from tests.api.callers import (
    NO_TENANT,
    SERVED,
    Verdict,
    add_key,
    ended,
    guest,
    guest_of_another_tenant,
    key_with_scope,
    key_without_scope,
    malformed,
    member,
    nobody,
    of_tenant,
    operator,
    outsider,
)
from tests.api.conftest import CELLS
from tests.api.documented import example_of
from tests.api.tenant import SIGNING_KEY, Tenant, in_days
from tests.offers import STAY, Offer, policy
from tools.people import MOST_LASTING, OPEN_SESSION, add_member, add_user

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    import httpx

    from tests.databases import Database

TOKENS = Tokens([SIGNING_KEY])
END_SESSION = "UPDATE sessions SET revoked_at = clock_now(), revoked_because = 'signed_out' WHERE id = %s"


@dataclass(frozen=True, slots=True)
class World:
    """Two tenants with everything that callers need, and the connection that makes it: each cell asks for somebody."""

    own: Tenant
    other: Tenant
    owner: psycopg.Connection[Any]

    def person(
        self,
        *roles: tuple[Tenant, Role],
        operator: bool = False,
        ended: bool = False,
        age: int = 0,
        tokens: Tokens = TOKENS,
    ) -> str:
        """An access token of somebody new; `age` in hours, of which it lives one."""
        with self.owner.transaction():
            user = add_user(self.owner, f"{uuid4().hex}@example.org", "Somebody", operator=operator)
            for tenant, role in roles:
                add_member(self.owner, tenant.slug, user, role)
            session = new_id()
            self.owner.execute(OPEN_SESSION, {"id": session, "user_id": user, "expires_at": MOST_LASTING})
            if ended:
                self.owner.execute(END_SESSION, [session])
        return tokens.issue_access_token(user, session, timedelta(hours=1 - age))

    def key(self, tenant: Tenant, scopes: Iterable[Scope], state: str = "valid") -> str:
        """A new API key of a tenant."""
        return add_key(self.owner, tenant.slug, scopes, state)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of caller: how to become one for an endpoint, and what the declaration promises them."""

    name: str
    token: Callable[[World, Endpoint], str | None]
    expected: Callable[[Endpoint], Verdict]


def scopes(endpoint: Endpoint) -> set[Scope]:
    """Just what the endpoint asks for."""
    return {endpoint.scope or Scope.AUDIT_READ}


def unsigned(world: World, _endpoint: Endpoint) -> str:
    """An owner's claims under alg=none, and no signature."""
    _, claims, _ = world.person((world.own, Role.OWNER)).split(".")
    header = json.dumps({"alg": "none", "typ": "JWT", "kid": SIGNING_KEY[0]}).encode()
    return f"{urlsafe_b64encode(header).decode().rstrip('=')}.{claims}."


def tampered(world: World, _: Endpoint) -> str:
    """An owner's claims, signed by somebody else."""
    return world.person((world.own, Role.OWNER), tokens=Tokens([("test", "x" * 32)]))


def manage_token(tenant: Tenant) -> str:
    return TOKENS.issue_manage_token(tenant.slug, RESERVATION)


RESERVATION = uuid4()
KINDS = [
    Kind("nobody", lambda _, __: None, nobody),
    Kind("guest", lambda world, _: manage_token(world.own), guest),
    Kind("guest of another tenant", lambda world, _: manage_token(world.other), guest_of_another_tenant),
    *(Kind(role, lambda world, _, role=role: world.person((world.own, role)), member(role)) for role in MEMBER_ROLES),
    *(
        Kind(f"{role} of another tenant", lambda world, _, role=role: world.person((world.other, role)), outsider)
        for role in MEMBER_ROLES
    ),
    Kind("member no more", lambda world, _: world.person(), outsider),
    Kind("operator", lambda world, _: world.person(operator=True), operator),
    Kind("ended session", lambda world, _: world.person((world.own, Role.OWNER), ended=True), ended),
    Kind("expired session", lambda world, _: world.person((world.own, Role.OWNER), age=2), malformed),
    Kind("unsigned", unsigned, malformed),
    Kind("signed by others", tampered, malformed),
    Kind("key", lambda world, endpoint: world.key(world.own, scopes(endpoint)), key_with_scope),
    Kind(
        "key without the scope",
        lambda world, endpoint: world.key(world.own, set(Scope) - {endpoint.scope}),
        key_without_scope,
    ),
    Kind("key of another tenant", lambda world, one: world.key(world.other, scopes(one)), ended),
    Kind("revoked key", lambda world, one: world.key(world.own, scopes(one), "revoked"), ended),
    Kind("expired key", lambda world, one: world.key(world.own, scopes(one), "expired"), ended),
]


@pytest.fixture(scope="module")
def world(make_tenant: Callable[..., Tenant], api_database: Database) -> Generator[World]:
    offer = Offer(slug="cabins", document=policy(STAY), capacity=2, assignment="labelled", units=("One", "Two"))
    with psycopg.connect(api_database.owner, autocommit=True) as owner:
        yield World(make_tenant(offer), make_tenant(offer), owner)


ASKING = [replace(one, roles=STAFF, scope=scope) for one in ENDPOINTS for _, scope in one.asks_staff]
"""Public routes as they are for who sets a parameter that staff alone may set."""


def path_of(endpoint: Endpoint, tenant: str) -> str:
    """A path whose tenant exists and whose other parts do not, but for the reservation of the manage token."""
    given = {"tenant": tenant, "reservation": str(RESERVATION), "date": "2027-06-01", "unit": "1", "version": "1"}
    path = re.sub(r"{(\w+)}", lambda match: given.get(match[1], str(uuid4())), endpoint.path)
    return path.removeprefix("/v1")


def verdict(answer: httpx.Response, tenant: str) -> Verdict:
    """What authorization said. Beyond it, a 404 speaks of something else than the tenant."""
    if answer.status_code in {401, 403} and "no session to prolong" not in answer.text:  # asked for a cookie
        return answer.status_code, answer.json()["code"]
    if answer.status_code == NO_TENANT[0] and f"no tenant '{tenant}'" in answer.text:
        return NO_TENANT
    return SERVED


def call(world: World, endpoint: Endpoint, token: str | None, tenant: str) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return world.own.client.request(endpoint.method, path_of(endpoint, tenant), headers=headers, json=None)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_route_serves_whom_it_declares(kind: Kind, world: World, pytestconfig: pytest.Config) -> None:
    wrong: list[str] = []
    for endpoint in ENDPOINTS:
        answer = call(world, endpoint, kind.token(world, endpoint), world.own.slug)
        found = verdict(answer, world.own.slug)
        assert not answer.is_server_error, answer.text
        if found != kind.expected(endpoint):
            wrong.append(f"{endpoint.method} {endpoint.path}: {found}, declared {kind.expected(endpoint)}")
    pytestconfig.stash[CELLS] = pytestconfig.stash.get(CELLS, 0) + len(ENDPOINTS)
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_parameter_that_staff_may_set_serves_whom_it_declares(kind: Kind, world: World) -> None:
    assert ASKING
    for endpoint in ASKING:
        token = kind.token(world, endpoint)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        query = {name: "true" for name, _ in endpoint.asks_staff}
        answer = world.own.client.get(path_of(endpoint, world.own.slug), headers=headers, params=query)
        assert verdict(answer, world.own.slug) == kind.expected(endpoint), endpoint.path


FILL: tuple[LiteralString, ...] = (
    """INSERT INTO invitations (tenant_id, id, email, role, token_hash, created_at, expires_at)
    VALUES (%(tenant)s, %(id)s, 'new@example.org', 'agent', sha256(%(id)s::text::bytea), clock_now(), '2199-01-01Z')""",
    """INSERT INTO series (
        tenant_id, id, resource_id, guest_id, rule, first_on, nights, quantity, party_size, created_at
    )
    SELECT %(tenant)s, %(id)s, %(resource)s, guest.id, 'FREQ=DAILY;COUNT=2', '2027-07-01', 1, 1, 1, clock_now()
    FROM guests AS guest WHERE guest.tenant_id = %(tenant)s LIMIT 1""",
    """INSERT INTO availability_windows (id, tenant_id, resource_id, starts_at, ends_at)
    VALUES (%(id)s, %(tenant)s, %(resource)s, '2027-07-01Z', '2027-07-02Z')""",
)
IDS: dict[str, LiteralString] = {
    "resource": "SELECT id FROM resources WHERE tenant_id = %s",
    "reservation": "SELECT id FROM reservations WHERE tenant_id = %s",
    "closure": "SELECT id FROM closures WHERE tenant_id = %s",
    "policy": "SELECT id FROM policies WHERE tenant_id = %s",
    "guest": "SELECT id FROM guests WHERE tenant_id = %s",
    "member": "SELECT user_id FROM memberships WHERE tenant_id = %s",
    "invitation": "SELECT id FROM invitations WHERE tenant_id = %s",
    "api_key": "SELECT id FROM api_keys WHERE tenant_id = %s",
    "window": "SELECT id FROM availability_windows WHERE tenant_id = %s",
    "series": "SELECT id FROM series WHERE tenant_id = %s",
}
"""What paths name beyond the tenant, and where another tenant has one."""
BY_ID = [one for one in ENDPOINTS if of_tenant(one) and set(re.findall(r"{(\w+)}", one.path)) & IDS.keys()]


@pytest.fixture(scope="module")
def foreign(world: World) -> dict[str, str]:
    """An id of each kind that belongs to the other tenant."""
    other = world.other
    other.reserved("cabins", check_in_on=in_days(10), check_out_on=in_days(12), party_size=1)
    other.close("cabins", starts_at=f"{in_days(20)}T10:00:00Z", ends_at=f"{in_days(21)}T10:00:00Z")
    world.key(other, {Scope.AUDIT_READ})
    world.person((other, Role.AGENT))
    found = world.owner.execute("SELECT id FROM tenants WHERE slug = %s", [other.slug]).fetchone()
    assert found is not None
    for statement in FILL:
        world.owner.execute(statement, {"tenant": found[0], "resource": other.ids["cabins"], "id": uuid4()})
    rows = {name: world.owner.execute(query, found).fetchone() for name, query in IDS.items()}
    return {name: str(row[0]) for name, row in rows.items() if row is not None}


@pytest.mark.parametrize("endpoint", BY_ID, ids=lambda one: f"{one.method} {one.path}")
def test_what_belongs_to_another_tenant_answers_like_what_does_not_exist(
    endpoint: Endpoint, world: World, foreign: dict[str, str]
) -> None:
    token = world.person((world.own, Role.OWNER))
    absent = {name: str(uuid4()) for name in foreign}
    answers: list[Verdict] = []
    for ids in (foreign, absent):
        given = {**ids, "tenant": world.own.slug, "date": "2027-06-01", "unit": "1", "version": "1", "image": "a"}
        path = re.sub(r"{(\w+)}", lambda match, given=given: given[match[1]], endpoint.path).removeprefix("/v1")
        headers = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
        answer = world.own.client.request(
            endpoint.method, path, headers=headers, params=example_of(endpoint.query), json=example_of(endpoint.body)
        )
        answers.append((answer.status_code, without(answer, [*ids.values(), answer.headers["X-Request-Id"]])))
    assert answers[0] == answers[1]
    assert answers[0][0] == NO_TENANT[0]


def without(answer: httpx.Response, words: list[str]) -> str:
    """The body without what has to differ."""
    text = answer.text
    for word in words:
        text = text.replace(word, "…")
    return text
