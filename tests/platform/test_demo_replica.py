"""`./dev demo --replica`: a copy of the database follows, answers what is only read, and is gone with the demo."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from local.data_directory import read_data_directory
from local.postgres import running_cluster
from tests.eventually import eventually
from tests.platform.conftest import demo
from tests.platform.running import dev, processes_with

if TYPE_CHECKING:
    from pathlib import Path

    from local.postgres.cluster import Cluster

pytestmark = pytest.mark.timeout(300)
CATALOGUE = "/api/v1/tenants/pine-cabins/resources"
SAID = r"^  replica +127\.0\.0\.1:(\d+), streaming, \d+ bytes behind; it answers what is only read$"


def servers(folder: Path) -> tuple[Cluster, Cluster]:
    """The primary and its replica."""
    directory = read_data_directory(folder / "data")
    primary = running_cluster(directory.cluster_path, directory.secrets.passwords)
    replica = running_cluster(directory.replica_path, directory.secrets.passwords)
    assert primary is not None
    assert replica is not None
    return primary, replica


def answered(cluster: Cluster) -> int:
    """How many transactions of the application a server has had in Berth's database; looks that are ours are not."""
    with psycopg.connect(cluster.owner_dsn("postgres"), autocommit=True) as owner:
        row = owner.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = 'berth'").fetchone()
    assert row is not None
    return row[0]


def test_a_replica_follows_answers_reads_is_started_again_and_leaves_nothing(stopped: Path) -> None:
    with demo(stopped, 0, "--replica") as started:
        port = started.wait_for(SAID)[1]
        address = started.wait_for(r"^Berth is ready at (\S+)$")[1]
        primary, replica = servers(stopped)
        assert replica.owner["port"] == port != primary.owner["port"]
        with psycopg.connect(replica.owner_dsn(), autocommit=True) as connection:
            assert connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        before = answered(replica)
        items = httpx.get(f"{address}{CATALOGUE}").raise_for_status().json()["items"]
        assert items
        eventually(lambda: answered(replica) > before, "the replica has answered")

        # It goes, and comes back on the same port; the primary answers meanwhile.
        process = int((replica_data(stopped) / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGKILL)
        assert httpx.get(f"{address}{CATALOGUE}").raise_for_status().json()["items"] == items
        started.wait_for(r"^The replica ended with status -9; starting it again\.$")
        started.wait_for(r"^The replica is back\.$")
        assert servers(stopped)[1].owner["port"] == port
        assert started.stop(signal.SIGINT) == 0
    assert not replica_data(stopped).parent.exists()


def replica_data(folder: Path) -> Path:
    return read_data_directory(folder / "data").replica_path / "data"


def test_what_a_killed_demo_left_of_a_replica_is_no_obstacle_with_and_without_one(stopped: Path) -> None:
    with demo(stopped, 0, "--replica") as started:
        started.wait_for(SAID)
        started.process.kill()
        eventually(lambda: processes_with(str(stopped)) == [], "all of it has ended")
    assert replica_data(stopped).is_dir()
    with demo(stopped) as started:
        started.wait_for("^Berth is ready")
        assert "replica" not in started.said()
        assert started.stop(signal.SIGINT) == 0
    with demo(stopped, 0, "--replica") as started:
        started.wait_for(SAID)
        assert started.stop(signal.SIGINT) == 0
    assert not replica_data(stopped).exists()


def test_the_password_is_no_argument_of_a_process(stopped: Path) -> None:
    password = read_data_directory(stopped / "data").secrets.superuser_password
    with demo(stopped, 0, "--replica") as started:
        seen: set[str] = set()

        def look() -> bool:
            seen.update(processes_with(str(stopped)))
            return any("pg_basebackup" in one for one in seen) and "streaming" in started.said()

        eventually(look, "the database is copied, and the copy follows")
        assert started.stop(signal.SIGINT) == 0
    assert not [one for one in seen if password in one]


def test_a_server_of_ones_own_is_not_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/berth")
    done = dev(capsys, "demo", "--replica", "--port=0", f"--data-dir={tmp_path / 'data'}")
    assert done.returncode == 1
    assert done.stderr.startswith("--replica copies the embedded database, but DATABASE_URL names a server of its own.")
    assert not (tmp_path / "data").exists()
