"""What the gateway itself serves beside the functions: the index page and the images that were kept."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from local.gateway.answers import Answer, problem

if TYPE_CHECKING:
    from pathlib import Path

_MEDIA_TYPES = {
    ".avif": b"image/avif",
    ".jpeg": b"image/jpeg",
    ".jpg": b"image/jpeg",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
    ".webp": b"image/webp",
}

_INDEX = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Berth</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #1b2b34 }
  code { background: #eef2f4; padding: .1rem .3rem; border-radius: .2rem }
</style>
<h1>Berth is running</h1>
<p>A reservation backend that cannot overbook. The API lives below <code>/api/v1</code>.</p>
<ul>
  <li><a href="/api/v1/docs">API documentation</a></li>
  <li><a href="/api/v1/openapi.json">OpenAPI description</a></li>
  <li><a href="/api/v1/health">Health</a> and <a href="/api/v1/ready">readiness</a></li>
</ul>
</html>
"""


class Site:
    """Answers GET and HEAD below `/`; `images`, if any, is served as `/images/`: its names tell the content."""

    def __init__(self, images: Path | None) -> None:
        self._images = None if images is None else images.resolve()

    def answer(self, method: str, raw_path: str, known_tags: str) -> Answer:
        """Answer a request whose path is not below the API's stage; `known_tags` is its If-None-Match, or ""."""
        if raw_path != "/" and not raw_path.startswith("/images/"):
            detail = f"There is nothing at {raw_path}. The API lives below /api/v1, see /api/v1/docs."
            return problem(404, "not_found", detail)
        if method not in {"GET", "HEAD"}:
            detail = f"{raw_path} answers GET and HEAD, not {method}."
            return problem(405, "method_not_allowed", detail, headers={b"allow": b"GET, HEAD"})
        if raw_path == "/":
            headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache")]
            return Answer(200, headers, _INDEX)
        return self._image(raw_path.removeprefix("/images/"), known_tags)

    def _image(self, raw_name: str, known_tags: str) -> Answer:
        try:
            path = self._path(raw_name)
            media_type = _MEDIA_TYPES[path.suffix.lower()]
            facts = path.stat()
            content, tag = _read(path, facts.st_mtime_ns, facts.st_size)
        # Not UTF-8, outside, or NUL; not an image; no such file, or no name that the system takes.
        except (UnicodeDecodeError, ValueError, OSError, KeyError):
            return problem(404, "not_found", f"There is no image at /images/{raw_name}.")
        headers = [
            (b"content-type", media_type),
            (b"etag", tag),
            (b"cache-control", b"public, max-age=31536000, immutable"),
            (b"x-content-type-options", b"nosniff"),
            # An SVG opened by itself is a document: it must not run scripts or load anything.
            (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
        ]
        if known_tags and _knows(known_tags, tag.decode()):
            return Answer(304, headers, b"")
        return Answer(200, headers, content)

    def _path(self, raw_name: str) -> Path:
        """Where the name leads, links followed; ValueError outside of the directory, or where none is served."""
        if self._images is None:
            raise ValueError
        path = (self._images / unquote_to_bytes(raw_name).decode()).resolve()
        path.relative_to(self._images)
        return path


@lru_cache(maxsize=512)
def _read(path: Path, _changed_ns: int, _size: int) -> tuple[bytes, bytes]:
    """Content and strong ETag; the time of change and the size are part of the key, so a changed file is read anew."""
    content = path.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'.encode()


def _knows(header: str, tag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110, section 13.1.2)."""
    return any(known.strip().removeprefix("W/") in {tag, "*"} for known in header.split(","))
