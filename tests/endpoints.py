"""Every endpoint: going over the routes imports the modules of all of them, whichever test comes first."""

from __future__ import annotations

from app import app
from chalicelib.http.endpoint import ENDPOINTS

__all__ = ["ENDPOINTS", "PATHS"]

PATHS = sorted(app.routes)
