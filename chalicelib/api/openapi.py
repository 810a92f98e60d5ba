"""The OpenAPI 3.1 document, made from the declarations of all endpoints when it is first asked for."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from chalicelib.api import problems
from chalicelib.api.endpoint import ENDPOINTS, JSON_TYPE, LONGEST_KEY, Call, NoBody, Reply, endpoint
from chalicelib.api.response_headers import ACCEPTED, COMPONENTS, CREATED, headers_of
from chalicelib.api.schemas.confirmations import AwaitsConfirmation
from chalicelib.api.schemas.problems import Problem
from chalicelib.api.strict_json import MalformedError, MediaTypeError
from chalicelib.domain import errors
from chalicelib.domain.people import DESK, STAFF, Role, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue
    from pydantic_core.core_schema import DataclassField, ModelField, TypedDictField, WithDefaultSchema

    from chalicelib.api.endpoint import Endpoint

blueprint = Blueprint(__name__)

Json = dict[str, Any]
TAGS = {
    "tenants": "What a business tells the public.",
    "resources": "The catalogue: what can be reserved, and under which terms.",
    "availability": "What is free, when, and at which price. Everything that is offered can be had.",
    "quotes": "What something would cost.",
    "series": "Reserve again and again.",
    "waitlist": "Wait for what is taken.",
    "reservations": "Reserve, change, come and go.",
    "inventories": "Units that several resources draw from: the halves of a hall, a guide.",
    "closures": "When units cannot be reserved.",
    "sign-in": "Who are you? Sessions, passwords, and signing in through another issuer.",
    "platform": "Tenants as the platform's operators see them.",
    "members": "Who works for the tenant, in which role; invitations and API keys.",
    "policies": "The terms: versions, checking a draft, and what it would have refused.",
    "guests": "Who reserves: finding, merging, exporting and anonymizing them.",
    "calendar": "What is taken, day by day.",
    "statistics": "How it is going.",
    "audit": "Who changed what, and when.",
    "real time": "Connections that tell what happens, and who works on what.",
    "service": "Is it there, and how is it used?",
}
INTRODUCTION = """\
Times come in as RFC 3339 with an offset, or as local times of the tenant's zone; nights as `check_in_on` and
`check_out_on`. Times go out as UTC instants. All ranges are half-open: the end does not belong to them. Amounts are
integers in minor units of the tenant's currency.

Refusals are `application/problem+json` (RFC 9457) with a stable `code`. A refusal of the terms lists every broken rule
in `violations`; a refusal of a time comes with up to five `alternatives`, each of them checked to be bookable. Both say
everything at once: broken rules, how many units were `wanted` and are `free`, and what they are `blocked_by`.

What is read has a strong `ETag`. Send it as `If-None-Match`, and what has not changed is answered with 304 and no body.
Send it as `If-Match` with a change, and the change is refused with 412 when another change of the same came before: the
tag begins with the version, and the version alone is compared.

Repeat a POST safely by sending the same `Idempotency-Key`: it takes effect once, and the answer is the first one. A key
is its caller's own: that of a guest without a token belongs to the email in the request, and is answered only at the
network address that sent it first; from another one, `idempotency_mismatch` says that it was used before."""
PATH_PARAMETERS = {
    "tenant": ("Slug of the tenant.", {"type": "string"}, "pine-cabins"),
    "resource": ("Id or slug of the resource.", {"type": "string"}, "lakeside-cabins"),
    "reservation": ("Id of the reservation.", {"type": "string"}, None),
    "member": ("Id of the person.", {"type": "string"}, None),
    "invitation": ("Id of the invitation.", {"type": "string"}, None),
    "api_key": ("Id of the API key.", {"type": "string"}, None),
    "session": ("Id of the session.", {"type": "string"}, None),
    "unit": ("Number of the unit.", {"type": "string"}, "1"),
    "image": ("Id of the image.", {"type": "string"}, None),
    "window": ("Id of the availability window.", {"type": "string"}, None),
    "policy": ("Id or slug of the policy.", {"type": "string"}, None),
    "version": ("Number of the version.", {"type": "string"}, "1"),
    "guest": ("Id of the guest.", {"type": "string"}, None),
    "date": ("Day in the tenant's time zone.", {"type": "string", "format": "date"}, None),
    "series": ("Id of the series.", {"type": "string"}, None),
    "entry": ("Id of the entry in the waitlist.", {"type": "string"}, None),
    "closure": ("Id of the closure.", {"type": "string"}, None),
    "inventory": ("Id of the inventory.", {"type": "string"}, None),
}
ALWAYS = (MalformedError, errors.InvalidInputError)
KNOWN_STAFF: Json = {"roles": [role for role in Role if role in DESK], "scope": Scope.RESERVATIONS_WRITE}
"""To whom public routes that know staff tell what staff may sell: people in these roles, and keys with this scope."""
PEOPLE = STAFF | {Role.SIGNED_IN, Role.OPERATOR}
REFERENCE = "#/components/schemas/{model}"


@endpoint(blueprint, "GET", "/v1/openapi.json", roles=[Role.ANYONE], tag="service", response=None, fresh_seconds=300)
def read_openapi(call: Call[NoBody, NoBody]) -> Reply:
    """Read this document: every endpoint with its parameters, models and refusals (OpenAPI 3.1)."""
    return Reply(document_text(call.container.config.public_url))


@functools.cache
def document_text(public_url: str) -> str:
    """The document as JSON."""
    return json.dumps(document(public_url), ensure_ascii=False, separators=(",", ":"))


@functools.cache
def document(public_url: str) -> Json:
    """The document. `public_url` is where `/api` is found, "" for wherever it was fetched from."""
    schemas, models = _schemas()
    paths: dict[str, Json] = {}
    order = {name: place for place, name in enumerate(TAGS)}
    for declared in sorted(ENDPOINTS, key=lambda one: (order[one.tag], one.path)):
        paths.setdefault(declared.path, {})[declared.method.lower()] = _operation(declared, models)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Berth",
            "version": "1",
            "description": INTRODUCTION,
            "contact": {"name": "Who runs this deployment", **({"url": public_url} if public_url else {})},
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"{public_url}/api"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": COMPONENTS,
            "securitySchemes": {
                "manage_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The `manage_token` that the guest of a reservation was given with it.",
                },
                "access_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `access_token` of a person who signed in; it holds for 15 minutes.",
                },
                "api_key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key of the tenant, with the scope that the endpoint names.",
                },
            },
        },
    }


Models = Mapping[tuple[Any, "JsonSchemaMode"], Json]
"""References to components, by model and direction."""


def _schemas() -> tuple[Json, Models]:
    """All models as components, and by model and direction the reference to it."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "validation"): None}
    wanted[AwaitsConfirmation, "serialization"] = None
    for declared in ENDPOINTS:
        if declared.body is not NoBody:
            wanted[declared.body, "validation"] = None
        if declared.response is not None:
            wanted[declared.response, "serialization"] = None
    models, definitions = models_json_schema(list(wanted), ref_template=REFERENCE, schema_generator=_Schema)
    return definitions["$defs"], models


