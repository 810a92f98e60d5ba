"""Tasmanian mountains as on travel posters: ridges in layers, a trail that leads into them, small walkers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import HEIGHT, WIDTH, Canvas, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.demo_data.drawings.canvas import Point

TRAIL = "#ead9b5"
PACKS = ("#d9573f", "#2f6f8a", "#e0a422", "#5f8a4a", "#8a4f7d")


def hiker(canvas: Canvas, x: float, y: float, scale: float, cloth: str, pack: str, *, pole: bool = True) -> None:
    """Paint a walker of height 200 from behind, with a pack and a pole; (x, y) is between the feet."""
    with canvas.placed(x, y, scale):
        canvas.path("M-22 -84L-30 -4H-10L0 -66L10 0H30L22 -84Z", "#2d2f3a")
        canvas.rect(-34, -6, 26, 10, "#4a3327", rx=4)
        canvas.rect(8, -2, 26, 10, "#4a3327", rx=4)
        canvas.path("M-30 -152Q0 -168 30 -152L48 -92L34 -86L28 -112L30 -78H-30L-28 -112L-36 -88L-48 -94Z", cloth)
        canvas.rect(-24, -156, 48, 68, pack, rx=14)
        canvas.rect(-30, -170, 60, 18, "#f4ead2", rx=9)
        canvas.rect(-16, -124, 32, 22, "#fff", rx=6, opacity=0.25)
        canvas.circle(0, -186, 18, "#c98f68")
        canvas.path("M-20 -188a20 20 0 0 1 40 0l8 4H-28Z", "#3a2f2a")
        if pole:
            canvas.stroke("M44 -92L62 4", "#2d2f3a", 4)


def trail(canvas: Canvas, points: list[Point], widths: list[float]) -> None:
    """Paint a path that narrows into the distance: its middle line and half widths from near to far."""
    left = [(x - wide, y) for (x, y), wide in zip(points, widths, strict=True)]
    right = [(x + wide, y) for (x, y), wide in zip(points, widths, strict=True)]

    def curve(line: list[Point]) -> str:
        pieces: list[str] = []
        for (x, y), (next_x, next_y) in pairwise(line):
            middle = (y + next_y) / 2
            pieces.append(
                f"C{number(x)} {number(middle)} {number(next_x)} {number(middle)} {number(next_x)} {number(next_y)}"
            )
        return "".join(pieces)

    far_x, far_y = right[-1]
    canvas.path(
        f"M{number(left[0][0])} {number(left[0][1])}{curve(left)}L{number(far_x)} {number(far_y)}{curve(right[::-1])}Z",
        TRAIL,
    )


def gum_stencil(canvas: Canvas) -> None:
    """Define a snow gum 200 high."""
    with canvas.stencil("gum"):
        canvas.stroke("M0 0C-8 -50 12 -70 4 -120M4 -96Q-30 -116 -40 -150M4 -110Q36 -130 44 -160", "#d9cdb8", 12)
        canvas.stroke("M-3 -20Q4 -50 4 -80", "#a89a83", 4)
        for x, y, wide, tall, color in (
            (-46, -160, 46, 26, "#5f8570"),
            (48, -170, 50, 28, "#54796a"),
            (0, -196, 58, 32, "#6f967c"),
            (-10, -150, 40, 20, "#54796a"),
        ):
            canvas.ellipse(x, y, wide, tall, color)


def tussocks(canvas: Canvas, count: int, from_y: int, color: str) -> None:
    """Scatter tufts of grass over the foreground, in one path."""
    random = canvas.random
    blades: list[str] = []
    for _ in range(count):
        x, y = random.randint(0, WIDTH), random.randint(from_y, HEIGHT)
        blades.append(f"M{x} {y}l-9 -18M{x} {y}v-24M{x} {y}l9 -18")
    canvas.stroke("".join(blades), color, 3, opacity=0.7)


def columns(canvas: Canvas, x: float, y: float, count: int, height: float, light: str, dark: str) -> None:
    """Paint dolerite columns that stand on y, from x to the right."""
    random = canvas.random
    for index in range(count):
        left = x + index * 38
        tall = height * (0.55 + 0.2 * random.random() + 0.5 * (1 - abs(index + 0.5 - count / 2) / count))
        lean = random.randint(-4, 4)
        canvas.polygon(
            [
                (left, y),
                (left + lean, y - tall + 10),
                (left + 12 + lean, y - tall),
                (left + 36 + lean, y - tall + 8),
                (left + 40, y),
            ],
            light,
        )
        canvas.polygon(
            [(left + 24, y), (left + 22 + lean, y - tall + 4), (left + 36 + lean, y - tall + 8), (left + 40, y)], dark
        )
        canvas.stroke(f"M{number(left + 4)} {number(y - tall * random.uniform(0.3, 0.7))}h34", dark, 3, opacity=0.6)


def welcome(canvas: Canvas) -> None:
    """Four walkers on a ridge in the morning, range behind range."""
    scenery.sky(canvas, "#3f6f94", "#8fb8c4", "#f6d9a8")
    scenery.sun(canvas, 820, 290, 54, "#fff2cf")
    scenery.peaks(canvas, [(260, 210), (620, 260), (1010, 190)], 560, "#7fa0b0", "#6b8fa3", "#f8f4ea")
    scenery.ridge(canvas, 520, 130, "#5b8494", shift=0.1, roughness=0.6)
    canvas.rect(0, 420, WIDTH, 160, canvas.gradient("#f6e6c8/0", "#f6e6c8/0.5", "#f6e6c8/0"))
    scenery.ridge(canvas, 610, 130, "#3f6b74", shift=0.5, roughness=0.6)
    scenery.ridge(canvas, 680, 110, "#2f5650", shift=0.85, roughness=0.4)
    canvas.path("M0 800V690Q200 600 420 640T800 600T1200 520V800Z", "#3f5f3d")
    canvas.path("M0 760Q220 660 430 690T820 640T1200 560V590Q1000 640 830 668T440 720T60 800H0Z", TRAIL)
    for index, (x, y) in enumerate(((340, 694), (500, 686), (650, 672), (800, 654))):
        hiker(canvas, x, y, 0.78 - index * 0.03, ("#2f6f8a", "#d9573f", "#f4ead2", "#e0a422")[index], PACKS[index])
    tussocks(canvas, 40, 730, "#7f9a52")


def kunanyi_sunrise(canvas: Canvas) -> None:
    """The city's lights and the river far below, the sun on the rim."""
    scenery.sky(canvas, "#2b3560", "#a05f7d", "#f08a5d", "#fbd08a")
    scenery.stars(canvas, 40, 160)
    scenery.sun(canvas, 640, 420, 66, "#fff0c4")
    scenery.ridge(canvas, 450, 50, "#8a5577", shift=0.2, roughness=0.3)
    canvas.path("M0 450Q300 430 600 452T1200 446V560H0Z", "#6f4a70")
    canvas.path("M500 452Q560 480 420 510T640 560H900Q740 520 780 490T700 452Z", canvas.gradient("#fbd08a", "#c9788a"))
    scenery.ridge(canvas, 560, 40, "#4f3d63", shift=0.6, roughness=0.4)
    random = canvas.random
    lights = "".join(f"M{random.randint(60, 1100)} {random.randint(492, 560)}h0" for _ in range(70))
    canvas.stroke(lights, "#ffe2a0", 4)
    scenery.ridge(canvas, 680, 90, "#33304f", shift=0.35, roughness=0.6)
    columns(canvas, -20, 800, 8, 300, "#3b3450", "#2a2640")
    canvas.path("M0 800V720Q300 690 620 730T1200 690V800Z", "#252238")
    canvas.path("M860 712Q900 690 960 690H1200V800H820Z", "#2f2a44")
    for index, (x, y) in enumerate(((930, 706), (1010, 700), (1090, 700))):
        hiker(canvas, x, y, 0.72, ("#4f3d63", "#5d3f5a", "#3f4a70")[index], PACKS[index], pole=index == 0)


