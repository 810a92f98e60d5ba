"""Floor plans, drawn to the seat: as many chairs as people may come; and the centre itself on its headland."""

from __future__ import annotations

from math import asin, cos, pi, sin
from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import WIDTH, Canvas, number, points_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from local.demo_data.drawings.canvas import Point

INK = "#1f3a4d"
PAPER = "#f6f1e4"
GRID = "#e7dfcb"
RED = "#c8452f"
TABLE = "#d9b98a"
SEA = "#a9cdd4"
CARPET = "#fffdf6"


def sheet(canvas: Canvas) -> None:
    """Paint the drawing paper with its grid."""
    canvas.rect(0, 0, WIDTH, 800, PAPER)
    lines = "".join(f"M{x} 0V800" for x in range(40, WIDTH, 40)) + "".join(
        f"M0 {y}H{WIDTH}" for y in range(40, 800, 40)
    )
    canvas.stroke(lines, GRID, 1.5)


def room(canvas: Canvas, x: float, y: float, width: float, height: float, *, door: float, carpet: str = CARPET) -> None:
    """Paint a room's walls, a window front on its upper wall, and a door at `door` along its lower one."""
    canvas.rect(x + 10, y + 14, width, height, "#000", opacity=0.08)
    canvas.rect(x, y, width, height, carpet)
    walls = [
        (x + door + 70, y + height),
        (x + width, y + height),
        (x + width, y),
        (x, y),
        (x, y + height),
        (x + door, y + height),
    ]
    canvas.line(walls, INK, 14, stroke_linecap="butt", stroke_linejoin="miter")
    canvas.stroke(f"M{x + 60} {y}H{x + width - 60}", SEA, 8, stroke_linecap="butt")
    canvas.stroke(f"M{x + door} {y + height}v-70a70 70 0 0 1 70 70", INK, 3, stroke_dasharray="2 8")


def chairs(canvas: Canvas, seats: Sequence[Point], size: float = 18, color: str = INK) -> None:
    """Paint one chair at each place, all in one path."""
    half = size / 2
    one = f"m{number(-half)} {number(-half)}h{number(size)}v{number(size)}h-{number(size)}z"
    canvas.path(
        "".join(f"M{number(x)} {number(y)}{one}" for x, y in seats),
        color,
        stroke=color,
        stroke_width=5,
        stroke_linejoin="round",
    )


def rows(left: float, top: float, columns: int, lines: int, across: float, down: float) -> list[Point]:
    """Return places in straight rows."""
    return [(left + column * across, top + line * down) for line in range(lines) for column in range(columns)]


def screen(canvas: Canvas, x: float, y: float, width: float) -> None:
    """Paint a projection screen on the upper wall and its throw of light."""
    canvas.polygon(
        [(x, y + 14), (x + width, y + 14), (x + width * 0.62, y + 150), (x + width * 0.38, y + 150)], RED, opacity=0.08
    )
    canvas.rect(x, y + 8, width, 10, RED)


def table(canvas: Canvas, x: float, y: float, width: float, height: float, rounded: float = 10) -> None:
    """Paint a table top by its upper left corner."""
    canvas.rect(x, y, width, height, TABLE, rx=rounded, stroke="#b8935f", stroke_width=3)


def scale_bar(canvas: Canvas) -> None:
    """Paint the bar of a plan's scale and the north arrow."""
    canvas.stroke("M60 752H140M220 752H300", INK, 8, stroke_linecap="butt")
    canvas.stroke("M140 752H220", INK, 2)
    canvas.stroke("M60 740V764M140 740V764M220 740V764M300 740V764", INK, 3)
    canvas.circle(1130, 730, 34, "none", stroke=INK, stroke_width=4)
    canvas.path("M1130 690L1146 742L1130 730L1114 742Z", RED)


