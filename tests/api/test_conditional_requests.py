"""Entity tags are of the bytes, so that 304 is never a lie; changes are judged by the version in front of the hash."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.http.endpoint import ENDPOINTS
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

MAY = {"check_in_on": "2031-05-05", "check_out_on": "2031-05-08"}
HELD = policy(STAY, confirmation={"kind": "hold", "hold_minutes": 30})


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="rooms", document=policy(STAY), capacity=2, assignment="labelled", units=("A", "B")),
        Offer(slug="huts", document=policy(STAY), capacity=50),
        Offer(slug="held", document=HELD, capacity=50),
    )


def path_of(reservation: Json) -> str:
    return f"/reservations/{reservation['id']}"


def read(tenant: Tenant, path: str, **headers: str) -> httpx.Response:
    return tenant.client.get(f"/tenants/{tenant.slug}{path}", headers={**tenant.as_role(), **headers})


def patch(tenant: Tenant, path: str, body: Json, tag: str) -> httpx.Response:
    headers = {**tenant.as_role(), "If-Match": tag}
    return tenant.client.patch(f"/tenants/{tenant.slug}{path}", json=body, headers=headers)


def assert_read_again(tenant: Tenant, path: str, before: httpx.Response) -> None:
    """What has changed is read again, under another tag; what the tag says of the version has not changed."""
    after = read(tenant, path, **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json() != before.json()
    assert after.json()["version"] == before.json()["version"]
    assert after.headers["etag"].partition("-")[0] == before.headers["etag"].partition("-")[0]


def test_units_that_were_exchanged_to_make_room_are_read_again(tenant: Tenant) -> None:
    promised = tenant.reserved("rooms", check_in_on="2031-05-01", check_out_on="2031-05-03", unit=2)
    first = tenant.reserved("rooms", check_in_on="2031-05-04", check_out_on="2031-05-06")
    path = path_of(first)
    before = read(tenant, path)
    other = 1 if before.json()["units"] == [1] else 2
    # A guest who is promised the unit that it has: it is given the other one.
    tenant.reserved("rooms", check_in_on="2031-05-05", check_out_on="2031-05-07", unit=other)
    assert_read_again(tenant, path, before)
    assert promised["units"] == [2]


def test_a_hold_that_has_become_shorter_is_read_again(tenant: Tenant) -> None:
    held = tenant.reserved("held", **MAY)
    before = read(tenant, path_of(held))
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE reservations SET hold_expires_at = hold_expires_at - interval '5 minutes',"
            " due_at = due_at - interval '5 minutes' WHERE id = %s",
            [held["id"]],
        )
    assert_read_again(tenant, path_of(held), before)


def test_the_name_of_a_guest_that_was_corrected_elsewhere_is_read_again(tenant: Tenant) -> None:
    made = tenant.reserved("huts", **MAY)
    before = read(tenant, path_of(made))
    guest = read(tenant, f"/guests?text={made['guest']['email']}").json()["items"][0]
    tag = read(tenant, f"/guests/{guest['id']}").headers["etag"]
    assert patch(tenant, f"/guests/{guest['id']}", {"name": "Ada King"}, tag).status_code == 200
    assert_read_again(tenant, path_of(made), before)


def test_a_guest_who_was_forgotten_is_read_again(tenant: Tenant) -> None:
    made = tenant.reserved("huts", **MAY)
    tenant.cancelled(made)
    guest = read(tenant, f"/guests?text={made['guest']['email']}").json()["items"][0]
    before = read(tenant, path_of(made))
    tenant.staff(f"/guests/{guest['id']}/anonymize", irrevocably=True)
    assert_read_again(tenant, path_of(made), before)


def test_what_has_not_changed_is_not_sent_again(tenant: Tenant) -> None:
    made = tenant.reserved("huts", **MAY)
    before = read(tenant, path_of(made))
    for tag in (before.headers["etag"], f"W/{before.headers['etag']}", f'"x", {before.headers["etag"]}'):
        again = read(tenant, path_of(made), **{"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", before.headers["etag"])


def test_a_change_is_accepted_with_the_tag_that_was_read_though_the_bytes_have_changed(tenant: Tenant) -> None:
    held = tenant.reserved("held", **MAY)
    tag = read(tenant, path_of(held)).headers["etag"]
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("UPDATE guests SET name = 'Ada King' WHERE email = %s", [held["guest"]["email"]])
    changed = patch(tenant, path_of(held), {"notes": "late"}, tag)
    assert changed.status_code == 200, changed.text
    assert patch(tenant, path_of(held), {"notes": "later"}, tag).status_code == 412
    assert patch(tenant, path_of(held), {"notes": "later"}, changed.headers["etag"]).status_code == 200


@pytest.mark.parametrize("tag", ["1", '"1"', 'W/"1"', '"1-{hash}"', 'W/"1-{hash}"', "*"])
def test_the_version_may_be_named_in_these_ways(tenant: Tenant, tag: str) -> None:
    made = tenant.reserved("huts", **MAY)
    assert patch(tenant, path_of(made), {"notes": "late"}, tag.format(hash=uuid4().hex)).status_code == 200


@pytest.mark.parametrize("tag", ['"x"', '"1-x"', '"1", "2"', '"{hash}"', "1.0", '"-1"', "", '"1-{hash}", "2-{hash}"'])
def test_what_is_no_tag_of_ours_is_refused(tenant: Tenant, tag: str) -> None:
    made = tenant.reserved("huts", **MAY)
    answer = patch(tenant, path_of(made), {"notes": "late"}, tag.format(hash=uuid4().hex))
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, "If-Match")


def test_the_answer_to_a_change_has_the_tag_under_which_it_is_read(tenant: Tenant) -> None:
    made = tenant.reserved("huts", **MAY)
    changed = patch(tenant, path_of(made), {"notes": "late"}, '"1"')
    assert read(tenant, path_of(made)).headers["etag"] == changed.headers["etag"]
    assert re.fullmatch(r'"2-[0-9a-f]{32}"', changed.headers["etag"])


def test_what_is_changed_by_its_version_says_it_when_it_is_read(tenant: Tenant) -> None:
    made = tenant.reserved("huts", **MAY)
    owner = read(tenant, "/members").json()["items"][0]
    guest = read(tenant, f"/guests?text={made['guest']['email']}").json()["items"][0]
    identifiers = {
        "tenant": tenant.slug,
        "resource": "huts",
        "policy": "huts",
        "member": owner["id"],
        "guest": guest["id"],
        "reservation": made["id"],
    }
    changeable = {one.path for one in ENDPOINTS if one.versioned and one.method == "PATCH"}
    readable = [one.path for one in ENDPOINTS if one.method == "GET" and one.path in changeable]
    readable = [path for path in readable if set(re.findall(r"{(\w+)}", path)) <= identifiers.keys()]
    assert len(readable) >= 5
    for path in readable:
        answer = tenant.client.get(path.removeprefix("/v1").format(**identifiers), headers=tenant.as_role(Role.OWNER))
        assert re.fullmatch(r'"\d+-[0-9a-f]{32}"', answer.headers["etag"]), path


def test_a_look_at_what_has_not_changed_is_as_fresh_as_when_it_was_put_together(tenant: Tenant) -> None:
    path = "/resources/huts/availability?from=2031-06-01&until=2031-07-01"

    def looked(**headers: str) -> tuple[httpx.Response, int]:
        answer = tenant.client.get(f"/tenants/{tenant.slug}{path}", headers=headers)
        return answer, int(answer.headers["cache-control"].removeprefix("public, max-age="))

    first, fresh = looked()
    assert (first.status_code, fresh) == (200, 5)
    again, fresh_again = looked(**{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert 0 <= fresh_again <= 5
    tenant.reserved("huts", check_in_on="2031-06-05", check_out_on="2031-06-08")
    after, fresh_after = looked(**{"If-None-Match": first.headers["etag"]})
    assert (after.status_code, fresh_after) == (200, 5)
    assert after.headers["etag"] != first.headers["etag"]
