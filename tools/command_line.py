"""What commands of ./dev share: numbers on their command lines, and being told to stop."""

from __future__ import annotations

import argparse
import signal
from typing import NoReturn

HOST = "127.0.0.1"
MOST_PORT = 65535
MOST_NUMBER = 2**31 - 1
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def port_number(text: str) -> int:
    """Read a TCP port; 0 is any free one. Raises `argparse.ArgumentTypeError`."""
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_PORT):
        message = f"{text!r} is no port. It is a number from 1 to {MOST_PORT}, or 0 for any free one."
        raise argparse.ArgumentTypeError(message)
    return int(text)


def positive_number(text: str) -> int:
    """Read a whole number of at least one. Raises `argparse.ArgumentTypeError`."""
    if not (len(text) <= len(str(MOST_NUMBER)) and text.isascii() and text.isdigit() and 0 < int(text) <= MOST_NUMBER):
        message = f"{text!r} is no whole number from 1 to {MOST_NUMBER:,}."
        raise argparse.ArgumentTypeError(message)
    return int(text)


def positive_duration(text: str) -> float:
    """Read a number of seconds or hours above 0, such as 0.5. Raises `argparse.ArgumentTypeError`."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= MOST_NUMBER:
        message = f"{text!r} is no number above 0 and up to {MOST_NUMBER:,}, such as 0.5."
        raise argparse.ArgumentTypeError(message)
    return number


def interrupt_once() -> None:
    """Let the first Ctrl-C, SIGTERM or SIGHUP raise KeyboardInterrupt, and those after it not disturb the stopping."""
    for signal_number in STOPPING:
        signal.signal(signal_number, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    for signal_number in STOPPING:
        signal.signal(signal_number, signal.SIG_IGN)
    raise KeyboardInterrupt
