"""Boats and bicycles on the Baltic coast: each piece of equipment large, with its landscape behind."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import Canvas, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INK = "#1f2f3a"
RED = "#b8402f"
YELLOW = "#f2c14e"
TEAL = "#1f7f86"
CREAM = "#fbf5e6"


def archipelago(canvas: Canvas, *colors: str, horizon: float = 330) -> None:
    """Paint sky, skerries with a few pines, and the sea."""
    scenery.sky(canvas, *colors)
    scenery.cloud(canvas, 120, horizon - 150, 0.9)
    scenery.cloud(canvas, 840, horizon - 190, 0.8)
    scenery.pine_stencil(canvas, "pine", "#2f5f4c", "#3d735b", "#5a4634")
    for x, wide, tall, shade in ((180, 260, 46, "#8a9a90"), (760, 200, 36, "#94a39a"), (1080, 240, 56, "#7f9186")):
        canvas.path(
            f"M{x - wide} {horizon + 4}Q{x - wide * 0.6:.0f} {horizon - tall} {x} {horizon - tall}"
            f"T{x + wide} {horizon + 4}Z",
            shade,
        )
        scenery.pines(
            canvas,
            "pine",
            [(x + dx, horizon - tall + 12 + abs(dx) / 14, 0.3 + (dx % 5) / 30) for dx in range(-120, 130, 28)],
        )
    scenery.water(canvas, horizon, ["#8fc3cf", "#3f8fa3", "#1f6579"], "#eefafa", count=46)


def bathing_rock(canvas: Canvas, y: float) -> None:
    """Paint the smooth rock of the shore in the foreground."""
    canvas.path(f"M0 800V{y + 30}Q200 {y - 20} 420 {y + 20}T820 {y + 16}T1200 {y - 10}V800Z", "#b3a396")
    canvas.path(f"M0 800V{y + 90}Q260 {y + 30} 520 {y + 80}T1200 {y + 50}V800Z", "#9c8c80")
    canvas.stroke(f"M100 {y + 60}Q260 {y + 40} 380 {y + 64}M700 {y + 62}Q820 {y + 44} 960 {y + 56}", "#c9bbae", 5)


def paddle(canvas: Canvas, x: float, y: float, length: float, turned: float, color: str) -> None:
    """Paint a double-bladed paddle by its middle."""
    with canvas.placed(x, y, turned=turned):
        canvas.stroke(f"M{-length / 2} 0H{length / 2}", INK, 8)
        for side in (-1, 1):
            canvas.path(
                f"M{side * length / 2} -4"
                f"C{side * (length / 2 + 30)} -30 {side * (length / 2 + 90)} -24 {side * (length / 2 + 96)} 0"
                f"C{side * (length / 2 + 90)} 16 {side * (length / 2 + 30)} 14 {side * length / 2} 4Z",
                color,
            )


def kayak(canvas: Canvas, x: float, y: float, length: float, deck: str, hull: str, cockpits: int) -> None:
    """Paint a sea kayak from the side, floating at (x, y), with its hatches."""
    half = length / 2
    canvas.ellipse(x, y + 34, half * 0.9, 16, "#0f3f4f", opacity=0.35)
    canvas.path(
        f"M{x - half} {y - 34}Q{x - half * 0.7} {y + 2} {x - half * 0.4} {y + 28}"
        f"Q{x} {y + 40} {x + half * 0.4} {y + 28}Q{x + half * 0.7} {y + 2} {x + half} {y - 40}"
        f"Q{x + half * 0.6} {y - 10} {x} {y - 8}T{x - half} {y - 34}Z",
        hull,
    )
    canvas.path(
        f"M{x - half} {y - 34}Q{x - half * 0.6} {y - 30} {x - half * 0.3} {y - 30}"
        f"Q{x} {y - 40} {x + half * 0.3} {y - 32}Q{x + half * 0.7} {y - 30} {x + half} {y - 40}"
        f"Q{x + half * 0.6} {y - 2} {x} {y}T{x - half} {y - 34}Z",
        deck,
    )
    seats = (0,) if cockpits == 1 else (-0.22, 0.2)
    for at in seats:
        canvas.ellipse(x + at * length, y - 30, 66, 15, INK)
        canvas.path(
            f"M{x + at * length - 58} {y - 32}Q{x + at * length - 66} {y - 66} {x + at * length - 40} {y - 64}"
            f"L{x + at * length - 26} {y - 28}Z",
            "#2f4450",
        )
    for at in (-0.36, 0.36):
        canvas.ellipse(x + at * length, y - 25, 34, 8, INK, opacity=0.8)
    canvas.stroke(
        f"M{x - half * 0.94} {y - 26}Q{x - half * 0.5} {y + 4} {x} {y + 6}T{x + half * 0.94} {y - 30}", CREAM, 4
    )
    canvas.stroke(
        f"M{x + half * 0.34} {y - 30}L{x + half * 0.5} {y - 6}M{x + half * 0.5} {y - 32}L{x + half * 0.34} {y - 4}",
        INK,
        3,
        opacity=0.6,
    )


def wheel(canvas: Canvas, x: float, y: float, radius: float, tyre: float) -> None:
    """Paint a spoked wheel."""
    canvas.circle(x, y, radius, "none", stroke=INK, stroke_width=tyre)
    canvas.circle(x, y, radius - tyre * 0.8, "none", stroke="#aeb8bd", stroke_width=5)
    spokes = "".join(
        f"M{number(x)} {number(y)}"
        f"L{number(x + (radius - tyre) * cos(pi * step / 8))} {number(y + (radius - tyre) * sin(pi * step / 8))}"
        for step in range(16)
    )
    canvas.stroke(spokes, "#8b979d", 2)
    canvas.circle(x, y, 12, INK)


def bicycle(
    canvas: Canvas,
    x: float,
    y: float,
    scale: float,
    frame: str,
    *,
    tyre: float = 20,
    battery: bool = False,
    rack: bool = False,
    fork: bool = False,
) -> None:
    """Paint a bicycle about 560 long whose wheels stand on y; x is its middle."""
    with canvas.placed(x, y, scale):
        canvas.ellipse(0, 8, 300, 14, "#000", opacity=0.15)
        wheel(canvas, -180, -120, 110, tyre)
        wheel(canvas, 190, -120, 110, tyre)
        canvas.stroke("M-180 -120L-20 -110L-70 -270M-180 -120L-64 -250M-20 -110L130 -270M-66 -256L124 -284", frame, 16)
        canvas.stroke("M190 -120L150 -220L118 -316", frame, 14)
        if fork:
            canvas.stroke("M190 -120L154 -212", "#4f5b63", 20)
        if battery:
            canvas.stroke("M20 -156L96 -236", INK, 34)
            canvas.stroke("M40 -178L50 -188", "#7fd08a", 8)
            canvas.circle(-20, -110, 34, INK)
        if rack:
            canvas.stroke("M-250 -246H-90M-230 -246L-184 -130", INK, 8)
            canvas.rect(-250, -300, 120, 54, "#8a5a34", rx=8)
        canvas.circle(-20, -110, 24, "none", stroke="#4f5b63", stroke_width=10)
        canvas.stroke("M-20 -110L14 -62M0 -62H30M-20 -110L-54 -158M-68 -158H-40", INK, 9)
        canvas.stroke("M-20 -134L-180 -132M-20 -86L-180 -108", "#4f5b63", 4)
        canvas.stroke("M-70 -270L-80 -304", INK, 10)
        canvas.path("M-132 -318Q-100 -326 -40 -312Q-44 -300 -70 -302L-120 -300Q-140 -306 -132 -318Z", INK)
        canvas.stroke("M118 -316L108 -344L150 -354M150 -354Q176 -352 172 -330", INK, 11)


def forest(canvas: Canvas, *colors: str) -> None:
    """Paint a light pine forest with a track."""
    scenery.sky(canvas, *colors)
    scenery.sun(canvas, 940, 180, 44, "#fff6d6")
    scenery.pine_stencil(canvas, "far", "#7fa58c", "#8fb39a")
    scenery.pine_stencil(canvas, "pine", "#2f6a50", "#3f8062", "#6b4a33")
    scenery.pine_row(canvas, "far", scenery.ridge(canvas, 500, 70, "#8fb08f", shift=0.3), 0.8)
    scenery.ridge(canvas, 590, 50, "#6f9a6a", shift=0.6, roughness=0.3)
    scenery.pines(
        canvas,
        "pine",
        [
            (60, 640, 2.0),
            (170, 610, 1.5),
            (290, 590, 1.1),
            (1010, 600, 1.3),
            (1110, 630, 1.8),
            (1190, 620, 1.4),
            (880, 585, 0.9),
        ],
    )
    canvas.path("M0 800V660Q300 610 640 650T1200 630V800Z", "#5f8a57")
    canvas.path("M0 720Q320 660 640 706T1200 690V760Q900 770 640 780T0 800Z", "#d9c19a")
    canvas.stroke("M80 760h60M300 730h80M760 742h90M980 730h60M520 768h70", "#b89d74", 5)


def welcome(canvas: Canvas) -> None:
    """The red boathouse with its jetty, kayaks on the rack and a bicycle against the wall."""
    archipelago(canvas, "#79b6d2", "#cfe6e8", "#fbf0d9", horizon=380)
    canvas.path("M0 800V520Q300 480 620 520Q760 540 800 600L840 800Z", "#a99b8c")
    canvas.path("M0 800V640Q300 590 560 640Q700 670 760 800Z", "#948677")
    scenery.pines(canvas, "pine", [(50, 540, 1.8), (150, 520, 1.3), (690, 540, 1.2)])
    canvas.rect(220, 320, 380, 240, RED)
    canvas.stroke("".join(f"M{x} 320V560" for x in range(240, 600, 20)), "#8f2f22", 3, opacity=0.6)
    canvas.polygon([(220, 322), (410, 200), (600, 322)], RED)
    canvas.path("M190 332L410 186L630 332L618 350L410 214L202 350Z", "#3a3f44")
    canvas.stroke("M220 340V560M600 340V560", CREAM, 10, stroke_linecap="butt")
    canvas.rect(250, 390, 150, 170, CREAM)
    canvas.rect(260, 400, 130, 160, "#3f5f5a")
    canvas.stroke("M325 400V560", CREAM, 6)
    canvas.rect(450, 390, 100, 80, "#cfe3e8", stroke=CREAM, stroke_width=10)
    canvas.stroke("M500 390V470M450 430H550", CREAM, 6)
    canvas.circle(410, 272, 26, CREAM)
    canvas.circle(410, 272, 16, RED)
    canvas.stroke("M650 590V420M760 590V420M640 470H790M640 530H790", "#6b5138", 9)
    for y, color in ((452, YELLOW), (512, TEAL), (570, "#d9573f")):
        canvas.path(f"M610 {y}Q715 {y + 38} 840 {y - 6}Q830 {y + 16} 715 {y + 22}Q640 {y + 20} 610 {y}Z", color)
    canvas.path("M560 660H1010V676H560Z", "#b08a62")
    canvas.path("M560 660H1010L990 640H600Z", "#c9a578")
    canvas.stroke("M620 676V760M740 676V770M860 676V770M980 676V770", "#7d6146", 12)
    kayak(canvas, 950, 740, 420, YELLOW, "#d99a2b", 1)
    bicycle(canvas, 430, 610, 0.42, TEAL, rack=True)


def havskajak(canvas: Canvas) -> None:
    """A single sea kayak off the skerries."""
    archipelago(canvas, "#6fb0cf", "#c9e3ea", "#f6efdc")
    kayak(canvas, 600, 560, 940, YELLOW, "#d9932b", 1)
    paddle(canvas, 610, 500, 420, -14, RED)


def dubbelkajak(canvas: Canvas) -> None:
    """A double kayak in the evening light."""
    archipelago(canvas, "#5f7fa8", "#d9a9a0", "#fbdcae")
    scenery.sun(canvas, 560, 290, 40, "#fff0cf")
    kayak(canvas, 600, 570, 1080, TEAL, "#125a63", 2)
    paddle(canvas, 380, 500, 360, -12, YELLOW)
    paddle(canvas, 830, 506, 360, -12, YELLOW)


def kanot(canvas: Canvas) -> None:
    """An open canoe on a forest lake."""
    scenery.sky(canvas, "#8fbfd0", "#d9e9df", "#f9efd6")
    scenery.pine_stencil(canvas, "far", "#5a8a72", "#6a9a80")
    scenery.pine_stencil(canvas, "pine", "#24543f", "#32684f", "#5a4634")
    skyline = scenery.ridge(canvas, 330, 80, "#5f8f72", shift=0.45)
    scenery.pine_row(canvas, "far", skyline, 0.6)
    scenery.water(canvas, 370, ["#9cc7b8", "#4f8f8a", "#2a6468"], "#effaf4", count=40)
    scenery.pines(canvas, "pine", [(40, 440, 1.5), (130, 410, 1.1), (1150, 440, 1.6), (1060, 408, 1.0)])
    for x, y, wide in (
        (150, 720, 44),
        (230, 748, 36),
        (310, 712, 40),
        (890, 738, 46),
        (990, 706, 38),
        (1060, 752, 42),
        (960, 768, 34),
    ):
        canvas.ellipse(x, y, wide, wide * 0.26, "#5f9a63")
    for x, y in ((240, 740), (985, 698), (1066, 744)):
        canvas.circle(x, y, 11, "#fbf5e6")
    canvas.ellipse(600, 596, 430, 18, "#0f3f42", opacity=0.35)
    canvas.path("M110 440Q150 600 330 600H870Q1050 600 1090 440Q1000 506 600 506T110 440Z", RED)
    canvas.path("M110 440Q200 506 600 506T1090 440Q1040 530 600 534T110 440Z", "#8f2f22")
    canvas.stroke("M110 440Q200 506 600 506T1090 440", "#d9b384", 12)
    canvas.stroke("M330 504V524M600 508V532M860 504V524", "#d9b384", 16)
    for mirrored, x in ((False, 440), (True, 760)):
        with canvas.placed(x, 520, turned=-34 if not mirrored else 34):
            canvas.stroke("M0 40V-190M-16 -190H16", "#c99a62", 11)
            canvas.path("M-24 40Q-30 130 0 150Q30 130 24 40Z", "#c99a62")


def sup_board(canvas: Canvas) -> None:
    """Three boards standing on the rock."""
    archipelago(canvas, "#6fc0d6", "#d3ecec", "#fbf3dd")
    bathing_rock(canvas, 620)
    for x, turned, color, stripe in ((400, -5, "#f4efe2", TEAL), (600, 0, TEAL, YELLOW), (800, 5, YELLOW, RED)):
        with canvas.placed(x, 690, turned=turned):
            canvas.ellipse(6, 6, 90, 14, "#000", opacity=0.2)
            canvas.path(
                "M0 -560C70 -520 82 -380 82 -250C82 -110 64 -20 40 0H-40C-64 -20 -82 -110 -82 -250"
                "C-82 -380 -70 -520 0 -560Z",
                color,
            )
            canvas.path(
                "M0 -540C16 -500 18 -380 18 -250S14 -40 8 0H-8C-14 -40 -18 -110 -18 -250S-16 -500 0 -540Z", stripe
            )
            canvas.rect(-50, -300, 100, 190, INK, rx=18, opacity=0.16)
            canvas.circle(0, -330, 9, INK)
    with canvas.placed(980, 700, turned=9):
        canvas.stroke("M0 0V-500M-20 -500H20", INK, 10)
        canvas.path("M-30 0Q-40 -110 0 -130Q40 -110 30 0Q0 20 -30 0Z", RED)


def stigcykel(canvas: Canvas) -> None:
    """A trail bike on the track."""
    forest(canvas, "#8fc3d6", "#dcebdc", "#f7f0d6")
    bicycle(canvas, 600, 744, 1.35, "#d9573f", tyre=26, fork=True)


def elcykel(canvas: Canvas) -> None:
    """An electric bike with a basket by the sea."""
    archipelago(canvas, "#7fb9d6", "#d3e6ea", "#fbf1da", horizon=400)
    bathing_rock(canvas, 600)
    bicycle(canvas, 600, 730, 1.35, TEAL, battery=True, rack=True)


def barncykel(canvas: Canvas) -> None:
    """Two small bikes at the edge of the meadow."""
    forest(canvas, "#9fd0df", "#e3efda", "#fbf1d3")
    for x, y, color in (
        (130, 720, "#f2c14e"),
        (240, 700, "#fff"),
        (1060, 700, "#f2c14e"),
        (960, 690, "#fff"),
        (1120, 760, "#e88ca0"),
        (60, 770, "#e88ca0"),
        (300, 770, "#fff"),
    ):
        canvas.stroke(f"M{x} {y}v34", "#4f7a45", 5)
        for step in range(6):
            canvas.circle(x + 11 * cos(pi * step / 3), y + 11 * sin(pi * step / 3), 8, color)
        canvas.circle(x, y, 7, "#e0922b")
    bicycle(canvas, 390, 730, 0.8, YELLOW, tyre=26)
    bicycle(canvas, 800, 752, 0.95, "#5f9fc9", tyre=26)
    canvas.stroke("M944 424L1010 690", INK, 5)
    canvas.path("M940 410L1010 430L950 462Z", "#d9573f")


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "havskajak": havskajak,
    "dubbelkajak": dubbelkajak,
    "kanot": kanot,
    "sup-brada": sup_board,
    "stigcykel": stigcykel,
    "elcykel": elcykel,
    "barncykel": barncykel,
}
