"""Signing in through an external issuer: only its own, fresh tokens for us count, and only for whom we know."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING
from uuid import uuid4

import jwt
import psycopg
import pytest

from tools.people import add_user

if TYPE_CHECKING:
    import httpx

    from tests.api.issuer import Issuer
    from tests.databases import Database


@pytest.fixture
def email(api_database: Database) -> str:
    """The address of somebody who has no password."""
    address = f"{uuid4().hex}@example.org"
    with psycopg.connect(api_database.owner) as owner:
        add_user(owner, address, "Ada")
    return address


@pytest.fixture(autouse=True)
def nonces(client: httpx.Client, issuer: Issuer) -> None:
    """Each token is made for a nonce that was asked for."""
    issuer.nonce = lambda: fresh_nonce(client)


def fresh_nonce(client: httpx.Client) -> str:
    answer = client.post("/auth/oidc/nonce")
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 600)
    return answer.json()["nonce"]


def nonce_in(id_token: str) -> str | None:
    try:
        claims = jwt.decode(id_token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    return claims.get("nonce")


def log_in(client: httpx.Client, id_token: str, nonce: str | None = None) -> httpx.Response:
    """Sign in with the nonce that the token was made for, or another one that holds."""
    nonce = nonce or nonce_in(id_token)
    if nonce is None or len(nonce) < 20:
        nonce = fresh_nonce(client)
    return client.post("/auth/oidc", json={"id_token": id_token, "nonce": nonce})


def test_whom_the_issuer_vouches_for_gets_a_session(client: httpx.Client, issuer: Issuer, email: str) -> None:
    for _ in range(2):
        answer = log_in(client, issuer.token(email))
        assert (answer.status_code, answer.json()["user"]["email"]) == (200, email)
        assert "berth_refresh=" in answer.headers["Set-Cookie"]


def test_an_issuer_may_change_its_key(client: httpx.Client, issuer: Issuer, email: str) -> None:
    old = issuer.token(email)
    assert log_in(client, old).status_code == 200
    issuer.rotate()
    assert log_in(client, issuer.token(email)).status_code == 200


def test_nobody_gets_in_who_was_not_invited(client: httpx.Client, issuer: Issuer) -> None:
    answer = log_in(client, issuer.token("stranger@example.org"))
    assert answer.status_code == 403
    assert "invitation" in answer.json()["detail"]


def test_an_address_that_went_to_somebody_else_does_not_get_in(
    client: httpx.Client, issuer: Issuer, email: str
) -> None:
    assert log_in(client, issuer.token(email)).status_code == 200
    assert log_in(client, issuer.token(email, sub="another")).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"exp": 1},
        {"iat": None},
        {"nonce": "another-nonce"},
        {"nonce": None},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"sub": None},
    ],
    ids=json.dumps,
)
def test_tokens_that_are_not_for_this_moment_and_place_are_refused(
    client: httpx.Client, issuer: Issuer, email: str, changes: dict[str, object]
) -> None:
    assert log_in(client, issuer.token(email, **changes)).status_code == 401


def test_another_nonce_than_the_clients_is_refused(client: httpx.Client, issuer: Issuer, email: str) -> None:
    assert log_in(client, issuer.token(email), nonce="somebody-elses").status_code == 401


def test_an_id_token_signs_in_once(client: httpx.Client, issuer: Issuer, email: str) -> None:
    token = issuer.token(email)
    assert [log_in(client, token).status_code for _ in range(2)] == [200, 401]


@pytest.mark.parametrize("nonce", ["chosen-by-the-client-itself", "access"])
def test_a_nonce_that_was_not_issued_here_is_refused(
    client: httpx.Client, issuer: Issuer, email: str, nonce: str
) -> None:
    if nonce == "access":
        nonce = log_in(client, issuer.token(email)).json()["access_token"]
    assert log_in(client, issuer.token(email, nonce=nonce), nonce=nonce).status_code == 401


def encoded(part: object) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_forged_tokens_are_refused(client: httpx.Client, issuer: Issuer, email: str) -> None:
    claims = issuer.claims(email)
    unsigned = f"{encoded({'alg': 'none', 'kid': issuer.kid})}.{encoded(claims)}."
    header, body, _ = issuer.token(email).split(".")
    stolen_signature = (
        f"{header}.{encoded({**claims, 'email': 'boss@example.org'})}.{issuer.token(email).split('.')[2]}"
    )
    # The public key taken for a shared secret (CVE-2016-5431 and its kin).
    confused = jwt.api_jws.PyJWS().encode(
        json.dumps(claims).encode(), issuer.kid.encode() * 32, "HS256", headers={"kid": issuer.kid}
    )
    for token in (unsigned, stolen_signature, confused, f"{header}.{body}.", "nonsense", "a.b.c"):
        assert log_in(client, token).status_code == 401
