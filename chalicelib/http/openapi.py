"""The OpenAPI 3.1 document, made from the declarations of all endpoints when it is first asked for."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from chalicelib.access.model.people import DESK, STAFF, Role, Scope
from chalicelib.core import errors
from chalicelib.http import problems
from chalicelib.http.accepted import AwaitsConfirmation
from chalicelib.http.endpoint import ENDPOINTS, JSON_TYPE, LONGEST_KEY, Call, NoBody, Reply, endpoint
from chalicelib.http.error_codes import error_table
from chalicelib.http.outgoing import OUTGOING
from chalicelib.http.problem_bodies import Problem
from chalicelib.http.response_headers import ACCEPTED, COMPONENTS, CREATED, headers_of
from chalicelib.http.schema_texts import example_of
from chalicelib.http.strict_json import MalformedError, MediaTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue
    from pydantic_core.core_schema import DataclassField, ModelField, NullableSchema, TypedDictField, WithDefaultSchema

    from chalicelib.http.endpoint import Endpoint
    from chalicelib.http.outgoing import Outgoing

blueprint = Blueprint(__name__)

Json = dict[str, Any]
TAGS = {
    "tenants": "A business: its public site and its settings.",
    "resources": "The catalogue: what can be reserved, with units, images and amenities.",
    "availability": "What is free, when, and at which price. Everything that is offered can be reserved.",
    "quotes": "Prices before reserving.",
    "series": "Reservations that recur by a rule.",
    "waitlist": "Waiting for what is taken.",
    "reservations": "Reserving, changing, confirming, checking in and out, cancelling.",
    "inventories": "Units that several resources draw from: the halves of a hall, a guide.",
    "closures": "Times when units cannot be reserved.",
    "sign-in": "Sessions and passwords of users, and signing in through an external issuer.",
    "platform": "Tenants, for operators of the platform.",
    "members": "Users who work for the tenant, invitations and API keys.",
    "policies": "The rules under which resources are reserved: versions, validation and simulation.",
    "guests": "Guests of a tenant: searching, merging, exporting and anonymizing them.",
    "calendar": "What is taken, day by day.",
    "statistics": "Occupancy, revenue and how reservations ended.",
    "calendars": "What is taken, as other calendars read it (iCalendar).",
    "webhooks": "Events sent to other systems, signed, with a log of what became of each.",
    "notifications": "What is pushed to the devices of those who work for the tenant, each their own.",
    "audit": "Who changed what, and when.",
    "realtime": "WebSocket connections, edit locks and missed messages.",
    "pages": "Pages of public sites, as gateways ask for them.",
    "service": "Health of the service and its descriptions.",
}
INTRODUCTION = """\
Times come in as RFC 3339 with an offset, or as local times of the tenant's zone; nights as `check_in_on` and
`check_out_on`. In a query a period is `from` and `until`, dates or times as the endpoint says. Times go out as UTC
instants. All ranges are half-open: the end does not belong to them. Money is an integer `total` in minor units, with
its `currency` and the `decimals` of that: 12345 of EUR, with 2 decimals, are 123.45 EUR.

Refusals are `application/problem+json` (RFC 9457) with a stable `code`. A refusal of the terms lists every broken rule
in `violations`; a refusal of a time comes with up to five `alternatives`, each of them checked to be bookable. Both say
everything at once: broken rules, how many units were `wanted` and are `free`, and what they are `blocked_by`. Query
parameters and members that an endpoint does not know are refused; the violation names those it knows, also as a list in
`parameters.known`. The table of error codes below says of each code when it comes and what to do then.

What is read has a strong `ETag`. Send it as `If-None-Match`, and what has not changed is answered with 304 and no body.
Send it as `If-Match` with a change, and the change is refused with 412 when another change of the same came before: the
tag begins with the version, and the version alone is compared. All who work for the tenant have to send it where
something with versions is changed, and are refused with 428 without it; a guest may leave it out. `*` stands for any
version.

