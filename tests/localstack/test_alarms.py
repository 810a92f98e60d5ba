"""What AWS itself counts, as far as LocalStack counts it, too: functions that fail, and dead letters of the queue.

The alarms are those of infra/; LocalStack looks at an alarm once in its period, which is ten seconds here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from local.localstack.stack import deploy
from tests.eventually import eventually
from tests.infrastructure.monitoring import alarms
from tests.localstack.conftest import function
from tools.infrastructure import compose

if TYPE_CHECKING:
    from local.localstack.emulator import Emulator
    from tests.infrastructure.monitoring import Watched
    from tests.localstack.conftest import SmallPackage

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(300)]
CODE = "def fail(event, context): raise RuntimeError('it cannot')\n"
PERIOD_SECONDS = 10
FAILING = {"APIHandler": 5, "WebsocketMessage": 5, "SweepEvents": 3, "SealEvents": 1}
"""Functions, one of each group, and how often they fail."""
SUMMED = {"SocketErrors": "WebsocketMessage", "SweepErrors": "SweepEvents", "UpkeepErrors": "SealEvents"}
INFRA = compose("production")["Resources"]


def alarm_of_infra(name: str) -> dict[str, Any]:
    made = INFRA[name]
    return {**made, "Properties": {**made["Properties"], "Period": PERIOD_SECONDS}}


def test_alarms_of_what_aws_counts_go_off(emulator: Emulator, small: SmallPackage) -> None:
    queue = {"Type": "AWS::SQS::Queue"}
    resources: dict[str, Any] = {
        **{name: function("fail") for name in FAILING},
        "Alarms": {"Type": "AWS::SNS::Topic"},
        "DeadNotifications": queue,
        **{name: alarm_of_infra(name) for name in ("FunctionErrors", "DeadNotificationsArrived")},
    }
    stack = deploy(emulator.clients(), small.write(CODE, resources), {}, lambda _text: None)
    functions, cloudwatch, sqs = (emulator.clients().client(name) for name in ("lambda", "cloudwatch", "sqs"))

    def states() -> dict[str, str]:
        found = cloudwatch.describe_alarms()["MetricAlarms"]
        return {one["MetricName"]: one["StateValue"] for one in found}

    assert set(states().values()) <= {"INSUFFICIENT_DATA", "OK"}
    (address,) = [one for one in sqs.list_queues()["QueueUrls"] if "DeadNotifications" in one]
    sqs.send_message(QueueUrl=address, MessageBody="{}")

    def value_of(watched: Watched) -> float:
        """What CloudWatch has of a metric; 0 of a function that is none of this stack."""
        name = stack.functions.get(watched.dimensions["FunctionName"]["Ref"])
        if name is None:
            return 0.0
        now = datetime.now(UTC)
        points = cloudwatch.get_metric_statistics(
            Namespace=watched.namespace,
            MetricName=watched.name,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            Period=600,
            Statistics=[watched.statistic],
        )["Datapoints"]
        return sum(point[watched.statistic] for point in points)

    for name, times in FAILING.items():
        for _ in range(times):
            assert "FunctionError" in functions.invoke(FunctionName=stack.functions[name], Payload=b"{}")
    for name, failing in SUMMED.items():
        alarm = alarms()[name]
        assert failing in {one.dimensions["FunctionName"]["Ref"] for one in alarm.watched.values()}
        eventually(lambda alarm=alarm: alarm.with_values(value_of) >= alarm.threshold, f"{name} goes off")
    # Within one period, which is shorter than AWS's.
    eventually(lambda: _fail_again(functions, stack.functions["APIHandler"], states), "FunctionErrors", 120)
    eventually(lambda: states()["ApproximateNumberOfMessagesVisible"] == "ALARM", "dead letters are noticed", 180)


def _fail_again(functions: Any, name: str, states: Any) -> bool:  # noqa: ANN401 - clients
    for _ in range(5):
        functions.invoke(FunctionName=name, Payload=b"{}")
    return states()["Errors"] == "ALARM"
