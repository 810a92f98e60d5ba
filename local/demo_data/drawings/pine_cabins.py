"""A mountain valley: log cabins, a treehouse, a lodge in the snow, tents by a creek."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import WIDTH, Canvas, number, points_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIT = "#ffd27a"
LOG = "#8a5a3a"
LOG_DARK = "#6d4429"
ROOF = "#33433f"


def cabin(
    canvas: Canvas, x: float, y: float, scale: float, *, roof: str = ROOF, log: str = LOG, snow: bool = False
) -> None:
    """Paint a log cabin about 360 wide with a porch; (x, y) is the middle of its floor."""
    with canvas.placed(x, y, scale):
        canvas.rect(88, -262, 34, 90, "#8d8377")
        canvas.rect(82, -268, 46, 14, "#a59b8d")
        canvas.rect(-150, -128, 300, 128, log)
        canvas.polygon([(-150, -128), (0, -236), (150, -128)], log)
        rows = "".join(f"M-150 {row}H150" for row in range(-108, 0, 20))
        canvas.stroke(rows, LOG_DARK, 3, opacity=0.6)
        canvas.stroke("M-118 -148H118M-90 -168H90M-62 -188H62", LOG_DARK, 3, opacity=0.6)
        window(canvas, -118, -92, 66, 58)
        window(canvas, 58, -92, 66, 58)
        canvas.rect(-26, -96, 52, 96, "#3c5a50", rx=3)
        canvas.circle(16, -46, 4, LIT)
        canvas.circle(0, -172, 20, LIT)
        canvas.stroke("M0 -192V-152M-20 -172H20", LOG_DARK, 4)
        canvas.path("M-186 -112L0 -250L186 -112L174 -96L0 -226L-174 -96Z", roof)
        if snow:
            canvas.path(
                "M-190 -116Q-186 -132 -168 -132L-14 -254Q0 -266 14 -254L168 -132Q186 -132 190 -116L0 -242Z", "#f4f8fb"
            )
        canvas.rect(-172, -6, 344, 14, LOG_DARK)
        canvas.stroke("M-160 -6V-104M160 -6V-104", LOG_DARK, 10)


def window(canvas: Canvas, x: float, y: float, width: float, height: float, light: str = LIT) -> None:
    """Paint a lit window with a cross; (x, y) is its top left corner."""
    canvas.rect(x - 5, y - 5, width + 10, height + 10, LOG_DARK)
    canvas.rect(x, y, width, height, light)
    canvas.stroke(f"M{x + width / 2} {y}v{height}M{x} {y + height / 2}h{width}", LOG_DARK, 4)


def smoke(canvas: Canvas, x: float, y: float, scale: float = 1, color: str = "#fff") -> None:
    """Let smoke rise from a chimney at (x, y)."""
    with canvas.placed(x, y, scale):
        canvas.stroke("M0 0C-16 -30 26 -44 8 -78C-8 -106 34 -118 22 -150", color, 12, opacity=0.35)


def reflection(canvas: Canvas, x: float, y: float, width: float) -> None:
    """Lay the light of windows on the water."""
    dashes = "".join(
        f"M{number(x - width / 2 + 8 * row)} {y + 22 * row}h{number(width - 16 * row)}" for row in range(5)
    )
    canvas.stroke(dashes, LIT, 6, opacity=0.45)


def welcome(canvas: Canvas) -> None:
    """Dusk over the valley: peaks, the lake, three cabins with lights on."""
    scenery.sky(canvas, "#31506b", "#7d8fa3", "#f0b58a", "#f6d2a4")
    scenery.stars(canvas, 50, 240)
    scenery.sun(canvas, 850, 330, 42, "#ffe3b0")
    scenery.peaks(canvas, [(250, 170), (1030, 210)], 520, "#6b7f95", "#546a82", "#f3ece6")
    scenery.peaks(canvas, [(560, 230)], 520, "#5a7088", "#475d76", "#f3ece6")
    scenery.pine_stencil(canvas, "far", "#2f5457", "#3a6263")
    scenery.pine_stencil(canvas, "near", "#173832", "#234b42", "#3d2c22")
    scenery.pine_row(canvas, "far", scenery.ridge(canvas, 500, 60, "#3b5f60", shift=0.3), 0.42)
    scenery.water(canvas, 520, ["#c99b86", "#5d7f8c", "#2f5566"], "#ffe9c9", until_y=690)
    canvas.path("M0 508H1200V584Q1050 606 900 594T600 574T330 588Q160 584 0 606Z", "#33524b")
    scenery.pines(canvas, "near", [(90 + 46 * step, 560 + 3 * (step % 3), 0.75) for step in range(4)])
    for x, y, scale in ((330, 566, 0.42), (560, 552, 0.34), (900, 572, 0.5)):
        smoke(canvas, x + 105 * scale, y - 262 * scale, scale)
        cabin(canvas, x, y, scale)
        reflection(canvas, x, y + 28, 200 * scale)
    scenery.ridge(canvas, 740, 90, "#1b3a33", shift=0.55, roughness=0.3)
    scenery.pines(
        canvas,
        "near",
        [(40, 770, 1.9), (160, 800, 1.5), (1080, 800, 1.7), (1180, 770, 2.2), (980, 815, 1.1), (270, 815, 1.0)],
    )


def lakeside_cabins(canvas: Canvas) -> None:
    """A cabin on the shore in the morning, with a jetty and a canoe."""
    scenery.sky(canvas, "#8fc1cf", "#cfe5df", "#f8eed6")
    scenery.cloud(canvas, 140, 170, 1.1)
    scenery.cloud(canvas, 800, 120, 0.8)
    scenery.peaks(canvas, [(950, 190), (640, 260)], 480, "#7fa0a8", "#68899a", "#fbf8f0")
    scenery.pine_stencil(canvas, "far", "#4f8277", "#5f9385")
    scenery.pine_stencil(canvas, "near", "#22564b", "#30695b", "#4a3427")
    scenery.pine_row(canvas, "far", scenery.ridge(canvas, 470, 60, "#5d8f83", shift=0.1), 0.4)
    scenery.water(canvas, 500, ["#a5d0d0", "#4f94a3", "#2d6c80"], "#f2fbf7")
    canvas.path("M0 540C160 500 420 520 640 552C700 562 690 590 600 598C380 616 140 640 0 700Z", "#6f9a6c")
    canvas.path(
        "M0 640C200 606 420 612 600 598C690 590 700 570 668 558C700 590 560 626 420 640C260 656 120 690 0 740Z",
        "#d9c79c",
    )
    scenery.pines(canvas, "near", [(30, 560, 1.7), (130, 545, 1.35), (560, 560, 1.1), (630, 572, 0.8)])
    smoke(canvas, 340 + 105 * 0.95, 590 - 262 * 0.95)
    cabin(canvas, 340, 590, 0.95)
    canvas.path("M470 630L880 690L880 706L470 648Z", "#9b7350")
    canvas.path("M470 630L880 690L900 678L500 622Z", "#b98d63")
    canvas.stroke("M560 650V690M680 668V712M800 686V734M872 700V750", "#7a583c", 10)
    with canvas.placed(850, 640, 1):
        canvas.path("M-6 60Q110 96 250 52Q226 112 110 112Q24 112 -6 60Z", "#c8553d")
        canvas.path("M-6 60Q110 96 250 52L236 70Q110 106 10 76Z", "#e07a5f")
        canvas.stroke("M70 82L190 18", "#e9d3a3", 6)


def family_cabins(canvas: Canvas) -> None:
    """A larger cabin among golden aspens, with a table outside."""
    scenery.sky(canvas, "#7fb2cf", "#d8e6df", "#fbeccb")
    scenery.cloud(canvas, 720, 150, 1.2)
    scenery.peaks(canvas, [(220, 210), (1050, 170)], 520, "#8d9fae", "#76899b", "#fffaf2")
    scenery.pine_stencil(canvas, "far", "#5a7d5f", "#6a8d6c")
    scenery.pine_row(canvas, "far", scenery.ridge(canvas, 520, 70, "#6d8c62", shift=0.7), 0.5)
    scenery.ridge(canvas, 600, 50, "#b8a552", shift=0.2, roughness=0.2)
    aspens(canvas, [(60, 640), (130, 625), (220, 640), (985, 640), (1060, 622), (1140, 645)])
    canvas.path("M0 640Q600 590 1200 640V800H0Z", "#a59a4c")
    canvas.path("M520 660Q640 720 560 800H760Q760 720 660 650Z", "#d8c48d")
    smoke(canvas, 720 + 105 * 1.25, 662 - 262 * 1.25)
    cabin(canvas, 720, 662, 1.25, roof="#7a3b2e")
    cabin(canvas, 400, 678, 0.95, roof="#7a3b2e", log="#96643f")
    canvas.stroke("M100 716H280M120 716L100 768M260 716L280 768M80 744H116M264 744H300", "#6d4429", 12)
    for _ in range(40):
        canvas.circle(canvas.random.randint(0, WIDTH), canvas.random.randint(690, 790), 4, "#e7b93f", opacity=0.8)


def aspens(canvas: Canvas, spots: list[tuple[float, float]]) -> None:
    """Paint white-stemmed trees with yellow crowns."""
    with canvas.stencil("aspen"):
        canvas.path("M-8 0L-5 -240H5L8 0Z", "#f3ecdd")
        canvas.stroke("M-7 -40H1M-2 -90H6M-5 -140H1", "#8a7f6d", 4)
        for x, y, radius, color in (
            (-24, -220, 46, "#d99a2b"),
            (26, -236, 48, "#e7b13a"),
            (0, -290, 52, "#f0c455"),
            (-6, -190, 40, "#e7b13a"),
        ):
            canvas.circle(x, y, radius, color)
    for x, y in spots:
        canvas.stamp("aspen", x, y, canvas.random.uniform(0.85, 1.25))


def lookout_treehouse(canvas: Canvas) -> None:
    """A hut high between two trunks, above the mist at sunrise."""
    scenery.sky(canvas, "#5b6f95", "#e3a6a0", "#fbd9b0")
    scenery.sun(canvas, 300, 420, 50, "#fff0cf")
    scenery.peaks(canvas, [(420, 260), (900, 300)], 560, "#a58ba3", "#8d7894")
    scenery.pine_stencil(canvas, "far", "#6c6f8a", "#7c7d94")
    scenery.pine_stencil(canvas, "near", "#2b3f4e", "#38505d", "#4b362c")
    for y, color, scale in ((560, "#8a819a", 0.5), (660, "#6a6d88", 0.7)):
        scenery.pine_row(canvas, "far", scenery.ridge(canvas, y, 60, color, shift=y / 700), scale)
        canvas.rect(0, y - 10, WIDTH, 130, canvas.gradient("#fde7d3/0", "#fde7d3/0.55", "#fde7d3/0"))
    scenery.ridge(canvas, 790, 60, "#26404a", shift=0.9, roughness=0.2)
    scenery.pines(canvas, "near", [(60, 790, 1.6), (180, 810, 1.2), (330, 812, 0.9), (1130, 800, 1.9)])
    for x, wide in ((640, 30), (900, 34)):
        canvas.path(f"M{x - wide} 800L{x - wide * 0.5} 0H{x + wide * 0.5}L{x + wide} 800Z", "#4b362c")
        canvas.path(f"M{x - wide} 800L{x - wide * 0.5} 0H{x - wide * 0.2}L{x - wide * 0.4} 800Z", "#5e463a")
    canvas.stroke("M640 610L760 520M900 610L790 520", "#4b362c", 16)
    canvas.rect(545, 505, 455, 20, "#6d4a33")
    canvas.rect(620, 330, 300, 176, "#a0714d")
    canvas.polygon([(620, 332), (770, 226), (920, 332)], "#a0714d")
    canvas.stroke("".join(f"M{x} 330V506" for x in range(645, 920, 25)), "#835937", 3)
    window(canvas, 650, 372, 110, 84)
    canvas.rect(800, 372, 70, 134, "#2f4a52", rx=4)
    canvas.circle(858, 442, 5, LIT)
    canvas.path("M580 344L770 214L960 344L944 362L770 244L596 362Z", "#3a3f52")
    canvas.stroke("M550 505V440H620M920 440H995V505M550 472H620M920 472H995M960 505V440M585 505V440", "#6d4a33", 7)
    canvas.stroke("M985 522L1075 800M1025 522L1115 800", "#4b362c", 9)
    canvas.stroke("".join(f"M{985 + step * 13} {545 + step * 38}h40" for step in range(7)), "#6d4a33", 8)
    for x, y, scale in ((640, 90, 2.2), (900, 110, 2.4)):
        canvas.stamp("near", x, y + 120, scale, opacity=0.95)


def timber_lodge(canvas: Canvas) -> None:
    """A great A-frame lodge in the snow at night."""
    scenery.sky(canvas, "#0f2240", "#23446a", "#6f8fae")
    scenery.stars(canvas, 130, 420)
    scenery.sun(canvas, 190, 150, 34, "#f8f3dd")
    scenery.peaks(canvas, [(300, 300), (1040, 250)], 560, "#54718f", "#436081", "#eef4fa")
    scenery.pine_stencil(canvas, "near", "#1d3b49", "#dfeaf2", "#2c2a2c")
    scenery.pine_row(canvas, "near", scenery.ridge(canvas, 560, 40, "#a9c1d6", shift=0.4), 0.5)
    canvas.path("M0 600Q300 560 620 590T1200 580V800H0Z", "#e6eff7")
    scenery.pines(canvas, "near", [(60, 640, 1.7), (170, 620, 1.2), (1050, 620, 1.4), (1150, 650, 1.8)])
    canvas.rect(300, 520, 600, 130, LOG)
    canvas.stroke("".join(f"M300 {y}H900" for y in range(540, 650, 20)), LOG_DARK, 3, opacity=0.6)
    for x in (330, 420, 730, 820):
        window(canvas, x, 555, 56, 56)
    canvas.path("M240 534L280 486H920L960 534Z", "#eef4fa")
    canvas.polygon([(600, 170), (440, 650), (760, 650)], "#7a4d30")
    canvas.polygon([(600, 250), (478, 610), (722, 610)], LIT)
    canvas.circle(600, 470, 190, canvas.glow("#fff3cf", 0.7))
    canvas.stroke("M600 250V610M540 430H660M512 510H688M560 372L560 610M640 372V610", LOG_DARK, 7)
    canvas.path("M600 130L400 660H438L600 226L762 660H800Z", ROOF)
    canvas.path("M600 118L392 660H412L600 160L788 660H808Z", "#f4f8fb")
    canvas.rect(568, 560, 64, 92, "#3c5a50", rx=3)
    canvas.path("M0 690Q340 630 600 660T1200 660V800H0Z", "#f5f9fc")
    canvas.path("M540 656Q560 720 440 800H760Q680 720 660 656Z", "#ffe9bd", opacity=0.6)
    flakes = "".join(f"M{canvas.random.randint(0, WIDTH)} {canvas.random.randint(0, 790)}h0" for _ in range(90))
    canvas.stroke(flakes, "#fff", 6, opacity=0.75)


def creekside_tents(canvas: Canvas) -> None:
    """Two lit tents and a fire by the creek under first stars."""
    scenery.sky(canvas, "#1f3450", "#4c6a83", "#e6a880")
    scenery.stars(canvas, 80, 300)
    scenery.peaks(canvas, [(180, 280), (620, 230), (1080, 300)], 560, "#4a637a", "#3b5269")
    scenery.pine_stencil(canvas, "far", "#2b4a52", "#34555b")
    scenery.pine_stencil(canvas, "near", "#14302f", "#1e403c", "#3d2c22")
    scenery.pine_row(canvas, "far", scenery.ridge(canvas, 540, 50, "#2f5054", shift=0.8), 0.6)
    canvas.rect(0, 560, WIDTH, 240, "#3d5a45")
    canvas.path(
        "M760 560C700 620 980 640 820 700C740 735 900 770 860 800H1200V760C1060 740 1120 690 1060 660"
        "C960 625 830 600 850 560Z",
        "#5d93a3",
    )
    canvas.stroke("M850 600H910M930 650H1010M920 700H1010M960 750H1080", "#d8eef0", 4, opacity=0.6)
    scenery.pines(
        canvas, "near", [(50, 620, 1.7), (150, 600, 1.2), (700, 580, 0.9), (1120, 600, 1.5), (1030, 585, 1.0)]
    )
    tent(canvas, 330, 690, 1.25, "#e58a3c", "#f7c06b")
    tent(canvas, 610, 660, 0.9, "#c8553d", "#f0a27a")
    canvas.circle(490, 730, 120, canvas.glow("#ffb35c", 0.8))
    canvas.stroke("M460 752L520 736M520 752L460 736", "#4a3020", 12)
    canvas.path("M490 660C520 700 520 742 490 744C460 742 466 706 478 700C480 716 490 706 490 660Z", "#ffcf6e")


def tent(canvas: Canvas, x: float, y: float, scale: float, cloth: str, light: str) -> None:
    """Paint a ridge tent 300 wide that is lit from inside; (x, y) is the middle of its floor."""
    with canvas.placed(x, y, scale):
        canvas.ellipse(0, 4, 170, 14, "#1b3327", opacity=0.5)
        canvas.polygon([(-150, 0), (0, -170), (150, 0)], cloth)
        canvas.polygon([(-90, 0), (0, -170), (60, 0)], light)
        canvas.polygon([(-20, 0), (0, -150), (28, 0)], "#4a3020")
        canvas.path(points_path([(0, -170), (60, 0), (150, 0)], closed=True), "#000", opacity=0.12)
        canvas.stroke("M0 -170L-190 10M0 -170L190 10", "#f4e8d0", 2, opacity=0.7)


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "lakeside-cabins": lakeside_cabins,
    "family-cabins": family_cabins,
    "lookout-treehouse": lookout_treehouse,
    "timber-lodge": timber_lodge,
    "creekside-tents": creekside_tents,
}
