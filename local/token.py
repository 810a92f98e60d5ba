"""`./dev token TENANT`: a staff token for the API, signed with the key of a data directory."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from chalicelib.adapters.tokens import Tokens
from local.data_directory import read_data_directory
from local.environment import DEFAULT_PATH, SIGNING_KID


def main(arguments: list[str]) -> int:
    """Print the token, and nothing else, so that it can be put into a variable."""
    options = _parser().parse_args(arguments)
    directory = read_data_directory(options.data_dir)
    tokens = Tokens([(SIGNING_KID, directory.secrets.signing_key)])
    print(tokens.issue_staff_token(options.tenant, options.person, timedelta(hours=options.hours)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev token", description="Print a staff token: check in, check out, close.")
    parser.add_argument("tenant", help="slug of the tenant to work for, e.g. pine-cabins")
    parser.add_argument("--person", default="owner@local.example", help="who events say it was (owner@local.example)")
    parser.add_argument("--hours", type=float, default=12, help="how long it holds (12)")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose key signs (.local)")
    return parser
