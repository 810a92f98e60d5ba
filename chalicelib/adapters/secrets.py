"""Secrets and their versions, in AWS Secrets Manager or whatever speaks its API at AWS_ENDPOINT_URL_SECRETS_MANAGER."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_secretsmanager import SecretsManagerClient

Stage = Literal["AWSCURRENT", "AWSPENDING"]


class SecretStore:
    """Reads secrets, and replaces them as a rotation does. What AWS answers to a mistake is raised as boto3 does."""

    def read(self, secret_id: str, stage: Stage = "AWSCURRENT", version: str | None = None) -> dict[str, str]:
        """Return the members of a secret, which is a JSON object of texts."""
        wanted = {"VersionStage": stage} if version is None else {"VersionStage": stage, "VersionId": version}
        return json.loads(self._client.get_secret_value(SecretId=secret_id, **wanted)["SecretString"])

    def has_pending(self, secret_id: str, version: str) -> bool:
        """Say whether a version of that id was made by a rotation that had begun already."""
        try:
            self.read(secret_id, "AWSPENDING", version)
        except self._client.exceptions.ResourceNotFoundException:
            return False
        return True

    def add_pending(self, secret_id: str, version: str, secret: Mapping[str, str]) -> None:
        """Keep what is to become the secret."""
        text = json.dumps(dict(secret))
        self._client.put_secret_value(
            SecretId=secret_id, ClientRequestToken=version, SecretString=text, VersionStages=["AWSPENDING"]
        )

    def make_current(self, secret_id: str, version: str) -> None:
        """Make a pending version the secret; nothing happens where it is already."""
        versions = self._client.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
        current = next(one for one, stages in versions.items() if "AWSCURRENT" in stages)
        if current != version:
            self._client.update_secret_version_stage(
                SecretId=secret_id, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current
            )

    @cached_property
    def _client(self) -> SecretsManagerClient:
        import boto3  # takes longer to import than most requests to answer

        return boto3.Session().client("secretsmanager")  # pyright: ignore[reportUnknownMemberType] - one overload of many
