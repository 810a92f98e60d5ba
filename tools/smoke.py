"""The whole service tried from outside, at an address: the same steps on LocalStack and on the embedded gateway.

    answers = Smoke(Target(address, password, evidence), say).run()
    differences(answers, others)     # field by field; ids, tokens and times aside

Nothing of Berth's code is called: what is looked at are answers, sockets, emails that left, and logs. What it makes it
takes back.
"""

from __future__ import annotations

import json
import re
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from local.errors import CommandError
from tools.smoke_targets import PATIENCE_SECONDS, Target

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

HOUSE, ROOMS = "pine-cabins", "team-rooms"
RULE_SECONDS = 100.0
"""A rule fires each minute, and its function may have to start."""
LOOK_SECONDS = 0.5

MIDNIGHT = clock_time()

Json = dict[str, Any]


class SmokeError(CommandError):
    """A step failed. The text says which, what was expected, and what came."""


@dataclass
class Smoke:
    """One run. `say` gets a line for each step, with how long it took."""

    target: Target
    say: Callable[[str], None]
    answers: dict[str, Json] = field(default_factory=dict[str, Json])
    _made: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])
    """Reservations that are to be cancelled, by tenant."""

    def run(self) -> dict[str, Json]:
        """Take all steps and return the answers by the names of the steps. Raises `SmokeError`."""
        began = time.monotonic()
        self._guest = f"guest-{uuid4().hex[:12]}@example.org"
        base = f"{self.target.address}/api/v1"
        with httpx.Client(base_url=base, timeout=PATIENCE_SECONDS, trust_env=False) as self._http:
            try:
                self._take_steps()
            finally:
                with suppress(SmokeError, httpx.HTTPError):  # where a step failed, that is what is told
                    self._step("cancel", self._cancel)
        self.say(f"All steps: {time.monotonic() - began:.1f} s")
        return self.answers

    def _take_steps(self) -> None:
        waiting = self._step("a request that waits for room", self._wait_for_room)
        self._step("health", lambda: self._ask("health", "GET", "/health"))
        catalogue = self._step("catalogue", lambda: self._ask("catalogue", "GET", f"/tenants/{HOUSE}/resources"))
        resource = next(one for one in catalogue["items"] if one["slug"] == "lookout-treehouse")
        wanted = self._step("availability and a price", lambda: self._free_stay(resource))
        made = self._step("create, and replay of the key", lambda: self._create(wanted))
        self._step("refusal with alternatives", lambda: self._refused(wanted))
        token = self._step("sign-in", lambda: self._sign_in("owner"))
        self._step("an administrator's call", lambda: self._look_up(made, token))
        self._step("an email from the queue's consumer", self._email)
        self._step("an image by presigned POST", lambda: self._image(resource, token))
        self._step("an edit lock that a second client sees", lambda: self._edit_lock(resource, token))
        self._step("logs with the request id", self._logged)
        self._step("a rule that fires", lambda: self._promoted(waiting))

    def _step(self, name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the step makes
        began = time.monotonic()
        try:
            result = work()
        except SmokeError as error:
            message = f"{name}: {error}"
            raise SmokeError(message) from error
        except (httpx.HTTPError, WebSocketException, OSError, LookupError, ValueError) as error:
            message = f"{name}: {error!r}"
            raise SmokeError(message) from error
        self.say(f"  {name:<45} {time.monotonic() - began:6.2f} s")
        return result

    def _ask(
        self,
        name: str,
        method: str,
        path: str,
        status: int = 200,
        *,
        token: str = "",
        key: str = "",
        etag: str = "",
        **options: Any,  # noqa: ANN401 - httpx's
    ) -> Json:
        """Ask, keep the answer under a name ("": not), and return its JSON. Raises `SmokeError` for another status."""
        given = {"Authorization": token and f"Bearer {token}", "Idempotency-Key": key, "If-Match": etag}
        headers = {name: value for name, value in given.items() if value}
        answer = self._http.request(method, path, headers=headers, **options)
        if answer.status_code != status:
            message = f"{method} {path} was answered {answer.status_code}, not {status}: {answer.text[:500]}"
            raise SmokeError(message)
        body: Json = answer.json() if answer.content else {}
        if name:
            kind = answer.headers.get("content-type", "")
            placed = json.loads(json.dumps(body).replace(self.target.address, "…"))
            self.answers[name] = {"status": answer.status_code, "content_type": kind, "body": placed}
        self._last = answer
        return body

    def _wait_for_room(self) -> Json:
        """Ask for an hour in a room whose reservations are made by a scheduled function."""
        room = self._ask("", "GET", f"/tenants/{ROOMS}/resources/raum1")
        today = datetime.now(UTC).date()
        for day in range(2, 12):
            free = self._ask(
                "",
                "GET",
                f"/tenants/{ROOMS}/resources/raum1/availability",
                params={"from": str(today + timedelta(day)), "until": str(today + timedelta(day + 1))},
            )
            for one in free["ranges"]:
                starts_at = datetime.fromisoformat(one["starts_at"])
                ends_at = starts_at + timedelta(hours=1)
                if datetime.fromisoformat(one["ends_at"]) >= ends_at:
                    asked = {"resource_id": room["id"], "starts_at": _iso(starts_at), "ends_at": _iso(ends_at)}
                    made = self._ask(
                        "wait",
                        "POST",
                        f"/tenants/{ROOMS}/reservations",
                        201,
                        key=str(uuid4()),
                        json=asked | self._who(),
                    )
                    self._made.append((ROOMS, made))
                    return made
        message = "The room has no free hour in ten days."
        raise SmokeError(message)

    def _free_stay(self, resource: Json) -> Json:
        """Find two nights that can be reserved."""
        today = datetime.now(UTC).date()
        period = {"from": str(today + timedelta(5)), "until": str(today + timedelta(75))}
        path = f"/tenants/{HOUSE}/resources/{resource['slug']}/availability"
        nights = self._ask("availability", "GET", path, params=period)["nights"]
        for night in nights:
            if night["remaining"]:
                check_out_on = datetime.fromisoformat(night["on"]).date() + timedelta(2)
                stay = {"resource_id": resource["id"], "check_in_on": night["on"], "check_out_on": str(check_out_on)}
                answer = self._http.post(f"/tenants/{HOUSE}/quotes", json=stay)
                if answer.is_success and answer.json()["bookable"]:
                    self.answers["quote"] = {"body": answer.json()}
                    return stay
        message = "Nothing is free in the next weeks."
        raise SmokeError(message)

    def _who(self) -> Json:
        return {"party_size": 2, "guest": {"name": "Ada Lovelace", "email": self._guest}}

    def _create(self, stay: Json) -> Json:
        key = str(uuid4())
        path, asked = f"/tenants/{HOUSE}/reservations", stay | self._who()
        made = self._ask("create", "POST", path, 201, key=key, json=asked)
        self._made.append((HOUSE, made))
        first = self._last.content
        self._ask("replay", "POST", path, 201, key=key, json=asked)
        if self._last.content != first or self._last.headers.get("idempotent-replayed") != "true":
            message = "The replay is not the same to the byte, or does not say that it is one."
            raise SmokeError(message)
        self._request_id = self._last.headers["x-request-id"]
        return made

    def _refused(self, stay: Json) -> None:
        path = f"/tenants/{HOUSE}/reservations"
        refusal = self._ask("refusal", "POST", path, 409, key=str(uuid4()), json=stay | self._who())
        if refusal["code"] != "no_capacity" or not refusal["alternatives"]:
            message = f"The refusal has no alternatives, or another reason: {refusal}"
            raise SmokeError(message)

    def _sign_in(self, role: str) -> str:
        person = {"email": f"{role}@{HOUSE}.example", "password": self.target.password}
        return self._ask(f"sign-in as {role}", "POST", "/auth/login", json=person)["access_token"]

    def _look_up(self, made: Json, token: str) -> None:
        self._ask("read as owner", "GET", f"/tenants/{HOUSE}/reservations/{made['id']}", token=token)
        found = self._ask("search", "GET", f"/tenants/{HOUSE}/reservations", token=token, params={"text": self._guest})
        if [one["id"] for one in found["items"]] != [made["id"]]:
            message = f"The search finds something else: {found}"
            raise SmokeError(message)
        self._ask("not without a token", "GET", f"/tenants/{HOUSE}/reservations", 401)

    def _email(self) -> None:
        emails = self._until(lambda: self.target.evidence.emails_to(self._guest), "an email to the guest")
        subject, text = sorted(emails)[0]
        text = "\n".join(text.splitlines()).strip()  # a file of an email ends its lines as SMTP does
        words = re.sub(r"https?://\S+|[A-Z0-9]{4,}(?:-[A-Z0-9]+)*", "…", text)
        self.answers["email"] = {
            "body": {"subject": re.sub(r"[A-Z0-9]{4,}(?:-[A-Z0-9]+)*", "…", subject), "text": words.split("\n")}
        }

    def _image(self, resource: Json, token: str) -> None:
        collection = f"/tenants/{HOUSE}/resources/{resource['slug']}/images"
        upload = self._ask("upload", "POST", collection, token=token, json={"media_type": "image/png"})
        sent = httpx.post(
            upload["url"], data=upload["fields"], files={"file": ("image.png", _png())}, timeout=PATIENCE_SECONDS
        )
        if not sent.is_success:
            message = f"The bucket answered the upload {sent.status_code}: {sent.text[:300]}"
            raise SmokeError(message)
        path = f"{collection}/{upload['id']}"
        shown = self._ask("complete", "POST", f"{path}/complete", token=token, json={"alt": "A grey square"})
        version = self._last.headers["etag"]
        image = next(one for one in shown["items"] if one["id"] == upload["id"])
        kind, data = self.target.evidence.image(image["url"])
        self.answers["image"] = {"body": {"content_type": kind, "is_webp": data[8:12] == b"WEBP"}}
        self._ask("", "DELETE", path, 204, token=token, etag=version)

    def _edit_lock(self, resource: Json, owner: str) -> None:
        starts_at = datetime.combine(datetime.now(UTC) + timedelta(days=300), MIDNIGHT, UTC)
        wanted = {"starts_at": _iso(starts_at), "ends_at": _iso(starts_at + timedelta(days=1))}
        with self._socket(owner) as first, self._socket(self._sign_in("manager")) as second:
            for client in (first, second):
                client.send(json.dumps({"action": "subscribe", "topics": ["tenant"]}))
                self._heard(client, "subscribed")
            first.send(json.dumps({"action": "edit_lock.acquire", "resource_id": resource["id"], **wanted}))
            lock = self._heard(first, "edit_lock.acquired")
            self.answers["lock as its holder sees it"] = {"body": lock}
            self.answers["lock as another sees it"] = {"body": self._heard(second, "edit_lock.acquired")}
            first.send(json.dumps({"action": "edit_lock.release", "lock_id": lock["data"]["lock_id"]}))
            self._heard(second, "edit_lock.released")

    def _socket(self, token: str) -> ClientConnection:
        ticket = self._ask("ticket", "POST", "/auth/ws-tickets", 201, token=token, json={"tenant": HOUSE})
        return connect(ticket["url"], open_timeout=PATIENCE_SECONDS, proxy=None)

    def _heard(self, client: ClientConnection, kind: str) -> Json:
        until = time.monotonic() + PATIENCE_SECONDS
        heard: list[str] = []
        while time.monotonic() < until:
            try:
                message = json.loads(client.recv(timeout=max(0.1, until - time.monotonic())))
            except TimeoutError:
                break
            if message.get("type") == kind:
                return message
            heard.append(str(message.get("type")))
        message = f"{kind} was not heard within {PATIENCE_SECONDS:g} seconds; heard was {heard}"
        raise SmokeError(message)

    def _logged(self) -> None:
        self._until(lambda: self.target.evidence.is_logged(self._request_id), "the request in the log")

    def _promoted(self, waiting: Json) -> None:
        """Nothing but the scheduled function makes it confirmed."""
        path, token = f"/tenants/{ROOMS}/reservations/{waiting['id']}", waiting["manage_token"]

        def is_confirmed() -> bool:
            return self._ask("", "GET", path, token=token)["state"] == "confirmed"

        self._until(is_confirmed, "the promotion by its rule", RULE_SECONDS)
        self._ask("promoted", "GET", path, token=token)

    def _cancel(self) -> None:
        for tenant, made in self._made:
            path = f"/tenants/{tenant}/reservations/{made['id']}/cancel"
            self._ask(f"cancel {tenant}", "POST", path, token=made["manage_token"], key=str(uuid4()))

    def _until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:  # noqa: ANN401 - what it gives
        until = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > until:
                message = f"After {seconds:g} seconds there is still not {what}."
                raise SmokeError(message)
            time.sleep(LOOK_SECONDS)
        return found


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _png(size: int = 900) -> bytes:
    """A grey square (PNG, RFC 2083), large enough for an image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * size) * size
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
