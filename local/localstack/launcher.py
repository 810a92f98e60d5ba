# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
"""Starts LocalStack so that it listens where it was told to, and ends when who started it does.

`python -m local.localstack.launcher [--until-eof]`: with the switch it ends with its standard input.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading

from localstack import config
from localstack.runtime import main as localstack
from twisted.internet import endpoints


def main(arguments: list[str]) -> None:
    """Run LocalStack until a signal."""
    # LocalStack leaves out the host of GATEWAY_LISTEN for IPv4, and Twisted then listens for the whole network.
    listening = functools.partial(endpoints.TCP4ServerEndpoint, interface=config.GATEWAY_LISTEN[0].host)
    endpoints.TCP4ServerEndpoint = listening
    if arguments == ["--until-eof"]:
        threading.Thread(target=_end_with_input, name="parent-watch", daemon=True).start()
    localstack.main()


def _end_with_input() -> None:
    """Nothing is kept, so nothing has to be put in order: everything of this process's group ends at once."""
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
