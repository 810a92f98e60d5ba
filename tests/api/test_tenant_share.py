"""What a gateway counts for a tenant is what its path names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.gateway.pool import FunctionPool, TenantBusyError
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from local.gateway.events import Event
    from tests.api.tenant import Tenant


def test_a_busy_tenant_is_told_to_come_back_and_the_others_are_served(
    make_tenant: Callable[..., Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, other = (make_tenant(Offer(slug="cabin", document=policy(STAY))) for _ in range(2))
    ask = FunctionPool.call

    async def call(pool: FunctionPool, event: Event, request_id: str, tenant: str = "") -> object:
        if tenant == busy.slug:
            raise TenantBusyError
        return await ask(pool, event, request_id, tenant)

    monkeypatch.setattr(FunctionPool, "call", call)
    for answer in (busy.get("/resources"), busy.post("/reservations", {}), busy.get()):
        assert (answer.status_code, answer.json()["code"]) == (429, "tenant_busy")
        assert answer.headers["Retry-After"] == "1"
    assert other.get("/resources").status_code == 200
    assert other.client.get("/health").status_code == 200
