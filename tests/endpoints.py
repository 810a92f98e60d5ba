"""Every endpoint: going over the routes imports the modules of all of them, whichever test comes first."""

from __future__ import annotations

import re
from pathlib import Path

from app import app
from chalicelib.http.endpoint import ENDPOINTS

__all__ = ["ENDPOINTS", "MODULES_OF_ENDPOINTS", "PATHS"]

PATHS = sorted(app.routes)
_DECLARES = re.compile(r"^from chalicelib\.http\.endpoint import .*\bendpoint\b", re.MULTILINE)
MODULES_OF_ENDPOINTS = [
    path
    for path in (Path(__file__).parents[1] / "chalicelib").rglob("*.py")
    if _DECLARES.search(path.read_text("utf-8"))
]
"""Those that declare some, found by their text: also one that nothing imports."""
