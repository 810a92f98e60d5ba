"""How much one guest, one address and one tenant may have of what all share. Deployments set it; see SECURITY.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

WRITES = timedelta(minutes=10)
"""In which writes of anonymous callers are counted."""
HOLDS = timedelta(days=1)
"""In which what anonymous callers hold or queue up for is counted."""
NETWORK_BITS = 64
"""Of an IPv6 address: what one customer of a provider has at least (RFC 6177)."""


PREVIEWS_PER_WRITE = 10
"""How many dry runs there may be for each write: who chooses a time tries several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What callers may do whom the tenant knows nothing of; 0 means as much as they like.

    `writes_*`: reservations, series and waitlist entries asked for in `WRITES`, whatever becomes of them, from an
    address, by an email, and of a tenant; dry runs are counted apart (`PREVIEWS_PER_WRITE`). `holds_*`: what is held or
    waits, made in `HOLDS` of one tenant. `visitors_*` and `sockets_of_reservation`: WebSocket connections that are open
    at once.
    """

    writes_from_address: int = 30
    writes_of_email: int = 10
    writes_of_tenant: int = 1200
    holds_from_address: int = 40
    holds_of_email: int = 10
    visitors_from_address: int = 100
    visitors_of_tenant: int = 2000
    sockets_of_reservation: int = 10

    @property
    def counts_writes(self) -> bool:
        """Whether writes are limited at all."""
        return any((self.writes_from_address, self.writes_of_email, self.writes_of_tenant))


@dataclass(frozen=True, slots=True)
class AnonymousCaller:
    """Who asks without working for the tenant: from where, and under which limits.

    `confirmed`: the email of the request has been confirmed by who reads it.
    """

    network: str
    limits: Limits
    confirmed: bool = False


@lru_cache(1000)
def network_of(address: str) -> str:
    """Return what is counted as one: an IPv4 address, however it is written, or the /64 of an IPv6 address."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            bits = 128 - NETWORK_BITS
            return f"{IPv6Address(int(parsed) >> bits << bits)}/{NETWORK_BITS}"
        parsed = parsed.ipv4_mapped
    return str(parsed)
