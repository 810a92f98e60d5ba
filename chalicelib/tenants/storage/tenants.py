"""Tenants as operators and owners change them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from chalicelib.database import statements
from chalicelib.tenants.model.settings import Settings
from chalicelib.tenants.model.site import TenantEntry

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.core.resources import Tenant
    from chalicelib.database.transaction import Transaction
    from chalicelib.tenants.model.site import Site

SQL = statements.beside(__file__)


def list_tenants(transaction: Transaction, after: str | None, limit: int) -> list[TenantEntry]:
    """Return the tenants whose slugs come after one, by slug."""
    rows = transaction.rows(SQL["list_tenants"], {"after": after, "limit": limit})
    return [TenantEntry(**row._asdict()) for row in rows]


def insert_tenant(
    transaction: Transaction, tenant_id: UUID, *, slug: str, name: str, timezone: str, currency: str, locale: str
) -> bool:
    """Create a tenant and enter it; return False where the slug is taken. The transaction acts for an operator."""
    transaction.changes = True
    values = {"id": tenant_id, "slug": slug, "name": name, "timezone": timezone, "currency": currency, "locale": locale}
    return transaction.row(SQL["insert_tenant"], values) is not None


def suspend_tenant(transaction: Transaction, slug: str, reason: str) -> UUID | None:
    """Suspend a tenant and enter it; return its id, or None where none with that slug was served."""
    transaction.changes = True
    row = transaction.row(SQL["suspend_tenant"], {"slug": slug, "reason": reason})
    return None if row is None else row.id


def resume_tenant(transaction: Transaction, slug: str) -> UUID | None:
    """Serve a suspended tenant again and enter it; return its id, or None where none with that slug was suspended."""
    transaction.changes = True
    row = transaction.row(SQL["resume_tenant"], {"slug": slug})
    return None if row is None else row.id


def lock_tenant(transaction: Transaction) -> None:
    """Wait for whatever is being stored for the tenant, and let nothing be stored until the end of the transaction."""
    transaction.row(SQL["lock_tenant"], {})


def check_tenant(transaction: Transaction, tenant: Tenant, *, serializable: bool, otherwise: type[Exception]) -> None:
    """Queue a check, after something was stored, that the tenant's zone and currency are those it was computed with."""
    statement = SQL["tenant_is_and_stays" if serializable else "tenant_is_still"]
    transaction.write(statement, {"timezone": tenant.zone.key, "currency": tenant.currency}, otherwise=otherwise)


def has_reservations(transaction: Transaction) -> bool:
    """Tell whether anything was ever reserved."""
    return transaction.row(SQL["has_reservations"], {}).found


def change_tenant(transaction: Transaction, before: Site, after: Site) -> None:
    """Queue what a tenant tells about itself from now on."""
    transaction.write(
        SQL["change_tenant"],
        {
            "name": after.name,
            "timezone": after.timezone,
            "currency": after.currency,
            "locale": after.locale,
            "site": Jsonb(after.site),
            "version": before.version,
        },
    )


def read_settings(transaction: Transaction) -> tuple[Settings, int]:
    """Return the tenant's settings, and the tenant's version."""
    row = transaction.row(SQL["read_settings"], {})
    known = {name: value for name, value in row.settings.items() if name in Settings.__dataclass_fields__}
    for listed in ("origins", "embed_origins"):
        known[listed] = tuple(known.get(listed, ()))
    return Settings(**known), row.version


def change_settings(transaction: Transaction, settings: Settings, version: int) -> None:
    """Queue other settings for the version that was read."""
    transaction.write(SQL["change_settings"], {"settings": Jsonb(asdict(settings)), "version": version})
