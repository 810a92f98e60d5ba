"""Images as cameras, telephones and drawing programs write them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageOps

from chalicelib.adapters.image_decoding import FORMATS, LARGE, reencode
from chalicelib.core.errors import InvalidInputError

ORIENTATION, MAKER = 0x0112, 0x010F


def quartered(size: tuple[int, int] = (300, 200)) -> Image.Image:
    """An image that looks different however it is turned."""
    width, height = size
    image = Image.new("RGB", size, "red")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height), "blue")
    draw.rectangle((0, height // 2, width // 2 - 1, height), "green")
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def decoded(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def alike(first: Image.Image, second: Image.Image) -> bool:
    """Whether the middles of the quarters have nearly the same colors."""
    assert first.size == second.size
    middles = [(first.width * x // 4, first.height * y // 4) for x in (1, 3) for y in (1, 3)]
    pairs = [(channels(first, at), channels(second, at)) for at in middles]
    return all(abs(a - b) < 40 for one, other in pairs for a, b in zip(one, other, strict=True))


def channels(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return tuple(int(channel) for channel in found)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_images_stand_upright_however_the_camera_was_held(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(quartered(), kind, exif=exif)
    image = reencode(data, f"image/{kind.lower()}")
    expected = ImageOps.exif_transpose(Image.open(BytesIO(data))).convert("RGB")
    assert (image.width, image.height) == expected.size
    assert alike(decoded(image.large), expected)


def test_exif_that_nobody_can_write_again_is_no_reason_to_refuse_an_image() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Camera"
    maker, number_that_is_text = b"\x01\x0f\x00\x02", b"\x01\x07\x00\x02"
    assert maker in exif.tobytes()
    data = encoded(quartered(), "JPEG", exif=exif.tobytes().replace(maker, number_that_is_text))
    image = reencode(data, "image/jpeg")
    assert (image.width, image.height) == (200, 300)


def test_a_telephones_image_with_a_depth_map_is_the_image() -> None:
    data = encoded(quartered(), "MPO", save_all=True, append_images=[Image.new("L", (30, 20))])
    image = reencode(data, "image/jpeg")
    assert alike(decoded(image.large), quartered())


def test_the_first_frame_of_what_moves_is_the_image() -> None:
    for kind in ("PNG", "WEBP"):
        data = encoded(quartered(), kind, save_all=True, append_images=[Image.new("RGB", (300, 200))])
        image = reencode(data, f"image/{kind.lower()}")
        assert alike(decoded(image.large), quartered())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_colors_of_every_kind_are_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    written = quartered().convert(mode)
    image = reencode(encoded(written, kind), f"image/{kind.lower()}")
    assert alike(decoded(image.large), written.convert("RGB"))


def test_sixteen_bits_of_gray_become_eight() -> None:
    image = reencode(encoded(Image.new("I;16", (40, 30), 0x8000), "PNG"), "image/png")
    assert all(abs(channel - 0x80) < 4 for channel in channels(decoded(image.large), (20, 15)))


def test_large_images_become_small_and_small_ones_stay() -> None:
    wide = reencode(encoded(quartered((4000, 1000)), "JPEG"), "image/jpeg")
    assert (wide.width, wide.height) == (LARGE, 400)
    assert (decoded(wide.large).size, decoded(wide.small).size) == ((LARGE, 400), (480, 120))
    tiny = reencode(encoded(quartered((3, 2)), "PNG"), "image/png")
    assert (tiny.width, tiny.height, decoded(tiny.small).size) == (3, 2, (3, 2))


@pytest.mark.parametrize("media_type", FORMATS)
def test_an_image_that_was_cut_is_refused(media_type: str) -> None:
    data = encoded(quartered(), FORMATS[media_type][0])
    for length in (0, 1, 10, len(data) // 2):
        with pytest.raises(InvalidInputError):
            reencode(data[:length], media_type)
