"""What a new reservation is, by its policy's kind of confirmation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters import clock
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

MAY = {"check_in_on": "2031-05-05", "check_out_on": "2031-05-08"}


def test_a_held_reservation_blocks_and_says_until_when(make_tenant: Callable[..., Tenant]) -> None:
    document = policy(STAY, confirmation={"kind": "hold", "hold_minutes": 20})
    tenant = make_tenant(Offer(slug="room", document=document))
    held = tenant.reserved("room", **MAY)
    expires_at, created_at = (datetime.fromisoformat(held[name]) for name in ("hold_expires_at", "created_at"))
    assert (held["state"], expires_at - created_at) == ("held", timedelta(minutes=20))
    assert tenant.reserve("room", **MAY).status_code == 409


def test_pending_ones_block_nothing_yet(make_tenant: Callable[..., Tenant]) -> None:
    document = policy(STAY, confirmation={"kind": "pending", "grace_minutes": 15})
    tenant = make_tenant(Offer(slug="room", document=document))
    first, second = tenant.reserved("room", **MAY), tenant.reserved("room", **MAY)
    assert [(one["state"], one["units"]) for one in (first, second)] == [("pending", []), ("pending", [])]


@pytest.mark.parametrize("minutes", [-10, 10])
def test_holds_last_as_long_as_the_database_says_whatever_time_the_function_thinks_it_is(
    make_tenant: Callable[..., Tenant], monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    true_now = clock.now
    monkeypatch.setattr(clock, "now", lambda: true_now() + timedelta(minutes=minutes))
    tenant = make_tenant(Offer(slug="room", document=policy(STAY, confirmation={"kind": "hold", "hold_minutes": 5})))
    held = tenant.reserved("room", **MAY)
    assert abs(datetime.fromisoformat(held["created_at"]) - true_now()) < timedelta(minutes=1)
    assert held["hold_seconds_left"] == 5 * 60
    longer = tenant.change(held, "extend-hold").json()
    assert 10 * 60 - 60 < longer["hold_seconds_left"] <= 10 * 60
    assert tenant.change(held, "confirm").json()["state"] == "confirmed"
