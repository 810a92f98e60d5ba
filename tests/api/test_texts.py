"""Every text that a request may hold is of a known kind: one line, a name, several lines, or a listed format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args, get_origin

import pytest
from pydantic import BaseModel, StringConstraints, ValidationError

import app
from chalicelib.http import texts
from chalicelib.http.endpoint import ENDPOINTS
from chalicelib.reservations.schemas.reservations import GuestBody
from chalicelib.tenants.schemas.tenants import ChangeTenant

if TYPE_CHECKING:
    from collections.abc import Iterator


KINDS = (texts.ONE_LINE, texts.PERSON_NAME, texts.MANY_LINES)
FORMATS = {
    "email": "canonical_email",
    "password": "taken as it is typed, and never shown",
    "current_password": "the same",
    "token": "compared by its hash",
    "id_token": "a JWT, read by a library",
    "nonce": "compared",
    "tenant": "compared with slugs",
    "policy": "compared with slugs and ids",
    "origins": "each matched by a pattern of origins",
    "embed_origins": "the same",
    "host": "read as the name of a host, by adapters/hosts.py",
    "currency": "one of a list",
    "timezone": "looked up among zones",
    "rule": "read by reservations/model/recurrence.py",
    "document": "read by policies/model/policy_documents.py, each text as one line",
    "rates": "the same",
    "rules": "names of rules",
    "url": "read by adapters/egress.py, which refuses spaces and control characters",
    "events": "names of events",
    "endpoint": "as url, of a push service",
    "p256dh": "read as a point of a curve",
    "auth": "read as sixteen bytes",
}


def strings(annotation: object, metadata: tuple[object, ...], seen: set[object]) -> Iterator[tuple[str, bool]]:
    """Each text below an annotation, and whether its kind is known; the names of members lead to it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from strings(inner, (*metadata, *more), seen)
    elif annotation is str:
        patterned = any(getattr(one, "pattern", None) for one in metadata)
        patterned = patterned or any(isinstance(one, StringConstraints) and one.pattern for one in metadata)
        yield "", patterned or any(kind in metadata for kind in KINDS)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for name, field in annotation.model_fields.items():
                for path, known in strings(field.annotation, tuple(field.metadata), seen):
                    yield f"{name}.{path}".rstrip("."), known
    else:
        for argument in get_args(annotation):
            yield from strings(argument, metadata, seen)


def test_every_text_of_a_request_is_of_a_known_kind() -> None:
    assert app.app
    unknown = {
        f"{one.body.__name__}: {path}"
        for one in ENDPOINTS
        for path, known in strings(one.body, (), set())
        if not known and path.rpartition(".")[2] not in FORMATS
    }
    assert not unknown


HIDDEN = [
    "Ada\n\nPay here",
    "Ada\u2028Pay",
    "Ada\u202eyaP",
    "Ada\x1b[2J",
    "=?utf-8?q?=0ABcc:x?=",
    "Ada https://evil.example",
]


@pytest.mark.parametrize("name", HIDDEN)
def test_an_email_to_a_guest_carries_no_text_of_an_anonymous_caller(name: str) -> None:
    with pytest.raises(ValidationError):
        GuestBody.model_validate({"name": name, "email": "ada@example.org"})


@pytest.mark.parametrize("name", ["Pine\r\nBcc: eve@example.org", "=?utf-8?q?=0ABcc:x?=", "Pine\u2029"])
def test_a_name_of_a_tenant_is_one_line(name: str) -> None:
    with pytest.raises(ValidationError):
        ChangeTenant.model_validate({"name": name + "x"})
