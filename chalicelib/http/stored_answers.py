"""Stored answers by Idempotency-Key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from chalicelib.database import statements

if TYPE_CHECKING:
    from chalicelib.database.pipeline import Pending
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)
TABLE = "idempotency_keys"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who repeats what: the scope of a key, and the SHA-256 of the canonical body."""

    caller: str
    route: str
    key: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it was, or will be, sent: a replay is equal to the byte."""

    status: int
    headers: Mapping[str, str]
    body: str


class KeyTakenError(Exception):
    """The key was claimed by a transaction that has committed since."""


def claim_key(transaction: Transaction, claim: Claim, answer: Answer) -> None:
    """Keep the answer under the key. Waits for a rival with the same key; then `KeyTakenError` ends the transaction."""
    transaction.write(
        SQL["claim_key"],
        {
            "caller": claim.caller,
            "route": claim.route,
            "key": claim.key,
            "body_hash": claim.body_hash,
            "status": answer.status,
            "headers": Jsonb(answer.headers),
            "body": answer.body,
            "created_at": transaction.now,
        },
        otherwise=KeyTakenError,
    )


def forget_answer(transaction: Transaction, claim: Claim) -> None:
    """Queue that a key can be used again."""
    values = {"caller": claim.caller, "route": claim.route, "key": claim.key}
    transaction.write(SQL["forget_answer"], values, rows=None)


def ask_answer(transaction: Transaction, claim: Claim) -> Pending:
    """Queue a look at what is kept under the key: a row where there is something."""
    return transaction.ask(SQL["find_answer"], {"caller": claim.caller, "route": claim.route, "key": claim.key})


def find_answer(transaction: Transaction, claim: Claim) -> tuple[bytes, Answer] | None:
    """Return the body hash and the answer kept under the key, or None."""
    row = ask_answer(transaction, claim).row()
    transaction.arrive()
    return None if row is None else (bytes(row.body_hash), Answer(row.status, row.headers, row.body))
