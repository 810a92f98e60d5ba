"""Whom a request is counted for: only CloudFront is believed when it says from where somebody comes."""

from __future__ import annotations

import pytest

from chalicelib.http.client_address import client_address

KEY = "k" * 43
SEEN = {"identity": {"sourceIp": "198.51.100.1"}}
"""One of CloudFront's servers, or somebody who calls API Gateway directly."""


@pytest.mark.parametrize(
    ("headers", "key", "address"),
    [
        ({"x-berth-edge": KEY, "x-berth-client": "192.0.2.7"}, KEY, "192.0.2.7"),
        ({"x-berth-edge": KEY, "x-berth-client": "2001:db8::7"}, KEY, "2001:db8::7"),
        ({"x-berth-edge": KEY, "x-berth-client": "nonsense"}, KEY, "198.51.100.1"),
        ({"x-berth-edge": KEY}, KEY, "198.51.100.1"),
        ({"x-berth-edge": "guessed", "x-berth-client": "192.0.2.7"}, KEY, "198.51.100.1"),
        ({"x-berth-client": "192.0.2.7"}, KEY, "198.51.100.1"),
        ({"x-berth-edge": "", "x-berth-client": "192.0.2.7"}, "", "198.51.100.1"),
        ({"x-berth-edge": "ü", "x-berth-client": "192.0.2.7"}, KEY, "198.51.100.1"),
        ({}, "", "198.51.100.1"),
    ],
)
def test_the_edge_alone_says_from_where_somebody_comes(headers: dict[str, str], key: str, address: str) -> None:
    assert client_address(SEEN, headers, key) == address


def test_a_request_without_an_address_has_none() -> None:
    assert client_address({}, {}, "") == ""
