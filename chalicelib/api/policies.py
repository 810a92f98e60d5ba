"""Policies: the terms under which resources are reserved, published as versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.pages import cursor_after, link_to_next, position_of
from chalicelib.api.problems import MOST_VIOLATIONS
from chalicelib.api.schemas.published_policies import (
    CreatePolicy,
    Finding,
    Findings,
    PolicyList,
    PolicyQuery,
    PublishedPolicy,
    PublishRates,
    PublishVersion,
    SimulateDocument,
    SimulationBody,
    ValidateDocument,
    VersionBody,
    VersionList,
    published_policy,
    simulation_body,
    version_body,
)
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, OFFICE, Scope
from chalicelib.services import manage_policies
from chalicelib.services.simulate_policy import MOST_SHOWN, simulate_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.policies import PolicyEntry

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/policies"
ONE = COLLECTION + "/{policy}"
PUBLISHING = (errors.NotFoundError, errors.VersionMismatchError, errors.InvalidDocumentError)


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=OFFICE,
    tag="policies",
    query=PolicyQuery,
    response=PolicyList,
    errors=[errors.NotFoundError],
    scope=Scope.POLICIES_WRITE,
)
def list_policies(call: Call[NoBody, PolicyQuery]) -> Reply:
    """List the policies by slug, each with its current version."""
    after = position_of(call.query.cursor)
    found, last = manage_policies.list_policies(call.database, call.tenant, after and after[1], call.query.limit)
    cursor = cursor_after(None if last is None else (0, last))
    body = PolicyList(items=[published_policy(entry) for entry in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=MANAGERS,
    tag="policies",
    body=CreatePolicy,
    response=PublishedPolicy,
    status=201,
    errors=[errors.NotFoundError, errors.ConflictError, errors.InvalidDocumentError],
    idempotent=True,
    scope=Scope.POLICIES_WRITE,
    body_limit=1024 * 1024,
)
def create_policy(call: Call[CreatePolicy, NoBody]) -> Outcome:
    """Publish a new policy. What stands against it is said all at once, as `validate` would."""
    return manage_policies.create_policy(
        call.database,
        call.tenant,
        call.body.slug,
        call.body.name,
        call.body.document,
        call.actor,
        call.claim,
        lambda entry: render(_reply(entry, 201).found_at(call.address(ONE, policy=entry.id))),
    )


@endpoint(
    blueprint,
    "GET",
    ONE,
    roles=OFFICE,
    tag="policies",
    response=PublishedPolicy,
    errors=[errors.NotFoundError],
    scope=Scope.POLICIES_WRITE,
)
def read_policy(call: Call[NoBody, NoBody]) -> Reply:
    """Read a policy by id or slug, with its current version."""
    return _reply(manage_policies.read_policy(call.database, call.tenant, call.path["policy"]))


@endpoint(
    blueprint,
    "GET",
    ONE + "/versions",
    roles=OFFICE,
    tag="policies",
    response=VersionList,
    errors=[errors.NotFoundError],
    scope=Scope.POLICIES_WRITE,
)
def list_versions(call: Call[NoBody, NoBody]) -> Reply:
    """List the versions of a policy, the latest first. The audit log says who published each."""
    _, found = manage_policies.list_versions(call.database, call.tenant, call.path["policy"])
    return Reply(VersionList(items=[version_body(version) for version in found]))


@endpoint(
    blueprint,
    "GET",
    ONE + "/versions/{version}",
    roles=OFFICE,
    tag="policies",
    response=VersionBody,
    errors=[errors.NotFoundError],
    scope=Scope.POLICIES_WRITE,
)
def read_version(call: Call[NoBody, NoBody]) -> Reply:
    """Read one version: what a reservation made under it keeps to."""
    text = call.path["version"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    _, found = manage_policies.list_versions(call.database, call.tenant, call.path["policy"], number)
    return Reply(version_body(found[0]))


@endpoint(
    blueprint,
    "POST",
    ONE + "/versions",
    roles=MANAGERS,
    tag="policies",
    body=PublishVersion,
    response=PublishedPolicy,
    status=201,
    errors=PUBLISHING,
    needs_version=True,
    scope=Scope.POLICIES_WRITE,
    body_limit=1024 * 1024,
)
def publish_version(call: Call[PublishVersion, NoBody]) -> Reply:
    """Publish the next version. It counts from the next reservation on; those that exist keep theirs."""
    entry = _publish(call, lambda _: call.body.document)
    return _reply(entry, 201).found_at(call.address(ONE + "/versions/{version}", version=entry.current_version))


@endpoint(
    blueprint,
    "PUT",
    ONE + "/rates",
    roles=MANAGERS,
    tag="policies",
    body=PublishRates,
    response=PublishedPolicy,
    errors=PUBLISHING,
    needs_version=True,
    scope=Scope.POLICIES_WRITE,
    body_limit=256 * 1024,
)
def publish_rates(call: Call[PublishRates, NoBody]) -> Reply:
    """Publish other rates: a next version in which everything else stays as it is."""
    return _reply(_publish(call, lambda document: {**document, "rates": call.body.rates}))


@endpoint(
    blueprint,
    "POST",
    COLLECTION + "/validate",
    roles=MANAGERS,
    tag="policies",
    body=ValidateDocument,
    response=Findings,
    errors=[errors.NotFoundError],
    scope=Scope.POLICIES_WRITE,
    body_limit=1024 * 1024,
)
def validate_policy(call: Call[ValidateDocument, NoBody]) -> Reply:
    """Say what stands against publishing a draft, each with its JSON path, at most 50 of them. Nothing is stored."""
    found = manage_policies.findings_of(call.body.document)
    findings = [Finding(path=path, message=message) for path, message in found[:MOST_VIOLATIONS]]
    return Reply(Findings(valid=not findings, findings=findings))


@endpoint(
    blueprint,
    "POST",
    ONE + "/simulate",
    roles=MANAGERS,
    tag="policies",
    body=SimulateDocument,
    response=SimulationBody,
    errors=[errors.NotFoundError, errors.InvalidDocumentError],
    scope=Scope.POLICIES_WRITE,
    body_limit=1024 * 1024,
)
def simulate(call: Call[SimulateDocument, NoBody]) -> Reply:
    """Judge past reservations by a draft: which it would have refused, by which rules, and the difference in revenue.

    Each is judged, as it stands now, as of the moment at which it was made. Nothing is stored.
    """
    found = simulate_policy(
        call.database,
        call.tenant,
        call.path["policy"],
        call.body.document,
        call.body.made_from,
        call.body.made_until,
    )
    return Reply(simulation_body(found, MOST_SHOWN))


def _publish(
    call: Call[PublishVersion, NoBody] | Call[PublishRates, NoBody],
    change: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> PolicyEntry:
    return manage_policies.publish_version(
        call.database, call.tenant, call.path["policy"], change, call.actor, call.if_match
    )


def _reply(entry: PolicyEntry, status: int = 200) -> Reply:
    return Reply(published_policy(entry), status, version=entry.current_version)
