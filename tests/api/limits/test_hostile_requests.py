"""Every route takes the worst that can be sent to it in little time, with a short answer. `./dev prove limits` goes on.

Processor time of this process is measured, where the gateway and the functions run: other load does not count.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import pytest

from app import app
from chalicelib.access.model.people import Role
from chalicelib.adapters.tokens import Tokens
from chalicelib.http import problems, strict_json
from chalicelib.http.endpoint import ENDPOINTS, Endpoint
from tests.api.callers import SERVED, Verdict, guest, key_with_scope, member, nobody, operator
from tests.api.limits.hostile_requests import BODIES, JSON_TYPE, REFUSED, TOO_LARGE, HostileRequest, hostile_requests
from tests.api.tenant import SIGNING_KEY, in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.tenant import Tenant

MOST_SECONDS = 1.0
MOST_BYTES = 100_000
MOST_VIOLATIONS = 50
PROBLEM = "application/problem+json"
LARGE = {
    "/v1/openapi.json": "describes all routes",
    "/v1/docs/scalar.js": "is Scalar",
    "/v1/asyncapi.json": "describes all messages",
    "/v1/tenants/{tenant}/audit.csv": "is an export",
    "/v1/tenants/{tenant}/guests/{guest}/export": "is an export",
}
"""Answers that may be larger, and why."""
READINGS = 3
"""Of a slow answer; the least counts, as garbage is collected now and then."""
LAST = ("/suspend", "/logout")
"""Routes after which everyone of the tenant, or a session, is refused."""
HEADERS_AT = 12
"""In the short version one route of so many gets the headers, which are read before the route matters."""
OTHERS_AT = 12
"""In the short version one route of so many that serve a caller gets what that caller sends."""
DAYS = 28
"""Nights on which reservations are made."""
LEAST_PASSES = 3
MOST_GROWTH = 32 * 1024 * 1024
"""Bytes between the second pass over all routes and the last."""


CABIN = Offer(slug="cabin", document=policy(STAY), capacity=100)
SUBJECTS = ("reservation", "series", "entry")
"""What a guest's token may be for, as paths name it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who hostile_requests, and which routes serve them."""

    name: str
    expected: Callable[[Endpoint], Verdict]
    token: Callable[[UUID], str | None]
    """What they send with a request about that reservation."""

    def may_use(self, declared: Endpoint) -> bool:
        """Tell whether the route serves them."""
        return self.expected(declared) == SERVED


def callers(tenant: Tenant) -> list[Caller]:
    """Everybody who may have something to do with the tenant; those of the short version first."""
    key, tokens = tenant.api_key(), Tokens([SIGNING_KEY])

    def of_staff(role: Role) -> Caller:
        return Caller(role, operator if role is Role.OPERATOR else member(role), lambda _: tenant.token(role))

    return [
        Caller("anonymous", nobody, lambda _: None),
        of_staff(Role.OWNER),
        Caller("guest", guest, lambda reservation: tokens.issue_manage_token(tenant.slug, reservation)),
        of_staff(Role.VIEWER),
        of_staff(Role.AGENT),
        of_staff(Role.MANAGER),
        of_staff(Role.OPERATOR),
        Caller("API key", key_with_scope, lambda _: key),
    ]


def reservation_for(tenant: Tenant, declared: Endpoint, days: Iterator[int]) -> UUID:
    """A new reservation where the path names one, as a hostile request may cancel it; else nobody's."""
    if "{reservation}" not in declared.path:
        return uuid4()
    first = 2 + next(days) % DAYS  # tomorrow may have begun where the tenant is
    made = tenant.reserved("cabin", check_in_on=in_days(first), check_out_on=in_days(first + 1))
    return UUID(made["id"])


def faults(
    tenant: Tenant, hostile: HostileRequest, declared: Endpoint, headers: dict[str, str], *, served: bool
) -> list[str]:
    """What is wrong with how this request is answered, to one whom the route has served or not."""
    seconds: list[float] = []
    while True:
        began = time.process_time()
        answer = tenant.client.request(
            hostile.method,
            hostile.path,
            content=hostile.content,
            params=dict(hostile.query) or None,
            headers={**headers, **hostile.headers},
        )
        seconds.append(time.process_time() - began)
        if seconds[-1] <= MOST_SECONDS or len(seconds) == READINGS:
            break
    asked, found = f"{declared.method} {declared.path}, {hostile.name}", list[str]()
    if answer.is_server_error:
        found.append(f"{asked}: {answer.status_code} {answer.text[:200]}")
    if len(answer.content) > MOST_BYTES and declared.path not in LARGE:
        found.append(f"{asked}: {len(answer.content)} bytes")
    if min(seconds) > MOST_SECONDS:
        found.append(f"{asked}: {min(seconds):.1f} s of processor time")
    return found + [f"{asked}: {wrong}" for wrong in wrongly_taken(answer, hostile, served=served)]