Repeat a POST safely by sending the same `Idempotency-Key`: it takes effect once, and the answer is the first one. A key
is its caller's own: that of a guest without a token belongs to the email in the request, and is answered only at the
network address that sent it first; from another one, `idempotency_mismatch` says that it was used before."""
PATH_PARAMETERS = {
    "tenant": ("Slug of the tenant.", {"type": "string"}, "pine-cabins"),
    "host": ("Name of a host, as the DNS has it or as people read it.", {"type": "string"}, "book.example.com"),
    "resource": ("Id or slug of the resource.", {"type": "string"}, "lakeside-cabins"),
    "reservation": ("Id of the reservation.", {"type": "string"}, None),
    "member": ("Id of the user.", {"type": "string"}, None),
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
    "calendar": ("Id of the calendar.", {"type": "string"}, None),
    "webhook": ("Id of the webhook.", {"type": "string"}, None),
    "delivery": ("Id of the delivery.", {"type": "string"}, None),
    "device": ("Id of the device.", {"type": "string"}, None),
}
WHO = {
    Role.ANYONE: "everyone",
    Role.GUEST: "the reservation's guest",
    Role.SIGNED_IN: "signed-in users",
    Role.OPERATOR: "the platform's operators",
}
"""Whom else a route serves; members are called by their role."""
ALWAYS = (MalformedError, errors.InvalidInputError)
KNOWN_STAFF: Json = {"roles": [role for role in Role if role in DESK], "scope": Scope.RESERVATIONS_WRITE}
"""To whom public routes that know staff tell what staff may sell: people in these roles, and keys with this scope."""
PEOPLE = STAFF | {Role.SIGNED_IN, Role.OPERATOR}
REFERENCE = "#/components/schemas/{model}"


@endpoint(blueprint, "GET", "/v1/openapi.json", roles=[Role.ANYONE], tag="service", response=None, fresh_seconds=300)
def read_openapi(call: Call[NoBody, NoBody]) -> Reply:
    """Read the OpenAPI document.

    Returns this description: every endpoint with its parameters, schemas and error codes (OpenAPI 3.1). Use it to
    generate clients.
    """
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
        paths.setdefault(declared.path, {})[declared.method.lower()] = _operation(declared, models, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Berth",
            "version": "1",
            "description": f"{INTRODUCTION}\n\n## Error codes\n\n{error_table()}",
            "contact": {"name": "Who runs this deployment", **({"url": public_url} if public_url else {})},
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"{public_url}/api"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "webhooks": {outgoing.name: {"post": _outgoing(outgoing, models, schemas)} for outgoing in OUTGOING},
        "components": {
            "schemas": schemas,
            "headers": COMPONENTS,
            "securitySchemes": {
                "manage_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The `manage_token` of a reservation, series or waitlist entry.",
                },
                "access_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `access_token` of a signed-in user; it is valid for 15 minutes.",
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
    wanted |= dict.fromkeys((outgoing.body, "serialization") for outgoing in OUTGOING)
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

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        """With the description of the kind of member in front of the choice, where readers look for it."""
        described = super().nullable_schema(schema)
        if "anyOf" not in described:
            return described
        kind, *others = described["anyOf"]
        told = {name: kind[name] for name in ("description", "examples") if name in kind}
        return {**told, "anyOf": [{name: kind[name] for name in kind if name not in told}, *others]}

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if self.mode == "serialization" or described.get("default", ...) is None:
            described.pop("default", None)
        return described


def _operation(declared: Endpoint, models: Models, schemas: Json) -> Json:
    operation: Json = {
        "operationId": _operation_id(declared),
        "tags": [declared.tag],
        "summary": declared.summary,
        "description": f"{declared.description}\n\nFor {_who(declared)}.",
        "parameters": [*_path_parameters(declared), *_query_parameters(declared), *_headers(declared)],
        "responses": _responses(declared, models, schemas),
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


def _outgoing(outgoing: Outgoing, models: Models, schemas: Json) -> Json:
    """A request that a receiver gets."""
    headers = [_header(name, text, {"type": "string"}, required=True) for name, text in outgoing.headers.items()]
    return {
        "operationId": f"{outgoing.tag}_{outgoing.name}",
        "tags": [outgoing.tag],
        "summary": outgoing.summary,
        "description": outgoing.description,
        "parameters": headers,
        "requestBody": {
            "required": True,
            "content": {JSON_TYPE: _example(models[outgoing.body, "serialization"], schemas)},
        },
        "responses": {
            "2XX": {"description": "It was taken, and is not sent again."},
            "410": {"description": "Nothing is to be sent there any more: the webhook is disabled."},
            "default": {"description": "It is sent again, after `Retry-After` at the earliest."},
        },
        "security": [],
    }


def _who(declared: Endpoint) -> str:
    """Whom a route serves, in words."""
    if Role.ANYONE in declared.roles:
        return WHO[Role.ANYONE]
    served = [WHO.get(role, f"{role.value}s") for role in Role if role in declared.roles]
    keys = [] if declared.scope is None else [f"API keys with `{declared.scope}`"]
    *others, last = [*served, *keys]
    return f"{', '.join(others)} and {last}" if others else last


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
        for asked, scope in declared.asks_staff:
            if asked == name:
                parameter |= {"x-roles": [role for role in Role if role in STAFF], "x-scope": scope}
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
            "A key of your own for this change, kept for a day: a request that is repeated with it takes effect once.",
            {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
        )
    if declared.versioned:
        guests = " Guests may leave it out; all others are refused without it (428)."
        yield _header(
            "If-Match",
            "ETag of what was read; refused with 412 when its version has changed since. What follows the version in "
            "the tag is not compared, and the version alone will do; `*` stands for any."
            + (guests if Role.GUEST in declared.roles else ""),
            {"type": "string", "pattern": r'^(\*|(W/)?"?\d{1,9}(-[0-9a-f]{32})?"?)$'},
            required=Role.GUEST not in declared.roles,
        )
    if declared.edits:
        yield _header(
            "Edit-Lock",
            "Fencing numbers of the edit locks that the caller holds on the range, with commas between them.",
            {"type": "string", "pattern": r"^[1-9]\d{0,17}(, ?[1-9]\d{0,17})*$"},
        )
    if declared.replica_seconds is not None:
        yield _header(
            "Berth-Position",
            "The latest `Berth-Position` that changes of yours were answered with: the answer shows all of them. "
            "Browsers need not send it: the cookie `berth_position` says the same.",
            {"type": "string", "pattern": "^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$"},
        )
    if declared.needs_cookie is not None:
        description = "Set at sign-in and replaced by each answer; scripts cannot read it (RFC 6265)."
        yield _header(declared.needs_cookie, description, {"type": "string"}, required=True) | {"in": "cookie"}
    if declared.method == "GET":
        yield _header("If-None-Match", "ETag of an answer that you have; 304 when that is current.", {"type": "string"})


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


def _responses(declared: Endpoint, models: Models, schemas: Json) -> Json:
    responses: Json = {str(declared.status): _success(declared, models, schemas)}
    if declared.counted and not declared.previews:
        responses[str(ACCEPTED)] = {
            "description": "Where the tenant confirms by email: nothing is made until the guest opens the link.",
            "headers": headers_of(declared, ACCEPTED),
            "content": {JSON_TYPE: _example(models[AwaitsConfirmation, "serialization"], schemas)},
        }
    if declared.method == "GET":
        responses["304"] = {
            "description": "The answer that you have is current.",
            "headers": headers_of(declared, 304),
        }
    for status, said in declared.answers:
        responses[str(status)] = {
            "description": said,
            "headers": headers_of(declared, status),
            "content": {declared.content_type.partition(";")[0]: {}},
        }
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
    if declared.idempotent:
        yield errors.IdempotencyInProgressError
        yield errors.IdempotencyMismatchError


def _success(declared: Endpoint, models: Models, schemas: Json) -> Json:
    answer: Json = {"description": _told(declared), "headers": headers_of(declared, declared.status)}
    if declared.response is not None:
        answer["content"] = {JSON_TYPE: _example(models[declared.response, "serialization"], schemas)}
    elif declared.status != NO_CONTENT:
        answer["content"] = {declared.content_type: {}}
    links = _links(declared)
    return {**answer, "links": links} if links else answer


def _example(schema: Json, schemas: Json) -> Json:
    """A schema, and a value that suits it."""
    return {"schema": schema, "example": example_of(schema, schemas)}


def _told(declared: Endpoint) -> str:
    """What is answered, in a sentence."""
    if declared.response is not None:
        return " ".join((declared.response.__doc__ or "").split())
    return (
        "Done; the answer has no body." if declared.status == NO_CONTENT else f"The text, as {declared.content_type}."
    )


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
