"""Every route takes the worst that can be sent to it in little time, with a short answer. `./dev prove doors` goes on.

Processor time of this process is measured, where the gateway and the functions run: other load does not count.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from chalicelib.api import strict_json
from chalicelib.api.endpoint import ENDPOINTS
from chalicelib.domain.people import Role
from tests.api.doors.knocks import BODIES, JSON_TYPE, Knock, knocks
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.api.endpoint import Endpoint
    from tests.api.tenant import Tenant

MOST_SECONDS = 1.0
MOST_BYTES = 100_000
LARGE = {
    "/v1/openapi.json": "describes all routes",
    "/v1/docs": "describes all routes, as a page",
    "/v1/asyncapi.json": "describes all messages",
    "/v1/tenants/{tenant}/audit.csv": "is an export",
    "/v1/tenants/{tenant}/guests/{guest}/export": "is an export",
}
"""Answers that may be larger, and why."""
READINGS = 3
"""Of a slow answer; the least counts, as garbage is collected now and then."""
LAST = ("/logout", "/suspend")
"""Routes after which a session, or everyone of the tenant, is refused."""
HEADERS_AT = 12
"""In the short version one route of so many gets the headers, which are read before the route matters."""
LEAST_PASSES = 3
MOST_GROWTH = 32 * 1024 * 1024
"""Bytes between the second pass over all routes and the last."""


CABIN = Offer(slug="cabin", document=policy(STAY))


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(CABIN)


def faults(tenant: Tenant, knock: Knock, declared: Endpoint, headers: dict[str, str]) -> list[str]:
    """What is wrong with how this request is answered."""
    seconds: list[float] = []
    while True:
        began = time.process_time()
        answer = tenant.client.request(
            knock.method,
            knock.path,
            content=knock.content,
            params=dict(knock.query) or None,
            headers={**headers, **knock.headers},
        )
        seconds.append(time.process_time() - began)
        if seconds[-1] <= MOST_SECONDS or len(seconds) == READINGS:
            break
    asked, found = f"{declared.method} {declared.path}, {knock.name}", list[str]()
    if answer.is_server_error:
        found.append(f"{asked}: {answer.status_code} {answer.text[:200]}")
    if len(answer.content) > MOST_BYTES and declared.path not in LARGE:
        found.append(f"{asked}: {len(answer.content)} bytes")
    if min(seconds) > MOST_SECONDS:
        found.append(f"{asked}: {min(seconds):.1f} s of processor time")
    return found


def all_faults(tenant: Tenant, *roles: Role, every_header: bool = True) -> list[str]:
    """Send everything to every route: as a stranger, and with each role; what ends something comes last."""
    names = {"tenant": tenant.slug, "resource": "cabin"}
    found: list[str] = []
    routes = sorted(ENDPOINTS, key=lambda declared: (declared.path.endswith(LAST), declared.method == "DELETE"))
    for number, declared in enumerate(routes):
        heads = every_header or number % HEADERS_AT == 0
        for headers in ({}, *map(tenant.as_role, roles)):
            for knock in knocks(declared, names, heads=heads):
                found += faults(tenant, knock, declared, dict(headers))
    return found


def memory() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def test_every_route_answers_the_worst_in_little_time_and_few_bytes(
    make_tenant: Callable[..., Tenant], request: pytest.FixtureRequest
) -> None:
    minutes: int = request.config.getoption("minutes", 0) or 0
    if not minutes:
        assert not all_faults(make_tenant(CABIN), Role.OWNER, every_header=False)
        return
    ends, held = time.monotonic() + minutes * 60, list[int]()
    while time.monotonic() < ends or len(held) < LEAST_PASSES:
        assert not all_faults(make_tenant(CABIN), Role.OPERATOR, Role.OWNER, Role.VIEWER)
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
    knock = Knock("widest", "POST", path, BODIES["widest"](declared.body_limit // 4), JSON_TYPE)
    assert not faults(tenant, knock, declared, tenant.as_role())
    monkeypatch.setattr(strict_json, "parse", quadratic)
    monkeypatch.setattr("tests.api.doors.test_doors.READINGS", 1)
    assert any("processor time" in fault for fault in faults(tenant, knock, declared, tenant.as_role()))


def test_control_a_large_answer_is_found(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = next(each for each in ENDPOINTS if each.path == "/v1/openapi.json")
    knock = Knock("empty", "GET", "/openapi.json")
    assert not faults(tenant, knock, declared, {})
    monkeypatch.delitem(LARGE, declared.path)
    assert any("bytes" in fault for fault in faults(tenant, knock, declared, {}))


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
    knock = Knock(rule[:40], "POST", path, httpx.Request("POST", "http://h", json=body).read(), JSON_TYPE)
    assert not faults(tenant, knock, declared, tenant.as_role())


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression[:40])
@pytest.mark.parametrize("rules", [1, 50, 5_000])
def test_no_policy_is_expensive_to_validate(tenant: Tenant, expression: str, rules: int) -> None:
    declared = next(each for each in ENDPOINTS if each.path.endswith("/policies/validate"))
    rule = {"rule": "expression", "expression": expression, "message": "no", "field": "quantity"}
    fitting = min(rules, declared.body_limit // (len(expression) * 2 + 100))
    body = {"document": policy(STAY, *[rule] * fitting)}
    path = f"/tenants/{tenant.slug}/policies/validate"
    knock = Knock(expression[:40], "POST", path, httpx.Request("POST", "http://h", json=body).read(), JSON_TYPE)
    assert not faults(tenant, knock, declared, tenant.as_role())
