"""Makes clusters, starts and stops the server on them, and cleans up after one that was killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from local.errors import DISK_FULL, CommandError, says_full
from local.postgres.programs import Programs, choose_programs
from local.postgres.service_user import ServiceUser, make_folder_for, service_user
from local.supervision import Restarts, interrupts_held

if TYPE_CHECKING:
    from collections.abc import Callable

SUPERUSER = "postgres"
HOST = "127.0.0.1"
RETRY_SECONDS = 20
PASSING = "Address already in use|shared memory block .* is still in use"
"""Two failures that pass: somebody took the port just before us; processes of a killed server are still ending."""

START_SECONDS = 300  # recovery after a crash may take its time; a server that ended is noticed at once
STOP_SECONDS = 60
LAST_WORDS = 12
"""Lines of the log that explain a failure."""

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # their paths would have to be short, and are no faster
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "wal_keep_size": "128MB",  # a replica that was cut off, or slower than a checkpoint, still finds what it lacks
    "jit": "off",  # short statements: compiling them costs more than it saves
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_keep_size": "0",
    "max_wal_size": "256MB",  # its files may be in memory
    "shared_buffers": "128MB",
    "autovacuum": "off",  # plans change only when a test says ANALYZE
}


def prepare(path: Path, superuser_password: str, *, durable: bool, major: int | None) -> tuple[ServiceUser, Programs]:
    """Make `path` hold a cluster that nobody runs; choose the user and the programs to run it with.

    Raises `CommandError`.
    """
    data = path / "data"
    user = service_user(data)
    end_leftover(path)
    programs = _programs_for(data, major).readable_by(user)
    make_folder_for(user, path)
    if not user.can_enter(path):
        message = (
            f"Postgres runs as user {user.name}, who cannot get into {path}: a folder above it is closed to others. "
            "Choose another place with --data-dir, or start as a normal user."
        )
        raise CommandError(message)
    if not data.exists():
        _create(data, programs, user, superuser_password, durable=durable)
    return user, programs


def end_leftover(path: Path) -> None:
    """Stop a server that still runs on the cluster in `path` though nobody holds it any more, and its stale pid file.

    To call only by the one process that may use the cluster. Where the operating system has given the recorded process
    id to another program, that program is left alone and the file removed, because Postgres would refuse to start.
    """
    data = (path / "data").resolve()
    pid_path = data / "postmaster.pid"
    try:
        pid = int(pid_path.read_text().split("\n", maxsplit=1)[0])
    except (FileNotFoundError, ValueError):
        return
    if not _runs_on(pid, data):
        pid_path.unlink()
        return
    for signal_number in (signal.SIGINT, signal.SIGQUIT):
        os.kill(pid, signal_number)
        deadline = time.monotonic() + STOP_SECONDS
        while _runs_on(pid, data):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return


def running_address(path: Path) -> dict[str, str] | None:
    """Where the server on the cluster in `path` listens; None when none is running and ready."""
    data = (path / "data").resolve()
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, _, _, port, _, host, _, state = lines[:8]  # as in PostgreSQL's miscadmin.h
        if state.strip() != "ready" or not _runs_on(int(pid), data):
            return None
    except (FileNotFoundError, ValueError):
        return None
    return {"host": host, "port": port}


def _runs_on(pid: int, data: Path) -> bool:
    """Say whether this process is a Postgres on that data: its working directory is the data directory."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == data
        except OSError:
            return False
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(data) in listed.stdout


def _programs_for(data: Path, major: int | None) -> Programs:
    """Programs of the version that made this data, since no other can read it."""
    version_path = data / "PG_VERSION"
    if not version_path.exists():
        return choose_programs(major)
    made_by = int(version_path.read_text().split(".")[0])
    try:
        return choose_programs(made_by)
    except CommandError:
        present = choose_programs().version
        message = (
            f"The data in {data.parent} was made by PostgreSQL {made_by}; this machine has {present}, which cannot "
            f"read it. Install PostgreSQL {made_by}, choose another place with --data-dir, or throw the data away "
            "with --fresh."
        )
        raise CommandError(message) from None


