"""Pictures that people upload, decoded and written anew, so that what is served is a picture and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from chalicelib.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""What may be uploaded: media type and the decoder's name for it."""
WRITTEN_TYPE = "image/webp"
MOST_PIXELS = 50_000_000
LARGE, SMALL = 1600, 480
"""Pixels of the longer side, at most."""
QUALITY = 82


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in two sizes as WebP, and the size of the larger in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def write_anew(data: bytes, media_type: str) -> Picture:
    """Decode an upload, turn it upright, and write it without anything that was hidden in it (place, camera, comments).

    Raises `InvalidInputError` for what is not a whole picture of that type, and for one with too many pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # only this one path decodes pictures

    Image.MAX_IMAGE_PIXELS = None  # opening reads the size and no pixels; ours is the check, and it says what is wrong
    try:
        with Image.open(BytesIO(data), formats=list(FORMATS.values())) as opened:
            if opened.format != FORMATS[media_type]:
                message = f"It was announced as {media_type} and is {opened.format}."
                raise InvalidInputError("file", message)
            if opened.width * opened.height > MOST_PIXELS:
                message = f"{opened.width} x {opened.height} pixels are too many; up to {MOST_PIXELS:,} are read."
                raise InvalidInputError("file", message)
            picture = ImageOps.exif_transpose(opened)
            has_alpha = "A" in picture.getbands() or "transparency" in picture.info
            plain = picture.convert("RGBA" if has_alpha else "RGB")
    except UnidentifiedImageError as error:
        message = f"It is no picture that can be read; expected is one of {', '.join(FORMATS)}."
        raise InvalidInputError("file", message) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        message = "The picture is damaged or not whole, and cannot be read."
        raise InvalidInputError("file", message) from error
    large, small = _fitted(plain, LARGE), _fitted(plain, SMALL)
    return Picture(_written(large), _written(small), large.width, large.height)


def _fitted(picture: Image, longest: int) -> Image:
    copy = picture.copy()
    copy.thumbnail((longest, longest))
    return copy


def _written(picture: Image) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=4)  # passes on no EXIF, profile or comment
    return file.getvalue()
