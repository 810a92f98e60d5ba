"""What each call of a function reports: who it was for in the log, and its metrics when it is over."""

from __future__ import annotations

import logging
import re
import time
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from chalicelib.config import trace_id
from chalicelib.telemetry.definitions import REQUEST_DURATION, RESPONSES
from chalicelib.telemetry.logs import call_described, describe_call
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from chalice.app import Request, Response

logger = logging.getLogger("berth")
SLUG = re.compile(r"[a-z0-9-]{1,63}")
"""What a tenant in a path may be; anything else is not a tenant's and may be personal."""


class FunctionFailedError(Exception):
    """What Lambda is told of a function that failed, and writes into the log: not what the exception said."""


def reported(handle: Callable[[Mapping[str, Any], object], Any]) -> Callable[[Mapping[str, Any], object], Any]:
    """Make a handler report its calls: of any function but that of HTTP."""

    def call(event: Mapping[str, Any], context: object) -> Any:  # noqa: ANN401 - whatever it returns
        with _call_reported(context, event.get("requestContext", {}).get("requestId", "")):
            return handle(event, context)

    return call


def report_request(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice HTTP middleware: the outermost one."""
    with _call_reported(request.lambda_context, request.context.get("requestId", "")):
        started, status = time.perf_counter(), HTTPStatus.INTERNAL_SERVER_ERROR.value
        try:
            response = get_response(request)
            status = response.status_code
            return response
        finally:  # what fails around an endpoint is an answer, too: Chalice's
            route = f"{request.context.get('httpMethod', '')} {request.context.get('resourcePath', '')}"
            METRICS.observe(REQUEST_DURATION, time.perf_counter() - started, route)
            METRICS.count(RESPONSES, f"{status // 100}xx")


def name_caller(tenant: str | None, actor: str) -> None:
    """Let the log say of which tenant this call is, by its slug, and what kind of actor calls."""
    describe_call(tenant=tenant if tenant and SLUG.fullmatch(tenant) else "", actor=actor)


@contextmanager
def _call_reported(context: object, request_id: object) -> Generator[None]:
    members = {
        "request_id": str(request_id or getattr(context, "aws_request_id", "")),
        "trace_id": trace_id(),
        "function": str(getattr(context, "function_name", "")),
    }
    with call_described(**members):
        try:
            yield
        except Exception as error:
            logger.exception("The function failed.")
            message = f"{type(error).__name__}, of which the log says more."
            raise FunctionFailedError(message) from None
        finally:
            METRICS.report()
