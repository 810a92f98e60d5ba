"""Pages of other origins: what they may ask, and whose may read the answers."""

from __future__ import annotations

import html
import http.server
import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from chalice.deploy.swagger import SwaggerGenerator

import app
from chalicelib.access.tenant_origins import MOST_REMEMBERED, REMEMBERED_SECONDS, OriginsMemory
from chalicelib.database.transaction import Database as Connected
from chalicelib.http.container import container
from tests.api.tenant import PUBLIC_URL, in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.api.tenant import Tenant
    from tests.databases import Database
    from tests.offers import Json

OWN = "https://book.tenant.example"
FOREIGN = "https://evil.example"
ALLOWED = "access-control-allow-origin"
ROUTES = sorted(template for template in app.app.routes if template.startswith("/v1/"))


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    made = make_tenant(Offer(slug="cabin", document=policy(STAY), capacity=3))
    let_in(made, OWN)
    return made


@pytest.fixture(scope="module")
def other_tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabin", document=policy(STAY)))


def let_in(tenant: Tenant, *origins: str) -> httpx.Response:
    path, headers = f"/tenants/{tenant.slug}/settings", tenant.as_role()
    version = tenant.client.get(path, headers=headers).headers["ETag"]
    answer = tenant.client.patch(path, json={"origins": origins}, headers={**headers, "If-Match": version})
    assert answer.status_code == 200, answer.text
    assert answer.json()["origins"] == list(origins)
    return answer


def path_of(template: str) -> str:
    return re.sub(r"\{\w+\}", "none", template.removeprefix("/v1"))


