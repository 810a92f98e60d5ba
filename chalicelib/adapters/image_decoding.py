"""Uploaded images, decoded and encoded again, so that what is served is an image and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from chalicelib.core.errors import InvalidInputError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = {
    "image/jpeg": ("JPEG", 64_000_000),
    "image/png": ("PNG", 32_000_000),
    "image/webp": ("WEBP", 32_000_000),
}
"""What may be uploaded: media type, the decoder's name for it, and how many pixels are decoded at most.

More than telephones and screens have; the worst image of each takes less than 700 MiB of a function's 1024.
"""
MOST_SCANS = 30
"""Of a JPEG: cameras and programs write 1 to 15. Each goes over the whole image, however little is in it."""
WRITTEN_TYPE = "image/webp"
LARGE, SMALL = 1600, 480
"""Pixels of the longer side, at most."""
QUALITY = 82
START_OF_SCAN, END_OF_IMAGE = b"\xda", b"\xd9"
WITHOUT_LENGTH = frozenset(bytes([marker]) for marker in (0x00, 0x01, *range(0xD0, 0xD9)))
"""Behind 0xFF: a byte of data that is 0xFF itself, TEM, RST0 to RST7 and SOI."""
ORIENTATION = 0x0112
"""EXIF's tag for how the camera was held (CIPA DC-008, 4.6.5)."""


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image in two sizes as WebP, and the size of the larger in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def reencode(data: bytes, media_type: str) -> EncodedImage:
    """Decode an upload, turn it upright, and encode it without what was hidden in it (place, camera, comments).

    Raises `InvalidInputError` for what is not a whole image of that type, and for one with too many pixels.
    """
    from PIL import Image, UnidentifiedImageError  # only this one path decodes images

    if media_type == "image/jpeg" and scans(data) > MOST_SCANS:
        message = f"It has more than {MOST_SCANS} scans. Save it again without them."
        raise InvalidInputError("file", message)
    Image.MAX_IMAGE_PIXELS = None  # opening reads the size and no pixels; ours is the check, and it says what is wrong
    decoder, most_pixels = FORMATS[media_type]
    try:
        with Image.open(BytesIO(data), formats=[decoder for decoder, _ in FORMATS.values()]) as opened:
            # Telephones append depth maps to their JPEGs, which Pillow calls MPO; the first image is the image.
            found = "JPEG" if opened.format == "MPO" else opened.format
            if found != decoder:
                message = f"It was announced as {media_type} and is {found}."
                raise InvalidInputError("file", message)
            if opened.width * opened.height > most_pixels:
                message = f"{opened.width} x {opened.height} pixels are too many; up to {most_pixels:,} are read."
                raise InvalidInputError("file", message)
            large = _upright(opened)
    except UnidentifiedImageError as error:
        message = f"It is no image that can be read; expected is one of {', '.join(FORMATS)}."
        raise InvalidInputError("file", message) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        message = "The image is damaged or not whole, and cannot be read."
        raise InvalidInputError("file", message) from error
    small = large.copy()
    small.thumbnail((SMALL, SMALL))
    return EncodedImage(_written(large), _written(small), large.width, large.height)


def scans(data: bytes) -> int:
    """Count the scans of a JPEG without decoding it, up to one more than permitted (ITU-T T.81, annex B)."""
    place, counted = 2, 0
    while counted <= MOST_SCANS and (place := data.find(b"\xff", place)) >= 0:
        marker = data[place + 1 : place + 2]
        if marker == END_OF_IMAGE:
            break
        if not marker or marker == b"\xff":  # filled up to the marker
            place += 1
        elif marker in WITHOUT_LENGTH:
            place += 2
        else:
            counted += marker == START_OF_SCAN
            place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
    return counted


def _upright(opened: Image) -> Image:
    """The image in its larger size, in colors that WebP has; JPEGs are made smaller while they are decoded."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    mode = "RGBA" if opened.has_transparency_data else "RGB"
    if opened.mode.startswith("I"):  # shades of gray in 16 bits, which are cut off instead of divided otherwise
        gray = opened.point(lambda shade: shade / 256)  # pyright: ignore[reportUnknownMemberType] - Pillow's own
        fitted = gray.convert("L").convert("RGB")
    else:
        fitted = opened if opened.mode == mode else opened.convert(mode)
    fitted.thumbnail((LARGE, LARGE))
    # Pillow's own exif_transpose writes the remaining EXIF again, and stumbles over what some cameras wrote there.
    turn = turns.get(opened.getexif().get(ORIENTATION, 1))
    return fitted.copy() if turn is None else fitted.transpose(turn)


def _written(image: Image) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=4)  # passes on no EXIF, profile or comment
    return file.getvalue()
