"""The pictures: drawn by the code beside them, safe to serve, and true to what is offered."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from local.aws.serve import BUCKET
from local.demo_data.draw import drawn
from local.demo_data.pictures import IMAGES, image_of, keep_pictures
from local.demo_data.tenants import conference_center

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo_data.content import Resource

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"rect", "circle", "ellipse", "path", "use", "g", "svg"}
DEFINITIONS = {"defs", "clipPath", "linearGradient", "radialGradient", "stop", "filter", "feGaussianBlur"}
LARGEST_BYTES = 20_000
PLANNED = conference_center.content(date(2026, 1, 1)).resources

files = pytest.mark.parametrize(
    "file", sorted(IMAGES.rglob("*.svg")), ids=lambda file: file.relative_to(IMAGES).as_posix()
)


def elements(file: Path) -> list[ElementTree.Element]:
    """The root and everything below it."""
    return list(ElementTree.parse(file).getroot().iter())  # noqa: S314 - drawn by the project's own code


def test_the_committed_pictures_are_what_the_scenes_draw() -> None:
    """Otherwise: python -m local.demo_data.draw."""
    committed = {
        file.relative_to(IMAGES).as_posix(): file.read_text(encoding="utf-8") for file in IMAGES.rglob("*.svg")
    }
    assert committed == drawn()


@files
def test_a_picture_is_small_and_of_the_size_that_the_catalogue_says(file: Path) -> None:
    root = elements(file)[0]
    assert (root.get("viewBox"), root.get("width"), root.get("height")) == ("0 0 1200 800", "1200", "800")
    assert file.stat().st_size < LARGEST_BYTES


@files
def test_a_picture_holds_shapes_only_and_refers_to_nothing_outside(file: Path) -> None:
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
def test_whatever_a_picture_refers_to_is_defined_once(file: Path) -> None:
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
    keep_pictures(tmp_path)
    for file in IMAGES.rglob("*.svg"):
        image = image_of(file.parent.name, file.stem, "Drawn")
        kept = tmp_path / BUCKET / image["url"].removeprefix("/")
        assert kept.read_bytes() == file.read_bytes()
        assert kept.stem == hashlib.sha256(kept.read_bytes()).hexdigest()