class _Schema(GenerateJsonSchema):
    """JSON schemas of what is sent and received, as it is: answers always have all of their members.

    Of a request, null as the default says that a member may be left out, which `required` says already.
    """

    def field_is_required(
        self,
        field: ModelField | DataclassField | TypedDictField,
        total: bool,  # noqa: FBT001 - pydantic's signature
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if self.mode == "serialization" or described.get("default", ...) is None:
            described.pop("default", None)
        return described


def _operation(declared: Endpoint, models: Models) -> Json:
    operation: Json = {
        "operationId": _operation_id(declared),
        "tags": [declared.tag],
        "summary": declared.summary,
        "description": f"{declared.summary}. {declared.description}".strip(),
        "parameters": [*_path_parameters(declared), *_query_parameters(declared), *_headers(declared)],
        "responses": _responses(declared, models),
        "security": _security(declared),
        "x-body-limit": declared.body_limit,
        "x-roles": [role for role in Role if role in declared.roles],
        **({} if declared.scope is None else {"x-scope": declared.scope}),
        **({"x-knows-staff": KNOWN_STAFF} if declared.knows_staff else {}),
    }
    if declared.body is not NoBody:
        content = {JSON_TYPE: {"schema": models[declared.body, "validation"]}}
        required = any(field.is_required() for field in declared.body.model_fields.values())
        description = f"At most {declared.body_limit} bytes."
        operation["requestBody"] = {"description": description, "required": required, "content": content}
    return operation


def _operation_id(declared: Endpoint) -> str:
    return re.sub(r"\W", "_", f"{declared.tag}_{declared.name}")


def _path_parameters(declared: Endpoint) -> Iterable[Json]:
    for name in re.findall(r"{(\w+)}", declared.path):
        description, schema, example = PATH_PARAMETERS[name]
        parameter = {"name": name, "in": "path", "required": True, "description": description, "schema": schema}
        yield parameter if example is None else {**parameter, "example": example}


def _query_parameters(declared: Endpoint) -> Iterable[Json]:
    if declared.query is NoBody:
        return
    model = declared.query.model_json_schema(ref_template=REFERENCE)
    examples: list[Json] = model.get("examples", [{}])
    example = examples[0]
    for name, found in model["properties"].items():
        schema = _inlined(found, model.get("$defs", {}))
        description = schema.pop("description", "")
        parameter = {"name": name, "in": "query", "required": name in model.get("required", ()), "schema": schema}
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        if description:
            parameter["description"] = description
        if name in example:
            parameter["example"] = example[name]
        yield parameter


def _inlined(schema: Json, definitions: Json) -> Json:
    """A query parameter's own schema: without references and titles, and without null, which no query can say."""
    kept = {name: value for name, value in schema.items() if name not in {"title", "examples"}}
    if kept.get("default", ...) is None:
        del kept["default"]
    for name in ("anyOf", "allOf"):
        for choice in kept.pop(name, ()):
            if choice.get("type") != "null":
                kept = {**_inlined(choice, definitions), **kept}
    if "$ref" in kept:
        target = definitions[kept.pop("$ref").rpartition("/")[2]]
        kept = {**_inlined(target, definitions), **kept}
    return kept


def _headers(declared: Endpoint) -> Iterable[Json]:
    if declared.idempotent:
        yield _header(
            "Idempotency-Key",
            "A key of your own for this change, kept for a day: repeating the request with it takes effect once.",
            {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
        )
    if declared.needs_version or errors.VersionMismatchError in declared.errors:
        yield _header(
            "If-Match",
            "ETag of what was read; refused with 412 when its version has changed since. What follows the version in "
            "the tag is not compared, and the version alone will do.",
            {"type": "string", "pattern": r'^(\*|(W/)?"?\d{1,9}(-[0-9a-f]{32})?"?)$'},
            required=declared.needs_version,
        )
    if declared.edits:
        yield _header(
            "Edit-Lock",
            "Fencing numbers of the edit locks that the caller holds and writes under, with commas between them.",
            {"type": "string", "pattern": r"^[1-9]\d{0,17}(, ?[1-9]\d{0,17})*$"},
        )
    if declared.needs_cookie is not None:
        description = "Set at sign-in and replaced by each answer; scripts cannot read it (RFC 6265)."
        yield _header(declared.needs_cookie, description, {"type": "string"}, required=True) | {"in": "cookie"}
    if declared.method == "GET":
        yield _header("If-None-Match", "ETag of an answer you have: 304 when it is still good.", {"type": "string"})


def _header(name: str, description: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _security(declared: Endpoint) -> list[Json]:
    schemes = {
        "manage_token": Role.GUEST in declared.roles,
        "access_token": bool(declared.roles & PEOPLE) or declared.knows_staff,
        "api_key": declared.scope is not None or declared.knows_staff,
    }
    taken: list[Json] = [{scheme: []} for scheme, is_taken in schemes.items() if is_taken]
    return [{}, *taken] if taken and Role.ANYONE in declared.roles else taken


def _responses(declared: Endpoint, models: Models) -> Json:
    responses: Json = {str(declared.status): _success(declared, models)}
    if declared.counted:
        responses[str(ACCEPTED)] = {
            "description": "It waits for its guest's email to be confirmed, where the tenant wants that of strangers.",
            "headers": headers_of(declared, ACCEPTED),
            "content": {JSON_TYPE: {"schema": models[AwaitsConfirmation, "serialization"]}},
        }
    if declared.method == "GET":
        responses["304"] = {"description": "What you have is still good.", "headers": headers_of(declared, 304)}
    by_status: dict[int, list[str]] = {}
    for refusal in _refusals(declared):
        codes = by_status.setdefault(problems.status_of(refusal), [])
        if refusal.code not in codes:
            codes.append(refusal.code)
    for status, codes in sorted(by_status.items()):
        listed = ", ".join(f"`{code}`" for code in codes)
        responses[str(status)] = {
            "description": f"{problems.TITLES[status]}: {listed}.",
            "headers": headers_of(declared, status),
            "content": {problems.CONTENT_TYPE: {"schema": models[Problem, "validation"]}},
        }
    return responses


def _refusals(declared: Endpoint) -> Iterable[type[errors.BerthError]]:
    """What the use case refuses, and what the declaration implies."""
    yield from ALWAYS
    if declared.method != "GET":
        yield MediaTypeError
    yield errors.TooLargeError
    yield errors.AuthenticationError
    yield from declared.errors
    if Role.ANYONE not in declared.roles:
        yield errors.ForbiddenError
    if "{tenant}" in declared.path:
        yield errors.TenantSuspendedError
        yield errors.TenantBusyError
    if "{" in declared.path:
        yield errors.NotFoundError
        yield errors.DatabaseBusyError
        yield errors.DatabaseUnavailableError
    if declared.needs_version:
        yield errors.VersionRequiredError
    if declared.idempotent:
        yield errors.IdempotencyInProgressError
        yield errors.IdempotencyMismatchError


def _success(declared: Endpoint, models: Models) -> Json:
    answer: Json = {"description": declared.summary + ".", "headers": headers_of(declared, declared.status)}
    if declared.response is not None:
        answer["content"] = {JSON_TYPE: {"schema": models[declared.response, "serialization"]}}
    elif declared.status != NO_CONTENT:
        answer["content"] = {declared.content_type: {}}
    links = _links(declared)
    return {**answer, "links": links} if links else answer


def _links(declared: Endpoint) -> Json:
    """What can be done with something once it is made: every endpoint below its collection takes its id."""
    if declared.status != CREATED:
        return {}
    below = re.compile(re.escape(declared.path) + r"/{(\w+)}")
    return {
        _operation_id(other): {
            "operationId": _operation_id(other),
            "parameters": {"tenant": "$request.path.tenant", found[1]: "$response.body#/id"},
        }
        for other in ENDPOINTS
        if (found := below.match(other.path))
    }


NO_CONTENT = 204
