"""What `./dev web --build` made of web/: the page of the administrators, and what pages load.

The page of the public sites is filled by the functions (page_requests.py).

Everything is read into memory when it was built, and found by its exact name: no path of a request reaches the disk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.pages.model.policies import page_headers
from local.gateway.answers import GatewayAnswer, problem

if TYPE_CHECKING:
    from pathlib import Path

ASSETS = "/assets/"
ADMIN = re.compile(r"/admin(?:/.*)?", re.DOTALL)
"""The addresses of the administrators' app: all are one page, which shows what the rest of the path names."""
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
FOR_GOOD = "public, max-age=31536000, immutable"
"""Names below `ASSETS` tell the content."""
ASK_AGAIN = "no-cache"
PAGE_HEADERS = {name.lower(): said for name, said in page_headers(()).items() if name != "Cache-Control"} | {
    "x-content-type-options": "nosniff"
}
"""As those of public sites. On AWS: infra/delivery.yaml."""
ADMIN_HEADERS = {
    **PAGE_HEADERS,
    # The page makes the address of its service worker, and of no other script.
    "content-security-policy": PAGE_HEADERS["content-security-policy"].replace(
        "trusted-types 'none'", "trusted-types berth-worker"
    ),
    "x-robots-tag": "noindex",
}
ASSET_HEADERS = {
    # A drawing or a script opened by itself is a document: it must not run or load anything.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
EMBED = "/embed.js"
"""The script that other sites load: its name is in their pages, so it tells nothing of what is in it."""
AN_HOUR = "public, max-age=3600"
EMBED_HEADERS = {**ASSET_HEADERS, "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
WORKER = "/admin-sw.js"
"""The service worker of the administrators' app: browsers look for a newer one under the same name."""
WORKER_HEADERS = {
    **ASSET_HEADERS,
    "content-security-policy": "default-src 'none'; connect-src 'self'",
    "service-worker-allowed": "/admin",
}
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The best first."""
_SITE_PAGE = "public.html"
"""Built last: where it has changed, the rest is there."""
_ADMIN_PAGE = "admin.html"
_HEADERS = {_ADMIN_PAGE: ADMIN_HEADERS, EMBED[1:]: EMBED_HEADERS, WORKER[1:]: WORKER_HEADERS}
_LASTING = {_ADMIN_PAGE: ASK_AGAIN, EMBED[1:]: AN_HOUR, WORKER[1:]: ASK_AGAIN}


@dataclass(frozen=True, slots=True)
class _File:
    """A file in all its encodings ("" is none), each with its strong tag."""

    media_type: str
    contents: Mapping[str, tuple[bytes, str]]


class WebFiles:
    """Answers GET and HEAD for what is built in a folder; what is built there later is read then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[int, int] | None = None
        self._files: Mapping[str, _File] = {}

    @staticmethod
    def owns(raw_path: str) -> bool:
        """Say whether a path is answered here."""
        return raw_path.startswith(ASSETS) or raw_path in (EMBED, WORKER) or _page_of(raw_path) is not None

    def answer(self, raw_path: str, headers: Mapping[str, str]) -> GatewayAnswer:
        """Answer a path that `owns` knows, in the best encoding that the client takes."""
        self._read_anew()
        page = _page_of(raw_path)
        name = page or raw_path[1:]
        file = self._files.get(name)
        if file is None:
            detail = (
                "The pages are not built: ./dev web --build does that and says what is missing."
                " The API lives below /api/v1."
                if page
                else f"There is nothing at {raw_path}."
            )
            return problem(404, "not_found", detail)
        encoding = _chosen(headers.get("accept-encoding", ""), file.contents)
        content, tag = file.contents[encoding]
        lines = {
            "content-type": file.media_type,
            "cache-control": _LASTING.get(name, FOR_GOOD),
            "etag": tag,
            "vary": "Accept-Encoding",
            "accept-ranges": "none",
            **({"content-encoding": encoding} if encoding else {}),
            **_HEADERS.get(name, ASSET_HEADERS),
        }
        known = not {tag, "*"}.isdisjoint(_tags(headers.get("if-none-match", "")))
        encoded = [(name.encode(), value.encode()) for name, value in lines.items()]
        return GatewayAnswer(304, encoded, b"") if known else GatewayAnswer(200, encoded, content)

    def _read_anew(self) -> None:
        """Read what is built where that has changed; while it is being replaced, the former stays."""
        try:
            facts = (self._folder / _SITE_PAGE).stat()
        except OSError:
            return
        if self._read != (found := (facts.st_ino, facts.st_mtime_ns)):
            self._files = dict(_files(self._folder))
            self._read = found


def _page_of(raw_path: str) -> str | None:
    return _ADMIN_PAGE if ADMIN.fullmatch(raw_path) else None


def _files(folder: Path) -> list[tuple[str, _File]]:
    found: list[tuple[str, _File]] = []
    for path in [*(folder / page for page in _HEADERS), *sorted((folder / ASSETS.strip("/")).rglob("*"))]:
        media_type = MEDIA_TYPES.get(path.suffix)
        if media_type is None or path.is_symlink() or not path.is_file():
            continue
        encoded = {name: path.with_name(path.name + suffix) for name, suffix in _ENCODINGS.items()}
        contents = {name: one.read_bytes() for name, one in encoded.items() if one.is_file()}
        contents[""] = path.read_bytes()
        tag = hashlib.sha256(contents[""]).hexdigest()[:32]
        tagged = {name: (content, f'"{tag}{name and "-"}{name}"') for name, content in contents.items()}
        found.append((path.relative_to(folder).as_posix(), _File(media_type, tagged)))
    return found


def _chosen(accepted: str, contents: Mapping[str, object]) -> str:
    """Choose the first of our encodings that the client takes (RFC 9110, section 12.5.3), "" for none."""
    taken = taken_encodings(accepted)
    return next((name for name in _ENCODINGS if name in taken and name in contents), "")


def taken_encodings(accepted: str) -> set[str]:
    """Return which encodings a client takes, by its Accept-Encoding."""
    return {name for name, quality in _qualities(accepted) if quality > 0}


def _qualities(accepted: str) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for part in accepted.split(","):
        name, _, parameter = part.partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        found.append((name.strip().lower(), quality))
    return found


def _tags(header: str) -> set[str]:
    """If-None-Match compares weakly (RFC 9110, section 13.1.2)."""
    return {known.strip().removeprefix("W/") for known in header.split(",")}
