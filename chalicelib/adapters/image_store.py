"""The bucket of images: people upload to it directly, and what was checked is served from it.

Amazon S3, or whatever speaks its API at AWS_ENDPOINT_URL_S3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import UnavailableError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

TIMEOUT_SECONDS = 5
UPLOAD_SECONDS = 600
FOREVER = "public, max-age=31536000, immutable"
"""A key tells the content, so what it leads to never changes."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Where to POST a file as multipart/form-data: these fields first, then the file as `file`."""

    url: str
    fields: Mapping[str, str]
    seconds: int


class ImageStore:
    """One bucket. Without a name nothing is kept, and every call raises `UnavailableError`."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def allow_upload(self, key: str, media_type: str, most_bytes: int) -> Upload:
        """Sign the permission to upload one file of that type, up to that size, under that key."""
        answer = self._client.generate_presigned_post(
            self._named(),
            key,
            Fields={"Content-Type": media_type},
            Conditions=[{"Content-Type": media_type}, ["content-length-range", 1, most_bytes]],
            ExpiresIn=UPLOAD_SECONDS,
        )
        return Upload(answer["url"], answer["fields"], UPLOAD_SECONDS)

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Return what was uploaded and its media type, or None. Raises `UnavailableError`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: Any = self._call("get_object", Key=key)
            return answer["Body"].read(), answer["ContentType"]
        except BotoCoreError as error:  # the body comes after the answer's head
            raise _unavailable() from error
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                return None
            raise _unavailable() from error

    def write(self, key: str, data: bytes, media_type: str) -> None:
        """Keep a file for good. Raises `UnavailableError`."""
        self._must("put_object", Key=key, Body=data, ContentType=media_type, CacheControl=FOREVER)

    def remove(self, key: str) -> None:
        """Remove a file if it is there. Raises `UnavailableError`."""
        self._must("delete_object", Key=key)

    def _must(self, operation: str, **parameters: object) -> None:
        from botocore.exceptions import ClientError

        try:
            self._call(operation, **parameters)
        except ClientError as error:
            raise _unavailable() from error

    def _call(self, operation: str, **parameters: object) -> object:
        from botocore.exceptions import BotoCoreError

        try:
            return getattr(self._client, operation)(Bucket=self._named(), **parameters)
        except BotoCoreError as error:
            raise _unavailable() from error

    def _named(self) -> str:
        if not self._bucket:
            message = "This deployment keeps no images: BERTH_IMAGES_BUCKET names no bucket."
            raise UnavailableError(message)
        return self._bucket

    @cached_property
    def _client(self) -> S3Client:
        import boto3  # takes longer to import than most requests to answer
        from botocore.config import Config

        limits = Config(
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"total_max_attempts": 3},
            signature_version="s3v4",
        )
        # A session of its own: the module's default one keeps the credentials that it saw first.
        return boto3.Session().client("s3", config=limits)  # pyright: ignore[reportUnknownMemberType] - one overload of many


def _unavailable() -> UnavailableError:
    return UnavailableError("Images cannot be kept at the moment. Please try again in a minute.", retry_after=60)
