from __future__ import annotations

import sys

from local.gateway.serve import ROOT
from local.gateway.worker import load_app


def test_an_import_path_that_leads_to_the_app_already_stays_as_it_is() -> None:
    assert str(ROOT) in sys.path
    before = list(sys.path)
    assert load_app(ROOT).app_name == "berth"
    assert sys.path == before
