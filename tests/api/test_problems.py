"""Bad input, at every endpoint: a problem that names the field, and nothing stored."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from app import app
from chalicelib.access.model.people import Role
from chalicelib.http.endpoint import ENDPOINTS, NoBody
from tests.api.tenant import asked, in_days
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pydantic import BaseModel

    from chalicelib.http.endpoint import Endpoint
    from tests.api.tenant import Tenant
    from tests.offers import Json

WRITTEN = (
    *("reservations", "guests", "allocations", "events", "closures", "idempotency_keys", "resources", "units"),
    *("availability_windows", "policies", "policy_versions", "invitations", "api_keys"),
)
BELOW_TENANTS = [declared for declared in ENDPOINTS if declared.path in app.routes and "{tenant}" in declared.path]
WITH_BODY = [declared for declared in BELOW_TENANTS if declared.body is not NoBody]
WITH_QUERY = [
    (declared, field.alias or name) for declared in BELOW_TENANTS for name, field in declared.query.model_fields.items()
]
DEEP = "[" * 500 + "]" * 500
BIG = "1" + "0" * 30

MALFORMED = {
    "broken": b'{"quantity": ',
    "trailing": b"{} {}",
    "not a number": b'{"quantity": NaN}',
    "infinite": b'{"quantity": -Infinity}',
    "too deep": f'{{"notes": {DEEP}}}'.encode(),
    "a little too deep": f'{{"notes": {"[" * 33}{"]" * 33}}}'.encode(),
    "twice": b'{"quantity": 1, "quantity": 2}',
    "twice inside": b'{"guest": {"name": "A", "name": "B"}}',
    "nul": b'{"notes": "a\\u0000b"}',
    "nul in a name": b'{"a\\u0000b": 1}',
    "half a pair": b'{"notes": "\\ud83d"}',
    "half a pair in a name": b'{"\\udc00": 1}',
    "not utf-8": b'{"notes": "\xff\xfe"}',
    "utf-16": '{"notes": ""}'.encode("utf-16"),
    "digits without end": b'{"quantity": ' + b"9" * 1500 + b"}",
}
JUNK: dict[str, list[object]] = {
    "quantity": [0, -1, 2**31, 10**30, 1.5, 1.0, True, "1", [], {}],
    "party_size": [0, -1, 2**31, 10**30, "two"],
    "unit": [0, -1, 10**30, "1"],
    "starts_at": [
        "infinity",
        "-infinity",
        "0044-03-15T12:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "12:00",
        5,
        "today",
        "",
    ],
    "ends_at": ["infinity", "-0001-01-01T00:00:00Z", "2027-02-30T00:00:00Z", "2027-05-14T25:00:00Z", 1e300, None],
    "check_in_on": ["infinity", "0044-03-15", "2027-02-30", "10000-01-01", "2027-05-14T00:00:00", 5, "1e5"],
    "check_out_on": ["-infinity", "2027-13-01", "27-05-14", "2027-05-14Z"],
    "fold": ["both", 1],
    "timezone": ["", "x" * 1000, 5],
    "resource_id": ["1", "x" * 40, 5, None],
    "notes": ["x" * 2001, 5],
    "guest": [{}, {"name": "Ada", "email": "nobody"}, {"name": " ", "email": "a@b.c"}, [], "Ada"],
    "reason": ["", "x" * 501, None],
    "units": [[0], [2**31], ["1"], list(range(1, 1002)), 5],
    "lowered_to": [-1, 2**31, "0"],
    "waitlist": ["maybe", 1e300, [[]], 2],
    "alternatives": ["maybe", 1e300, [[]], 2],
    "agents_may_override": ["maybe", 1e300, [[]], 2],
    "confirm_by_email": ["maybe", 1e300, [[]], 2],
    "detailed": ["maybe", 1e300, [[]], 2],
    "disabled": ["maybe", 1e300, [[]], 2],
    "origins": ["https://a.example", ["*"], ["null"], ["https://a.example/"], ["https://a.example:443"], [5]],
}
OTHER_JUNK: dict[str, list[object]] = {
    "CreateResource.units": [[0], [""], ["A"] * 1001, 5],
    "ChangeResource.capacity": [0, -1, 2**31, 1.5],
    "AnonymizeGuest.irrevocably": [False, None, "yes", 0],
    "ChangeSettings.agents_may_override": [1, "yes", []],
    "ChangeSettings.confirm_by_email": [1, "yes", []],
}
ANY_JUNK: list[object] = [True, 1e300, [[]]]


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="cabin", document=policy(STAY), capacity=3),
        Offer(slug="room", document=policy(INTERVAL)),
        timezone="Europe/Berlin",
    )


@pytest.fixture(scope="module")
def reservation(tenant: Tenant) -> Json:
    return tenant.reserved("cabin", check_in_on=in_days(5), check_out_on=in_days(6))


@pytest.fixture(scope="module")
def owner(tenant: Tenant) -> Generator[psycopg.Connection[Any]]:
    with psycopg.connect(tenant.database.owner, autocommit=True) as connection:
        yield connection


STORED = SQL(" UNION ALL ").join(
    SQL("SELECT {}, row::text FROM {} AS row JOIN tenant ON tenant.id = row.tenant_id").format(
        Literal(table), Identifier(table)
    )
    for table in WRITTEN
)


def stored(connection: psycopg.Connection[Any], tenant: Tenant) -> list[Any]:
    """Everything of the tenant's that a request could have written; in one statement, as it is asked at every test."""
    query = SQL("WITH tenant AS (SELECT id FROM tenants WHERE slug = %s) {} ORDER BY 1, 2").format(STORED)
    return connection.execute(query, [tenant.slug]).fetchall()


