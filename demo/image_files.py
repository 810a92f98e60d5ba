"""The images that the demo's tenants show, kept in the same bucket as those that people upload."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from chalicelib.adapters.image_store import FOREVER
from local.aws.objects import Objects
from local.aws.serve import BUCKET

IMAGES = Path(__file__).with_name("images")
"""A folder per tenant; an image has the slug of what it shows."""
HEADERS = {"Content-Type": "image/svg+xml", "Cache-Control": FOREVER}


def image_of(tenant: str, slug: str, alt: str) -> dict[str, Any]:
    """Return a tenant's image as the catalogue has it."""
    url = f"/{_key(IMAGES / tenant / f'{slug}.svg')}"
    return {"id": str(_id(tenant, slug)), "url": url, "thumbnail_url": url, "alt": alt, "width": 1200, "height": 800}


def keep_images(directory: Path) -> None:
    """Put all images into the bucket below the directory."""
    objects = Objects(directory)
    for file in IMAGES.glob("*/*.svg"):
        objects.put(BUCKET, _key(file), file.read_bytes(), HEADERS)


def _key(file: Path) -> str:
    tenant = file.parent.name
    return f"images/{tenant}/{_id(tenant, file.stem)}/{hashlib.sha256(file.read_bytes()).hexdigest()}.svg"


def _id(tenant: str, slug: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"/images/{tenant}/{slug}.svg")
