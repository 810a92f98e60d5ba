"""Which refusal a violated constraint means: by its name, never by the message text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.database.errors import TryAgainError

if TYPE_CHECKING:
    import psycopg

# Lost races: the work looks first, so meeting one of these only means that somebody was faster.
LOST_RACES = frozenset(
    {
        "allocations_never_share_a_unit",
        "policy_versions_pkey",
        "reservations_code_is_unique",
        "idempotency_keys_pkey",
        "users_email_key",
        "reservations_tenant_id_guest_id_fkey",
        "waitlist_entries_guest",
        "series_guest",
        "tenants_verified_domain",
    }
)


def refusal_of(error: psycopg.IntegrityError) -> Exception:
    """Return what to raise instead of the driver's error: the error itself where the violation is a defect of ours."""
    if error.diag.constraint_name in LOST_RACES:
        return TryAgainError()
    return error
