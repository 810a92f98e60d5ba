"""Edit locks: one holder at any time, whom everybody sees and whose work nobody writes over."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.access.model.people import Role
from tests.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.realtime.client import Client, LiveTenant, Message

DAY = ("2031-04-01T00:00:00Z", "2031-04-02T00:00:00Z")
MORNING = ("2031-04-01T10:00:00Z", "2031-04-01T12:00:00Z")
EVENING = ("2031-04-02T18:00:00Z", "2031-04-02T20:00:00Z")


def acquire(
    client: Client,
    tenant: LiveTenant,
    times: tuple[str, str] = DAY,
    room: str = "room",
    **more: Any,  # noqa: ANN401 - JSON
) -> Message:
    """Try to take a lock."""
    members = {"resource_id": str(tenant.ids[room]), "starts_at": times[0], "ends_at": times[1]}
    return client.ask("edit_lock.acquire", **members, **more)


def lock(client: Client, tenant: LiveTenant, times: tuple[str, str] = DAY, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Take a lock."""
    answer = acquire(client, tenant, times, **more)
    assert answer["type"] == "edit_lock.acquired", answer
    return answer["data"]


def code(answer: Message) -> str:
    assert answer["type"] == "error", answer
    return answer["data"]["code"]


def let_expire(tenant: LiveTenant, lock_id: str) -> None:
    with psycopg.connect(tenant.database.owner, autocommit=True) as owner:
        owner.execute("UPDATE edit_locks SET expires_at = clock_now() - interval '1 second' WHERE id = %s", [lock_id])


def test_a_lock_is_seen_by_the_others_and_keeps_them_out(tenant: LiveTenant) -> None:
    ada, grace = tenant.user(name="Ada"), tenant.user(name="Grace")
    first, second = ada.connect("tenant"), grace.connect("tenant")
    taken = lock(first, tenant)
    seen = second.told("edit_lock.acquired")["data"]
    assert (seen["lock_id"], seen["holder_name"], seen["fencing"]) == (taken["lock_id"], "Ada", taken["fencing"])
    refusal = acquire(second, tenant, MORNING)
    assert code(refusal) == "edit_locked"
    assert refusal["data"]["edit_lock"]["holder"]["name"] == "Ada"
    assert refusal["data"]["edit_lock"]["expires_at"] == taken["expires_at"]
    (listed,) = grace.get("/edit-locks")["items"]
    assert (listed["id"], listed["holder"]["name"]) == (taken["lock_id"], "Ada")
    assert first.ask("edit_lock.release", lock_id=taken["lock_id"])["type"] == "edit_lock.released"
    assert second.told("edit_lock.released")["data"]["lock_id"] == taken["lock_id"]
    assert lock(second, tenant, MORNING)["fencing"] > taken["fencing"]


def test_other_times_and_other_resources_are_free(tenant: LiveTenant) -> None:
    first, second = tenant.user().connect(), tenant.user().connect()
    lock(first, tenant)
    lock(second, tenant, EVENING)
    lock(second, tenant, room="hall")
    assert len(tenant.user().get("/edit-locks")["items"]) == 3
    assert len(tenant.user().get("/edit-locks", resource_id=str(tenant.ids["hall"]))["items"]) == 1
    assert len(tenant.user().get("/edit-locks", **{"from": DAY[1], "until": EVENING[1]})["items"]) == 1


def test_ranges_that_cannot_be_and_resources_that_are_not_theirs_are_refused(
    tenants: Callable[[], LiveTenant],
) -> None:
    tenant, other = tenants(), tenants()
    client = tenant.user().connect()
    assert code(acquire(client, tenant, (DAY[1], DAY[0]))) == "invalid_range"
    assert code(acquire(client, tenant, (DAY[0], DAY[0]))) == "invalid_range"
    assert code(acquire(client, tenant, ("2031-01-01T00:00:00Z", "2033-01-01T00:00:00Z"))) == "invalid_range"
    assert code(acquire(client, tenant, ("1931-01-01T00:00:00Z", "1931-01-02T00:00:00Z"))) == "invalid_range"
    assert code(acquire(client, tenant, ("2031-01-01T00:00:00", "2031-01-02T00:00:00"))) == "invalid_input"
    tenant.ids["theirs"] = other.ids["room"]
    assert code(acquire(client, tenant, room="theirs")) == "not_found"


def test_viewers_lock_nothing_and_hosts_what_is_theirs(tenant: LiveTenant) -> None:
    assert code(acquire(tenant.user(Role.VIEWER).connect(), tenant)) == "forbidden"
    host = tenant.user(Role.HOST, resources=("hall",)).connect("tenant")
    assert code(acquire(host, tenant)) == "not_found"
    lock(host, tenant, room="hall")


