"""`./dev web --figures`: what the pages weigh, how fast they are, and what axe finds, written into docs/WEB.md."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from local.errors import CommandError
from tools.node import find_node, install
from tools.web_browser import PHONE, SIZES, find_chromium, find_faults, needed_flags
from tools.web_build import DIST, ROOT
from tools.web_demo import TENANTS, open_page, pages_of, running_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from playwright.sync_api import Page

    from tools.web_demo import Stage

PAPER = ROOT / "docs" / "WEB.md"
BEGIN, END = "<!-- figures: written by ./dev web --figures -->", "<!-- /figures -->"
PROJECT = Path(__file__).with_name("figures")
"""Lighthouse, by a lock of its own: no one else needs it."""
KEPT = ROOT / ".tools"
PARTS: dict[str, tuple[str, ...]] = {
    "home": (),
    "offer": ("resource/ResourcePage.tsx", "resource/Stay.tsx", "resource/StayCalendar.tsx"),
    "details": ("booking/BookingPage.tsx",),
}
SCORES = ("performance", "accessibility", "best-practices", "seo")
FASTEST_MS = 16
"""Chromium measures no interaction that is shorter."""
WATCH = """
() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration, interactionId } of list.getEntries()) {
      if (interactionId) longest = Math.max(longest, duration);
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
}
"""


@dataclass(frozen=True, slots=True)
class Weight:
    """JavaScript of a first load, in bytes."""

    gzip: int
    brotli: int


def measure() -> str:
    """Measure everything and write it down; return what was written. Raises `CommandError`."""
    with running_stage() as stage:
        pages = pages_of(stage, "pine-cabins", "lakeside-cabins")
        rows = [*_rows(stage, pages)]
        axe = _axe(stage)
    text = "\n".join(_paper(rows, axe))
    paper = PAPER.read_text(encoding="utf-8")
    before, found, after = paper.partition(BEGIN)
    _, ended, after = after.partition(END)
    if not (found and ended):
        message = f"{PAPER} has no place for the figures, which begins with {BEGIN} and ends with {END}."
        raise CommandError(message)
    PAPER.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return text


def _paper(rows: Sequence[str], axe: str) -> Iterator[str]:
    load = os.getloadavg()[0]
    yield f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {load:.1f}: {axe}"
    yield ""
    yield "| page | JS gzip | brotli | performance | accessibility | best practices | SEO | LCP | CLS | interaction |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    yield from rows


def _rows(stage: Stage, pages: Mapping[str, str]) -> Iterator[str]:
    lighthouse = _lighthouse()
    for name, path in pages.items():
        weight = first_load(PARTS[name])
        report = _report(lighthouse, f"{stage.address}{path}")
        scores = " | ".join(f"{round(100 * report['categories'][one]['score'])}" for one in SCORES)
        largest = report["audits"]["largest-contentful-paint"]["numericValue"] / 1000
        shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
        longest = _interaction(stage, name, path)
        said = f"{longest} ms" if longest > FASTEST_MS else f"under {FASTEST_MS} ms"
        sizes = f"{weight.gzip / 1000:.1f} KB | {weight.brotli / 1000:.1f} KB"
        yield f"| {name} | {sizes} | {scores} | {largest:.2f} s | {shift:.3f} | {said} |"
        print(f"  {name}: measured", flush=True)


def first_load(parts: Sequence[str]) -> Weight:
    """What the JavaScript of a page weighs, in English; of a page behind the first one, with that."""
    manifest: dict[str, Any] = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    texts = ["src/texts/en.ts", "src/texts/amenities/en.ts", *(["src/texts/more/en.ts"] if parts else [])]
    waiting, found = ["public.html", *texts, *(f"src/public/{part}" for part in parts)], set[str]()
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += manifest[one].get("imports", [])
    files = [DIST / manifest[one]["file"] for one in found]
    brotli = (path.with_name(f"{path.name}.br") for path in files)
    return Weight(
        sum(len(gzip.compress(path.read_bytes(), 9)) for path in files),
        sum((br if br.is_file() else path).stat().st_size for br, path in zip(brotli, files, strict=True)),
    )


def _lighthouse() -> Path:
    """Return its program; the first time, npm brings it. Raises `CommandError`."""
    key = hashlib.sha256((PROJECT / "package-lock.json").read_bytes()).hexdigest()[:16]
    kept = KEPT / f"lighthouse-{key}"
    if not kept.is_dir():
        print("Bringing Lighthouse (once) …", flush=True)
        with TemporaryDirectory(dir=KEPT) as folder:
            copied = Path(shutil.copytree(PROJECT, Path(folder) / "project"))
            install(find_node(), copied)
            copied.rename(kept)
    return kept / "node_modules" / "lighthouse" / "cli" / "index.js"


def _report(lighthouse: Path, url: str) -> dict[str, Any]:
    """Let Lighthouse look at a page as on its slow 4G, with its slow phone."""
    node = find_node()
    flags = " ".join(["--headless=new", *needed_flags()])
    command = [str(node.program), str(lighthouse), url, "--quiet", "--output=json", "--output-path=stdout"]
    command += [f"--only-categories={','.join(SCORES)}", f"--chrome-flags={flags}"]
    environment = {**node.variables(), "CHROME_PATH": find_chromium() or ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"Lighthouse failed:\n{done.stderr.strip()}"
        raise CommandError(message)
    return json.loads(done.stdout)


def _interaction(stage: Stage, name: str, path: str) -> int:
    """The longest time between what a guest does and what they see of it, in milliseconds."""
    with stage.window(PHONE, "light") as context:
        page = context.new_page()
        open_page(page, path)
        page.evaluate(WATCH)
        _play(page, name)
        page.wait_for_timeout(500)  # entries come when the browser has nothing else to do
        return int(page.evaluate("longest"))


def _play(page: Page, name: str) -> None:
    if name == "home":
        for box in page.locator("main button, main label").all()[:6]:
            box.click()
    elif name == "offer":
        page.locator("button[aria-expanded]").first.click()
        for cell in page.locator("[role=gridcell] [role=button]:not([aria-disabled=true])").all()[20:24]:
            cell.click()
    else:
        page.locator("[name=name]").click()
        page.keyboard.type("Ada Lovelace", delay=20)
        page.locator("[name=notes]").click()
        page.keyboard.type("We come late.", delay=20)


def _axe(stage: Stage) -> str:
    """Look at the pages of each mode, on each size, in light and dark; say what axe found."""
    found, looked = list[str](), 0
    for tenant, resource in TENANTS.items():
        for path in pages_of(stage, tenant, resource).values():
            for size in SIZES:
                for scheme in ("light", "dark"):
                    with stage.window(size, scheme) as context:
                        page = context.new_page()
                        open_page(page, path)
                        found += find_faults(page)
                        looked += 1
    for line in found:
        print(line, flush=True)
    pages = "three pages of two tenants, two sizes, light and dark"
    return f"axe finds {len(found) or 'nothing'} on {looked} pages ({pages})."
