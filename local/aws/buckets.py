"""The REST side of S3, as boto3 and browsers speak it: GET, HEAD, PUT and DELETE of objects, POST of an upload."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError

from local.aws.objects import MOST_BYTES, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from local.aws.objects import Objects

KEPT_HEADERS = ("content-type", "cache-control")
CROSSING = {"access-control-allow-origin": "*", "access-control-allow-methods": "POST"}
"""The admin's pages come from the gateway's port and upload to this one, as they do to a bucket."""
Answer = tuple[int, dict[str, str], bytes]


class Buckets:
    """Answers requests for objects."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def answer(self, scope: MutableMapping[str, Any], body: bytes) -> Answer:
        """Answer a request of path-style addressing, `/bucket/key`: one that was signed, or a browser's."""
        try:
            return self._answer(scope, body)
        except RefusedError as refusal:
            text = f"<Error><Code>{refusal.code}</Code><Message>{escape(str(refusal))}</Message></Error>"
            return refusal.status, {"content-type": "application/xml", **CROSSING}, text.encode()

    @staticmethod
    def of_browser(scope: MutableMapping[str, Any]) -> bool:
        """Whether it is an upload by a signed policy, or the question whether one may come: these have no signature."""
        bucket, _, key = scope["path"][1:].partition("/")
        return scope["method"] in {"OPTIONS", "POST"} and bool(bucket) and not key

    def _answer(self, scope: MutableMapping[str, Any], body: bytes) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"]
        raw_path: str = scope["raw_path"].decode("latin-1")
        bucket, _, key = unquote(raw_path[1:]).partition("/")
        if len(body) > MOST_BYTES:
            raise RefusedError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
        if method == "OPTIONS" and not key:
            return 204, CROSSING, b""
        if method == "POST" and not key:
            fields, data = _form(headers, body)
            self._objects.accept_upload(bucket, fields, data, datetime.now(UTC))
            return 204, CROSSING, b""
        if method in {"GET", "HEAD"}:
            found = self._objects.get(bucket, key)
            return 200, {**found.headers}, found.data
        if method == "PUT":
            kept = {name.title(): headers[name] for name in KEPT_HEADERS if name in headers}
            return 200, {"ETag": self._objects.put(bucket, key, body, kept)}, b""
        if method == "DELETE":
            self._objects.delete(bucket, key)
            return 204, {}, b""
        raise RefusedError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")


def _form(headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    """The fields and the file of a multipart/form-data body."""
    fields: dict[str, str] = {}
    files: list[bytes] = []

    def on_field(field: Any) -> None:  # noqa: ANN401 - of a library without types here
        fields[field.field_name.decode()] = (field.value or b"").decode()

    def on_file(file: Any) -> None:  # noqa: ANN401 - of a library without types here
        file.file_object.seek(0)
        files.append(file.file_object.read())
        file.close()

    try:
        known = {"Content-Type": headers.get("content-type", ""), "Content-Length": str(len(body))}
        parse_form({name: value.encode() for name, value in known.items()}, BytesIO(body), on_field, on_file)
    except (FormParserError, UnicodeDecodeError) as error:
        raise RefusedError(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed.") from error
    if len(files) != 1:
        raise RefusedError(400, "InvalidArgument", "POST requires exactly one file upload per request.")
    return fields, files[0]
