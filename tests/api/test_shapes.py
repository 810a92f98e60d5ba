"""What has the wrong shape is told so in our words, with what would be right; the words of pydantic are never seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast, get_args

import pytest
from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

from chalicelib.core.shapes import TEXTS
from chalicelib.http.endpoint import ENDPOINTS, NoBody
from chalicelib.http.problems import schema_of, violations_of
from chalicelib.policies.model import policy_documents
from chalicelib.realtime.schemas.messages import ASKED
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import BaseModel

    from tests.api.tenant import Tenant

Json = dict[str, Any]
PYDANTICS = frozenset(get_args(ErrorType))
VALUES: list[object] = [
    None, True, 0, 1, -1, 1.5, 10**30, "", "x", "x" * 5000, "2027-02-30", "2027-05-14T10:00:00", "25:00", [], [1],
    ["x"] * 300, {}, {"surplus": 1}, [{"surplus": 1}], {"name": 1, "email": "x"}, {"rules": ["x"], "reason": ""},
]  # fmt: skip
TEXT_VALUES = ["", "x", "-1", "1.5", "9" * 30, "2027-02-30", "true", "x" * 5000, "a,b", "null"]
KINDS = {
    "any": set[str](),
    "bool": {"bool_type", "bool_parsing"},
    "date": {"date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"},
    "datetime": {"datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"},
    "dict": {"dict_type", "too_long", "too_short"},
    "enum": {"enum", "is_instance_of"},
    "float": {"float_type", "float_parsing", "finite_number", "greater_than_equal", "less_than_equal"},
    "int": {
        *("int_type", "int_parsing", "int_parsing_size", "int_from_float"),
        *("greater_than_equal", "less_than_equal", "greater_than", "less_than"),
    },
    "list": {"list_type", "too_long", "too_short"},
    "literal": {"literal_error"},
    "model": {"model_type", "model_attributes_type", "missing", "extra_forbidden", "json_invalid"},
    "dataclass": {"dataclass_type", "missing", "unexpected_keyword_argument"},
    "str": {"string_type", "string_too_short", "string_too_long", "string_pattern_mismatch", "string_unicode"},
    "tagged-union": {"union_tag_invalid", "union_tag_not_found"},
    "time": {"time_type", "time_parsing"},
    "tuple": {"tuple_type", "too_long", "too_short"},
    "uuid": {"uuid_type", "uuid_parsing", "uuid_version", "is_instance_of"},
    "function-after": {"value_error"},
    "function-plain": {"value_error"},
    "function-wrap": {"value_error"},
    "function-before": {"value_error"},
}
"""What may be found wrong at each kind of node of pydantic's schemas."""
STRUCTURE = {
    *("model-field", "model-fields", "dataclass-args", "dataclass-field", "default", "nullable", "union"),
    *("definitions", "definition-ref", "no-info", "with-info", "chain", "json-or-python", "lax-or-strict"),
}
"""Nodes that find nothing wrong by themselves."""


def models() -> Iterator[tuple[type[BaseModel], bool]]:
    """Every model of a body, a query and a client's message, and whether it is one of a query."""
    for declared in ENDPOINTS:
        yield from (
            (model, model is declared.query) for model in (declared.body, declared.query) if model is not NoBody
        )
    yield from ((message, False) for message in ASKED)


def assert_in_our_words(error: ValidationError, schema: Mapping[str, Any]) -> None:
    """Compare with what pydantic says."""
    violations, detail = violations_of(error, schema)
    theirs = {finding["msg"] for finding in error.errors() if finding["type"] in PYDANTICS}
    assert violations
    for violation in violations:
        assert violation["code"] in TEXTS or violation["code"] not in PYDANTICS, violation
        message = violation["message"]
        assert message.endswith("."), violation
        assert message.removesuffix(".") not in theirs, violation
        assert not any(odd in message for odd in ("something else", "nput should", "alue error", "<", "None")), (
            violation
        )
        assert message in detail or len(violations) > 5


@pytest.mark.parametrize(
    ("model", "is_query"), dict.fromkeys(models()), ids=lambda value: getattr(value, "__name__", "")
)
def test_whatever_is_sent_instead_is_refused_in_our_words(model: type[BaseModel], is_query: bool) -> None:  # noqa: FBT001 - pytest's own way
    refused = 0
    for value in TEXT_VALUES if is_query else VALUES:
        document = dict.fromkeys(model.model_fields, value) | {"surplus": value}
        try:
            if is_query:
                model.model_validate_strings(document)
            else:
                model.model_validate_json(json.dumps(document), strict=True)
        except ValidationError as error:
            assert_in_our_words(error, schema_of(model))
            refused += 1
    assert refused
    for spoilt in () if is_query else ("[]", "null", "1", '"x"'):
        with pytest.raises(ValidationError) as found:
            model.model_validate_json(spoilt, strict=True)
        assert_in_our_words(found.value, schema_of(model))


