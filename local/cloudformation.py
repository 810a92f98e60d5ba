"""What deployments by CloudFormation have in common, on AWS and on LocalStack."""

from __future__ import annotations

from typing import Any

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")

Section = dict[str, Any]


def failure_of(events: list[Section]) -> str:
    """Name the resource that failed first, and why; what failed with it says only that others did."""
    failed = [one for one in reversed(events) if one["ResourceStatus"].endswith("FAILED")]
    own = [one for one in failed if one["ResourceType"] != "AWS::CloudFormation::Stack"] or failed
    if not own:
        return ""
    first = own[0]
    reason = str(first.get("ResourceStatusReason", "no reason is given")).rstrip(".")
    return f"The stack could not be made: {first['LogicalResourceId']} ({first['ResourceType']}) failed: {reason}."
