"""What follows from a secret that has been rotated: the next signing keys, and what functions are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_KEYS = 16
"""A guest's link is signed once and works until long after the stay: with a rotation every 90 days a key is accepted
for more than three years after it last signed. 16 keys are 0.8 KB of the 4 KB that a function's variables may have."""
ADDRESSES = ("DATABASE_URL", "DATABASE_REPLICA_URL", "BERTH_JOBS_DATABASE_URL")
KEYS = "BERTH_SIGNING_KEYS"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Keys by which tokens are signed: `(kid, key)`. The first signs, all are accepted. A kid is a number, as text."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of_secret(cls, secret: Mapping[str, str]) -> Self:
        """Read `kid`, `key` and `others`, each of which is written as ",kid:key"."""
        others = (pair.partition(":") for pair in secret["others"].split(",") if pair)
        return cls(((secret["kid"], secret["key"]), *((kid, key) for kid, _, key in others)))

    def as_secret(self) -> dict[str, str]:
        """Write what `of_secret` reads."""
        (kid, key), *others = self.pairs
        return {"kid": kid, "key": key, "others": "".join(f",{one}:{its}" for one, its in others)}

    def __str__(self) -> str:
        return ",".join(f"{kid}:{key}" for kid, key in self.pairs)

    def rotated(self, new_key: str) -> Self:
        """Sign with the key that was made by the rotation before, and make the next.

        Every function knows a key before the first token is signed with it, so none refuses another's. The first
        rotation finds no key that was made before: it changes nothing but to make one.
        """
        signing = int(self.pairs[0][0])
        keys = {int(kid): key for kid, key in self.pairs}
        next_kid = max(keys) + 1
        signer = min((kid for kid in keys if kid > signing), default=signing)
        keys[next_kid] = new_key
        later = sorted(kid for kid in keys if kid > signer)
        older = sorted((kid for kid in keys if kid < signer), reverse=True)
        order = [signer, *later, *older][:MOST_KEYS]
        return type(self)(tuple((str(kid), keys[kid]) for kid in order))


def refreshed(variables: Mapping[str, str], secret: Mapping[str, str]) -> dict[str, str]:
    """Return a function's environment variables with what a secret of a role, or of the signing keys, holds now."""
    told = dict(variables)
    if "kid" in secret:
        if KEYS in told:
            told[KEYS] = str(SigningKeys.of_secret(secret))
        return told
    for name in ADDRESSES:
        address = urlsplit(told.get(name, ""))
        if address.username == secret["username"]:
            where = address.netloc.rpartition("@")[2]
            netloc = f"{secret['username']}:{quote(secret['password'], safe='')}@{where}"
            told[name] = urlunsplit(address._replace(netloc=netloc))
    return told
