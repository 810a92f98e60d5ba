"""What staff do when a guest stands before them: check in early, and sell the night that is running."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from chalicelib.access.model.people import MEMBER_ROLES, Role, Scope
from chalicelib.adapters.tokens import Tokens
from tests.api.tenant import SIGNING_KEY, asked
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

MINUTES = {**INTERVAL, "step_minutes": 1, "min_minutes": 1}
NOON_TO_NOON = policy({**STAY, "check_in_time": "16:00", "check_out_time": "15:00"})
LINK_HOST = """
INSERT INTO membership_resources (tenant_id, user_id, resource_id)
SELECT tenant.id, person.id, %s FROM tenants AS tenant, users AS person WHERE tenant.slug = %s AND person.email = %s
"""
END_SESSIONS = """
UPDATE sessions SET revoked_at = clock_now(), revoked_because = 'signed_out'
FROM users WHERE users.id = sessions.user_id AND users.email = %s
"""


def zone_of_noon() -> str:
    """A zone in which it is about noon now, so that no test meets a midnight."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


def in_minutes(number: int) -> str:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return (now + timedelta(minutes=number)).isoformat()


@pytest.mark.parametrize(("early_minutes", "accepted"), [(None, [True, False]), (120, [True, True]), (0, [False] * 2)])
def test_guests_are_checked_in_as_early_as_the_tenant_says(
    early_minutes: int | None, accepted: list[bool], make_tenant: Callable[..., Tenant]
) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(MINUTES, per="hour"), capacity=2))
    if early_minutes is not None:
        change = {"check_in_early_minutes": early_minutes}
        headers = tenant.as_role() | {"If-Match": '"1"'}
        answer = tenant.client.patch(f"/tenants/{tenant.slug}/settings", json=change, headers=headers)
        assert answer.status_code == 200, answer.text
    found = list[bool]()
    for minutes in (40, 100):
        made = tenant.reserved("room", starts_at=in_minutes(minutes), ends_at=in_minutes(minutes + 60))
        answer = tenant.post(f"/reservations/{made['id']}/check-in", {}, **tenant.as_editor())
        found.append(answer.status_code == 200)
        if not found[-1]:
            assert [one["code"] for one in answer.json()["violations"]] == ["too_early"]
    assert found == accepted


def test_the_night_that_is_running_is_sold_by_staff_alone(make_tenant: Callable[..., Tenant]) -> None:
    zone = zone_of_noon()
    document = policy({**STAY, "check_in_time": "16:00", "check_out_time": "15:00"})
    tenant = make_tenant(Offer(slug="room", document=document, capacity=2), timezone=zone)
    today = datetime.now(ZoneInfo(zone)).date()

    def reserve(first_on: date, **headers: str) -> tuple[int, list[str]]:
        guest = {"name": "Ada", "email": "ada@example.org"}
        dates = {"check_in_on": first_on.isoformat(), "check_out_on": (today + timedelta(days=1)).isoformat()}
        wanted = {"resource_id": str(tenant.ids["room"]), "guest": guest, **dates}
        answer = tenant.post("/reservations", wanted, **headers)
        return answer.status_code, [one["code"] for one in answer.json().get("violations", [])]

    last_night = today - timedelta(days=1)
    assert reserve(last_night) == (422, ["in_the_past"])
    assert reserve(last_night, **tenant.as_role()) == (201, [])
    assert reserve(last_night - timedelta(days=1), **tenant.as_role()) == (422, ["in_the_past"])


