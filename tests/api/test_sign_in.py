"""Signing in with a password: sessions begin, go on, end; nobody learns who exists; attempts are counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from chalicelib.adapters import passwords
from tests.api.emails import spellings
from tests.offers import INTERVAL, Offer, policy
from tools.people import add_member, add_user

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from tests.api.inbox import Inbox
    from tests.api.tenant import Tenant
    from tests.databases import Database

PASSWORD = "correct horse battery staple"
ANOTHER = "staple battery horse correct"
NOBODYS = UUID(int=7)
"""The id of no session and no email."""
HASH = passwords.hash_password(PASSWORD)


@dataclass
class Browser:
    """Somebody with a cookie jar, at an address of their own."""

    client: httpx.Client
    email: str
    token: str = ""
    cookie: str = ""

    def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        """POST below /auth, with the access token and the cookie if there are any."""
        given = {"Cookie": f"berth_refresh={self.cookie}", "Authorization": f"Bearer {self.token}", **headers}
        kept = {name: value for name, value in given.items() if not value.endswith(("=", "Bearer "))}
        return self.client.post(f"/auth/{path}", json=body, headers=kept)

    def log_in(self, password: str = PASSWORD) -> httpx.Response:
        """Sign in and keep what comes."""
        return self._keep(self.client.post("/auth/login", json={"email": self.email, "password": password}))

    def refresh(self) -> httpx.Response:
        """Prolong the session and keep what comes."""
        answer = self.client.post("/auth/refresh", headers={"Cookie": f"berth_refresh={self.cookie}"})
        return self._keep(answer)

    def me(self) -> httpx.Response:
        """Ask who one is."""
        return self.client.get("/auth/me", headers={"Authorization": f"Bearer {self.token}"})

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            self.token = answer.json()["access_token"]
            (cookie,) = [one for one in answer.headers.get_list("Set-Cookie") if one.startswith("berth_refresh=")]
            self.cookie = SimpleCookie(cookie)["berth_refresh"].value
        return answer

    def copy(self) -> Browser:
        """The same credentials in other hands."""
        return Browser(self.client, self.email, self.token, self.cookie)


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="desk", document=policy(INTERVAL)))


@pytest.fixture
def browser(client: httpx.Client, tenant: Tenant) -> Generator[Browser]:
    """Somebody new, an agent of the tenant."""
    email = f"{uuid4().hex}@example.org"
    with psycopg.connect(tenant.database.owner) as owner:
        add_member(owner, tenant.slug, add_user(owner, email, "Ada Lovelace", password_hash=HASH), "agent")
    forget_addresses(tenant.database)
    yield Browser(client, email)
    forget_addresses(tenant.database)  # other tests sign in from there, too


def forget_addresses(database: Database) -> None:
    """All tests come from one address; only some are about that."""
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM throttles")


def at_once(calls: Sequence[Callable[[], httpx.Response]]) -> list[int]:
    """Make all calls at the same time and return the statuses."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result().status_code for future in [threads.submit(call) for call in calls]]


def count(database: Database, query: str) -> Any:  # noqa: ANN401 - whatever is counted
    with psycopg.connect(database.owner) as owner:
        row = owner.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_signing_in_tells_who_one_is_and_for_whom_one_works(browser: Browser, tenant: Tenant) -> None:
    answer = browser.log_in()
    body = answer.json()
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 900)
    assert body["user"]["email"] == browser.email
    assert [(one["tenant"], one["role"]) for one in body["memberships"]] == [(tenant.slug, "agent")]
    assert browser.me().json() == {name: body[name] for name in ("user", "memberships")}


def test_the_address_may_be_written_in_capitals(browser: Browser) -> None:
    browser.email = browser.email.upper()
    assert browser.log_in().status_code == 200