def organ_pipes_loop(canvas: Canvas) -> None:
    """Dolerite columns above the track, snow gums, boulders."""
    scenery.sky(canvas, "#6fa9cc", "#c9e0e4", "#eef1e2")
    scenery.cloud(canvas, 80, 150, 1.0)
    scenery.cloud(canvas, 860, 110, 0.9)
    canvas.path("M0 520L160 400L420 330L900 310L1200 400V620H0Z", "#7d8f8e")
    columns(canvas, 190, 520, 22, 400, "#b5aca1", "#958b82")
    columns(canvas, 110, 540, 9, 250, "#a3988b", "#7d736a")
    columns(canvas, 640, 540, 11, 260, "#a3988b", "#7d736a")
    canvas.path("M0 800V520Q200 470 420 520T860 500T1200 540V800Z", "#6f8f63")
    canvas.path("M0 800V600Q260 540 560 600T1200 590V800Z", "#5b7f55")
    for x, y, wide in ((180, 560, 60), (300, 540, 40), (700, 530, 54), (860, 560, 70), (1040, 570, 46), (520, 566, 40)):
        canvas.path(
            f"M{x - wide} {y + 30}Q{x - wide} {y - 10} {x - wide * 0.3:.0f} {y - wide * 0.5:.0f}"
            f"L{x + wide * 0.5:.0f} {y - wide * 0.4:.0f}Q{x + wide} {y} {x + wide} {y + 30}Z",
            "#9a938a",
        )
    trail(canvas, [(560, 820), (700, 720), (520, 650), (640, 596), (600, 560)], [120, 64, 34, 18, 8])
    gum_stencil(canvas)
    for x, y, scale in ((90, 680, 1.6), (240, 640, 1.0), (1110, 700, 1.8), (980, 640, 1.1), (1180, 620, 1.2)):
        canvas.stamp("gum", x, y, scale)
    hiker(canvas, 640, 700, 0.55, "#d9573f", PACKS[1])
    hiker(canvas, 560, 664, 0.42, "#2f6f8a", PACKS[2])
    tussocks(canvas, 50, 700, "#a9b86a")


