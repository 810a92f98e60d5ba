"""What readers of the API see is complete and plain: summaries, descriptions, examples and error codes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from chalicelib.http.endpoint import ENDPOINTS
from chalicelib.http.openapi import document
from chalicelib.realtime.api import asyncapi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.http.endpoint import Endpoint

DOCUMENT = document("https://berth.example")
LIVE = asyncapi.document("wss://berth.example/ws")
VERBS = re.compile(
    "Accept|Add|Anonymize|Approve|Archive|Cancel|Change|Check|Complete|Confirm|Create|Delete|End|Export|Extend|Invite|"
    "Join|Label|Leave|List|Merge|Move|Preview|Process|Publish|Read|Record|Refresh|Reject|Remove|Renew|Request|Resend|"
    "Reset|Restore|Resume|Revoke|Search|Send|Share|Shorten|Sign|Simulate|Suspend|Undo|Update|Validate|Withdraw"
)
LONGEST_SUMMARY = 48
OUR_OWN_WORDS = re.compile(
    r"\b(letters?|nudges?|strangers?|flights?|seekers?|told|telling|e-mails?|nobody|somebody|anybody|everybody|"
    r"in the way|not insist|gives? back of)\b",
    re.I,
)
"""What the field calls otherwise (see docs/GLOSSARY.md), and people who are not named."""
ONE_BY_ONE = pytest.mark.parametrize("declared", ENDPOINTS, ids=lambda declared: f"{declared.method} {declared.path}")


def operation_of(declared: Endpoint) -> Any:  # noqa: ANN401 - JSON
    return DOCUMENT["paths"][declared.path][declared.method.lower()]


def properties() -> Iterator[tuple[str, str, Any]]:
    """Of all schemas, of requests, answers and messages: the schema's name, the member's, and what is said of it."""
    for described in (DOCUMENT, LIVE):
        for name, schema in described["components"]["schemas"].items():
            for member, said in schema.get("properties", {}).items():
                yield name, member, said


def texts_of(value: object) -> Iterator[str]:
    """Every sentence for readers in a document, however deep."""
    if isinstance(value, dict):
        for name, member in value.items():  # pyright: ignore[reportUnknownVariableType] - JSON
            if name in {"summary", "description"} and isinstance(member, str):
                yield member
            else:
                yield from texts_of(member)  # pyright: ignore[reportUnknownArgumentType] - JSON
    elif isinstance(value, list):
        for member in value:  # pyright: ignore[reportUnknownVariableType] - JSON
            yield from texts_of(member)  # pyright: ignore[reportUnknownArgumentType] - JSON


@ONE_BY_ONE
def test_a_summary_is_a_verb_and_its_object(declared: Endpoint) -> None:
    verb, *words = declared.summary.split()
    assert VERBS.fullmatch(verb)
    assert words
    assert len(declared.summary) <= LONGEST_SUMMARY
    assert not re.search(r"[.:;,]", declared.summary)


def test_no_two_endpoints_of_a_tag_have_one_summary() -> None:
    told = [(declared.tag, declared.summary) for declared in ENDPOINTS]
    assert sorted(set(told)) == sorted(told)


@ONE_BY_ONE
def test_a_description_says_more_than_the_summary(declared: Endpoint) -> None:
    described = operation_of(declared)["description"]
    assert re.fullmatch(r"[A-Z].{20,}\.", described, re.DOTALL)
    assert not described.startswith(declared.summary)


def test_every_property_has_a_sentence() -> None:
    silent = [(name, member) for name, member, said in properties() if not said.get("description", "").endswith(".")]
    assert silent == []


def test_no_sentence_only_repeats_the_name_of_its_property() -> None:
    def words(text: str) -> set[str]:
        return set(re.findall("[a-z]+", text.lower())) - {"the", "a", "an", "of", "its"}

    assert [(name, member) for name, member, said in properties() if words(said["description"]) <= words(member)] == []


def test_every_parameter_has_a_sentence() -> None:
    for declared in ENDPOINTS:
        for parameter in operation_of(declared)["parameters"]:
            assert parameter.get("description", "").endswith("."), (declared.path, parameter["name"])


def test_texts_use_the_words_of_the_field() -> None:
    found = [text for described in (DOCUMENT, LIVE) for text in texts_of(described) if OUR_OWN_WORDS.search(text)]
    assert found == []


@ONE_BY_ONE
def test_an_answer_has_an_example_that_fits_its_schema(declared: Endpoint) -> None:
    if declared.response is None:
        return
    answer = operation_of(declared)["responses"][str(declared.status)]["content"]["application/json"]
    example = answer["example"]
    assert "…" not in json.dumps(example, ensure_ascii=False)
    schema = {**answer["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(example)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types


def test_a_live_message_has_an_example_that_fits_its_schema() -> None:
    for message in LIVE["components"]["messages"].values():
        (example,) = message["examples"]
        assert "…" not in json.dumps(example, ensure_ascii=False)
        schema = {**message["payload"], "components": LIVE["components"]}
        Draft202012Validator(schema).validate(example["payload"])  # pyright: ignore[reportUnknownMemberType] - no types
