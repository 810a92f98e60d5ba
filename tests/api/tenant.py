"""A tenant of one test, and its corner of the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx
import psycopg

from chalicelib.access.model.people import Role, Scope
from chalicelib.adapters.tokens import Tokens
from tests.api.callers import add_key
from tests.databases import Database
from tools.people import access_token, operator_token

if TYPE_CHECKING:
    from tests.offers import Json

SIGNING_KEY = ("test", "s" * 32)
VAPID_KEY = "IcWrcrMYTMdcw5VFysuKo0nAfNBdPG5XHUKpWWln1Mg"
PUBLIC_URL = "https://berth.example"
ANY_VERSION = {"If-Match": "*"}


@dataclass(frozen=True, slots=True)
class Tenant:
    """Its slug, its resources' ids by slug, and how to reach it."""

    slug: str
    ids: dict[str, UUID]
    client: httpx.Client
    database: Database

    def get(self, path: str = "", **query: object) -> httpx.Response:
        """GET below the tenant; the name of a parameter may end in _ where Python needs it itself."""
        parameters = {name.rstrip("_"): str(value) for name, value in query.items()}
        return self.client.get(f"/tenants/{self.slug}{path}", params=parameters)

    def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        """POST below the tenant."""
        return self.client.post(f"/tenants/{self.slug}{path}", json=body, headers=headers)

    def reserve(self, resource: str, **members: object) -> httpx.Response:
        """Create a reservation of the resource with that slug."""
        guest = {"name": "Ada Lovelace", "email": f"{uuid4().hex}@example.org"}
        return self.post("/reservations", {"resource_id": str(self.ids[resource]), "guest": guest, **members})

    def reserved(self, resource: str, **members: object) -> Json:
        """Create a reservation that is accepted."""
        answer = self.reserve(resource, **members)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return answer.json()

    def cancelled(self, reservation: Json) -> Json:
        """Cancel a reservation as its guest."""
        path = f"/reservations/{reservation['id']}/cancel"
        answer = self.post(path, {}, Authorization=f"Bearer {reservation['manage_token']}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def change(self, reservation: Json, action: str, **members: object) -> httpx.Response:
        """Ask for a change of a reservation as its guest."""
        path = f"/reservations/{reservation['id']}/{action}"
        return self.post(path, members, Authorization=f"Bearer {reservation['manage_token']}")

    def staff(self, path: str, **members: object) -> Json:
        """POST as staff, whatever the version of what is changed, and be answered."""
        answer = self.post(path, members, **self.as_role(), **ANY_VERSION)
        assert answer.is_success, answer.text
        return answer.json()

    def token(self, role: Role = Role.OWNER) -> str:
        """An access token of somebody who works for the tenant."""
        return _token(self.database.owner, self.slug, role)

    def api_key(self) -> str:
        """A new API key with every scope."""
        with psycopg.connect(self.database.owner) as owner:
            return add_key(owner, self.slug, Scope)

    def as_role(self, role: Role = Role.OWNER) -> dict[str, str]:
        """The header that makes a request somebody's with that role."""
        return {"Authorization": f"Bearer {self.token(role)}"}

    def as_editor(self, role: Role = Role.OWNER) -> dict[str, str]:
        """The headers of somebody with that role who changes something, whatever its version."""
        return self.as_role(role) | ANY_VERSION

    def close(self, resource: str, **members: object) -> Json:
        """Close the resource with that slug, or some of its units, as staff."""
        answer = self.try_to_close(resource, **members)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return answer.json()

    def try_to_close(self, resource: str, **members: object) -> httpx.Response:
        """Close as `close` does, unless somebody has the units."""
        body = {"resource_id": str(self.ids[resource]), "reason": "test", **members}
        return self.post("/closures", body, **self.as_role())


@cache
def _token(owner_dsn: str, slug: str, role: Role) -> str:
    if role is Role.OPERATOR:
        return operator_token(owner_dsn, Tokens([SIGNING_KEY]), timedelta(hours=1))
    return access_token(owner_dsn, Tokens([SIGNING_KEY]), slug, role, timedelta(hours=1))


def asked(wanted: Json) -> Json:
    """What a query asks that looks for what a body would reserve: its period is `from` and `until`."""
    names = {"starts_at": "from", "check_in_on": "from", "ends_at": "until", "check_out_on": "until"}
    return {names.get(name, name): value for name, value in wanted.items()}


def in_days(number: int) -> str:
    """The date so many days from today, in UTC."""
    return (datetime.now(UTC).date() + timedelta(days=number)).isoformat()
