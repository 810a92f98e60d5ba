"""Signatures of requests, checked by botocore's own signers (AWS Signature Version 4), for one pair of credentials."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
TOLERANCE = timedelta(minutes=5)
"""How far a signature's clock may be from ours, as on AWS."""


class SignatureError(Exception):
    """The request is not signed, or not by these credentials; the text says what is wrong."""


def check_signature(
    credentials: Credentials, service: str, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> None:
    """Check that a request to a service was signed lately, with its host and body. Header names in lower case.

    Raises `SignatureError`.
    """
    parts = _parts(headers)
    signed = parts.get("SignedHeaders", "").split(";")
    stamp = headers.get("x-amz-date", "")
    key, date, region, *rest = [*parts.get("Credential", "").split("/"), "", "", ""]
    digest = hashlib.sha256(body).hexdigest()
    if (
        key != credentials.access_key
        or date != stamp[:8]
        or rest[:2] != [service, "aws4_request"]
        or not {"host", "x-amz-date"} <= set(signed)
        or not _is_recent(stamp)
        or headers.get("x-amz-content-sha256", digest) != digest
    ):
        message = "The credential scope, the date, the body or the signed headers are not those that are expected."
        raise SignatureError(message)
    request = AWSRequest(method=method, url=url, data=body)
    for name in signed:
        request.headers[name] = headers.get(name, "")
    request.context["timestamp"] = stamp
    signer = _S3Signer if service == "s3" else _Signer
    expected = signer(credentials, service, region).signature_of(request)
    if not hmac.compare_digest(expected.encode(), parts.get("Signature", "").encode()):
        message = "The request signature we calculated does not match the signature you provided."
        raise SignatureError(message)


def service_of(headers: Mapping[str, str]) -> str:
    """The service that a request says it was signed for. Raises `SignatureError` where it is not signed."""
    return [*_parts(headers).get("Credential", "").split("/"), "", "", "", ""][3]


def policy_signature(credentials: Credentials, credential: str, encoded_policy: str) -> str:
    """Sign the policy of a browser's upload; `credential` is the field that comes with it, `KEY/DATE/REGION/s3/…`."""
    _, date, region, *_ = [*credential.split("/"), "", "", ""]
    request = AWSRequest()
    request.context["timestamp"] = date
    return SigV4Auth(credentials, "s3", region).signature(encoded_policy, request)


def _parts(headers: Mapping[str, str]) -> dict[str, str]:
    given = headers.get("authorization", "")
    if not given.startswith(ALGORITHM):
        message = "Missing Authentication Token"
        raise SignatureError(message)
    return dict(_part(part) for part in given.removeprefix(ALGORITHM).split(","))


class _Asked(SigV4Auth):
    """A signer of botocore's, asked for the signature alone."""

    def signature_of(self, request: AWSRequest) -> str:
        """The signature that a request with these headers, all of them signed, ought to have."""
        return self.signature(self.string_to_sign(request, self.canonical_request(request)), request)


class _Signer(_Asked):
    """Of most services."""


class _S3Signer(_Asked, S3SigV4Auth):
    """Of S3, whose paths are signed as they are sent."""


def _part(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name, value


def _is_recent(stamp: str) -> bool:
    try:
        signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - signed_at) <= TOLERANCE
