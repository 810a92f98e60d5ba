"""Notifications on the devices of those who work for a tenant: everybody keeps their own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import STAFF
from chalicelib.adapters.web_push import VapidKey, is_push_service
from chalicelib.core import errors
from chalicelib.core.errors import ConflictError, InvalidInputError
from chalicelib.delivery import manage_push
from chalicelib.delivery.schemas.push import (
    AddPushSubscription,
    ChoosePushPreferences,
    PushDeviceBody,
    PushDeviceList,
    PushPreferencesBody,
    PushTestedBody,
    device_body,
    device_list,
    preferences_body,
)
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/push-subscriptions"
DEVICE = COLLECTION + "/{device}"
PREFERENCES = "/v1/tenants/{tenant}/push-preferences"


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=STAFF,
    tag="notifications",
    body=AddPushSubscription,
    response=PushDeviceBody,
    status=201,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    idempotent=True,
)
def add_push_subscription(call: Call[AddPushSubscription, NoBody]) -> Outcome:
    """Add a device.

    Pushes notifications to this browser from now on, encrypted so that it alone can read them. Sent again, it gives
    the browser another name and keys. It notifies the member who added it last. It ends when its browser ends the
    subscription, and with the membership. A member has 10 at most.
    """
    config = call.container.config
    if config.vapid is None:
        message = "This deployment pushes no notifications. Its operator can set BERTH_VAPID_KEY."
        raise ConflictError(message)
    if not is_push_service(call.body.endpoint, config.push_hosts):
        message = "This is not the address of a push service that is known here."
        raise InvalidInputError("endpoint", message)
    body = call.body
    return manage_push.add_device(
        call.context,
        body.subscription(),
        body.name,
        body.language,
        lambda device: render(Reply(device_body(device), 201)),
    )


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="notifications",
    response=PushDeviceList,
    errors=[errors.NotFoundError],
)
def list_push_subscriptions(call: Call[NoBody, NoBody]) -> Reply:
    """List devices.

    Returns the caller's own devices, and the key that a browser subscribes with.
    """
    vapid = call.container.config.vapid
    return Reply(device_list(manage_push.list_devices(call.context), None if vapid is None else _public(vapid[0])))


@endpoint(
    blueprint,
    "DELETE",
    DEVICE,
    roles=STAFF,
    tag="notifications",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
)
def remove_push_subscription(call: Call[NoBody, NoBody]) -> Reply:
    """Remove a device.

    Pushes nothing to it any more.
    """
    manage_push.remove_device(call.context, identifier(call, "device"))
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    DEVICE + "/test",
    roles=STAFF,
    tag="notifications",
    response=PushTestedBody,
    status=201,
    errors=[errors.NotFoundError, errors.ThrottledError],
    idempotent=True,
)
def test_push_subscription(call: Call[NoBody, NoBody]) -> Outcome:
    """Send a test to a device.

    Pushes a notification that says that they work, in quiet hours as well. A member has 30 tests in an hour.
    """
    return manage_push.send_test(
        call.context,
        identifier(call, "device"),
        lambda event_id: render(Reply(PushTestedBody(event_id=event_id), 201)),
    )


@endpoint(
    blueprint,
    "GET",
    PREFERENCES,
    roles=STAFF,
    tag="notifications",
    response=PushPreferencesBody,
    errors=[errors.NotFoundError],
)
def read_push_preferences(call: Call[NoBody, NoBody]) -> Reply:
    """Read preferences of notifications.

    Returns of which events the caller is notified, and in which hours of none.
    """
    chosen = manage_push.read_preferences(call.context)
    return Reply(preferences_body(chosen), version=chosen.version)


@endpoint(
    blueprint,
    "PUT",
    PREFERENCES,
    roles=STAFF,
    tag="notifications",
    body=ChoosePushPreferences,
    response=PushPreferencesBody,
    errors=[errors.NotFoundError],
    versioned=True,
)
def update_push_preferences(call: Call[ChoosePushPreferences, NoBody]) -> Reply:
    """Update preferences of notifications.

    Chooses of which events, of which resources and when the caller is notified, on all their devices. Of what they have
    done themselves, or may not see, they never are.
    """
    chosen = manage_push.write_preferences(call.context, call.body.preferences())
    return Reply(preferences_body(chosen), version=chosen.version)


@cache
def _public(key: str) -> str:
    return VapidKey(key).public
