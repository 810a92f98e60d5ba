"""The environment variables of Lambda functions, by AWS Lambda or what speaks its API at AWS_ENDPOINT_URL_LAMBDA."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from types_boto3_lambda import LambdaClient

SECONDS, TRIES = 2, 60
"""How often it is asked whether a function has taken its last change, and how many times."""


class Functions:
    """Some functions, by name."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def change_variables(self, change: Callable[[Mapping[str, str]], dict[str, str]]) -> dict[str, Exception]:
        """Give each function the variables that `change` makes of those it has. Returns what failed, by name.

        Until new environments are ready, Lambda answers with the old ones; then it ends these.
        """
        failed: dict[str, Exception] = {}
        for name in self._names:
            try:
                self._change(name, change)
            except Exception as error:  # whatever it is: the others get theirs
                failed[name] = error
        return failed

    def _change(self, name: str, change: Callable[[Mapping[str, str]], dict[str, str]]) -> None:
        # Lambda refuses a change while it works on the last one.
        self._client.get_waiter("function_updated").wait(
            FunctionName=name, WaiterConfig={"Delay": SECONDS, "MaxAttempts": TRIES}
        )
        found = self._client.get_function_configuration(FunctionName=name)
        before = found.get("Environment", {}).get("Variables", {})
        after = change(before)
        if after != before:
            self._client.update_function_configuration(FunctionName=name, Environment={"Variables": after})

    @cached_property
    def _client(self) -> LambdaClient:
        import boto3  # takes longer to import than most requests to answer

        return boto3.Session().client("lambda")  # pyright: ignore[reportUnknownMemberType] - one overload of many
