"""Amazon S3, as far as images are kept in it: objects are files below a directory.

Browsers' uploads are checked as S3 checks them, by the policy that was signed for them, so that what works here is what
works there. Signatures of requests are checked by `serve`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.credentials import Credentials

from local.private_files import write_file

if TYPE_CHECKING:
    from pathlib import Path

REGION = "us-east-1"
MOST_BYTES = 32 * 1024 * 1024
KEY_BYTES = 512
UNSIGNED = ("bucket", "policy", "x-amz-signature", "file")
"""Fields of an upload that the policy need not speak of."""


class RefusedError(Exception):
    """What S3 would refuse: status, code, and why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Object:
    """A file and the headers that it was stored with."""

    data: bytes
    headers: Mapping[str, str]


class Objects:
    """Buckets below a directory; each object is a file, its headers are another one beside the buckets."""

    def __init__(self, directory: Path, access_key: str, secret_key: str) -> None:
        self._directory = directory.resolve()
        self._credentials = Credentials(access_key, secret_key)

    def put(self, bucket: str, key: str, data: bytes, headers: Mapping[str, str]) -> str:
        """Keep an object, whole or not at all; return its entity tag."""
        path, beside = self._paths(bucket, key)
        for target, content in ((beside, json.dumps(dict(headers)).encode()), (path, data)):
            write_file(target, content)
        return _tag(data)

    def get(self, bucket: str, key: str) -> Object:
        """Return an object. Raises `RefusedError` where there is none."""
        path, beside = self._paths(bucket, key)
        try:
            data = path.read_bytes()
            headers = json.loads(beside.read_bytes())
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise RefusedError(404, "NoSuchKey", "The specified key does not exist.") from error
        return Object(data, {**headers, "ETag": _tag(data)})

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object; one that is not there is removed already."""
        for path in self._paths(bucket, key):
            path.unlink(missing_ok=True)

    def accept_upload(self, bucket: str, fields: Mapping[str, str], data: bytes, now: datetime) -> str:
        """Keep what a browser uploads by a signed policy; return the key. Raises `RefusedError`."""
        given = {name.lower(): value for name, value in fields.items()}
        encoded = given.get("policy", "")
        date = given.get("x-amz-credential", "").split("/")[1:2]
        expected = self._policy_signature(date[0] if date else "", encoded)
        if not hmac.compare_digest(expected, given.get("x-amz-signature", "")):
            raise RefusedError(403, "SignatureDoesNotMatch", "The policy was not signed by us.")
        policy: dict[str, Any] = json.loads(base64.b64decode(encoded))
        if now >= datetime.fromisoformat(policy["expiration"]):
            raise RefusedError(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        _check_conditions(policy["conditions"], {**given, "bucket": bucket}, len(data))
        self.put(bucket, given["key"], data, {"Content-Type": given.get("content-type", "binary/octet-stream")})
        return given["key"]

    def _policy_signature(self, date: str, encoded_policy: str) -> str:
        """AWS's "Calculating a Signature" for browser-based uploads, version 4."""
        key = f"AWS4{self._credentials.secret_key}".encode()
        for part in (date, REGION, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, encoded_policy.encode(), "sha256").hex()

    def _paths(self, bucket: str, key: str) -> tuple[Path, Path]:
        names = [bucket, *key.split("/")]
        if len(key.encode()) > KEY_BYTES or "\0" in key or any(not name or name.startswith(".") for name in names):
            raise RefusedError(400, "InvalidArgument", "Not a name that is kept here.")
        return self._directory.joinpath(*names), self._directory.joinpath(".headers", *names)


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


def _tag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
