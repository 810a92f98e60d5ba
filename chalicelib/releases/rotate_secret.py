"""Rotate a secret: the password of a role, or the keys that sign. Secrets Manager calls `rotate` once for each step.

A step may come twice. https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import logging
import secrets as randomness
from typing import TYPE_CHECKING

from chalicelib.adapters.functions import Functions
from chalicelib.adapters.secrets import SecretStore
from chalicelib.config import ReleaseConfig
from chalicelib.database.roles import give_passwords, sign_in
from chalicelib.releases.model.rotations import SigningKeys, refreshed

if TYPE_CHECKING:
    from collections.abc import Mapping

RANDOM_BYTES = 32
logger = logging.getLogger("berth.releases")


class RotationError(Exception):
    """The secret is rotated, but some functions still have the one before; names them."""


def rotate_secret(request: Mapping[str, str]) -> None:
    """Take one step of a rotation. Raises `RotationError`, and what AWS and the database answer to a mistake."""
    secret_id, version, store = request["SecretId"], request["ClientRequestToken"], SecretStore()
    config = ReleaseConfig.from_environment()
    match request["Step"]:
        case "createSecret":
            if not store.has_pending(secret_id, version):
                store.add_pending(secret_id, version, following(store.read(secret_id)))
        case "setSecret":
            pending = store.read(secret_id, "AWSPENDING", version)
            if "username" in pending:
                owner = config.dsn(store.read(config.owner_secret))
                give_passwords(owner, {pending["username"]: pending["password"]})
        case "testSecret":
            pending = store.read(secret_id, "AWSPENDING", version)
            if "username" in pending:
                sign_in(config.dsn(pending))
        case "finishSecret":
            store.make_current(secret_id, version)
            tell_functions(Functions(config.functions), store.read(secret_id))
        case step:
            message = f"Secrets Manager asks for the step {step!r}, which no rotation has."
            raise RotationError(message)


def following(secret: Mapping[str, str]) -> dict[str, str]:
    """Return what comes after a secret."""
    if "kid" in secret:
        return SigningKeys.of_secret(secret).rotated(random_text()).as_secret()
    return {**secret, "password": random_text()}


def random_text() -> str:
    """Make a password or key of 256 bits that may stand in an address and in a list of keys."""
    return randomness.token_urlsafe(RANDOM_BYTES)


def tell_functions(functions: Functions, secret: Mapping[str, str]) -> None:
    """Give the functions what a secret holds now: they read it from their environment. Raises `RotationError`."""
    failed = functions.change_variables(lambda variables: refreshed(variables, secret))
    if failed:
        names = ", ".join(f"{name} ({error})" for name, error in failed.items())
        message = f"The secret is rotated, but these functions still have the one before: {names}. Rotate once more."
        raise RotationError(message)
