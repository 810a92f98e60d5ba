"""How often something may be tried: counted in the database, so that all functions share the count."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.access.model.limits import HOLDS, PREVIEWS_PER_WRITE, WRITES, AnonymousCaller, network_of
from chalicelib.access.storage.attempts import (
    count_within,
    counted_writes,
    forget_attempts,
    return_attempt,
    send_writes,
    take_attempt,
)
from chalicelib.core.errors import ThrottledError
from chalicelib.database.identifiers import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.database.pipeline import Pending, Pipeline
    from chalicelib.database.transaction import Transaction

UNLIMITED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in a window that begins with the first one."""

    attempts: int
    window: timedelta


PASSWORDS_OF_ACCOUNT = Limit(10, timedelta(minutes=15))
"""By anonymous callers from one network."""
PASSWORDS_OF_ACCOUNT_BY_ANYONE = Limit(100, timedelta(minutes=15))
"""From wherever: it closes the account for anonymous callers alone."""
PASSWORDS_FROM_DEVICE = Limit(10, timedelta(minutes=15))
PASSWORDS_IN_SESSION = Limit(10, timedelta(minutes=15))
PASSWORDS_FROM_ADDRESS = Limit(100, timedelta(minutes=15))
"""An address may be a whole office: what succeeds is not counted."""
EMAILS_TO_ADDRESS = Limit(3, timedelta(hours=1))
NONCE_LIFETIME = timedelta(minutes=10)
EMAILS_BY_ANYONE = Limit(10, timedelta(hours=1))
"""No longer than an email opens the account."""
EMAILS_FROM_ADDRESS = Limit(30, timedelta(hours=1))
CONFIRMATIONS_TO_EMAIL = Limit(5, timedelta(hours=1))
"""Emails that anyone can cause, without the one who gets them having a part in it."""
TICKETS_FOR_ADDRESS = Limit(60, timedelta(minutes=1))
"""For connections of visitors whom nobody knows."""
WEBHOOK_REQUESTS = Limit(60, timedelta(hours=1))
"""Tests and replays of a tenant: each is a request of ours to wherever the tenant says."""
PUSH_TESTS = Limit(30, timedelta(hours=1))
"""Of a member."""


class TooManyHoldsError(ThrottledError):
    """An anonymous caller has had their share of what is held or waits."""

    def __init__(self) -> None:
        super().__init__(
            "This guest, or another one at the same network address, holds or waits for as much as is possible in a "
            "day. Please call, or try again later.",
            retry_after=3600,
        )


@dataclass(frozen=True)
class CountedWrite:
    """A write of an anonymous caller: counted before it begins, by address, email and tenant, however it ends.

    `previews`: it is only tried out. Such are counted by themselves, and there may be more of them.
    """

    anonymous: AnonymousCaller
    email: str
    tenant: str
    previews: bool = False

    def send(self, pipeline: Pipeline) -> Pending:
        """Queue counting it."""
        (address, (most, _)), (email, _), (tenant, _) = self._limits.items()
        most = most or UNLIMITED
        return send_writes(pipeline, address, email, tenant, most, WRITES)

    def check(self, rows: Sequence[Any]) -> None:
        """Raise `ThrottledError` where it is one too many."""
        limits = self._limits
        over = {key: one for key, one in counted_writes(rows).items() if 0 < limits[key][0] < one.times}
        if over:
            seconds = max(1, math.ceil(max(one.lasts for one in over.values()).total_seconds()))
            whose = " and ".join(limits[key][1] for key in over)
            message = f"Too many requests {whose}. Please wait {math.ceil(seconds / 60)} min and try again."
            raise ThrottledError(message, retry_after=seconds)

    @cached_property
    def _limits(self) -> Mapping[bytes, tuple[int, str]]:
        """How often each is counted at most, and in words, by the digest of its key; the address first."""
        limits, network = self.anonymous.limits, self.anonymous.network
        what, each = ("previews", PREVIEWS_PER_WRITE) if self.previews else ("writes", 1)
        who = self.email or f"a guest at {network}"  # who tries something out need not say for whom
        return {
            digest(f"{what} from {network}"): (limits.writes_from_address * each, "from where you are"),
            digest(f"{what} of {who}"): (limits.writes_of_email * each, "for this guest"),
            digest(f"{what} of anonymous callers to {self.tenant}"): (limits.writes_of_tenant * each, "to this tenant"),
        }


