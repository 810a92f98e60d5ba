"""What a tenant tells the public about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Site:
    """A tenant's public information; `site` holds its texts, contacts, address, map position and theme.

    `domain` is the host under which it is shown, None where none is proven. `embed_origins`: whose pages may show the
    frame in which guests reserve.
    """

    id: UUID
    slug: str
    name: str
    timezone: str
    currency: str
    locale: str
    site: Mapping[str, Any]
    version: int
    updated_at: datetime
    domain: str | None
    embed_origins: Sequence[str]


@dataclass(frozen=True, slots=True)
class TenantEntry:
    """A tenant as the platform's operators see it; `suspended_at` None: it is served."""

    id: UUID
    slug: str
    name: str
    timezone: str
    currency: str
    locale: str
    suspended_at: datetime | None
    suspended_reason: str | None
    created_at: datetime
