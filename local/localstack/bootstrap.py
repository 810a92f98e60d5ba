"""What a function's process runs: AWS's runtime interface client, for as long as the emulator lives.

`python -P bootstrap.py DESCRIPTOR HANDLER`: the descriptor is of a pipe whose other end the emulator alone holds. Its
end, however it came, ends this process, also in the middle of a request. Nothing of Berth is on its path.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading


def _end_with(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os._exit(1)


threading.Thread(target=_end_with, args=[int(sys.argv.pop(1))], name="emulator-watch", daemon=True).start()
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
