"""Other systems follow reservations: what was changed since an instant, and nothing is skipped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.access.model.people import Scope
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

MAY = {"check_in_on": "2031-05-05", "check_out_on": "2031-05-08"}
LONG_AGO = "2020-01-01T00:00:00Z"
RAISED = "UPDATE reservations SET version = version + 1, updated_at = %s WHERE id = %s"


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="huts", document=policy(STAY), capacity=99))


def page(tenant: Tenant, **query: object) -> httpx.Response:
    parameters = {"updated_since": LONG_AGO, **query}
    path = f"/tenants/{tenant.slug}/reservations"
    return tenant.client.get(
        path, params={name: str(value) for name, value in parameters.items()}, headers=tenant.as_role()
    )


def follow(tenant: Tenant, cursor: str | None = None, limit: int = 2) -> tuple[list[str], str]:
    """All that has changed by now, and where to go on later."""
    seen: list[str] = []
    while True:
        told = page(tenant, limit=limit, **({} if cursor is None else {"cursor": cursor})).json()
        seen += [one["id"] for one in told["items"]]
        cursor = told["resume_cursor"]
        assert cursor is not None
        assert told["next_cursor"] in {None, cursor}
        if told["next_cursor"] is None:
            return seen, cursor


def follow_until(tenant: Tenant, cursor: str | None, wanted: list[str]) -> str:
    """Go on until all of that has come, in this order: another database of the cluster may delay it."""
    seen: list[str] = []
    deadline = time.monotonic() + 20
    while seen != wanted:
        assert time.monotonic() < deadline, (seen, wanted)
        found, cursor = follow(tenant, cursor)
        seen += found
        assert seen == wanted[: len(seen)]
    assert cursor is not None
    return cursor


def patched(tenant: Tenant, reservation: Json) -> None:
    path = f"/tenants/{tenant.slug}/reservations/{reservation['id']}"
    headers = {**tenant.as_role(), "If-Match": "*"}
    assert tenant.client.patch(path, json={"notes": "changed"}, headers=headers).status_code == 200


def test_what_was_changed_again_comes_again_and_the_rest_does_not(tenant: Tenant) -> None:
    made = [tenant.reserved("huts", **MAY) for _ in range(5)]
    ids = [one["id"] for one in made]
    cursor = follow_until(tenant, None, ids)
    assert follow(tenant, cursor) == ([], cursor)
    patched(tenant, made[3])
    tenant.cancelled(made[1])
    follow_until(tenant, cursor, [ids[3], ids[1]])


def test_a_change_that_was_under_way_for_long_is_not_skipped(tenant: Tenant) -> None:
    slow, other = (tenant.reserved("huts", **MAY) for _ in range(2))
    cursor = follow_until(tenant, None, [slow["id"], other["id"]])
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(RAISED.encode(), [slow["updated_at"], slow["id"]])
        patched(tenant, other)
        # The later change is ready, and told only after the earlier one, which may yet come.
        assert follow(tenant, cursor)[0] == []
        owner.commit()
    follow_until(tenant, cursor, [slow["id"], other["id"]])


def test_a_change_that_began_earlier_and_is_written_later_is_not_skipped(tenant: Tenant) -> None:
    slow, other = (tenant.reserved("huts", **MAY) for _ in range(2))
    cursor = follow_until(tenant, None, [slow["id"], other["id"]])
    with psycopg.connect(tenant.database.owner) as owner:
        begun = owner.execute("SELECT now()").fetchone()
        assert begun is not None
        patched(tenant, other)
        cursor = follow_until(tenant, cursor, [other["id"]])
        owner.execute(RAISED.encode(), [begun[0], slow["id"]])
    follow_until(tenant, cursor, [slow["id"]])


def test_only_what_was_changed_since_then_is_listed(tenant: Tenant) -> None:
    made = [tenant.reserved("huts", **MAY) for _ in range(3)]
    follow_until(tenant, None, [one["id"] for one in made])
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("UPDATE reservations SET updated_at = '2021-01-01Z' WHERE id = %s", [made[0]["id"]])
        owner.execute("UPDATE reservations SET updated_at = '2022-01-01Z' WHERE id = %s", [made[1]["id"]])
    listed = page(tenant, updated_since="2022-01-01T00:00:00Z").json()["items"]
    assert [one["id"] for one in listed] == [made[1]["id"], made[2]["id"]]


def test_other_criteria_count_as_well(tenant: Tenant) -> None:
    made = [tenant.reserved("huts", **MAY) for _ in range(3)]
    tenant.cancelled(made[1])
    follow_until(tenant, None, [made[0]["id"], made[2]["id"], made[1]["id"]])
    assert [one["id"] for one in page(tenant, state="cancelled").json()["items"]] == [made[1]["id"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "starts_at"}, "sort"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "WzAsIjEgMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwIl0="}, "cursor"),
    ],
)
def test_what_cannot_be_followed_is_refused(tenant: Tenant, query: dict[str, Any], field: str) -> None:
    answer = page(tenant, **query)
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, field)


def test_other_lists_have_no_place_to_resume(tenant: Tenant) -> None:
    path = f"/tenants/{tenant.slug}/reservations"
    assert tenant.client.get(path, headers=tenant.as_role()).json()["resume_cursor"] is None


def key(tenant: Tenant, *scopes: Scope) -> dict[str, str]:
    made = tenant.staff("/api-keys", name="Another system", scopes=list(scopes))
    return {"Authorization": f"Bearer {made['key']}"}


def test_a_key_that_reads_reservations_reads_missed_events_and_follows(tenant: Tenant) -> None:
    made = tenant.reserved("huts", **MAY)
    headers = key(tenant, Scope.RESERVATIONS_READ)
    events = tenant.client.get(f"/tenants/{tenant.slug}/events", headers=headers)
    assert [one["data"]["entity_id"] for one in events.json()["items"]] == [made["id"]]
    other = key(tenant, Scope.CATALOGUE_WRITE)
    refused = tenant.client.get(f"/tenants/{tenant.slug}/events", headers=other)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
