"""Tenants' own domains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.database import statements
from chalicelib.tenants.model.domains import Domain, DomainProblem

if TYPE_CHECKING:
    from datetime import timedelta

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class DueDomain:
    """A proven domain to look at again, and whose it is."""

    tenant_id: UUID
    tenant: str
    domain: Domain


def read_domain(transaction: Transaction) -> tuple[Domain | None, int]:
    """Return the tenant's domain, None where it has none, and the tenant's version."""
    row = transaction.row(SQL["read_domain"], {})
    if row.domain is None:
        return None, row.version
    problem = None if row.domain_problem is None else DomainProblem(row.domain_problem)
    proven = row.domain_verified_at, row.domain_checked_at, problem, row.domain_missing_since
    return Domain(row.domain, row.domain_token, *proven), row.version


def change_domain(transaction: Transaction, domain: Domain | None, version: int) -> None:
    """Queue another domain, which is not verified yet, or none, for the version that was read."""
    host, token = (None, None) if domain is None else (domain.host, domain.token)
    transaction.write(SQL["change_domain"], {"host": host, "token": token, "version": version})


def store_check(transaction: Transaction, domain: Domain) -> bool:
    """Store what a check came to; return whether it is still the tenant's domain."""
    transaction.changes = True
    values = {
        "verified_at": domain.verified_at,
        "checked_at": domain.checked_at,
        "problem": domain.problem,
        "missing_since": domain.missing_since,
        "host": domain.host,
        "token": domain.token,
    }
    return transaction.row(SQL["store_check"], values) is not None


def is_taken(transaction: Transaction, host: str) -> bool:
    """Tell whether another tenant has proven the domain."""
    return transaction.row(SQL["is_taken"], {"host": host}).taken


def list_due(transaction: Transaction, *, every: timedelta, limit: int) -> list[DueDomain]:
    """Return the proven domains of all tenants that were not checked for so long, the longest first."""
    rows = transaction.rows(SQL["list_due"], {"every": every, "limit": limit})
    return [DueDomain(row.id, row.slug, Domain(row.domain, row.domain_token)) for row in rows]
