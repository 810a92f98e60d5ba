# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
"""LocalStack's Lambda executor for machines without docker: a sandbox of ours for each execution environment.

LocalStack finds it by the entry point in `plugin/` and chooses it by LAMBDA_RUNTIME_EXECUTOR=process.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
from pathlib import Path
from urllib.request import urlopen

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import ArchiveCode, FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from local.errors import explained
from local.folders import unpack, whole_folder
from local.localstack.sandbox import FunctionCode, InitError, Sandbox

logger = logging.getLogger("localstack.berth.executor")
_unpacking = threading.Lock()


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """What LocalStack looks for."""

    name = "process"

    def load(self, *_: object, **__: object) -> type[RuntimeExecutor]:
        """Return the class of which LocalStack makes one for each environment."""
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):
    """Runs one execution environment.

    LAMBDA_PROCESS_PYTHON is the functions' interpreter, LAMBDA_PROCESS_VERSION which one it is, like 3.11, and
    LAMBDA_PROCESS_RUNTIME the folder with awslambdaric.
    """

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - the name is LocalStack's
        super().__init__(id, function_version)
        self._sandbox: Sandbox | None = None

    def start(self, env_vars: dict[str, object]) -> None:
        """Start the process. Raises `StatusErrorException` where the handler cannot be loaded."""
        settings = self.function_version.config
        available = f"python{os.environ['LAMBDA_PROCESS_VERSION']}"
        if settings.runtime != available:
            message = f"The package is for {settings.runtime}, and functions run here on {available}."
            error = {"errorType": "Runtime.WrongPython", "errorMessage": message}
            raise self._explained(InitError(json.dumps(error).encode(), ""))
        code = FunctionCode(
            os.environ["LAMBDA_PROCESS_PYTHON"],
            Path(os.environ["LAMBDA_PROCESS_RUNTIME"]),
            unpacked(settings.code),
            settings.handler,
        )
        variables = {name: str(value) for name, value in env_vars.items() if value is not None}
        self._sandbox = Sandbox(
            code, variables, timeout_seconds=settings.timeout, memory_mb=settings.memory_size or 128
        )
        try:
            self._sandbox.start()
        except InitError as error:
            raise self._explained(error) from error

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run the handler once. Raises `StatusErrorException` where a new process cannot be started."""
        assert self._sandbox is not None  # noqa: S101 - LocalStack starts an environment before it invokes
        request_id = payload["invoke-id"]
        try:
            outcome = self._sandbox.invoke(
                request_id,
                payload["invoked-function-arn"],
                payload["payload"].encode(),
                payload.get("trace-id", ""),
            )
        except InitError as error:
            raise self._explained(error) from error
        if outcome.is_error:
            name = self.function_version.id.function_name
            said = outcome.payload.decode(errors="replace")
            logger.warning("The function %s failed: %s\n%s", name, said, outcome.log)
        return InvocationResult(request_id, outcome.payload, is_error=outcome.is_error, logs=outcome.log)

    def stop(self) -> None:
        """End the process."""
        if self._sandbox is not None:
            self._sandbox.stop()

    def get_address(self) -> str:
        """Where the environment is: here."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Where the environment finds LocalStack: here, too."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Of LocalStack's own init process, which is not used."""
        return ""

    def get_logs(self) -> str:
        """Nothing: the result of each invocation, or its error, has the log."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the code, so that the first invocation does not have to."""
        unpacked(function_version.config.code)

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Keep the code: other functions, and this one's next version, have the same."""

    def _explained(self, error: InitError) -> StatusErrorException:
        name = self.function_version.id.function_name
        logger.warning("The function %s cannot start: %s\n%s", name, error, error.log)
        return StatusErrorException(str(error), payload=error.payload)


def unpacked(code: ArchiveCode) -> Path:
    """The folder with a function's code. Functions that have the same code share one, for a package takes seconds."""
    name = hashlib.sha256(code.code_sha256.encode()).hexdigest()[:32]
    folder = Path(tempfile.gettempdir(), "functions", name)
    with _unpacking:
        if not folder.is_dir():
            try:
                with (
                    whole_folder(folder) as unfinished,
                    urlopen(code.generate_presigned_url(config.internal_service_url())) as answer,  # noqa: S310 - ours
                ):
                    unpack(answer, unfinished)
            except OSError as error:  # a full disk, in words
                raise explained(error) or error from error
    return folder