def nodes(schema: Any, seen: set[int]) -> Iterator[str]:  # noqa: ANN401 - pydantic's schemas
    """The types of all nodes of a schema of pydantic."""
    if id(schema) in seen:
        return
    seen.add(id(schema))
    members: list[Any] = []
    if isinstance(schema, dict):
        described = cast("Json", schema)
        if isinstance(described.get("type"), str):
            yield described["type"]
        members = [value for name, value in described.items() if name not in {"serialization", "metadata", "ref"}]
    elif isinstance(schema, list | tuple):
        members = list(cast("list[Any]", schema))
    for value in members:
        yield from nodes(value, seen)


def test_all_that_may_be_found_wrong_has_its_words() -> None:
    used: set[str] = set()
    seen: set[int] = set()
    for model, _ in models():
        used.update(nodes(model.__pydantic_core_schema__, seen))
    policy_documents.parse(policy(STAY))
    used.update(nodes(policy_documents._Document.__pydantic_core_schema__, seen))  # noqa: SLF001 - what pydantic made of it # pyright: ignore[reportPrivateUsage]
    assert {"str", "int", "model", "tagged-union", "dataclass"} <= used
    assert used - STRUCTURE <= KINDS.keys(), used - STRUCTURE - KINDS.keys()
    assert set().union(*(KINDS[node] for node in used & KINDS.keys())) <= TEXTS.keys()
    assert TEXTS.keys() <= PYDANTICS


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="huts", document=policy(STAY), capacity=9))


@pytest.mark.parametrize(
    ("members", "field", "message"),
    [
        ({"colour": 1}, "colour", "Is not known here; known are starts_at, ends_at"),
        (
            {"guest": {"name": "Ada", "email": "x@y.org", "mail": "x"}},
            "guest.mail",
            "Is not known here; known are name, email, phone.",
        ),
        (
            {"guest": {"name": "Ada"}},
            "guest.email",
            "Is missing; it must be text of at most 254 characters such as ada@",
        ),
        ({"guest": "Ada"}, "guest", "Must be an object with name, email, phone."),
        ({"quantity": "2"}, "quantity", "Must be a whole number from 1 to 100,000."),
        ({"quantity": 0}, "quantity", "Must be a whole number from 1 to 100,000."),
        ({"notes": "x" * 2001}, "notes", "Must be text of at most 2,000 characters."),
        ({"resource_id": "huts"}, "resource_id", "Must be an id such as 0192f0c4-"),
        ({"fold": "late"}, "fold", "Must be one of earlier, later or null."),
    ],
)
def test_a_request_is_told_what_is_right(tenant: Tenant, members: Json, field: str, message: str) -> None:
    answer = tenant.reserve("huts", **{"check_in_on": "2031-05-05", "check_out_on": "2031-05-08", **members})
    assert answer.status_code == 422
    (violation,) = answer.json()["violations"]
    assert violation["field"] == field
    assert violation["message"].startswith(message)
    assert violation["message"] in answer.json()["detail"]


def test_a_list_of_allowed_values_is_named(tenant: Tenant) -> None:
    body = {"email": "ada@example.org", "role": "king"}
    answer = tenant.post("/invitations", body, **tenant.as_role())
    assert answer.json()["violations"][0]["message"] == "Must be one of owner, manager, agent, viewer, host."


def test_an_unknown_parameter_is_answered_with_the_known_ones(tenant: Tenant) -> None:
    answer = tenant.get("/resources", colour="red")
    (violation,) = answer.json()["violations"]
    assert (violation["field"], violation["code"]) == ("colour", "extra_forbidden")
    assert "known are from, until, fold, timezone, limit, cursor, kind, " in violation["message"]


def test_an_unknown_member_within_another_is_answered_with_the_known_ones(tenant: Tenant) -> None:
    answer = tenant.reserve("huts", guest={"name": "Ada", "email": "ada@example.org", "colour": "red"})
    assert answer.json()["violations"] == [
        {
            "rule": "request",
            "code": "extra_forbidden",
            "field": "guest.colour",
            "message": "Is not known here; known are name, email, phone.",
            "parameters": {"known": ["name", "email", "phone"]},
        }
    ]
