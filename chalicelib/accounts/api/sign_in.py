"""Sign-in: sessions, passwords, and who the caller is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from chalice.app import Blueprint

from chalicelib.access import throttle
from chalicelib.access.model.people import Role
from chalicelib.accounts import change_password as passwords
from chalicelib.accounts import sign_in as sessions
from chalicelib.accounts.schemas.sign_in import (
    AskForReset,
    ChangePassword,
    Credentials,
    IdToken,
    Me,
    NonceBody,
    ResetPassword,
    SessionList,
    SignedInBody,
    SignOut,
    me_of,
    session_body,
    signed_in_body,
)
from chalicelib.core import errors
from chalicelib.http import current
from chalicelib.http.cookies import cookie_of, set_cookie
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.identifiers import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from chalicelib.http.container import Container

blueprint = Blueprint(__name__)
ACCESS_LIFETIME = timedelta(minutes=15)
COOKIE = "berth_refresh"
NO_ISSUER = "No external issuer is configured here. Sign in with a password."
DEVICE_COOKIE = "berth_device"
DEVICE_LIFETIME = timedelta(days=365)
COOKIE_PATH = "/api/v1/auth"
AfterSignOut = Callable[[Call[Any, Any]], None]
_AFTER_SIGN_OUT: list[AfterSignOut] = []


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/login",
    roles=[Role.ANYONE],
    tag="sign-in",
    body=Credentials,
    response=SignedInBody,
    errors=[errors.AuthenticationError, errors.ThrottledError],
    sets_cookie=True,
    body_limit=2 * 1024,
)
def log_in(call: Call[Credentials, NoBody]) -> Reply:
    """Sign in.

    Signs in with email address and password. The answer holds an access token for 15 minutes; the cookie
    `berth_refresh`, which scripts cannot read, extends the session.
    """
    email = call.body.email
    found = sessions.sign_in(call.database, email, call.body.password, _visitor(call.container, email))
    return _with_device(_signed_in(call.container, found), call.container, email)


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/oidc/nonce",
    roles=[Role.ANYONE],
    tag="sign-in",
    response=NonceBody,
    errors=[errors.NotFoundError],
)
def issue_nonce(call: Call[NoBody, NoBody]) -> Reply:
    """Create a nonce.

    Returns the nonce to send to the external issuer when signing in there. It is valid for ten minutes and one
    sign-in.
    """
    if call.container.issuer is None:
        raise errors.NotFoundError(NO_ISSUER)
    lifetime = throttle.NONCE_LIFETIME
    nonce = call.container.tokens.issue_nonce(lifetime)
    return Reply(NonceBody(nonce=nonce, expires_in=int(lifetime.total_seconds())))


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/oidc",
    roles=[Role.ANYONE],
    tag="sign-in",
    body=IdToken,
    response=SignedInBody,
    errors=[errors.AuthenticationError, errors.ForbiddenError, errors.NotFoundError, errors.UnavailableError],
    sets_cookie=True,
    body_limit=32 * 1024,
)
def log_in_externally(call: Call[IdToken, NoBody]) -> Reply:
    """Sign in externally.

    Signs in with the ID token of an external issuer (OpenID Connect), where this deployment has one. Answers like
    signing in with a password.
    """
    issuer = call.container.issuer
    if issuer is None:
        raise errors.NotFoundError(NO_ISSUER)
    if not call.container.tokens.is_nonce(call.body.nonce):
        message = "The nonce was not issued here, or more than ten minutes ago. Ask for another one."
        raise errors.AuthenticationError(message)
    identity = issuer.identify(call.body.id_token, call.body.nonce)
    return _signed_in(
        call.container,
        sessions.sign_in_externally(call.database, identity, call.body.nonce, _visitor(call.container, identity.email)),
    )


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/refresh",
    roles=[Role.ANYONE],
    tag="sign-in",
    response=SignedInBody,
    errors=[errors.AuthenticationError, errors.ForbiddenError],
    needs_cookie=COOKIE,
    sets_cookie=True,
)
def refresh(call: Call[NoBody, NoBody]) -> Reply:
    """Refresh a session.

    Returns a new access token and replaces the cookie `berth_refresh`. The previous cookie works for another
    minute, since an answer may be lost and two tabs may ask at once. Used later, it counts as stolen and ends the
    session.
    """
    _check_origin(call.container)
    cookie = cookie_of(_headers().get("cookie", ""), COOKIE)
    if cookie is None:
        message = "There is no session to prolong; please sign in."
        raise errors.AuthenticationError(message)
    return _signed_in(call.container, sessions.refresh(call.database, cookie))


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/logout",
    roles=[Role.SIGNED_IN],
    tag="sign-in",
    body=SignOut,
    response=None,
    status=204,
    sets_cookie=True,
    body_limit=2 * 1024,
)
def log_out(call: Call[SignOut, NoBody]) -> Reply:
    """Sign out.

    Ends this session, or all sessions of the user with `everywhere`.
    """
    sessions.sign_out(call.database, _session(call), everywhere=call.body.everywhere)
    _signed_out(call)
    return Reply("", 204, {"Set-Cookie": _cookie(call.container, "", timedelta(0))})


@endpoint(blueprint, "GET", "/v1/auth/me", roles=[Role.SIGNED_IN], tag="sign-in", response=Me)
def read_me(call: Call[NoBody, NoBody]) -> Reply:
    """Read the caller.

    Returns the signed-in user and their role at each tenant. Use it to decide what to show.
    """
    return Reply(me_of(*sessions.read_user(call.database)))


@endpoint(blueprint, "GET", "/v1/auth/sessions", roles=[Role.SIGNED_IN], tag="sign-in", response=SessionList)
def list_sessions(call: Call[NoBody, NoBody]) -> Reply:
    """List sessions.

    Returns where the user is signed in, the last used first. Use it to find a device that was lost.
    """
    found = sessions.list_sessions(call.database)
    return Reply(SessionList(items=[session_body(one, call.caller.session_id) for one in found]))


@endpoint(
    blueprint,
    "DELETE",
    "/v1/auth/sessions/{session}",
    roles=[Role.SIGNED_IN],
    tag="sign-in",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
)
def end_session(call: Call[NoBody, NoBody]) -> Reply:
    """End a session.

    Signs the user out of one session, such as that of a lost phone. Its WebSocket connections are closed.
    """
    sessions.end_session(call.database, identifier(call, "session"))
    _signed_out(call)
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/password",
    roles=[Role.SIGNED_IN],
    tag="sign-in",
    body=ChangePassword,
    response=None,
    status=204,
    errors=[errors.ThrottledError],
    body_limit=4 * 1024,
)
def change_password(call: Call[ChangePassword, NoBody]) -> Reply:
    """Change the password.

    Sets another password, with the present one. All other sessions of the user end.
    """
    passwords.change_password(call.database, _session(call), call.body.current_password, call.body.password)
    _signed_out(call)
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/password/reset",
    roles=[Role.ANYONE],
    tag="sign-in",
    body=AskForReset,
    response=None,
    status=204,
    errors=[errors.ThrottledError, errors.UnavailableError],
    body_limit=2 * 1024,
)
def ask_for_reset(call: Call[AskForReset, NoBody]) -> Reply:
    """Request a password reset.

    Sends an email with a link that sets another password, within an hour. The answer is the same whether or not
    there is a user with that address.
    """
    visitor = _visitor(call.container, call.body.email)
    passwords.send_reset(call.database, call.body.email, visitor, call.container.mailing)
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/password/confirm",
    roles=[Role.ANYONE],
    tag="sign-in",
    body=ResetPassword,
    response=None,
    status=204,
    sets_cookie=True,
    body_limit=2 * 1024,
)
def reset_password(call: Call[ResetPassword, NoBody]) -> Reply:
    """Reset the password.

    Sets another password with the `token` of the email's link, which works once. All sessions of the user end. The
    answer sets the cookie `berth_device`: from this browser the user can sign in even while anonymous callers' attempts
    are throttled.
    """
    email = passwords.reset_password(call.database, call.body.token, call.body.password)
    return _with_device(Reply("", 204), call.container, email)


def _signed_in(services: Container, found: sessions.SignedIn) -> Reply:
    token = services.tokens.issue_access_token(found.user.id, found.session_id, ACCESS_LIFETIME)
    body = signed_in_body(found, token, int(ACCESS_LIFETIME.total_seconds()))
    return Reply(body, headers={"Set-Cookie": _cookie(services, found.refresh_token, sessions.SESSION_LIFETIME)})


def _check_origin(services: Container) -> None:
    """Let pages of ours use the cookie, beside SameSite, which old browsers and sister domains do not heed.

    Browsers say where a POST comes from, `null` included; programs need not. Raises `ForbiddenError`.
    """
    origin = _headers().get("origin")
    if origin is not None and origin not in services.config.origins:
        message = "Pages of this origin may not prolong sessions here."
        raise errors.ForbiddenError(message)


def _with_device(reply: Reply, services: Container, email: str) -> Reply:
    """With the cookie by which attempts of this browser are told from those of anonymous callers."""
    token = services.tokens.issue_device_token(email, DEVICE_LIFETIME)
    device = _cookie(services, token, DEVICE_LIFETIME, DEVICE_COOKIE)
    cookies = [*filter(None, [reply.headers.get("Set-Cookie")]), device]
    # Chalice sends each value of a list as a header of its own.
    return replace(reply, headers={**reply.headers, "Set-Cookie": cast("str", cookies)})


def _cookie(services: Container, value: str, lifetime: timedelta, name: str = COOKIE) -> str:
    """A cookie that is sent to the sign-in routes only."""
    secure = services.config.public_url.startswith("https:")
    return set_cookie(name, value, COOKIE_PATH, int(lifetime.total_seconds()), secure=secure)


def after_sign_out(work: AfterSignOut) -> AfterSignOut:
    """Declare what else ends with a session, at once."""
    _AFTER_SIGN_OUT.append(work)
    return work


def _signed_out(call: Call[Any, Any]) -> None:
    for work in _AFTER_SIGN_OUT:
        work(call)


def _session(call: Call[SignOut, NoBody] | Call[ChangePassword, NoBody]) -> UUID:
    session_id = call.caller.session_id
    assert session_id is not None  # noqa: S101 - only people with a session get here
    return session_id


def _visitor(services: Container, email: str) -> sessions.Visitor:
    device = services.tokens.device_of(cookie_of(_headers().get("cookie", ""), DEVICE_COOKIE), email)
    return sessions.Visitor(current.address(), _headers().get("user-agent", ""), device)


def _headers() -> Mapping[str, str]:
    return cast("Mapping[str, str]", current.request.get().headers)
