"""Every fact that Berth records: the audit log reads events, the outbox delivers them, histories replay them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class EventType(StrEnum):
    """What happened. The names are contract: they are stored forever and sent to others."""

    RESERVATION_CREATED = "reservation.created"
    RESERVATION_CONFIRMED = "reservation.confirmed"
    RESERVATION_REJECTED = "reservation.rejected"
    RESERVATION_EXPIRED = "reservation.expired"
    RESERVATION_CANCELLED = "reservation.cancelled"
    RESERVATION_CHECKED_IN = "reservation.checked_in"
    RESERVATION_COMPLETED = "reservation.completed"
    RESERVATION_NO_SHOW = "reservation.no_show"
    RESERVATION_MOVED = "reservation.moved"
    RESERVATION_EXTENDED = "reservation.extended"
    RESERVATION_SHORTENED = "reservation.shortened"
    RESERVATION_HOLD_EXTENDED = "reservation.hold_extended"
    RESERVATION_CHANGE_REQUESTED = "reservation.change_requested"
    RESERVATION_CHANGE_REJECTED = "reservation.change_rejected"
    RESERVATION_CHANGE_WITHDRAWN = "reservation.change_withdrawn"
    RESERVATION_UNDONE = "reservation.undone"
    RESERVATION_CONFLICT = "reservation.conflict"
    """Somebody waits for room that others have or wait for, too: published for each of them, changes nothing."""
    RESERVATION_UPDATED = "reservation.updated"
    RESERVATION_UNITS_CHANGED = "reservation.units_changed"
    """It was given other units to make room for somebody else; nothing that the guest was told is different."""
    CLOSURE_ADDED = "closure.added"
    CLOSURE_CHANGED = "closure.changed"
    CLOSURE_REMOVED = "closure.removed"
    RESERVATION_ANONYMIZED = "reservation.anonymized"
    TENANT_CREATED = "tenant.created"
    TENANT_UPDATED = "tenant.updated"
    TENANT_SETTINGS_CHANGED = "tenant.settings_changed"
    TENANT_SUSPENDED = "tenant.suspended"
    TENANT_RESUMED = "tenant.resumed"
    MEMBER_INVITED = "member.invited"
    INVITATION_REVOKED = "invitation.revoked"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    RESOURCE_CREATED = "resource.created"
    RESOURCE_UPDATED = "resource.updated"
    RESOURCE_ARCHIVED = "resource.archived"
    RESOURCE_RESTORED = "resource.restored"
    INVENTORY_CREATED = "inventory.created"
    INVENTORY_UPDATED = "inventory.updated"
    INVENTORY_DELETED = "inventory.deleted"
    IMAGE_ADDED = "image.added"
    IMAGE_CHANGED = "image.changed"
    IMAGE_REMOVED = "image.removed"
    AVAILABILITY_WINDOW_ADDED = "availability_window.added"
    AVAILABILITY_WINDOW_REMOVED = "availability_window.removed"
    POLICY_CREATED = "policy.created"
    POLICY_PUBLISHED = "policy.published"
    SERIES_CREATED = "series.created"
    SERIES_CHANGED = "series.changed"
    SERIES_CANCELLED = "series.cancelled"
    WAITLIST_JOINED = "waitlist.joined"
    WAITLIST_OFFERED = "waitlist.offered"
    WAITLIST_ACCEPTED = "waitlist.accepted"
    WAITLIST_DECLINED = "waitlist.declined"
    WAITLIST_EXPIRED = "waitlist.expired"
    WAITLIST_LEFT = "waitlist.left"
    WAITLIST_OVER = "waitlist.over"
    EDIT_LOCK_ACQUIRED = "edit_lock.acquired"
    EDIT_LOCK_RELEASED = "edit_lock.released"
    EDIT_LOCK_TAKEN_OVER = "edit_lock.taken_over"
    EDIT_LOCK_EXPIRED = "edit_lock.expired"
    GUEST_UPDATED = "guest.updated"
    GUEST_MERGED = "guest.merged"
    GUEST_LINK_RENEWED = "guest.link_renewed"
    GUEST_EXPORTED = "guest.exported"
    GUEST_ANONYMIZED = "guest.anonymized"
    CALENDAR_CREATED = "calendar.created"
    CALENDAR_RENEWED = "calendar.renewed"
    CALENDAR_DELETED = "calendar.deleted"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated"  # noqa: S105 - the name of an event
    WEBHOOK_DISABLED = "webhook.disabled"
    """By itself, as it is gone or has taken nothing for days."""
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_TESTED = "webhook.tested"
    WEBHOOK_REPLAYED = "webhook.replayed"
    PUSH_DEVICE_ADDED = "push_device.added"
    PUSH_DEVICE_REMOVED = "push_device.removed"
    PUSH_DEVICE_TESTED = "push_device.tested"


CHANGES_NOTHING = (EventType.RESERVATION_UNITS_CHANGED, EventType.RESERVATION_CONFLICT)
"""Events about a reservation that stays as it is: they make no version of it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about one entity, appended in the transaction of the change itself.

    `before` and `after` are JSON-ready and hold no personal data, so that erasing a guest leaves history intact; None
    where there was nothing before, or is nothing after.
    """

    type: EventType
    entity_kind: str
    entity_id: UUID
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


_CHANGED = frozenset({EventType.RESERVATION_MOVED, EventType.RESERVATION_EXTENDED, EventType.RESERVATION_SHORTENED})
_BEGUN = frozenset({EventType.RESERVATION_CHECKED_IN, EventType.RESERVATION_NO_SHOW, EventType.RESERVATION_COMPLETED})
_OVER = _BEGUN | {
    EventType.RESERVATION_CANCELLED,
    EventType.RESERVATION_REJECTED,
    EventType.RESERVATION_EXPIRED,
}
SUPERSEDED_BY: Mapping[EventType, frozenset[EventType]] = {
    EventType.RESERVATION_CREATED: _OVER | {EventType.RESERVATION_CONFIRMED},
    EventType.RESERVATION_CONFIRMED: _OVER,
    EventType.RESERVATION_MOVED: _OVER | _CHANGED,
    EventType.RESERVATION_EXTENDED: _OVER | _CHANGED,
    EventType.RESERVATION_SHORTENED: _OVER | _CHANGED,
    EventType.RESERVATION_CHANGE_REJECTED: _OVER | _CHANGED,
    EventType.RESERVATION_CHANGE_WITHDRAWN: _OVER | _CHANGED,
    EventType.RESERVATION_EXPIRED: frozenset({EventType.RESERVATION_CONFIRMED}),
}
"""After which later events an earlier one is no news any more: its reservation has moved on."""


def is_superseded(event_type: EventType, later: Iterable[str]) -> bool:
    """Tell whether an event is no news any more after what happened to its reservation later, in order.

    What was undone has not happened: only a check-in, a check-out and a no-show are, and always the last one.
    """
    in_force: list[str] = []
    for one in later:
        if one != EventType.RESERVATION_UNDONE:
            in_force.append(one)
        elif undone := [index for index, earlier in enumerate(in_force) if earlier in _BEGUN]:
            del in_force[undone[-1]]
    return not SUPERSEDED_BY.get(event_type, frozenset()).isdisjoint(in_force)
