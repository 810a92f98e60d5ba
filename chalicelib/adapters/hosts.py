"""Names of hosts, as the DNS has them and as people read them."""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 253
"""Of a name without its final dot (RFC 1035, 3.1)."""
HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
NEVER_PUBLIC = frozenset({"alt", "arpa", "internal", "invalid", "local", "localhost", "onion"})
"""Last labels that lead nowhere, or into somebody's own network (RFC 6761, 6762, 7686, 9476)."""


def canonical_host(name: str) -> str:
    """Return a host's name as the DNS has it: A-labels in lower case (IDNA 2008, RFC 5891; mapped as UTS 46 says).

    A final dot is left out. Raises `ValueError` for what no public site can have: an address, a single label, a port.
    """
    host = unicodedata.normalize("NFC", name).removesuffix(".")
    if len(host) <= MOST_CHARACTERS and not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True, std3_rules=True).decode()
        except idna.IDNAError as error:
            message = f"must be the name of a host such as book.example.com: {error}"
            raise ValueError(message) from error
    host = host.lower()
    last = host.rpartition(".")[2]
    if len(host) > MOST_CHARACTERS or not HOST.fullmatch(host) or last.isdecimal():
        message = "must be the name of a host such as book.example.com, without scheme, port or path"
        raise ValueError(message)
    if last in NEVER_PUBLIC:
        message = f"must be a name that the public can reach; .{last} is not"
        raise ValueError(message)
    if any(label.startswith("xn--") for label in host.split(".")):
        unicode_host(host)
    return host


def site_host(header: str, deployment: str) -> str | None:
    """Return the canonical name in a Host header where it may be a tenant's own; None for `deployment`, which is ours.

    So are addresses, and names that mean something on one machine alone.
    """
    name, _, port = header.rpartition(":")
    try:
        host = canonical_host(name if port.isdecimal() and name else header)
    except ValueError:
        return None
    return None if host == deployment else host


def unicode_host(host: str) -> str:
    """Return a canonical name as people read it (U-labels). Raises `ValueError` for labels that are none."""
    if "xn--" not in host:
        return host
    import idna

    try:
        return idna.decode(host)
    except idna.IDNAError as error:
        message = f"must be the name of a host such as book.example.com: {error}"
        raise ValueError(message) from error
