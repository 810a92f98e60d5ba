"""Uploads are decoded in a process that is ended when it takes too much, and that has no secrets."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from chalicelib.adapters import image_process
from chalicelib.adapters.image_decoding import MOST_SCANS, reencode, scans
from chalicelib.adapters.image_process import reencode_apart
from chalicelib.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable


def jpeg(size: tuple[int, int] = (64, 48), **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    file = BytesIO()
    Image.effect_mandelbrot(size, (-3, -2.5, 2, 2.5), 20).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def with_scans(number: int) -> bytes:
    """A progressive JPEG whose last scan is there so many times more: each goes over the image again."""
    data = jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * (1 + number) + data[-2:]


def test_it_does_what_decoding_here_would_do() -> None:
    assert reencode_apart(jpeg(), "image/jpeg") == reencode(jpeg(), "image/jpeg")


@pytest.mark.parametrize(("data", "said"), [(b"no image", "no image that can be read"), (jpeg()[:200], "damaged")])
def test_what_it_says_of_an_image_is_passed_on(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as refusal:
        reencode_apart(data, "image/jpeg")
    assert refusal.value.field == "file"


def test_a_jpeg_that_goes_over_itself_again_and_again_is_refused_before_it_is_decoded() -> None:
    own = scans(jpeg(progressive=True))
    assert 1 < own < MOST_SCANS
    assert scans(with_scans(5)) == own + 5
    assert scans(with_scans(700)) == MOST_SCANS + 1
    with pytest.raises(InvalidInputError, match="scans"):
        reencode(with_scans(700), "image/jpeg")
    assert reencode(with_scans(5), "image/jpeg").width == 64


@pytest.mark.parametrize(
    ("data", "counted"),
    [
        pytest.param(jpeg(), 1, id="baseline"),
        pytest.param(jpeg(exif=b"Exif\x00\x00" + jpeg((8, 8)) * 40), 1, id="images in what a camera noted"),
        pytest.param(jpeg() + jpeg(), 1, id="a depth map behind it"),
        pytest.param(b"\xff\xd8" + b"\xff" * 100_000, 0, id="filled up for ever"),
        pytest.param(b"\xff\xd8" + b"\xff\xda\x00\x00" * 100_000, MOST_SCANS + 1, id="lengths of nothing"),
        pytest.param(b"", 0, id="empty"),
    ],
)
def test_scans_are_counted_in_one_pass(data: bytes, counted: int) -> None:
    assert scans(data) == counted


def spin() -> None:
    while True:
        pass


def swell() -> None:
    held: list[bytearray] = []
    while True:
        held.append(bytearray(64 * 2**20))


@pytest.mark.parametrize("doing", [spin, swell])
def test_what_takes_too_much_is_ended_by_the_system(doing: Callable[[], None]) -> None:
    program = (
        "import sys\n"
        "from chalicelib.adapters import image_process as process\n"
        f"from tests.adapters.test_image_process import {doing.__name__} as doing\n"
        "process.PROCESSOR_SECONDS = 1\n"
        "process.reencode = lambda data, media_type: doing()\n"
        "sys.exit(process.main('image/jpeg'))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], input=b"", capture_output=True, check=False, timeout=60)
    assert ended.returncode not in {0, image_process.REFUSED}
    assert b"MemoryError" in ended.stderr or ended.returncode < 0


def test_an_end_by_the_system_is_said_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_process.sys, "executable", "/bin/false")
    with pytest.raises(InvalidInputError, match="too much time or memory"):
        reencode_apart(jpeg(), "image/jpeg")


def test_it_has_no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:  # noqa: ANN401 - subprocess's
        given.update(options["env"])
        return subprocess.CompletedProcess(command, 0, b"1 1 1 1\nab", b"")

    monkeypatch.setattr(image_process.subprocess, "run", run)
    monkeypatch.setenv("BERTH_SIGNING_KEYS", "k:secret")
    reencode_apart(b"", "image/jpeg")
    assert set(given) == {"PYTHONPATH", "LANG"}
