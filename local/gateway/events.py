"""Lambda events as API Gateway makes them: the REST proxy event, version 1.0, and the Lambda context that goes with it.

Source: "Input format of a Lambda function for proxy integration" and "Important notes for REST APIs" in the API Gateway
developer guide. Deliberate differences: header names arrive in lower case, as those of HTTP/2 clients do, and what only
an AWS account has (account and API id, deployment) is fixed.
"""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote_to_bytes

from local.gateway.routes import Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STAGE = "api"
ACCOUNT_ID = "000000000000"
API_ID = "embedded"

Event = dict[str, Any]

# For this connection only (RFC 9110, section 7.6.1); API Gateway keeps them to itself.
_HOP_BY_HOP = frozenset(
    {b"connection", b"expect", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)


class MalformedQueryError(Exception):
    """The query string is not UTF-8 once its percent-encoding is removed."""


@dataclass(slots=True)
class Call:
    """One HTTP request for the functions, complete with its body.

    `path` is percent-encoded and starts after the stage; `method` is the declared one (GET for a HEAD).
    """

    request_id: str
    received_at: float
    match: Match
    method: str
    path: str
    query: bytes
    headers: dict[str, str]
    multi_value_headers: dict[str, list[str]]
    body: bytes
    source_ip: str
    http_version: str


class LambdaContext:
    """What Lambda hands to a handler beside the event (the attributes of awslambdaric's LambdaContext)."""

    __slots__ = ("_ends_at", "aws_request_id", "function_name")

    function_version: ClassVar[str] = "$LATEST"
    memory_limit_in_mb: ClassVar[str] = "1024"
    invoked_function_arn: ClassVar[str] = f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:berth-embedded"
    log_group_name: ClassVar[str] = "/aws/lambda/berth-embedded"
    log_stream_name: ClassVar[str] = "embedded"
    identity: ClassVar[None] = None
    client_context: ClassVar[None] = None

    def __init__(self, request_id: str, ends_at: float, function_name: str = "berth-embedded") -> None:
        """`ends_at`: the deadline on the monotonic clock, in seconds."""
        self.aws_request_id = request_id
        self.function_name = function_name
        self._ends_at = ends_at

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the caller gets a 504; never negative."""
        return max(0, int((self._ends_at - time.monotonic()) * 1000))


def header_maps(headers: Iterable[tuple[bytes, bytes]]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """`headers` (of several values the last one) and `multiValueHeaders` of the event, without hop-by-hop headers."""
    single: dict[str, str] = {}
    multiple: dict[str, list[str]] = {}
    for raw_name, raw_value in headers:
        if raw_name in _HOP_BY_HOP:
            continue
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in single:
            multiple[name].append(value)
        else:
            multiple[name] = [value]
        single[name] = value
    return single, multiple


def query_map(query: bytes) -> dict[str, list[str]] | None:
    """Decoded `multiValueQueryStringParameters`; None without any. Raises `MalformedQueryError`.

    `+` is a space and a name without `=` has the value "".
    """
    values: dict[str, list[str]] = {}
    try:
        for pair in query.split(b"&"):
            if pair:
                name, _, value = pair.partition(b"=")
                values.setdefault(_decoded(name), []).append(_decoded(value))
    except UnicodeDecodeError:
        message = "The query string is not valid UTF-8 once its percent-encoding is removed."
        raise MalformedQueryError(message) from None
    return values or None


def api_gateway_event(call: Call, binary_types: Sequence[str]) -> Event:
    """Build the event of a call. Raises `MalformedQueryError`.

    A body is base64 when its media type is one of `binary_types` (the app's own list), or when it is not UTF-8.
    """
    resource, parameters = call.match
    query = query_map(call.query) if call.query else None
    headers, multiple = call.headers, call.multi_value_headers
    host = headers.get("host", "")
    add_forwarding(headers, multiple, call.source_ip)
    body, is_base64 = _event_body(call.body, headers.get("content-type", ""), binary_types)
    return {
        "resource": resource.template,
        "path": call.path,
        "httpMethod": call.method,
        "headers": headers,
        "multiValueHeaders": multiple,
        "queryStringParameters": query and {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": _request_context(call, host.rpartition(":")[0] or host),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _request_context(call: Call, domain: str) -> dict[str, Any]:
    return {
        "resourceId": call.match.resource.template,
        "resourcePath": call.match.resource.template,
        "operationName": None,
        "httpMethod": call.method,
        "extendedRequestId": call.request_id,
        "requestTime": common_log_time(int(call.received_at)),
        "requestTimeEpoch": int(call.received_at * 1000),
        "path": f"/{STAGE}{call.path}",
        "accountId": ACCOUNT_ID,
        "protocol": f"HTTP/{call.http_version}",
        "stage": STAGE,
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "requestId": call.request_id,
        "apiId": API_ID,
        "deploymentId": API_ID,
        "identity": {
            "accessKey": None,
            "accountId": None,
            "apiKey": None,
            "apiKeyId": None,
            "caller": None,
            "clientCert": None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": call.source_ip,
            "user": None,
            "userAgent": call.headers.get("user-agent"),
            "userArn": None,
        },
    }


def add_forwarding(headers: dict[str, str], multiple: dict[str, list[str]], source_ip: str) -> None:
    """Add the X-Forwarded headers; the client's own X-Forwarded-For stays in front, as a proxy appends."""
    host = headers.get("host", "")
    claimed = headers.get("x-forwarded-for")
    added = {
        "x-forwarded-for": f"{claimed}, {source_ip}" if claimed else source_ip,
        "x-forwarded-port": host.rpartition(":")[2] if ":" in host else "80",
        "x-forwarded-proto": "http",
    }
    for name, value in added.items():
        headers[name] = value
        multiple[name] = [value]


def _event_body(body: bytes, content_type: str, binary_types: Sequence[str]) -> tuple[str | None, bool]:
    if not body:
        return None, False
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in binary_types and "*/*" not in binary_types:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode("ascii"), True


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode()


@lru_cache(maxsize=4)
def common_log_time(epoch_seconds: int) -> str:
    """Write an instant as API Gateway's `requestTime`."""
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(epoch_seconds))
