"""Portraits of tutors in flat colours, each before signs of the subject, and a desk with a lesson on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import WIDTH, Canvas, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PLUM = "#4b2a55"
CREAM = "#fdf4e3"


@dataclass(frozen=True)
class Likeness:
    """What makes one portrait."""

    skin: str
    shade: str
    hair: str
    cloth: str
    collar: str
    ground: tuple[str, str]


def backdrop(canvas: Canvas, likeness: Likeness) -> None:
    """Paint the wall and the disc behind the head."""
    canvas.rect(0, 0, WIDTH, 800, canvas.gradient(*likeness.ground))
    canvas.circle(600, 410, 330, "#fff", opacity=0.28)
    canvas.circle(600, 410, 270, "#fff", opacity=0.3)


def bust(canvas: Canvas, likeness: Likeness) -> None:
    """Paint shoulders, neck and face; hair comes before and after."""
    canvas.path("M300 800C306 640 420 600 530 580H670C780 600 894 640 900 800Z", likeness.cloth)
    canvas.path("M546 500H654V590Q600 650 546 590Z", likeness.shade)
    canvas.path("M520 582Q600 690 680 582L706 592Q600 740 494 592Z", likeness.collar)
    canvas.path(
        "M480 350C480 250 530 210 600 210S720 250 720 350C720 460 664 536 600 536S480 460 480 350Z", likeness.skin
    )
    canvas.ellipse(478, 380, 18, 30, likeness.skin)
    canvas.ellipse(722, 380, 18, 30, likeness.skin)
    canvas.ellipse(552, 372, 9, 11, "#2b2230")
    canvas.ellipse(648, 372, 9, 11, "#2b2230")
    canvas.stroke("M530 338Q552 324 574 338M626 338Q648 324 670 338", likeness.hair, 7)
    canvas.stroke("M600 380Q590 420 598 428H612", likeness.shade, 6)
    canvas.path("M556 460Q600 512 644 460Q600 474 556 460Z", "#fff")
    canvas.stroke("M552 458Q600 514 648 458", "#8a3f44", 6)
    canvas.ellipse(520, 428, 24, 14, "#d9605a", opacity=0.22)
    canvas.ellipse(680, 428, 24, 14, "#d9605a", opacity=0.22)


def glasses(canvas: Canvas, color: str) -> None:
    """Put round glasses on."""
    canvas.stroke(
        "M510 374a42 40 0 1 0 84 0a42 40 0 1 0 -84 0M606 374a42 40 0 1 0 84 0a42 40 0 1 0 -84 0M594 368"
        "Q600 362 606 368M510 368L482 360M690 368L718 360",
        color,
        6,
    )


def book(canvas: Canvas, x: float, y: float, scale: float, color: str, turned: float = 0) -> None:
    """Paint an open book."""
    with canvas.placed(x, y, scale, turned=turned):
        canvas.path("M0 0Q-60 -30 -120 -8V72Q-60 50 0 80Q60 50 120 72V-8Q60 -30 0 0Z", color)
        canvas.path("M0 6Q-56 -22 -110 -4V60Q-56 42 0 70Z", "#fff")
        canvas.path("M0 6Q56 -22 110 -4V60Q56 42 0 70Z", "#fff", opacity=0.85)
        canvas.stroke(
            "M-90 14Q-56 6 -20 22M-90 34Q-56 26 -20 42M90 14Q56 6 20 22M90 34Q56 26 20 42", color, 4, opacity=0.6
        )


def atom(canvas: Canvas, x: float, y: float, radius: float, color: str) -> None:
    """Paint a nucleus with three orbits."""
    for turned in (0, 60, 120):
        canvas.ellipse(
            x,
            y,
            radius,
            radius * 0.36,
            "none",
            stroke=color,
            stroke_width=6,
            transform=f"rotate({turned} {number(x)} {number(y)})",
        )
    canvas.circle(x, y, radius * 0.14, color)
    canvas.circle(x + radius, y, 9, color)


def hexagon(x: float, y: float, radius: float) -> str:
    """Return the path of a hexagon, as chemists draw rings."""
    corners = [
        (x + radius * cos(radians(60 * step + 30)), y + radius * sin(radians(60 * step + 30))) for step in range(6)
    ]
    return "M" + "L".join(f"{number(at_x)} {number(at_y)}" for at_x, at_y in corners) + "Z"


def amara_okafor(canvas: Canvas) -> None:
    """Mathematics: a curve, a circle in a square, pi."""
    likeness = Likeness("#8d5a3c", "#744730", "#231815", "#d9512c", "#fbe7c6", ("#f7c768", "#f2a65a"))
    backdrop(canvas, likeness)
    canvas.stroke("M60 640V420M40 620H330M60 600Q130 600 170 520T310 440", PLUM, 8, opacity=0.75)
    canvas.stroke(
        "M950 150H1120V320H950ZM950 235a85 85 0 1 0 170 0a85 85 0 1 0 -170 0M950 150L1120 320", PLUM, 7, opacity=0.75
    )
    canvas.stroke(
        "M100 170Q120 140 150 146H260M160 148Q160 230 130 262M218 148V236Q220 262 246 256", PLUM, 16, opacity=0.75
    )
    canvas.stroke("M960 560h120M1020 500v120M960 680h120", PLUM, 10, opacity=0.55)
    for x, y, radius in (
        (460, 300, 92),
        (500, 210, 96),
        (600, 170, 110),
        (700, 210, 96),
        (740, 300, 92),
        (446, 390, 74),
        (754, 390, 74),
    ):
        canvas.circle(x, y, radius, likeness.hair)
    bust(canvas, likeness)
    canvas.path("M478 330Q490 230 600 226T722 330Q700 268 600 262T478 330Z", likeness.hair)
    canvas.circle(474, 428, 12, "#f2c14e")
    canvas.circle(726, 428, 12, "#f2c14e")


def tomasz_zielinski(canvas: Canvas) -> None:
    """Physics: an atom, a pendulum, a wave."""
    likeness = Likeness("#f0c8a6", "#d9ab86", "#5a3a26", "#2f5f7a", "#e9eef0", ("#8fc7c4", "#5a9fa8"))
    backdrop(canvas, likeness)
    atom(canvas, 190, 240, 110, "#1f4556")
    canvas.stroke("M1000 110H1130M1065 110L1120 290M1065 110V300M1010 300Q1065 330 1120 300", "#1f4556", 6, opacity=0.8)
    canvas.circle(1124, 306, 26, "#1f4556")
    canvas.stroke("M50 600q40 -100 80 0t80 0t80 0", "#1f4556", 9, opacity=0.75)
    canvas.stroke("M930 640q30 -80 60 0t60 0t60 0t60 0", "#1f4556", 9, opacity=0.55)
    bust(canvas, likeness)
    canvas.path(
        "M474 350C456 230 520 176 610 180C690 170 742 236 726 350C716 300 700 280 680 268"
        "C620 282 560 274 520 262C494 286 484 310 474 350Z",
        likeness.hair,
    )
    canvas.path(
        "M482 400C486 500 540 552 600 552S714 500 718 400C706 440 690 452 664 448Q600 430 536 448"
        "C510 452 494 440 482 400ZM556 464Q600 450 644 464Q640 500 600 500T556 464Z",
        likeness.hair,
        fill_rule="evenodd",
    )
    canvas.path("M560 468Q600 496 640 468Q600 478 560 468Z", "#fff")


def priya_raman(canvas: Canvas) -> None:
    """Chemistry and biology: rings, a flask, leaves."""
    likeness = Likeness("#c68a5e", "#aa7048", "#1f1a1d", "#2f7d6b", "#f7d774", ("#c9e2b8", "#8fc49a"))
    backdrop(canvas, likeness)
    rings = hexagon(150, 190, 62) + hexagon(257, 190, 62) + hexagon(204, 283, 62)
    canvas.stroke(rings + "M96 160L50 134M311 160L356 134", "#245a48", 8, opacity=0.8)
    canvas.path(
        "M1010 130H1090M1026 130V220L960 350Q956 376 984 376H1116Q1144 376 1140 350L1074 220V130", "#fff", opacity=0.5
    )
    canvas.path("M992 300H1108L1134 350Q1138 370 1116 370H984Q962 370 966 350Z", "#d9512c", opacity=0.85)
    canvas.stroke(
        "M1006 130H1094M1026 130V220L960 350Q956 376 984 376H1116Q1144 376 1140 350L1074 220V130", "#245a48", 8
    )
    for x, y, mirrored in ((130, 620, False), (1050, 620, True)):
        with canvas.placed(x, y, 1.2, mirrored=mirrored):
            canvas.stroke("M0 80Q10 -20 70 -80", "#245a48", 6)
            canvas.path(
                "M8 30Q-50 20 -60 -30Q0 -30 8 30ZM22 -20Q80 -20 96 20Q40 36 22 -20ZM44 -52Q6 -90 20 -130"
                "Q60 -104 44 -52Z",
                "#3f8a63",
            )
    canvas.path(
        "M452 360C430 220 500 160 600 160S770 220 748 360C760 470 792 560 764 690Q700 730 660 600H540"
        "Q500 730 436 690C408 560 440 470 452 360Z",
        likeness.hair,
    )
    bust(canvas, likeness)
    canvas.path(
        "M476 360C474 260 540 206 600 206S726 260 724 360C716 290 660 262 604 226C546 262 484 290 476 360Z",
        likeness.hair,
    )


def callum_fraser(canvas: Canvas) -> None:
    """English and history: books, a quill."""
    likeness = Likeness("#f3cdb2", "#dcae90", "#b4532a", "#5b3f74", "#f4eee2", ("#e9c7d8", "#c797b8"))
    backdrop(canvas, likeness)
    book(canvas, 190, 220, 1.1, PLUM, turned=-8)
    book(canvas, 1020, 600, 1.0, PLUM, turned=7)
    with canvas.placed(1050, 260, 1.1):
        canvas.path("M-90 110C-80 0 0 -110 90 -140C100 -50 30 60 -60 84Z", "#fff", opacity=0.9)
        canvas.stroke("M-110 150Q-40 20 80 -130", PLUM, 6)
    for index, color in enumerate(("#d9512c", "#2f7d6b", "#f2c14e", "#3d6f94")):
        canvas.rect(90 + (index * 13) % 30, 560 + index * 44, 220 - (index * 23) % 40, 40, color, rx=5)
        canvas.rect(112 + (index * 13) % 30, 560 + index * 44, 14, 40, "#fff", opacity=0.5)
    bust(canvas, likeness)
    canvas.path(
        "M474 346C452 250 486 190 560 176C600 150 690 166 716 212C744 250 738 300 726 346"
        "C716 300 706 272 676 256C620 274 560 252 528 250C500 270 486 300 474 346Z",
        likeness.hair,
    )
    canvas.path("M528 250C540 214 620 190 690 230C640 260 580 262 528 250Z", "#c9683c")
    glasses(canvas, "#3a2a44")


def mei_ling_chow(canvas: Canvas) -> None:
    """Mandarin: a lantern, a brush stroke, speech."""
    likeness = Likeness("#efc9a9", "#d6a888", "#1d1b22", "#b23a48", "#f9ebd8", ("#f6b8a0", "#e88a7d"))
    backdrop(canvas, likeness)
    canvas.path(
        "M60 130H230Q260 130 260 160V250Q260 280 230 280H170L120 326V280H60Q30 280 30 250V160Q30 130 60 130Z",
        PLUM,
        opacity=0.8,
    )
    canvas.stroke("M86 180H204M86 214H204M86 248H150", "#fff", 9, opacity=0.85)
    with canvas.placed(150, 560, turned=38):
        canvas.rect(-9, -190, 18, 150, "#8a5a34", rx=8)
        canvas.rect(-13, -50, 26, 20, "#f2c14e")
        canvas.path("M-14 -30H14Q20 10 0 44Q-20 10 -14 -30Z", PLUM)
    canvas.path(
        "M930 130H1120Q1150 130 1150 160V270Q1150 300 1120 300H1010L960 350V300H930Q900 300 900 270V160"
        "Q900 130 930 130Z",
        "#fff",
        opacity=0.85,
    )
    canvas.stroke("M1025 160V268M972 196H1078V232H972Z", PLUM, 12, stroke_linecap="square", stroke_linejoin="miter")
    canvas.stroke("M60 680C140 600 240 650 320 610", PLUM, 22, opacity=0.7)
    canvas.stroke("M900 640C990 600 1080 660 1150 590", PLUM, 14, opacity=0.5)
    canvas.path(
        "M440 500C410 260 490 150 600 150S790 260 760 500C756 560 740 600 720 610L700 330H500L480 610"
        "C460 600 444 560 440 500Z",
        likeness.hair,
    )
    bust(canvas, likeness)
    canvas.path(
        "M470 392C466 250 520 190 600 190S734 250 730 392C722 340 712 310 706 296H494C488 310 478 340 470 392Z",
        likeness.hair,
    )


def samuel_adeyemi(canvas: Canvas) -> None:
    """Computing: brackets, a circuit, a cursor."""
    likeness = Likeness("#6b4430", "#553425", "#17120f", "#3d4f8f", "#dfe6f5", ("#b9c4ec", "#8595d3"))
    backdrop(canvas, likeness)
    canvas.stroke("M160 150L90 220L160 290M260 150L330 220L260 290M232 140L190 300", "#27305e", 14, opacity=0.85)
    canvas.rect(930, 140, 210, 150, "#27305e", rx=14)
    canvas.stroke("M960 180H1030M960 212H1080M960 244H1010", "#b9f0c4", 9)
    canvas.rect(1026, 236, 16, 20, "#fff")
    canvas.stroke("M60 560H160L200 600V700M60 640H130L150 660M320 560V620L270 670V720", "#27305e", 7, opacity=0.6)
    canvas.stroke("M1140 540H1050L1010 590V700M1140 620H1090L1070 650V720M940 560V620", "#27305e", 7, opacity=0.6)
    for x, y in ((60, 560), (60, 640), (320, 560), (1140, 540), (1140, 620), (940, 560)):
        canvas.circle(x, y, 12, "#27305e")
    bust(canvas, likeness)
    canvas.path(
        "M476 340C470 230 530 184 600 184S730 230 724 340Q716 270 684 250Q600 232 516 250Q484 270 476 340Z",
        likeness.hair,
    )
    canvas.path(
        "M482 392Q484 446 510 490Q548 540 600 540T690 490Q716 446 718 392Q708 470 668 488Q640 500 600 500"
        "T532 488Q492 470 482 392Z",
        likeness.hair,
    )
    glasses(canvas, "#e9d9a8")


def welcome(canvas: Canvas) -> None:
    """A desk in the evening with a lesson on the screen."""
    canvas.rect(0, 0, WIDTH, 800, canvas.gradient("#5b3766", "#3c2147"))
    canvas.rect(110, 90, 240, 300, "#fff", opacity=0.9)
    canvas.rect(124, 104, 212, 272, canvas.gradient("#22335e", "#7a6a9f"))
    canvas.stroke("M160 150h0M220 180h0M290 140h0M260 220h0M180 230h0M310 200h0", "#fff", 5)
    canvas.circle(280, 300, 34, "#fdf0c8")
    canvas.stroke("M230 104V376M124 240H336", "#fff", 8)
    canvas.rect(880, 130, 250, 12, "#c79a6b")
    canvas.rect(880, 290, 250, 12, "#c79a6b")
    for index in range(9):
        tall = 70 + (index * 29) % 44
        canvas.rect(
            892 + index * 25, 130 - tall, 20, tall, ("#f2a65a", "#8fc49a", "#d9512c", "#8fc7c4", "#fdf4e3")[index % 5]
        )
        canvas.rect(
            892 + index * 25, 290 - tall, 20, tall, ("#e9c7d8", "#f2c14e", "#5a9fa8", "#fdf4e3", "#d9512c")[index % 5]
        )
    canvas.circle(600, 380, 480, canvas.glow("#f7c768", 0.35))
    canvas.rect(360, 210, 480, 330, "#231a2b", rx=18)
    canvas.rect(378, 228, 444, 294, CREAM)
    canvas.path("M560 540H640L660 610H540Z", "#3a2f45")
    canvas.rect(500, 604, 200, 16, "#3a2f45", rx=8)
    with canvas.clipped("M378 228H822V522H378Z"):
        canvas.rect(378, 228, 300, 294, "#f2a65a")
        with canvas.placed(338, 240, 0.34):
            likeness = Likeness("#8d5a3c", "#744730", "#231815", "#d9512c", "#fbe7c6", ("#f7c768", "#f2a65a"))
            for x, y, radius in ((470, 290, 90), (600, 180, 120), (730, 290, 90)):
                canvas.circle(x, y, radius, likeness.hair)
            bust(canvas, likeness)
            canvas.path("M478 330Q490 230 600 226T722 330Q700 268 600 262T478 330Z", likeness.hair)
        canvas.stroke("M712 480V300M700 466H806M712 450Q740 450 756 400T800 320", PLUM, 6)
        canvas.stroke("M712 268H796M712 250H770", PLUM, 6, opacity=0.6)
    canvas.rect(0, 620, WIDTH, 180, "#c79a6b")
    canvas.rect(0, 620, WIDTH, 16, "#deb485")
    book(canvas, 250, 690, 1.2, "#d9512c")
    canvas.rect(760, 680, 220, 84, "#fdf4e3", rx=4, transform="rotate(-4 870 720)")
    canvas.stroke("M790 714l150 -10M792 736l110 -8", PLUM, 5, opacity=0.6)
    canvas.stroke("M960 760L1060 690", "#f2c14e", 12)
    canvas.path("M1030 560H1110L1100 640H1040Z", "#5a9fa8")
    canvas.stroke("M1108 576q34 4 28 28t-34 16", "#5a9fa8", 9)
    canvas.stroke("M1052 540q-12 -22 2 -40M1080 540q-12 -22 2 -40", "#fff", 5, opacity=0.5)
    scenery.plant(canvas, 120, 640, 1.0, "#5f9f7a", "#f2a65a")


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "amara-okafor": amara_okafor,
    "tomasz-zielinski": tomasz_zielinski,
    "priya-raman": priya_raman,
    "callum-fraser": callum_fraser,
    "mei-ling-chow": mei_ling_chow,
    "samuel-adeyemi": samuel_adeyemi,
}
