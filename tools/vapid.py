"""`./dev vapid`: makes the key by which push services know who sends notifications."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from chalicelib.adapters.web_push import key_text, new_key

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Print a new key as the environment takes it."""
    argparse.ArgumentParser(prog="./dev vapid", description=__doc__).parse_args(arguments)
    key = new_key()
    print(f"BERTH_VAPID_KEY={key_text(key)}")
    print("BERTH_VAPID_SUBJECT=mailto:you@example.com")
    print(f"# Its public part, which browsers get: {key.public}")
    print("# Keep it: with another key, each device has to be switched on again.")
    return 0
