"""What is counted as one address."""

from __future__ import annotations

import pytest

from chalicelib.config import LIMITS, Config, ConfigurationError
from chalicelib.domain.limits import Limits, network_of

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
