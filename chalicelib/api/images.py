"""Images of resources."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.adapters import clock
from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.identifiers import identifier
from chalicelib.api.schemas.images import AskToUpload, ChangeImage, CompleteImage, ImageList, UploadBody
from chalicelib.api.schemas.tenants import Image
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, Scope
from chalicelib.services import manage_images

if TYPE_CHECKING:
    from chalicelib.services.manage_images import Illustration

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
    """Ask where to upload an image.

    Nothing is stored by this. The permission is for one file of this type, up to the size that it names.
    """
    image_id, upload = manage_images.ask_to_upload(
        call.database, call.container.images, call.tenant, call.path["resource"], call.body.media_type
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
    """Show an image that was uploaded, as the last one.

    It is decoded, turned upright and written anew without what cameras hide in pictures. What is no picture of the type
    that was announced is refused and thrown away. Repeating this answers as the first time.
    """
    shown = manage_images.add_image(
        call.database,
        call.container.images,
        call.tenant,
        call.path["resource"],
        identifier(call, "image"),
        call.body.alt,
        call.actor,
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
    errors=[errors.NotFoundError, errors.VersionMismatchError, errors.ContentionError],
    needs_version=True,
    scope=Scope.CATALOGUE_WRITE,
)
def change(call: Call[ChangeImage, NoBody]) -> Reply:
    """Give an image another text or place. The ETag is the resource's."""
    shown = manage_images.change_image(
        call.database,
        call.tenant,
        call.path["resource"],
        identifier(call, "image"),
        call.actor,
        alt=call.body.alt,
        position=call.body.position,
        expected_version=call.if_match,
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
)
def remove(call: Call[NoBody, NoBody]) -> Reply:
    """Show an image no more."""
    manage_images.remove_image(
        call.database,
        call.container.images,
        call.tenant,
        call.path["resource"],
        identifier(call, "image"),
        call.actor,
    )
    return Reply("", 204)


def _reply(shown: Illustration) -> Reply:
    items = [Image.model_validate(entry) for entry in shown.images]
    return Reply(ImageList(items=items, next_cursor=None), version=shown.version)
