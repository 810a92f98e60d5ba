"""A tour of the API with the client that openapi-python-client makes: what it is told is what it says, as JSON."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from http import HTTPStatus
from uuid import UUID

from berth_client import AuthenticatedClient
from berth_client.api.reservations import reservations_create, reservations_read, reservations_update
from berth_client.models import (
    CreatedReservation,
    CreateReservation,
    GuestBody,
    Problem,
    ReservationBody,
    UpdateReservation,
)

ADDRESS, TENANT = os.environ["BERTH_ADDRESS"], os.environ["BERTH_TENANT"]


def wanted(check_out_on: date) -> CreateReservation:
    """Nights for one guest."""
    return CreateReservation(
        resource_id=UUID(os.environ["BERTH_RESOURCE"]),
        check_in_on=date(2031, 5, 5),
        check_out_on=check_out_on,
        guest=GuestBody(name="Ada Lovelace", email="ada@example.org"),
    )


def tour() -> dict[str, object]:
    """Create, read, change, and be refused."""
    desk = AuthenticatedClient(base_url=ADDRESS, token=os.environ["BERTH_TOKEN"])
    made = reservations_create.sync_detailed(TENANT, client=desk, body=wanted(date(2031, 5, 7)))
    created = made.parsed
    assert isinstance(created, CreatedReservation), made.content
    location: str = made.headers["Location"]
    guest = AuthenticatedClient(base_url=ADDRESS, token=created.manage_token)
    found = reservations_read.sync_detailed(TENANT, str(created.id), client=guest)
    assert isinstance(found.parsed, ReservationBody), found.content
    total: int = found.parsed.price.total
    tag: str = found.headers["ETag"]
    change = UpdateReservation(notes="late")
    changed = reservations_update.sync(TENANT, str(created.id), client=guest, body=change, if_match=tag)
    assert isinstance(changed, ReservationBody)
    stale = reservations_update.sync_detailed(TENANT, str(created.id), client=guest, body=change, if_match=tag)
    assert isinstance(stale.parsed, Problem)
    assert stale.status_code is HTTPStatus.PRECONDITION_FAILED
    refused = reservations_create.sync(TENANT, client=desk, body=wanted(date(2031, 5, 6)))
    assert isinstance(refused, Problem)
    blocked_by: list[str] = refused.blocked_by or []
    return {
        "location": location.rpartition("/")[2] == str(created.id),
        "total": total,
        "notes": changed.notes,
        "version": changed.version,
        "stale": stale.parsed.code,
        "refused": refused.code,
        "blocked_by": blocked_by,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(tour()))
