"""One request in both forms: as the gateway's HTTP, and as the event that API Gateway would send to Lambda."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app import app
from local.gateway.events import Call, api_gateway_event, header_maps
from local.gateway.routes import Routes

if TYPE_CHECKING:
    from local.gateway.events import Event


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """With its query, below the stage."""
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def content(self) -> bytes:
        return b"" if self.body is None else json.dumps(self.body).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        given = {"Content-Type": "application/json"} if self.body is not None else {}
        return {"Host": "berth.test", "Accept": "*/*", "User-Agent": "test", **given, **self.headers}

    def event(self) -> Event:
        path, _, query = self.path.partition("?")
        match = Routes(app.routes).find(path)
        assert match is not None, path
        headers = ((name.lower().encode(), value.encode()) for name, value in self.all_headers.items())
        single, multiple = header_maps(headers)
        call = Call(
            request_id=str(uuid.uuid4()),
            received_at=time.time(),
            match=match,
            method=self.method,
            path=path,
            query=query.encode(),
            headers=single,
            multi_value_headers=multiple,
            body=self.content,
            source_ip="127.0.0.1",
            http_version="1.1",
        )
        return api_gateway_event(call, app.api.binary_types)