def hartz_peak(canvas: Canvas) -> None:
    """A pointed peak over a small lake, boardwalk through buttongrass."""
    scenery.sky(canvas, "#5b93b8", "#b9d6dc", "#f3ead2")
    scenery.cloud(canvas, 760, 140, 1.3)
    scenery.ridge(canvas, 480, 110, "#90aab4", shift=0.15, roughness=0.7)
    scenery.peaks(canvas, [(470, 150)], 560, "#74898c", "#5d7479", "#f6f5ef")
    scenery.peaks(canvas, [(180, 330), (820, 300)], 560, "#647d7d", "#52696b")
    scenery.ridge(canvas, 580, 50, "#5f7f60", shift=0.4, roughness=0.3)
    canvas.ellipse(560, 590, 300, 40, canvas.gradient("#8fb8c4", "#3f7285"))
    canvas.polygon([(440, 560), (500, 560), (470, 622)], "#74898c", opacity=0.5)
    canvas.stroke("M400 584h80M560 600h130M640 578h70", "#e6f2f2", 4, opacity=0.7)
    canvas.path("M0 800V610Q200 590 330 620T760 630T1200 590V800Z", "#a3925a")
    canvas.path("M0 800V680Q300 640 640 690T1200 660V800Z", "#8f8450")
    tussocks(canvas, 90, 640, "#c9b96f")
    canvas.polygon([(560, 800), (860, 800), (700, 640), (676, 640)], "#b8a488")
    planks = "".join(
        f"M{number(560 + (116 * (800 - y) / 160))} {y}H{number(860 - (160 * (800 - y) / 160))}"
        for y in (640, 646, 653, 662, 672, 684, 698, 714, 734, 758, 786)
    )
    canvas.stroke(planks, "#8a7658", 4)
    hiker(canvas, 680, 668, 0.4, "#2f6f8a", PACKS[4])
    hiker(canvas, 730, 752, 0.72, "#e0a422", PACKS[0])


def tarn_shelf(canvas: Canvas) -> None:
    """Tarns in steps under a scarp, the deciduous beech in its autumn colours."""
    scenery.sky(canvas, "#7fb4cf", "#d6e6df", "#fbeccb")
    scenery.cloud(canvas, 180, 130, 1.0)
    scenery.ridge(canvas, 430, 170, "#93a6a8", shift=0.55, roughness=0.5)
    canvas.path("M0 300L180 260L420 330L700 290L960 350L1200 320V560H0Z", "#7b8d8a")
    canvas.path(
        "".join(
            f"M{x} {y}l{40} {110}l-70 30z"
            for x, y in ((160, 300), (330, 330), (520, 330), (720, 320), (900, 360), (1080, 360))
        ),
        "#647774",
    )
    canvas.path("M0 470Q300 430 600 470T1200 450V800H0Z", "#7f8a55")
    for x, y, wide in ((300, 520, 180), (820, 560, 240), (380, 640, 300)):
        canvas.ellipse(x, y, wide, wide * 0.16, "#5d6b45")
        canvas.ellipse(x, y - 4, wide * 0.96, wide * 0.14, canvas.gradient("#a9d0d9", "#4f8aa0"))
        canvas.stroke(
            f"M{x - wide * 0.5:.0f} {y - 6}h{wide * 0.4:.0f}M{x + wide * 0.1:.0f} {y + 4}h{wide * 0.5:.0f}",
            "#eef6f4",
            3,
            opacity=0.7,
        )
    beeches(canvas)
    trail(canvas, [(640, 820), (720, 720), (600, 640), (660, 570), (620, 520), (660, 484)], [90, 56, 34, 20, 12, 5])
    scenery.pine_stencil(canvas, "pencil", "#33584c", "#43705f", "#5a4634")
    scenery.pines(
        canvas, "pencil", [(70, 760, 1.5), (1130, 770, 1.7), (1020, 640, 0.8), (150, 560, 0.6), (560, 500, 0.4)]
    )
    hiker(canvas, 690, 730, 0.6, "#2f6f8a", PACKS[2])
    hiker(canvas, 630, 672, 0.44, "#f4ead2", PACKS[0])
    hiker(canvas, 652, 604, 0.3, "#d9573f", PACKS[1])


