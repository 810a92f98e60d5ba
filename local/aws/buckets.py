"""The REST side of S3, as boto3 and browsers speak it: GET, HEAD, PUT and DELETE of objects, POST of an upload.

Browsers' uploads are checked as S3 checks them, by the policy that was signed for them, so that what works here is what
works there. moto checks none of that (ADR 21). Signatures of other requests are checked by `serve`.
"""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from local.aws.objects import RefusedError
from local.aws.signatures import policy_signature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.credentials import Credentials
    from werkzeug.wrappers import Request

    from local.aws.objects import Objects

KEPT_HEADERS = ("Content-Type", "Cache-Control")
CROSSING = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "POST"}
"""The admin's pages come from the gateway's port and upload to this one, as they do to a bucket."""
UNSIGNED = ("bucket", "policy", "x-amz-signature", "file")
"""Fields of an upload that the policy need not speak of."""


class Buckets:
    """Answers requests for objects."""

    def __init__(self, objects: Objects, credentials: Credentials) -> None:
        self._objects = objects
        self._credentials = credentials

    @staticmethod
    def of_browser(request: Request) -> bool:
        """Whether it is an upload by a signed policy, or the question whether one may come: these have no signature."""
        bucket, _, key = request.path[1:].partition("/")
        return request.method in {"OPTIONS", "POST"} and bool(bucket) and not key

    def answer(self, request: Request) -> Response:
        """Answer a request of path-style addressing, `/bucket/key`: one that was signed, or a browser's."""
        try:
            answer = self._answer(request)
        except RefusedError as refusal:
            text = f"<Error><Code>{refusal.code}</Code><Message>{escape(str(refusal))}</Message></Error>"
            answer = Response(text, refusal.status, content_type="application/xml")
        if self.of_browser(request):
            answer.headers.update(CROSSING)
        return answer

    def _answer(self, request: Request) -> Response:
        bucket, _, key = request.path[1:].partition("/")
        match request.method:
            case "OPTIONS":
                return Response(status=204)
            case "POST" if not key:
                files = list(request.files.values())
                if len(files) != 1:
                    raise RefusedError(400, "InvalidArgument", "POST requires exactly one file upload per request.")
                self.accept_upload(bucket, request.form.to_dict(), files[0].read(), datetime.now(UTC))
                return Response(status=204)
            case "GET" | "HEAD":
                data, headers = self._objects.get(bucket, key)
                return Response(data, headers=headers)
            case "PUT":
                headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
                self._objects.put(bucket, key, request.get_data(), headers)
                return Response()
            case "DELETE":
                self._objects.delete(bucket, key)
                return Response(status=204)
            case _:
                raise RefusedError(
                    405, "MethodNotAllowed", "The specified method is not allowed against this resource."
                )

    def accept_upload(self, bucket: str, fields: Mapping[str, str], data: bytes, now: datetime) -> None:
        """Keep what a browser uploads by a signed policy. Raises `RefusedError`."""
        given = {name.lower(): value for name, value in fields.items()} | {"bucket": bucket}
        encoded = given.get("policy", "")
        expected = policy_signature(self._credentials, given.get("x-amz-credential", ""), encoded)
        if not hmac.compare_digest(expected.encode(), given.get("x-amz-signature", "").encode()):
            raise RefusedError(403, "SignatureDoesNotMatch", "The policy was not signed by us.")
        policy: dict[str, Any] = json.loads(base64.b64decode(encoded))
        if now >= datetime.fromisoformat(policy["expiration"]):
            raise RefusedError(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        _check_conditions(policy["conditions"], given, len(data))
        self._objects.put(bucket, given["key"], data, {"Content-Type": given["content-type"]})


def _check_conditions(conditions: Sequence[object], given: Mapping[str, str], size: int) -> None:
    """Every condition has to hold, and every field has to be spoken of by one."""
    spoken_of: set[str] = {*UNSIGNED}
    for condition in conditions:
        match condition:
            case ["content-length-range", int(least), int(most)]:
                if not least <= size <= most:
                    raise RefusedError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
                continue
            case ["eq", str(name), str(value)]:
                name = name.removeprefix("$")
            case dict():
                [(name, value)] = cast("dict[str, str]", condition).items()
            case _:
                message = f"Conditions of this kind are not known here: {condition}"
                raise RefusedError(400, "InvalidPolicyDocument", message)
        spoken_of.add(str(name).lower())
        if given.get(str(name).lower()) != value:
            raise RefusedError(403, "AccessDenied", f"Invalid according to Policy: {name} differs.")
    extra = sorted(set(given) - spoken_of)
    if extra:
        raise RefusedError(403, "AccessDenied", f"Invalid according to Policy: Extra input fields: {', '.join(extra)}")
