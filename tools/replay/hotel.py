"""The hotel as a tenant of Berth: its room types as resources with rooms, under policies that allow everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from chalicelib.database.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from tools.replay.bookings import Booking
    from tools.replay.settings import Setting

SLUG = "resort-hotel"
ZONE = ZoneInfo("Europe/Lisbon")
NO_SHOW_AFTER = 7 * 60
"""Minutes after the check-in time, 15:00: at 22:00 who has not come is not expected any more."""

ADD_TENANT = """
INSERT INTO tenants (id, slug, name, timezone, currency, locale)
VALUES (%(id)s, %(slug)s, 'Resort Hotel', %(timezone)s, 'EUR', 'pt-PT')
"""
ADD_POLICY = "INSERT INTO policies (id, tenant_id, slug, name) VALUES (%(id)s, %(tenant_id)s, %(slug)s, %(name)s)"
ADD_POLICY_VERSION = """
INSERT INTO policy_versions (tenant_id, policy_id, version, document) VALUES (%(tenant_id)s, %(id)s, 1, %(document)s)
"""
ADD_RESOURCE = """
INSERT INTO resources (id, tenant_id, slug, name, kind, capacity, max_party_size, assignment, policy_id, position)
VALUES (
    %(id)s, %(tenant_id)s, %(slug)s, %(name)s, 'room_type', %(capacity)s, %(max_party_size)s, 'labelled', %(policy_id)s,
    %(position)s
)
"""
ADD_UNITS = """
INSERT INTO units (tenant_id, resource_id, number, label)
SELECT %(tenant_id)s, %(id)s, number, 'Room ' || %(room_type)s || lpad(number::text, 3, '0')
FROM generate_series(1, %(capacity)s) AS number
"""


@dataclass(frozen=True, slots=True)
class Hotel:
    """The tenant and its resources by room type."""

    tenant_id: UUID
    resource_ids: Mapping[str, UUID]


def guest_email(row: int) -> str:
    """The address of who made the booking of a row: nobody else has it."""
    return f"row-{row}@{SLUG}.example"


def add_hotel(
    connection: psycopg.Connection[Any], setting: Setting, bookings: Sequence[Booking], *, life: bool = False
) -> Hotel:
    """Make the tenant with the rooms of a setting, as the superuser; with `life` its policies say when nobody came."""
    tenant_id = new_id()
    hotel = Hotel(tenant_id, {room_type: new_id() for room_type in setting.capacities})
    most_people = max(booking.people for booking in bookings)
    rates = _average_rates(setting, bookings)
    with connection.transaction():
        connection.execute(ADD_TENANT, {"id": tenant_id, "slug": SLUG, "timezone": ZONE.key})
        for position, (room_type, capacity) in enumerate(setting.capacities.items()):
            name, slug = f"Room type {room_type}", f"room-type-{room_type.lower()}"
            resource = {
                "id": hotel.resource_ids[room_type],
                "tenant_id": tenant_id,
                "slug": slug,
                "name": name,
                "capacity": capacity,
                "max_party_size": most_people,
                "policy_id": new_id(),
                "position": position,
                "room_type": room_type,
            }
            document = _policy(rates.get(room_type, 0)) | ({"no_show_after_minutes": NO_SHOW_AFTER} if life else {})
            policy = {"id": resource["policy_id"], "tenant_id": tenant_id, "slug": slug, "name": name}
            connection.execute(ADD_POLICY, policy)
            connection.execute(ADD_POLICY_VERSION, {**policy, "document": Jsonb(document)})
            connection.execute(ADD_RESOURCE, resource)
            connection.execute(ADD_UNITS, resource)
    return hotel


def _policy(rate: int) -> dict[str, Any]:
    """Nights without rules, confirmed at once, at one rate (euro cents per night)."""
    return {
        "mode": {"mode": "stay", "check_in_time": "15:00", "check_out_time": "11:00"},
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": [],
        "rates": {"base": {"per": "night", "amount": rate}},
    }


def _average_rates(setting: Setting, bookings: Sequence[Booking]) -> dict[str, int]:
    """What a night cost on average, by room type: how the prices came about is not in the file."""
    of_type: dict[str, list[int]] = {}
    for booking in bookings:
        of_type.setdefault(setting.reserved_type(booking), []).append(booking.rate)
    return {room_type: max(0, round(fmean(found))) for room_type, found in of_type.items()}
