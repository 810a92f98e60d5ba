"""Email addresses, as they are kept and compared."""

from __future__ import annotations

MOST_CHARACTERS = 254
"""Of an address (RFC 5321, 4.5.3.1.3)."""


def canonical_email(address: str) -> str:
    """Return an address in lower case, its domain as the DNS has it (IDNA 2008, RFC 5891; mapped as UTS 46 says).

    What stands before the @ belongs to its mail server: `ada+spring@` is another address than `ada@`. Raises
    `ValueError` for a domain that cannot be.
    """
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        import idna

        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError as error:
            message = f"must end in the name of a domain: {domain!r} cannot be one"
            raise ValueError(message) from error
    canonical = f"{local}@{domain}".lower()
    if len(canonical) > MOST_CHARACTERS:
        message = f"must have at most {MOST_CHARACTERS} characters, its domain as the DNS has it"
        raise ValueError(message)
    return canonical
