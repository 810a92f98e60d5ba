"""The images: safe to serve, small, and true to what is offered."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from demo.image_files import IMAGES, image_of, keep_images
from demo.tenants import all_tenants
from local.aws.serve import BUCKET

if TYPE_CHECKING:
    from pathlib import Path

    from demo.content import Resource

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"rect", "circle", "ellipse", "path", "use", "g", "svg"}
DEFINITIONS = {"defs", "clipPath", "linearGradient", "radialGradient", "stop", "filter", "feGaussianBlur"}
LARGEST_BYTES = 20_000
TENANTS = all_tenants(date(2026, 1, 1))
PLANNED = next(tenant for tenant in TENANTS if tenant.slug == "conference-center").resources

files = pytest.mark.parametrize(
    "file", sorted(IMAGES.rglob("*.svg")), ids=lambda file: file.relative_to(IMAGES).as_posix()
)


def elements(file: Path) -> list[ElementTree.Element]:
    """The root and everything below it."""
    return list(ElementTree.parse(file).getroot().iter())  # noqa: S314 - the project's own


def test_there_is_an_image_of_each_resource_and_each_tenant_and_no_other() -> None:
    shown = {f"{tenant.slug}/welcome.svg" for tenant in TENANTS}
    shown |= {f"{tenant.slug}/{resource.slug}.svg" for tenant in TENANTS for resource in tenant.resources}
    assert {file.relative_to(IMAGES).as_posix() for file in IMAGES.rglob("*") if file.is_file()} == shown


@files
def test_an_image_is_small_and_of_the_size_that_the_catalogue_says(file: Path) -> None:
    root = elements(file)[0]
    assert (root.get("viewBox"), root.get("width"), root.get("height")) == ("0 0 1200 800", "1200", "800")
    assert file.stat().st_size < LARGEST_BYTES


@files
def test_an_image_holds_shapes_only_and_refers_to_nothing_outside(file: Path) -> None:
    for element in elements(file):
        assert element.tag.removeprefix(SVG) in SHAPES | DEFINITIONS
        assert not (element.text or "").strip()
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "style"
            assert "://" not in value
            if name == "href":
                assert value.startswith("#")
            assert "url(" not in value.replace("url(#", "")


@files
def test_whatever_an_image_refers_to_is_defined_once(file: Path) -> None:
    names = [name for element in elements(file) if (name := element.get("id"))]
    assert len(names) == len(set(names))
    for element in elements(file):
        for value in element.attrib.values():
            if value.startswith(("#", "url(#")) and element.tag != f"{SVG}stop":
                reference = value.removeprefix("url(").removeprefix("#").removesuffix(")")
                is_color = value.startswith("#") and all(digit in "0123456789abcdef" for digit in reference)
                assert is_color or reference in names


@pytest.mark.parametrize("room", PLANNED, ids=lambda room: room.slug)
def test_a_floor_plan_has_as_many_chairs_as_people_may_come(room: Resource) -> None:
    paths = [
        element for element in elements(IMAGES / "conference-center" / f"{room.slug}.svg") if "d" in element.attrib
    ]
    (chairs,) = (path.get("d", "") for path in paths if path.get("fill") == path.get("stroke"))
    assert chairs.count("M") == room.max_party_size


def test_what_the_catalogue_shows_is_kept_under_the_name_of_its_content(tmp_path: Path) -> None:
    keep_images(tmp_path)
    for file in IMAGES.rglob("*.svg"):
        image = image_of(file.parent.name, file.stem, "Drawn")
        kept = tmp_path / BUCKET / image["url"].removeprefix("/")
        assert kept.read_bytes() == file.read_bytes()
        assert kept.stem == hashlib.sha256(kept.read_bytes()).hexdigest()
