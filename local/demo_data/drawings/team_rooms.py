"""Four meeting rooms, each in its colour and with its number on the wall, and the corridor that leads to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import WIDTH, Canvas

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INK = "#2a2f3a"
OAK = "#d9b384"
OAK_DARK = "#b98f5e"
FELT = "#e9e7e1"
NUMERALS = {
    1: "M0 26L34 0H54V160H24V40L0 56Z",
    2: "M0 44Q4 0 52 0T104 46Q104 78 66 106L40 128H106V160H0V132L50 92Q72 72 72 50T52 28T32 48Z",
    3: "M0 40Q8 0 54 0T104 42Q104 68 80 78Q108 88 108 116Q106 160 54 160T0 118H32Q34 132 54 132T76 114T54 94H40"
    "V66H52Q72 64 72 46T52 28T32 40Z",
    4: "M64 0H96V98H116V126H96V160H66V126H0V98ZM66 98V44L32 98Z",
}


@dataclass(frozen=True)
class Colors:
    """One room's colours: its wall, the darker stripe, and the chairs."""

    wall: str
    stripe: str
    chair: str


BLUE = Colors("#cfdfee", "#2f6db0", "#2f6db0")
GREEN = Colors("#d3e6d6", "#2f8a5f", "#2f8a5f")
YELLOW = Colors("#f6e7c0", "#e0a422", "#d4891c")
CORAL = Colors("#f5d6cd", "#d9573f", "#d9573f")


def numeral(canvas: Canvas, number: int, x: float, y: float, scale: float, color: str) -> None:
    """Paint a room's number about 160 high."""
    with canvas.placed(x, y, scale):
        canvas.path(NUMERALS[number], color, fill_rule="evenodd")


def walls(canvas: Canvas, colors: Colors, number: int) -> None:
    """Paint the wall with its stripe and number, and the floor."""
    canvas.rect(0, 0, WIDTH, 600, colors.wall)
    canvas.path("M0 0H300L160 600H0Z", colors.stripe)
    numeral(canvas, number, 52, 120, 1.1, "#fff")
    canvas.rect(0, 586, WIDTH, 16, "#fff")
    canvas.rect(0, 600, WIDTH, 200, "#c9c4b8")
    canvas.stroke(
        "M0 680H1200M0 750H1200" + "".join(f"M{x} 600L{600 + (x - 600) * 1.5:.0f} 800" for x in range(-100, 1320, 120)),
        "#fff",
        2,
        opacity=0.35,
    )


