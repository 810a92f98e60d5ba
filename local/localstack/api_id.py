# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false
"""Gives the REST API of a stack the stack's name as its id, so that its address is known before there is one."""

from __future__ import annotations

from localstack.runtime import hooks
from localstack.utils.id_generator import localstack_id_manager


@hooks.on_infra_start()
def name_apis_by_their_stack() -> None:
    """Let ids of REST APIs that CloudFormation makes be asked for here first."""
    localstack_id_manager.add_id_source(_id_of)


def _id_of(context: dict[str, object]) -> str | None:
    tags = context.get("tags")
    if not isinstance(tags, dict) or tags.get("aws:cloudformation:logical-id") != "RestAPI":
        return None
    return tags.get("aws:cloudformation:stack-name")
