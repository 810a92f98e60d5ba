"""A tenant's own domain: set, proven by a DNS record, taken away."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.access.throttle import Limit, count_attempt
from chalicelib.core.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.core.versions import check_version
from chalicelib.tenants.domain_events import append_domain_changed
from chalicelib.tenants.model.domains import Domain
from chalicelib.tenants.storage import domains

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

CHECKS = Limit(20, timedelta(hours=1))
"""Of a tenant's domain: each asks the DNS."""
TOKEN_BYTES = 20


def read_domain(context: Context) -> tuple[Domain | None, int]:
    """Return the tenant's domain, None where it has none, and the tenant's version."""
    return context.run(domains.read_domain)


def set_domain(context: Context, host: str, deployment: str) -> tuple[Domain, int]:
    """Set the domain, by its canonical name; the same one as before keeps its proof. `deployment` is our own host.

    Raises `VersionMismatchError`, `InvalidInputError` for a name of ours, `ConflictError` where another tenant has
    proven it.
    """
    if deployment and f".{host}".endswith(f".{deployment}"):
        message = f"{host} belongs to this deployment. Name a host of your own domain."
        raise InvalidInputError("host", message)

    def work(transaction: Transaction) -> tuple[Domain, int]:
        before, version = domains.read_domain(transaction)
        check_version("tenant", version, context.expected_version)
        if before is not None and before.host == host:
            return before, version
        if domains.is_taken(transaction, host):
            raise ConflictError(_taken(host))
        after = Domain(host, secrets.token_hex(TOKEN_BYTES))
        domains.change_domain(transaction, after, version)
        append_domain_changed(transaction, context.actor, before, after)
        return after, version + 1

    return context.run(work)


def remove_domain(context: Context) -> None:
    """Take the domain away; the site is not shown under it any more. Raises `NotFoundError`, `VersionMismatchError`."""

    def work(transaction: Transaction) -> None:
        before, version = domains.read_domain(transaction)
        check_version("tenant", version, context.expected_version)
        if before is None:
            raise NotFoundError(NONE)
        domains.change_domain(transaction, None, version)
        append_domain_changed(transaction, context.actor, before, None)

    context.run(work)


def verify_domain(context: Context, records_of: Callable[[str], Set[str]]) -> tuple[Domain, int]:
    """Look for the record that proves the domain, and store what was found; no transaction waits for the DNS.

    Raises `NotFoundError`, `ThrottledError`, `UnavailableError` where the DNS does not answer, `ConflictError` where
    the domain was changed meanwhile.
    """

    def begin(transaction: Transaction) -> Domain:
        before, _ = domains.read_domain(transaction)
        if before is None:
            raise NotFoundError(NONE)
        count_attempt(transaction, f"checks of the domain of {transaction.tenant.id}", CHECKS)
        return before

    before = context.run(begin)
    records = records_of(before.record_name)

    def finish(transaction: Transaction) -> tuple[Domain, int]:
        present, version = domains.read_domain(transaction)
        if present is None or (present.host, present.token) != (before.host, before.token):
            message = "The domain was changed while it was checked. Check the present one."
            raise ConflictError(message)
        after = present.checked(records, transaction.now, taken=domains.is_taken(transaction, present.host))
        domains.store_check(transaction, after)
        if (after.verified_at is None) != (present.verified_at is None):
            append_domain_changed(transaction, context.actor, present, after)
        return after, version

    return context.run(finish)


NONE = "The tenant has no domain of its own. Set one first."


def _taken(host: str) -> str:
    return f"{host} is the domain of another tenant, which has proven it. If it is yours now, ask the operator."
