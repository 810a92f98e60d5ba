"""`./dev tenant create|list`: what operators do over the API, for the first tenant of a new installation."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from chalicelib.accounts.create_tenant import NewTenant, create_tenant
from chalicelib.adapters.mail import Mailing
from chalicelib.core.errors import BerthError
from chalicelib.database.transaction import Acting, Database
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.tenants.manage_tenants import list_tenants
from chalicelib.tenants.schemas.tenants import CreateTenant
from local.data_directory import read_data_directory, running_gateway
from local.environment import DEFAULT_PATH, open_database
from local.errors import CommandError
from tools.people import OPERATOR, add_user

if TYPE_CHECKING:
    from collections.abc import Generator
    from uuid import UUID

    from chalicelib.adapters.mail import Email
    from chalicelib.tenants.model.site import TenantEntry

MOST = 10_000
OTHER_COLUMNS = 60
"""Characters that they and all lines need beside the slug at least."""
USUAL_ADDRESS = "http://127.0.0.1:8000"


def main(arguments: list[str]) -> int:
    """Create a tenant or list them."""
    options = _parser().parse_args(arguments)
    with _as_operator(options.data_dir) as (database, operator_id):
        if options.command == "list":
            _list(database)
        else:
            _create(database, operator_id, options)
    return 0


def _list(database: Database) -> None:
    found, _ = list_tenants(database, None, MOST)
    if not found:
        print("There is no tenant yet. Make one with ./dev tenant create SLUG, or start ./dev demo.")
        return
    table = Table()
    # A slug can be copied from here however narrow the terminal is; what else there is may take several lines.
    longest = max(len(one.slug) for one in found)
    table.add_column("slug", no_wrap=True, min_width=longest)
    for heading in ("name", "time zone", "currency", "since", "state"):
        table.add_column(heading, overflow="fold")
    for one in found:
        state = "served" if one.suspended_reason is None else f"suspended: {one.suspended_reason}"
        table.add_row(one.slug, one.name, one.timezone, one.currency, f"{one.created_at:%Y-%m-%d}", state)
    console = Console()
    console.print(table, width=max(console.width, longest + OTHER_COLUMNS), crop=False)


def _create(database: Database, operator_id: UUID, options: argparse.Namespace) -> None:
    address = options.url or _running_address(options.data_dir) or USUAL_ADDRESS
    emails: list[Email] = []
    members = {name: getattr(options, name) for name in CreateTenant.model_fields}
    try:
        wanted = CreateTenant.model_validate(members)
        actor = Actor("operator", str(operator_id), None)
        context = Context(database, wanted.slug, actor)
        create_tenant(context, NewTenant(**wanted.model_dump()), Mailing(address, emails.append), _printed)
    except ValidationError as error:
        findings = [f"--{'.'.join(map(str, one['loc'])).replace('_', '-')}: {one['msg']}" for one in error.errors()]
        raise CommandError("\n".join(findings)) from error
    except BerthError as error:
        raise CommandError(error.detail) from error
    print(f"Created {wanted.slug}. Its owner joins with this email, which was not sent:\n")
    print(emails[0].text)
    print(
        f"The link works while Berth runs at {address}. The same as a request, with a name and a password to choose:\n"
    )
    token = emails[0].text.partition("/join#")[2].split()[0]
    body = json.dumps({"token": token, "name": "Grace Hopper", "password": "a long sentence of your own"})
    print(f"curl {address}/api/v1/invitations/accept \\\n  -H 'Content-Type: application/json' -d '{body}'")


def _running_address(data_dir: Path) -> str | None:
    """Where the demo of this data directory answers, if it runs; DATABASE_URL's server belongs to none."""
    if os.environ.get("DATABASE_URL"):
        return None
    return running_gateway(read_data_directory(data_dir))


def _printed(_: TenantEntry) -> Answer:
    return Answer(201, {}, "")


@contextmanager
def _as_operator(data_dir: Path) -> Generator[tuple[Database, UUID]]:
    with open_database(data_dir) as cluster:
        with psycopg.connect(cluster.owner_dsn()) as owner:
            operator_id = add_user(owner, OPERATOR, "Operator", operator=True)
        database = Database(cluster.app_dsn(), pool_size=1, request_seconds=10)
        try:
            yield database.acting_as(Acting(user_id=operator_id)), operator_id
        finally:
            database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev tenant", description="Create tenants, or list them.")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose database (.local)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list all tenants")
    create = commands.add_parser("create", help="create a tenant and print the email that makes a person its owner")
    create.add_argument("slug", help="names it in addresses, e.g. lake-huts")
    create.add_argument("--name", required=True, help="what guests read, e.g. 'Lake Huts'")
    create.add_argument("--owner-email", required=True, help="who is invited as the first owner")
    create.add_argument("--timezone", default="UTC", help="IANA zone of its local times, e.g. Europe/Zurich (UTC)")
    create.add_argument("--currency", default="EUR", help="ISO 4217 code of its prices (EUR)")
    create.add_argument("--locale", default="en", help="BCP 47 tag of its texts (en)")
    create.add_argument("--url", help=f"where Berth is reached, for the link (where the demo runs, or {USUAL_ADDRESS})")
    return parser
