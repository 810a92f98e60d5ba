"""A tenant's settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, STAFF
from chalicelib.access.tenant_origins import OriginsMemory
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.tenants import manage_settings
from chalicelib.tenants.schemas.settings import ChangeSettings, SettingsBody

if TYPE_CHECKING:
    from chalicelib.tenants.model.settings import Settings

blueprint = Blueprint(__name__)
PATH = "/v1/tenants/{tenant}/settings"


@endpoint(blueprint, "GET", PATH, roles=STAFF, tag="tenants", response=SettingsBody, errors=[errors.NotFoundError])
def read_settings(call: Call[NoBody, NoBody]) -> Reply:
    """Read the settings.

    Returns what the tenant decides besides its policies: for how long transitions can be undone, whether there is a
    waitlist, which web pages may call the API.
    """
    return _reply(*manage_settings.read_settings(call.context))


@endpoint(
    blueprint,
    "PATCH",
    PATH,
    roles=MANAGERS,
    tag="tenants",
    body=ChangeSettings,
    response=SettingsBody,
    errors=[errors.NotFoundError, errors.ContentionError],
    versioned=True,
)
def change_settings(call: Call[ChangeSettings, NoBody]) -> Reply:
    """Update the settings.

    Changes the settings that are sent; the others stay. The `ETag` to send is that of the tenant. Origins take
    effect within a minute, everything else at once.
    """
    changes = call.body.model_dump(include=call.body.model_fields_set)
    settings = manage_settings.change_settings(call.context, changes)
    call.container.memory(OriginsMemory).forget(call.tenant)
    return _reply(*settings)


def _reply(settings: Settings, version: int) -> Reply:
    return Reply(SettingsBody(**asdict(settings)), version=version)
