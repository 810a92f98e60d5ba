"""What a request adds to its transactions: what is counted, asked and checked around the work itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.pipeline import Pending, Pipeline


class Toll(Protocol):
    """What is counted at the beginning of work, in a transaction of its own that is committed in any case."""

    def send(self, pipeline: Pipeline) -> Pending:
        """Queue it."""
        ...

    def check(self, rows: Sequence[Any]) -> None:
        """Look at what was counted. Raises what stops the work."""
        ...


class AccessProof(Protocol):
    """What has to hold for a request of a tenant: asked together with its first statements."""

    @property
    def tenant(self) -> str:
        """The tenant's slug."""
        ...

    def ask(self, pipeline: Pipeline) -> Pending:
        """Queue the question."""
        ...

    def check(self, rows: Sequence[Any]) -> None:
        """Look at the answer. Raises what the request is refused with."""
        ...


class ServerCheck(Protocol):
    """What has to hold of a server before anything that it says is believed: asked before its transaction begins."""

    def ask(self, pipeline: Pipeline) -> Pending:
        """Queue the question."""
        ...

    def check(self, rows: Sequence[Any]) -> None:
        """Look at the answer. Raises why the server is not believed."""
        ...
