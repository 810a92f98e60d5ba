"""The one decorator that makes a function an endpoint: who may call, what comes in and goes out, what may go wrong.

Validation, authentication, error rendering, conditional requests and the OpenAPI document all come from the
declaration. A handler receives a `Call` and returns a `Reply`; it parses nothing and catches nothing.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import logging
import math
import re
from bisect import insort
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast
from urllib.parse import quote

from chalice.app import Response
from pydantic import BaseModel, ValidationError

from chalicelib.access.authenticate import Caller
from chalicelib.access.model.limits import AnonymousCaller, network_of
from chalicelib.access.model.people import STAFF, THE_PUBLIC, Audience, Role, Scope
from chalicelib.access.throttle import CountedWrite
from chalicelib.core.edit_locks import EditLockedError, EditLockLostError
from chalicelib.core.errors import (
    BerthError,
    ForbiddenError,
    InternalError,
    InvalidInputError,
    NoCapacityError,
    RuleViolationsError,
    ThrottledError,
    TooLargeError,
    UnavailableError,
    VersionMismatchError,
    VersionRequiredError,
)
from chalicelib.database.log_position import LatestPosition
from chalicelib.database.transaction import Database
from chalicelib.events.event_log import Actor
from chalicelib.http import current, log_positions, problems, strict_json
from chalicelib.http.call_reports import name_caller
from chalicelib.http.callers import caller_of, staff_of
from chalicelib.http.container import Container, container, request_container
from chalicelib.http.context import Context
from chalicelib.http.idempotency import Outcome
from chalicelib.http.schema import Schema
from chalicelib.http.stored_answers import Answer, Claim
from chalicelib.telemetry.definitions import ADMISSIONS, RULE_REFUSALS
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Sequence

    from chalice.app import Blueprint, Request


log = logging.getLogger("berth")

JSON_TYPE = "application/json"
LONGEST_KEY = 255
NO_BODY_LIMIT = 1024
"""Bytes of the body of a route that takes none: clients send `{}`, or spaces."""
BODY_LIMIT = 16 * 1024
"""Bytes of a body where the route does not say more or less: the longest notes fit in, however they are escaped."""
NO_CONTENT = 204
FENCING = re.compile(r"[1-9][0-9]{0,17}")
MOST_LOCKS = 20
TAG = re.compile(r'(W/)?"?(?P<version>[0-9]{1,9})(-[0-9a-f]{32})?"?')
"""What If-Match takes: a tag of ours, which some proxies make a weak one, or the version alone."""


class NoBody(Schema, extra="forbid"):
    """For endpoints that take no body, or no query."""


Body = TypeVar("Body", bound=BaseModel)
Query = TypeVar("Query", bound=BaseModel)


SECURED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Of every answer of the API, which is data; a page says more by itself."""
SECURED_HTTPS = SECURED | {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""RFC 6797."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Body, Query]):
    """One validated request."""

    path: Mapping[str, str]
    body: Body
    query: Query
    caller: Caller
    container: Container
    request_id: str
    claim: Claim | None
    if_match: int | None
    edit_locks: tuple[int, ...]
    raw: bytes
    """The JSON of the body."""
    database: Database
    """As this caller may see it; where an anonymous caller writes, the first transaction counts that."""
    anonymous: AnonymousCaller | None
    """Who calls without working for the tenant, where that is counted."""
    audience: Audience
    """For whom is looked, where the endpoint knows staff; the public anywhere else."""

    @property
    def tenant(self) -> str:
        """The slug of the tenant in the path."""
        return self.path["tenant"]

    @property
    def told_as_staff(self) -> bool:
        """Whether the answer of a public route is for staff alone."""
        return self.audience.by_staff or self.caller.works_here

    @property
    def actor(self) -> Actor:
        """Who acts, for events."""
        return Actor(*self.caller.actor, self.request_id, self.edit_locks)

    @property
    def context(self) -> Context:
        """What a use case of the tenant begins with."""
        return Context(self.database, self.tenant, self.actor, self.claim, self.if_match)

    def address(self, template: str, **named: object) -> str:
        """Where an endpoint is found: its path with the names of this request's own, and with those given."""
        names = {name: quote(str(value), safe="") for name, value in {**self.path, **named}.items()}
        return f"{self.container.config.public_url}/api{template.format_map(names)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a JSON-ready body or a model, and what HTTP adds.

    `version`: that of what is answered, which If-Match is compared with; the ETag begins with it. `age`: how long ago
    it was put together, which caches count.
    """

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    version: int | None = None
    age: timedelta = timedelta()

    def found_at(self, address: str) -> Reply:
        """The same for what was created, with the place where it is read from now on."""
        return Reply(self.body, self.status, {**self.headers, "Location": address}, self.version)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A declaration, kept for the OpenAPI document and the tests."""

    method: str
    path: str
    module: str
    name: str
    summary: str
    description: str
    roles: frozenset[Role]
    body: type[BaseModel]
    query: type[BaseModel]
    response: type[BaseModel] | None
    status: int
    errors: tuple[type[BerthError], ...]
    idempotent: bool
    versioned: bool
    edits: bool
    needs_cookie: str | None
    sets_cookie: bool
    scope: Scope | None
    fresh_seconds: int | None
    content_type: str
    body_limit: int
    """Bytes."""
    counted: bool
    previews: bool
    knows_staff: bool
    asks_staff: tuple[tuple[str, Scope], ...]
    replica_seconds: float | None
    tag: str
    answers: tuple[tuple[int, str], ...]


ENDPOINTS: list[Endpoint] = []
"""Those of the modules imported so far, in the order of the modules, whichever was imported first."""


def endpoint(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    roles: Collection[Role],
    tag: str,
    body: type[BaseModel] = NoBody,
    query: type[BaseModel] = NoBody,
    response: type[BaseModel] | None,
    status: int = 200,
    errors: Sequence[type[BerthError]] = (),
    idempotent: bool = False,
    versioned: bool = False,
    edits: bool = False,
    needs_cookie: str | None = None,
    sets_cookie: bool = False,
    scope: Scope | None = None,
    fresh_seconds: int | None = None,
    content_type: str = JSON_TYPE,
    body_limit: int | None = None,
    counted: bool = False,
    previews: bool = False,
    knows_staff: bool = False,
    asks_staff: Mapping[str, Scope] | None = None,
    replica_seconds: float | None = None,
    answers: Mapping[int, str] | None = None,
) -> Callable[[Callable[[Call[Any, Any]], Reply | Outcome]], Callable[..., Response]]:
    """Declare an endpoint.

    Its summary in the reference is the first line of the handler's docstring, its description is what follows.
    `errors`: what the use case refuses beyond what the declaration implies.
    `idempotent`: takes an Idempotency-Key. `versioned`: changes what has versions, for If-Match alone.
    Staff who send none are refused (428); a guest, who has one reservation to lose, may leave it out.
    `edits`: writes into ranges that another user may have locked, and takes the header Edit-Lock.
    `needs_cookie`: names the cookie that it reads. `sets_cookie`: answers with the cookie of the session.
    `scope`: what an API key needs; None takes no keys.
    `fresh_seconds`: the answer is public and the same for all, so caches may keep it that long.
    `response` None: nothing (204), or text of `content_type`.
    `body_limit`: bytes, where a body may have more or less than is usual.
    `knows_staff`: public, but who may reserve for the tenant is told what they may sell (`Call.audience`), which no
    cache may keep. They are nobody in every other respect.
    `asks_staff`: parameters of a public route that only staff may set, and API keys with this scope.
    `replica_seconds`: only reads, and a replica may answer that is behind by so many seconds at most (see
    `chalicelib.database.replica`); None: the primary. Who calls, and what that allows, is asked of the primary always.
    `answers`: other statuses that it answers with, and what each says, as text of `content_type`.
    `counted`: anonymous callers write with it, and not without end: by address, by `guest.email` of the body, and by
    tenant. `previews`: it only says what a write would do.
    """

    def declare(handler: Callable[[Call[Any, Any]], Reply | Outcome]) -> Callable[..., Response]:
        summary, _, description = inspect.cleandoc(handler.__doc__ or "").partition("\n\n")
        declared = Endpoint(
            method=method,
            path=path,
            module=handler.__module__,
            name=handler.__name__,
            summary=summary.rstrip("."),
            description="\n\n".join(" ".join(paragraph.split()) for paragraph in description.split("\n\n")),
            roles=frozenset(roles),
            body=body,
            query=query,
            response=response,
            status=status,
            errors=(
                *errors,
                *((EditLockedError, EditLockLostError) if edits else ()),
                *((ThrottledError,) if counted else ()),
                *((VersionMismatchError, VersionRequiredError) if versioned else ()),
                *((ForbiddenError,) if asks_staff else ()),
            ),
            idempotent=idempotent,
            versioned=versioned,
            edits=edits,
            needs_cookie=needs_cookie,
            sets_cookie=sets_cookie,
            scope=scope,
            fresh_seconds=fresh_seconds,
            content_type=content_type,
            body_limit=body_limit or (NO_BODY_LIMIT if body is NoBody else BODY_LIMIT),
            counted=counted,
            previews=previews,
            knows_staff=knows_staff,
            asks_staff=tuple((asks_staff or {}).items()),
            replica_seconds=replica_seconds,
            tag=tag,
            answers=tuple((answers or {}).items()),
        )
        insort(ENDPOINTS, declared, key=lambda one: one.module)

        @functools.wraps(handler)
        def answer(**path_parameters: str) -> Response:
            request = current.request.get()
            request_id, secured, latest = _request_id(request), SECURED, LatestPosition()
            outcome: Outcome | Reply | Exception
            try:
                if container().config.public_url.startswith("https:"):
                    secured = SECURED_HTTPS
                entered = _enter(declared, request, path_parameters, latest)
                with _proven(entered.database):
                    call = _call(declared, request, request_id, path_parameters, entered)
                    outcome = handler(call)
                    response = _response(outcome, declared, request, by_staff=call.told_as_staff)
                log_positions.tell(response, latest, secure=secured is SECURED_HTTPS)
            except ValidationError as error:
                outcome = error
                model = declared.body if error.title == declared.body.__name__ else declared.query
                response = problems.of_invalid_model(error, model, request_id)
            except BerthError as error:
                outcome = error
                response = problems.of_refusal(error, request_id)
            except Exception as error:
                outcome = error
                log.exception("request %s failed", request_id)
                detail = f"Something failed on our side. It has been logged under {request_id}."
                response = problems.of_refusal(InternalError(detail), request_id)
            if NoCapacityError in declared.errors and not declared.previews:
                _count_admission(outcome)
            response.headers["X-Request-Id"] = request_id
            for header, said in secured.items():
                response.headers.setdefault(header, said)
            return response

        # For gateways in front of the function, which need not read what it would refuse.
        answer.body_limit = declared.body_limit  # pyright: ignore[reportAttributeAccessIssue] - functions take any
        # content_types: Chalice's own check would answer 415 in its own words; `_json` below does it in ours.
        blueprint.route(path, methods=[method], content_types=[])(answer)
        return answer

    return declare


def _count_admission(outcome: Reply | Outcome | Exception) -> None:
    """Count what became of a request for units."""
    match outcome:
        case Outcome(replayed=True):
            METRICS.count(ADMISSIONS, "replayed")
        case Outcome(answer=Answer(status=HTTPStatus.ACCEPTED)):
            METRICS.count(ADMISSIONS, "unconfirmed")
        case RuleViolationsError():
            METRICS.count(ADMISSIONS, outcome.code)
            for rule in {violation.rule for violation in outcome.violations}:
                METRICS.count(RULE_REFUSALS, rule)
        case BerthError():
            METRICS.count(ADMISSIONS, outcome.code)
        case ValidationError():
            METRICS.count(ADMISSIONS, InvalidInputError.code)
        case Exception():
            METRICS.count(ADMISSIONS, InternalError.code)
        case _:
            METRICS.count(ADMISSIONS, "admitted")


class _Entered(NamedTuple):
    """Who calls, and what their request has to work with."""

    services: Container
    caller: Caller
    tenant: str | None
    database: Database


@contextmanager
def _proven(database: Database) -> Generator[None]:
    """Tell nobody anything, neither an answer nor what is wrong, who has yet to prove that they may ask."""
    try:
        yield
    except UnavailableError:  # tells nothing, and there is nobody to ask
        raise
    except (ValidationError, BerthError):
        database.prove()
        raise
    database.prove()


def _enter(declared: Endpoint, request: Request, path: Mapping[str, str], latest: LatestPosition) -> _Entered:
    services = request_container(request.lambda_context)
    if len(_raw_body(request)) > declared.body_limit:
        raise TooLargeError(declared.body_limit)
    for name, value in path.items():
        if "\0" in value:
            raise InvalidInputError(name, "A path must not hold NUL characters.")
    tenant = path.get("tenant") or _tenant_in_body(declared, request)
    caller = caller_of(_header(request, "authorization"), declared.roles, declared.scope, services, path, tenant)
    name_caller(tenant, caller.actor[0])
    database = services.database if caller.proof is None else services.database.proving(caller.proof)
    if declared.method != "GET":
        database = database.noting(latest)
    return _Entered(services, caller, tenant, database)


def _call(
    declared: Endpoint, request: Request, request_id: str, path: Mapping[str, str], entered: _Entered
) -> Call[Any, Any]:
    services, caller, tenant, database = entered
    query = declared.query.model_validate_strings(_query(request))
    for name, scope in declared.asks_staff:
        if getattr(query, name):
            caller = caller_of(_header(request, "authorization"), STAFF, scope, services, path, tenant)
    raw, value = _json(request)
    body = declared.body.model_validate_json(raw, strict=True) if raw else declared.body.model_validate({})
    database, anonymous = database.acting_as(caller.acting), None
    if declared.replica_seconds is not None:
        after = log_positions.carried(_header(request, "berth-position"), _header(request, "cookie"))
        if services.replica is not None:
            database = database.reading_by(services.replica.reads(declared.replica_seconds, after))
    if declared.counted and not caller.works_here:
        anonymous = AnonymousCaller(network_of(current.address()), services.config.limits)
        if anonymous.limits.counts_writes:
            write = CountedWrite(anonymous, _guest_email(body), path["tenant"], previews=declared.previews)
            database = database.counting(write)
    return Call(
        path=path,
        body=body,
        query=query,
        caller=caller,
        container=services,
        request_id=request_id,
        claim=_claim(declared, request, caller, path, value, body),
        if_match=_if_match(declared, request, caller),
        edit_locks=_edit_locks(request) if declared.edits else (),
        raw=raw,
        database=database,
        anonymous=anonymous,
        audience=_audience(declared, request, services, path),
    )


def _audience(declared: Endpoint, request: Request, services: Container, path: Mapping[str, str]) -> Audience:
    if not declared.knows_staff:
        return THE_PUBLIC
    staff = staff_of(_header(request, "authorization"), services, path)
    return Audience(by_staff=staff.works_here, resource_ids=staff.acting.resource_ids)


def _guest_email(body: BaseModel) -> str:
    return str(getattr(getattr(body, "guest", None), "email", ""))


def _tenant_in_body(declared: Endpoint, request: Request) -> str | None:
    """The tenant whose keys an endpoint takes that has none in its path. What is wrong with the body is told later."""
    if declared.scope is None or "tenant" not in declared.body.model_fields:
        return None
    with suppress(BerthError):
        _, value = _json(request)
        named = value.get("tenant") if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - JSON
        return named if isinstance(named, str) and "\0" not in named else None
    return None


def _header(request: Request, name: str) -> str | None:
    return cast("Mapping[str, str]", request.headers).get(name)


def _raw_body(request: Request) -> bytes:
    given: bytes | str = request.raw_body
    return given.encode() if isinstance(given, str) else given


def _json(request: Request) -> tuple[bytes, Any]:
    raw = _raw_body(request)
    if not raw:
        return b"", None
    content_type = (_header(request, "content-type") or "").partition(";")[0].strip().lower()
    if not content_type:
        message = f"The body has no Content-Type. Send JSON, and say so: Content-Type: {JSON_TYPE}."
        raise strict_json.MediaTypeError("Content-Type", message)
    if content_type != JSON_TYPE and not content_type.endswith("+json"):
        message = f"The body must be {JSON_TYPE}, not {content_type}. Send JSON, and say so in Content-Type."
        raise strict_json.MediaTypeError("Content-Type", message)
    value = strict_json.parse(raw)
    return strict_json.composed_text(raw, value), value


def _query(request: Request) -> dict[str, str]:
    values = request.query_params
    if values is None:
        return {}
    query: dict[str, str] = {}
    for name in cast("list[str]", list(values)):
        given = cast("list[str]", values.getlist(name))  # pyright: ignore[reportUnknownMemberType] - Chalice is untyped
        if len(given) > 1:
            raise InvalidInputError(name, f"{name} is given {len(given)} times in the query; once is enough.")
        if "\0" in given[0]:
            raise InvalidInputError(name, "A query must not hold NUL characters.")
        query[name] = given[0]
    return query


def _claim(
    declared: Endpoint, request: Request, caller: Caller, path: Mapping[str, str], value: object, body: BaseModel
) -> Claim | None:
    key = _header(request, "idempotency-key")
    if key is None or not declared.idempotent:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidInputError("Idempotency-Key", f"Must be 1 to {LONGEST_KEY} printable ASCII characters.")
    route = f"{declared.method} {declared.path}"
    scope = "/".join(value for name, value in path.items() if name != "tenant")
    identity, repeated = f"{caller.role}:{caller.id or ''}", [value, _header(request, "if-match")]
    if caller.role is Role.ANYONE:
        # Keys of anonymous callers are apart by the guest's email. The address may change before a retry, and a second
        # reservation would be worse than a refusal: so it is no part of the scope, and another one gets no answer.
        identity += strict_json.canonical_hash(_guest_email(body)).hex()
        repeated.append(current.address())
    return Claim(identity, f"{route} {scope}".strip(), key, strict_json.canonical_hash(repeated))


def _if_match(declared: Endpoint, request: Request, caller: Caller) -> int | None:
    text = _header(request, "if-match")
    if text is None and declared.versioned and caller.role is not Role.GUEST:
        message = "This change needs If-Match with the ETag of the version you read, so that no other change is lost."
        raise VersionRequiredError(message)
    if text is None or text.strip() == "*":
        return None
    found = TAG.fullmatch(text.strip())
    if found is None:
        message = 'Must be one ETag as an answer gave it, or the version alone, such as "3".'
        raise InvalidInputError("If-Match", message)
    return int(found["version"])


def _edit_locks(request: Request) -> tuple[int, ...]:
    text = _header(request, "edit-lock")
    if text is None:
        return ()
    numbers = [part.strip() for part in text.split(",")]
    if not all(FENCING.fullmatch(number) for number in numbers) or len(numbers) > MOST_LOCKS:
        message = f"Must be the fencing number of your edit lock, such as 17, or up to {MOST_LOCKS} with commas."
        raise InvalidInputError("Edit-Lock", message)
    return tuple(dict.fromkeys(map(int, numbers)))


def _request_id(request: Request) -> str:
    return str(request.context.get("requestId", ""))


def varies_by(declared: Endpoint) -> list[str]:
    """The headers of requests that answers of an endpoint depend on, where caches may keep one for others."""
    by_position = declared.replica_seconds is not None and declared.fresh_seconds is not None
    return ["Authorization"] * declared.knows_staff + [log_positions.HEADER] * by_position


def render(reply: Reply) -> Answer:
    """Turn a reply into what is sent, or kept under an Idempotency-Key."""
    headers = {"Content-Type": JSON_TYPE, "Cache-Control": "no-store", **reply.headers}
    text = _text(reply.body)
    if reply.version is not None:
        headers["ETag"] = _etag(text, reply.version)
    return Answer(reply.status, headers, text)


def _text(body: object) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, BaseModel):
        return body.model_dump_json(exclude_none=False)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _etag(text: str, version: int | None, *, by_staff: bool = False) -> str:
    """The strong tag of a representation (RFC 9110, section 8.8.1): two answers with one tag are equal to the byte.

    What has a version says it in front of the hash; If-Match compares that alone, since a name that a guest corrected
    elsewhere or the seconds that a hold lasts change the bytes, but not what the caller is about to change.
    What staff are told at a public address has tags of its own, so that no cache takes it for what the public is told.
    """
    digest = hashlib.sha256(f"{'staff:' if by_staff else ''}{text}".encode()).hexdigest()[:32]
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def _response(result: Reply | Outcome, declared: Endpoint, request: Request, *, by_staff: bool) -> Response:
    if isinstance(result, Outcome):
        answer, headers = result.answer, dict(result.answer.headers)
        if result.replayed:
            headers["Idempotent-Replayed"] = "true"
        if answer.status == NO_CONTENT:
            del headers["Content-Type"]
        return Response(answer.body, cast("Any", headers), answer.status)
    answer = render(result)
    headers = dict(answer.headers) | {"Content-Type": declared.content_type}
    if answer.status == NO_CONTENT:
        del headers["Content-Type"]
    depends_on = varies_by(declared)
    if depends_on:
        headers["Vary"] = ", ".join(depends_on)
    if declared.fresh_seconds is not None and not by_staff:
        fresh_seconds = max(0, declared.fresh_seconds - math.ceil(result.age.total_seconds()))
        headers["Cache-Control"] = f"public, max-age={fresh_seconds}"
    if declared.method == "GET" and answer.status == declared.status:
        headers.setdefault("ETag", _etag(answer.body, None, by_staff=by_staff))
        if _matches(request, headers["ETag"]):
            del headers["Content-Type"]
            return Response("", cast("Any", headers), 304)
    return Response(answer.body, cast("Any", headers), answer.status)


def _matches(request: Request, etag: str) -> bool:
    """Weak comparison, RFC 9110 section 13.1.2."""
    text = _header(request, "if-none-match") or ""
    return text.strip() == "*" or etag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in text.split(",")}
