"""Images of a resource: uploaded by a browser to the bucket, checked and encoded again here, then shown.

What is shown is a list in the resource itself, so that readers need no further query. Files are named by their image
and their content, so that what an address leads to never changes and nobody else's image needs it; nothing is shown
before it is whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.image_decoding import FORMATS, WRITTEN_TYPE
from chalicelib.adapters.image_process import reencode_apart
from chalicelib.catalogue.storage import resources
from chalicelib.core.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.adapters.image_decoding import EncodedImage
    from chalicelib.adapters.image_store import ImageStore, Upload
    from chalicelib.catalogue.storage.resources import Illustrated
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

MOST_IMAGES = 20
MOST_BYTES = 10 * 1024 * 1024
Entry = dict[str, Any]
"""An image as the resource has it: id, url, thumbnail_url, alt, width, height."""


@dataclass(frozen=True, slots=True)
class Illustration:
    """The images of a resource in their order, and the resource's version."""

    images: list[Entry]
    version: int


def ask_to_upload(context: Context, store: ImageStore, named: str, media_type: str) -> tuple[UUID, Upload]:
    """Return the id that an image will have, and where to upload it.

    Raises `NotFoundError`, `ConflictError` where there are as many as there may be, `UnavailableError`.
    """
    found = context.run(lambda transaction: _find(transaction, named))
    _check_room(found)
    image_id = new_id()
    return image_id, store.allow_upload(_incoming(context.tenant, found.id, image_id), media_type, MOST_BYTES)


def add_image(context: Context, store: ImageStore, named: str, image_id: UUID, alt: str) -> Illustration:
    """Check what was uploaded and show it, as the last one. Repeated, it answers as the first time.

    Raises `NotFoundError` where nothing was uploaded, `InvalidInputError` for what is no image of the type that was
    announced (the file is removed), `ConflictError`, `UnavailableError`.
    """
    found = context.run(lambda transaction: _find(transaction, named))
    incoming = _incoming(context.tenant, found.id, image_id)
    uploaded = None if _shows(found, image_id) else store.read(incoming)
    if uploaded is None:
        found = context.run(lambda transaction: _find(transaction, named))  # another call may have shown it
        if _shows(found, image_id):
            return Illustration(found.images, found.version)
        message = "Nothing was uploaded for this image. Ask for an upload, send the file, then complete it."
        raise NotFoundError(message)
    try:
        entry = _kept(store, context.tenant, image_id, alt, _image(*uploaded))
    except InvalidInputError:
        store.remove(incoming)
        raise

    def show(images: list[Entry]) -> list[Entry]:
        return images if any(one.get("id") == entry["id"] for one in images) else [*images, entry]

    shown = _change(context, named, show, EventType.IMAGE_ADDED)
    store.remove(incoming)
    return shown


def change_image(
    context: Context,
    named: str,
    image_id: UUID,
    *,
    alt: str | None,
    position: int | None,
) -> Illustration:
    """Give an image another text or another place. Raises `NotFoundError`, `VersionMismatchError`."""

    def change(images: list[Entry]) -> list[Entry]:
        entry, others = _taken_out(images, image_id)
        changed = entry if alt is None else {**entry, "alt": alt}
        place = images.index(entry) if position is None else min(position, len(others))
        return [*others[:place], changed, *others[place:]]

    return _change(context, named, change, EventType.IMAGE_CHANGED)


def remove_image(context: Context, store: ImageStore, named: str, image_id: UUID) -> None:
    """Show an image no more, then remove its files.

    Raises `NotFoundError`, `VersionMismatchError`, `UnavailableError`.
    """
    gone: Entry = {}

    def remove(images: list[Entry]) -> list[Entry]:
        entry, others = _taken_out(images, image_id)
        gone.update(entry)
        return others

    _change(context, named, remove, EventType.IMAGE_REMOVED)
    for url in sorted({gone["url"], gone["thumbnail_url"]}):
        store.remove(url.removeprefix("/"))


def _image(data: bytes, media_type: str) -> EncodedImage:
    if media_type not in FORMATS or len(data) > MOST_BYTES:
        message = f"Expected one of {', '.join(FORMATS)} of up to {MOST_BYTES // 1024**2} MiB."
        raise InvalidInputError("file", message)
    return reencode_apart(data, media_type)


def _kept(store: ImageStore, tenant: str, image_id: UUID, alt: str, image: EncodedImage) -> Entry:
    urls: list[str] = []
    for data in (image.large, image.small):
        key = f"images/{tenant}/{image_id}/{hashlib.sha256(data).hexdigest()}.webp"
        store.write(key, data, WRITTEN_TYPE)
        urls.append(f"/{key}")
    return {
        "id": str(image_id),
        "url": urls[0],
        "thumbnail_url": urls[1],
        "alt": alt,
        "width": image.width,
        "height": image.height,
    }


def _change(
    context: Context, named: str, change: Callable[[list[Entry]], list[Entry]], event_type: EventType
) -> Illustration:
    def work(transaction: Transaction) -> Illustration:
        found = _find(transaction, named)
        check_version("resource", found.version, context.expected_version)
        images = change(found.images)
        if images == found.images:
            return Illustration(images, found.version)
        if len(images) > len(found.images):
            _check_room(found)
        resources.replace_images(transaction, found.id, images, found.version)
        before, after = {"images": found.images}, {"images": images}
        append_event(transaction, context.actor, Event(event_type, "resource", found.id, before, after))
        return Illustration(images, found.version + 1)

    return context.run(work)


def _find(transaction: Transaction, named: str) -> Illustrated:
    found = resources.read_images(transaction, named)
    if found is None:
        message = "There is no such resource."
        raise NotFoundError(message)
    return found


def _shows(found: Illustrated, image_id: UUID) -> bool:
    return any(entry.get("id") == str(image_id) for entry in found.images)


def _taken_out(images: list[Entry], image_id: UUID) -> tuple[Entry, list[Entry]]:
    found = [entry for entry in images if entry.get("id") == str(image_id)]
    if not found:
        message = "The resource has no such image."
        raise NotFoundError(message)
    return found[0], [entry for entry in images if entry is not found[0]]


def _check_room(found: Illustrated) -> None:
    if len(found.images) >= MOST_IMAGES:
        message = f"A resource has up to {MOST_IMAGES} images; remove one first."
        raise ConflictError(message)


def _incoming(tenant: str, resource_id: UUID, image_id: UUID) -> str:
    return f"incoming/{tenant}/{resource_id}/{image_id}"
