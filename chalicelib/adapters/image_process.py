"""Uploaded images are decoded in a process of their own, which has limits and knows nothing.

Decoders have had holes, and images can be made that cost much more than their size says. The process gets the upload
and nothing else: no variables of the environment, and so no secrets; so much time of a processor, so much memory. What
passes these is ended by the system, whatever it does. On Lambda that also holds: it is an ordinary child.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys

from chalicelib.adapters.image_decoding import EncodedImage, reencode
from chalicelib.core.errors import InvalidInputError

PROCESSOR_SECONDS = 10
WALL_SECONDS = 20.0
"""Of the 29 that a function has: fetching and storing take some, too."""
MEMORY = 1280 * 2**20
"""Bytes of address space; the worst image that is decoded takes less than 700 MiB, Python and libraries 250."""
REFUSED = 3
"""Exit code of the process for an image that it can say something about."""


def reencode_apart(data: bytes, media_type: str) -> EncodedImage:
    """Do as `reencode` does in a process of its own. Raises `InvalidInputError`."""
    command = [sys.executable, "-m", "chalicelib.adapters.image_process", media_type]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, input=data, env=environment, capture_output=True, check=False, timeout=WALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise _TooMuchError from None
    if done.returncode == REFUSED:
        raise InvalidInputError("file", done.stderr.decode())
    if done.returncode:
        raise _TooMuchError
    head, _, body = done.stdout.partition(b"\n")
    width, height, large, small = map(int, head.split())
    return EncodedImage(body[:large], body[large : large + small], width, height)


def main(media_type: str) -> int:
    """What the process does: read the upload, bind itself, decode, write both sizes behind a line of numbers."""
    data = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        image = reencode(data, media_type)
    except InvalidInputError as error:
        sys.stderr.write(error.detail)
        return REFUSED
    head = f"{image.width} {image.height} {len(image.large)} {len(image.small)}\n"
    sys.stdout.buffer.write(head.encode() + image.large + image.small)
    return 0


class _TooMuchError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__("file", "The image takes too much time or memory to read. Make it smaller.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
