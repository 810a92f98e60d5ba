"""What is counted as one address, and that every limit has a test."""

from __future__ import annotations

import re

import pytest

from chalicelib.access import throttle
from chalicelib.access.model.limits import Limits, network_of
from chalicelib.config import LIMITS, Config, ConfigurationError
from tests.platform.running import ROOT

NEEDED = {"DATABASE_URL": "postgresql://", "BERTH_SIGNING_KEYS": "k:" + "s" * 32}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_address_is_counted_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_each_limit_has_a_variable_of_its_name() -> None:
    chosen = {f"BERTH_{name.upper()}": str(number) for number, name in enumerate(LIMITS)}
    limits = Config.from_environment(NEEDED | chosen).limits
    assert [getattr(limits, name) for name in LIMITS] == list(range(len(LIMITS)))
    assert Config.from_environment(NEEDED).limits == Limits()
    with pytest.raises(ConfigurationError, match="BERTH_WRITES_OF_EMAIL"):
        Config.from_environment(NEEDED | {"BERTH_WRITES_OF_EMAIL": "-1"})


def test_every_limit_is_listed_with_a_test_that_exists() -> None:
    text = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")
    section = text.partition("### Which test fails without a limit")[2].partition("\n### ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    listed = {name for limits, _ in rows for name in re.findall(r"`(\w+)`", limits)}
    counted = {name for name, value in vars(throttle).items() if isinstance(value, throttle.Limit)}
    assert listed == {*LIMITS, *counted}
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "api").glob("test_*.py"))
    named = {name for _, tests_of_it in rows for name in re.findall(r"`(test_\w+)`", tests_of_it)}
    assert [name for name in sorted(named) if f"def {name}(" not in tests] == []
    assert all("`test_" in tests_of_it for _, tests_of_it in rows)
