"""Packages of npm that tests need: what a lock names, installed once and kept between runs."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tools.node import NoRegistryError, find_node, install

NO_REGISTRY = "No registry can be reached, and what is needed is not here yet."


def installed(config: pytest.Config, project: Path) -> Path:
    """The packages that a project's lock names, as a folder `node_modules`; only the first run needs a registry."""
    assert config.cache is not None
    key = hashlib.sha256((project / "package-lock.json").read_bytes()).hexdigest()[:16]
    kept = config.cache.mkdir("npm") / key
    if not kept.is_dir():
        with TemporaryDirectory(dir=kept.parent) as folder:
            copied = shutil.copytree(project, Path(folder) / "project")
            try:
                install(find_node(), copied)
            except NoRegistryError:
                pytest.skip(NO_REGISTRY)
            with suppress(OSError):  # not empty: another run was faster
                copied.rename(kept)
    return kept / "node_modules"
