"""Cookies of ours (RFC 6265): sent by this site's own pages only, and never shown to scripts."""

from __future__ import annotations


def cookie_of(header: str, wanted: str) -> str | None:
    """Return the value of our cookie (section 4.2.1), whatever others have set beside it."""
    for pair in header.split(";"):
        name, equals, value = pair.strip().partition("=")
        if name == wanted and equals:
            return value.strip('"')
    return None


def set_cookie(name: str, value: str, path: str, seconds: int, *, secure: bool) -> str:
    """Return the header that sets a cookie for the addresses below a path, for so many seconds."""
    cookie = f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict"
    return f"{cookie}; Secure" if secure else cookie
