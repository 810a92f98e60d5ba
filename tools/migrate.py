"""`./dev migrate`: brings the database of a data directory, or the one DATABASE_URL names, to the present schema."""

from __future__ import annotations

import argparse
from pathlib import Path

from local.environment import DEFAULT_PATH, bring_up_to_date


def main(arguments: list[str]) -> int:
    """Migrate, and name what was applied."""
    parser = argparse.ArgumentParser(prog="./dev migrate", description="Bring a database to the present schema.")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="without DATABASE_URL: whose database")
    options = parser.parse_args(arguments)
    print("\n".join(bring_up_to_date(options.data_dir)) or "Nothing to apply: the schema is the present one.")
    return 0
