"""Members, invitations and API keys: only owners decide, there is always one, and what is taken back ends at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role, Scope
from chalicelib.accounts.invite_members import invite_member
from chalicelib.accounts.manage_api_keys import create_api_key
from chalicelib.accounts.model.accounts import Invitee, NewApiKey
from chalicelib.accounts.storage import members as invitations
from chalicelib.adapters.mail import Mailing
from chalicelib.core.errors import ForbiddenError
from chalicelib.database.transaction import Database
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from tests.api.tenant import ANY_VERSION
from tests.eventually import eventually
from tests.offers import INTERVAL, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.inbox import Inbox
    from tests.api.tenant import Tenant

COUNT_OWNERS = """
SELECT count(*) FROM memberships
WHERE role = 'owner' AND tenant_id = (SELECT id FROM tenants WHERE slug = %s)
"""
ONE_OWNER = "UPDATE memberships SET role = CASE user_id WHEN %s THEN 'owner' ELSE 'manager' END WHERE user_id = ANY(%s)"
NOTHING: dict[str, Any] = {"api_keys": [], "invitations": []}
KEY = {"name": "Channel", "scopes": ["catalogue:write"]}
PASSWORD = "correct horse battery staple"


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="desk", document=policy(INTERVAL)), Offer(slug="room", document=policy(INTERVAL)))


def call(
    tenant: Tenant, method: str, path: str, body: object = None, if_match: str | None = None, key: str | None = None
) -> httpx.Response:
    """Call as the owner."""
    given = tenant.as_role() | (ANY_VERSION if method == "DELETE" else {})
    given |= {} if if_match is None else {"If-Match": if_match}
    given |= {} if key is None else {"Idempotency-Key": key}
    return tenant.client.request(method, f"/tenants/{tenant.slug}{path}", json=body, headers=given)


def members(tenant: Tenant) -> dict[str, dict[str, Any]]:
    items = call(tenant, "GET", "/members").json()["items"]
    return {one["email"]: one for one in items}


def member(tenant: Tenant, role: Role) -> dict[str, Any]:
    tenant.token(role)
    return members(tenant)[f"{role}@{tenant.slug}.example"]


def invited(tenant: Tenant, inbox: Inbox, email: str, role: str = "agent", **more: object) -> str:
    answer = call(tenant, "POST", "/invitations", {"email": email, "role": role, **more})
    assert answer.status_code == 201, answer.text
    return inbox.token_to(email)


def join(tenant: Tenant, token: str, **members: object) -> httpx.Response:
    body = {"token": token, "name": "Grace Hopper", "password": PASSWORD, **members}
    return tenant.client.post("/invitations/accept", json={name: value for name, value in body.items() if value})


def test_somebody_new_is_invited_accepts_and_works_here(tenant: Tenant, inbox: Inbox) -> None:
    email = f"{uuid4().hex}@example.org"
    answer = join(tenant, invited(tenant, inbox, email))
    assert (answer.status_code, answer.json()) == (201, {"tenant": tenant.slug, "role": "agent"})
    signed_in = tenant.client.post("/auth/login", json={"email": email, "password": PASSWORD}).json()
    assert [one["tenant"] for one in signed_in["memberships"]] == [tenant.slug]
    headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
    assert tenant.client.get(f"/tenants/{tenant.slug}/closures", headers=headers).status_code == 200
    assert call(tenant, "GET", "/invitations").json()["items"] == []


def test_who_has_an_account_accepts_signed_in_and_keeps_the_password(
    tenant: Tenant, inbox: Inbox, make_tenant: Callable[..., Tenant]
) -> None:
    email = f"{uuid4().hex}@example.org"
    join(tenant, invited(tenant, inbox, email))
    other = make_tenant(Offer(slug="desk", document=policy(INTERVAL)))
    token = invited(other, inbox, email, "manager")
    assert join(other, token).status_code == 401
    stranger = other.client.post("/invitations/accept", json={"token": token}, headers=tenant.as_role(Role.VIEWER))
    assert stranger.status_code == 401
    session = other.client.post("/auth/login", json={"email": email, "password": PASSWORD}).json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    assert other.client.post("/invitations/accept", json={"token": token}, headers=headers).status_code == 201
    found = other.client.get("/auth/me", headers=headers).json()["memberships"]
    assert {one["tenant"]: one["role"] for one in found} == {tenant.slug: "agent", other.slug: "manager"}


def test_an_invitation_is_repeated_under_its_key_and_told_by_one_email(tenant: Tenant, inbox: Inbox) -> None:
    email = f"{uuid4().hex}@example.org"
    body = {"email": email, "role": "agent"}
    first, second = (call(tenant, "POST", "/invitations", body, key="one") for _ in range(2))
    assert (first.status_code, first.text) == (201, second.text)
    assert (first.headers.get("idempotent-replayed"), second.headers["idempotent-replayed"]) == (None, "true")
    assert len(inbox.to(email)) == 1
    other = call(tenant, "POST", "/invitations", {**body, "role": "viewer"}, key="one")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    with psycopg.connect(tenant.database.owner) as owner:
        kept = owner.execute("SELECT body FROM idempotency_keys WHERE key = 'one'").fetchall()
    assert inbox.token_to(email).partition(".")[2] not in str(kept)


def test_another_email_takes_the_place_of_the_first(tenant: Tenant, inbox: Inbox) -> None:
    email = f"{uuid4().hex}@example.org"
    old = invited(tenant, inbox, email, "host", resource_ids=[str(tenant.ids["desk"])])
    (first,) = call(tenant, "GET", "/invitations").json()["items"]
    path = f"/invitations/{first['id']}/resend"
    answers = [call(tenant, "POST", path, key="again") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    again = answers[0].json()
    assert answers[1].json() == again
    assert len(inbox.to(email)) == 2
    assert {name: again[name] for name in ("email", "role", "resource_ids")} == {
        name: first[name] for name in ("email", "role", "resource_ids")
    }
    assert call(tenant, "GET", "/invitations").json()["items"] == [again]
    assert call(tenant, "POST", path).status_code == 404
    assert join(tenant, old).json()["violations"][0]["field"] == "token"
    assert join(tenant, inbox.token_to(email)).status_code == 201
    assert call(tenant, "POST", f"/invitations/{again['id']}/resend").status_code == 404


def test_invitations_and_keys_are_listed_in_pages(tenant: Tenant, inbox: Inbox) -> None:
    for number in range(3):
        invited(tenant, inbox, f"{uuid4().hex}@example.org")
        made = call(tenant, "POST", "/api-keys", {"name": f"Key {number}", "scopes": ["audit:read"]})
        assert made.status_code == 201
    for path in ("/invitations", "/api-keys"):
        everything = call(tenant, "GET", path).json()
        first = call(tenant, "GET", f"{path}?limit=2")
        assert 'rel="next"' in first.headers["link"]
        second = call(tenant, "GET", f"{path}?limit=2&cursor={first.json()['next_cursor']}").json()
        assert first.json()["items"] + second["items"] == everything["items"]
        assert (len(everything["items"]), second["next_cursor"], everything["next_cursor"]) == (3, None, None)
        created = [one["created_at"] for one in everything["items"]]
        assert created == sorted(created, reverse=True)


def test_one_member_is_read_with_the_version_to_change(tenant: Tenant) -> None:
    agent = member(tenant, Role.AGENT)
    answer = call(tenant, "GET", f"/members/{agent['id']}")
    assert (answer.status_code, answer.json()) == (200, agent)
    changed = call(tenant, "PATCH", f"/members/{agent['id']}", {"role": "viewer"}, if_match=answer.headers["etag"])
    assert changed.status_code == 200
    assert call(tenant, "GET", f"/members/{uuid4()}").status_code == 404


ACCEPT_GATE = """
CREATE FUNCTION wait_for_others() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$;
CREATE TRIGGER gate BEFORE UPDATE ON invitations FOR EACH STATEMENT EXECUTE FUNCTION wait_for_others();
"""
OPEN_GATE = "DROP TRIGGER gate ON invitations; DROP FUNCTION wait_for_others()"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted"
RACERS = 6


@pytest.mark.parametrize("protected", [True, False], ids=["", "control"])
def test_an_invitation_is_accepted_once_however_many_have_found_it_open(
    tenant: Tenant, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, *, protected: bool
) -> None:
    """All of them have looked before the first one is let through to say that it is accepted."""
    if not protected:
        careless = invitations.SQL["accept_invitation"].replace("AND accepted_at IS NULL", "")
        monkeypatch.setitem(invitations.SQL, "accept_invitation", careless)
    token = invited(tenant, inbox, f"{uuid4().hex}@example.org")
    with psycopg.connect(tenant.database.owner, autocommit=True) as gate, ThreadPoolExecutor(RACERS) as threads:
        gate.execute(ACCEPT_GATE)
        gate.execute("SELECT pg_advisory_lock(7)")
        futures = [threads.submit(join, tenant, token) for _ in range(RACERS)]
        eventually(lambda: gate.execute(WAITING).fetchone() == (RACERS,), "all have come to the gate")
        gate.execute("SELECT pg_advisory_unlock(7)")
        answers = [future.result() for future in futures]
        gate.execute(OPEN_GATE)
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert len(refused) == RACERS - 1
    assert set(refused) == ({"invalid_input"} if protected else {"unauthenticated"})
    assert len(members(tenant)) == 2


def test_an_invitation_that_was_taken_back_or_is_old_is_of_no_use(tenant: Tenant, inbox: Inbox) -> None:
    token = invited(tenant, inbox, f"{uuid4().hex}@example.org")
    (open_one,) = call(tenant, "GET", "/invitations").json()["items"]
    path = f"/invitations/{open_one['id']}"
    assert [call(tenant, "DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert join(tenant, token).json()["violations"][0]["field"] == "token"
    token = invited(tenant, inbox, f"{uuid4().hex}@example.org")
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("UPDATE invitations SET expires_at = clock_now() WHERE accepted_at IS NULL")
    assert join(tenant, token).status_code == 422
    for nonsense in ("nonsense", f"{tenant.slug}.secret", "nobody.secret", "."):
        assert join(tenant, nonsense).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": None}, "name"), ({"password": None}, "password"), ({"password": "short"}, "password")],
)
def test_somebody_new_needs_a_name_and_a_good_password(
    tenant: Tenant, inbox: Inbox, changes: dict[str, Any], field: str
) -> None:
    token = invited(tenant, inbox, f"{uuid4().hex}@example.org")
    answer = join(tenant, token, **changes)
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, field)
    assert join(tenant, token).status_code == 201


def test_who_works_here_is_not_invited_again(tenant: Tenant) -> None:
    email = member(tenant, Role.AGENT)["email"]
    assert call(tenant, "POST", "/invitations", {"email": email, "role": "viewer"}).status_code == 409


def test_a_host_is_invited_with_resources_of_the_tenant(
    tenant: Tenant, inbox: Inbox, make_tenant: Callable[..., Tenant]
) -> None:
    email = f"{uuid4().hex}@example.org"
    resource = str(tenant.ids["desk"])
    join(tenant, invited(tenant, inbox, email, "host", resource_ids=[resource]))
    assert members(tenant)[email]["resource_ids"] == [resource]
    foreign = str(make_tenant(Offer(slug="desk", document=policy(INTERVAL))).ids["desk"])
    for body in (
        {"email": "a@example.org", "role": "host", "resource_ids": [foreign]},
        {"email": "a@example.org", "role": "host", "resource_ids": [str(uuid4())]},
        {"email": "a@example.org", "role": "agent", "resource_ids": [resource]},
        {"email": "a@example.org", "role": "operator"},
        {"email": "a@example.org", "role": "guest"},
    ):
        assert call(tenant, "POST", "/invitations", body).status_code == 422


def test_a_resource_that_is_named_twice_is_given_once(tenant: Tenant, inbox: Inbox) -> None:
    desk = str(tenant.ids["desk"])
    wanted = {"role": "host", "resource_ids": [desk, desk]}
    tenant.token(Role.HOST)
    answer = call(tenant, "PATCH", f"/members/{member(tenant, Role.HOST)['id']}", wanted, if_match="*")
    assert (answer.status_code, answer.json()["resource_ids"]) == (200, [desk])
    email = f"twice@{tenant.slug}.example"
    assert call(tenant, "POST", "/invitations", {"email": email, **wanted}).status_code == 201
    body = {"token": inbox.token_to(email), "name": "Grace Hopper", "password": "correct horse battery"}
    assert tenant.client.post("/invitations/accept", json=body).status_code == 201


def test_a_role_is_changed_and_counts_from_the_next_request_on(tenant: Tenant) -> None:
    agent = member(tenant, Role.AGENT)
    headers = tenant.as_role(Role.AGENT)
    path = f"/members/{agent['id']}"
    assert call(tenant, "PATCH", path, {"role": "viewer"}).status_code == 428
    assert call(tenant, "PATCH", path, {"role": "viewer"}, if_match='"7"').status_code == 412
    changed = call(tenant, "PATCH", path, {"role": "viewer"}, if_match=f'"{agent["version"]}"')
    assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
    assert changed.headers["ETag"].startswith('"2-')
    assert tenant.client.post(f"/tenants/{tenant.slug}/closures", json={}, headers=headers).status_code == 403


def test_a_member_who_was_removed_is_out_at_once(tenant: Tenant) -> None:
    agent = member(tenant, Role.AGENT)
    headers = tenant.as_role(Role.AGENT)
    path = f"/tenants/{tenant.slug}/closures"
    assert tenant.client.get(path, headers=headers).status_code == 200
    assert [call(tenant, "DELETE", f"/members/{agent['id']}").status_code for _ in range(2)] == [200, 404]
    assert tenant.client.get(path, headers=headers).status_code == 404


@pytest.mark.parametrize("how", ["removed", "demoted"])
def test_a_former_owner_leaves_no_key_and_no_invitation_behind(tenant: Tenant, inbox: Inbox, how: str) -> None:
    second = member(tenant, Role.MANAGER)
    path = f"/members/{second['id']}"
    assert call(tenant, "PATCH", path, {"role": "owner"}, if_match="*").json()["revoked"] == NOTHING
    theirs, base = tenant.as_role(Role.MANAGER), f"/tenants/{tenant.slug}"
    key = tenant.client.post(f"{base}/api-keys", json=KEY, headers=theirs).json()
    mine = call(tenant, "POST", "/api-keys", KEY).json()
    assert (key["created_by"], mine["created_by"]) == (second["id"], member(tenant, Role.OWNER)["id"])
    email = f"{uuid4().hex}@example.org"
    sent = tenant.client.post(f"{base}/invitations", json={"email": email, "role": "owner"}, headers=theirs).json()
    kept = invited(tenant, inbox, f"{uuid4().hex}@example.org")
    listed = {one["id"]: one["created_by_name"] for one in call(tenant, "GET", "/api-keys").json()["items"]}
    assert listed[key["id"]] == second["name"]

    if how == "removed":
        answer = call(tenant, "DELETE", path)
    else:
        answer = call(tenant, "PATCH", path, {"role": "manager"}, if_match="*")

    assert answer.status_code == 200
    assert answer.json()["revoked"] == {
        "api_keys": [{name: key[name] for name in ("id", "name", "prefix")}],
        "invitations": [{"id": sent["id"], "email": email}],
    }
    closures = f"{base}/closures"
    statuses = [
        tenant.client.get(closures, headers={"Authorization": f"Bearer {one['key']}"}).status_code
        for one in (key, mine)
    ]
    assert statuses == [401, 200]
    body = {"token": inbox.token_to(email), "name": "Alias", "password": PASSWORD}
    assert tenant.client.post("/invitations/accept", json=body).status_code == 422
    join(tenant, kept)
    events = call(tenant, "GET", "/audit").json()["items"]
    ended = {one["entity_id"]: one["after"] for one in events if one["type"].endswith(".revoked")}
    assert ended.keys() == {key["id"], sent["id"]}
    assert all(after["created_by"] == second["id"] for after in ended.values())


def test_who_is_no_owner_any_more_makes_no_key_with_a_request_that_was_on_its_way(tenant: Tenant) -> None:
    agent, database = UUID(member(tenant, Role.AGENT)["id"]), tenant.database
    app = Database(database.app, pool_size=1, request_seconds=10)
    actor = Actor("staff", str(agent), None)
    late, invitee = NewApiKey(agent, "Late", {Scope.AUDIT_READ}, None), Invitee("late@example.org", Role.OWNER)
    with pytest.raises(ForbiddenError):
        create_api_key(Context(app, tenant.slug, actor), late, render)
    with pytest.raises(ForbiddenError):
        invite_member(Context(app, tenant.slug, actor), invitee, Mailing("", print), render)


def render(*_: object) -> Answer:
    return Answer(201, {}, "")


def test_the_last_owner_stays(tenant: Tenant) -> None:
    owner = member(tenant, Role.OWNER)
    path = f"/members/{owner['id']}"
    assert call(tenant, "DELETE", path).status_code == 409
    assert call(tenant, "PATCH", path, {"role": "agent"}, if_match="*").status_code == 409
    assert call(tenant, "PATCH", path, {"role": "owner"}, if_match="*").status_code == 200


def test_two_owners_who_demote_each_other_leave_one(tenant: Tenant) -> None:
    for _ in range(5):
        first = member(tenant, Role.OWNER)
        second = member(tenant, Role.MANAGER)
        path = f"/members/{second['id']}"
        assert call(tenant, "PATCH", path, {"role": "owner"}, if_match="*").status_code == 200
        headers = [tenant.as_role(Role.OWNER), tenant.as_role(Role.MANAGER)]
        with ThreadPoolExecutor(2) as threads:
            futures = [
                threads.submit(
                    tenant.client.patch,
                    f"/tenants/{tenant.slug}/members/{other['id']}",
                    json={"role": "manager"},
                    headers={**mine, "If-Match": "*"},
                )
                for mine, other in zip(headers, (second, first), strict=True)
            ]
        assert sorted(future.result().status_code for future in futures) in ([200, 403], [200, 409])
        with psycopg.connect(tenant.database.owner) as owner:
            assert owner.execute(COUNT_OWNERS, [tenant.slug]).fetchone() == (1,)
            owner.execute(ONE_OWNER, [first["id"], [first["id"], second["id"]]])


def test_members_are_listed_in_pages(tenant: Tenant) -> None:
    for role in (Role.OWNER, Role.MANAGER, Role.AGENT, Role.VIEWER, Role.HOST):
        tenant.token(role)
    seen: list[str] = []
    query: str | None = "?limit=2"
    while query is not None:
        page = call(tenant, "GET", f"/members{query}").json()
        seen += [one["role"] for one in page["items"]]
        query = page["next_cursor"] and f"?limit=2&cursor={page['next_cursor']}"
    assert seen == sorted(seen)
    assert len(seen) == 5


def test_what_changes_is_recorded_without_addresses(tenant: Tenant, inbox: Inbox) -> None:
    email = f"{uuid4().hex}@example.org"
    join(tenant, invited(tenant, inbox, email))
    with psycopg.connect(tenant.database.owner) as owner:
        events = owner.execute(
            "SELECT type, before, after, actor_kind FROM events"
            " WHERE tenant_id = (SELECT id FROM tenants WHERE slug = %s) ORDER BY id",
            [tenant.slug],
        ).fetchall()
    assert [event[0] for event in events] == ["member.invited", "member.added"]
    assert email not in str(events)


def test_a_key_is_shown_once_works_and_ends_at_once(tenant: Tenant) -> None:
    made = call(tenant, "POST", "/api-keys", {"name": "Channel", "scopes": ["catalogue:write"]}).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    path = f"/tenants/{tenant.slug}/closures"
    assert tenant.client.get(path, headers=headers).status_code == 200
    (listed,) = call(tenant, "GET", "/api-keys").json()["items"]
    assert listed.keys() == made.keys() - {"key"}
    assert listed["last_used_at"] is not None
    assert made["key"].startswith(f"berth_{listed['prefix']}_")
    assert [call(tenant, "DELETE", f"/api-keys/{made['id']}").status_code for _ in range(2)] == [204, 404]
    assert tenant.client.get(path, headers=headers).status_code == 401
    with psycopg.connect(tenant.database.owner) as owner:
        assert made["key"].split("_", 2)[2] not in str(owner.execute("SELECT to_jsonb(k) FROM api_keys k").fetchall())


def test_a_key_is_made_once_under_its_idempotency_key_and_its_secret_is_not_kept(tenant: Tenant) -> None:
    body = {"name": "Channel", "scopes": ["catalogue:write"]}
    first, second = (call(tenant, "POST", "/api-keys", body, key="once").json() for _ in range(2))
    assert first["key"].startswith(f"berth_{first['prefix']}_")
    assert second == {**first, "key": None}
    assert len(call(tenant, "GET", "/api-keys").json()["items"]) == 1
    with psycopg.connect(tenant.database.owner) as owner:
        kept = owner.execute("SELECT to_jsonb(k) FROM idempotency_keys k WHERE key = 'once'").fetchall()
    assert first["key"].split("_", 2)[2] not in str(kept)


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"name": " "},
        {"expires_at": (datetime.now(UTC) - timedelta(days=1)).isoformat()},
        {"secret": "mine"},
    ],
)
def test_keys_that_make_no_sense_are_refused(tenant: Tenant, changes: dict[str, Any]) -> None:
    assert (
        call(tenant, "POST", "/api-keys", {"name": "Channel", "scopes": ["audit:read"], **changes}).status_code == 422
    )
