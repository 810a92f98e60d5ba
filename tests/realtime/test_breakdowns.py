"""A gateway that breaks down: clients come back, go on with their locks, and read what they missed."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from local.gateway.serve import Gateway, serve
from local.gateway.settings import SocketSettings
from tests.eventually import eventually
from tests.realtime.client import LiveTenant

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.realtime.conftest import Live

DAY = {"starts_at": "2031-04-01T00:00:00Z", "ends_at": "2031-04-02T00:00:00Z"}
MORNING = ("2031-04-01T10:00:00Z", "2031-04-01T12:00:00Z")


@contextmanager
def fragile(live: Live) -> Generator[Gateway]:
    """A gateway of one process in front of the same database."""
    leading = ("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "BERTH_WEBSOCKET_URL", "BERTH_CONNECTIONS_KEY")
    functions = {name: value for name, value in live.variables.items() if name not in leading}
    sockets = SocketSettings(functions["AWS_ACCESS_KEY_ID"], functions["AWS_SECRET_ACCESS_KEY"])
    with serve("127.0.0.1", 0, 1, functions, sockets=sockets) as gateway:
        gateway.wait_until_ready()
        yield gateway


def test_after_a_breakdown_the_holder_goes_on_and_reads_what_was_missed(live: Live, tenant: LiveTenant) -> None:
    with fragile(live) as gateway, httpx.Client(base_url=f"{gateway.address}/api/v1", timeout=30) as http:
        behind = LiveTenant(tenant.slug, tenant.ids, tenant.database, http)
        holder, other = behind.user(), tenant.user()
        client = holder.connect("tenant")
        lock = client.ask("edit_lock.acquire", resource_id=tenant.ids["room"], **DAY)["data"]
        (broken,) = gateway.process_ids
        os.kill(broken, signal.SIGKILL)
        assert client.ended() in {None, 1006}
        other.reserve("hall", *MORNING)
        eventually(lambda: gateway.process_ids not in {(), (broken,)}, "another process")
        tenant.settle()  # the other gateway delivers, and takes who is connected here for gone
        again = holder.connect("tenant")
        renewed = again.ask("edit_lock.renew", lock_id=lock["lock_id"])
        assert (renewed["type"], renewed["data"]["fencing"]) == ("edit_lock.renewed", lock["fencing"])
        mine = "SELECT count(*) FROM connections WHERE user_id = %s"
        assert tenant.rows(mine, holder.id) == [(1,)]
        assert holder.reserve("room", *MORNING, Edit_Lock=str(lock["fencing"])).status_code == 201
        missed = holder.get("/events")["items"]
        assert "reservation.created" in [message["type"] for message in missed]
        again.socket.close()


def test_another_window_that_is_there_keeps_its_lock(tenant: LiveTenant) -> None:
    holder = tenant.user()
    client = holder.connect()
    lock = client.ask("edit_lock.acquire", resource_id=tenant.ids["room"], **DAY)["data"]
    refused = holder.connect().ask("edit_lock.renew", lock_id=lock["lock_id"])
    assert refused["data"]["code"] == "edit_locked"
    assert client.ask("edit_lock.renew", lock_id=lock["lock_id"])["type"] == "edit_lock.renewed"
