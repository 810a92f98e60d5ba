"""What anonymous callers may do is counted: by where they are, by the guest's email, and by tenant."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from chalicelib.access.model.limits import PREVIEWS_PER_WRITE, Limits
from chalicelib.access.model.people import Role, Scope
from chalicelib.http.container import container
from chalicelib.http.endpoint import ENDPOINTS
from tests.api.emails import spellings
from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

NO_LIMITS = Limits(writes_from_address=0, writes_of_email=0, writes_of_tenant=0, holds_from_address=0, holds_of_email=0)
HOLD: Json = {"kind": "hold", "hold_minutes": 30}
PENDING: Json = {"kind": "pending", "grace_minutes": 60}


class Caller:
    """Somebody at an address of their own, under limits."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._services = container()
        self.elsewhere()

    def elsewhere(self) -> None:
        """Call from another network than ever before."""
        self.at(f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1")

    def at(self, address: str) -> None:
        """Call from there."""
        self._patch.setattr("chalicelib.http.current.address", lambda: address)

    def under(self, **limits: int) -> None:
        """Have only these limits."""
        config = replace(self._services.config, limits=replace(NO_LIMITS, **limits))
        services = replace(self._services, config=config)
        self._patch.setattr("chalicelib.http.container._builders", [lambda: services])


@pytest.fixture
def caller(api_address: str, monkeypatch: pytest.MonkeyPatch) -> Caller:
    assert api_address
    return Caller(monkeypatch)


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="cabin", document=policy(STAY), capacity=50),
        Offer(slug="held", document=policy(STAY, confirmation=HOLD), capacity=50),
        Offer(slug="queue", document=policy(STAY, confirmation=PENDING), capacity=50),
        Offer(slug="hut", document=policy(STAY), capacity=1),
    )


