"""Signatures of requests, checked by botocore's own signer (AWS Signature Version 4), for one pair of credentials."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "execute-api"
TOLERANCE = timedelta(minutes=5)
"""How far a signature's clock may be from ours, as on AWS."""


class SignatureError(Exception):
    """The request is not signed, or not by these credentials; the text says what is wrong."""


def check_signature(credentials: Credentials, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Check that a request was signed lately, with its host and body. Header names in lower case.

    Raises `SignatureError`.
    """
    given = headers.get("authorization", "")
    if not given.startswith(ALGORITHM):
        message = "Missing Authentication Token"
        raise SignatureError(message)
    parts = dict(_part(part) for part in given.removeprefix(ALGORITHM).split(","))
    signed = parts.get("SignedHeaders", "").split(";")
    stamp = headers.get("x-amz-date", "")
    key, date, region, *rest = [*parts.get("Credential", "").split("/"), "", "", ""]
    if (
        key != credentials.access_key
        or date != stamp[:8]
        or rest[:2] != [SERVICE, "aws4_request"]
        or not {"host", "x-amz-date"} <= set(signed)
        or not _is_recent(stamp)
        or headers.get("x-amz-content-sha256", hashlib.sha256(body).hexdigest()) != hashlib.sha256(body).hexdigest()
    ):
        message = "The credential scope, the date or the signed headers are not those that are expected."
        raise SignatureError(message)
    request = AWSRequest(method=method, url=url, data=body)
    for name in signed:
        request.headers[name] = headers.get(name, "")
    request.context["timestamp"] = stamp
    expected = _Signer(credentials, SERVICE, region).signature_of(request)
    if not hmac.compare_digest(expected.encode(), parts.get("Signature", "").encode()):
        message = "The request signature we calculated does not match the signature you provided."
        raise SignatureError(message)


class _Signer(SigV4Auth):
    """botocore's signer, asked for the signature alone."""

    def signature_of(self, request: AWSRequest) -> str:
        """The signature that a request with these headers, all of them signed, ought to have."""
        return self.signature(self.string_to_sign(request, self.canonical_request(request)), request)


def _part(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name, value


def _is_recent(stamp: str) -> bool:
    try:
        signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - signed_at) <= TOLERANCE
