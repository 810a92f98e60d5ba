"""A preview of a reservation says what the write that follows it says, for each action and mode, and stores nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.access.model.people import Role
from chalicelib.telemetry.definitions import ADMISSIONS
from chalicelib.telemetry.metrics import METRICS
from tests.api.tenant import in_days
from tests.offers import INTERVAL, SLOT, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

HALF_UNTIL_A_DAY = [{"until_minutes_before": 1440, "refund_percent": 50}]
OWN_OF_PREVIEWS = {"new_price", "price_change", "confirms_by_email"}
OWN_OF_THE_MOMENT = {"created_at", "updated_at", "hold_expires_at", "hold_seconds_left", "pending_until"}
"""Each is made at an instant of its own."""
LOCK = """
INSERT INTO edit_locks (tenant_id, id, resource_id, during, holder_id, holder_name, fencing, acquired_at, expires_at)
SELECT tenant_id, gen_random_uuid(), id, tstzrange(clock_now(), clock_now() + interval '1 year'), gen_random_uuid(),
       'Grace', nextval('edit_lock_fencing'), clock_now(), clock_now() + interval '1 hour'
FROM resources WHERE id = %s
"""


def at(day: int, hour: int) -> datetime:
    """An hour of a day from now on, in UTC."""
    return datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=day)


def text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    kinds = {
        "instant": {"kind": "instant"},
        "hold": {"kind": "hold", "hold_minutes": 30},
        "queue": {"kind": "pending", "grace_minutes": 60},
        "asked": {"kind": "approval"},
    }
    half: Any = {"cancellation": HALF_UNTIL_A_DAY, "guest_changes": {"until_minutes_before": 0}}
    return make_tenant(
        *(Offer(slug=slug, document=policy(STAY, confirmation=kind, **half)) for slug, kind in kinds.items()),
        Offer(slug="hut", document=policy({**STAY, "min_nights": 3}, **half)),
        Offer(slug="room", document=policy(INTERVAL, per="hour", amount=2000, **half)),
        Offer(
            slug="tour",
            document=policy(SLOT, per="person", amount=3000, capacity_counts="people", **half),
            capacity=8,
            windows=[(at(1, 0), at(20, 0))],
        ),
        timezone="Europe/Berlin",
    )


TIMES: dict[str, Json] = {
    "stay": {"check_in_on": in_days(5), "check_out_on": in_days(8)},
    "interval": {"starts_at": text(at(5, 9)), "ends_at": text(at(5, 11))},
    "slot": {"starts_at": text(at(5, 9)), "ends_at": text(at(5, 10))},
}
MOVED: dict[str, Json] = {
    "stay": {"check_in_on": in_days(6), "check_out_on": in_days(9)},
    "interval": {"starts_at": text(at(5, 10)), "ends_at": text(at(5, 12))},
    "slot": {"starts_at": text(at(6, 9)), "ends_at": text(at(6, 10))},
}
LONGER: dict[str, Json] = {"stay": {"check_out_on": in_days(10)}, "interval": {"ends_at": text(at(5, 13))}}
SHORTER: dict[str, Json] = {"stay": {"check_out_on": in_days(6)}, "interval": {"ends_at": text(at(5, 10))}}
RESOURCES = {"stay": "instant", "interval": "room", "slot": "tour"}
OFFERED = [*((slug, "stay") for slug in ("instant", "hold", "queue", "asked")), ("room", "interval"), ("tour", "slot")]
CHANGES = [
    *((mode, "move", MOVED[mode]) for mode in MOVED),
    *((mode, "move", {"party_size": 3}) for mode in MOVED),
    *((mode, "extend", LONGER[mode]) for mode in LONGER),
    *((mode, "shorten", SHORTER[mode]) for mode in SHORTER),
]


def wanted(tenant: Tenant, resource: str, mode: str = "stay", **more: object) -> Json:
    guest = {"name": "Ada Lovelace", "email": f"{uuid4().hex}@example.org"}
    return {"resource_id": str(tenant.ids[resource]), "guest": guest, "party_size": 2, **TIMES[mode], **more}


def everything(tenant: Tenant) -> dict[str, list[str]]:
    """All rows of all tables that tenants have; `attempts` are counted on purpose."""
    with psycopg.connect(tenant.database.owner) as owner:
        tables = owner.execute(
            "SELECT table_name FROM information_schema.columns c JOIN pg_class t ON t.relname = c.table_name "
            "WHERE column_name = 'tenant_id' AND table_schema = 'public' AND relkind IN ('r', 'p') ORDER BY 1"
        ).fetchall()
        tenant_id = SQL("(SELECT id FROM tenants WHERE slug = {})").format(tenant.slug)
        query = SQL("SELECT to_jsonb(t)::text FROM {} t WHERE tenant_id = {} ORDER BY 1")
        return {
            name: [row for (row,) in owner.execute(query.format(Identifier(name), tenant_id)).fetchall()]
            for (name,) in tables
        }


def same(preview: httpx.Response, write: httpx.Response, *, new: bool) -> None:
    """The preview has said what became of the write."""
    said, done = preview.json(), write.json()
    if not write.is_success:
        assert preview.status_code == write.status_code, (said, done)
        assert without(said, "request_id", "instance") == without(done, "request_id", "instance")
        return
    assert (preview.status_code, write.status_code) == (200, 201 if new else 200), (said, done)
    assert len(said["units"]) == len(done["units"])
    assert set(said) - OWN_OF_PREVIEWS == set(done) - {"manage_token"}
    assert _unvarying(said, new=new) == _unvarying(done, new=new)
    assert {name for name in OWN_OF_THE_MOMENT if said[name] is None} == {
        name for name in OWN_OF_THE_MOMENT if done[name] is None
    }


def _unvarying(body: Json, *, new: bool) -> Json:
    """What both say alike. Which units of a pool are taken is left to chance: two who come at once want others."""
    waits = body["pending_change"]
    own: set[str] = {"units", *OWN_OF_THE_MOMENT, *OWN_OF_PREVIEWS}
    if new:
        own |= {"id", "code", "manage_token"}
    shown = None if waits is None else without(waits, "id", "created_at", "pending_until")
    return {**without(body, *own), "pending_change": shown}


def without(body: Json, *names: str) -> Json:
    return {name: value for name, value in body.items() if name not in names}


def as_guest(reservation: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {reservation['manage_token']}"}


# What a preview says is what the write does


@pytest.mark.parametrize(("resource", "mode"), OFFERED)
@pytest.mark.parametrize("by_staff", [False, True])
def test_a_new_reservation_is_as_previewed(tenant: Tenant, resource: str, mode: str, *, by_staff: bool) -> None:
    headers = tenant.as_role() if by_staff else {}
    body = wanted(tenant, resource, mode)
    before = everything(tenant)
    preview = tenant.post("/reservations/preview", body, **headers)
    assert everything(tenant) == before
    write = tenant.post("/reservations", body, **headers)
    assert everything(tenant) != before  # it is seen where something is written
    same(preview, write, new=True)
    said = preview.json()
    assert (said["id"], said["code"], said["confirms_by_email"]) == (None, None, False)
    assert said["price_change"]["total"] == said["new_price"]["total"] == said["price"]["total"] > 0


@pytest.mark.parametrize(("mode", "action", "change"), CHANGES)
@pytest.mark.parametrize("by_staff", [False, True])
def test_a_change_is_as_previewed(tenant: Tenant, mode: str, action: str, change: Json, *, by_staff: bool) -> None:
    made = tenant.reserved(RESOURCES[mode], party_size=2, **TIMES[mode])
    headers = tenant.as_editor() if by_staff else as_guest(made)
    before = everything(tenant)
    preview = tenant.post(f"/reservations/{made['id']}/{action}/preview", change, **headers)
    assert everything(tenant) == before
    write = tenant.post(f"/reservations/{made['id']}/{action}", change, **headers)
    assert everything(tenant) != before
    same(preview, write, new=False)
    said = preview.json()
    assert said["price_change"]["total"] == write.json()["price"]["total"] - made["price"]["total"]
    if action == "shorten":
        given_up = -said["price_change"]["total"]
        assert (said["refund"]["total"], said["retained"]["total"]) == (given_up // 2, given_up // 2)


@pytest.mark.parametrize("by_staff", [False, True])
def test_confirming_is_as_previewed(tenant: Tenant, *, by_staff: bool) -> None:
    for resource in ("hold", "queue", "asked"):
        made = tenant.reserved(resource, party_size=2, **TIMES["stay"])
        headers = tenant.as_editor() if by_staff else as_guest(made)
        before = everything(tenant)
        preview = tenant.post(f"/reservations/{made['id']}/confirm/preview", {}, **headers)
        assert everything(tenant) == before
        write = tenant.post(f"/reservations/{made['id']}/confirm", {}, **headers)
        same(preview, write, new=False)
        assert write.status_code == (200 if by_staff or resource == "hold" else 403)


def test_a_change_that_would_wait_says_so_and_what_it_costs_then(tenant: Tenant) -> None:
    made = tenant.reserved("asked", party_size=2, **TIMES["stay"])
    tenant.staff(f"/reservations/{made['id']}/confirm")
    preview = tenant.change(made, "extend/preview", check_out_on=in_days(9))
    same(preview, tenant.change(made, "extend", check_out_on=in_days(9)), new=False)
    said = preview.json()
    assert (said["pending_change"]["waits_for"], said["check_out_on"]) == ("approval", in_days(8))
    assert (said["price"]["total"], said["new_price"]["total"], said["price_change"]["total"]) == (30000, 40000, 10000)


def test_what_changes_nothing_costs_nothing(tenant: Tenant) -> None:
    made = tenant.reserved("instant", party_size=2, **TIMES["stay"])
    said = tenant.change(made, "move/preview", **TIMES["stay"]).json()
    assert (said["version"], said["price_change"]["total"]) == (made["version"], 0)


# Refusals


def test_a_refusal_is_the_one_of_the_write(tenant: Tenant) -> None:
    made = tenant.reserved("instant", party_size=2, **TIMES["stay"])
    tenant.reserved("instant", check_in_on=in_days(9), check_out_on=in_days(10))
    tenant.close("room", starts_at=text(at(5, 0)), ends_at=text(at(6, 0)))
    refused = {
        "no_capacity": wanted(tenant, "instant"),
        "rule_violations": wanted(tenant, "hut", check_out_on=in_days(6)),
        "invalid_input": wanted(tenant, "instant", party_size=0),
        "not_found": wanted(tenant, "instant", resource_id=str(uuid4())),
        "price_changed": wanted(tenant, "hold", expected_price={"currency": "EUR", "total": 1}),
        "forbidden": wanted(tenant, "hold", override={"rules": ["lead_time"], "reason": "why not"}),
    }
    before = everything(tenant)
    for code, body in refused.items():
        preview = tenant.post("/reservations/preview", body)
        assert preview.json()["code"] == code
        same(preview, tenant.post("/reservations", body), new=True)
    closed = wanted(tenant, "room", "interval")
    preview = tenant.post("/reservations/preview", closed)
    same(preview, tenant.post("/reservations", closed), new=True)
    assert preview.json()["blocked_by"] == ["closure"]
    changes: list[tuple[str, Json]] = [
        ("extend", {"check_out_on": in_days(10)}),
        ("move", {"check_in_on": in_days(9), "check_out_on": in_days(10)}),
        ("shorten", {"check_out_on": in_days(12)}),
        ("move", {"resource_id": str(uuid4())}),
    ]
    for action, change in changes:
        preview = tenant.change(made, f"{action}/preview", **change)
        write = tenant.change(made, action, **change)
        assert not write.is_success
        same(preview, write, new=False)
    full = tenant.change(made, "extend/preview", check_out_on=in_days(10)).json()
    assert full["code"] == "no_capacity"
    assert full["alternatives"]
    assert everything(tenant) == before


def test_an_edit_lock_of_somebody_else_is_said_to_staff(tenant: Tenant) -> None:
    made = tenant.reserved("instant", party_size=2, **TIMES["stay"])
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LOCK, [tenant.ids["instant"]])
    for path, body in [
        ("/reservations", wanted(tenant, "instant", check_in_on=in_days(11), check_out_on=in_days(12))),
        (f"/reservations/{made['id']}/extend", {"check_out_on": in_days(9)}),
        (f"/reservations/{made['id']}/shorten", {"check_out_on": in_days(7)}),
        (f"/reservations/{made['id']}/move", {"party_size": 1}),
    ]:
        preview = tenant.post(f"{path}/preview", body, **tenant.as_editor())
        assert (preview.status_code, preview.json()["code"]) == (409, "edit_locked"), preview.text
        assert preview.json()["edit_lock"]["holder"]["name"] == "Grace"
        same(preview, tenant.post(path, body, **tenant.as_editor()), new=True)
    assert tenant.change(made, "extend/preview", check_out_on=in_days(9)).status_code == 200  # guests are not kept out


def test_who_may_not_do_it_may_not_preview_it(tenant: Tenant) -> None:
    made = tenant.reserved("instant", party_size=2, **TIMES["stay"])
    other = tenant.reserved("hold", party_size=2, **TIMES["stay"])
    for action, change in (("extend", LONGER["stay"]), ("shorten", SHORTER["stay"]), ("move", {}), ("confirm", {})):
        path = f"/reservations/{made['id']}/{action}"
        for headers in (as_guest(other), tenant.as_editor(Role.VIEWER), {}):
            preview = tenant.post(f"{path}/preview", change, **headers)
            write = tenant.post(path, change, **headers)
            assert not write.is_success
            same(preview, write, new=False)
        stale = {**tenant.as_role(), "If-Match": '"7"'}
        assert tenant.post(f"{path}/preview", change, **stale).status_code == 412
        assert tenant.post(f"{path}/preview", change, **tenant.as_role()).status_code == 428


# What a preview leaves alone


def test_a_key_is_not_used_up_and_no_admission_is_counted(tenant: Tenant) -> None:
    body, key = wanted(tenant, "instant"), {"Idempotency-Key": uuid4().hex}
    before = METRICS.total(ADMISSIONS)
    for _ in range(2):
        preview = tenant.post("/reservations/preview", body, **key)
        assert (preview.status_code, preview.headers.get("ETag")) == (200, None)
    assert METRICS.total(ADMISSIONS) == before
    made = tenant.post("/reservations", body, **key)
    assert (made.status_code, made.headers.get("Idempotent-Replayed")) == (201, None)
    assert METRICS.total(ADMISSIONS) == before + 1


def test_a_guest_need_not_be_known_yet(make_tenant: Callable[..., Tenant]) -> None:
    once = {"rule": "per_day_limit", "limit": 1, "scope": "guest"}
    tenant = make_tenant(Offer(slug="instant", document=policy(STAY, once), capacity=5))
    body = wanted(tenant, "instant")
    assert tenant.post("/reservations", body).status_code == 201
    assert tenant.post("/reservations/preview", body).json()["code"] == "rule_violations"
    said = tenant.post("/reservations/preview", without(body, "guest"))
    assert (said.status_code, said.json()["guest"]) == (200, None)


def test_where_emails_are_confirmed_a_preview_says_so_and_sends_none(tenant: Tenant) -> None:
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            """UPDATE tenants SET settings = settings || '{"confirm_by_email": true}' WHERE slug = %s""", [tenant.slug]
        )
    tenant.token()
    before = everything(tenant)
    said = tenant.post("/reservations/preview", wanted(tenant, "instant"))
    assert (said.status_code, said.json()["confirms_by_email"], said.json()["state"]) == (200, True, "confirmed")
    by_staff = tenant.post("/reservations/preview", wanted(tenant, "instant"), **tenant.as_role())
    assert by_staff.json()["confirms_by_email"] is False
    assert everything(tenant) == before