@pytest.fixture
def other(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabin", document=policy(STAY), capacity=50))


def body(tenant: Tenant, resource: str = "cabin", email: str | None = None, nights: int = 1, **more: object) -> Json:
    email = email or f"{uuid4().hex}@example.org"
    times = {"check_in_on": in_days(5), "check_out_on": in_days(5 + nights)}
    return {"resource_id": str(tenant.ids[resource]), "guest": {"name": "A", "email": email}, **times, **more}


def reserve(tenant: Tenant, resource: str = "cabin", email: str | None = None, **headers: str) -> httpx.Response:
    return tenant.post("/reservations", body(tenant, resource, email), **headers)


def series(tenant: Tenant, resource: str, email: str | None = None, preview: str = "") -> httpx.Response:
    given = body(tenant, resource, email, rule="FREQ=WEEKLY;COUNT=3", first_on=in_days(6), nights_=1)
    given = {name: value for name, value in given.items() if not name.startswith("check_") and name != "nights_"}
    return tenant.post(f"/series{preview}", {**given, "nights": 1})


def waits(tenant: Tenant, email: str | None = None) -> httpx.Response:
    return tenant.post("/waitlist", body(tenant, "hut", email))


def codes(answers: list[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


def throttled(answer: httpx.Response, most: int) -> None:
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts"), answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= most


def test_an_address_writes_so_often_whatever_becomes_of_it(tenant: Tenant, other: Tenant, caller: Caller) -> None:
    caller.under(writes_from_address=5)
    network = f"2001:db8:{uuid4().hex[:4]}:1"
    caller.at(f"{network}::1")
    assert codes([reserve(tenant), series(tenant, "cabin"), waits(tenant)]) == [201, 201, 409]  # there is room
    caller.at(f"{network}:ffff::2")  # the same /64
    assert codes([reserve(other), reserve(other)]) == [201, 201]
    throttled(reserve(tenant), 600)
    throttled(series(other, "cabin"), 600)
    throttled(waits(tenant), 600)
    caller.elsewhere()
    assert reserve(tenant).status_code == 201


def test_an_email_is_reserved_for_so_often_from_wherever(tenant: Tenant, caller: Caller) -> None:
    caller.under(writes_of_email=2)
    email = f"{uuid4().hex}@example.org"
    answers: list[httpx.Response] = []
    for _ in range(3):
        caller.elsewhere()
        answers.append(reserve(tenant, email=email))
    assert codes(answers) == [201, 201, 429]
    assert "for this guest" in answers[-1].json()["detail"]
    assert reserve(tenant).status_code == 201


def test_a_tenant_is_written_to_so_often_and_no_address_uses_that_up(
    make_tenant: Callable[..., Tenant], other: Tenant, caller: Caller
) -> None:
    caller.under(writes_from_address=2, writes_of_tenant=4)
    answers = [reserve(other) for _ in range(6)]
    assert codes(answers) == [201, 201, 429, 429, 429, 429]
    caller.elsewhere()
    assert codes([reserve(other), reserve(other)]) == [201, 201]
    caller.elsewhere()
    throttled(reserve(other), 600)
    assert reserve(make_tenant(Offer(slug="cabin", document=policy(STAY)))).status_code == 201


def test_those_who_work_for_the_tenant_are_not_counted(tenant: Tenant, other: Tenant, caller: Caller) -> None:
    caller.under(writes_from_address=1, writes_of_email=1)
    staff = tenant.as_role(Role.AGENT)
    key = tenant.staff("/api-keys", name="Door", scopes=[Scope.RESERVATIONS_WRITE])["key"]
    email = f"{uuid4().hex}@example.org"
    keyed = {"Authorization": f"Bearer {key}"}
    assert codes([reserve(tenant, email=email, **who) for who in (staff, keyed, staff, keyed)]) == [201] * 4
    first = reserve(tenant)
    assert first.status_code == 201
    # Neither a manage token nor being somebody of another tenant makes anyone known here.
    guest = {"Authorization": f"Bearer {first.json()['manage_token']}"}
    throttled(reserve(tenant, **guest), 600)
    caller.elsewhere()
    assert codes([reserve(other, **tenant.as_role()) for _ in range(2)]) == [201, 429]


def test_a_repeated_request_gets_its_answer_though_nothing_more_would_be_taken(tenant: Tenant, caller: Caller) -> None:
    caller.under(writes_from_address=1)
    given, key = body(tenant), {"Idempotency-Key": uuid4().hex}
    first = tenant.post("/reservations", given, **key)
    assert first.status_code == 201
    throttled(reserve(tenant), 600)
    again = tenant.post("/reservations", given, **key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == first.json()


def test_a_refusal_stores_nothing_and_reading_is_not_counted(tenant: Tenant, caller: Caller) -> None:
    caller.under(writes_from_address=1)
    assert reserve(tenant).status_code == 201
    with psycopg.connect(tenant.database.owner) as owner:
        query = "SELECT count(*) FROM reservations AS r JOIN tenants AS t ON t.id = r.tenant_id WHERE t.slug = %s"
        before: Any = owner.execute(query, [tenant.slug]).fetchone()
        throttled(reserve(tenant), 600)
        assert owner.execute(query, [tenant.slug]).fetchone() == before
    assert tenant.get("/resources").status_code == 200
    assert series(tenant, "cabin", preview="/preview").status_code == 200


@pytest.mark.parametrize("resource", ["held", "queue"])
def test_an_email_holds_or_waits_for_so_much_in_a_day(tenant: Tenant, caller: Caller, resource: str) -> None:
    caller.under(holds_of_email=2)
    email = f"{uuid4().hex}@example.org"
    assert codes([reserve(tenant, resource, email), series(tenant, resource, email)]) == [201, 201]
    throttled(reserve(tenant, resource, email), 3600)
    throttled(series(tenant, resource, email), 3600)
    assert reserve(tenant, "cabin", email).status_code == 201  # what is confirmed holds nothing back
    assert reserve(tenant, resource).status_code == 201
    staff = reserve(tenant, resource, email, **tenant.as_role(Role.AGENT))
    assert staff.status_code == 201


def from_everywhere(caller: Caller, ask: Callable[[str], httpx.Response]) -> list[int]:
    """Ask with each spelling of an email, from another network each time."""
    statuses: list[int] = []
    for email in spellings():
        caller.elsewhere()
        statuses.append(ask(email).status_code)
    return statuses


def test_writes_are_counted_for_an_email_however_it_is_written(tenant: Tenant, caller: Caller) -> None:
    caller.under(writes_of_email=1)
    assert from_everywhere(caller, lambda email: reserve(tenant, email=email)) == [201] + [429] * 5
    assert from_everywhere(caller, lambda email: series(tenant, "cabin", email)) == [201] + [429] * 5


def test_holds_are_counted_for_an_email_however_it_is_written(
    make_tenant: Callable[..., Tenant], caller: Caller
) -> None:
    hut = Offer(slug="hut", document=policy(STAY))
    tenant = make_tenant(hut, Offer(slug="held", document=policy(STAY, confirmation=HOLD), capacity=50))
    caller.under(holds_of_email=1)
    assert reserve(tenant, "hut").status_code == 201
    assert from_everywhere(caller, lambda email: reserve(tenant, "held", email)) == [201] + [429] * 5
    assert from_everywhere(caller, lambda email: waits(tenant, email)) == [201] + [429] * 5


def test_an_address_holds_so_much_in_a_day_of_each_tenant(
    tenant: Tenant, make_tenant: Callable[..., Tenant], caller: Caller
) -> None:
    caller.under(holds_from_address=2)
    elsewhere = make_tenant(Offer(slug="held", document=policy(STAY, confirmation=HOLD), capacity=9))
    assert codes([reserve(tenant, "held") for _ in range(3)]) == [201, 201, 429]
    assert reserve(elsewhere, "held").status_code == 201
    caller.elsewhere()
    assert reserve(tenant, "held").status_code == 201


def test_an_address_waits_on_the_waitlist_so_often(make_tenant: Callable[..., Tenant], caller: Caller) -> None:
    tenant = make_tenant(Offer(slug="hut", document=policy(STAY)))
    caller.under(holds_from_address=2)
    assert reserve(tenant, "hut").status_code == 201
    assert codes([waits(tenant) for _ in range(3)]) == [201, 201, 429]


@pytest.mark.parametrize(("resource", "limit"), [("cabin", "writes_from_address"), ("held", "holds_from_address")])
def test_those_who_come_at_the_same_time_are_counted_one_by_one(
    tenant: Tenant, caller: Caller, resource: str, limit: str
) -> None:
    caller.under(**{limit: 3})
    with ThreadPoolExecutor(8) as pool:
        answers = [one.result() for one in [pool.submit(reserve, tenant, resource) for _ in range(16)]]
    assert sorted(codes(answers)) == [201] * 3 + [429] * 13


def test_previews_are_bounded_and_use_up_no_write(tenant: Tenant, caller: Caller) -> None:
    for limit in ("writes_from_address", "writes_of_email"):
        wanted = body(tenant)
        unknown = {name: value for name, value in wanted.items() if name != "guest"}
        tried = unknown if limit == "writes_from_address" else wanted
        caller.elsewhere()
        caller.under(**{limit: 1})
        answers = [tenant.post("/reservations/preview", tried).status_code for _ in range(PREVIEWS_PER_WRITE + 1)]
        assert answers == [200] * PREVIEWS_PER_WRITE + [429]
        if tried is unknown:
            assert series(tenant, "cabin", preview="/preview").status_code == 429
        assert tenant.post("/reservations", wanted).status_code == 201
        assert (
            tenant.post("/reservations/preview", tried, **tenant.as_role()).status_code == 200
        )  # staff are not counted


def test_all_that_anonymous_callers_write_with_is_counted() -> None:
    written = [one for one in ENDPOINTS if Role.ANYONE in one.roles and one.idempotent]
    assert {one.path.rpartition("/")[2] for one in written} == {"reservations", "series", "waitlist"}
    assert all(one.counted for one in written)
    tried = {one.path for one in ENDPOINTS if Role.ANYONE in one.roles and one.previews}
    assert tried == {f"{one.path}/preview" for one in written if not one.path.endswith("/waitlist")}
    assert all(one.counted for one in ENDPOINTS if one.path in tried)
