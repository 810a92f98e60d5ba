"""Policies as they were published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """A policy with its current version; `resources` are those that are reserved under it now."""

    id: UUID
    slug: str
    name: str
    current_version: int
    published_at: datetime
    document: Mapping[str, Any]
    resources: int


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a policy."""

    version: int
    published_at: datetime
    document: Mapping[str, Any]
