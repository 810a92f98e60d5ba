"""The document says what the endpoints are, and nothing is served that it does not say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis

from app import app
from chalicelib.api.callers import PUBLIC
from chalicelib.api.endpoint import ENDPOINTS, Role
from chalicelib.api.openapi import PATH_PARAMETERS, TAGS, document
from chalicelib.domain.errors import ForbiddenError, NotFoundError, TenantSuspendedError, VersionMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from chalicelib.api.endpoint import Endpoint

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


def test_every_operation_has_a_name_of_its_own_a_tag_and_a_sentence() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    for _, _, operation in operations():
        assert operation["tags"][0] in TAGS
        assert operation["summary"]
        assert not operation["summary"].endswith(".")


def test_every_path_parameter_is_described() -> None:
    used = {name for _, path in DECLARED for name in re.findall(r"{(\w+)}", path)}
    assert used <= PATH_PARAMETERS.keys()


@pytest.mark.parametrize("declared", ENDPOINTS, ids=lambda declared: f"{declared.method} {declared.path}")
def test_headers_security_and_refusals_follow_from_the_declaration(declared: Endpoint) -> None:
    operation = DOCUMENT["paths"][declared.path][declared.method.lower()]
    headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
    assert ("Idempotency-Key" in headers) == declared.idempotent
    assert ("If-Match" in headers) == (declared.needs_version or VersionMismatchError in declared.errors)
    assert ("If-None-Match" in headers) == (declared.method == "GET") == ("304" in operation["responses"])
    is_told_who = declared.roles != PUBLIC or declared.knows_staff
    assert (operation["security"] == []) == (not is_told_who)
    assert ({} in operation["security"]) == (Role.ANYONE in declared.roles and is_told_who)
    assert ("x-knows-staff" in operation) == declared.knows_staff
    assert ("Vary" in operation["responses"][str(declared.status)]["headers"]) == declared.knows_staff
    assert (set(operation["x-roles"]), operation.get("x-scope")) == (declared.roles, declared.scope)
    refuses = Role.ANYONE not in declared.roles or "{tenant}" in declared.path
    refuses |= not {ForbiddenError, TenantSuspendedError}.isdisjoint(declared.errors)
    assert ("403" in operation["responses"]) == refuses
    assert ("428" in operation["responses"]) == declared.needs_version
    if NotFoundError in declared.errors:
        assert "404" in operation["responses"]
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]


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
