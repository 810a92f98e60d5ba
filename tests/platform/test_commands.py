"""Commands of ./dev when their reader leaves, when their arguments are wrong, and with a database of yours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.platform.running import ROOT
from tools.__main__ import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Database


def dev(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-m", "tools", *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["demo", "--port=x"], "'x' is no port. It is a number from 1 to 65535, or 0 for any free one."),
        (["demo", "--workers=0"], "'0' is no whole number from 1 to 2,147,483,647."),
        (["demo", "--workers=" + "9" * 5000], " is no whole number from 1 to 2,147,483,647."),
        (["demo", "--data-dir=/proc/nothing"], "/proc/nothing cannot be used: No such file or directory."),
        (["demo", "--data-dir=README.md"], "README.md exists and Berth did not make it."),
        (["jobs", "run", "nothing", "--seconds=-1"], "'-1' is no number above 0 and up to 2,147,483,647"),
        (["jobs", "run", "nothing", "--seconds=nan"], "'nan' is no number above 0"),
        (["token", "pine-cabins", "--hours=soon"], "'soon' is no number above 0"),
        (["prove", "nothing"], "invalid choice: 'nothing'"),
        (["prove", "combinations", "--minutes=x"], "'x' is no whole number"),
        (["bench", "nothing"], "there is no bench 'nothing'; there are imports,"),
        (["package", "--out=/proc/nothing"], "/proc/nothing cannot be used: No such file or directory."),
        (["replay", "nothing.csv.gz"], "There is no file nothing.csv.gz."),
        (["migrate", "--data-dir=/etc"], "/etc exists and Berth did not make it."),
        (["chekc"], "./dev has no command 'chekc'. Did you mean ./dev check?"),
    ],
)
def test_a_wrong_argument_is_answered_by_a_sentence(arguments: list[str], sentence: str) -> None:
    done = dev(*arguments)
    assert done.returncode in {1, 2}
    assert sentence in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["check", "jobs", "seals", "tenant"])
def test_a_reader_who_leaves_is_no_error(database: Database, command: str) -> None:
    arguments = {"seals": ["verify"], "tenant": ["list"]}.get(command, [])
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tools", command, *arguments],
            env={**os.environ, "DATABASE_URL": database.owner},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode in {1, 141}


def test_migrating_a_database_of_yours_needs_no_data_directory(database: Database, tmp_path: Path) -> None:
    directory = tmp_path / "nothing"
    done = dev("migrate", f"--data-dir={directory}", DATABASE_URL=database.owner)
    assert (done.returncode, done.stdout) == (0, "Nothing to apply: the schema is the present one.\n")
    assert not directory.exists()


@pytest.mark.parametrize(("given", "trusts"), [({}, "1"), ({"UV_SYSTEM_CERTS": "0"}, "0")])
def test_uv_trusts_whom_the_machine_trusts_and_a_failure_says_what_to_do_about_certificates(
    tmp_path: Path, given: dict[str, str], trusts: str
) -> None:
    for name in ("dev", "requirements-dev.txt", "requirements-uv.txt"):
        shutil.copy(ROOT / name, tmp_path)
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(f'#!/bin/sh\necho "$UV_SYSTEM_CERTS" > {tmp_path}/trusts\nexit 2\n')
    uv.chmod(0o755)
    environment = {"PATH": f"{uv.parent}:/usr/bin:/bin", **given}
    command = [sys.executable, str(tmp_path / "dev"), "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (tmp_path / "trusts").read_text().strip() == trusts
    assert done.returncode == 1
    assert "SSL_CERT_FILE=" in done.stderr


def test_help_names_every_command_apart_from_what_it_does() -> None:
    lines = dev("help").stdout.splitlines()[1:]
    assert [line.split()[1] for line in lines] == list(COMMANDS)
