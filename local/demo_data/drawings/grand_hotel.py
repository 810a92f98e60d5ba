"""A belle-époque palace on the Riviera: its front, and rooms with a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import WIDTH, Canvas
from local.demo_data.drawings.furniture import (
    GOLD,
    LINEN,
    NAVY,
    WOOD,
    armchair,
    bed,
    bedside,
    chandelier,
    french_window,
    picture,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def palm(canvas: Canvas, x: float, y: float, scale: float, leaf: str = "#2f6b52") -> None:
    """Paint a palm about 260 high that stands at (x, y)."""
    with canvas.placed(x, y, scale):
        canvas.path("M-9 0Q4 -120 -6 -206H8Q18 -120 13 0Z", "#8d6b4a")
        for turned, length in ((-160, 100), (-128, 112), (-96, 96), (-62, 108), (-28, 112), (4, 96), (190, 84)):
            with canvas.group(transform=f"translate(0 -206) rotate({turned})"):
                canvas.path(f"M0 0Q{length * 0.5:.0f} -26 {length} 16Q{length * 0.5:.0f} 2 0 0Z", leaf)


def sea_view(canvas: Canvas) -> None:
    """Paint the bay behind a window: headland, sails."""
    canvas.rect(0, 0, WIDTH, 800, canvas.gradient("#9fd0e6", "#d9edf0", "#fbeed6"))
    canvas.rect(0, 400, WIDTH, 400, canvas.gradient("#5fb0c9", "#2a7fa6"))
    canvas.path("M700 400Q860 330 980 350T1200 300V410H700Z", "#7f9b8d")
    for x, y, scale in ((330, 420, 1.0), (560, 408, 0.6), (840, 436, 1.2)):
        with canvas.placed(x, y, scale):
            canvas.path("M0 0L0 -70Q34 -30 36 0ZM-6 0V-58Q-26 -24 -28 0Z", "#fff")
            canvas.path("M-30 4H40L30 16H-20Z", NAVY)


def garden_view(canvas: Canvas) -> None:
    """Paint the garden behind a window: orange trees, a fountain."""
    canvas.rect(0, 0, WIDTH, 800, canvas.gradient("#a9d5ea", "#e9f2e4"))
    canvas.path("M0 360Q300 280 620 340T1200 320V800H0Z", "#7ea87a")
    canvas.rect(0, 430, WIDTH, 370, "#9cc088")
    for x in range(60, WIDTH, 130):
        canvas.rect(x - 5, 380, 10, 80, "#6d5138")
        canvas.circle(x, 350, 52, "#3f7f57")
        for dx, dy in ((-22, -12), (12, -26), (24, 12), (-8, 20)):
            canvas.circle(x + dx, 350 + dy, 7, "#f0913a")


def town_view(canvas: Canvas) -> None:
    """Paint the old town behind a window, at dusk."""
    canvas.rect(0, 0, WIDTH, 800, canvas.gradient("#5a6b9c", "#d99a96", "#f8d3a6"))
    for index, x in enumerate(range(0, WIDTH, 90)):
        top = 330 + (index * 53) % 110
        canvas.rect(x, top, 92, 500, ("#d8865f", "#e3a86f", "#c9705a", "#e8bd8c")[index % 4])
        canvas.polygon([(x - 6, top), (x + 46, top - 34), (x + 98, top)], "#a24f3f")
        canvas.rect(x + 20, top + 34, 18, 30, "#ffe0a0")
        canvas.rect(x + 54, top + 34, 18, 30, "#7a4a48")


@dataclass(frozen=True)
class Interior:
    """Colours of one category of rooms."""

    wall: str
    panel: str
    floor: str
    curtain: str
    fabric: str


def interior(canvas: Canvas, style: Interior) -> None:
    """Paint walls with moldings, skirting and a parquet floor."""
    canvas.rect(0, 0, WIDTH, 640, canvas.gradient(style.wall, style.panel))
    canvas.rect(0, 0, WIDTH, 46, LINEN)
    canvas.rect(0, 46, WIDTH, 6, GOLD, opacity=0.7)
    canvas.rect(0, 612, WIDTH, 30, LINEN)
    canvas.rect(0, 640, WIDTH, 160, style.floor)
    planks = "".join(f"M{x} 640L{600 + (x - 600) * 1.5:.0f} 800" for x in range(-80, 1300, 80))
    canvas.stroke(planks + "M0 690H1200M0 745H1200", "#000", 2, opacity=0.1)


def panels(canvas: Canvas, *spans: tuple[float, float]) -> None:
    """Outline moldings on the wall from left to right."""
    outlines = "".join(f"M{left} 110H{right}V570H{left}Z" for left, right in spans)
    canvas.stroke(outlines, "#fff", 4, opacity=0.45, stroke_linejoin="miter")


def welcome(canvas: Canvas) -> None:
    """The front with its two domes, awnings and palms, on the promenade."""
    scenery.sky(canvas, "#7fc0de", "#cfe8ee", "#fdf1da")
    scenery.cloud(canvas, 90, 190, 1.1)
    scenery.cloud(canvas, 920, 130, 0.9)
    for x in (230, 970):
        canvas.path(f"M{x - 92} 250Q{x - 86} 120 {x} 104Q{x + 86} 120 {x + 92} 250Z", "#d98f86")
        canvas.stroke(
            f"M{x} 104V250M{x - 46} 130Q{x - 56} 190 {x - 56} 250M{x + 46} 130Q{x + 56} 190 {x + 56} 250", "#b86f69", 3
        )
        canvas.line([(x, 104), (x, 52)], GOLD, 5)
        canvas.circle(x, 96, 12, GOLD)
        canvas.path(f"M{x} 54Q{x + 30} 44 {x + 52} 60Q{x + 30} 66 {x} 80Z", NAVY)
    canvas.path("M322 250L352 190H848L878 250Z", "#8a97a8")
    canvas.rect(140, 246, 920, 374, LINEN)
    canvas.rect(128, 240, 944, 18, "#e8dcc4")
    canvas.rect(140, 496, 920, 10, "#e8dcc4")
    arches: list[str] = []
    rails: list[str] = []
    for row, y in enumerate((276, 388)):
        for column in range(14):
            x = 166 + column * 64
            arches.append(f"M{x} {y + 78}V{y + 20}Q{x + 17} {y - 6} {x + 34} {y + 20}V{y + 78}Z")
            rails.append(
                f"M{x - 8} {y + 62}h50M{x - 6} {y + 62}v16M{x + 8} {y + 62}v16M{x + 26} {y + 62}v16"
                f"M{x + 40} {y + 62}v16"
            )
            if (column + row) % 3 == 0:
                canvas.path(f"M{x - 8} {y + 26}Q{x + 17} {y - 22} {x + 42} {y + 26}Z", "#d98f86")
    canvas.path("".join(arches), "#8fb4c9")
    canvas.stroke("".join(rails), NAVY, 2.5)
    for x in range(176, 1030, 96):
        if x not in range(540, 660):
            canvas.rect(x, 532, 62, 88, "#5d7f9c")
            canvas.path(f"M{x - 10} 548L{x} 518H{x + 62}L{x + 72} 548Z", NAVY)
    canvas.rect(540, 486, 120, 134, "#3d5876")
    canvas.path(
        "M500 520L520 476H680L700 520Q680 532 660 520Q640 532 620 520Q600 532 580 520Q560 532 540 520Q520 532 500 520Z",
        GOLD,
    )
    canvas.stroke("M600 520V620", GOLD, 4)
    canvas.rect(0, 620, WIDTH, 60, "#f0dfc0")
    canvas.rect(0, 676, WIDTH, 124, canvas.gradient("#59aecb", "#2a7fa6"))
    canvas.stroke(
        "M60 710h120M300 740h160M560 708h90M760 750h180M1010 716h130M120 772h140M520 780h120", "#e8f7fa", 4, opacity=0.6
    )
    canvas.rect(0, 664, WIDTH, 14, "#d8c39a")
    for x, scale in ((70, 0.95), (400, 0.72), (800, 0.72), (1130, 1.0)):
        palm(canvas, x, 664, scale)


CLASSIC = Interior("#dfe6ea", "#d3dde4", "#b98d62", "#4a6a8f", NAVY)
SEA = Interior("#f1e6d2", "#ead9bd", "#b0835a", "#e8eef2", "#3c7f9c")
FAMILY = Interior("#e3ebdc", "#d6e2cd", "#c09468", "#d9a05a", "#4d8267")
JUNIOR = Interior("#efd9d2", "#e6c7bd", "#a5754f", "#a24f4a", "#8d3f45")
PALACE = Interior("#2b3f66", "#22345a", "#8f633f", "#c9a45c", "#b98d4a")


def classic_room(canvas: Canvas) -> None:
    """A double room on the garden side."""
    interior(canvas, CLASSIC)
    panels(canvas, (60, 420), (440, 720))
    french_window(canvas, 850, 200, garden_view, CLASSIC.curtain)
    picture(canvas, 350, 190, 220, 130)
    bedside(canvas, 210)
    bedside(canvas, 710)
    bed(canvas, 460, 360, CLASSIC.fabric, "#4a6a8f")


def sea_view_room(canvas: Canvas) -> None:
    """A superior room with two windows on the bay."""
    interior(canvas, SEA)
    panels(canvas, (30, 110), (740, 1170))
    french_window(canvas, 160, 190, sea_view, SEA.curtain)
    french_window(canvas, 480, 190, sea_view, SEA.curtain, shift=-60)
    picture(canvas, 860, 180, 200, 130)
    bedside(canvas, 752, shade="#fff0d0")
    bed(canvas, 970, 340, SEA.fabric, "#5aa0b8")
    armchair(canvas, 400, 730, SEA.fabric)


def family_room(canvas: Canvas) -> None:
    """A double bed and two singles."""
    interior(canvas, FAMILY)
    panels(canvas, (30, 380), (400, 470), (730, 1170))
    french_window(canvas, 520, 160, garden_view, FAMILY.curtain)
    picture(canvas, 130, 180, 180, 110)
    bedside(canvas, 436)
    bed(canvas, 220, 330, FAMILY.fabric, "#6f9f80")
    bed(canvas, 830, 170, "#d98f5a", "#e8b27a")
    bed(canvas, 1060, 170, "#5a9bb0", "#8fc0cc")
    bedside(canvas, 946)


def junior_suite(canvas: Canvas) -> None:
    """A bed and a sitting corner above the old town."""
    interior(canvas, JUNIOR)
    panels(canvas, (40, 440))
    french_window(canvas, 560, 200, town_view, JUNIOR.curtain)
    french_window(canvas, 900, 200, town_view, JUNIOR.curtain, shift=-130)
    picture(canvas, 150, 180, 200, 120)
    bedside(canvas, 462)
    bed(canvas, 240, 340, JUNIOR.fabric, "#b96a68")
    armchair(canvas, 700, 740, JUNIOR.fabric)
    canvas.ellipse(860, 690, 74, 16, WOOD)
    canvas.stroke("M860 692V752M826 756H894", WOOD, 8)
    canvas.path("M846 684Q842 650 860 640Q878 650 874 684Z", LINEN)
    canvas.stroke("M860 642V606M860 630L842 604M860 630L880 600", "#4d8267", 5)
    armchair(canvas, 1020, 740, JUNIOR.fabric)


def mirasol_suite(canvas: Canvas) -> None:
    """The drawing room of the suite under the dome, with a chandelier and the sea at night."""
    interior(canvas, PALACE)
    panels(canvas, (30, 120), (1080, 1170))
    french_window(canvas, 190, 200, moonlit_bay, PALACE.curtain)
    french_window(canvas, 500, 200, moonlit_bay, PALACE.curtain, shift=40)
    french_window(canvas, 810, 200, moonlit_bay, PALACE.curtain, shift=80)
    chandelier(canvas, 600, 110)
    canvas.ellipse(600, 742, 430, 46, "#7a2f3a", opacity=0.85)
    canvas.stroke("M210 742a390 36 0 0 0 780 0a390 36 0 0 0 -780 0", GOLD, 3)
    armchair(canvas, 600, 712, PALACE.fabric, width=420)
    armchair(canvas, 270, 746, "#e8dcc4")
    armchair(canvas, 930, 746, "#e8dcc4")
    canvas.ellipse(600, 736, 120, 20, WOOD)
    canvas.stroke("M560 750V784M640 750V784", WOOD, 9)
    canvas.path("M582 728Q576 694 600 686Q624 694 618 728Z", "#9fc7d0")
    canvas.stroke("M600 690V650M600 680L574 648M600 680L628 646", "#f3c7c0", 6)


def moonlit_bay(canvas: Canvas) -> None:
    """Paint the bay at night."""
    canvas.rect(0, 0, WIDTH, 800, canvas.gradient("#0f1d3d", "#2f4a7a", "#8d7fa0"))
    canvas.circle(620, 230, 36, "#f9f0d2")
    canvas.rect(0, 420, WIDTH, 400, canvas.gradient("#35527f", "#16284d"))
    canvas.stroke(
        "M590 440h60M580 462h80M596 486h48M586 510h68M200 440h40M240 470h50M860 450h50M900 480h60",
        "#f9f0d2",
        4,
        opacity=0.7,
    )
    canvas.path("M760 420Q900 360 1200 380V424H760Z", "#1b2b4f")
    canvas.stroke(
        "M800 410h0M840 404h0M880 398h0M930 402h0M980 396h0M260 190h0M330 260h0M880 180h0M960 240h0M700 160h0",
        "#ffe6a8",
        5,
    )


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "chambre-classique": classic_room,
    "chambre-vue-mer": sea_view_room,
    "chambre-famille": family_room,
    "suite-junior": junior_suite,
    "suite-mirasol": mirasol_suite,
}
