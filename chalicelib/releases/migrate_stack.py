"""Bring a stack's database to the present schema, and let its roles sign in: what the function `migrate` does.

CloudFormation calls it before it changes the functions of requests, whenever a migration has come: each suits the
release that is still running. What goes wrong ends the release, with a sentence among the stack's events.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from chalicelib.adapters import stack_answers
from chalicelib.adapters.secrets import SecretStore
from chalicelib.config import ConfigurationError, ReleaseConfig
from chalicelib.database.migrations.migrate import MigrationError, migrate
from chalicelib.database.roles import give_passwords

if TYPE_CHECKING:
    from collections.abc import Mapping

RESOURCE_ID = "schema"
"""The same for ever: the schema of a stack's database is never replaced by another."""
logger = logging.getLogger("berth.releases")


def migrate_stack(request: Mapping[str, Any]) -> None:
    """Do what CloudFormation asks for, and answer it whatever comes of it.

    Deleting leaves everything as it is: what made the database removes it.
    """
    failure = None
    try:
        if request["RequestType"] != "Delete":
            migrate_database(ReleaseConfig.from_environment(), SecretStore())
    except (MigrationError, ConfigurationError) as error:
        failure = str(error)
    except Exception as error:  # whatever it is: CloudFormation would wait an hour for the answer
        logger.exception("The database was not migrated.")
        failure = f"The database was not migrated: {type(error).__name__}: {error}"
    stack_answers.answer(request, RESOURCE_ID, failure=failure)


def migrate_database(config: ReleaseConfig, secrets: SecretStore) -> list[str]:
    """Migrate, give the roles the passwords of their secrets, and return what was applied.

    Raises `MigrationError`.
    """
    owner = config.dsn(secrets.read(config.owner_secret))
    applied = migrate(owner)
    roles = [secrets.read(secret_id) for secret_id in config.role_secrets]
    give_passwords(owner, {role["username"]: role["password"] for role in roles})
    logger.info("The database is at the present schema. Applied: %s.", ", ".join(applied) or "nothing")
    return applied
