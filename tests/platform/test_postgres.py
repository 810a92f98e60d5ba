"""The launcher: what it starts, keeps, refuses and cleans up. Each test has a cluster of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from local import data_directory
from local.data_directory import Purpose, open_data_directory
from local.errors import DISK_FULL, CommandError
from local.postgres import Cluster, existing_server, open_cluster, server, start_cluster
from local.postgres import programs as postgres_programs
from local.postgres.programs import WHEEL, Programs, choose_programs, installed_programs
from local.postgres.service_user import ServiceUser, service_user
from tests.databases import PASSWORDS, Database
from tests.eventually import eventually
from tests.folders import folder_for_clusters
from tests.platform.running import is_running

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends Postgres another user")
MAJORS = sorted({programs.major for programs in installed_programs()})


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder that the service user gets into too, unlike tmp_path."""
    with folder_for_clusters() as path:
        yield path


def remember(cluster: Cluster) -> None:
    with psycopg.connect(cluster.owner_dsn("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def remembers(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.owner_dsn("postgres")) as connection:
        return connection.execute("SELECT answer FROM kept").fetchone() == (42,)


@pytest.mark.parametrize("major", MAJORS)
def test_data_survives_a_restart(folder: Path, major: int) -> None:
    with start_cluster(folder, PASSWORDS, durable=True, major=major) as cluster:
        assert cluster.major == major
        remember(cluster)
    with start_cluster(folder, PASSWORDS, durable=True) as cluster:
        assert cluster.major == major, "Only the version that made the data can read it."
        assert remembers(cluster)


def test_a_durable_cluster_syncs_and_a_throwaway_one_does_not(folder: Path) -> None:
    for durable, expected in ((True, "on"), (False, "off")):
        with (
            start_cluster(folder / expected, PASSWORDS, durable=durable) as cluster,
            psycopg.connect(cluster.owner_dsn("postgres")) as connection,
        ):
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                assert connection.execute(f"SHOW {setting}".encode()).fetchone() == (expected,)


def test_an_interrupt_in_the_moment_of_the_start_leaves_no_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[subprocess.Popen[bytes]] = []
    start = ServiceUser.start

    def interrupted(user: ServiceUser, command: Sequence[str | Path], log: BinaryIO) -> subprocess.Popen[bytes]:
        began.append(start(user, command, log))
        signal.raise_signal(signal.SIGINT)
        return began[-1]

    monkeypatch.setattr(ServiceUser, "start", interrupted)
    with pytest.raises(KeyboardInterrupt), start_cluster(folder, PASSWORDS, durable=False):
        pass
    assert [process.poll() is not None for process in began] == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_clusters_at_the_same_time_do_not_collide(folder: Path) -> None:
    with (
        start_cluster(folder / "one", PASSWORDS, durable=False) as one,
        start_cluster(folder / "other", PASSWORDS, durable=False) as other,
    ):
        remember(one)
        with pytest.raises(psycopg.errors.UndefinedTable):
            remembers(other)


def test_the_server_asks_for_the_password(folder: Path) -> None:
    with start_cluster(folder, PASSWORDS, durable=False) as cluster:
        dsn = cluster.owner_dsn("postgres")
        psycopg.connect(dsn).close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(make_conninfo(dsn, password="guessed"))


def test_variables_of_the_shell_do_not_reach_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    with (
        start_cluster(folder, PASSWORDS, durable=False) as cluster,
        psycopg.connect(cluster.owner_dsn("postgres")) as connection,
    ):
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_committed_work_survives_when_the_server_is_killed(folder: Path) -> None:
    with start_cluster(folder, PASSWORDS, durable=True) as cluster:
        remember(cluster)
        assert cluster.process is not None
        os.kill(cluster.process.pid, signal.SIGKILL)
        cluster.process.wait()
        with pytest.raises(CommandError, match=r"Postgres has stopped\. Its last words:"):
            cluster.check()
    with start_cluster(folder, PASSWORDS, durable=True) as cluster:
        cluster.check()
        assert remembers(cluster)


def test_a_server_ends_with_the_program_that_started_it_even_by_kill_9(folder: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("Only Linux tells a process that its parent ended.")
    program = f"""
import sys, time
from pathlib import Path
from local.postgres import start_cluster
with start_cluster(Path({str(folder)!r}), {PASSWORDS!r}, durable=False) as cluster:
    print(cluster.process.pid, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert is_running(pid)
        starter.kill()
    eventually(lambda: not is_running(pid))


def test_a_server_left_behind_is_stopped_and_replaced(folder: Path) -> None:
    with start_cluster(folder, PASSWORDS, durable=True) as cluster:
        remember(cluster)
    user, programs = service_user(folder / "data"), choose_programs()
    with (folder / "log").open("ab") as log:
        # As `start` does, but without the tie between the server and the program that started it.
        left_behind = subprocess.Popen(
            [programs.readable_by(user).bin_path / "postgres", "-D", folder / "data", "-c", "listen_addresses="],
            user=user.uid,
            group=user.gid,
            extra_groups=None if user.uid is None else [],
            cwd="/",
            stdout=log,
            stderr=log,
        )
    pid_file = folder / "data" / "postmaster.pid"  # written bit by bit; its last line says that all of it is there
    eventually(lambda: pid_file.exists() and "ready" in pid_file.read_text())
    with start_cluster(folder, PASSWORDS, durable=True) as cluster:
        assert left_behind.wait(10) == 0, "It was not told to shut down cleanly."
        assert remembers(cluster)


def test_the_pid_file_of_a_server_that_is_gone_is_no_obstacle(folder: Path) -> None:
    with start_cluster(folder, PASSWORDS, durable=False) as cluster:
        assert cluster.process is not None
        os.kill(cluster.process.pid, signal.SIGKILL)
    assert (folder / "data" / "postmaster.pid").exists()
    with start_cluster(folder, PASSWORDS, durable=False) as cluster:
        cluster.check()


def test_a_program_that_got_the_process_id_of_a_server_is_left_alone(folder: Path) -> None:
    with start_cluster(folder, PASSWORDS, durable=False):
        written = (folder / "data" / "postmaster.pid").read_text().splitlines()
    user = service_user(folder / "data")
    with subprocess.Popen(["sleep", "60"], user=user.uid) as innocent:
        (folder / "data" / "postmaster.pid").write_text("\n".join([str(innocent.pid), *written[1:], ""]))
        user.own(folder / "data" / "postmaster.pid")
        with start_cluster(folder, PASSWORDS, durable=False) as cluster:
            cluster.check()
        assert innocent.poll() is None
        innocent.kill()


def test_a_port_that_somebody_takes_first_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with start_cluster(folder / "first", PASSWORDS, durable=False) as first:
        taken = int(first.owner["port"])
        ports = iter([taken, taken])
        free_port = server.free_port
        monkeypatch.setattr(server, "free_port", lambda: next(ports, 0) or free_port())
        with start_cluster(folder / "second", PASSWORDS, durable=False) as second:
            assert next(ports, None) is None
            assert int(second.owner["port"]) != taken
            second.check()


def test_data_of_a_version_that_is_not_installed_is_refused(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("14\n")
    service_user().own(folder / "data")
    with pytest.raises(CommandError, match=r"made by PostgreSQL 14; this machine has .*Install PostgreSQL 14, choose"):
        start_cluster(folder, PASSWORDS, durable=True).__enter__()
    assert [path.name for path in (folder / "data").iterdir()] == ["PG_VERSION"]


def test_a_version_that_is_not_installed_is_asked_for_by_name() -> None:
    with pytest.raises(CommandError, match=r"PostgreSQL 99 is needed and not installed \(found: "):
        choose_programs(99)


def test_a_cluster_that_does_not_start_shows_its_last_words(folder: Path) -> None:
    with start_cluster(folder, PASSWORDS, durable=True):
        pass
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")
    with pytest.raises(CommandError, match=r"Postgres did not start. Its last words:\n(.*\n)*.*no_such_setting"):
        start_cluster(folder, PASSWORDS, durable=True).__enter__()


@pytest.mark.parametrize("size", ["10m", "45m"], ids=["while making the cluster", "while starting"])
def test_a_full_disk_is_said_in_one_sentence(folder: Path, size: str) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("Only root can make a small disk.")
    try:
        if size == "45m":
            with start_cluster(folder, PASSWORDS, durable=False):
                pass
            fill(folder)
        with pytest.raises(CommandError, match=re.escape(DISK_FULL)):
            start_cluster(folder, PASSWORDS, durable=False).__enter__()
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            return


@ROOT_ONLY
def test_as_root_the_server_runs_as_somebody_else(folder: Path) -> None:
    with start_cluster(folder, PASSWORDS, durable=False) as cluster:
        assert cluster.process is not None
        assert Path(f"/proc/{cluster.process.pid}").stat().st_uid == service_user().uid != 0


@ROOT_ONLY
def test_a_folder_that_is_closed_to_others_is_refused_and_stays_closed(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o700)
    with pytest.raises(CommandError, match=r"cannot get into .*: a folder above it is closed to others"):
        start_cluster(folder / "closed" / "cluster", PASSWORDS, durable=True).__enter__()
    assert (folder / "closed").stat().st_mode & 0o777 == 0o700


@ROOT_ONLY
def test_below_a_closed_folder_the_cluster_lives_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_directory, "ELSEWHERE", folder / "elsewhere")
    (folder / "closed").mkdir(mode=0o700)
    path = folder / "closed" / "data"
    places: set[Path] = set()
    for _ in range(2):
        with (
            open_data_directory(path, purpose=Purpose.NORMAL, fresh=False) as directory,
            start_cluster(directory.cluster_path, directory.secrets.passwords, durable=False),
        ):
            places.add(directory.cluster_path)
    assert [place.parent for place in places] == [folder / "elsewhere"]
    with open_data_directory(path, purpose=Purpose.NORMAL, fresh=True) as directory:
        assert directory.cluster_path not in places
    assert list((folder / "elsewhere").iterdir()) == [], "Fresh left the old cluster behind."


@ROOT_ONLY
def test_programs_that_the_service_user_cannot_read_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_programs, "COPIES", folder / "copies")
    programs = choose_programs()
    assert programs.wheel_path is not None
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for name in (WHEEL, f"{WHEEL}.libs"):
        (closed / name).symlink_to(programs.wheel_path / name)
    unreadable = Programs(programs.version, closed / programs.bin_path.relative_to(programs.wheel_path), closed)
    for _ in range(2):  # made, then found
        copy = unreadable.readable_by(service_user())
        assert copy.bin_path.is_relative_to(folder / "copies")
        assert programs.version in service_user().run([copy.bin_path / "initdb", "--version"]).stdout


def test_database_url_names_a_server_that_is_used_as_it_is(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    with open_cluster(folder, PASSWORDS) as cluster:
        assert cluster.process is None
        assert cluster.database == database.name
        cluster.create_database()
        cluster.give_passwords()
        cluster.check()
        for dsn, role in (
            (cluster.app_dsn(), "berth_app"),
            (cluster.jobs_dsn(), "berth_jobs"),
            (cluster.readonly_dsn(), "berth_readonly"),
        ):
            with psycopg.connect(dsn) as connection:
                assert connection.execute("SELECT current_user").fetchone() == (role,)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/nothing", "not an address", "postgresql://?no_such=option"])
def test_a_database_url_that_leads_nowhere_is_said_so(url: str) -> None:
    with pytest.raises(CommandError, match="DATABASE_URL names a server that cannot be used: "):
        existing_server(url)
