"""web/ as its own tools judge it: types, rules, tests, the size of what a guest loads, and how it is built."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.pages.model.addresses import Kind, place_of
from chalicelib.pages.model.shell import Filling, shell_of
from chalicelib.pages.model.words import WORDS
from local.errors import CommandError
from tools import web_build
from tools.node import Node, NoRegistryError, find_node, install
from tools.web_build import MODULES, SURFACES, WEB, build, inputs, run
from tools.web_schema import SCHEMA, is_current

if TYPE_CHECKING:
    from pathlib import Path

HOME = ("public.html",)
ADMIN = ("admin.html", "src/admin/calendar/CalendarPage.tsx")
RESOURCE = (*HOME, "src/public/resource/ResourcePage.tsx")
NIGHTS = (*RESOURCE, "src/public/resource/Stay.tsx", "src/public/StayCalendar.tsx")
SLOTS = (*RESOURCE, "src/public/resource/Slots.tsx")
INTERVALS = (*RESOURCE, "src/public/resource/Intervals.tsx")
BOOKING = (*HOME, "src/public/booking/BookingPage.tsx")
MANAGING = (*HOME, "src/public/manage/ManagePage.tsx")
WAITING = (*HOME, "src/public/waitlist/WaitPage.tsx")
FIRST_LOAD = {
    HOME: 90_000,
    NIGHTS: 145_000,
    SLOTS: 111_000,
    INTERVALS: 111_000,
    BOOKING: 105_000,
    WAITING: 105_000,
    MANAGING: 110_000,
    ADMIN: 250_000,
}
"""What JavaScript of a page may weigh, in bytes as gzip: its parts with all they load at once, and one language."""
pytestmark = pytest.mark.timeout(400)  # a first run installs and builds, beside others
LANGUAGES = ("de", "en", "es", "fr")
TSC = MODULES / "typescript" / "bin" / "tsc"
ESLINT = MODULES / "eslint" / "bin" / "eslint.js"
CACHE = MODULES / ".cache"
VITEST = MODULES / "vitest" / "vitest.mjs"


def test_types_hold(node: Node) -> None:
    run(node, [str(TSC), "--noEmit", "--incremental", "--tsBuildInfoFile", str(CACHE / "tsc.json")])


def test_eslint_finds_nothing(node: Node) -> None:
    run(node, [str(ESLINT), "--max-warnings=0", "--cache", f"--cache-location={CACHE / 'eslint.json'}", "."])


REFUSED = [
    ("src/public/home/Home.tsx", 'export { Done } from "@/public/booking/Done";'),
    ("src/public/home/Home.tsx", 'export { Done } from "../booking/Done";'),
    ("src/public/home/Home.tsx", 'export { x } from "@/admin/x";'),
    ("src/public/Frame.tsx", 'export { x } from "@/admin/x";'),
    ("src/admin/Frame.tsx", 'export { siteAddress } from "@/public/addresses";'),
    ("src/ui/Button.tsx", 'export { siteAddress } from "@/public/addresses";'),
    ("src/ui/Button.tsx", "export const x = <p dangerouslySetInnerHTML={{ __html: location.hash }} />;"),
    ("src/ui/Button.tsx", 'export const x = { dangerouslySetInnerHTML: { __html: "x" } };'),
    ("src/ui/Button.tsx", "document.body.innerHTML = location.hash;"),
    ("src/ui/Button.tsx", 'document.body.insertAdjacentHTML("beforeend", location.hash);'),
]
PERMITTED = [
    (
        "src/public/home/Home.tsx",
        'export { siteAddress } from "@/public/addresses";\nexport { Icon } from "@/ui/Icon";\n',
    )
]
LINT = """
import { ESLint } from "eslint";
const linter = new ESLint();
const rules = [];
for (const [filePath, code] of JSON.parse(process.argv[1])) {
  const [{ messages }] = await linter.lintText(code, { filePath });
  rules.push(messages.map(({ ruleId }) => ruleId).filter((rule) => rule?.startsWith("no-restricted-")));
}
console.log(JSON.stringify(rules));
"""


def test_eslint_refuses_what_leads_past_an_area_or_makes_markup_of_texts(node: Node) -> None:
    """Codes as if they stood in a file, all in one process: it takes seconds to learn the types."""
    said = run(node, ["--input-type=module", "--eval", LINT, json.dumps([*REFUSED, *PERMITTED])])
    found: list[list[str]] = json.loads(said)
    *refused, permitted = [bool(rules) for rules in found]
    assert [code for code, is_refused in zip(REFUSED, refused, strict=True) if not is_refused] == []
    assert not permitted


def test_vitest_passes(node: Node) -> None:
    run(node, [str(VITEST), "run", "--reporter=dot"])


def test_the_types_of_the_api_are_those_of_its_document() -> None:
    assert is_current(), f"{SCHEMA} is stale: run ./dev web --schema."


def test_a_changed_document_or_a_changed_file_makes_the_types_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edited = tmp_path / "schema.d.ts"
    edited.write_text(SCHEMA.read_text().replace("SiteBody", "SightBody"))
    monkeypatch.setattr("tools.web_schema.SCHEMA", edited)
    assert not is_current()
    monkeypatch.setattr("tools.web_schema.SCHEMA", SCHEMA)
    monkeypatch.setattr("tools.web_schema.types_of_document", lambda: "{}")
    assert not is_current()


@pytest.mark.parametrize(
    ("surface", "of"),
    [
        ("public", ("src/texts/en.ts", "src/texts/more/en.ts", "src/texts/own/en.ts")),
        ("admin", ("src/texts/admin/*.en.ts",)),
    ],
    ids=["public", "admin"],
)
def test_every_text_is_used(surface: str, of: tuple[str, ...]) -> None:
    said = "".join(path.read_text() for names in of for path in WEB.glob(names))
    texts = set(re.findall(r'^  "([\w.-]+)":', said, re.MULTILINE))
    folders = [WEB / "src" / name for name in (surface, "ui")]
    code = "".join(path.read_text() for folder in folders for path in folder.rglob("*.ts*"))
    composed = tuple(re.findall(r"`((?:[\w-]+\.)+)\$\{", code))  # such as `offers.per.${price.per}`
    assert len(texts) > 100
    assert {text for text in texts if f'"{text}"' not in code and not text.startswith(composed)} == set()


def test_every_page_loads_little_at_first(dist: Path) -> None:
    manifests = {surface: manifest_of(dist, surface) for surface in SURFACES}
    for parts, most in FIRST_LOAD.items():
        manifest = manifests["admin" if parts == ADMIN else "public"]
        chunks = set[str]().union(*(loaded_at_once(manifest, part) for part in parts))
        size = sum(weight(dist, manifest[name]) for name in chunks)
        behind = () if parts == HOME else ("more/", "own/") if parts == MANAGING else ("more/",)
        of_public = ("", "amenities/", *behind)
        for part in ("admin/", "amenities/") if parts == ADMIN else of_public:
            size += max(weight(dist, manifest[f"src/texts/{part}{language}.ts"]) for language in LANGUAGES)
        assert size <= most, f"{parts[-1]}: {size:,} bytes as gzip, the limit is {most:,}: {sorted(chunks)}"
        assert size > most / 2, f"{parts[-1]}: {size:,} bytes as gzip, that is not all."


def test_a_guest_loads_nothing_of_the_administrators(dist: Path) -> None:
    guests, admins = manifest_of(dist, "public"), manifest_of(dist, "admin")
    assert [name for name in guests if "admin" in name] == []
    assert [name for name in admins if "public" in name] == []
    scripts = "".join((dist / one["file"]).read_text() for one in guests.values() if one["file"].endswith(".js"))
    assert len(guests) > len(LANGUAGES)
    # Nor by a chunk without a name of its own: these words are the administrators' alone.
    assert "berth-session" not in scripts
    assert "invalidateQueries" not in scripts


def manifest_of(dist: Path, surface: str) -> dict[str, Any]:
    return json.loads((dist / ("manifest.admin.json" if surface == "admin" else "manifest.json")).read_text())


def loaded_at_once(manifest: dict[str, Any], name: str) -> set[str]:
    found, waiting = set[str](), [name]
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += manifest[one].get("imports", [])
    return found


def weight(dist: Path, chunk: dict[str, Any]) -> int:
    return len(gzip.compress((dist / chunk["file"]).read_bytes(), 9))


def test_what_is_built_needs_no_hole_in_its_policy(dist: Path) -> None:
    for name in ("public.html", "admin.html"):
        page = (dist / name).read_text()
        assert '<script type="module" crossorigin src="/assets/' in page
        assert "<style" not in page
        assert " style=" not in page
    scripts = [path.read_text() for path in (dist / "assets").glob("*.js")]
    assert scripts
    assert not any("eval(" in script or "new Function(" in script for script in scripts)


def test_the_functions_know_every_page_that_the_scripts_know() -> None:
    routes = re.findall(r'<Route path="([^"]+)"', (WEB / "src/public/App.tsx").read_text())
    assert len(routes) >= 3
    kinds = {route: place_of(re.sub(r":\w+", "x", route)).kind for route in routes}
    assert [route for route, kind in kinds.items() if kind is Kind.NOTHING] == []


def test_the_functions_fill_what_is_built_and_say_the_same_words(dist: Path) -> None:
    filled = shell_of((dist / "public.html").read_text()).filled(Filling("de", "T", "<meta>", "F", "N"))
    assert '<html lang="de" dir="ltr">' in filled
    assert "<title>T</title><meta>" in filled
    assert '<div id="first">F</div><div id="page"></div>' in filled
    for language in LANGUAGES:
        said = dict(
            re.findall(r'^  "([\w.]+)":\s+"(.*)",$', (WEB / f"src/texts/{language}.ts").read_text(), re.MULTILINE)
        )
        said |= dict(
            re.findall(r'^  "([\w.]+)":\s+"(.*)",$', (WEB / f"src/texts/more/{language}.ts").read_text(), re.MULTILINE)
        )
        shared = WORDS[language].keys() & said.keys()
        assert len(shared) >= 6
        assert {name: WORDS[language][name] for name in shared} == {name: said[name] for name in shared}


def test_every_large_file_is_compressed_before(dist: Path) -> None:
    large = [
        path
        for path in (dist / "assets").glob("*.[jc]s*")
        if path.suffix in {".js", ".css"} and path.stat().st_size >= 1024
    ]
    assert large
    for path in large:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()
        assert path.with_name(f"{path.name}.br").stat().st_size < path.stat().st_size


def test_nothing_is_built_twice_and_tests_change_nothing(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_node() -> Node:
        message = "Nothing may be installed or built now."
        raise AssertionError(message)

    assert dist.is_dir()
    monkeypatch.setattr(web_build, "find_node", no_node)
    build(print)


def test_a_changed_file_is_another_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    web = tmp_path / "web"
    shutil.copytree(WEB / "src" / "ui", web / "src" / "ui")
    monkeypatch.setattr(web_build, "WEB", web)
    before = inputs()
    (web / "node_modules").mkdir()
    (web / "node_modules" / "x.js").write_text("x")
    (web / "src" / "ui" / "x.test.ts").write_text("x")
    assert inputs() == before
    (web / "src" / "ui" / "x.ts").write_text("x")
    assert inputs() != before


def test_without_a_registry_it_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(WEB / name, project)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(NoRegistryError, match="registry cannot be reached"):
        install(find_node(), project)


def test_without_a_node_that_runs_it_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def no_package(_: str) -> None:
        return None

    monkeypatch.setattr("tools.node.find_spec", no_package)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="no node with npm"):
        find_node()
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.19.0\n")
    for program in (old, tmp_path / "npm"):
        program.write_text("#!/bin/sh\necho v18.19.0\n")
        program.chmod(0o755)
    with pytest.raises(CommandError, match=r"20\.19 or newer"):
        find_node()
    old.write_text("#!/bin/sh\necho v20.19.0\n")
    assert find_node().program == old


def test_pictures_are_of_two_businesses_on_both_screens_in_both_schemes_and_small() -> None:
    pictures = sorted((WEB.parent / "docs" / "screens").glob("*.webp"))
    names = [path.stem.rsplit("-", 2) for path in pictures]
    assert {tuple(name[1:]) for name in names} == {
        (size, one) for size in ("phone", "desktop") for one in ("light", "dark")
    }
    assert len(pictures) == 4 * len({name[0] for name in names})
    assert {name[0].rsplit("-", 1)[0] for name in names} == {"pine-cabins", "summit-tours"}
    assert sum(path.stat().st_size for path in pictures) <= 3_000_000
