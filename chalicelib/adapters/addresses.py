"""Email addresses, as they are kept and compared."""

from __future__ import annotations

import re

MOST_CHARACTERS = 254
"""Of an address (RFC 5321, 4.5.3.1.3)."""

PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}")
LONGEST_PLAIN = 64
"""An address as nearly all are, of which no part can be too long: the library has nothing against it or to change."""


def canonical_email(address: str) -> str:
    """Return an address in lower case, its domain as the DNS has it (IDNA 2008, RFC 5891; mapped as UTS 46 says).

    What stands before the @ belongs to its mail server: `ada+spring@` is another address than `ada@`. Neither a name
    beside the address nor a quoted part, a list or an IP address is one. Raises `ValueError`. No DNS is asked.
    """
    if len(address) <= LONGEST_PLAIN and PLAIN.fullmatch(address):
        return address
    from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

    # Names that are never delivered to (.invalid, .test) are addresses all the same: demo data and replay use them.
    SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        message = f"must be one email address such as ada@example.org: {error}"
        raise ValueError(message) from error
    canonical = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(canonical) > MOST_CHARACTERS:
        message = f"must have at most {MOST_CHARACTERS} characters, its domain as the DNS has it"
        raise ValueError(message)
    return canonical
