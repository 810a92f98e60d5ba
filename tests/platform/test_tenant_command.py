"""`./dev tenant`: the first tenant of an installation, and what is said when there is none."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.databases import Database

CREATE = ["create", "lake-huts", "--name=Lake Huts", "--owner-email=grace@example.org"]


def tenant(database: Database, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> subprocess.CompletedProcess[str]:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    monkeypatch.setenv("COLUMNS", "160")
    command = [sys.executable, "-m", "local", "tenant", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_tenant_is_created_and_listed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no tenant yet" in tenant(database, monkeypatch, "list").stdout
    created = tenant(database, monkeypatch, *CREATE, "--timezone=Europe/Zurich", "--currency=CHF")
    assert created.returncode == 0, created.stderr
    assert "/join#lake-huts." in created.stdout
    listed = tenant(database, monkeypatch, "list").stdout
    assert all(word in listed for word in ("lake-huts", "Lake Huts", "Europe/Zurich", "CHF", "served"))


def test_mistakes_are_explained(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant(database, monkeypatch, *CREATE)
    again = tenant(database, monkeypatch, *CREATE)
    assert (again.returncode, again.stderr) == (1, "There is a tenant 'lake-huts' already.\n")
    wrong = tenant(database, monkeypatch, *CREATE, "--currency=francs", "--owner-email=grace")
    assert wrong.returncode == 1
    assert "--currency: " in wrong.stderr
    assert "--owner-email: " in wrong.stderr
    zone = tenant(database, monkeypatch, "create", "b-huts", *CREATE[2:], "--timezone=Nowhere")
    assert "Nowhere" in zone.stderr
    assert "Traceback" not in again.stderr + wrong.stderr + zone.stderr