def test_where_the_running_night_is_taken_staff_are_told_who_else_has_it(make_tenant: Callable[..., Tenant]) -> None:
    zone = zone_of_noon()
    document = policy({**STAY, "check_in_time": "16:00", "check_out_time": "15:00"})
    tenant = make_tenant(Offer(slug="room", document=document), Offer(slug="other", document=document), timezone=zone)
    today = datetime.now(ZoneInfo(zone)).date()
    dates = {"check_in_on": str(today - timedelta(days=1)), "check_out_on": str(today + timedelta(days=1))}
    guest = {"name": "Ada", "email": "ada@example.org"}
    wanted = {"resource_id": str(tenant.ids["room"]), "guest": guest, **dates}
    assert tenant.post("/reservations", wanted, **tenant.as_role()).status_code == 201
    refused = tenant.post("/reservations", wanted, **tenant.as_role())
    offered = [(one["resource_id"], one["check_in_on"]) for one in refused.json()["alternatives"]]
    assert (refused.status_code, (str(tenant.ids["other"]), dates["check_in_on"]) in offered) == (409, True)


# What is listed is what can be reserved, for whoever asks


class Desk:
    """A tenant at noon, whose last night lasts until three, and somebody who stands at the desk."""

    def __init__(self, tenant: Tenant, token: str | None, resource: str = "room") -> None:
        self.tenant, self.resource = tenant, resource
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.today = datetime.now(ZoneInfo(tenant.get().json()["timezone"])).date()
        self.last_night = self.today - timedelta(days=1)
        self.dates = {"check_in_on": str(self.last_night), "check_out_on": str(self.today + timedelta(days=1))}

    def get(self, path: str, query: dict[str, str], **headers: str) -> httpx.Response:
        path = f"/tenants/{self.tenant.slug}{path}"
        return self.tenant.client.get(path, params=query, headers={**self.headers, **headers})

    def search(self, **headers: str) -> httpx.Response:
        return self.get("/availability", asked(self.dates), **headers)

    def listed(self) -> list[bool]:
        """What the search, the catalogue, the nights and a quote say."""
        searched = {one["slug"]: one for one in self.search().json()["items"]}[self.resource]
        catalogue = [one["slug"] for one in self.get("/resources", asked(self.dates)).json()["items"]]
        path = f"/resources/{self.resource}/availability"
        nights = self.get(path, {}).json()["nights"]
        since = {"from": str(self.today - timedelta(days=5)), "until": self.dates["check_out_on"]}
        known = self.get(path, since).json()["nights"]
        begins = {night["on"]: night["can_check_in"] for night in nights}
        assert {night["on"]: night["can_check_in"] for night in known} == dict(list(begins.items())[: len(known)])
        return [
            searched["bookable"],
            self.resource in catalogue,
            begins.get(self.dates["check_in_on"], False),
            self.quote()["bookable"],
        ]

    def quote(self) -> Json:
        answer = self.tenant.post("/quotes", self.wanted(), **self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reserve(self, **members: object) -> httpx.Response:
        guest = {"name": "Ada", "email": f"{uuid4().hex}@example.org"}
        return self.tenant.post("/reservations", {**self.wanted(), "guest": guest, **members}, **self.headers)

    def wanted(self) -> Json:
        return {"resource_id": str(self.tenant.ids[self.resource]), **self.dates}


@pytest.fixture(scope="module")
def house(make_tenant: Callable[..., Tenant]) -> Tenant:
    rooms = [Offer(slug=slug, document=NOON_TO_NOON, capacity=50) for slug in ("room", "other")]
    tenant = make_tenant(*rooms, timezone=zone_of_noon())
    tenant.token(Role.HOST)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LINK_HOST, [tenant.ids["room"], tenant.slug, f"host@{tenant.slug}.example"])
    return tenant


def key(tenant: Tenant, scope: Scope) -> str:
    answer = tenant.post("/api-keys", {"name": "Till", "scopes": [scope]}, **tenant.as_role())
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]


def manage_token(tenant: Tenant) -> str:
    return Tokens([SIGNING_KEY]).issue_manage_token(tenant.slug, uuid4())


WHO: dict[str, tuple[Callable[[Tenant], str | None], bool]] = {
    "nobody": (lambda _: None, False),
    **{role: (lambda tenant, role=role: tenant.token(role), role is not Role.VIEWER) for role in MEMBER_ROLES},
    "operator": (lambda tenant: tenant.token(Role.OPERATOR), False),
    "key": (lambda tenant: key(tenant, Scope.RESERVATIONS_WRITE), True),
}


