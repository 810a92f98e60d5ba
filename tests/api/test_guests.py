"""Guests: found, corrected and merged; told all that is known of them; and forgotten so that nothing is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.access.model.people import Role
from tests.api.tenant import ANY_VERSION, in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant

TABLES = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabins", document=policy(STAY), capacity=50))


def call(
    tenant: Tenant, method: str, path: str, body: object = None, role: Role = Role.MANAGER, if_match: str | None = None
) -> httpx.Response:
    headers = tenant.as_role(role) | (ANY_VERSION if method == "POST" else {})
    headers |= {} if if_match is None else {"If-Match": if_match}
    return tenant.client.request(method, f"/tenants/{tenant.slug}/guests{path}", json=body, headers=headers)


def stay(tenant: Tenant, day: int, **guest: object) -> dict[str, Any]:
    given = {"name": "Ada Lovelace", "email": f"{uuid4().hex}@example.org", **guest}
    return tenant.reserved("cabins", check_in_on=in_days(day), check_out_on=in_days(day + 1), guest=given)


def guests(tenant: Tenant, query: str = "", role: Role = Role.AGENT) -> list[dict[str, Any]]:
    answer = call(tenant, "GET", query, role=role)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def merged(tenant: Tenant, kept_id: str, other_id: str) -> dict[str, Any]:
    return call(tenant, "POST", f"/{kept_id}/merge", {"other_id": other_id}).json()


def test_names_are_found_whatever_their_accents_and_however_they_are_composed(tenant: Tenant) -> None:
    decomposed = stay(tenant, 3, name="Zoe\u0308 Weiß")["guest"]
    stay(tenant, 4, name="Søren Łucja")
    assert decomposed["name"] == "Zo\u00eb Weiß"
    for text in ("zoe", "ZOË", "Zoe\u0308", "zo\u00eb weiss", "Weiß"):
        assert [one["name"] for one in guests(tenant, f"?text={text}")] == ["Zo\u00eb Weiß"], text
        path = f"/tenants/{tenant.slug}/reservations"
        found = tenant.client.get(path, params={"text": text}, headers=tenant.as_role()).json()["items"]
        assert [one["guest"]["name"] for one in found] == ["Zo\u00eb Weiß"], text
    assert [one["name"] for one in guests(tenant, "?text=soren lu")] == ["Søren Łucja"]


def test_one_address_is_one_guest_however_its_domain_is_written(tenant: Tenant) -> None:
    for day, email in enumerate(("ada@Müller.example", "ada@mu\u0308ller.example", "ADA@xn--mller-kva.example"), 3):
        assert stay(tenant, day, email=email)["guest"]["email"] == "ada@xn--mller-kva.example"
    assert len(guests(tenant)) == 1
    stay(tenant, 6, email="ada+spring@müller.example")
    assert len(guests(tenant)) == 2


def test_guests_are_found_by_what_they_gave(tenant: Tenant) -> None:
    ada = stay(tenant, 3, phone="+44 20 7946 0001")["guest"]
    stay(tenant, 4, **ada)
    stay(tenant, 4, name="Grace Hopper")
    assert [one["name"] for one in guests(tenant)] == ["Grace Hopper", "Ada Lovelace"]
    for text in ("LOVE", ada["email"][:12], "7946"):
        (found,) = guests(tenant, f"?text={text}")
        assert (found["email"], found["reservations"], found["no_shows"]) == (ada["email"], 2, 0)
    first = call(tenant, "GET", "?limit=1").json()
    second = call(tenant, "GET", f"?limit=1&cursor={first['next_cursor']}").json()
    assert (second["items"][0]["name"], second["next_cursor"]) == ("Ada Lovelace", None)


def test_a_correction_counts_for_all_reservations(tenant: Tenant) -> None:
    made = stay(tenant, 3)
    (guest,) = guests(tenant)
    path = f"/{guest['id']}"
    assert call(tenant, "PATCH", path, {"name": "A"}).status_code == 428
    answer = call(tenant, "PATCH", path, {"name": "Augusta Ada King", "phone": "+44 1"}, if_match='"1"')
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert call(tenant, "PATCH", path, {"name": "A"}, if_match='"1"').status_code == 412
    assert call(tenant, "PATCH", path, {"name": None}, if_match='"2"').status_code == 422
    url = f"/tenants/{tenant.slug}/reservations/{made['id']}"
    read = tenant.client.get(url, headers=tenant.as_role()).json()
    assert (read["guest"]["name"], read["guest"]["phone"]) == ("Augusta Ada King", "+44 1")


def test_merged_guests_are_one(tenant: Tenant) -> None:
    stay(tenant, 3)
    stay(tenant, 4)
    other, kept = guests(tenant)
    answer = call(tenant, "POST", f"/{kept['id']}/merge", {"other_id": other["id"]}, Role.AGENT)
    assert (answer.status_code, answer.json()["reservations"]) == (200, 2)
    assert [one["id"] for one in guests(tenant)] == [kept["id"]]
    assert call(tenant, "POST", f"/{kept['id']}/merge", {"other_id": other["id"]}).status_code == 404
    assert call(tenant, "POST", f"/{kept['id']}/merge", {"other_id": kept["id"]}).status_code == 422


def test_nobody_is_lost_who_reserves_while_guests_are_merged(tenant: Tenant) -> None:
    for _ in range(5):
        ada = stay(tenant, 3)["guest"]
        stay(tenant, 4)
        kept, other = guests(tenant)[:2]
        assert other["email"] == ada["email"]
        with ThreadPoolExecutor(6) as threads:
            futures = [threads.submit(stay, tenant, day, **ada) for day in (5, 6, 7, 8)]
            futures.append(threads.submit(merged, tenant, kept["id"], other["id"]))
        assert all(future.result()["id"] for future in futures)


def test_all_that_is_known_of_a_person_is_told(tenant: Tenant) -> None:
    first = stay(tenant, 3)
    second = stay(tenant, 5, **{**first["guest"], "name": "Ada King", "phone": "+44 1"})
    stay(tenant, 7)
    guest = next(one for one in guests(tenant) if one["email"] == first["guest"]["email"])
    dossier = call(tenant, "POST", f"/{guest['id']}/export").json()
    assert {one["name"] for one in dossier["guests"]} == {"Ada Lovelace", "Ada King"}
    assert {one["id"] for one in dossier["reservations"]} == {first["id"], second["id"]}
    assert {event["type"] for event in dossier["events"]} == {"reservation.created"}
    assert call(tenant, "POST", f"/{guest['id']}/export", role=Role.AGENT).status_code == 403


def dump(tenant: Tenant) -> str:
    """Everything in the database."""
    with psycopg.connect(tenant.database.owner) as owner:
        names = [name for (name,) in owner.execute(TABLES)]
        query = SQL("SELECT to_jsonb(one)::text FROM {} AS one")
        return "\n".join(str(owner.execute(query.format(Identifier(name))).fetchall()) for name in names)


def test_who_was_forgotten_is_nowhere_in_the_database(tenant: Tenant) -> None:
    canary = uuid4().hex
    phone = f"+44 {uuid4().int % 10**12}"
    guest = {"name": f"Canary {canary}", "email": f"{canary}@example.org", "phone": phone}
    body = {"resource_id": str(tenant.ids["cabins"]), "guest": guest, "notes": f"Notes of {canary}"}
    stays = {"check_in_on": in_days(3), "check_out_on": in_days(4)}
    made = tenant.post("/reservations", {**body, **stays}, **{"Idempotency-Key": uuid4().hex}).json()
    again = {
        **body,
        "guest": {**guest, "name": f"Other {canary}"},
        "check_in_on": in_days(5),
        "check_out_on": in_days(6),
    }
    other = tenant.post("/reservations", again).json()
    manage = {"Authorization": f"Bearer {made['manage_token']}"}
    path = f"/reservations/{made['id']}"
    tenant.post(f"{path}/extend", {"check_out_on": in_days(5)}, **manage, **{"Idempotency-Key": uuid4().hex})
    tenant.client.patch(
        f"/tenants/{tenant.slug}{path}", json={"notes": f"More of {canary}"}, headers={**manage, "If-Match": "*"}
    )
    assert canary in dump(tenant)
    found = guests(tenant, f"?text={canary}")
    assert len(found) == 2
    anonymize = f"/{found[0]['id']}/anonymize"
    refused = call(tenant, "POST", anonymize, {"irrevocably": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflicting_reservations")
    assert {one["id"] for one in refused.json()["reservations"]} == {made["id"], other["id"]}
    for reservation in (made, other):
        tenant.cancelled(reservation)
    events = len(tenant.client.get(f"/tenants/{tenant.slug}/audit", headers=tenant.as_role()).json()["items"])
    assert call(tenant, "POST", anonymize, {}).status_code == 422
    assert call(tenant, "POST", anonymize, {"irrevocably": False}).status_code == 422
    answer = call(tenant, "POST", anonymize, {"irrevocably": True})
    assert (answer.status_code, answer.json()["name"], answer.json()["reservations"]) == (200, "Anonymous", 2)
    left = dump(tenant)
    assert canary not in left
    assert phone not in left
    after = tenant.client.get(f"/tenants/{tenant.slug}/audit", headers=tenant.as_role()).json()["items"]
    assert len(after) == events + 2
    read = tenant.client.get(f"/tenants/{tenant.slug}{path}", headers=tenant.as_role()).json()
    assert (read["state"], read["notes"], read["price"]) == ("cancelled", "", {**read["price"], "total": 20000})
    assert call(tenant, "GET", f"/{found[0]['id']}").status_code == 404
    assert call(tenant, "PATCH", f"/{answer.json()['id']}", {"name": "Ada"}, if_match="*").status_code == 409


def test_nobody_is_forgotten_who_reserves_at_the_same_moment(tenant: Tenant) -> None:
    for _ in range(8):
        ada = stay(tenant, 3)
        tenant.cancelled(ada)
        (guest,) = guests(tenant, f"?text={ada['guest']['email']}")
        with ThreadPoolExecutor(5) as threads:
            making = [threads.submit(stay, tenant, day, **ada["guest"]) for day in (5, 6, 7, 8)]
            forgetting = threads.submit(call, tenant, "POST", f"/{guest['id']}/anonymize", {"irrevocably": True})
        assert forgetting.result().status_code in {200, 409}
        for future in making:
            path = f"/tenants/{tenant.slug}/reservations/{future.result()['id']}"
            assert tenant.client.get(path, headers=tenant.as_role()).json()["guest"] == ada["guest"]


def test_guests_of_another_tenant_are_none(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    other = make_tenant(Offer(slug="cabins", document=policy(STAY)))
    stay(other, 3)
    stay(tenant, 3)
    (foreign,), (own,) = guests(other), guests(tenant)
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "X"}),
        ("POST", "/export", None),
        ("POST", "/anonymize", {"irrevocably": True}),
        ("POST", "/merge", {"other_id": own["id"]}),
    ):
        assert call(tenant, method, f"/{foreign['id']}{path}", body, if_match="*").status_code == 404
    assert call(tenant, "POST", f"/{own['id']}/merge", {"other_id": foreign["id"]}).status_code == 404
    assert guests(other)[0]["name"] == "Ada Lovelace"
    assert call(tenant, "GET", "", role=Role.HOST).status_code == 403
