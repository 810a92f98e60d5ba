"""Change a password with the old one, or reset it with the link of an email."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.access import throttle
from chalicelib.access.storage.attempts import forget_attempts
from chalicelib.accounts.sign_in import new_secret, split_token
from chalicelib.accounts.storage import sign_in as storage
from chalicelib.adapters import passwords
from chalicelib.adapters.mail import Email
from chalicelib.core.errors import AuthenticationError, InvalidInputError
from chalicelib.core.text import shown_name
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Acting

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.access.model.people import User
    from chalicelib.accounts.sign_in import Visitor
    from chalicelib.adapters.mail import Mailing
    from chalicelib.database.transaction import Database, Transaction

RESET_LIFETIME = timedelta(hours=1)


def change_password(database: Database, session_id: UUID, current: str, wanted: str) -> None:
    """Change the password of the user that the database acts for, and end their other sessions.

    Raises `InvalidInputError` for a wrong or a weak password, `ThrottledError`.
    """
    # By session: what anonymous callers try elsewhere keeps nobody from leaving a password that they got hold of.
    attempts = f"password in session {session_id}"

    def look(transaction: Transaction) -> tuple[User, str | None] | None:
        found = storage.find_user(transaction)
        if found is not None:
            throttle.count_attempt(transaction, attempts, throttle.PASSWORDS_IN_SESSION)
        return found

    found = database.run_without_tenant(look)
    if found is None or not passwords.is_password(found[1], current):
        message = "This is not your present password. If you have none, request a password reset."
        raise InvalidInputError("current_password", message)
    user = found[0]
    passwords.check_new_password(wanted, user.email, user.name)
    hashed = passwords.hash_password(wanted)

    def change(transaction: Transaction) -> None:
        if storage.find_user(transaction) != found:
            message = "The password was changed at the same moment; please sign in again."
            raise AuthenticationError(message)
        forget_attempts(transaction, attempts)
        storage.change_password(transaction, hashed)
        storage.end_sessions(transaction, "password_changed", except_id=session_id)

    database.run_without_tenant(change)


def send_reset(database: Database, email: str, visitor: Visitor, mailing: Mailing) -> None:
    """Send an email with which another password can be set.

    An address that nobody signs in with gets an email that says so: what the caller is told, and how long it takes, are
    the same. Raises `ThrottledError`, `UnavailableError`.
    """
    sends = True

    def look(transaction: Transaction) -> tuple[User, str | None] | None:
        nonlocal sends
        sends = throttle.count_reset(transaction, email, visitor.address, visitor.device)
        return storage.find_user_by_email(transaction)

    found = database.acting_as(Acting(email=email)).run_without_tenant(look)
    if not sends:
        return
    user_id = new_id() if found is None else found[0].id
    secret = new_secret()

    def remember(transaction: Transaction) -> None:
        if storage.find_user(transaction) is not None:
            storage.add_password_reset(transaction, secret, RESET_LIFETIME)

    database.acting_as(Acting(user_id=user_id)).run_without_tenant(remember)
    link = f"{mailing.public_url}/reset#{user_id}.{secret}"
    mailing.send(_no_account_email(email) if found is None else _email(found[0], link))


def reset_password(database: Database, token: str, wanted: str) -> str:
    """Set another password with the token of an email, and end all sessions; return the address.

    No count of attempts closes this way.

    Raises `InvalidInputError` for a token that does not hold and for a weak password.
    """
    try:
        user_id, secret = split_token(token)
    except AuthenticationError as error:
        raise _stale() from error

    def work(transaction: Transaction) -> str:
        found = storage.find_user(transaction)
        if found is None or not storage.use_password_reset(transaction, secret):
            raise _stale()
        passwords.check_new_password(wanted, found[0].email, found[0].name)
        storage.change_password(transaction, passwords.hash_password(wanted))
        storage.end_sessions(transaction, "password_changed")
        throttle.forgive_recovery(transaction, found[0].email)
        return found[0].email

    return database.acting_as(Acting(user_id=user_id)).run_without_tenant(work)


def _email(user: User, link: str) -> Email:
    text = (
        f"Hello {shown_name(user.name)},\n\n"
        "a password reset was requested for your account. If it was you, set another password here within an hour:\n\n"
        f"{link}\n\n"
        "If it was not you, do nothing: your password stays as it is.\n"
    )
    return Email(user.email, "Set another password", text)


def _no_account_email(email: str) -> Email:
    text = (
        "Hello,\n\n"
        f"a password reset was requested for {email}, but there is no user with this address.\n"
        "Perhaps you use another one. If it was not you, there is nothing to do.\n"
    )
    return Email(email, "No account with this address", text)


def _stale() -> InvalidInputError:
    return InvalidInputError("token", "This link was used or is older than an hour. Please request another one.")
