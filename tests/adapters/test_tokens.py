"""Signed tokens: which keys they are accepted under, and until when."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import jwt
import pytest

from chalicelib.adapters import clock
from chalicelib.adapters.tokens import AccessClaims, Tokens
from chalicelib.core.errors import AuthenticationError
from tests.work import calls_of

OLD, NEW = ("old", "o" * 32), ("new", "n" * 32)
LIFETIME = timedelta(minutes=15)


def test_tokens_of_the_key_before_are_accepted_until_it_is_taken_away() -> None:
    user, session = uuid4(), uuid4()
    before = Tokens([OLD]).issue_access_token(user, session, LIFETIME)
    after = Tokens([NEW, OLD]).issue_access_token(user, session, LIFETIME)
    assert Tokens([NEW, OLD]).verify(before) == AccessClaims(user, session)
    assert Tokens([NEW]).verify(after) == AccessClaims(user, session)
    for refusing, token in ((Tokens([NEW]), before), (Tokens([OLD]), after)):
        with pytest.raises(AuthenticationError):
            refusing.verify(token)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_clocks_of_two_functions_may_differ_by_less_than_a_tokens_life(
    monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    user, session = uuid4(), uuid4()
    now = clock.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(clock, "now", lambda: now)
    token = Tokens([NEW]).issue_access_token(user, session, LIFETIME)
    assert Tokens([NEW]).verify(token) == AccessClaims(user, session)


def test_a_token_ends() -> None:
    ended = Tokens([NEW]).issue_access_token(uuid4(), uuid4(), timedelta(seconds=-1))
    with pytest.raises(AuthenticationError):
        Tokens([NEW]).verify(ended)


@pytest.mark.parametrize(
    "key",
    [
        '{"kty": "oct", "k": "c2VjcmV0"}',
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ",
    ],
    ids=["JWK", "PEM", "SSH"],
)
def test_what_is_no_secret_signs_nothing_however_often_it_is_tried(key: str) -> None:
    for _ in range(2):
        with pytest.raises(jwt.InvalidKeyError):
            Tokens([("public", key)]).issue_manage_token("tenant", uuid4())


def test_a_key_is_looked_at_once() -> None:
    tokens = Tokens([("fresh", uuid4().hex)])
    first, second = (calls_of(lambda: tokens.issue_manage_token("tenant", uuid4())) for _ in range(2))
    assert second < first
