"""The document says what the endpoints are, and nothing is served that it does not say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis

from app import app
from chalicelib.core.errors import ForbiddenError, NotFoundError, TenantSuspendedError
from chalicelib.http.callers import PUBLIC
from chalicelib.http.endpoint import ENDPOINTS, Role
from chalicelib.http.openapi import PATH_PARAMETERS, TAGS, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from chalicelib.http.endpoint import Endpoint

DOCUMENT = document("https://berth.example")
DECLARED = {(declared.method, declared.path): declared for declared in ENDPOINTS}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_route_was_declared_by_the_decorator() -> None:
    served = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert served
    assert served == set(DECLARED)


def test_every_route_is_in_the_document() -> None:
    assert {(method, path) for method, path, _ in operations()} == set(DECLARED)


def test_the_document_is_openapi_3_1() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_every_reference_leads_to_a_component() -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    assert names
    assert names <= DOCUMENT["components"]["schemas"].keys()


def names_in(value: object) -> set[str]:
    """The components that something refers to, directly or by way of others."""
    names: set[str] = set()
    waiting = {*re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(value))}
    while waiting:
        names |= waiting
        found = json.dumps([DOCUMENT["components"]["schemas"][name] for name in waiting])
        waiting = {*re.findall(r'"#/components/schemas/([^"]+)"', found)} - names
    return names


def test_money_in_answers_says_its_currency_and_decimals() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    answered = names_in([operation["responses"] for _, _, operation in operations()])
    saying = {name for name in answered if {"currency", "decimals"} <= schemas[name].get("properties", {}).keys()}
    assert [name for name in answered - saying if "currency" in schemas[name].get("properties", {})] == []
    amounts = {
        name
        for name in answered
        for member in schemas[name].get("properties", {}).values()
        if "minor units" in member.get("description", "") and member.get("type") in {"integer", None}
    }
    assert {"Money", "Price", "PriceLine", "TotalBody"} <= amounts
    # Others are parts of what says it for all of them: lines of a price, figures of statistics.
    parts = amounts - saying
    for name in parts:
        owners = {one for one in answered - parts if name in names_in(schemas[one])}
        direct = {one for one in owners if f'"#/components/schemas/{name}"' in json.dumps(schemas[one])}
        assert direct, name
        assert direct <= saying, name


def test_names_in_descriptions_are_names_of_something() -> None:
    """A member that is called something else now is found here, in the sentences that speak of it."""
    text = json.dumps([DOCUMENT["paths"], DOCUMENT["components"]])
    known = set(re.findall(r'(?<!\\)"(\w+)"', text)) | set(re.findall(r"`(\w+)`", DOCUMENT["info"]["description"]))
    named = [
        (operation["operationId"], name)
        for _, _, operation in operations()
        for name in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", operation["description"])
    ]
    assert len(named) > 20
    assert [(where, name) for where, name in named if name not in known and not name.startswith("berth_")] == []


def test_every_operation_has_a_name_of_its_own_a_tag_and_a_sentence() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    for _, _, operation in operations():
        assert operation["tags"][0] in TAGS
        assert operation["summary"]
        assert not operation["summary"].endswith(".")


def test_a_period_in_a_query_is_from_and_until() -> None:
    """`created_…` and `updated_since` are of another time than the period that is asked for."""
    times = re.compile(r"from|until|to|(\w+_)?(from|until|since|to|on|at|before|after)")
    named = {
        parameter["name"]
        for _, _, operation in operations()
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and times.fullmatch(parameter["name"])
    }
    assert named == {"from", "until", "created_from", "created_until", "updated_since", "at", "after"}


OVERWRITES_NOTHING = {
    "/v1/tenants/{tenant}/guests/{guest}/export": "reads, and records that it did",
    "/v1/tenants/{tenant}/policies/{policy}/simulate": "reads",
    "/v1/tenants/{tenant}/resources/{resource}/images": "says where a file may be sent",
    "/v1/tenants/{tenant}/resources/{resource}/images/{image}/complete": "adds an image behind the others",
    "/v1/tenants/{tenant}/reservations/{reservation}/renew-link": "changes the link to it",
    "/v1/tenants/{tenant}/series/{series}/renew-link": "changes the link to it",
    "/v1/tenants/{tenant}/webhooks/{webhook}/rotate-secret": "adds a secret",
    "/v1/tenants/{tenant}/webhooks/{webhook}/test": "sends an event",
}
"""Below what has versions, and without If-Match."""


def test_every_change_of_what_has_versions_is_for_if_match() -> None:
    """What has versions says so where it is read, or takes If-Match where it is changed."""
    subjects = {one: re.findall(r"{(\w+)}", one.path)[-1] for one in ENDPOINTS if "{" in one.path}
    versioned = {subject for one, subject in subjects.items() if one.versioned}
    for one, subject in subjects.items():
        if one.path.endswith(f"{{{subject}}}") and one.response is not None and one.method == "GET":
            versioned |= {subject} if "version" in one.response.model_fields else set()
    changed_in_place = {"PATCH", "PUT", "DELETE"}
    expected = {
        (one.method, one.path)
        for one, subject in subjects.items()
        if subject in versioned
        and one.method != "GET"
        and one.path not in OVERWRITES_NOTHING
        and (subject != "tenant" or one.method in changed_in_place)
    }
    assert {(one.method, one.path) for one in ENDPOINTS if one.versioned} == expected
    assert set(OVERWRITES_NOTHING) <= {one.path for one in ENDPOINTS}


def test_if_match_is_required_of_everybody_but_guests() -> None:
    for declared in ENDPOINTS:
        operation = DOCUMENT["paths"][declared.path][declared.method.lower()]
        for parameter in operation["parameters"]:
            if parameter["name"] == "If-Match":
                assert parameter["required"] == (Role.GUEST not in declared.roles)


def test_every_path_parameter_is_described() -> None:
    used = {name for _, path in DECLARED for name in re.findall(r"{(\w+)}", path)}
    assert used <= PATH_PARAMETERS.keys()


@pytest.mark.parametrize("declared", ENDPOINTS, ids=lambda declared: f"{declared.method} {declared.path}")
def test_headers_security_and_refusals_follow_from_the_declaration(declared: Endpoint) -> None:
    operation = DOCUMENT["paths"][declared.path][declared.method.lower()]
    headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
    assert ("Idempotency-Key" in headers) == declared.idempotent
    assert ("If-Match" in headers) == declared.versioned
    assert ("If-None-Match" in headers) == (declared.method == "GET") == ("304" in operation["responses"])
    is_told_who = declared.roles != PUBLIC or declared.knows_staff
    assert (operation["security"] == []) == (not is_told_who)
    assert ({} in operation["security"]) == (Role.ANYONE in declared.roles and is_told_who)
    assert ("x-knows-staff" in operation) == declared.knows_staff
    told = operation["responses"][str(declared.status)]["headers"]
    by_position = declared.replica_seconds is not None
    assert ("Vary" in told) == (declared.knows_staff or (by_position and declared.fresh_seconds is not None))
    assert ("Berth-Position" in headers) == by_position
    assert ("Berth-Position" in told) == (declared.method != "GET")
    assert (set(operation["x-roles"]), operation.get("x-scope")) == (declared.roles, declared.scope)
    refuses = Role.ANYONE not in declared.roles or "{tenant}" in declared.path
    refuses |= not {ForbiddenError, TenantSuspendedError}.isdisjoint(declared.errors)
    assert ("403" in operation["responses"]) == refuses
    assert {"412", "428"} & set(operation["responses"]) == ({"412", "428"} if declared.versioned else set())
    if NotFoundError in declared.errors:
        assert "404" in operation["responses"]
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            expected = "text/html" if int(status) in dict(declared.answers) else "application/problem+json"
            assert list(answer["content"]) == [expected]


def test_bodies_have_an_example_that_their_model_accepts() -> None:
    for declared in ENDPOINTS:
        examples = declared.body.model_json_schema().get("examples", [])
        for example in examples:
            declared.body.model_validate_json(json.dumps(example), strict=True)
        assert examples or declared.method not in {"POST", "PATCH"} or not declared.body.model_fields


def test_the_document_is_served_once_and_then_from_the_clients_memory(client: httpx.Client) -> None:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT
    assert client.get("/openapi.json", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
