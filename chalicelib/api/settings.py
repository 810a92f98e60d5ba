"""A tenant's settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.schemas.settings import ChangeSettings, SettingsBody
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, STAFF
from chalicelib.services import manage_settings

if TYPE_CHECKING:
    from chalicelib.domain.settings import Settings

blueprint = Blueprint(__name__)
PATH = "/v1/tenants/{tenant}/settings"


@endpoint(blueprint, "GET", PATH, roles=STAFF, tag="tenants", response=SettingsBody, errors=[errors.NotFoundError])
def read_settings(call: Call[NoBody, NoBody]) -> Reply:
    """Read how a tenant works, beyond its policies."""
    return _reply(*manage_settings.read_settings(call.database, call.tenant))


@endpoint(
    blueprint,
    "PATCH",
    PATH,
    roles=MANAGERS,
    tag="tenants",
    body=ChangeSettings,
    response=SettingsBody,
    errors=[errors.NotFoundError, errors.VersionMismatchError, errors.ContentionError],
    needs_version=True,
)
def change_settings(call: Call[ChangeSettings, NoBody]) -> Reply:
    """Change how a tenant works. The ETag is the tenant's."""
    changes = call.body.model_dump(include=call.body.model_fields_set)
    settings = manage_settings.change_settings(call.database, call.tenant, changes, call.actor, call.if_match)
    call.container.origins.forget(call.tenant)
    return _reply(*settings)


def _reply(settings: Settings, version: int) -> Reply:
    return Reply(SettingsBody(**asdict(settings)), version=version)