def test_a_password_that_was_set_in_decomposed_form_still_holds_and_is_kept_composed(
    browser: Browser, api_database: Database
) -> None:
    composed, decomposed = "caf\u00e9 au lait et croissants", "cafe\u0301 au lait et croissants"
    with psycopg.connect(api_database.owner) as owner:
        owner.execute(
            "UPDATE users SET password_hash = %s WHERE email = %s",
            [passwords.hash_password(decomposed), browser.email],
        )
    for written in (composed, decomposed):
        assert browser.log_in(written).status_code == 200
    assert browser.log_in("cafe au lait et croissants").status_code == 401
    with psycopg.connect(api_database.owner) as owner:
        query = "SELECT password_hash FROM users WHERE email = %s"
        [(kept,)] = owner.execute(query, [browser.email]).fetchall()
    assert not passwords.is_outdated(kept, composed)


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(browser: Browser) -> None:
    cookie = browser.log_in().headers["Set-Cookie"]
    for part in ("; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/api/v1/auth;"):
        assert part in cookie
    assert browser.cookie not in browser.log_in().text


def test_secrets_are_stored_as_hashes_only(browser: Browser, api_database: Database) -> None:
    browser.log_in()
    secret = browser.cookie.partition(".")[2]
    with psycopg.connect(api_database.owner) as owner:
        for table in ("users", "sessions", "refresh_tokens", "throttles"):
            text = str(owner.execute(f"SELECT to_jsonb(one)::text FROM {table} AS one".encode()).fetchall())  # noqa: S608 - our own names
            assert secret not in text
            assert PASSWORD not in text
    assert count(api_database, "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'")


