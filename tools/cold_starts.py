"""What cold starts on the emulated Lambda cost, read from the lines that Lambda writes into each function's log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.localstack.stack import Stack

REPORT = re.compile(
    r"REPORT RequestId: \S+\tDuration: ([\d.]+) ms.*Max Memory Used: (\d+) MB(?:\tInit Duration: ([\d.]+) ms)?"
)
HEAD = f"{'function':<24}{'import ms':>10}{'first ms':>10}{'second ms':>10}{'memory MB':>10}"


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One environment: its start with the import, its first two invocations (None: there was no second), its memory.

    Of the API the first invocation reaches no database and the second opens the connection (`check_functions`).
    """

    function: str
    import_ms: float
    first_ms: float
    second_ms: float | None
    memory_mb: int

    def __str__(self) -> str:
        """A line of the table below `HEAD`."""
        second = "" if self.second_ms is None else f"{self.second_ms:.0f}"
        return f"{self.function:<24}{self.import_ms:>10.0f}{self.first_ms:>10.0f}{second:>10}{self.memory_mb:>10}"


def cold_starts(stack: Stack) -> Iterator[ColdStart]:
    """Yield the first environment of each function that has run."""
    logs = stack.clients.client("logs")
    for logical_id, name in sorted(stack.functions.items()):
        group = f"/aws/lambda/{name}"
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            continue
        events = logs.filter_log_events(logGroupName=group, filterPattern="REPORT")["events"]
        first = next((one["logStreamName"] for one in events if "Init Duration" in one["message"]), None)
        lines = [found for one in events if one["logStreamName"] == first and (found := REPORT.search(one["message"]))]
        if lines:
            second = float(lines[1][1]) if len(lines) > 1 else None
            memory = max(int(line[2]) for line in lines)
            yield ColdStart(logical_id, float(lines[0][3] or 0), float(lines[0][1]), second, memory)