@pytest.mark.parametrize("who", WHO)
def test_the_running_night_is_listed_for_exactly_those_who_can_reserve_it(who: str, house: Tenant) -> None:
    token, sells = WHO[who]
    desk = Desk(house, token(house))
    assert (desk.listed(), desk.reserve().status_code) == ([sells] * 4, 201 if sells else 422)


def test_hosts_sell_the_running_night_of_their_own_resources_alone(house: Tenant) -> None:
    desk = Desk(house, house.token(Role.HOST), "other")
    assert (desk.listed(), desk.reserve().status_code) == ([False] * 4, 404)


def test_credentials_that_prove_nothing_here_make_their_bearer_anybody(
    house: Tenant, make_tenant: Callable[..., Tenant]
) -> None:
    other = make_tenant(Offer(slug="room", document=NOON_TO_NOON), timezone=zone_of_noon())
    ended = make_tenant(timezone=zone_of_noon())
    ended.token()
    tokens = [other.token(), key(other, Scope.RESERVATIONS_WRITE), key(house, Scope.RESERVATIONS_READ)]
    tokens += ["berth_none_such", manage_token(house)]
    public = Desk(house, None).search()
    for token in tokens:
        desk = Desk(house, token)
        answer = desk.search()
        assert (answer.status_code, answer.content) == (200, public.content)
        assert desk.listed() == [False] * 4
    with psycopg.connect(house.database.owner) as owner:
        owner.execute(END_SESSIONS, [f"owner@{ended.slug}.example"])
    assert Desk(ended, ended.token()).search().headers["cache-control"] == "public, max-age=5"
    for token, status in (("no.such.token", 401), (manage_token(other), 404)):
        desk = Desk(house, token)
        assert {desk.search().status_code, desk.get("/resources", asked(desk.dates)).status_code} == {status}
        assert house.post("/quotes", desk.wanted(), **desk.headers).status_code == status


def test_the_running_night_is_reserved_at_the_price_that_was_quoted(house: Tenant) -> None:
    desk = Desk(house, house.token())
    price = desk.quote()["price"]
    made = desk.reserve(expected_price={name: price[name] for name in ("currency", "decimals", "total")})
    assert (made.status_code, made.json()["price"]) == (201, price)


def cached(answer: httpx.Response) -> str:
    """How caches keep an answer, but not for how long: less, where it was put together a moment ago."""
    return answer.headers["cache-control"].partition("=")[0]


@pytest.mark.parametrize("path", ["/availability", "/resources", "/resources/room/availability"])
def test_no_cache_keeps_what_staff_are_told_nor_takes_it_for_what_the_public_is_told(path: str, house: Tenant) -> None:
    guest, viewer, staff = (Desk(house, token) for token in (None, house.token(Role.VIEWER), house.token()))
    ahead = str(guest.today + timedelta(days=3))
    same = (
        {"from": ahead}
        if path.startswith("/resources/")
        else {"from": ahead, "until": str(guest.today + timedelta(days=5))}
    )
    public, told = guest.get(path, same), staff.get(path, same)
    assert public.content == told.content == viewer.get(path, same).content
    assert cached(public) == cached(viewer.get(path, same))
    assert public.headers["cache-control"].startswith("public, max-age=")
    assert public.headers["etag"] == f'"{hashlib.sha256(public.content).hexdigest()[:32]}"'
    assert told.headers["cache-control"] == "no-store"
    for desk, own, others in ((guest, public, told), (staff, told, public)):
        unchanged = desk.get(path, same, **{"If-None-Match": own.headers["etag"]})
        assert (unchanged.status_code, cached(unchanged)) == (304, cached(own))
        assert desk.get(path, same, **{"If-None-Match": others.headers["etag"]}).status_code == 200
        assert {answer.headers["vary"] for answer in (own, unchanged)} == {"Authorization, Berth-Position, Origin"}
