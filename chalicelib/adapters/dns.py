"""TXT records of the DNS (RFC 1035, 3.3.14), asked of one resolver with bounds on time and size."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.errors import UnavailableError

LIFETIME_SECONDS = 4.0
"""For an answer, all tries together."""
TRY_SECONDS = 1.5
MOST_RECORDS = 50


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
            asking = dns.resolver.Resolver(configure=self.resolver is None)
            if self.resolver is not None:
                asking.nameservers, asking.port = [self.resolver[0]], self.resolver[1]
            asking.timeout, asking.lifetime = TRY_SECONDS, LIFETIME_SECONDS
            found = asking.resolve(f"{name}.", "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return frozenset()
        except (dns.exception.DNSException, OSError) as error:
            message = "The DNS does not answer at the moment. Nothing was changed; please try again."
            raise UnavailableError(message, retry_after=10) from error
        texts = (b"".join(record.strings) for record, _ in zip(found, range(MOST_RECORDS), strict=False))
        return frozenset(text.decode("ascii", "replace") for text in texts)