def count_hold(transaction: Transaction, anonymous: AnonymousCaller, email: str) -> None:
    """Queue counting what an anonymous caller holds or waits for. Raises `TooManyHoldsError` beyond their share."""
    tenant = transaction.tenant.id
    limits = {
        f"holds from {anonymous.network} of {tenant}": anonymous.limits.holds_from_address,
        f"holds of {email} of {tenant}": anonymous.limits.holds_of_email,
    }
    limits = {key: most for key, most in limits.items() if most}
    if limits:
        count_within(transaction, limits, HOLDS, otherwise=TooManyHoldsError)


def count_attempt(transaction: Transaction, key: str, limit: Limit) -> None:
    """Count an attempt, whatever becomes of it. Raises `ThrottledError`."""
    attempts, ends_at = take_attempt(transaction, key, limit.window)
    if attempts > limit.attempts:
        seconds = max(1, math.ceil((ends_at - transaction.now).total_seconds()))
        message = f"Too many attempts. Please wait {math.ceil(seconds / 60)} min and try again."
        raise ThrottledError(message, retry_after=seconds)


def password_keys(email: str, address: str, device: str | None) -> tuple[tuple[str, Limit], ...]:
    """Under which keys attempts to sign in are counted, whether the account exists or not.

    Those who signed in with that account in this browser before are counted by themselves (OWASP, "Slow Down Online
    Guessing Attacks with Device Cookies"), so that nobody else's attempts keep them out. Anonymous callers are counted
    hard by account and network, softly by account, and by network.
    """
    if device is not None:
        return ((f"password from device {device}", PASSWORDS_FROM_DEVICE),)
    network = network_of(address)
    return (
        (f"password of {email} from {network}", PASSWORDS_OF_ACCOUNT),
        (f"password of {email}", PASSWORDS_OF_ACCOUNT_BY_ANYONE),
        (f"passwords from {network}", PASSWORDS_FROM_ADDRESS),
    )


def count_password(transaction: Transaction, email: str, address: str, device: str | None) -> None:
    """Count an attempt to sign in. Raises `ThrottledError`."""
    for key, limit in password_keys(email, address, device):
        count_attempt(transaction, key, limit)


def forgive_password(transaction: Transaction, email: str, address: str, device: str | None) -> None:
    """Queue that the attempt was none: the password was right."""
    for key, limit in password_keys(email, address, device):
        if limit is PASSWORDS_FROM_ADDRESS:
            return_attempt(transaction, key)
        else:
            forget_attempts(transaction, key)


def use_nonce(transaction: Transaction, nonce: str) -> bool:
    """Use up a nonce; tell whether it was the first time. It is remembered for longer than it holds."""
    times, _ = take_attempt(transaction, f"nonce {nonce}", NONCE_LIFETIME * 2)
    return times == 1


def forgive_recovery(transaction: Transaction, email: str) -> None:
    """Queue that anonymous callers' attempts and requests for emails count no more: the password is another one."""
    forget_attempts(transaction, f"password of {email}")
    forget_attempts(transaction, f"emails to {email}")


def count_reset(transaction: Transaction, email: str, address: str, device: str | None) -> bool:
    """Count that an email was asked for; tell whether to send it. Raises `ThrottledError` for one who asks too often.

    Requests of anonymous callers close nobody's way back: beyond what an account gets in an hour nothing is sent, as
    one of the emails that were sent in that hour opens it.
    """
    if device is not None:
        count_attempt(transaction, f"emails for device {device}", EMAILS_TO_ADDRESS)
        return True
    network = network_of(address)
    count_attempt(transaction, f"emails to {email} from {network}", EMAILS_TO_ADDRESS)
    count_attempt(transaction, f"emails from {network}", EMAILS_FROM_ADDRESS)
    asked, _ = take_attempt(transaction, f"emails to {email}", EMAILS_BY_ANYONE.window)
    return asked <= EMAILS_BY_ANYONE.attempts