def asked(tenant: Tenant, origin: str | None, method: str = "GET", path: str = "", **given: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
    headers = given.pop("headers", {}) | ({} if origin is None else {"Origin": origin})
    return tenant.client.request(method, f"/tenants/{tenant.slug}{path}", headers=headers, **given)


@pytest.mark.parametrize("template", ROUTES)
def test_every_path_answers_a_preflight_with_its_methods_and_a_foreign_origin_may_read_nothing(
    api_address: str, template: str
) -> None:
    path = path_of(template)
    wanted = {"Origin": FOREIGN, "Access-Control-Request-Method": "POST"}
    preflight = httpx.options(f"{api_address}{path}", headers=wanted)
    assert preflight.status_code == 200
    methods = set(app.app.routes[template])
    assert set(preflight.headers["access-control-allow-methods"].split(",")) == methods | {"OPTIONS"}
    allowed = set(preflight.headers["access-control-allow-headers"].split(","))
    assert allowed >= {
        "Authorization",
        "Content-Type",
        "Edit-Lock",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
    }
    assert preflight.headers["access-control-max-age"] == "600"
    assert "access-control-allow-credentials" not in preflight.headers
    method = min(methods)
    answer = httpx.request(method, f"{api_address}{path}", headers={"Origin": FOREIGN}, timeout=30)
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert answer.headers["vary"].split(", ")[-1] == "Origin"
    answer = httpx.request(method, f"{api_address}{path}", headers={"Origin": PUBLIC_URL}, timeout=30)
    assert answer.headers[ALLOWED] == PUBLIC_URL
    assert "access-control-allow-credentials" not in answer.headers


def test_api_gateway_is_told_the_preflight_that_the_embedded_gateway_answers(api_address: str) -> None:
    paths = SwaggerGenerator("eu-central-1", {"api_handler_arn": "arn:aws:lambda"}).generate_swagger(app.app)["paths"]
    for template in ROUTES:
        told = paths[template]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
        sent = {name.rpartition(".")[2].lower(): value.strip("'") for name, value in told["responseParameters"].items()}
        answer = httpx.options(f"{api_address}{path_of(template)}")
        assert {name: set(value.split(",")) for name, value in sent.items()} == {
            name: set(answer.headers[name].split(",")) for name in sent
        }


@pytest.mark.parametrize("origin", [OWN, PUBLIC_URL])
def test_refusals_of_every_kind_can_be_read_by_whose_origin_is_allowed(tenant: Tenant, origin: str) -> None:
    answers = [
        asked(tenant, origin, path="/settings"),
        asked(tenant, origin, path="/resources/none"),
        asked(tenant, origin, "POST", "/reservations", json={"resource_id": "?"}),
        asked(tenant, origin, "POST", "/reservations", content="{", headers={"Content-Type": "application/json"}),
        asked(tenant, origin, "POST", "/reservations", content="x", headers={"Content-Type": "text/plain"}),
        asked(tenant, origin, "PATCH", "/settings", json={}, headers=tenant.as_role()),
    ]
    assert [answer.status_code for answer in answers] == [401, 404, 422, 400, 415, 428]
    assert {answer.headers.get(ALLOWED) for answer in answers} == {origin}
    assert all("X-Request-Id" in answer.headers["access-control-expose-headers"] for answer in answers)


def test_a_tenants_own_origin_reads_that_tenant_only(tenant: Tenant, other_tenant: Tenant) -> None:
    assert asked(tenant, OWN).headers[ALLOWED] == OWN
    assert ALLOWED not in asked(other_tenant, OWN).headers
    assert ALLOWED not in tenant.client.get("/openapi.json", headers={"Origin": OWN}).headers


@pytest.mark.parametrize(
    "origin", ["null", "*", OWN.upper(), f"{OWN}.evil.example", f"{OWN}:8443", OWN.replace("https", "http"), ""]
)
def test_origins_are_compared_exactly(tenant: Tenant, origin: str) -> None:
    assert ALLOWED not in asked(tenant, origin).headers


def test_caches_keep_public_answers_apart_by_origin(tenant: Tenant) -> None:
    plain, own = asked(tenant, None), asked(tenant, OWN)
    assert ALLOWED not in plain.headers
    unchanged = asked(tenant, OWN, headers={"If-None-Match": own.headers["ETag"]})
    assert (unchanged.status_code, unchanged.headers[ALLOWED]) == (304, OWN)
    assert {answer.headers["vary"] for answer in (plain, own, unchanged)} == {"Berth-Position, Origin"}


def test_an_origin_that_is_taken_out_reads_nothing_more(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant()
    let_in(tenant, OWN, "http://localhost:5173")
    assert asked(tenant, "http://localhost:5173").headers[ALLOWED] == "http://localhost:5173"
    let_in(tenant)
    assert ALLOWED not in asked(tenant, OWN).headers


def test_a_suspended_tenants_page_reads_that_it_is_suspended(
    make_tenant: Callable[..., Tenant], api_database: Database
) -> None:
    tenant = make_tenant()
    let_in(tenant, OWN)
    with psycopg.connect(api_database.owner, autocommit=True) as connection:
        connection.execute(
            "UPDATE tenants SET suspended_at = clock_now(), suspended_reason = 'unpaid' WHERE slug = %s", [tenant.slug]
        )
    answer = asked(tenant, OWN)
    assert (answer.status_code, answer.headers.get(ALLOWED)) == (403, OWN)


def test_what_the_gateway_refuses_by_itself_can_be_read_by_any_page(tenant: Tenant) -> None:
    answers = [
        asked(tenant, OWN, path="/none"),
        asked(tenant, OWN, "PUT", "/settings"),
        asked(tenant, OWN, "POST", "/reservations", content=b" " * 2_000_000),
    ]
    assert [(answer.status_code, answer.headers[ALLOWED]) for answer in answers] == [(404, "*"), (405, "*"), (413, "*")]


def test_a_page_of_another_origin_cannot_prolong_a_session(client: httpx.Client, tenant: Tenant) -> None:
    answer = client.post("/auth/refresh", headers={"Origin": OWN, "Cookie": "berth_refresh=x"})
    assert (answer.status_code, answer.headers.get(ALLOWED)) == (403, None)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "http://book.example.com",
        "https://book.example.com/",
        "https://book.example.com:443",
        "https://Book.example.com",
        "https://user@book.example.com",
        "https://*.example.com",
        "https://book.example.com, https://evil.example",
        "https://" + "a." * 130 + "example",
    ],
)
def test_what_no_browser_would_say_is_refused_as_an_origin(tenant: Tenant, origin: str) -> None:
    headers = {**tenant.as_role(), "If-Match": "1"}
    path = f"/tenants/{tenant.slug}/settings"
    assert tenant.client.patch(path, json={"origins": [origin]}, headers=headers).status_code == 422


def test_a_tenant_may_name_ten_origins_and_no_more(tenant: Tenant) -> None:
    many = [f"https://page-{number}.example" for number in range(11)]
    headers = {**tenant.as_role(), "If-Match": "1"}
    path = f"/tenants/{tenant.slug}/settings"
    assert tenant.client.patch(path, json={"origins": many}, headers=headers).status_code == 422
    assert tenant.client.patch(path, json={"origins": many[:10]}, headers=headers).status_code == 412