def test_nobody_writes_into_a_range_that_somebody_else_has_locked(tenant: LiveTenant) -> None:
    holder, other, owner = tenant.user(name="Ada"), tenant.user(), tenant.user(Role.OWNER)
    booked = other.reserve("room", *MORNING).json()
    fencing = str(lock(holder.connect(), tenant)["fencing"])
    path = f"/reservations/{booked['id']}"
    room = str(tenant.ids["room"])
    later = {"starts_at": EVENING[0], "ends_at": EVENING[1]}
    attempts = [
        other.reserve("room", *MORNING),
        owner.reserve("room", *MORNING),
        other.post(f"{path}/cancel", {}),
        other.post(f"{path}/move", later),
        owner.post("/closures", {"resource_id": room, "starts_at": DAY[0], "ends_at": EVENING[1], "reason": "paint"}),
        tenant.http.patch(
            f"/tenants/{tenant.slug}{path}", json={"notes": "mine"}, headers={**other.headers, "If-Match": "1"}
        ),
        tenant.http.patch(
            f"/tenants/{tenant.slug}/resources/room", json={"capacity": 1}, headers={**owner.headers, "If-Match": "*"}
        ),
        tenant.http.delete(f"/tenants/{tenant.slug}/resources/room", headers={**owner.headers, "If-Match": "*"}),
    ]
    for answer in attempts:
        assert (answer.status_code, answer.json()["code"]) == (409, "edit_locked"), answer.text
        assert answer.json()["edit_lock"]["holder"]["name"] == "Ada"
    assert other.reserve("room", *EVENING).status_code == 201
    assert other.reserve("hall", *MORNING).status_code == 201
    elsewhere = other.reserve("room", *EVENING).json()["id"]
    into = {"starts_at": MORNING[0], "ends_at": MORNING[1]}
    moved_in = other.post(f"/reservations/{elsewhere}/move", into)
    assert moved_in.json()["code"] == "edit_locked"
    assert holder.reserve("room", *MORNING, Edit_Lock=fencing).status_code == 201
    assert holder.post(f"{path}/cancel", {}, Edit_Lock=fencing).status_code == 200


def test_guests_are_not_kept_out(tenant: LiveTenant) -> None:
    lock(tenant.user().connect(), tenant)
    body = {
        "resource_id": str(tenant.ids["room"]),
        "starts_at": MORNING[0],
        "ends_at": MORNING[1],
        "guest": {"name": "Ada Lovelace", "email": "ada@example.org"},
    }
    made = tenant.http.post(f"/tenants/{tenant.slug}/reservations", json=body)
    assert made.status_code == 201
    cancel = f"/tenants/{tenant.slug}/reservations/{made.json()['id']}/cancel"
    guest = {"Authorization": f"Bearer {made.json()['manage_token']}"}
    assert tenant.http.post(cancel, json={}, headers=guest).status_code == 200


def test_the_holders_own_writes_carry_the_number_and_the_other_window_has_none(tenant: LiveTenant) -> None:
    holder = tenant.user()
    fencing = lock(holder.connect(), tenant)["fencing"]
    assert holder.reserve("room", *MORNING).json()["code"] == "edit_locked"
    assert tenant.user().reserve("room", *MORNING, Edit_Lock=str(fencing)).json()["code"] == "edit_lock_lost"
    assert holder.reserve("room", *MORNING, Edit_Lock=str(fencing + 1)).json()["code"] == "edit_lock_lost"
    assert holder.reserve("room", *MORNING, Edit_Lock="the first").json()["code"] == "invalid_input"
    assert holder.reserve("room", *MORNING, Edit_Lock=str(fencing)).status_code == 201


@pytest.mark.parametrize("how", ["released", "expired", "taken over"])
def test_an_outdated_number_is_refused_though_nobody_holds_the_lock_now(tenant: LiveTenant, how: str) -> None:
    holder, owner = tenant.user(), tenant.user(Role.OWNER)
    client, theirs = holder.connect(), owner.connect()
    taken = lock(client, tenant)
    if how == "released":
        client.ask("edit_lock.release", lock_id=taken["lock_id"])
    elif how == "expired":
        let_expire(tenant, taken["lock_id"])
    else:
        over = lock(theirs, tenant, take_over=True)
        assert theirs.ask("edit_lock.release", lock_id=over["lock_id"])["type"] == "edit_lock.released"
    late = holder.reserve("room", *MORNING, Edit_Lock=str(taken["fencing"]))
    assert (late.status_code, late.json()["code"]) == (409, "edit_lock_lost")
    assert holder.reserve("room", *EVENING, Edit_Lock=str(taken["fencing"])).json()["code"] == "edit_lock_lost"
    assert holder.reserve("room", *MORNING).status_code == 201


