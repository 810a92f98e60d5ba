"""A client of the WebSocket API, and the people behind it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

import httpx
import psycopg
from jsonschema import Draft202012Validator
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from chalicelib.access.model.people import Role
from chalicelib.adapters.tokens import Tokens
from chalicelib.database.identifiers import new_id
from chalicelib.realtime.api.asyncapi import document
from tests.api.documented import assert_sent_form
from tests.api.tenant import ANY_VERSION
from tests.databases import Database
from tests.eventually import eventually
from tools.people import MOST_LASTING, OPEN_SESSION, add_member, add_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.offers import Json

SIGNING_KEY = ("test", "s" * 32)
SECONDS = 15.0
"""How long anything may take on a busy machine."""
UNDELIVERED = """
SELECT count(*) FROM outbox AS one JOIN tenants AS tenant ON tenant.id = one.tenant_id WHERE tenant.slug = %s
UNION ALL
SELECT count(*) FROM deliveries AS one JOIN tenants AS tenant ON tenant.id = one.tenant_id
WHERE tenant.slug = %s AND one.outcome IS NULL
"""
Message = dict[str, Any]


@cache
def _described() -> Draft202012Validator:
    """Whatever the AsyncAPI document says that clients are told or answered."""
    described = document("")
    operations = described["operations"]
    told = [*operations["publish"]["messages"], *operations["request"]["reply"]["messages"]]
    models = [{"$ref": f"#/components/schemas/{one['$ref'].rpartition('/')[2]}"} for one in told]
    return Draft202012Validator({"anyOf": models, "components": described["components"]})


def assert_described(message: Message) -> None:
    """Every message that a client gets is one of those in the AsyncAPI document."""
    _described().validate(message)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types
    assert_sent_form(json.dumps(message), f"the message {message['type']}")


class Client:
    """One connection. What arrives is kept until somebody asks for it, and is as the AsyncAPI document says."""

    def __init__(self, url: str, **options: Any) -> None:  # noqa: ANN401 - of websockets' connect
        self.socket: ClientConnection = connect(url, proxy=None, legacy=True, **options)
        self.inbox: list[Message] = []
        self._refs = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, action: str, **members: object) -> Message:
        """Send a message and return its answer; others that arrive meanwhile are kept."""
        ref = str(next(self._refs))
        self.say({"action": action, "ref": ref, **members})
        return self.until(lambda message: message.get("ref") == ref, f"the answer to {action}")

    def say(self, message: object) -> None:
        """Send something."""
        self.socket.send(json.dumps(message, default=str))

    def subscribe(self, *topics: str) -> Message:
        """Subscribe, and be answered."""
        answer = self.ask("subscribe", topics=list(topics))
        assert answer["type"] == "subscribed", answer
        return answer

    def told(self, message_type: str) -> Message:
        """The first message of that type that nobody has asked for yet."""
        return self.until(lambda message: message["type"] == message_type and not message.get("ref"), message_type)

    def until(self, wanted: Callable[[Message], bool], what: str) -> Message:
        """The first kept or coming message like that."""
        until = time.monotonic() + SECONDS
        while True:
            for message in self.inbox:
                if wanted(message):
                    self.inbox.remove(message)
                    return message
            left = until - time.monotonic()
            assert left > 0, f"Waited in vain for {what}; there came {self.inbox}."
            try:
                self._keep(self.socket.recv(timeout=left))
            except TimeoutError:
                continue

    def everything(self) -> list[Message]:
        """Whatever was sent before now: the answer to a question comes after it. See `LiveTenant.settle`."""
        self.ask("ping")
        kept, self.inbox = self.inbox, []
        return kept

    def ended(self) -> int | None:
        """Wait until the server has ended the connection; return the code."""
        try:
            while True:
                self._keep(self.socket.recv(timeout=SECONDS))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else None

    def _keep(self, text: str | bytes) -> None:
        message = json.loads(text)
        assert_described(message)
        self.inbox.append(message)


@dataclass
class User:
    """Somebody of a tenant, with a session."""

    tenant: LiveTenant
    id: UUID
    session_id: UUID
    token: str
    clients: list[Client] = field(default_factory=list[Client])

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request theirs."""
        return {"Authorization": f"Bearer {self.token}"}

    def ticket(self) -> str:
        """The address that a connection begins with."""
        answer = self.tenant.http.post("/auth/ws-tickets", json={"tenant": self.tenant.slug}, headers=self.headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["url"]

    def connect(self, *topics: str) -> Client:
        """Open a connection with these topics."""
        client = Client(self.ticket())
        self.tenant.clients.append(client)
        if topics:
            client.subscribe(*topics)
        return client

    def reserve(self, resource: str, first: str, last: str, **headers: str) -> httpx.Response:
        """Make a reservation, of whole hours given as texts."""
        body = {
            "resource_id": str(self.tenant.ids[resource]),
            "starts_at": first,
            "ends_at": last,
            "guest": {"name": "Ada Lovelace", "email": f"{uuid4().hex}@example.org"},
        }
        return self.post("/reservations", body, **headers)

    def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        """POST below the tenant, whatever the version of what is changed; names of headers have _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.tenant.http.post(
            f"/tenants/{self.tenant.slug}{path}", json=body, headers=self.headers | ANY_VERSION | named
        )

    def get(self, path: str, **query: str) -> Json:
        """GET below the tenant, and be answered."""
        answer = self.tenant.http.get(f"/tenants/{self.tenant.slug}{path}", params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass
class LiveTenant:
    """A tenant of one test behind a running gateway."""

    slug: str
    ids: dict[str, UUID]
    database: Database
    http: httpx.Client
    clients: list[Client] = field(default_factory=list[Client])

    def user(self, role: Role = Role.AGENT, name: str = "Somebody", resources: tuple[str, ...] = ()) -> User:
        """Somebody new who works here; hosts with these resources."""
        session_id = new_id()
        with psycopg.connect(self.database.owner) as owner:
            user_id = add_user(owner, f"{uuid4().hex}@example.org", name)
            add_member(owner, self.slug, user_id, role)
            owner.execute(OPEN_SESSION, {"id": session_id, "user_id": user_id, "expires_at": MOST_LASTING})
            for resource in resources:
                owner.execute(
                    "INSERT INTO membership_resources (tenant_id, user_id, resource_id)"
                    " SELECT tenant_id, %s, id FROM resources WHERE id = %s",
                    [user_id, self.ids[resource]],
                )
        token = Tokens([SIGNING_KEY]).issue_access_token(user_id, session_id, timedelta(hours=1))
        return User(self, user_id, session_id, token)

    def as_guest(self, manage_token: str) -> str:
        """The address of a connection for the guest with that token."""
        answer = self.http.post(
            "/auth/ws-tickets", json={"tenant": self.slug}, headers={"Authorization": f"Bearer {manage_token}"}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["url"]

    def as_visitor(self) -> str:
        """The address of a connection for nobody in particular."""
        answer = self.http.post("/auth/ws-tickets", json={"tenant": self.slug})
        assert answer.status_code == 201, answer.text
        return answer.json()["url"]

    def settle(self) -> None:
        """Wait until everybody is told of all that happened here so far."""
        eventually(lambda: self.rows(UNDELIVERED, self.slug, self.slug) == [(0,), (0,)], "all is delivered")

    def rows(self, query: str, *values: object) -> list[Any]:
        """What the database's owner reads."""
        with psycopg.connect(self.database.owner, autocommit=True) as owner:
            return owner.execute(query.encode(), values).fetchall()
