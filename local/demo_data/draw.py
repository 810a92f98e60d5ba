"""Draws every picture anew: `python -m local.demo_data.draw` (the results are committed; a test compares them)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.demo_data.drawings import (
    conference_center,
    grand_hotel,
    harbor_cowork,
    open_tutoring,
    pine_cabins,
    summit_tours,
    team_rooms,
    trail_rentals,
)
from local.demo_data.drawings.canvas import Canvas
from local.demo_data.pictures import IMAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCENES: Mapping[str, Mapping[str, Callable[[Canvas], None]]] = {
    "pine-cabins": pine_cabins.SCENES,
    "grand-hotel": grand_hotel.SCENES,
    "harbor-cowork": harbor_cowork.SCENES,
    "open-tutoring": open_tutoring.SCENES,
    "conference-center": conference_center.SCENES,
    "team-rooms": team_rooms.SCENES,
    "summit-tours": summit_tours.SCENES,
    "trail-rentals": trail_rentals.SCENES,
}


def drawn() -> dict[str, str]:
    """Return every picture as SVG text, by its path below the images folder."""
    pictures: dict[str, str] = {}
    for tenant, scenes in SCENES.items():
        for slug, paint in scenes.items():
            canvas = Canvas(f"{tenant}/{slug}")
            paint(canvas)
            pictures[f"{tenant}/{slug}.svg"] = canvas.svg()
    return pictures


def main() -> None:
    """Write all pictures and remove those that no scene paints any more."""
    pictures = drawn()
    for path, text in pictures.items():
        file = IMAGES / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for file in IMAGES.rglob("*.svg"):
        if file.relative_to(IMAGES).as_posix() not in pictures:
            file.unlink()


if __name__ == "__main__":
    main()
