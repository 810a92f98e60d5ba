"""Records of the DNS, asked of one resolver with bounds on time and size: texts (RFC 1035, 3.3.14) and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.core.errors import UnavailableError

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    import dns.resolver

LIFETIME_SECONDS = 4.0
"""For an answer, all tries together."""
TRY_SECONDS = 1.5
MOST_RECORDS = 50
NO_ANSWER = "The DNS does not answer at the moment. Nothing was changed; please try again."


@dataclass(frozen=True, slots=True)
class TxtRecords:
    """Asks the resolver at an address and port; None: the one that the machine is set up with."""

    resolver: tuple[str, int] | None

    def read(self, name: str) -> frozenset[str]:
        """Return the texts of a name's TXT records, at most 50 of them; none where there is no such record.

        Raises `UnavailableError` where the resolver does not say in time whether there are any.
        """
        import dns.exception
        import dns.resolver

        try:
            found = _resolver(self.resolver, LIFETIME_SECONDS).resolve(f"{name}.", "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return frozenset()
        except (dns.exception.DNSException, OSError) as error:
            raise UnavailableError(NO_ANSWER, retry_after=10) from error
        texts = (b"".join(record.strings) for record, _ in zip(found, range(MOST_RECORDS), strict=False))
        return frozenset(text.decode("ascii", "replace") for text in texts)


@dataclass(frozen=True, slots=True)
class AddressRecords:
    """Asks as `TxtRecords` does. What the machine itself calls by a name, as in /etc/hosts, is not looked at."""

    resolver: tuple[str, int] | None

    def read(self, name: str, seconds: float) -> tuple[IPv4Address | IPv6Address, ...]:
        """Return the addresses of a name, IPv4 first, at most 50; none where there is no such record.

        Raises `UnavailableError` where the resolver does not say within so many seconds.
        """
        import dns.exception
        import dns.resolver

        try:
            found = _resolver(self.resolver, seconds).resolve_name(f"{name}.", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise UnavailableError(NO_ANSWER, retry_after=10) from error
        addresses = {ip_address(one) for one in islice(found.addresses(), MOST_RECORDS)}
        return tuple(sorted(addresses, key=lambda one: (one.version, one.packed)))


def _resolver(address: tuple[str, int] | None, seconds: float) -> dns.resolver.Resolver:
    import dns.resolver

    asking = dns.resolver.Resolver(configure=address is None)
    if address is not None:
        asking.nameservers, asking.port = [address[0]], address[1]
    asking.timeout, asking.lifetime = TRY_SECONDS, seconds
    return asking