def wrongly_taken(answer: httpx.Response, hostile: HostileRequest, *, served: bool) -> Iterator[str]:
    """What should be refused, or otherwise: to everybody what is too large, to those served the rest."""
    told: dict[str, Any] = answer.json() if answer.headers.get("Content-Type") == PROBLEM else {}
    refusal = answer.status_code, told.get("code", "")
    if hostile.refusal is not None and (served or hostile.refusal == TOO_LARGE) and refusal != hostile.refusal:
        yield f"{refusal}, not {hostile.refusal}"
    if hostile.refusal != TOO_LARGE and answer.status_code == TOO_LARGE[0]:
        yield "is refused as too large"
    violations = len(told.get("violations", ()))
    if violations > MOST_VIOLATIONS:
        yield f"{violations} violations"
    if served and hostile.name == "unknown members" and violations < MOST_VIOLATIONS:
        yield f"{violations} violations only: the cap was not reached"


def all_faults(tenant: Tenant, *, every: bool) -> list[str]:
    """Send everything to every route, what ends something last: as anonymous caller and owner, and as others.

    Not `every`: others at some of the routes that serve them, odd headers at some routes.
    """
    found: list[str] = []
    served_at = [declared for declared in ENDPOINTS if declared.path in app.routes]
    routes = sorted(served_at, key=lambda one: (*map(one.path.endswith, reversed(LAST)), one.method == "DELETE"))
    days, visits = count(), Counter[str]()
    everybody = callers(tenant)
    for number, declared in enumerate(routes):
        for caller in everybody:
            served = caller.may_use(declared)
            visits[caller.name] += served
            in_turn = every or visits[caller.name] % OTHERS_AT == 1
            if caller not in everybody[:2] and not (served and in_turn):
                continue
            reservation = reservation_for(tenant, declared, days)
            names = {"tenant": tenant.slug, "resource": "cabin", **dict.fromkeys(SUBJECTS, str(reservation))}
            token = caller.token(reservation)
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            for hostile in hostile_requests(declared, names, heads=every or number % HEADERS_AT == 0):
                wrong = faults(tenant, hostile, declared, headers, served=served)
                found += [f"{caller.name}: {one}" for one in wrong]
    return found


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(CABIN)


def memory() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_route_answers_the_worst_in_little_time_and_few_bytes(
    make_tenant: Callable[..., Tenant], request: pytest.FixtureRequest
) -> None:
    minutes: int = request.config.getoption("minutes", 0) or 0
    if not minutes:
        found = all_faults(make_tenant(CABIN), every=False)
        assert not found, "\n".join(found)
        return
    ends, held = time.monotonic() + minutes * 60, list[int]()
    while time.monotonic() < ends or len(held) < LEAST_PASSES:
        found = all_faults(make_tenant(CABIN), every=True)
        assert not found, "\n".join(found)
        held.append(memory())
    assert held[-1] - held[1] < MOST_GROWTH, held


def quadratic(text: bytes) -> object:
    """Read JSON as it once was: each name is looked for among all."""

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        for name in names:
            names.count(name)
        return dict(pairs)

    return json.loads(text, object_pairs_hook=members)


