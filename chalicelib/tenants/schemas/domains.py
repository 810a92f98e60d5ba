"""A tenant's own domain as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.adapters.hosts import canonical_host, unicode_host
from chalicelib.http.schema import Schema
from chalicelib.tenants.model.domains import DomainProblem

if TYPE_CHECKING:
    from chalicelib.tenants.model.domains import Domain

Host = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254), AfterValidator(canonical_host)
]
PROBLEMS = {
    DomainProblem.NO_RECORD: "The DNS has no TXT record {name} yet. New records can take some hours to be seen.",
    DomainProblem.OTHER_RECORD: "The DNS has TXT records {name}, but none that is {value}. Correct it and check again.",
    DomainProblem.TAKEN: "Another tenant has proven this domain. If it is yours now, ask the operator.",
}


class ChangeDomain(Schema, extra="forbid", json_schema_extra={"examples": [{"host": "book.example.com"}]}):
    """The domain to set."""

    host: Host = Field(
        description="Name of the host under which the public site is to be shown, without scheme, port or path; "
        "non-ASCII names are taken in either form.",
        examples=["book.example.com"],
    )


class RecordBody(Schema):
    """A record of the DNS."""

    type: Literal["TXT"] = Field(description="Always `TXT`.")
    name: str = Field(description="Name of the record, in full.", examples=["_berth.book.example.com"])
    value: str = Field(
        description="Text that the record has to hold, exactly.",
        examples=["berth-domain=3f6c1b0e9a4d5c7e8f20a1b2c3d4e5f607182930"],
    )


class ProblemBody(Schema):
    """Why the last check did not prove the domain."""

    code: DomainProblem = Field(
        description="`no_record`: there is no TXT record. `other_record`: none has the value. `taken`: another tenant "
        "has proven it."
    )
    message: str = Field(
        description="The same as a sentence.",
        examples=["The DNS has no TXT record _berth.book.example.com yet. New records can take some hours to be seen."],
    )


class DomainBody(Schema):
    """A tenant's own domain, and whether it is proven."""

    host: str | None = Field(
        description="Name of the host as the DNS has it; null where none is set.", examples=["xn--htte-0ra.example.com"]
    )
    host_shown: str | None = Field(
        description="The same name as people read it; null where none is set.", examples=["hütte.example.com"]
    )
    verified: bool = Field(description="Whether the public site is shown under it.", examples=[False])
    verified_at: datetime | None = Field(description="When it was proven (UTC); null before.", examples=[None])
    checked_at: datetime | None = Field(
        description="When the DNS was last asked for the record (UTC); null before.", examples=[None]
    )
    missing_since: datetime | None = Field(
        description="Since when the record of a proven domain is missing (UTC); null while it is there. After seven "
        "days the public site is not shown under the domain any more.",
        examples=[None],
    )
    problem: ProblemBody | None = Field(
        description="What the last check found instead of the record; null where it found it, and before.",
        examples=[None],
    )
    record: RecordBody | None = Field(
        description="Record that proves the domain, and has to stay; null where none is set."
    )


class HostBody(Schema):
    """Which tenant's public site a host shows."""

    host: str = Field(description="Name of the host as the DNS has it.", examples=["book.example.com"])
    tenant: str = Field(description="Slug of the tenant.", examples=["pine-cabins"])


def domain_body(domain: Domain | None) -> DomainBody:
    """The public form of a domain."""
    if domain is None:
        return DomainBody(
            host=None,
            host_shown=None,
            verified=False,
            verified_at=None,
            checked_at=None,
            missing_since=None,
            problem=None,
            record=None,
        )
    problem = None
    if domain.problem is not None:
        message = PROBLEMS[domain.problem].format(name=domain.record_name, value=domain.record_value)
        problem = ProblemBody(code=domain.problem, message=message)
    return DomainBody(
        host=domain.host,
        host_shown=unicode_host(domain.host),
        verified=domain.verified_at is not None,
        verified_at=domain.verified_at,
        checked_at=domain.checked_at,
        missing_since=domain.missing_since,
        problem=problem,
        record=RecordBody(type="TXT", name=domain.record_name, value=domain.record_value),
    )