@pytest.mark.parametrize("password", ["wrong", "correct horse battery staplE", f" {PASSWORD}", "ä" * 256])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(browser: Browser, password: str) -> None:
    wrong = browser.log_in(password)
    browser.email = f"{uuid4().hex}@example.org"
    unknown = browser.log_in(password)
    assert wrong.status_code == unknown.status_code == 401
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert "Set-Cookie" not in wrong.headers


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "ada@example.org"}, "password"),
        ({"email": "ada", "password": PASSWORD}, "email"),
        ({"email": "ada@example.org", "password": "x" * 257}, "password"),
        ({"email": "ada@example.org", "password": ""}, "password"),
        ({"email": "ada@example.org", "password": "nul\0nul"}, "password"),
        ({"email": "ada@example.org", "password": 12345678901}, "password"),
        ({"email": "ada@example.org", "password": PASSWORD, "role": "owner"}, "role"),
    ],
)
def test_credentials_that_make_no_sense_are_named(client: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = client.post("/auth/login", json=body)
    assert answer.status_code in {400, 422}
    assert answer.json()["violations"][0]["field"] == field


def test_an_unknown_address_costs_as_much_as_a_wrong_password(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    real = passwords.is_password

    def remembering(stored: str | None, given: str) -> bool:
        asked.append(stored)
        return real(stored, given)

    monkeypatch.setattr(passwords, "is_password", remembering)
    browser.log_in("wrong")
    browser.email = f"{uuid4().hex}@example.org"
    browser.log_in("wrong")
    assert asked == [HASH, None]


def test_ten_wrong_passwords_close_the_account_for_a_while(browser: Browser) -> None:
    assert [browser.log_in("wrong").status_code for _ in range(10)] == [401] * 10
    closed = browser.log_in()
    assert (closed.status_code, closed.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(closed.headers["Retry-After"]) <= 900
    browser.email = f"other-{browser.email}"
    assert browser.log_in().status_code == 401


def anonymous_callers_try(browser: Browser, database: Database) -> None:
    """As if hosts all over the world had guessed at the account."""
    browser.log_in("wrong")
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE throttles SET failures = 1000")


def device_of(answer: httpx.Response) -> str:
    (cookie,) = [one for one in answer.headers.get_list("Set-Cookie") if one.startswith("berth_device=")]
    for part in ("; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/api/v1/auth;"):
        assert part in cookie
    return cookie.partition(";")[0]


def log_in_with(browser: Browser, device: str, password: str = PASSWORD) -> int:
    body = {"email": browser.email, "password": password}
    return browser.client.post("/auth/login", json=body, headers={"Cookie": device}).status_code


def test_anonymous_callers_do_not_lock_out_who_signed_in_here_before(browser: Browser, api_database: Database) -> None:
    device = device_of(browser.log_in())
    anonymous_callers_try(browser, api_database)
    assert browser.log_in().status_code == 429
    assert log_in_with(browser, device) == 200


def test_a_known_browser_has_ten_attempts_of_its_own(browser: Browser) -> None:
    device = device_of(browser.log_in())
    assert [log_in_with(browser, device, "wrong") for _ in range(11)] == [401] * 10 + [429]
    assert log_in_with(browser, device) == 429
    assert browser.log_in().status_code == 200


@pytest.mark.parametrize("forged", ["other", "access", "nonsense", "key"])
def test_a_device_cookie_counts_for_its_account_alone(browser: Browser, api_database: Database, forged: str) -> None:
    device = device_of(browser.log_in())
    if forged == "other":
        browser.email = f"{uuid4().hex}@example.org"
    elif forged == "access":
        device = f"berth_device={browser.token}"
    elif forged == "nonsense":
        device = "berth_device=x"
    else:
        device = f"{device[:-2]}xx"
    anonymous_callers_try(browser, api_database)
    assert log_in_with(browser, device) == 429


def test_a_device_cookie_opens_nothing(browser: Browser) -> None:
    browser.token = device_of(browser.log_in()).partition("=")[2]
    assert browser.me().status_code == 401


def test_anonymous_callers_do_not_keep_an_owner_from_another_password(
    browser: Browser, inbox: Inbox, api_database: Database
) -> None:
    browser.post("password/reset", {"email": browser.email})
    anonymous_callers_try(browser, api_database)
    for _ in range(3):
        browser.post("password/reset", {"email": browser.email})
    body = {"token": inbox.token_to(browser.email), "password": ANOTHER}
    device = device_of(browser.post("password/confirm", body))
    anonymous_callers_try(browser, api_database)
    assert log_in_with(browser, device, ANOTHER) == 200


def test_beyond_its_share_an_account_gets_no_email_and_the_last_one_opens_it(
    browser: Browser, inbox: Inbox, api_database: Database
) -> None:
    for _ in range(12):
        with psycopg.connect(api_database.owner) as owner:
            owner.execute("DELETE FROM throttles WHERE key_hash <> sha256(%s)", [f"emails to {browser.email}".encode()])
        assert browser.post("password/reset", {"email": browser.email}).status_code == 204
    assert len(inbox.to(browser.email)) == 10
    body = {"token": inbox.token_to(browser.email), "password": ANOTHER}
    assert browser.post("password/confirm", body).status_code == 204
    with psycopg.connect(api_database.owner) as owner:
        owner.execute("DELETE FROM throttles WHERE key_hash <> sha256(%s)", [f"emails to {browser.email}".encode()])
    browser.post("password/reset", {"email": browser.email})
    assert len(inbox.to(browser.email)) == 11


def test_a_known_browser_gets_an_email_whatever_anonymous_callers_asked_for(
    browser: Browser, inbox: Inbox, api_database: Database
) -> None:
    device = device_of(browser.log_in())
    browser.post("password/reset", {"email": browser.email})
    with psycopg.connect(api_database.owner) as owner:
        owner.execute("UPDATE throttles SET failures = 1000")
    answer = browser.client.post("/auth/password/reset", json={"email": browser.email}, headers={"Cookie": device})
    assert (answer.status_code, len(inbox.to(browser.email))) == (204, 2)


def test_a_known_browser_gets_three_emails_an_hour(browser: Browser, inbox: Inbox) -> None:
    device = {"Cookie": device_of(browser.log_in())}
    body = {"email": browser.email}
    asked = [browser.client.post("/auth/password/reset", json=body, headers=device) for _ in range(4)]
    assert [answer.status_code for answer in asked] == [204] * 3 + [429]
    assert len(inbox.to(browser.email)) == 3


def test_attempts_at_the_same_time_are_all_counted(browser: Browser) -> None:
    answers = at_once([partial(browser.copy().log_in, "wrong") for _ in range(24)])
    assert answers.count(401) == 10
    assert answers.count(429) == 14


def test_unknown_addresses_are_throttled_like_known_ones(browser: Browser) -> None:
    browser.email = f"{uuid4().hex}@example.org"
    assert [browser.log_in().status_code for _ in range(11)] == [401] * 10 + [429]


def test_an_address_that_tries_many_accounts_is_stopped(browser: Browser, api_database: Database) -> None:
    browser.log_in("wrong")
    with psycopg.connect(api_database.owner) as owner:
        owner.execute("UPDATE throttles SET failures = 100 WHERE key_hash = sha256('passwords from 127.0.0.1')")
    browser.email = f"{uuid4().hex}@example.org"
    assert browser.log_in().status_code == 429


def test_an_account_that_many_networks_guess_at_is_closed_for_anonymous_callers(
    browser: Browser, api_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = device_of(browser.log_in())
    browser.log_in("wrong")
    key = f"password of {browser.email}".encode()
    with psycopg.connect(api_database.owner) as owner:
        owner.execute("UPDATE throttles SET failures = 99 WHERE key_hash = sha256(%s)", [key])
    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:9::1")
    assert browser.log_in("wrong").status_code == 401
    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:a::1")
    assert browser.log_in().status_code == 429
    assert log_in_with(browser, device) == 200


def test_who_gets_in_is_not_counted(browser: Browser, api_database: Database) -> None:
    for _ in range(3):
        browser.log_in("wrong")
    for _ in range(12):
        assert browser.log_in().status_code == 200
    assert count(api_database, "SELECT count(*) FROM throttles") == 1  # the address, with its three wrong ones


def test_a_window_that_is_over_starts_anew(browser: Browser, api_database: Database) -> None:
    for _ in range(11):
        browser.log_in("wrong")
    with psycopg.connect(api_database.owner) as owner:
        owner.execute("UPDATE throttles SET window_ends_at = clock_now() - interval '1 second'")
    assert browser.log_in().status_code == 200


def test_a_session_goes_on_with_a_new_cookie_each_time(browser: Browser) -> None:
    browser.log_in()
    cookies = {browser.cookie}
    for _ in range(3):
        assert browser.refresh().status_code == 200
        cookies.add(browser.cookie)
    assert len(cookies) == 4
    assert browser.me().status_code == 200


def wait(database: Database, browser: Browser, seconds: int) -> None:
    """Let that much time pass for the cookies that this person has used."""
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "UPDATE refresh_tokens SET used_at = used_at - %s * interval '1 second' WHERE user_id = %s",
            [seconds, browser.cookie.partition(".")[0]],
        )


def test_a_cookie_that_comes_again_later_ends_the_session_for_all_who_have_it(
    browser: Browser, api_database: Database
) -> None:
    browser.log_in()
    thief = browser.copy()
    assert browser.refresh().status_code == 200
    wait(api_database, browser, 61)
    assert thief.refresh().status_code == 401
    assert browser.refresh().status_code == 401
    assert (browser.me().status_code, thief.me().status_code) == (401, 401)


def test_an_answer_that_was_lost_does_not_sign_out(browser: Browser, api_database: Database) -> None:
    browser.log_in()
    before = browser.copy()
    assert browser.copy().refresh().status_code == 200
    wait(api_database, browser, 50)
    assert before.refresh().status_code == 200
    wait(api_database, browser, 3600)
    assert (before.refresh().status_code, before.me().status_code) == (200, 200)


def at_the_same_moment(
    database: Database, browser: Browser, calls: Sequence[Callable[[], httpx.Response]]
) -> list[int]:
    """Make all calls so that each has begun before any of them can go on: the session's row is locked until then."""
    with psycopg.connect(database.owner) as owner, ThreadPoolExecutor(len(calls)) as threads:
        owner.execute("SELECT FROM sessions WHERE user_id = %s FOR UPDATE", [browser.cookie.partition(".")[0]])
        answers = [threads.submit(call) for call in calls]
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while count(database, waiting) < len(calls):
            assert not any(answer.done() for answer in answers)
        owner.rollback()
        return [answer.result().status_code for answer in answers]


def test_tabs_that_refresh_at_once_all_stay_signed_in(browser: Browser, api_database: Database) -> None:
    for last in range(4):
        browser.log_in()
        tabs = [browser.copy() for _ in range(4)]
        assert at_the_same_moment(api_database, browser, [tab.refresh for tab in tabs]) == [200] * 4
        assert len({tab.cookie for tab in tabs}) == 4
        assert browser.me().status_code == 200
        # They share one jar: whichever answer came last is what all of them send the next time.
        wait(api_database, browser, 3600)
        assert tabs[last].refresh().status_code == 200


def test_a_thief_and_a_victim_do_not_go_on_side_by_side(browser: Browser, api_database: Database) -> None:
    browser.log_in()
    thief = browser.copy()
    assert at_once([browser.refresh, thief.refresh]) == [200, 200]
    assert thief.refresh().status_code == 200
    wait(api_database, browser, 61)
    assert browser.refresh().status_code == 401
    assert (browser.me().status_code, thief.me().status_code, thief.refresh().status_code) == (401, 401, 401)


def test_successors_that_are_used_at_once_leave_one_session_with_one_family(browser: Browser) -> None:
    browser.log_in()
    tabs = [browser.copy() for _ in range(8)]
    at_once([tab.refresh for tab in tabs])
    assert at_once([tab.refresh for tab in tabs]) == [200] * 8
    assert browser.me().status_code == 200


def test_an_ended_session_is_not_prolonged_by_a_cookie_that_was_used_a_moment_ago(browser: Browser) -> None:
    browser.log_in()
    before = browser.copy()
    browser.refresh()
    assert browser.post("logout", {}).status_code == 204
    assert (before.refresh().status_code, browser.refresh().status_code) == (401, 401)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_page_of_another_origin_prolongs_no_session(browser: Browser, origin: str) -> None:
    browser.log_in()
    headers = {"Cookie": f"berth_refresh={browser.cookie}", "Origin": origin}
    assert browser.client.post("/auth/refresh", headers=headers).status_code == 403
    assert browser.refresh().status_code == 200


def test_other_sessions_outlive_a_stolen_one(browser: Browser, api_database: Database) -> None:
    browser.log_in()
    phone = Browser(browser.client, browser.email)
    phone.log_in()
    thief = browser.copy()
    browser.refresh()
    wait(api_database, browser, 61)
    thief.refresh()
    assert (browser.me().status_code, phone.me().status_code) == (401, 200)


@pytest.mark.parametrize("cookie", ["", "nonsense", f"{NOBODYS}.secret", f"{NOBODYS}", "ä.b", "." * 500])
def test_cookies_that_prove_nothing_are_refused(client: httpx.Client, cookie: str) -> None:
    answer = client.post("/auth/refresh", headers=[(b"cookie", f"berth_refresh={cookie}".encode())])
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_session_that_was_not_used_for_a_month_has_ended(browser: Browser, api_database: Database) -> None:
    browser.log_in()
    with psycopg.connect(api_database.owner) as owner:
        owner.execute(
            "UPDATE sessions SET expires_at = clock_now() WHERE user_id = (SELECT id FROM users WHERE email = %s)",
            [browser.email],
        )
    assert (browser.me().status_code, browser.refresh().status_code) == (401, 401)


def test_logging_out_ends_this_session_only(browser: Browser) -> None:
    browser.log_in()
    phone = Browser(browser.client, browser.email)
    phone.log_in()
    answer = browser.post("logout", {})
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert (browser.me().status_code, browser.refresh().status_code, phone.me().status_code) == (401, 401, 200)


def test_logging_out_everywhere_ends_all_sessions(browser: Browser) -> None:
    browser.log_in()
    phone = Browser(browser.client, browser.email)
    phone.log_in()
    assert phone.post("logout", {"everywhere": True}).status_code == 204
    assert (browser.me().status_code, phone.me().status_code) == (401, 401)


def test_sessions_are_listed_and_a_lost_phone_is_signed_out(browser: Browser) -> None:
    browser.log_in()
    phone = Browser(browser.client, browser.email)
    phone.log_in()
    headers = {"Authorization": f"Bearer {browser.token}"}
    items = browser.client.get("/auth/sessions", headers=headers).json()["items"]
    assert [one["current"] for one in items] == [False, True]
    path = f"/auth/sessions/{items[0]['id']}"
    assert [browser.client.delete(path, headers=headers).status_code for _ in range(2)] == [204, 404]
    assert (browser.me().status_code, phone.me().status_code) == (200, 401)


def test_nobody_ends_the_session_of_somebody_else(browser: Browser, client: httpx.Client, tenant: Tenant) -> None:
    browser.log_in()
    session = browser.client.get("/auth/sessions", headers={"Authorization": f"Bearer {browser.token}"}).json()
    path = f"/auth/sessions/{session['items'][0]['id']}"
    assert client.delete(path, headers=tenant.as_role()).status_code == 404
    assert client.delete("/auth/sessions/nonsense", headers=tenant.as_role()).status_code == 404
    assert browser.me().status_code == 200


def test_a_disabled_person_is_out_at_once(browser: Browser, api_database: Database) -> None:
    browser.log_in()
    with psycopg.connect(api_database.owner) as owner:
        owner.execute("UPDATE users SET disabled_at = clock_now() WHERE email = %s", [browser.email])
    assert (browser.me().status_code, browser.refresh().status_code, browser.log_in().status_code) == (401, 401, 401)


def test_changing_the_password_ends_the_other_sessions(browser: Browser) -> None:
    browser.log_in()
    phone = Browser(browser.client, browser.email)
    phone.log_in()
    answer = browser.post("password", {"current_password": PASSWORD, "password": ANOTHER})
    assert answer.status_code == 204
    assert (browser.me().status_code, phone.me().status_code) == (200, 401)
    assert (browser.log_in().status_code, browser.log_in(ANOTHER).status_code) == (401, 200)


@pytest.mark.parametrize(
    ("current", "wanted", "field"),
    [
        ("wrong", ANOTHER, "current_password"),
        (PASSWORD, "short", "password"),
        (PASSWORD, "aaaaaaaaaaaaaaaa", "password"),
        (PASSWORD, "ADA LOVELACE", "password"),
    ],
)
def test_a_password_that_will_not_do_is_explained(browser: Browser, current: str, wanted: str, field: str) -> None:
    browser.log_in()
    answer = browser.post("password", {"current_password": current, "password": wanted})
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, field)
    assert browser.log_in().status_code == 200


def test_a_stolen_session_cannot_guess_the_password(browser: Browser) -> None:
    browser.log_in()
    body = {"current_password": "wrong", "password": ANOTHER}
    statuses = [browser.post("password", body).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_an_email_sets_another_password_once(browser: Browser, inbox: Inbox) -> None:
    browser.log_in()
    assert browser.post("password/reset", {"email": browser.email}).status_code == 204
    token = inbox.token_to(browser.email)
    confirmed = [browser.post("password/confirm", {"token": token, "password": ANOTHER}) for _ in range(2)]
    assert [answer.status_code for answer in confirmed] == [204, 422]
    assert browser.me().status_code == 401
    assert (browser.log_in().status_code, browser.log_in(ANOTHER).status_code) == (401, 200)


def test_a_weak_password_does_not_use_the_email_up(browser: Browser, inbox: Inbox) -> None:
    browser.post("password/reset", {"email": browser.email})
    token = inbox.token_to(browser.email)
    assert browser.post("password/confirm", {"token": token, "password": "short"}).status_code == 422
    assert browser.post("password/confirm", {"token": token, "password": ANOTHER}).status_code == 204


def test_a_newer_email_makes_the_older_one_useless_once_used(browser: Browser, inbox: Inbox) -> None:
    browser.post("password/reset", {"email": browser.email})
    old = inbox.token_to(browser.email)
    browser.post("password/reset", {"email": browser.email})
    new = inbox.token_to(browser.email)
    assert browser.post("password/confirm", {"token": new, "password": ANOTHER}).status_code == 204
    assert browser.post("password/confirm", {"token": old, "password": PASSWORD}).status_code == 422


def test_an_email_is_used_once_however_many_try(browser: Browser, inbox: Inbox) -> None:
    browser.post("password/reset", {"email": browser.email})
    token = inbox.token_to(browser.email)
    bodies = [{"token": token, "password": f"{ANOTHER} {number}"} for number in range(6)]
    statuses = at_once([partial(browser.post, "password/confirm", body) for body in bodies])
    assert sorted(statuses) == [204] + [422] * 5


def test_an_email_is_stale_after_an_hour(browser: Browser, inbox: Inbox, api_database: Database) -> None:
    browser.post("password/reset", {"email": browser.email})
    with psycopg.connect(api_database.owner) as owner:
        owner.execute("UPDATE password_resets SET expires_at = clock_now()")
    answer = browser.post("password/confirm", {"token": inbox.token_to(browser.email), "password": ANOTHER})
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, "token")


def test_asking_for_an_email_does_not_tell_who_exists(browser: Browser, inbox: Inbox) -> None:
    known = browser.post("password/reset", {"email": browser.email})
    unknown_email = f"{uuid4().hex}@example.org"
    unknown = browser.post("password/reset", {"email": unknown_email})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text) == (204, "")
    assert "#" in inbox.to(browser.email)[-1]
    assert "there is no user with this address" in inbox.to(unknown_email)[-1]


def test_nobody_is_flooded_with_emails(browser: Browser, inbox: Inbox) -> None:
    statuses = [browser.post("password/reset", {"email": browser.email}).status_code for _ in range(5)]
    assert statuses == [204] * 3 + [429] * 2
    assert len(inbox.to(browser.email)) == 3


def test_emails_are_counted_for_an_account_however_its_address_is_written(browser: Browser, inbox: Inbox) -> None:
    emails = spellings()
    statuses = [browser.post("password/reset", {"email": email}).status_code for email in emails]
    assert statuses == [204] * 3 + [429] * 3
    assert len(inbox.to(emails[0])) == 3


def test_attempts_are_counted_for_an_account_however_its_address_is_written(browser: Browser) -> None:
    statuses: list[int] = []
    for browser.email in spellings() * 2:
        statuses.append(browser.log_in().status_code)
    assert statuses == [401] * 10 + [429] * 2


def test_a_network_asks_for_emails_so_often_whosever_they_are(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> int:
        return browser.post("password/reset", {"email": f"{uuid4().hex}@example.org"}).status_code

    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:7::1")
    assert [ask() for _ in range(31)] == [204] * 30 + [429]
    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:7:ffff::2")  # the same /64
    assert ask() == 429
    monkeypatch.setattr("chalicelib.http.current.address", lambda: "2001:db8:7:8::1")
    assert ask() == 204


@pytest.mark.parametrize("token", ["nonsense", f"{NOBODYS}.secret", f"{NOBODYS}"])
def test_tokens_of_no_email_are_refused(browser: Browser, token: str) -> None:
    answer = browser.post("password/confirm", {"token": token, "password": ANOTHER})
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (422, "token")


@pytest.mark.parametrize(
    "others", ["", "theirs=[not{a}token]; ", "a=b; c; =d; ", "x=" + "\\" * 4000 + "; ", 'q="unclosed; ']
)
def test_cookies_of_others_do_not_matter(client: httpx.Client, others: str) -> None:
    answer = client.post("/auth/refresh", headers={"Cookie": f"{others}berth_refresh=unknown"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "There is no session" not in answer.json()["detail"]
