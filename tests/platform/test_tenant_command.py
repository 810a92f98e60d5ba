"""`./dev tenant`: the first tenant of an installation, and what is said when there is none."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from functools import partial
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import pytest

from chalicelib.access.model.people import Role
from chalicelib.accounts.invite_members import Newcomer, accept_invitation
from chalicelib.accounts.schemas.members import AcceptInvitation
from chalicelib.database.transaction import Database as Service
from tests.platform.running import dev

if TYPE_CHECKING:
    from tests.databases import Database

Command = Callable[..., CompletedProcess[str]]
CREATE = ["create", "lake-huts", "--name=Lake Huts", "--owner-email=grace@example.org"]


@pytest.fixture
def tenant(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    monkeypatch.setenv("COLUMNS", "160")
    return partial(dev, capsys, "tenant")


def test_a_tenant_is_created_and_listed(tenant: Command) -> None:
    assert "There is no tenant yet" in tenant("list").stdout
    created = tenant(*CREATE, "--timezone=Europe/Zurich", "--currency=CHF")
    assert created.returncode == 0, created.stderr
    assert "/join#lake-huts." in created.stdout
    listed = tenant("list").stdout
    assert all(word in listed for word in ("lake-huts", "Lake Huts", "Europe/Zurich", "CHF", "served"))


def test_no_slug_is_cut_however_narrow_the_terminal_is(tenant: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = "a-house-by-the-lake-whose-name-is-as-long-as-it-may-be"
    created = tenant("create", slug, *CREATE[2:])
    assert created.returncode == 0, created.stderr
    monkeypatch.setenv("COLUMNS", "40")
    assert slug in tenant("list").stdout


def test_the_request_that_is_printed_makes_the_owner(database: Database, tenant: Command) -> None:
    created = tenant(*CREATE, "--url=http://127.0.0.1:8000").stdout
    (request,) = re.findall(r"^curl .*\\\n.*$", created, re.MULTILINE)
    words = shlex.split(request)
    body = json.loads(words[words.index("-d") + 1])
    assert words[1] == "http://127.0.0.1:8000/api/v1/invitations/accept"
    assert f"http://127.0.0.1:8000/join#{body['token']}\n" in created
    accepted = AcceptInvitation.model_validate(body)
    newcomer = Newcomer(accepted.name, accepted.password, None)
    service = Service(database.app, pool_size=1, request_seconds=10)
    try:
        assert accept_invitation(service, accepted.token, newcomer, "test") == ("lake-huts", Role.OWNER)
    finally:
        service.close()


def test_mistakes_are_explained(tenant: Command) -> None:
    tenant(*CREATE)
    again = tenant(*CREATE)
    assert (again.returncode, again.stderr) == (1, "There is a tenant 'lake-huts' already.\n")
    wrong = tenant(*CREATE, "--currency=francs", "--owner-email=grace")
    assert wrong.returncode == 1
    assert "--currency: " in wrong.stderr
    assert "--owner-email: " in wrong.stderr
    zone = tenant("create", "b-huts", *CREATE[2:], "--timezone=Nowhere")
    assert "Nowhere" in zone.stderr
    assert "Traceback" not in again.stderr + wrong.stderr + zone.stderr
