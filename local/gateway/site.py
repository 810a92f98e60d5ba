"""What the gateway itself serves beside the functions: its few pages, the images that were kept, and the built web."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from local.gateway.answers import GatewayAnswer, problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.gateway.web_files import WebFiles

_MEDIA_TYPES = {
    ".avif": b"image/avif",
    ".jpeg": b"image/jpeg",
    ".jpg": b"image/jpeg",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
    ".webp": b"image/webp",
}

LINKED = ("join", "reset", "confirm", "manage")
"""Where links in emails lead: an invitation, another password, an anonymous caller's request, a guest's reservation."""
_PAGES = Path(__file__).with_name("pages")
_INLINE = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


class PublicSite:
    """Answers GET and HEAD below `/`; `images`, if any, is served as `/images/`: its names tell the content."""

    def __init__(self, images: Path | None, web: WebFiles | None) -> None:
        self._images = None if images is None else images.resolve()
        self._web = web
        self._pages = {"/": _page("index.html"), **{f"/{name}": _page(f"{name}.html") for name in LINKED}}

    def answer(self, method: str, raw_path: str, headers: Mapping[str, str]) -> GatewayAnswer:
        """Answer a request whose path is not below the API's stage; names of headers are lowercase."""
        of_web = self._web is not None and self._web.owns(raw_path)
        if not of_web and raw_path not in self._pages and not raw_path.startswith("/images/"):
            detail = f"There is nothing at {raw_path}. The API lives below /api/v1, see /api/v1/docs."
            return problem(404, "not_found", detail)
        if method not in {"GET", "HEAD"}:
            return refused_method(raw_path, method)
        if self._web is not None and of_web:
            return self._web.answer(raw_path, headers)
        if raw_path in self._pages:
            page = self._pages[raw_path]
            # A copy: what is sent with one answer (its request id, its length) must not stay on the page.
            return GatewayAnswer(page.status, list(page.headers), page.body)
        return self._image(raw_path.removeprefix("/images/"), headers.get("if-none-match", ""))

    def _image(self, raw_name: str, known_tags: str) -> GatewayAnswer:
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
            return GatewayAnswer(304, headers, b"")
        return GatewayAnswer(200, headers, content)

    def _path(self, raw_name: str) -> Path:
        """Where the name leads, links followed; ValueError outside of the directory, or where none is served."""
        if self._images is None:
            raise ValueError
        path = (self._images / unquote_to_bytes(raw_name).decode()).resolve()
        path.relative_to(self._images)
        return path


def refused_method(raw_path: str, method: str) -> GatewayAnswer:
    """Say that something can only be read."""
    detail = f"{raw_path} answers GET and HEAD, not {method}."
    return problem(405, "method_not_allowed", detail, headers={b"allow": b"GET, HEAD"})


def _page(name: str) -> GatewayAnswer:
    """A page that may run and load what is written in it, talk to the API, and nothing else."""
    text = (_PAGES / name).read_text(encoding="utf-8")
    allowed = {"style": "'none'", "script": "'none'"}
    for kind, content in _INLINE.findall(text):
        allowed[kind] = f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
    policy = (
        f"default-src 'none'; style-src {allowed['style']}; script-src {allowed['script']}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return GatewayAnswer(200, headers, text.encode())


@lru_cache(maxsize=512)
def _read(path: Path, _changed_ns: int, _size: int) -> tuple[bytes, bytes]:
    """Content and strong ETag; the time of change and the size are part of the key, so a changed file is read again."""
    content = path.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'.encode()


def _knows(header: str, tag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110, section 13.1.2)."""
    return any(known.strip().removeprefix("W/") in {tag, "*"} for known in header.split(","))
