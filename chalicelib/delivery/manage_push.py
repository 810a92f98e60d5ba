"""Devices of a member, and what the member wants to be notified of: members see and change their own alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.throttle import PUSH_TESTS, count_attempt
from chalicelib.core.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.core.versions import check_version
from chalicelib.database.transaction import Isolation
from chalicelib.delivery.model.push import MOST_DEVICES, PushDevice, PushPreferences
from chalicelib.delivery.storage import push
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.adapters.web_push import Subscription
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

    Render = Callable[[PushDevice], Answer]

KIND = "push_device"


def add_device(context: Context, to: Subscription, name: str, language: str, render: Render) -> Outcome:
    """Tell the member by this browser from now on; one that is known already gets this name, language and keys.

    Raises `ConflictError` where the member has too many.
    """
    user_id = _member(context)

    def work(transaction: Transaction) -> PushDevice:
        known = push.list_devices(transaction, user_id)
        if len(known) >= MOST_DEVICES and to.endpoint not in {one.endpoint for one in known}:
            message = f"You have {MOST_DEVICES} devices at most. Remove one that you do not use any more."
            raise ConflictError(message)
        device_id = push.put_device(transaction, user_id, to, name, language)
        if device_id not in {one.id for one in known}:
            append_event(
                transaction, context.actor, Event(EventType.PUSH_DEVICE_ADDED, KIND, device_id, None, {"name": name})
            )
        return _find(transaction, user_id, device_id)

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def list_devices(context: Context) -> list[PushDevice]:
    """Return the member's devices, the oldest first."""
    user_id = _member(context)
    return context.run(lambda transaction: push.list_devices(transaction, user_id))


def remove_device(context: Context, device_id: UUID) -> None:
    """Tell the member by this device no more. Raises `NotFoundError`."""
    user_id = _member(context)

    def work(transaction: Transaction) -> None:
        found = _find(transaction, user_id, device_id)
        push.delete_device(transaction, user_id, device_id)
        append_event(
            transaction,
            context.actor,
            Event(EventType.PUSH_DEVICE_REMOVED, KIND, device_id, {"name": found.name}, None),
        )

    context.run(work)


def send_test(context: Context, device_id: UUID, render: Callable[[UUID], Answer]) -> Outcome:
    """Push a notification that says that they work. Raises `NotFoundError`, `ThrottledError`."""
    user_id = _member(context)

    def work(transaction: Transaction) -> UUID:
        _find(transaction, user_id, device_id)
        count_attempt(transaction, f"push tests of {user_id}", PUSH_TESTS)
        return append_event(
            transaction, context.actor, Event(EventType.PUSH_DEVICE_TESTED, KIND, device_id, None, None)
        )

    return context.run_once(work, render)


def read_preferences(context: Context) -> PushPreferences:
    """Return what the member has chosen, or the usual."""
    user_id = _member(context)
    return context.run(lambda transaction: push.read_preferences(transaction, user_id))


def write_preferences(context: Context, chosen: PushPreferences) -> PushPreferences:
    """Choose what the member is notified of. Raises `InvalidInputError`, `VersionMismatchError`."""
    user_id = _member(context)

    def work(transaction: Transaction) -> PushPreferences:
        before = push.read_preferences(transaction, user_id)
        check_version("choice of notifications", before.version, context.expected_version)
        if push.count_resources(transaction, chosen.resource_ids) != len(chosen.resource_ids):
            message = "At least one of these resources does not exist."
            raise InvalidInputError("resource_ids", message)
        push.write_preferences(transaction, user_id, replace(chosen, version=before.version))
        return push.read_preferences(transaction, user_id)

    return context.run(work)


def _member(context: Context) -> UUID:
    assert context.actor.id is not None  # noqa: S101 - only users get here
    return UUID(context.actor.id)


def _find(transaction: Transaction, user_id: UUID, device_id: UUID) -> PushDevice:
    for found in push.list_devices(transaction, user_id, device_id):
        return found
    message = "There is no such device."
    raise NotFoundError(message)
