"""The request being answered by this thread.

Chalice keeps it as an attribute of the application, which several threads of one process would share. Its HTTP
middleware receives the call's own request, so that is kept in a context variable instead.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from chalicelib.http.client_address import client_address
from chalicelib.http.container import container

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice.app import Request, Response

request: ContextVar[Request] = ContextVar("request")


def address() -> str:
    """From where the request came, as far as the gateway knows."""
    incoming = request.get()
    return client_address(incoming.context, incoming.headers, container().config.edge_key)


def remember_request(incoming: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice HTTP middleware."""
    token: Any = request.set(incoming)
    try:
        return get_response(incoming)
    finally:
        request.reset(token)
