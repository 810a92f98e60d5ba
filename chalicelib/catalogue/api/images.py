"""Images of resources."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, Scope
from chalicelib.adapters import clock
from chalicelib.catalogue import manage_images
from chalicelib.catalogue.schemas.images import AskToUpload, ChangeImage, CompleteImage, ImageList, UploadBody
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.identifiers import identifier
from chalicelib.tenants.schemas.tenants import Image

if TYPE_CHECKING:
    from chalicelib.catalogue.manage_images import Illustration

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/resources/{resource}/images"
ONE = COLLECTION + "/{image}"


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=MANAGERS,
    tag="resources",
    body=AskToUpload,
    response=UploadBody,
    errors=[errors.NotFoundError, errors.ConflictError, errors.UnavailableError],
    scope=Scope.CATALOGUE_WRITE,
)
def ask_to_upload(call: Call[AskToUpload, NoBody]) -> Reply:
    """Create an image upload.

    Returns an address and form fields with which one file can be uploaded straight to storage, and the id of the
    image to be. Nothing is shown until the image is completed.
    """
    image_id, upload = manage_images.ask_to_upload(
        call.context, call.container.images, call.path["resource"], call.body.media_type
    )
    body = UploadBody(
        id=image_id,
        url=upload.url,
        fields=dict(upload.fields),
        most_bytes=manage_images.MOST_BYTES,
        expires_at=clock.now() + timedelta(seconds=upload.seconds),
    )
    return Reply(body)


@endpoint(
    blueprint,
    "POST",
    ONE + "/complete",
    roles=MANAGERS,
    tag="resources",
    body=CompleteImage,
    response=ImageList,
    errors=[
        errors.NotFoundError,
        errors.ConflictError,
        errors.ContentionError,
        errors.UnavailableError,
    ],
    scope=Scope.CATALOGUE_WRITE,
)
def complete(call: Call[CompleteImage, NoBody]) -> Reply:
    """Complete an image.

    Shows an uploaded image as the last one of the resource. It is decoded, turned upright and stored again without
    hidden data such as places. A file that is no image of the announced type is refused and deleted. Repeating it
    gets the same answer.
    """
    shown = manage_images.add_image(
        call.context, call.container.images, call.path["resource"], identifier(call, "image"), call.body.alt
    )
    return _reply(shown)


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=MANAGERS,
    tag="resources",
    body=ChangeImage,
    response=ImageList,
    errors=[errors.NotFoundError, errors.ContentionError],
    versioned=True,
    scope=Scope.CATALOGUE_WRITE,
)
def change(call: Call[ChangeImage, NoBody]) -> Reply:
    """Update an image.

    Changes the text that describes it or its place among the images. The `ETag` to send is that of the resource.
    """
    shown = manage_images.change_image(
        call.context, call.path["resource"], identifier(call, "image"), alt=call.body.alt, position=call.body.position
    )
    return _reply(shown)


@endpoint(
    blueprint,
    "DELETE",
    ONE,
    roles=MANAGERS,
    tag="resources",
    response=None,
    status=204,
    errors=[errors.NotFoundError, errors.ContentionError, errors.UnavailableError],
    scope=Scope.CATALOGUE_WRITE,
    versioned=True,
)
def remove(call: Call[NoBody, NoBody]) -> Reply:
    """Delete an image.

    Removes it from the resource and deletes its files.
    """
    manage_images.remove_image(call.context, call.container.images, call.path["resource"], identifier(call, "image"))
    return Reply("", 204)


def _reply(shown: Illustration) -> Reply:
    items = [Image.model_validate(entry) for entry in shown.images]
    return Reply(ImageList(items=items, next_cursor=None), version=shown.version)
