"""The egress guard: the one way to an address that a user has given, so that it never leads into our own network.

It speaks https to port 443 of a public host. The host's name is resolved once, every address that it has is checked,
and the connection is made to one of those: a name that is answered differently the next time leads nowhere else.
Redirects are answers like others, proxies of the environment are not asked, and of what goes wrong only the kind is
told: neither addresses nor what somebody answered get into a log or to the user who gave the address.

It uses http.client itself, which is what other libraries for HTTP are built on: what those add (pools, redirects,
retries, proxies, the unpacking of answers) would each have to be switched off here, and none has a limit on the whole.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from socket import create_connection
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from chalicelib.adapters.hosts import canonical_host
from chalicelib.core.errors import UnavailableError

if TYPE_CHECKING:
    from socket import socket

    from _typeshed import ReadableBuffer, WriteableBuffer

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, float], "tuple[Address, ...]"]
"""Gives the addresses of a name within so many seconds. Raises `UnavailableError`."""
MOST_CHARACTERS = 2000
"""Of a URL."""
HTTPS = 443
RESOLVE_SECONDS, CONNECT_SECONDS, READ_SECONDS = 2.0, 2.0, 5.0
"""For the addresses of a name, for a connection to one of them, and between two pieces of an answer."""
REQUEST_SECONDS = 5.0
"""For all of a request, from the name to the last byte that is read."""
ADDRESSES_TRIED = 2
"""Of those that a name has, while nobody takes the connection."""
HEADERS_KEPT = ("retry-after", "etag", "last-modified", "content-type")
NOT_PUBLIC = tuple(
    ip_network(one)
    for one in (
        "192.0.0.0/24",  # IETF protocols (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "2001::/23",  # IETF protocols (RFC 2928), Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 (RFC 3056): an IPv4 address is inside
        "3fff::/20",  # documentation (RFC 9637)
    )
)
"""What is not for the public among what `ipaddress` calls global, whichever version of Python that is."""
GLOBAL_UNICAST = ip_network("2000::/3")
"""IPv6 of the public (RFC 4291, 2.4): IPv4 mapped or translated (NAT64), local and site-local are all outside of it."""
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~-._"


class EgressFailure(StrEnum):
    """Why a request was not made, or got no answer; it says nothing about what is in our own network."""

    INVALID_URL = "invalid_url"
    NO_PUBLIC_ADDRESS = "no_public_address"
    """The name has no address, or one that is not public, or the DNS does not say."""
    NOT_CONNECTED = "not_connected"
    TLS_FAILED = "tls_failed"
    """Most often: the certificate is for another name, has expired, or nobody trusts who signed it."""
    TIMED_OUT = "timed_out"
    BROKEN_ANSWER = "broken_answer"
    TOO_LARGE = "too_large"


class EgressError(Exception):
    """A request that was not made, or got no answer."""

    def __init__(self, failure: EgressFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Reach:
    """Where requests may go: `besides` are networks that are not public and may be reached all the same."""

    port: int = HTTPS
    besides: tuple[IPv4Network | IPv6Network, ...] = ()

    def covers(self, address: Address) -> bool:
        """Whether a request may go to an address."""
        return is_public(address) or any(address in network for network in self.besides)


THE_PUBLIC = Reach()


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts: a canonical host, and what is asked of it."""

    host: str
    path: str

    @property
    def url(self) -> str:
        """The URL in its canonical form."""
        return f"https://{self.host}{self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered: `headers` are those of `HEADERS_KEPT` in lower case, `body` as far as it was wanted."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet's: no network of somebody's own, no multicast."""
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in NOT_PUBLIC)


def parse_url(text: str) -> Target:
    """Return a URL that a request may go to, as far as can be seen without asking the DNS.

    Raises `ValueError` with what it must be, for people.
    """
    if len(text) > MOST_CHARACTERS:
        message = f"must have at most {MOST_CHARACTERS} characters"
        raise ValueError(message)
    if any(character.isspace() or not character.isprintable() for character in text) or "\\" in text:
        message = "must be a URL such as https://example.com/hook, without spaces, control characters and backslashes"
        raise ValueError(message)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        message = "must be a URL such as https://example.com/hook"
        raise ValueError(message) from error
    if parts.scheme != "https" or not host:
        message = "must begin with https://, followed by the name of a host"
        raise ValueError(message)
    if "@" in parts.netloc:
        message = "must have neither a user nor a password"
        raise ValueError(message)
    if port not in (None, HTTPS) or parts.netloc.endswith(":"):
        message = "must have no port other than 443"
        raise ValueError(message)
    if "#" in text:
        message = "must have no part after a #, which is never sent"
        raise ValueError(message)
    path = quote(parts.path or "/", safe=_KEPT_IN_PATHS)
    query = f"?{quote(parts.query, safe=_KEPT_IN_PATHS + '?')}" if parts.query else ""
    return Target(canonical_host(host), path + query)


class Egress:
    """Makes requests to where users say, as far as they lead to where `reach` allows.

    `resolve` gives addresses, `trust` are the authorities that certificates are trusted from: None, the machine's own.
    """

    def __init__(self, resolve: Resolve, reach: Reach = THE_PUBLIC, trust: ssl.SSLContext | None = None) -> None:
        self._resolve = resolve
        self._reach = reach
        self._trust = trust

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        until: float,
        most_bytes: int = 0,
    ) -> Answer:
        """Ask, and return the answer, with at most so many bytes of its body: with 0 none is read.

        It ends before `until`, an instant of `time.monotonic`, and within `REQUEST_SECONDS`. Raises `EgressError`.
        """
        ends_at = min(until, time.monotonic() + REQUEST_SECONDS)
        try:
            target = parse_url(url)
        except ValueError as error:
            raise EgressError(EgressFailure.INVALID_URL) from error
        connection = HTTPSConnection(target.host, self._reach.port)
        connection.sock = self._connect(target.host, ends_at)
        try:
            sent = {"Accept-Encoding": "identity", "Connection": "close", **headers}
            connection.request(method, target.path, body or None, sent)
            with connection.getresponse() as response:
                status = response.status
                kept = {name: value for name in HEADERS_KEPT if (value := response.getheader(name)) is not None}
                received = response.read(most_bytes + 1) if most_bytes else b""
        except TimeoutError as error:
            raise EgressError(EgressFailure.TIMED_OUT) from error
        except (OSError, HTTPException, ValueError) as error:
            raise EgressError(EgressFailure.BROKEN_ANSWER) from error
        finally:
            connection.close()
        if len(received) > most_bytes:
            raise EgressError(EgressFailure.TOO_LARGE)
        return Answer(status, kept, received)

    def _connect(self, host: str, ends_at: float) -> ssl.SSLSocket:
        """Return a connection to one of the host's addresses, with a certificate for its name."""
        connected = self._connect_to(self._addresses(host, ends_at), ends_at)
        try:
            secured = self._context.wrap_socket(connected, server_hostname=host)
        except TimeoutError as error:
            connected.close()
            raise EgressError(EgressFailure.TIMED_OUT) from error
        except (OSError, ValueError) as error:
            connected.close()
            raise EgressError(EgressFailure.TLS_FAILED) from error
        assert isinstance(secured, _TimedSocket)  # noqa: S101 - what the context makes
        secured.ends_at = ends_at
        return secured

    def _addresses(self, host: str, ends_at: float) -> tuple[Address, ...]:
        """Return where the host is. One address that may not be reached is enough to refuse all of them."""
        try:
            found = self._resolve(host, min(RESOLVE_SECONDS, _seconds_until(ends_at)))
        except UnavailableError as error:
            raise EgressError(EgressFailure.NO_PUBLIC_ADDRESS) from error
        if not found or not all(self._reach.covers(address) for address in found):
            raise EgressError(EgressFailure.NO_PUBLIC_ADDRESS)
        return found

    def _connect_to(self, addresses: tuple[Address, ...], ends_at: float) -> socket:
        failure: OSError | None = None
        for address in addresses[:ADDRESSES_TRIED]:
            seconds = min(CONNECT_SECONDS, _seconds_until(ends_at))
            try:
                connected = create_connection((str(address), self._reach.port), seconds)
            except OSError as error:
                failure = error
                continue
            try:
                connected.settimeout(_seconds_until(ends_at))
            except EgressError:
                connected.close()
                raise
            return connected
        if isinstance(failure, TimeoutError):
            raise EgressError(EgressFailure.TIMED_OUT) from failure
        raise EgressError(EgressFailure.NOT_CONNECTED) from failure

    @property
    def _context(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context()  # reads all authorities of the machine: once
        self._trust.sslsocket_class = _TimedSocket
        return self._trust


class _TimedSocket(ssl.SSLSocket):
    """Ends in time as a whole: who sends a byte now and then keeps a plain timeout waiting forever."""

    ends_at: float = float("inf")

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        """Receive with what time is left. Raises `TimeoutError`, and `EgressError` where none is."""
        self._limit()
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """Send with what time is left. Raises `TimeoutError`, and `EgressError` where none is."""
        self._limit()
        return super().send(data, flags)

    def _limit(self) -> None:
        if self.ends_at != float("inf"):  # not while the handshake is made, which has one time limit of its own
            self.settimeout(min(READ_SECONDS, _seconds_until(self.ends_at)))


def _seconds_until(ends_at: float) -> float:
    """Return what is left. Raises `EgressError` where nothing is."""
    seconds = ends_at - time.monotonic()
    if seconds <= 0:
        raise EgressError(EgressFailure.TIMED_OUT)
    return seconds