def test_control_time_that_grows_with_the_square_is_found(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = next(each for each in ENDPOINTS if each.path.endswith("/policies/validate"))
    path = f"/tenants/{tenant.slug}/policies/validate"
    hostile = HostileRequest("widest", "POST", path, BODIES["widest"](declared.body_limit // 6), JSON_TYPE)
    assert not faults(tenant, hostile, declared, tenant.as_role(), served=True)
    monkeypatch.setattr(strict_json, "parse", quadratic)
    monkeypatch.setattr("tests.api.limits.test_hostile_requests.READINGS", 1)
    assert any("processor time" in fault for fault in faults(tenant, hostile, declared, tenant.as_role(), served=True))


def test_control_a_large_answer_is_found(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = next(each for each in ENDPOINTS if each.path == "/v1/openapi.json")
    hostile = HostileRequest("empty", "GET", "/openapi.json")
    assert not faults(tenant, hostile, declared, {}, served=True)
    monkeypatch.delitem(LARGE, declared.path)
    assert any("bytes" in fault for fault in faults(tenant, hostile, declared, {}, served=True))


def hostile_request_of(name: str, declared: Endpoint, tenant: Tenant) -> HostileRequest:
    """That body for that route, with what the route says that it takes."""
    body = BODIES[name](declared.body_limit)
    path = declared.path.removeprefix("/v1").format(tenant=tenant.slug)
    return HostileRequest(name, declared.method, path, body, JSON_TYPE, refusal=REFUSED.get(name))


def test_control_a_route_that_takes_more_or_less_than_it_says_is_found(tenant: Tenant) -> None:
    declared = next(each for each in ENDPOINTS if each.path.endswith("/policies/validate"))
    for limit, name in ((declared.body_limit // 2, "its limit and one"), (declared.body_limit * 2, "its limit")):
        wrong = replace(declared, body_limit=limit)
        for right, says in ((True, declared), (False, wrong)):
            hostile = hostile_request_of(name, says, tenant)
            found = faults(tenant, hostile, says, tenant.as_role(), served=True)
            assert (found == []) is right, found


def test_control_violations_without_a_cap_are_found(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = next(each for each in ENDPOINTS if each.path.endswith("/policies/validate"))
    hostile = hostile_request_of("unknown members", replace(declared, body_limit=1024), tenant)
    assert not faults(tenant, hostile, declared, tenant.as_role(), served=True)
    monkeypatch.setattr(problems, "MOST_VIOLATIONS", 1_000)
    [found] = faults(tenant, hostile, declared, tenant.as_role(), served=True)
    assert "violations" in found


GUEST = {"name": "Ada Lovelace", "email": "ada@example.org"}
RULES = [
    "FREQ=DAILY;COUNT=999999999",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=1",
    "FREQ=WEEKLY;INTERVAL=999999999;BYDAY=MO",
    "FREQ=MONTHLY;BYDAY=" + ",".join(["5MO"] * 500),
    "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    "FREQ=SECONDLY;BYSECOND=" + ",".join(map(str, range(60))),
    "FREQ=DAILY;" * 500,
    ";" * 5_000,
]
EXPRESSIONS = [
    '"a".matches("\\\\w{210}")',
    "[1,2,3].map(a,[1,2,3].map(b,[1,2,3].map(c,[a]+[b]+[c])))",
    "(" * 400 + "true" + ")" * 400,
    "!" * 900 + "true",
    "+".join(["'a'"] * 200) + " == 'a'",
    "&&".join(["true"] * 160),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule[:40])
def test_no_recurrence_rule_is_expensive(tenant: Tenant, rule: str) -> None:
    declared = next(each for each in ENDPOINTS if each.path.endswith("/series/preview"))
    body = {
        "resource_id": str(tenant.ids["cabin"]),
        "rule": rule,
        "first_on": "2030-01-01",
        "nights": 1,
        "guest": GUEST,
    }
    path = f"/tenants/{tenant.slug}/series/preview"
    hostile = HostileRequest(rule[:40], "POST", path, httpx.Request("POST", "http://h", json=body).read(), JSON_TYPE)
    assert not faults(tenant, hostile, declared, tenant.as_role(), served=True)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression[:40])
@pytest.mark.parametrize("rules", [1, 50, 5_000])
def test_no_policy_is_expensive_to_validate(tenant: Tenant, expression: str, rules: int) -> None:
    declared = next(each for each in ENDPOINTS if each.path.endswith("/policies/validate"))
    rule = {"rule": "expression", "expression": expression, "message": "no", "field": "quantity"}
    fitting = min(rules, declared.body_limit // (len(expression) * 2 + 100))
    body = {"document": policy(STAY, *[rule] * fitting)}
    path = f"/tenants/{tenant.slug}/policies/validate"
    hostile = HostileRequest(
        expression[:40], "POST", path, httpx.Request("POST", "http://h", json=body).read(), JSON_TYPE
    )
    assert not faults(tenant, hostile, declared, tenant.as_role(), served=True)
