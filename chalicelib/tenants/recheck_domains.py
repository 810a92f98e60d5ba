"""Look again whether domains are still proven: one that was given up belongs to somebody else sooner or later."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.events.event_log import Actor
from chalicelib.http.container import container
from chalicelib.jobs.isolation import isolated
from chalicelib.tenants.domain_events import append_domain_changed
from chalicelib.tenants.storage import domains

if TYPE_CHECKING:
    from collections.abc import Set

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.jobs.budget import Budget
    from chalicelib.tenants.storage.domains import DueDomain

JOB = "recheck_domains"
ACTOR = Actor("job", JOB, None)
CHECKED_EVERY = timedelta(days=1)
MOST_AT_ONCE = 500
"""Domains of one run; each may take as long as the DNS does not answer."""


def recheck_domains(database: Database, budget: Budget) -> int:
    """Look for the records of all proven domains that were not looked for today; return for how many there was none.

    No transaction waits for the DNS. A record that is missing for `KEPT_WITHOUT_RECORD` ends the proof; a DNS that does
    not answer proves nothing.
    """
    missing = 0
    with isolated(database, JOB, budget) as run:
        due = run.database.run_without_tenant(partial(domains.list_due, every=CHECKED_EVERY, limit=MOST_AT_ONCE))
        for one in due:
            if budget.spent:
                break
            missing += run.one(one.tenant_id, partial(_recheck, run.database, one), one.tenant)
    return missing


def read_records(name: str) -> Set[str]:
    """Ask the DNS of this deployment for the texts of a name's TXT records. Raises `UnavailableError`."""
    return container().txt_records.read(name)


def _recheck(database: Database, due: DueDomain) -> int:
    records = read_records(due.domain.record_name)

    def store(transaction: Transaction) -> int:
        present, _ = domains.read_domain(transaction)
        if present is None or (present.host, present.token) != (due.domain.host, due.domain.token):
            return 0
        after = present.rechecked(records, transaction.now)
        domains.store_check(transaction, after)
        if after.verified_at is None and present.verified_at is not None:
            append_domain_changed(transaction, ACTOR, present, after)
        return int(after.missing_since is not None or after.verified_at is None)

    return database.run(due.tenant, store)