def cape_spear_hall(canvas: Canvas) -> None:
    """240 seats in curved rows before a stage."""
    sheet(canvas)
    room(canvas, 160, 50, 880, 640, door=405)
    canvas.path("M380 57H820V130Q600 196 380 130Z", TABLE, stroke="#b8935f", stroke_width=3)
    canvas.rect(570, 84, 60, 26, RED, rx=4)
    canvas.rect(420, 62, 360, 8, RED)
    seats: list[Point] = []
    for line, count in enumerate((14, 16, 20, 22, 24, 26, 28, 30, 30, 30)):
        radius = 210 + line * 41
        aisle = 34 / radius
        half = (count + 1) // 2
        spread = min(0.85, asin(405 / (radius * 1.06)) if radius > 382 else 0.85)
        for side, places in ((-1, half), (1, count - half)):
            for place in range(places):
                angle = side * (aisle + (spread - aisle) * (place + 0.5) / places)
                seats.append((600 + radius * 1.06 * sin(angle), 20 + radius * cos(angle) * 1.02))
    chairs(canvas, seats, 12)
    scale_bar(canvas)


def bonavista_room(canvas: Canvas) -> None:
    """Ten round tables of eight."""
    sheet(canvas)
    room(canvas, 140, 70, 920, 590, door=420)
    screen(canvas, 440, 70, 320)
    seats: list[Point] = []
    for index in range(10):
        x = 250 + (index % 5) * 175
        y = 280 + (index // 5) * 215
        seats += [
            (x + 68 * cos(2 * pi * place / 8 + 0.39), y + 68 * sin(2 * pi * place / 8 + 0.39)) for place in range(8)
        ]
        canvas.circle(x, y, 50, TABLE, stroke="#b8935f", stroke_width=3)
    chairs(canvas, seats, 15)
    scale_bar(canvas)


def cape_race_room(canvas: Canvas) -> None:
    """Five rows of four double desks, as in a classroom."""
    sheet(canvas)
    room(canvas, 210, 70, 780, 590, door=700)
    screen(canvas, 440, 70, 320)
    table(canvas, 540, 190, 120, 36)
    for line in range(5):
        for left in (280, 450, 630, 800):
            table(canvas, left, 290 + line * 70, 120, 24, 6)
    seats = [(left + dx, 334 + line * 70) for line in range(5) for left in (280, 450, 630, 800) for dx in (30, 90)]
    chairs(canvas, seats, 15)
    scale_bar(canvas)


def signal_room(canvas: Canvas) -> None:
    """A horseshoe of 24."""
    sheet(canvas)
    room(canvas, 230, 80, 740, 570, door=655)
    screen(canvas, 470, 80, 260)
    canvas.path("M340 240H420V500H780V240H860V580H340Z", TABLE, stroke="#b8935f", stroke_width=3)
    seats = [(312, 262 + 43 * place) for place in range(8)] + [(888, 262 + 43 * place) for place in range(8)]
    seats += [(390 + 60 * place, 608) for place in range(8)]
    chairs(canvas, seats, 18)
    canvas.circle(600, 350, 46, SEA, opacity=0.5)
    scale_bar(canvas)


def quidi_vidi_boardroom(canvas: Canvas) -> None:
    """One long oval table for 14."""
    sheet(canvas)
    room(canvas, 250, 110, 700, 500, door=60, carpet="#f3ede0")
    canvas.rect(330, 200, 540, 320, "#d7e5e4", rx=20)
    canvas.rect(400, 280, 400, 160, TABLE, rx=80, stroke="#b8935f", stroke_width=3)
    seats = [(450 + 60 * place, y) for place in range(6) for y in (252, 468)] + [(368, 360), (832, 360)]
    chairs(canvas, seats, 22)
    canvas.stroke("M480 360H720", "#b8935f", 3)
    canvas.rect(918, 250, 16, 220, RED)
    table(canvas, 270, 130, 44, 180)
    scale_bar(canvas)


def fogo_room(canvas: Canvas) -> None:
    """A round table for 8 and a corner with a whiteboard."""
    sheet(canvas)
    room(canvas, 330, 110, 540, 500, door=400)
    canvas.circle(560, 370, 92, TABLE, stroke="#b8935f", stroke_width=3)
    seats = [(560 + 126 * cos(2 * pi * place / 8), 370 + 126 * sin(2 * pi * place / 8)) for place in range(8)]
    chairs(canvas, seats, 22)
    canvas.rect(340, 260, 12, 220, RED)
    for x, y in ((800, 180), (800, 250)):
        canvas.circle(x, y, 26, "#6f9f80")
        canvas.stroke(
            f"M{x - 16} {y}H{x + 16}M{x} {y - 16}V{y + 16}M{x - 11} {y - 11}L{x + 11} {y + 11}M{x + 11} {y - 11}"
            f"L{x - 11} {y + 11}",
            "#4f7f62",
            4,
        )
    scale_bar(canvas)


def lighthouse(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """Paint a striped lighthouse 260 high that stands at (x, y)."""
    with canvas.placed(x, y, scale):
        canvas.path("M-40 0L-26 -190H26L40 0Z", "#fbf7ec")
        canvas.path("M-36.500 -48L-33.500 -96H33.500L36.500 -48ZM-30 -140L-26 -190H26L30 -140Z", RED)
        canvas.path("M8 0L6 -190H26L40 0Z", "#000", opacity=0.1)
        canvas.rect(-36, -200, 72, 12, INK)
        canvas.rect(-20, -240, 40, 40, "#fff0b8")
        canvas.stroke("M-20 -240V-200M0 -240V-200M20 -240V-200", INK, 4)
        canvas.path("M-28 -240Q0 -282 28 -240Z", RED)
        canvas.circle(0, -220, 110, canvas.glow("#fff0b8", 0.8))


def welcome(canvas: Canvas) -> None:
    """The glass front on the rock, the lighthouse behind, an iceberg passing."""
    scenery.sky(canvas, "#86b8cb", "#d5e6e3", "#f9ead0")
    scenery.cloud(canvas, 120, 170, 1.2)
    scenery.cloud(canvas, 700, 110, 0.8)
    scenery.water(canvas, 470, ["#7fb2be", "#2f6f86"], "#eef8f8", until_y=800)
    canvas.polygon([(60, 486), (110, 380), (150, 410), (190, 330), (240, 400), (280, 392), (330, 486)], "#f4fafb")
    canvas.polygon([(190, 330), (240, 400), (280, 392), (330, 486), (210, 486), (220, 410)], "#cfe3e8")
    canvas.path("M380 800Q420 640 520 610Q560 560 640 560L1200 540V800Z", "#6b6a63")
    canvas.path("M480 800Q540 680 640 640L760 800ZM820 620L900 800H1010L960 610Z", "#7d7b72")
    canvas.path("M500 616Q560 556 650 556L1200 530V566Q900 570 700 590Q580 600 500 640Z", "#8fa76a")
    lighthouse(canvas, 1080, 540, 1.15)
    canvas.polygon([(560, 570), (560, 330), (960, 290), (960, 556)], INK)
    for column in range(7):
        left, right = 574 + column * 55, 574 + column * 55 + 45
        for row in range(3):
            top = 348 + row * 74
            lift = [(at - 560) * 0.1 for at in (left, right)]
            corners = [
                (left, top - lift[0]),
                (right, top - lift[1]),
                (right, top + 58 - lift[1] * 0.6),
                (left, top + 58 - lift[0] * 0.6),
            ]
            canvas.path(points_path(corners, closed=True), "#ffe2a0" if (column + row * 2) % 3 else "#bcdbe2")
    canvas.polygon([(536, 336), (984, 290), (984, 272), (536, 316)], "#fbf7ec")
    canvas.polygon([(730, 562), (730, 480), (800, 476), (800, 560)], RED)
    for x, color in ((620, "#c8452f"), (660, "#f1b94a"), (880, "#3f7a8c")):
        canvas.stroke(f"M{x} 570V470", INK, 4)
        canvas.path(f"M{x} 470Q{x + 22} 462 {x + 44} 474V500Q{x + 22} 490 {x} 498Z", color)


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "cape-spear-hall": cape_spear_hall,
    "bonavista-room": bonavista_room,
    "cape-race-room": cape_race_room,
    "signal-room": signal_room,
    "quidi-vidi-boardroom": quidi_vidi_boardroom,
    "fogo-room": fogo_room,
}
