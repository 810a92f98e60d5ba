"""`./dev web --screens`: the pages of two tenants as pictures, into docs/screens."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from tools.web_browser import SIZES
from tools.web_build import ROOT
from tools.web_demo import TENANTS, open_page, pages_of, running_stage

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tools.web_demo import Stage

FOLDER = ROOT / "docs" / "screens"
QUALITY = 72
"""Of WebP: letters are still sharp."""


def picture() -> int:
    """Take all pictures again; return their bytes in all."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    with running_stage() as stage:
        return sum(_of_tenant(stage, tenant, resource) for tenant, resource in TENANTS.items())


def _of_tenant(stage: Stage, tenant: str, resource: str) -> int:
    written = 0
    for size in SIZES:
        for scheme in ("light", "dark"):
            with stage.window(size, scheme) as context:
                page = context.new_page()
                for name, path in pages_of(stage, tenant, resource).items():
                    open_page(page, path)
                    written += _keep(page, f"{tenant}-{name}-{size.name}-{scheme}")
                page.locator("[name=name]").fill("Ada Lovelace")
                page.locator("[name=email]").fill("ada@example.org")
                page.locator("button[type=submit]").click()
                page.locator("h1:focus").wait_for()
                written += _keep(page, f"{tenant}-reserved-{size.name}-{scheme}")
    return written


def _keep(page: Page, name: str) -> int:
    page.wait_for_load_state("networkidle")
    taken = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide")))
    path = FOLDER / f"{name}.webp"
    taken.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    return path.stat().st_size
