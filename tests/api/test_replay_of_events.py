"""What events say, replayed to the present, is what the rows hold: after whatever was done to the reservations."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

ROWS = """
SELECT
    reservation.id, reservation.state, reservation.version, reservation.resource_id, reservation.starts_at,
    reservation.ends_at, reservation.check_in_on, reservation.check_out_on, reservation.quantity,
    reservation.party_size, reservation.units_promised, reservation.price, reservation.policy_id,
    reservation.policy_version, reservation.hold_expires_at, reservation.checked_out_at, reservation.retained,
    reservation.retained + CASE
        WHEN reservation.state IN ('confirmed', 'checked_in', 'completed') THEN (reservation.price ->> 'total')::bigint
        ELSE 0
    END AS due,
    (
        SELECT range_agg(allocation.units) FROM allocations AS allocation WHERE allocation.owner_id = reservation.id
    ) AS units
FROM reservations AS reservation INNER JOIN tenants AS tenant ON reservation.tenant_id = tenant.id
WHERE tenant.slug = %s
"""


def plain(name: str, value: Any) -> object:  # noqa: ANN401 - columns of all types
    """A column as answers write it; every tenant here counts in EUR."""
    if name == "units":
        return [] if value is None else [unit for run in value for unit in range(run.lower, run.upper)]
    if name in {"due", "retained"}:
        return {"currency": "EUR", "decimals": 2, "total": value}
    if name == "price":
        return {**value, "decimals": 2}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, (UUID, date)) else value


def rows_of(tenant: Tenant) -> list[dict[str, object]]:
    with psycopg.connect(tenant.database.owner) as owner:
        found = owner.cursor(row_factory=dict_row).execute(ROWS, [tenant.slug]).fetchall()
    return [{name: plain(name, value) for name, value in row.items()} for row in found]


@pytest.mark.parametrize("seed", range(4))
def test_events_replayed_to_the_present_say_what_the_rows_hold(make_tenant: Callable[..., Tenant], seed: int) -> None:
    held = policy(STAY, confirmation={"kind": "hold", "hold_minutes": 30})
    tenant = make_tenant(
        # Few labelled units, so that reservations are given other units to make room for others.
        Offer(slug="rooms", document=policy(STAY), capacity=3, assignment="labelled", units=["A", "B", "C"]),
        Offer(slug="tents", document=held, capacity=2),
    )
    choices = random.Random(seed)  # noqa: S311 - no secret
    made: list[dict[str, Any]] = []
    for _ in range(40):
        first = choices.randrange(12)
        times = {"check_in_on": in_days(first), "check_out_on": in_days(first + choices.randint(1, 5))}
        action = choices.choice(["create", "create", "move", "extend", "shorten", "cancel", "check-in", "check-out"])
        if action == "create" or not made:
            answer = tenant.reserve(choices.choice(["rooms", "tents"]), **times)
            made += [answer.json()] if answer.status_code == 201 else []
        elif action == "move":
            target = choices.choice([{}, {"resource_id": str(tenant.ids[choices.choice(["rooms", "tents"])])}])
            tenant.change(choices.choice(made), action, **times, **target)
        elif action in {"extend", "shorten"}:
            tenant.change(choices.choice(made), action, check_out_on=times["check_out_on"])
        else:
            tenant.post(f"/reservations/{choices.choice(made)['id']}/{action}", {}, **tenant.as_role())
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    rows = rows_of(tenant)
    for row in rows:
        answer = tenant.client.get(
            f"/tenants/{tenant.slug}/reservations/{row.pop('id')}/as-of", params={"at": later}, headers=tenant.as_role()
        )
        facts = answer.json()["facts"]
        facts.pop("guest_id", None)  # which guest it is, is decided by the row
        assert facts == row
    assert len(rows) == len(made) > 5