class Counted:
    """A clock, and how often the database is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.asked = 0
        asking = Connected.run_without_tenant

        def count(database: Connected, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the original
            self.asked += 1
            return asking(database, *given, **named)

        monkeypatch.setattr(Connected, "run_without_tenant", count)

    def clock(self) -> float:
        return self.seconds


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


def test_a_tenants_origins_are_read_once_a_minute_and_kept_within_bounds(tenant: Tenant, counted: Counted) -> None:
    memory, database = OriginsMemory(counted.clock), container().database
    assert [memory.of_tenant(database, tenant.slug) for _ in range(5)] == [{OWN}] * 5
    assert counted.asked == 1
    counted.seconds = REMEMBERED_SECONDS
    assert memory.of_tenant(database, tenant.slug) == {OWN}
    assert counted.asked == 2
    for number in range(MOST_REMEMBERED):
        memory.of_tenant(database, f"none-{number}")
    memory.of_tenant(database, f"none-{MOST_REMEMBERED - 1}")
    assert counted.asked == 2 + MOST_REMEMBERED
    memory.of_tenant(database, tenant.slug)
    assert counted.asked == 3 + MOST_REMEMBERED
    assert memory.of_tenant(database, "no\0slug") == set()
    assert counted.asked == 3 + MOST_REMEMBERED


def test_what_was_known_last_holds_while_the_database_does_not_answer(tenant: Tenant, counted: Counted) -> None:
    memory, database = OriginsMemory(counted.clock), container().database
    memory.of_tenant(database, tenant.slug)
    counted.seconds = REMEMBERED_SECONDS
    assert memory.of_tenant(database.until(0), tenant.slug) == {OWN}
    assert OriginsMemory().of_tenant(database.until(0), tenant.slug) == set()


def test_requests_without_an_origin_cost_no_look_up(tenant: Tenant, counted: Counted) -> None:
    container().memory(OriginsMemory).forget(tenant.slug)
    asked(tenant, None)
    asked(tenant, PUBLIC_URL)
    assert counted.asked == 0
    asked(tenant, OWN)
    assert counted.asked == 1


PAGE = """<!doctype html><title>Another origin</title><pre id="outcome">nothing</pre><script>
const { address, tenant, closed, body } = DATA;
async function outcome(path, options) {
  try {
    const answer = await fetch(address + path, options);
    const read = name => answer.headers.get(name) !== null;
    const seen = ["ETag", "Location", "X-Request-Id", "Idempotent-Replayed"].filter(read);
    return [answer.status, seen, (await answer.json()).code ?? null];
  } catch (error) { return error.name; }
}
(async () => {
  const sent = { method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() } };
  document.getElementById("outcome").textContent = JSON.stringify({
    read: await outcome(`/tenants/${tenant}`),
    created: await outcome(`/tenants/${tenant}/reservations`, sent),
    replayed: await outcome(`/tenants/${tenant}/reservations`, sent),
    refused: await outcome(`/tenants/${tenant}/settings`),
    unknown: await outcome(`/tenants/${tenant}/none`),
    foreign: await outcome(`/tenants/${closed}`),
    with_cookies: await outcome(`/tenants/${tenant}`, { credentials: "include" }),
  });
})();
</script>"""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="There is no Chromium: apt-get install chromium")
def test_a_page_of_another_origin_in_chromium_reads_the_tenant_that_lets_it_in_and_no_other(
    api_address: str, make_tenant: Callable[..., Tenant], other_tenant: Tenant, tmp_path: Path
) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    guest = {"name": "Ada Lovelace", "email": "ada@example.org"}
    body = {"resource_id": str(tenant.ids["cabin"]), "check_in_on": in_days(5), "check_out_on": in_days(6)}
    data = {"address": api_address, "tenant": tenant.slug, "closed": other_tenant.slug, "body": body | {"guest": guest}}
    with served(PAGE.replace("DATA", json.dumps(data))) as origin:
        let_in(tenant, origin)
        outcome = shown(origin, tmp_path)
    assert outcome == {
        "read": [200, ["ETag", "X-Request-Id"], None],
        "created": [201, ["ETag", "Location", "X-Request-Id"], outcome["created"][2]],
        "replayed": [201, ["ETag", "Location", "X-Request-Id", "Idempotent-Replayed"], outcome["created"][2]],
        "refused": [401, ["X-Request-Id"], "unauthenticated"],
        "unknown": [404, [], "not_found"],
        "foreign": "TypeError",
        "with_cookies": "TypeError",
    }


@contextmanager
def served(page: str) -> Generator[str]:
    """Serve a page on a port of its own, which makes it another origin."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
            """Nothing on the terminal."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def shown(address: str, profile: Path) -> Json:
    """What the page says in the end, as Chromium shows it."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    waits = ["--virtual-time-budget=20000", f"--user-data-dir={profile}", "--dump-dom", f"{address}/"]
    found = subprocess.run(["chromium", *options, *waits], capture_output=True, text=True, timeout=60, check=True)
    outcome = re.search(r'<pre id="outcome">(.*?)</pre>', found.stdout)
    assert outcome is not None, found.stdout + found.stderr
    return json.loads(html.unescape(outcome[1]))
