"""Policies as the database stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.policies.model.policies import Policy


def policy_of(document: str) -> Policy:
    """Read a policy from its JSON. What reads it is imported now: a function that reads none needs no pydantic."""
    from chalicelib.policies.model import policy_documents

    return policy_documents.parse_text(document)