def skyline(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    """Paint a window on the roofs of Cologne: two spires, a bridge; (x, y) is its top left corner."""
    frame = f"M{x} {y}H{x + width}V{y + height}H{x}Z"
    with canvas.clipped(frame), canvas.placed(x, y):
        canvas.rect(0, 0, width, height, canvas.gradient("#a9cde6", "#eef3ec"))
        scenery.cloud(canvas, width * 0.55, 80, 0.6)
        base = height * 0.8
        canvas.path(
            f"M60 {base}V{base - 96}L84 {base - 190}L108 {base - 96}V{base - 70}H118V{base - 96}"
            f"L142 {base - 190}L166 {base - 96}V{base - 60}H260V{base}Z",
            "#7f90a6",
        )
        canvas.path(
            "".join(
                f"M{left} {base}v-{tall}h58v{tall}Z"
                for left, tall in ((0, 40), (270, 64), (332, 44), (394, 78), (456, 50), (518, 66))
            ),
            "#9db0c1",
        )
        canvas.stroke(f"M{width - 220} {base}a70 60 0 0 1 140 0a70 60 0 0 1 140 0", "#5f7fa0", 7)
        canvas.rect(0, base - 4, width, 10, "#5f7fa0")
        canvas.rect(0, base + 6, width, height, "#86b3c6")
    canvas.stroke(frame + f"M{x + width / 2} {y}V{y + height}", "#fff", 12, stroke_linejoin="miter")


def whiteboard(canvas: Canvas, x: float, y: float, width: float, color: str) -> None:
    """Hang a whiteboard with a sketch and notes."""
    canvas.rect(x, y, width, 230, "#fff", rx=6, stroke="#9aa3ad", stroke_width=8)
    canvas.stroke(
        f"M{x + 40} {y + 180}V{y + 50}M{x + 40} {y + 180}H{x + 170}M{x + 50} {y + 160}L{x + 86} {y + 120}"
        f"L{x + 118} {y + 136}L{x + 160} {y + 70}",
        color,
        5,
    )
    for index, paper in enumerate(("#f7d774", "#f2a7a0", "#a8d8c0", "#a9c9ee", "#f7d774", "#f2a7a0")):
        with canvas.placed(x + 234 + (index % 3) * 62, y + 64 + (index // 3) * 76, turned=(index * 5) % 9 - 4):
            canvas.rect(-24, -24, 48, 48, paper)
    canvas.rect(x + width * 0.3, y + 232, width * 0.4, 10, "#9aa3ad", rx=3)


def monitor(canvas: Canvas, x: float, y: float, width: float, color: str) -> None:
    """Hang a screen that shows a call with four people."""
    height = width * 0.58
    canvas.rect(x, y, width, height, INK, rx=10)
    for index, shade in enumerate((color, "#e8b27a", "#8fb0c9", "#a8c9a0")):
        left, top = x + 14 + (index % 2) * (width - 28) / 2, y + 14 + (index // 2) * (height - 28) / 2
        tile_width, tile_height = (width - 40) / 2, (height - 40) / 2
        tile = f"M{left:.0f} {top:.0f}h{tile_width:.0f}v{tile_height:.0f}h{-tile_width:.0f}Z"
        with canvas.clipped(tile):
            canvas.path(tile, shade)
            canvas.circle(
                left + tile_width / 2,
                top + tile_height * 0.46,
                tile_height * 0.2,
                ("#d9a47c", "#8d5a3c", "#f0c8a6", "#6b4430")[index],
            )
            canvas.ellipse(
                left + tile_width / 2,
                top + tile_height * 1.05,
                tile_height * 0.42,
                tile_height * 0.4,
                INK,
                opacity=0.75,
            )


def chair_back(canvas: Canvas, x: float, y: float, color: str, scale: float = 1) -> None:
    """Paint a chair from behind that stands at (x, y)."""
    with canvas.placed(x, y, scale):
        canvas.stroke("M-34 0L-28 -70M34 0L28 -70", INK, 7)
        canvas.rect(-44, -84, 88, 18, color, rx=9)
        canvas.path("M-40 -96Q-44 -176 -30 -184Q0 -194 30 -184Q44 -176 40 -96Z", color)
        canvas.path("M-26 -112Q-28 -164 -20 -168Q0 -174 20 -168Q28 -164 26 -112Z", "#fff", opacity=0.18)


def table(canvas: Canvas, left: float, right: float, y: float) -> None:
    """Paint a meeting table seen a little from above."""
    canvas.path(f"M{left + 60} {y - 50}H{right - 60}L{right} {y}H{left}Z", OAK)
    canvas.rect(left, y, right - left, 20, OAK_DARK)
    canvas.stroke(f"M{left + 50} {y + 18}V{y + 130}M{right - 50} {y + 18}V{y + 130}", INK, 14)


def raum1(canvas: Canvas) -> None:
    """Blue: four seats and a whiteboard."""
    walls(canvas, BLUE, 1)
    skyline(canvas, 820, 90, 300, 300)
    whiteboard(canvas, 360, 110, 400, BLUE.stripe)
    scenery.pendant(canvas, 620, 60, BLUE.stripe, "#fff3cf", 0.9)
    for x in (500, 740):
        chair_back(canvas, x, 660, BLUE.chair, 0.9)
    table(canvas, 380, 860, 650)
    scenery.laptop(canvas, 620, 640, 0.9, "#66707c", "#dfeaf2")
    for x in (500, 740):
        chair_back(canvas, x, 790, BLUE.chair, 1.1)
    scenery.plant(canvas, 1080, 640, 1.1, "#3f8a63", "#fff")


def raum2(canvas: Canvas) -> None:
    """Green: six seats and a screen for calls."""
    walls(canvas, GREEN, 2)
    monitor(canvas, 440, 110, 420, GREEN.stripe)
    skyline(canvas, 940, 100, 210, 300)
    for x in (460, 650, 840):
        chair_back(canvas, x, 660, GREEN.chair, 0.9)
    table(canvas, 340, 960, 650)
    for x in (470, 650, 830):
        scenery.laptop(canvas, x, 642, 0.75, "#66707c", "#e2efe6")
    for x in (460, 650, 840):
        chair_back(canvas, x, 790, GREEN.chair, 1.1)
    scenery.plant(canvas, 250, 660, 1.1, "#2f7a55", "#fff")


def raum3(canvas: Canvas) -> None:
    """Yellow: the long table for ten, under three lamps."""
    walls(canvas, YELLOW, 3)
    skyline(canvas, 330, 90, 430, 280)
    monitor(canvas, 830, 120, 320, YELLOW.stripe)
    for x in (420, 670, 920):
        scenery.pendant(canvas, x, 70, INK, "#fff3cf", 0.8)
    for x in (340, 500, 660, 820, 980):
        chair_back(canvas, x, 660, YELLOW.chair, 0.85)
    table(canvas, 230, 1090, 650)
    for x in (430, 660, 890):
        canvas.path(f"M{x - 12} 598h24l-4 36h-16Z", "#fff")
    for x in (340, 500, 660, 820, 980):
        chair_back(canvas, x, 792, YELLOW.chair, 1.05)


def raum4(canvas: Canvas) -> None:
    """Coral: the workshop room, with a sofa, high tables and a wall to write on."""
    walls(canvas, CORAL, 4)
    canvas.rect(340, 80, 520, 330, "#fff", stroke="#9aa3ad", stroke_width=6)
    canvas.stroke(
        "M380 140H560M380 180H520M640 170a56 56 0 1 0 112 0a56 56 0 1 0 -112 0M696 226V300M640 304H760V370H640Z"
        "M570 340H630",
        CORAL.stripe,
        6,
    )
    for index in range(12):
        canvas.rect(
            380 + (index % 4) * 46,
            230 + (index // 4) * 50,
            38,
            38,
            ("#f7d774", "#f2a7a0", "#a8d8c0", "#a9c9ee")[(index + index // 4) % 4],
        )
    skyline(canvas, 930, 100, 220, 300)
    for x in (440, 720):
        canvas.stroke(f"M{x - 70} 530V690M{x + 70} 530V690M{x - 70} 640H{x + 70}", INK, 9)
        canvas.rect(x - 120, 512, 240, 22, OAK, rx=6)
        scenery.laptop(canvas, x, 512, 0.8, "#66707c", "#f6e6e0")
        for dx in (-90, 90):
            canvas.stroke(
                f"M{x + dx} 600L{x + dx - 22} 730M{x + dx} 600L{x + dx + 22} 730M{x + dx - 16} 690H{x + dx + 16}",
                INK,
                7,
            )
            canvas.ellipse(x + dx, 600, 38, 12, CORAL.chair)
    canvas.rect(890, 560, 290, 120, CORAL.stripe, rx=34)
    canvas.rect(870, 620, 60, 110, "#c24a34", rx=24)
    canvas.rect(1140, 620, 60, 110, "#c24a34", rx=24)
    canvas.rect(920, 640, 230, 76, "#e8765f", rx=16)
    canvas.stroke("M1035 644V712", "#c24a34", 4)
    canvas.stroke("M900 730V756M1170 730V756", INK, 9)
    scenery.plant(canvas, 270, 700, 1.2, "#3f8a63", "#fff")


def welcome(canvas: Canvas) -> None:
    """The corridor with four doors in four colours."""
    canvas.rect(0, 0, WIDTH, 620, FELT)
    canvas.rect(0, 620, WIDTH, 180, "#c9c4b8")
    canvas.stroke(
        "M0 690H1200M0 756H1200" + "".join(f"M{x} 620L{600 + (x - 600) * 1.4:.0f} 800" for x in range(-100, 1320, 120)),
        "#fff",
        2,
        opacity=0.35,
    )
    canvas.rect(0, 604, WIDTH, 18, "#fff")
    for index, colors in enumerate((BLUE, GREEN, YELLOW, CORAL)):
        x = 60 + index * 284
        canvas.rect(x, 130, 226, 490, colors.stripe, rx=8)
        canvas.rect(x + 18, 150, 120, 470, "#fff", opacity=0.92)
        canvas.rect(x + 26, 158, 104, 462, canvas.gradient(colors.wall, "#fff8e6"))
        canvas.path(
            f"M{x + 26} 520H{x + 130}V536H{x + 26}ZM{x + 44} 536H{x + 54}V620H{x + 44}ZM{x + 104} 536H{x + 114}"
            f"V620H{x + 104}Z",
            OAK_DARK,
        )
        canvas.stroke(f"M{x + 40} 200L{x + 96} 160M{x + 40} 250L{x + 116} 190", "#fff", 6, opacity=0.7)
        numeral(canvas, index + 1, x + 160, 190, 0.42, "#fff")
        canvas.circle(x + 182, 300, 9, "#7fd08a" if index != 1 else "#f0a24a")
        canvas.rect(x + 112, 380, 9, 76, INK, rx=4)
        scenery.pendant(canvas, x + 113, 74, INK, "#fff3cf", 0.7)
    scenery.plant(canvas, 318, 660, 1.0, "#3f8a63", "#fff")
    scenery.plant(canvas, 886, 660, 1.0, "#2f7a55", "#fff")


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "raum1": raum1,
    "raum2": raum2,
    "raum3": raum3,
    "raum4": raum4,
}
