"""Desks in an old fish store on the harbour of Reykjavík: windows on boats, coloured gables and the mountain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.demo_data.drawings import scenery
from local.demo_data.drawings.canvas import WIDTH, Canvas, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INK = "#22333f"
BUOY = "#e2603d"
ICE = "#eef4f5"
PLANK = "#d8b78e"
STEEL = "#8ba3ad"
PAINTED = ("#c94f3d", "#f2f0e6", "#3f7a8c", "#e3b448", "#5f8a6a", "#f2f0e6", "#8c3f4d", "#4a6f94")


def mountain(canvas: Canvas, y: float) -> None:
    """Paint the long flat mountain across the bay, streaked with snow, with its foot at y."""
    skyline = [
        (-20, 40),
        (120, 96),
        (210, 104),
        (300, 150),
        (410, 158),
        (520, 150),
        (640, 138),
        (760, 160),
        (900, 160),
        (1020, 110),
        (1220, 60),
    ]
    canvas.polygon([(-20, y), *[(x, y - top) for x, top in skyline], (1220, y)], "#6f8a9c")
    shaded = [(300, 150), (340, 60), (420, 0), (560, 0), (500, 70), (520, 150), (410, 158)]
    canvas.polygon([(x, y - top) for x, top in shaded], "#5f7a8d")
    canvas.polygon([(760, y - 160), (820, y - 50), (900, y), (1060, y), (960, y - 60), (900, y - 160)], "#5f7a8d")
    snow = [(210, 104), (300, 150), (410, 158), (520, 150), (640, 138), (760, 160), (900, 160), (1020, 110)]
    gullies = [
        (984, 112),
        (950, 76),
        (930, 122),
        (886, 66),
        (868, 126),
        (820, 92),
        (796, 130),
        (752, 70),
        (736, 126),
        (690, 96),
        (660, 112),
    ]
    gullies += [
        (620, 64),
        (596, 116),
        (548, 88),
        (520, 124),
        (470, 58),
        (452, 128),
        (400, 96),
        (372, 130),
        (330, 74),
        (312, 124),
        (262, 86),
        (244, 104),
    ]
    canvas.polygon([(x, y - top) for x, top in [*snow, *gullies]], "#f6fafb")


def houses(canvas: Canvas, y: float, from_x: int, until_x: int, scale: float = 1) -> None:
    """Paint a row of gabled, corrugated houses that stand at y."""
    for index, x in enumerate(range(from_x, until_x, round(112 * scale))):
        with canvas.placed(x, y, scale):
            tall = 118 + (index * 37) % 46
            color = PAINTED[index % len(PAINTED)]
            canvas.polygon([(0, 0), (0, -tall), (54, -tall - 52), (108, -tall), (108, 0)], color)
            canvas.stroke("".join(f"M{at} 0V{-tall}" for at in range(12, 108, 12)), "#000", 2, opacity=0.08)
            canvas.path(
                f"M-8 {-tall + 4}L54 {-tall - 60}L116 {-tall + 4}L108 {-tall + 10}L54 {-tall - 46}L0 {-tall + 10}Z",
                "#4b5761",
            )
            panes = "".join(
                f"M{left} {top}h22v28h-22Z" for left in (20, 66) for top in (-tall + 22, -tall + 72) if top < -34
            )
            canvas.path(panes, "#dcebef")
            canvas.stroke(panes, "#fff", 3)


def boat(canvas: Canvas, x: float, y: float, scale: float, hull: str) -> None:
    """Paint a fishing boat about 240 long on the water line y."""
    with canvas.placed(x, y, scale):
        canvas.stroke("M-20 -30V-150M-20 -140L70 -34M-20 -120L-100 -34", INK, 4)
        canvas.rect(-84, -78, 70, 50, "#f6f4ec", rx=4)
        canvas.rect(-74, -68, 20, 20, "#7fb0c0")
        canvas.rect(-44, -68, 20, 20, "#7fb0c0")
        canvas.path("M-124 -34H124Q112 14 92 20H-96Q-116 8 -124 -34Z", hull)
        canvas.stroke("M-120 -22H120", "#fff", 5)


def harbour(canvas: Canvas) -> None:
    """Paint what the windows look out on."""
    canvas.rect(0, 0, WIDTH, 800, canvas.gradient("#8fc3d6", "#dcebe9", "#f7ead5"))
    scenery.cloud(canvas, 200, 150, 0.9)
    scenery.cloud(canvas, 780, 110, 0.7)
    mountain(canvas, 400)
    canvas.rect(0, 400, WIDTH, 400, canvas.gradient("#79aebb", "#3f7a8c"))
    boat(canvas, 330, 450, 0.9, BUOY)
    boat(canvas, 880, 462, 1.0, "#2f5f8a")


def window_wall(canvas: Canvas, columns: int, *, top: float = 90, foot: float = 520, wall: str = ICE) -> None:
    """Paint a wall with large steel windows on the harbour, from edge to edge."""
    canvas.rect(0, 0, WIDTH, 800, wall)
    width = (WIDTH - 80) / columns
    frames = "".join(
        f"M{number(40 + index * width + 12)} {top}h{number(width - 24)}V{foot}h-{number(width - 24)}Z"
        for index in range(columns)
    )
    with canvas.clipped(frames):
        harbour(canvas)
    canvas.stroke(frames, INK, 8, stroke_linejoin="miter")
    bars = "".join(f"M{number(40 + (index + 0.5) * width)} {top}V{foot}" for index in range(columns))
    canvas.stroke(bars + f"M52 {top + 130}H{WIDTH - 52}", INK, 4)
    canvas.rect(30, foot + 4, WIDTH - 60, 16, "#fff")


def floor(canvas: Canvas, y: float, color: str) -> None:
    """Paint a plank floor from y down."""
    canvas.rect(0, y, WIDTH, 800 - y, color)
    canvas.stroke(
        "".join(f"M{x} {y}L{600 + (x - 600) * 1.6:.0f} 800" for x in range(-60, 1300, 70)), "#000", 2, opacity=0.1
    )


def stool(canvas: Canvas, x: float, y: float, color: str) -> None:
    """Paint a desk chair from behind that stands at (x, y)."""
    canvas.stroke(f"M{x} {y - 60}V{y - 10}M{x - 30} {y}L{x} {y - 14}L{x + 30} {y}", INK, 6)
    canvas.rect(x - 34, y - 74, 68, 16, color, rx=8)
    canvas.rect(x - 30, y - 146, 60, 62, color, rx=14)
    canvas.stroke(f"M{x} {y - 88}V{y - 70}", INK, 6)


def welcome(canvas: Canvas) -> None:
    """The harbour in the morning with the fish store, its crane and boats."""
    scenery.sky(canvas, "#7db6cd", "#cfe3e6", "#fae6cf")
    scenery.sun(canvas, 930, 300, 40, "#fff4d8")
    scenery.cloud(canvas, 110, 180, 1.1)
    scenery.cloud(canvas, 620, 120, 0.8)
    mountain(canvas, 420)
    canvas.rect(0, 412, WIDTH, 120, "#7fb0bb")
    houses(canvas, 520, -30, 420, 0.9)
    houses(canvas, 520, 900, 1220, 0.9)
    canvas.polygon([(410, 530), (410, 300), (650, 190), (890, 300), (890, 530)], "#33505c")
    canvas.stroke(
        "".join(f"M{x} 530V{300 - (1 - abs(x - 650) / 240) * 110:.0f}" for x in range(426, 890, 16)),
        "#000",
        2,
        opacity=0.14,
    )
    canvas.path("M392 308L650 184L908 308L900 326L650 206L400 326Z", INK)
    panes = "".join(f"M{x} {y}h56v60h-56Z" for x in (450, 530, 714, 794) for y in (336, 430))
    canvas.path(panes, "#ffdf9c")
    canvas.stroke(
        panes + "".join(f"M{x + 28} {y}v60M{x} {y + 30}h56" for x in (450, 530, 714, 794) for y in (336, 430)),
        "#f6f4ec",
        5,
    )
    canvas.rect(612, 424, 76, 106, BUOY)
    canvas.stroke("M650 424V530", "#b8472a", 4)
    canvas.circle(650, 276, 30, "#ffdf9c", stroke="#f6f4ec", stroke_width=6)
    canvas.rect(0, 560, WIDTH, 60, "#3b4f57")
    canvas.path("M0 520H1200V566H0Z", "#b79a78")
    canvas.stroke("".join(f"M{x} 566V640" for x in range(30, 1200, 76)), "#7d654c", 16, stroke_linecap="butt")
    canvas.rect(0, 566, WIDTH, 10, "#8f7558")
    scenery.water(canvas, 600, ["#5f9dac", "#2d6477"], "#e9f6f6", count=34)
    boat(canvas, 250, 672, 1.25, BUOY)
    boat(canvas, 900, 690, 1.4, "#2f5f8a")
    canvas.circle(590, 720, 16, BUOY)
    canvas.stroke("M578 716Q590 708 602 716", "#fff", 4)


def open_desks(canvas: Canvas) -> None:
    """Long tables at the windows."""
    window_wall(canvas, 4)
    floor(canvas, 600, "#cfa878")
    for x in (200, 600, 1000):
        scenery.pendant(canvas, x, 150, BUOY, "#fff0c9")
    for y, scale, left, right in ((560, 0.8, 120, 1080), (680, 1.1, 40, 1160)):
        for x in range(left + 90, right - 40, round(170 * scale)):
            scenery.laptop(canvas, x, y, scale, "#5d6f7a", "#cfe3ea")
        canvas.rect(left, y, right - left, 18 * scale, PLANK, rx=4)
        canvas.stroke(
            f"M{left + 40} {y + 16}V{y + 110 * scale}M{right - 40} {y + 16}V{y + 110 * scale}"
            f"M{(left + right) / 2} {y + 16}V{y + 110 * scale}",
            INK,
            9,
        )
    for x in (210, 404, 592, 780, 968):
        stool(canvas, x, 800, ("#3f7a8c", BUOY)[x % 4 // 2])
    scenery.plant(canvas, 66, 640, 0.8, "#4f8a66", "#f6f4ec")


def quiet_room(canvas: Canvas) -> None:
    """Single desks with screens between them, towards the north."""
    window_wall(canvas, 2, foot=430, wall="#dfe8e6")
    floor(canvas, 640, "#b99b78")
    canvas.rect(540, 60, 120, 400, "#dfe8e6")
    for row in range(4):
        canvas.rect(548, 150 + row * 76, 104, 8, "#a98257")
        for book in range(6):
            canvas.rect(
                554 + book * 16, 104 + row * 76 + (book * 7) % 14, 12, 46 - (book * 7) % 14, PAINTED[(book + row) % 8]
            )
    for index in range(4):
        x = 60 + index * 280
        canvas.rect(x - 10, 420, 12, 230, "#7d9a8c", rx=4)
        canvas.rect(x + 238, 420, 12, 230, "#7d9a8c", rx=4)
        canvas.rect(x + 2, 440, 236, 130, "#9db7a6", rx=4)
        canvas.rect(x + 2, 568, 236, 14, PLANK)
        scenery.laptop(canvas, x + 120, 568, 0.95, "#5d6f7a", "#e6eef0")
        canvas.stroke(f"M{x + 206} 566V490L{x + 172} 470", INK, 5)
        canvas.path(f"M{x + 150} 482L{x + 170} 456L{x + 186} 476Z", "#e3b448")
        canvas.circle(x + 160, 500, 50, canvas.glow("#fff0b8", 0.5))
        stool(canvas, x + 120, 740, "#3f5f6e")


def phone_booths(canvas: Canvas) -> None:
    """Three of the six booths, one in use."""
    canvas.rect(0, 0, WIDTH, 800, "#e9e4d8")
    canvas.stroke("".join(f"M{x} 0V650" for x in range(30, 1200, 60)), "#d8d0bf", 3)
    floor(canvas, 660, "#cfa878")
    for index, (x, color) in enumerate(((90, "#3f7a8c"), (450, BUOY), (810, "#e3b448"))):
        canvas.rect(x, 110, 300, 580, color, rx=26)
        canvas.rect(x + 30, 150, 240, 510, "#24323b", rx=14)
        canvas.rect(x + 30, 150, 240, 510, canvas.gradient("#fff1cc/0.85", "#ffd98e/0.35"), rx=14)
        canvas.rect(x + 30, 440, 240, 12, "#8a6747")
        if index == 1:
            with canvas.placed(x + 168, 440):
                canvas.path("M-20 -80H20V-20H-20Z", "#c9946c")
                canvas.path("M-92 220V44Q-90 -22 -22 -34Q0 -14 22 -34Q90 -22 92 44V220Z", "#3d5a78")
                canvas.stroke("M-60 60V220M60 60V220", "#000", 3, opacity=0.18)
                canvas.ellipse(0, -92, 44, 50, "#d9a47c")
                canvas.path("M-50 -92Q-54 -150 0 -150T50 -92Q20 -120 -50 -92Z", "#4a3325")
                canvas.stroke("M-48 -96Q-56 -150 0 -152T48 -96", INK, 7)
                canvas.rect(-58, -104, 18, 34, INK, rx=8)
                canvas.rect(40, -104, 18, 34, INK, rx=8)
            scenery.laptop(canvas, x + 84, 442, 0.8, "#5d6f7a", "#cfe3ea")
        else:
            canvas.stroke(f"M{x + 150} 640V560M{x + 110} 648H{x + 190}", STEEL, 8)
            canvas.ellipse(x + 150, 556, 56, 14, "#7d9a8c")
        canvas.stroke(f"M{x + 60} 180L{x + 120} 150M{x + 60} 230L{x + 200} 160", "#fff", 6, opacity=0.4)
        canvas.rect(x + 244, 380, 10, 70, "#f6f4ec", rx=5)
        canvas.circle(x + 150, 130, 9, "#c94f3d" if index == 1 else "#7fc08a")
    scenery.plant(canvas, 1150, 720, 0.8, "#4f8a66", "#f6f4ec")


def podcast_studio(canvas: Canvas) -> None:
    """Two microphones in front of acoustic panels."""
    canvas.rect(0, 0, WIDTH, 800, "#26343d")
    for row in range(5):
        for column in range(9):
            shade = ("#2f424d", "#385060", "#2b3b45")[(row * 2 + column) % 3]
            canvas.path(f"M{60 + column * 120} {50 + row * 100}h108v88h-108Z", shade)
            canvas.path(f"M{60 + column * 120} {138 + row * 100}l54 -44l54 44Z", "#000", opacity=0.14)
    canvas.circle(600, 250, 300, canvas.glow("#ffb98e", 0.35))
    canvas.rect(500, 150, 200, 70, "#14191d", rx=14)
    canvas.stroke("M560 170V200M560 170Q590 172 590 185T560 200", BUOY, 0.1)
    canvas.circle(540, 185, 14, BUOY)
    canvas.stroke("M572 174H668M572 196H640", "#f6d9cc", 8)
    for mirrored, x in ((False, 330), (True, 870)):
        with canvas.placed(x, 560, 1.15, mirrored=mirrored):
            canvas.stroke("M-190 100V-60L-40 -190L70 -120", STEEL, 12)
            canvas.circle(-40, -190, 12, INK)
            canvas.rect(44, -150, 74, 128, "#14191d", rx=36)
            canvas.stroke("M44 -92H118M44 -70H118M44 -114H118", STEEL, 4)
            canvas.rect(56, -28, 50, 24, BUOY, rx=6)
    canvas.rect(60, 640, 1080, 36, PLANK, rx=8)
    canvas.rect(60, 676, 1080, 124, "#a98257")
    scenery.laptop(canvas, 600, 642, 1.3, "#5d6f7a", "#cfe3ea")
    canvas.stroke("M766 640a56 56 0 0 1 112 0", "#14191d", 14)
    canvas.rect(750, 606, 32, 44, BUOY, rx=12)
    canvas.rect(862, 606, 32, 44, BUOY, rx=12)
    canvas.rect(400, 600, 44, 42, ICE, rx=6)
    canvas.stroke("M444 610q20 2 18 14t-18 10", ICE, 6)


def harbour_deck(canvas: Canvas) -> None:
    """The terrace for evenings: lights on a string, northern lights over the bay."""
    scenery.sky(canvas, "#12203b", "#23476a", "#5f8aa0")
    scenery.stars(canvas, 110, 330)
    with canvas.group(filter=canvas.blur(14), opacity=0.75):
        for x, color in ((120, "#7fe3b4"), (380, "#8fe8c4"), (700, "#6fd3c0"), (960, "#7fe3b4")):
            light = f"M{x} 330C{x - 40} 240 {x + 110} 200 {x + 60} 90Q{x + 120} 40 {x + 190} 60"
            light += f"C{x + 250} 170 {x + 90} 220 {x + 150} 320Z"
            canvas.path(light, canvas.gradient(f"{color}/0.0", f"{color}/0.45", f"{color}/0.8"))
    with canvas.group(opacity=0.85):
        mountain(canvas, 440)
    canvas.rect(0, 0, WIDTH, 440, "#12203b", opacity=0.25)
    scenery.water(canvas, 440, ["#3d6f80", "#1d3f55"], "#bfe8dc", until_y=600)
    boat(canvas, 980, 520, 0.7, BUOY)
    canvas.rect(0, 590, WIDTH, 210, "#8f6f50")
    canvas.stroke("".join(f"M{x} 590L{600 + (x - 600) * 1.5:.0f} 800" for x in range(-100, 1320, 60)), "#6d5138", 4)
    canvas.stroke("M0 520H1200M0 556H1200" + "".join(f"M{x} 500V600" for x in range(50, 1200, 140)), INK, 8)
    for start, end in ((0, 400), (400, 800), (800, 1200)):
        canvas.stroke(f"M{start} 150Q{(start + end) / 2} 290 {end} 150", "#e9e4d8", 3)
        for step in range(1, 6):
            along = step / 6
            x, y = start + (end - start) * along, 150 + 280 * along * (1 - along)
            canvas.circle(x, y + 12, 34, canvas.glow("#ffd98e", 0.8))
            canvas.circle(x, y + 12, 8, "#fff1cc")
    canvas.stroke("M400 150V600M800 150V600", INK, 10)
    for x in (220, 600, 980):
        canvas.rect(x - 100, 670, 200, 16, PLANK, rx=6)
        canvas.stroke(f"M{x} 684V770M{x - 40} 776H{x + 40}", INK, 10)
        for dx in (-48, 36):
            canvas.path(f"M{x + dx - 12} 630h24l-4 40h-16Z", "#e3b448")
        canvas.rect(x - 10, 636, 20, 34, "#ffd98e", rx=6)
        canvas.circle(x, 650, 60, canvas.glow("#ffd98e", 0.7))


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "welcome": welcome,
    "open-desks": open_desks,
    "quiet-room": quiet_room,
    "phone-booths": phone_booths,
    "podcast-studio": podcast_studio,
    "harbor-deck": harbour_deck,
}