def beeches(canvas: Canvas) -> None:
    """Plant low round bushes in the colours of April."""
    with canvas.stencil("beech"):
        for x, y, radius, color in (
            (-30, -18, 24, "#c9502f"),
            (26, -16, 22, "#d95f2b"),
            (0, -32, 28, "#e0862a"),
            (-6, -10, 22, "#d95f2b"),
            (14, -38, 14, "#f0b13a"),
        ):
            canvas.circle(x, y, radius, color)
    spots = [
        (60, 505),
        (520, 488),
        (560, 560),
        (740, 500),
        (1010, 500),
        (1150, 520),
        (90, 590),
        (480, 570),
        (1120, 640),
    ]
    spots += [
        (240, 720),
        (430, 760),
        (840, 660),
        (960, 720),
        (1000, 620),
        (130, 690),
        (820, 780),
        (60, 790),
        (340, 800),
        (1060, 790),
    ]
    for x, y in spots:
        canvas.stamp("beech", x, y, (y - 420) / 210)


def summit_night_sky(canvas: Canvas) -> None:
    """The Milky Way over the summit, lamps on the ground."""
    scenery.sky(canvas, "#0c1230", "#1f2a56", "#4a4a7d")
    with canvas.group(filter=canvas.blur(26), opacity=0.8):
        canvas.path("M200 800C420 560 560 420 980 -40H1120C760 420 560 600 360 800Z", "#8f8fc9", opacity=0.7)
        canvas.path("M330 700C480 520 640 360 960 0H1020C720 380 540 560 380 720Z", "#d9c4e0", opacity=0.7)
    scenery.stars(canvas, 420, 640)
    for x, y in ((930, 250), (1010, 330), (960, 390), (890, 330), (936, 318)):
        canvas.circle(x, y, 16, canvas.glow("#fff", 0.9))
        canvas.circle(x, y, 4, "#fff")
    scenery.ridge(canvas, 640, 80, "#232a4f", shift=0.4, roughness=0.6)
    canvas.path("M0 800V700L200 650L420 690L640 640L860 690L1200 620V800Z", "#141a38")
    canvas.polygon([(640, 642), (632, 420), (648, 420)], "#232a4f")
    canvas.stroke("M640 640V400M616 470H664M622 430H658", "#2f3866", 6)
    canvas.circle(640, 398, 6, "#f0604a")
    canvas.circle(640, 398, 36, canvas.glow("#f0604a", 0.8))
    for index, (x, y) in enumerate(((250, 690), (330, 700), (420, 706))):
        hiker(canvas, x, y, 0.66, ("#2f3866", "#3a335c", "#28406a")[index], PACKS[index + 1], pole=False)
    with canvas.placed(830, 704, 1.1):
        canvas.stroke("M0 -70L-50 20M0 -70L50 20M0 -70V24", "#3a4270", 8)
        canvas.rect(-70, -112, 150, 38, "#d9d4e6", rx=10, transform="rotate(-32 0 -90)")
        canvas.rect(56, -112, 26, 38, "#8a86a8", rx=6, transform="rotate(-32 0 -90)")


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "kunanyi-sunrise": kunanyi_sunrise,
    "organ-pipes-loop": organ_pipes_loop,
    "hartz-peak": hartz_peak,
    "tarn-shelf": tarn_shelf,
    "summit-night-sky": summit_night_sky,
}
