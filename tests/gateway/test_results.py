from __future__ import annotations

import base64

import pytest

from local.gateway.results import RESPONSE_LIMIT, MalformedResultError, to_answer


def test_status_headers_and_text_body_are_sent_as_given() -> None:
    answer = to_answer({"statusCode": 201, "headers": {"X-One": "é", "Content-Type": "text/plain"}, "body": "ü"})
    assert (answer.status, answer.body) == (201, "ü".encode())
    assert answer.headers == [(b"x-one", b"\xe9"), (b"content-type", b"text/plain")]


def test_base64_body_is_decoded() -> None:
    body = base64.b64encode(b"\0\xff").decode()
    assert to_answer({"statusCode": 200, "body": body, "isBase64Encoded": True}).body == b"\0\xff"


def test_body_without_type_is_json_as_in_api_gateway() -> None:
    assert to_answer({"statusCode": 200, "body": "{}"}).headers == [(b"content-type", b"application/json")]
    assert to_answer({"statusCode": 204}).headers == []


def test_multi_value_headers_are_merged_and_a_pair_in_both_maps_is_sent_once() -> None:
    answer = to_answer(
        {
            "statusCode": 204,
            "headers": {"x-a": "1", "x-b": "2", "x-c": 3},
            "multiValueHeaders": {"x-a": ["1", "one"], "x-b": ["two"]},
        }
    )
    assert sorted(answer.headers) == [
        (b"x-a", b"1"),
        (b"x-a", b"one"),
        (b"x-b", b"2"),
        (b"x-b", b"two"),
        (b"x-c", b"3"),
    ]


def test_framing_is_the_gateways_own() -> None:
    framing = {"Content-Length": "7", "Transfer-Encoding": "chunked", "Connection": "close", "Date": "x", "Server": "y"}
    assert to_answer({"statusCode": 204, "headers": framing}).headers == []


@pytest.mark.parametrize(
    "result",
    [
        None,
        "text",
        [200],
        {},
        {"statusCode": "200"},
        {"statusCode": 99},
        {"statusCode": 101},
        {"statusCode": 600},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": b"bytes"},
        {"statusCode": 200, "body": "\ud800"},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}},
        {"statusCode": 200, "headers": {"x y": "a"}},
        {"statusCode": 200, "headers": {"": "a"}},
        {"statusCode": 200, "headers": {"x": "€"}},
        {"statusCode": 200, "body": "x" * (RESPONSE_LIMIT + 1)},
    ],
)
def test_result_that_api_gateway_would_not_accept_is_malformed(result: object) -> None:
    with pytest.raises(MalformedResultError):
        to_answer(result)