@pytest.fixture(autouse=True)
def _nothing_stored(owner: psycopg.Connection[Any], tenant: Tenant, reservation: Json) -> Generator[None]:
    assert reservation
    before = stored(owner, tenant)
    yield
    assert stored(owner, tenant) == before


def send(
    declared: Endpoint,
    tenant: Tenant,
    reservation: Json,
    content: str | bytes | None = None,
    params: dict[str, str | list[str]] | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Call an endpoint as staff, with the version that a change may need."""
    given = {"tenant": tenant.slug, "resource": "room", "unit": "1", "version": "1", "date": in_days(5)}
    path = re.sub(
        r"{(\w+)}", lambda match: given.get(match[1], str(reservation["id"])), declared.path.removeprefix("/v1")
    )
    usual = {
        **tenant.as_role(Role.OPERATOR if Role.OPERATOR in declared.roles else Role.OWNER),
        "If-Match": '"1"',
        "Idempotency-Key": "bad",
        "Content-Type": "application/json",
    }
    every = httpx.Headers(usual | (headers or {}), encoding="latin-1")
    return tenant.client.request(declared.method, path, content=content, params=params, headers=every)


def assert_problem(answer: httpx.Response, status: int, field: str | None = None) -> Json:
    """The answer is a problem as all are; `field` is among those to be changed."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert problem["status"] == status
    assert re.fullmatch(r"[a-z_]+", problem["code"])
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    if field is not None:
        assert field in {violation["field"] for violation in problem["violations"]}
    return problem


def named(declared: object) -> str:
    return f"{declared.method} {declared.path}" if hasattr(declared, "path") else str(declared)  # type: ignore[attr-defined]


@pytest.mark.parametrize("flaw", MALFORMED)
@pytest.mark.parametrize("declared", WITH_BODY, ids=named)
def test_what_is_not_json_that_everybody_reads_alike_is_malformed(
    declared: Endpoint, flaw: str, tenant: Tenant, reservation: Json
) -> None:
    problem = assert_problem(send(declared, tenant, reservation, content=MALFORMED[flaw]), 400)
    assert problem["code"] == "malformed"
    assert problem["violations"][0]["field"]


@pytest.mark.parametrize("root", ["[]", "null", "1", '"text"', "true"])
@pytest.mark.parametrize("declared", WITH_BODY, ids=named)
def test_a_body_that_is_no_object_is_refused(declared: Endpoint, root: str, tenant: Tenant, reservation: Json) -> None:
    assert_problem(send(declared, tenant, reservation, content=root), 422, "body")


@pytest.mark.parametrize("declared", WITH_BODY, ids=named)
def test_a_body_of_another_kind_is_refused(declared: Endpoint, tenant: Tenant, reservation: Json) -> None:
    answer = send(declared, tenant, reservation, content="<xml/>", headers={"Content-Type": "application/xml"})
    problem = assert_problem(answer, 415, "Content-Type")
    assert problem["code"] == "unsupported_media_type"
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize("declared", WITH_BODY, ids=named)
def test_a_body_of_which_nobody_says_what_it_is_is_refused(
    declared: Endpoint, tenant: Tenant, reservation: Json
) -> None:
    answer = send(declared, tenant, reservation, content="{}", headers={"Content-Type": ""})
    assert_problem(answer, 415, "Content-Type")


@pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/auth/me", 401), ("/docs", 200), ("/tenants/x", 404)])
def test_answers_tell_browsers_what_not_to_do_with_them(tenant: Tenant, path: str, status: int) -> None:
    answer = tenant.client.get(path)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert ("style-src" in answer.headers["Content-Security-Policy"]) == (path == "/docs")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("declared", BELOW_TENANTS, ids=named)
def test_unknown_fields_are_refused_by_their_names(declared: Endpoint, tenant: Tenant, reservation: Json) -> None:
    if declared.method != "GET":
        answer = assert_problem(send(declared, tenant, reservation, content='{"colour": "red"}'), 422, "colour")
        assert_known(answer, declared.body)
    assert_known(assert_problem(send(declared, tenant, reservation, params={"colour": "red"}), 422), declared.query)


def assert_known(problem: Json, model: type[BaseModel]) -> None:
    """What is not known is answered with what is: in words, and as a list."""
    known = list(model.model_json_schema()["properties"])
    [unknown] = [one for one in problem["violations"] if one["field"] == "colour"]
    assert unknown["parameters"] == {"known": known}
    assert unknown["message"].endswith(f"known are {', '.join(known)}." if known else "nothing is taken.")


@pytest.mark.parametrize(
    ("declared", "field"),
    [(declared, field) for declared in WITH_BODY for field in declared.body.model_fields],
    ids=named,
)
def test_junk_in_a_field_of_the_body_is_refused_by_its_name(
    declared: Endpoint, field: str, tenant: Tenant, reservation: Json
) -> None:
    for value in OTHER_JUNK.get(f"{declared.body.__name__}.{field}") or JUNK.get(field, ANY_JUNK):
        optional = not declared.body.model_fields[field].is_required()
        if value is None and optional:
            continue
        problem = assert_problem(send(declared, tenant, reservation, content=json.dumps({field: value})), 422)
        fields = {violation["field"].partition(".")[0] for violation in problem["violations"]}
        assert field in fields, value


@pytest.mark.parametrize(("declared", "field"), WITH_QUERY, ids=named)
def test_junk_in_the_query_is_refused_by_its_name(
    declared: Endpoint, field: str, tenant: Tenant, reservation: Json
) -> None:
    by_field = {
        "kind": [""],
        "amenity": ["", "a,,b", ",".join("abcdefghijklmnopqrstuvwxyz")],
        "cursor": ["", "%%%", "é"],
        "archived": ["", "junk", "2"],
        "reasons": ["", "junk", "2"],
        "ended": ["", "junk", "2"],
        "key": ["", "x" * 101],  # any other is one that no calendar has: not found
        "keep_reservations": ["", "junk", "2"],
        "text": ["", " ", "x" * 101],
        "actor_kind": ["", "X", "1"],
        "actor_id": ["", "x" * 101],
        "entity_kind": ["", "X", "1"],
    }
    for value in by_field.get(field, ["", "junk", BIG, "NaN", "-1", "0", "😀", "infinity", "1.0", " 1"]):
        if field == "timezone" and value != "":
            continue  # read only where a local time is given: below
        assert_problem(send(declared, tenant, reservation, params={**needed(declared), field: value}), 422, field)


def needed(declared: Endpoint) -> dict[str, str]:
    """The days that a query must hold, so that the rest of it is looked at, too."""
    fields = declared.query.model_fields.items()
    required = {field.alias or name for name, field in fields if field.is_required()}
    return {name: day for name, day in {"from": in_days(5), "until": in_days(8)}.items() if name in required}


@pytest.mark.parametrize(
    "zone", ["America", "junk", "../../etc/passwd", "/etc/localtime", "UTC\n", "Europe/Berlin ", "right/UTC"]
)
def test_what_is_no_zone_is_refused(zone: str, tenant: Tenant) -> None:
    times = {"starts_at": f"{in_days(5)}T09:00", "ends_at": f"{in_days(5)}T10:00", "timezone": zone}
    for answer in (
        tenant.reserve("room", **times),
        tenant.post("/quotes", {"resource_id": str(tenant.ids["room"]), **times}),
        tenant.get("/availability", **asked(times)),
        tenant.get("/resources", **asked(times)),
        tenant.get("/resources/room/availability", timezone=zone),
    ):
        assert assert_problem(answer, 422, "timezone")["code"] == "unknown_zone"


@pytest.mark.parametrize(
    ("times", "field", "code"),
    [
        ({"starts_at": "2027-05-14T10:00Z", "ends_at": "2027-05-14T10:00Z"}, "ends_at", "invalid_range"),
        ({"starts_at": "2027-05-14T10:00Z", "ends_at": "2027-05-14T09:00Z"}, "ends_at", "invalid_range"),
        ({"starts_at": "2027-03-28T02:30", "ends_at": "2027-03-28T04:00"}, "starts_at", "local_time_gap"),
        ({"starts_at": "2027-10-31T02:30", "ends_at": "2027-10-31T04:00"}, "starts_at", "local_time_fold"),
    ],
)
def test_times_that_make_no_range_are_refused_everywhere(
    times: dict[str, str], field: str, code: str, tenant: Tenant
) -> None:
    for answer in (
        tenant.reserve("room", **times),
        tenant.post("/quotes", {"resource_id": str(tenant.ids["room"]), **times}),
    ):
        assert assert_problem(answer, 422, field)["code"] == code
    (asked_for,) = asked({field: ""})
    for path in ("/availability", "/resources"):
        assert assert_problem(tenant.get(path, **asked(times)), 422, asked_for)["code"] == code


@pytest.mark.parametrize("declared", BELOW_TENANTS, ids=named)
def test_what_is_asked_twice_or_holds_nul_is_refused(declared: Endpoint, tenant: Tenant, reservation: Json) -> None:
    assert_problem(send(declared, tenant, reservation, params={"limit": ["1", "2"]}), 422, "limit")
    assert_problem(send(declared, tenant, reservation, params={"limit": "\0"}), 422, "limit")


@pytest.mark.parametrize("declared", BELOW_TENANTS, ids=named)
@pytest.mark.parametrize("name", ["nobody", "%F0%9F%98%80", "x" * 3000, "'; DROP TABLE tenants; --", "..%2F..", "%20"])
def test_an_unknown_tenant_is_not_found_whatever_its_name(declared: Endpoint, name: str, tenant: Tenant) -> None:
    path = re.sub(r"{(?!tenant)\w+}", "x", declared.path.removeprefix("/v1")).replace("{tenant}", name)
    answer = tenant.client.request(declared.method, path, json={} if declared.method != "GET" else None)
    assert answer.status_code in {401, 404, 422, 428}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi", "x", "Bearer " + "A" * 4000])
@pytest.mark.parametrize("declared", BELOW_TENANTS, ids=named)
def test_a_token_that_is_none_is_refused(declared: Endpoint, header: str, tenant: Tenant, reservation: Json) -> None:
    assert_problem(send(declared, tenant, reservation, headers={"Authorization": header}), 401)


@pytest.mark.parametrize("value", ['"x"', 'W/"-1"', '"99999999999"', '"1", "2"', "é"])
def test_an_if_match_that_no_answer_has_given_is_refused(value: str, tenant: Tenant, reservation: Json) -> None:
    declared = next(one for one in ENDPOINTS if one.versioned and one.path.endswith("{reservation}"))
    answer = send(declared, tenant, reservation, content='{"notes": "x"}', headers={"If-Match": value})
    assert_problem(answer, 422, "If-Match")


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(key: str, tenant: Tenant) -> None:
    body = {"resource_id": str(tenant.ids["cabin"]), "guest": {"name": "Ada", "email": "ada@example.org"}}
    answer = tenant.client.post(
        f"/tenants/{tenant.slug}/reservations",
        json=body | {"check_in_on": in_days(5), "check_out_on": in_days(6)},
        headers=httpx.Headers({"Idempotency-Key": key}, encoding="latin-1"),
    )
    assert_problem(answer, 422, "Idempotency-Key")


def test_every_flaw_of_a_body_is_told_at_once(tenant: Tenant) -> None:
    answer = tenant.post("/reservations", {"quantity": 0, "party_size": "x", "guest": {"name": ""}, "colour": 1})
    problem = assert_problem(answer, 422)
    assert {violation["field"] for violation in problem["violations"]} == {
        "resource_id",
        "quantity",
        "party_size",
        "guest.name",
        "guest.email",
        "colour",
    }


def test_an_answer_names_fifty_findings_at_most(client: httpx.Client) -> None:
    unknown = {f"u{number}": 1 for number in range(150)}
    answer = client.post("/auth/login", json=unknown)
    assert answer.status_code == 422
    assert len(answer.json()["violations"]) == 50
    assert len(answer.content) < 20_000