def test_an_owner_takes_over_and_nobody_else_does(tenant: LiveTenant) -> None:
    first = tenant.user(name="Ada").connect("tenant")
    taken = lock(first, tenant, MORNING)
    for role in (Role.MANAGER, Role.AGENT):
        assert code(acquire(tenant.user(role).connect(), tenant, take_over=True)) == "forbidden"
    over = lock(tenant.user(Role.OWNER, "Olga").connect(), tenant, take_over=True)
    assert over["fencing"] > taken["fencing"]
    lost = first.told("edit_lock.taken_over")
    assert (lost["data"]["lock_id"], lost["data"]["by"]["name"]) == (taken["lock_id"], "Olga")
    assert code(first.ask("edit_lock.renew", lock_id=taken["lock_id"])) == "not_found"


def test_a_lock_that_is_not_renewed_ends_and_the_next_one_may_have_it(tenant: LiveTenant) -> None:
    first, second = tenant.user().connect(), tenant.user().connect("tenant")
    taken = lock(first, tenant)
    renewed = first.ask("edit_lock.renew", lock_id=taken["lock_id"])
    assert (renewed["type"], renewed["data"]["fencing"]) == ("edit_lock.renewed", taken["fencing"])
    assert renewed["data"]["expires_at"] > taken["expires_at"]
    let_expire(tenant, taken["lock_id"])
    assert code(first.ask("edit_lock.renew", lock_id=taken["lock_id"])) == "not_found"
    assert lock(second, tenant, MORNING)["fencing"] > taken["fencing"]
    assert second.told("edit_lock.expired")["data"]["lock_id"] == taken["lock_id"]


def test_a_page_that_is_loaded_again_keeps_its_lock(tenant: LiveTenant) -> None:
    holder = tenant.user()
    client = holder.connect()
    taken = lock(client, tenant)
    client.socket.close()
    orphaned = "SELECT count(*) FROM edit_locks WHERE id = %s AND connection_id IS NULL"
    eventually(lambda: tenant.rows(orphaned, taken["lock_id"]) == [(1,)], "the connection to be gone")
    (left,) = tenant.user().get("/edit-locks")["items"]
    assert left["expires_at"] < taken["expires_at"]
    again = holder.connect()
    renewed = again.ask("edit_lock.renew", lock_id=taken["lock_id"])["data"]
    assert (renewed["fencing"], renewed["expires_at"] > taken["expires_at"]) == (taken["fencing"], True)
    assert code(holder.connect().ask("edit_lock.renew", lock_id=taken["lock_id"])) == "edit_locked"
    assert lock(again, tenant)["lock_id"] == taken["lock_id"]
    assert code(acquire(holder.connect(), tenant)) == "edit_locked"


def test_a_lock_whose_page_is_gone_for_good_ends_after_the_grace_and_others_hear_of_it(tenant: LiveTenant) -> None:
    watching, client = tenant.user().connect("tenant"), tenant.user().connect()
    taken = lock(client, tenant)
    with psycopg.connect(tenant.database.owner, autocommit=True) as owner:
        # So that the test need not wait for the whole grace: it never lengthens what is left.
        owner.execute(
            "UPDATE edit_locks SET expires_at = clock_now() + interval '2 seconds' WHERE id = %s", [taken["lock_id"]]
        )
    client.socket.close()
    tenant.user().reserve("hall", *MORNING)
    assert watching.until(lambda message: message["type"] == "edit_lock.expired", "the end of the lock")


def test_of_many_who_want_a_lock_one_has_it_at_any_time(tenant: LiveTenant) -> None:
    """From the answer that gave it until the message that gave it back nobody else was given it."""
    people = [tenant.user().connect() for _ in range(12)]
    held: list[tuple[float, float, int]] = []

    def race(client: Client) -> int:
        got = 0
        while got < 3:
            answer = acquire(client, tenant)
            if answer["type"] != "edit_lock.acquired":
                assert answer["data"]["code"] == "edit_locked"
                continue
            began = time.monotonic()
            time.sleep(0.005)  # so that the others come while it is held
            held.append((began, time.monotonic(), answer["data"]["fencing"]))
            got += 1
            client.ask("edit_lock.release", lock_id=answer["data"]["lock_id"])
        return got

    with ThreadPoolExecutor(len(people)) as threads:
        assert list(threads.map(race, people)) == [3] * len(people)
    held.sort()
    assert all(earlier[1] < later[0] for earlier, later in pairwise(held))
    assert all(earlier[2] < later[2] for earlier, later in pairwise(held))
