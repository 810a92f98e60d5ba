"""A front desk at work: a business with a cabin, an owner who works there, and a reservation that begins today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg

from chalicelib.adapters.passwords import hash_password
from tests.eventually import eventually
from tests.web.conftest import PASSWORD
from tests.web.guests import change
from tools.people import add_member, add_user

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Page

    from tests.web.conftest import Served
    from tests.web.visits import Visit

GUEST = "Ingrid Halvorsen"


class Desk:
    """A business with a cabin, an owner who works there, and a reservation that begins today."""

    def __init__(self, served: Served, client: httpx.Client, tenant: str) -> None:
        self.served, self.tenant, self.client = served, tenant, client
        self.email = f"owner@{tenant}.example"
        with psycopg.connect(served.database.owner) as connection:
            for role in ("owner", "viewer"):
                user = add_user(
                    connection, f"{role}@{tenant}.example", role.title(), password_hash=hash_password(PASSWORD)
                )
                add_member(connection, tenant, user, role)
        answer = client.post("/auth/login", json={"email": self.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        signed_in = answer.json()
        self.headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
        (cabins,) = client.get(f"/tenants/{tenant}/resources").json()["items"]
        today = date.today()  # noqa: DTZ011 - the business is where the tests are
        wanted = {
            "resource_id": cabins["id"],
            "check_in_on": today.isoformat(),
            "check_out_on": (today + timedelta(days=3)).isoformat(),
            "party_size": 2,
            "guest": {"name": GUEST, "email": "ingrid@guests.example"},
        }
        created = client.post(
            f"/tenants/{tenant}/reservations",
            json=wanted,
            headers={**self.headers, "Idempotency-Key": uuid4().hex},
        )
        assert created.status_code == 201, created.text
        self.reservation: dict[str, Any] = created.json()

    @property
    def address(self) -> str:
        """Of the reservation's page."""
        return f"/admin/{self.tenant}/reservations/{self.reservation['id']}"

    def read(self) -> dict[str, Any]:
        """The reservation as it is now."""
        found: dict[str, Any] = self.client.get(
            f"/tenants/{self.tenant}/reservations/{self.reservation['id']}", headers=self.headers
        ).json()
        return found

    def edit_locks(self) -> list[Any]:
        """Those that are held."""
        found: list[Any] = self.client.get(f"/tenants/{self.tenant}/edit-locks", headers=self.headers).json()["items"]
        return found

    def correct(self, notes: str) -> None:
        """Change the notes, as somebody else at another desk after the lock of this one has ended."""
        eventually(self.edit_locks, "the lock of who edits")
        change(self.served, "DELETE FROM edit_locks WHERE resource_id = %s", self.reservation["resource_id"])
        answer = self.client.patch(
            f"/tenants/{self.tenant}/reservations/{self.reservation['id']}",
            json={"notes": notes},
            headers={**self.headers, "If-Match": str(self.read()["version"])},
        )
        assert answer.status_code == 200, answer.text


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the form and send it."""
    page.locator("[type=email]").fill(email)
    page.locator("[type=password]").fill(password)
    page.locator("[type=submit]").click()


def enter(visit: Visit, desk: Desk, path: str) -> Page:
    """Sign in as the owner and go to a page."""
    page = visit.open("/admin")
    sign_in(page, desk.email)
    page.get_by_role("heading", name="Calendar", level=1).wait_for()
    visit.page.goto(path)
    visit.wait_for_content()
    return page
