"""Policies: published as versions that never change, if `validate` finds nothing against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from chalicelib.adapters import expressions
from chalicelib.core.errors import (
    ConflictError,
    InvalidDocumentError,
    InvalidInputError,
    NotFoundError,
)
from chalicelib.core.text import check_line, check_text
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.policies.cost_of_listing import listing_findings
from chalicelib.policies.model import policy_documents
from chalicelib.policies.model.policies import impossibilities
from chalicelib.policies.model.rules.expression import Expression
from chalicelib.policies.storage import policies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.model.published import PolicyEntry, PolicyVersion

KIND = "policy"
MOST_RULES = 50
MOST_EXPRESSIONS = 20
Document = dict[str, Any]


def checked(document: Mapping[str, Any]) -> Policy:
    """Return the policy that a document is.

    Raises `InvalidDocumentError` with every finding: what cannot be read, what contradicts itself, expressions that are
    not CEL, and rules that together leave nothing to reserve.
    """
    policy = policy_documents.parse(document)
    if hidden := list(_hidden(document, ())):
        raise InvalidDocumentError([(policy_documents.json_path(path), text) for path, text in hidden])
    findings = list(_too_many(policy)) or [*_expression_findings(policy), *impossibilities(policy)]
    if findings:
        raise InvalidDocumentError([(policy_documents.json_path(path), text) for path, text in findings])
    return policy


def _too_many(policy: Policy) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield what by its number makes a policy slow to judge by.

    Policies that were published before there were these limits stay in force; they cannot be published again.
    """
    if len(policy.rules) > MOST_RULES:
        yield ("rules",), f"has {len(policy.rules)} rules; a policy has at most {MOST_RULES}"
    elif (conditions := sum(isinstance(rule, Expression) for rule in policy.rules)) > MOST_EXPRESSIONS:
        yield ("rules",), f"has {conditions} expressions; a policy has at most {MOST_EXPRESSIONS}"


def findings_of(document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what stands against publishing a document: JSON paths (RFC 9535) and sentences; nothing if it can be."""
    try:
        checked(document)
    except InvalidDocumentError as error:
        return error.findings
    return ()


def create_policy(
    context: Context,
    slug: str,
    name: str,
    document: Document,
    render: Callable[[PolicyEntry], Answer],
) -> Outcome:
    """Publish a new policy. Raises `InvalidDocumentError`, and `ConflictError` for a slug that is taken."""
    checked(document)

    def work(transaction: Transaction) -> PolicyEntry:
        policy_id = new_id()
        policies.add_policy(transaction, policy_id, slug, name, otherwise=_SlugTakenError)
        transaction.settle()
        policies.add_version(transaction, policy_id, 1, document)
        facts = {"slug": slug, "name": name, "version": 1}
        append_event(transaction, context.actor, Event(EventType.POLICY_CREATED, KIND, policy_id, None, facts))
        transaction.settle()
        return find_policy(transaction, str(policy_id))

    return context.run_once(work, render)


def publish_version(
    context: Context,
    named: str,
    change: Callable[[Mapping[str, Any]], Document],
) -> PolicyEntry:
    """Publish what `change` makes of the current document as the next version.

    Reservations keep the version they were made under. Raises `NotFoundError`, `VersionMismatchError`,
    `InvalidDocumentError`.
    """

    def work(transaction: Transaction) -> PolicyEntry:
        before = find_policy(transaction, named)
        check_version("policy", before.current_version, context.expected_version)
        document = change(before.document)
        checked(document)
        version = before.current_version + 1
        policies.add_version(transaction, before.id, version, document)
        policies.publish_version(transaction, before.id, before.current_version)
        facts = [
            {"version": number, "document": text}
            for number, text in ((before.current_version, before.document), (version, document))
        ]
        append_event(transaction, context.actor, Event(EventType.POLICY_PUBLISHED, KIND, before.id, facts[0], facts[1]))
        transaction.settle()
        return find_policy(transaction, str(before.id))

    return context.run(work)


def list_policies(context: Context, after: str | None, limit: int) -> tuple[list[PolicyEntry], str | None]:
    """Return a page of policies by slug, and the slug to go on after."""
    found = context.run(lambda transaction: policies.list_policies(transaction, after=after, limit=limit + 1))
    return found[:limit], found[limit - 1].slug if len(found) > limit else None


def read_policy(context: Context, named: str) -> PolicyEntry:
    """Return a policy with its current version. Raises `NotFoundError`."""
    return context.run(lambda transaction: find_policy(transaction, named))


def list_versions(context: Context, named: str, version: int | None = None) -> tuple[PolicyEntry, list[PolicyVersion]]:
    """Return the versions of a policy, the latest first, or one of them. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> tuple[PolicyEntry, list[PolicyVersion]]:
        entry = find_policy(transaction, named)
        found = policies.list_versions(transaction, entry.id, version)
        if not found:
            message = f"{entry.name} has no version {version}."
            raise NotFoundError(message)
        return entry, found

    return context.run(work)


def find_policy(transaction: Transaction, named: str) -> PolicyEntry:
    """Return the policy with that id or slug. Raises `NotFoundError`."""
    found = policies.list_policies(transaction, named=named)
    if not found:
        message = "There is no such policy."
        raise NotFoundError(message)
    return found[0]


def _expression_findings(policy: Policy) -> Iterator[tuple[tuple[int | str, ...], str]]:
    readable = True
    for number, rule in enumerate(policy.rules):
        if isinstance(rule, Expression):
            try:
                expressions.compiled(rule.expression)
            except InvalidInputError as error:
                readable = False
                yield ("rules", number, "expression"), f"is no CEL expression: {error.detail}"
    if readable:
        yield from listing_findings(policy)


class _SlugTakenError(ConflictError):
    def __init__(self) -> None:
        super().__init__("Another policy has this slug.")


def _hidden(value: object, path: tuple[int | str, ...]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Texts of a document that are not one line, which they become in prices, refusals and emails; CEL may break."""
    if isinstance(value, str):
        try:
            (check_text if path[-1] == "expression" else check_line)(value)
        except ValueError as error:
            yield path, str(error)
        return
    members: Iterable[tuple[int | str, object]] = ()
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
    elif isinstance(value, list):
        members = enumerate(cast("list[object]", value))
    for step, member in members:
        yield from _hidden(member, (*path, step))
