"""A tenant's own domain: set, proven by the DNS, found by its host, taken away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

import dns.rcode
import httpx
import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.access.tenant_hosts import MOST_REMEMBERED, REMEMBERED_SECONDS, HostsMemory
from chalicelib.adapters.dns import LIFETIME_SECONDS, TxtRecords
from chalicelib.adapters.hosts import canonical_host, unicode_host
from chalicelib.core.errors import BerthError, UnavailableError
from chalicelib.http.container import container
from tests.api.tenant import PUBLIC_URL
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.dns_server import DnsServer
    from tests.offers import Json


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant], dns_server: DnsServer) -> Tenant:
    dns_server.silent, dns_server.rcode = False, dns.rcode.NOERROR
    return make_tenant(Offer(slug="cabin", document=policy(STAY)))


def own_host() -> str:
    return f"book.{uuid4().hex[:12]}.example.com"


def path(tenant: Tenant, rest: str = "") -> str:
    return f"/tenants/{tenant.slug}/domain{rest}"


def put(tenant: Tenant, host: str, **headers: str) -> httpx.Response:
    return tenant.client.put(path(tenant), json={"host": host}, headers=tenant.as_editor() | headers)


def verify(tenant: Tenant) -> httpx.Response:
    return tenant.client.post(path(tenant, "/verify"), headers=tenant.as_role())


def prove(tenant: Tenant, dns_server: DnsServer, host: str) -> Json:
    record = put(tenant, host).json()["record"]
    dns_server.records[record["name"]] = ["unrelated", record["value"]]
    answer = verify(tenant)
    assert answer.json()["verified"], answer.text
    return answer.json()


def shown(tenant: Tenant, host: str) -> str | None:
    """Which tenant a host shows."""
    answer = tenant.client.get(f"/hosts/{host}")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    return answer.json()["tenant"]


def test_a_domain_is_shown_once_its_record_is_found(tenant: Tenant, dns_server: DnsServer) -> None:
    host = own_host()
    empty = tenant.client.get(path(tenant), headers=tenant.as_role(Role.VIEWER)).json()
    assert (empty["host"], empty["verified"], empty["record"]) == (None, False, None)
    before = put(tenant, host).json()
    assert (before["host"], before["verified"], before["checked_at"], before["problem"]) == (host, False, None, None)
    assert before["record"]["name"] == f"_berth.{host}"
    missing = verify(tenant).json()
    assert (missing["verified"], missing["problem"]["code"]) == (False, "no_record")
    dns_server.records[f"_berth.{host}"] = ["berth-domain=something else"]
    other = verify(tenant).json()
    assert (other["problem"]["code"], before["record"]["value"] in other["problem"]["message"]) == (
        "other_record",
        True,
    )
    assert shown(tenant, host) is None
    assert tenant.get().json()["domain"] is None
    dns_server.records[f"_berth.{host}"].append(before["record"]["value"])
    found = verify(tenant).json()
    assert (found["verified"], found["problem"]) == (True, None)
    assert found["verified_at"] == found["checked_at"]
    assert shown(tenant, host) == shown(tenant, f"{host.upper()}.") == tenant.slug
    assert tenant.get().json()["domain"] == host
    again = put(tenant, host).json()
    assert (again["verified_at"], again["record"]) == (found["verified_at"], before["record"])


def test_a_record_may_be_in_pieces_or_behind_an_alias(tenant: Tenant, dns_server: DnsServer) -> None:
    host = own_host()
    value = put(tenant, host).json()["record"]["value"]
    dns_server.aliases[f"_berth.{host}"] = f"proof.{host}"
    dns_server.records[f"proof.{host}"] = [f'"{value[:20]}" "{value[20:]}"']
    assert verify(tenant).json()["verified"]


def test_a_domain_that_is_not_proven_any_more_is_not_shown(tenant: Tenant, dns_server: DnsServer) -> None:
    host = own_host()
    prove(tenant, dns_server, host)
    dns_server.records.clear()
    assert verify(tenant).json()["problem"]["code"] == "no_record"
    assert shown(tenant, host) is None


def test_another_host_or_none_takes_the_proof_away(tenant: Tenant, dns_server: DnsServer) -> None:
    first, second = own_host(), own_host()
    value = prove(tenant, dns_server, first)["record"]["value"]
    changed = put(tenant, second).json()
    assert (changed["verified"], changed["record"]["value"] == value) == (False, False)
    assert shown(tenant, first) is None
    prove(tenant, dns_server, second)
    assert tenant.client.delete(path(tenant), headers=tenant.as_editor()).status_code == 204
    assert shown(tenant, second) is None
    assert tenant.client.delete(path(tenant), headers=tenant.as_editor()).status_code == 404
    assert verify(tenant).status_code == 404


def test_two_tenants_may_want_a_domain_and_one_has_it(
    tenant: Tenant, dns_server: DnsServer, make_tenant: Callable[..., Tenant]
) -> None:
    host, other = own_host(), make_tenant(Offer(slug="cabin", document=policy(STAY)))
    mine, theirs = put(tenant, host).json()["record"], put(other, host).json()["record"]
    assert mine["name"] == theirs["name"]
    assert mine["value"] != theirs["value"]
    dns_server.records[mine["name"]] = [mine["value"], theirs["value"]]
    assert verify(tenant).json()["verified"]
    assert (verify(other).json()["problem"]["code"], shown(other, host)) == ("taken", tenant.slug)
    third = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    assert (put(third, host).status_code, put(third, host).json()["code"]) == (409, "conflict")
    assert tenant.client.get(path(other), headers=tenant.as_role()).status_code in {403, 404}


def test_the_database_lets_only_one_tenant_prove_a_domain(
    tenant: Tenant, dns_server: DnsServer, make_tenant: Callable[..., Tenant]
) -> None:
    host, other = own_host(), make_tenant(Offer(slug="cabin", document=policy(STAY)))
    put(other, host)
    prove(tenant, dns_server, host)
    with psycopg.connect(tenant.database.owner) as owner, pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute("UPDATE tenants SET domain_verified_at = now() WHERE slug = %s", [other.slug])


def test_a_suspended_tenant_keeps_its_domain_and_says_that_it_is_suspended(
    tenant: Tenant, dns_server: DnsServer
) -> None:
    host = own_host()
    prove(tenant, dns_server, host)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("UPDATE tenants SET suspended_at = now(), suspended_reason = 'x' WHERE slug = %s", [tenant.slug])
    assert shown(tenant, host) == tenant.slug
    assert (tenant.get().status_code, verify(tenant).json()["code"]) == (403, "tenant_suspended")


def test_pages_of_a_proven_domain_may_call_the_api(tenant: Tenant, dns_server: DnsServer) -> None:
    host = own_host()
    put(tenant, host)

    def allowed() -> str | None:
        answer = tenant.client.get(f"/tenants/{tenant.slug}", headers={"Origin": f"https://{host}"})
        return answer.headers.get("access-control-allow-origin")

    assert allowed() is None
    prove(tenant, dns_server, host)
    assert allowed() == f"https://{host}"


def test_the_dns_is_asked_for_a_bounded_time_and_nothing_changes_without_it(
    tenant: Tenant, dns_server: DnsServer
) -> None:
    host = own_host()
    proven = prove(tenant, dns_server, host)
    dns_server.silent = True
    began = time.monotonic()
    answer = verify(tenant)
    assert time.monotonic() - began < LIFETIME_SECONDS + 2
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    dns_server.silent, dns_server.rcode = False, dns.rcode.SERVFAIL
    assert verify(tenant).status_code == 503
    after = tenant.client.get(path(tenant), headers=tenant.as_role()).json()
    assert after == proven
    assert 0 < dns_server.asked.count(f"_berth.{host}") < 12


def test_checks_are_counted(tenant: Tenant) -> None:
    put(tenant, own_host())
    answers = [verify(tenant) for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {200}
    assert (answers[20].status_code, answers[20].json()["code"]) == (429, "too_many_attempts")


def test_managers_alone_change_it_and_by_its_version(tenant: Tenant) -> None:
    host = own_host()
    for role in (Role.AGENT, Role.VIEWER, Role.HOST):
        refused = tenant.client.put(path(tenant), json={"host": host}, headers=tenant.as_editor(role))
        assert refused.status_code == 403
        assert tenant.client.post(path(tenant, "/verify"), headers=tenant.as_role(role)).status_code == 403
    assert tenant.client.put(path(tenant), json={"host": host}, headers=tenant.as_role()).status_code == 428
    assert put(tenant, host, **{"If-Match": '"7"'}).status_code == 412
    tag = tenant.client.get(path(tenant), headers=tenant.as_role()).headers["etag"]
    assert put(tenant, host, **{"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "example.com:8000",
        "https://example.com",
        "example.com/path",
        "a..example.com",
        "-a.example.com",
        "printer.local",
        "db.internal",
        "a" * 64 + ".example.com",
        ".".join(["abcdefgh"] * 30),
        "exa mple.com",
        "☃.example.com\u202e",
        "xn--a.example.com",
        httpx.URL(PUBLIC_URL).host,
        f"www.{httpx.URL(PUBLIC_URL).host}",
    ],
)
def test_what_is_no_public_host_is_refused(tenant: Tenant, host: str) -> None:
    answer = put(tenant, host)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["violations"][0]["field"] == "host"


def test_names_beyond_ascii_are_one_with_their_punycode(tenant: Tenant, dns_server: DnsServer) -> None:
    label = uuid4().hex[:8]
    decomposed = put(tenant, f"Hu\u0308tte.{label}.example.com").json()
    assert decomposed["host"] == f"xn--htte-0ra.{label}.example.com"
    assert decomposed["host_shown"] == f"hütte.{label}.example.com"
    assert put(tenant, decomposed["host"]).json()["record"] == decomposed["record"]
    prove(tenant, dns_server, decomposed["host"])
    assert shown(tenant, f"h%C3%BCtte.{label}.example.com") == tenant.slug
    assert unicode_host(canonical_host("BÜCHER.example.com.")) == "bücher.example.com"


def test_a_host_nobody_has_or_that_is_none_is_not_found(tenant: Tenant) -> None:
    answer = tenant.client.get(f"/hosts/{own_host()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert shown(tenant, "localhost") is None
    assert shown(tenant, "a" * 300) is None


def test_what_a_host_shows_may_be_cached(tenant: Tenant, dns_server: DnsServer) -> None:
    host = own_host()
    prove(tenant, dns_server, host)
    answer = tenant.client.get(f"/hosts/{host}")
    assert "max-age=60" in answer.headers["cache-control"]
    again = tenant.client.get(f"/hosts/{host}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_hosts_are_remembered_for_a_minute_and_not_without_end(tenant: Tenant, dns_server: DnsServer) -> None:
    now = [0.0]
    memory, database = HostsMemory(lambda: now[0]), container().database
    host = own_host()
    assert memory.tenant_of(database, host) is None
    prove(tenant, dns_server, host)
    assert memory.tenant_of(database, host) is None
    now[0] = REMEMBERED_SECONDS + 1
    assert memory.tenant_of(database, host) == tenant.slug
    now[0] *= 3
    assert memory.tenant_of(database.until(0), host) == tenant.slug
    with pytest.raises(BerthError):
        HostsMemory().tenant_of(database.until(0), host)
    for number in range(MOST_REMEMBERED + 5):
        memory.tenant_of(database, f"h{number}.example.com")
    assert memory.tenant_of(database.until(0), f"h{MOST_REMEMBERED + 4}.example.com") is None
    with pytest.raises(BerthError):  # the first ones are forgotten
        memory.tenant_of(database.until(0), "h0.example.com")


def test_many_and_long_records_are_cut(dns_server: DnsServer) -> None:
    dns_server.silent, dns_server.rcode = False, dns.rcode.NOERROR
    dns_server.records["many.example.com"] = [f"text {number}" for number in range(80)]
    assert len(TxtRecords(dns_server.address).read("many.example.com")) == 50
    dns_server.silent = True
    with pytest.raises(UnavailableError):
        TxtRecords(dns_server.address).read("many.example.com")
    dns_server.silent = False


def test_origins_that_may_embed_are_a_setting_and_public(tenant: Tenant) -> None:
    settings = f"/tenants/{tenant.slug}/settings"

    def change(origins: list[str]) -> int:
        body = {"embed_origins": origins}
        return tenant.client.patch(settings, json=body, headers=tenant.as_editor()).status_code

    assert tenant.get().json()["embed_origins"] == []
    assert change(["https://www.example.com", "http://localhost:3000"]) == 200
    assert tenant.get().json()["embed_origins"] == ["https://www.example.com", "http://localhost:3000"]
    for refused in (["*"], ["https://*.example.com"], ["https://example.com/path"], ["http://example.com"]):
        assert change(refused) == 422
    assert change(["https://example.com; script-src *"]) == 422
    assert change([f"https://{number}.example.com" for number in range(11)]) == 422
