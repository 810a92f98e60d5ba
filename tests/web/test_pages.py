"""What every page of the public site owes to everybody: nothing goes wrong in it, axe finds nothing, it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.conftest import TENANTS
from tests.web.visits import PHONE

if TYPE_CHECKING:
    from tests.web.conftest import OpenVisit

pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_home_of_each_business_is_good_for_everybody(visit: OpenVisit, tenant: str) -> None:
    guest = visit(PHONE)
    guest.open(f"/t/{tenant}")
    assert guest.axe() == []
    assert not guest.wider_than_screen()
