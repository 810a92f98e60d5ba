"""`./dev token TENANT`: an access token for the API, of a person with the role that is asked for."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from chalicelib.access.model.people import MEMBER_ROLES, Role
from chalicelib.adapters.tokens import Tokens
from local.data_directory import read_data_directory
from local.environment import DEFAULT_PATH, SIGNING_KID, open_database
from tools.command_line import positive_duration
from tools.people import access_token


def main(arguments: list[str]) -> int:
    """Print the token, and nothing else, so that it can be put into a variable."""
    options = _parser().parse_args(arguments)
    print(make_token(options.data_dir, options.tenant, options.role, options.hours))
    return 0


def make_token(data_dir: Path, tenant: str, role: str, hours: float) -> str:
    """Return a token of somebody of the tenant with that role, in a session of its own. Raises `CommandError`."""
    directory = read_data_directory(data_dir)
    tokens = Tokens([(SIGNING_KID, directory.secrets.signing_key)])
    with open_database(data_dir) as cluster:
        return access_token(cluster.owner_dsn(), tokens, tenant, role, timedelta(hours=hours))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev token", description="Print an access token, as if somebody of the tenant had signed in."
    )
    parser.add_argument("tenant", help="slug of the tenant to work for, e.g. pine-cabins")
    roles = [role.value for role in MEMBER_ROLES]
    parser.add_argument("--role", choices=roles, default=Role.OWNER.value, help="as which of its staff (owner)")
    parser.add_argument("--hours", type=positive_duration, default=12, help="how long it holds (12)")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose database and key (.local)")
    return parser
