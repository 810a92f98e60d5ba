"""Policies: the terms under which resources are reserved, published as versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, OFFICE, Scope
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.paging import cursor_after, link_to_next, position_of
from chalicelib.http.problems import MOST_VIOLATIONS
from chalicelib.policies import manage_policies
from chalicelib.policies.schemas.published_policies import (
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
from chalicelib.policies.simulate_policy import MOST_SHOWN, simulate_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.http.idempotency import Outcome
    from chalicelib.policies.model.published import PolicyEntry

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/policies"
ONE = COLLECTION + "/{policy}"
PUBLISHING = (errors.NotFoundError, errors.InvalidDocumentError)


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
    """List policies.

    Returns policies by slug, each with its current version and the number of resources that are reserved under it.
    """
    after = position_of(call.query.cursor)
    found, last = manage_policies.list_policies(call.context, after and after[1], call.query.limit)
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
    """Create a policy.

    Publishes the first version of a new policy. An invalid document is refused with every finding, as `validate`
    lists them.
    """
    return manage_policies.create_policy(
        call.context,
        call.body.slug,
        call.body.name,
        call.body.document,
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
    """Read a policy.

    Returns a policy by id or slug, with its current version.
    """
    return _reply(manage_policies.read_policy(call.context, call.path["policy"]))


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
    """List versions of a policy.

    Returns the versions, the latest first. The audit log says who published each.
    """
    _, found = manage_policies.list_versions(call.context, call.path["policy"])
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
    """Read a version of a policy.

    Returns one version. Use it to see the rules that an older reservation was made under: its `policy_version`
    names the version.
    """
    text = call.path["version"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    _, found = manage_policies.list_versions(call.context, call.path["policy"], number)
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
    versioned=True,
    scope=Scope.POLICIES_WRITE,
    body_limit=1024 * 1024,
)
def publish_version(call: Call[PublishVersion, NoBody]) -> Reply:
    """Publish a version.

    Publishes the next version of a policy. It counts for reservations that are made from now on; existing ones keep
    the version they were made under. Validate or simulate the document first.
    """
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
    versioned=True,
    scope=Scope.POLICIES_WRITE,
    body_limit=256 * 1024,
)
def publish_rates(call: Call[PublishRates, NoBody]) -> Reply:
    """Publish rates.

    Publishes the next version of a policy with other rates; everything else stays as it is. Existing reservations
    keep their prices.
    """
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
    """Validate a policy.

    Checks a draft and returns what prevents publishing it, at most 50 findings with their JSON path. Nothing is
    stored.
    """
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
    errors=[errors.NotFoundError, errors.InvalidDocumentError, errors.InvalidRangeError],
    scope=Scope.POLICIES_WRITE,
    body_limit=1024 * 1024,
)
def simulate(call: Call[SimulateDocument, NoBody]) -> Reply:
    """Simulate a policy.

    Judges past reservations by a draft: which it would have refused, by which rules, and how revenue would differ.
    Each reservation is judged, as it is now, as of the moment when it was made. Nothing is stored.
    """
    found = simulate_policy(
        call.context,
        call.path["policy"],
        call.body.document,
        *call.body.bounds(),
    )
    return Reply(simulation_body(found, MOST_SHOWN))


def _publish(
    call: Call[PublishVersion, NoBody] | Call[PublishRates, NoBody],
    change: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> PolicyEntry:
    return manage_policies.publish_version(call.context, call.path["policy"], change)


def _reply(entry: PolicyEntry, status: int = 200) -> Reply:
    return Reply(published_policy(entry), status, version=entry.current_version)