def _create(data: Path, programs: Programs, user: ServiceUser, password: str, *, durable: bool) -> None:
    """Make a new cluster under another name first: an interrupted start leaves nothing that looks finished."""
    unfinished = data.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    user.own(unfinished)
    unicode = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as password_file:
        user.own(Path(password_file.name))
        password_file.write(password)
        password_file.flush()
        done = user.run(
            [
                programs.bin_path / "initdb",
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--data-checksums",
                "--no-instructions",
                *(unicode if programs.major >= 17 else ["--locale=C.UTF-8"]),
                *([] if durable else ["--no-sync"]),
                # A password that is for tests alone need not be slow to try: each connection tries it.
                *([] if durable or programs.major < 16 else ["--set=scram_iterations=1"]),
            ]
        )
    if done.returncode:
        shutil.rmtree(unfinished, ignore_errors=True)
        fail("Postgres could not make a new database cluster", done.stdout + done.stderr)
    unfinished.rename(data)


@dataclass(slots=True)
class Server:
    """A server that was started: its process, which may be replaced, and all that starting it again needs."""

    path: Path
    programs: Programs
    user: ServiceUser
    durable: bool
    process: subprocess.Popen[bytes]
    port: int
    name: str = "Postgres"
    """What it is called in what is said of it."""
    restarts: Restarts = field(default_factory=Restarts)

    @property
    def log_path(self) -> Path:
        """What it and its earlier processes said."""
        return self.path / "log"

    @property
    def address(self) -> dict[str, str]:
        """Where it listens, also after a restart."""
        return {"host": HOST, "port": str(self.port)}

    def keep_running(self, seconds: float, say: Callable[[str], None]) -> None:
        """Watch for so long, and start it again, on the same port, when it ends. Raises `CommandError` in the end.

        To call from one thread that stays: a server is told to stop when the thread that started it ends.
        """
        with suppress(subprocess.TimeoutExpired):
            status = self.process.wait(seconds)
            pause = self.restarts.ended()
            if pause is None:
                fail(f"{self.name} keeps ending", read_from(self.log_path, 0))
            say(f"{self.name} ended with status {status}; starting it again.")
            time.sleep(pause)
            end_leftover(self.path)
            self.process = self._started_again()
            say(f"{self.name} is back.")

    def _started_again(self) -> subprocess.Popen[bytes]:
        again = start(self.path, self.programs, self.user, durable=self.durable, port=self.port, name=self.name)
        return again.process


def start(
    path: Path,
    programs: Programs,
    user: ServiceUser,
    *,
    durable: bool,
    port: int | None = None,
    name: str = "Postgres",
) -> Server:
    """Start the server and wait until it answers, on a free port or that one. Raises `CommandError`."""
    give_up_at = time.monotonic() + RETRY_SECONDS
    fixed = port
    while True:
        port = fixed or free_port()
        settings = {**SETTINGS, **({} if durable else THROWAWAY), "port": str(port)}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        (path / "log").touch(mode=0o600)  # it may quote data
        process = None
        try:
            with (path / "log").open("ab") as log, interrupts_held():
                offset = log.tell()
                process = user.start([programs.bin_path / "postgres", "-D", path / "data", *options], log)
            if _is_ready(process, path / "data"):
                return Server(path, programs, user, durable, process, port, name)
        except BaseException:
            if process is not None:
                stop(process)
            raise
        stop(process)
        said = read_from(path / "log", offset)
        if not re.search(PASSING, said) or time.monotonic() > give_up_at:
            fail(f"{name} did not start", said)
        time.sleep(0.2)


def free_port() -> int:
    """A port that nobody on this machine uses at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _is_ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait as pg_ctl does: the eighth line of the server's pid file says `ready`. False when the process ended."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(FileNotFoundError):
            lines = (data / "postmaster.pid").read_text().splitlines()
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
        time.sleep(0.02)
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """Shut down fast and cleanly; at once, with recovery at the next start, should that take too long."""
    for signal_number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(signal_number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return


def read_from(log_path: Path, offset: int) -> str:
    """What the log says from a position on."""
    with log_path.open("rb") as log:
        log.seek(offset)
        return log.read().decode(errors="replace")


def fail(what: str, said: str) -> NoReturn:
    """Raise `CommandError`, explaining the failure by what the program wrote last."""
    last_words = said.strip().splitlines()[-LAST_WORDS:]
    if says_full("\n".join(last_words)):
        raise CommandError(DISK_FULL)
    raise CommandError("\n".join([f"{what}. Its last words:", *last_words]))
