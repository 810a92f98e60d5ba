"""What several tenants' pictures share: skies, ridges, water, trees, boats, plants."""

from __future__ import annotations

from itertools import pairwise
from math import sin
from typing import TYPE_CHECKING

from local.demo_data.drawings.canvas import HEIGHT, WIDTH, Canvas, number, smooth_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.demo_data.drawings.canvas import Point


def sky(canvas: Canvas, *colors: str) -> None:
    """Fill the picture from top to bottom."""
    canvas.rect(0, 0, WIDTH, HEIGHT, canvas.gradient(*colors))


def sun(canvas: Canvas, x: float, y: float, radius: float, color: str) -> None:
    """Paint a sun or moon with its glow."""
    canvas.circle(x, y, radius * 3.6, canvas.glow(color, 0.55))
    canvas.circle(x, y, radius, color)


def stars(canvas: Canvas, count: int, until_y: float, color: str = "#fff") -> None:
    """Sprinkle stars above `until_y`, in one path of dots."""
    random = canvas.random
    for size in (1.6, 2.6):
        spots = (f"M{random.randint(0, WIDTH)} {random.randint(0, int(until_y))}h0" for _ in range(count // 2))
        canvas.stroke("".join(spots), color, size, opacity=0.8)


def cloud(canvas: Canvas, x: float, y: float, scale: float, color: str = "#fff", opacity: float = 0.85) -> None:
    """Paint a flat-bottomed cloud about 220 wide."""
    with canvas.placed(x, y, scale):
        canvas.path(
            "M0 0a34 34 0 0 1 8-66a56 56 0 0 1 104-22a44 44 0 0 1 74 26a31 31 0 0 1 14 62z", color, opacity=opacity
        )


def ridge(
    canvas: Canvas, y: float, height: float, fill: str, *, roughness: float = 0.5, shift: float = 0
) -> list[Point]:
    """Paint hills from edge to edge down to the bottom; return their skyline.

    `roughness` adds small waves to the large ones, `shift` chooses another piece of the same hills.
    """
    skyline: list[Point] = []
    for x in range(-40, WIDTH + 81, 40):
        at = (x + shift * WIDTH) / WIDTH
        wave = sin(at * 5.1 + shift) + roughness * sin(at * 13.7 + 2 * shift) + roughness * 0.5 * sin(at * 31 + shift)
        skyline.append((x, y - height * (0.5 + wave / 3)))
    canvas.path(smooth_path(skyline) + f"V{HEIGHT}H-40Z", fill)
    return skyline


def peaks(canvas: Canvas, tops: Sequence[Point], base: float, fill: str, shade: str, snow: str | None = None) -> None:
    """Paint mountains with a lit left and a shaded right side; `snow` caps them."""
    for x, y in tops:
        height = base - y
        left, right = x - height * 1.05, x + height * 1.15
        canvas.polygon(
            [
                (left, base),
                (x - height * 0.42, y + height * 0.46),
                (x, y),
                (x + height * 0.5, y + height * 0.52),
                (right, base),
            ],
            fill,
        )
        canvas.polygon(
            [
                (x, y),
                (x + height * 0.5, y + height * 0.52),
                (right, base),
                (x + height * 0.1, base),
                (x - height * 0.06, y + height * 0.5),
            ],
            shade,
        )
        if snow:
            edge = [(-0.22, 0.24), (-0.14, 0.2), (-0.07, 0.29), (0.0, 0.21), (0.09, 0.32), (0.16, 0.21), (0.24, 0.25)]
            canvas.polygon([(x, y), *[(x + dx * height, y + dy * height) for dx, dy in edge]], snow)


def water(
    canvas: Canvas, y: float, colors: Sequence[str], ripple: str, *, count: int = 40, until_y: float = HEIGHT
) -> None:
    """Fill from `y` downwards with water; ripples grow towards the viewer."""
    canvas.rect(0, y, WIDTH, until_y - y, canvas.gradient(*colors))
    random = canvas.random
    near: list[str] = []
    far: list[str] = []
    for _ in range(count):
        depth = random.random() ** 1.4
        at_y = y + 8 + depth * (until_y - y - 14)
        length = 20 + depth * 110 * random.uniform(0.5, 1.2)
        (near if depth > 0.4 else far).append(f"M{random.randint(-40, WIDTH)} {number(at_y)}h{number(length)}")
    canvas.stroke("".join(far), ripple, 2, opacity=0.4)
    canvas.stroke("".join(near), ripple, 3.5, opacity=0.35)


def pine_stencil(canvas: Canvas, name: str, dark: str, light: str, trunk: str | None = None) -> None:
    """Define a pine of height 200 that stands on its origin; without a trunk for the middle of a forest."""
    with canvas.stencil(name):
        if trunk:
            canvas.rect(-6, -34, 12, 36, trunk)
        tiers = [(-28, 62, 92), (-74, 50, 78), (-116, 38, 62), (-152, 26, 50)]
        canvas.path(
            "".join(f"M{-half} {y}L0 {y - rise}L{half} {y}Q0 {y + 14} {-half} {y}Z" for y, half, rise in tiers), dark
        )
        canvas.path("".join(f"M{-half} {y}L0 {y - rise}L{-half * 0.12:.0f} {y + 4}Z" for y, half, rise in tiers), light)


def pines(canvas: Canvas, name: str, spots: Sequence[tuple[float, float, float]]) -> None:
    """Paint pines (x, foot y, scale) from back to front."""
    for x, y, scale in sorted(spots, key=lambda spot: spot[1]):
        canvas.stamp(name, x, y, scale)


def pine_row(canvas: Canvas, name: str, skyline: Sequence[Point], scale: float) -> None:
    """Grow pines along a skyline as `ridge` returned it."""
    random = canvas.random
    for (x, y), (next_x, next_y) in pairwise(skyline):
        for along in (random.uniform(0, 0.5), random.uniform(0.5, 1)):
            foot = y + (next_y - y) * along + 26 * scale + 8
            canvas.stamp(name, x + (next_x - x) * along, foot, scale * random.uniform(0.75, 1.2))


def plant(canvas: Canvas, x: float, y: float, scale: float, leaf: str, pot: str) -> None:
    """Paint a potted plant about 150 high that stands at (x, y)."""
    with canvas.placed(x, y, scale):
        for angle, length in ((-58, 74), (-32, 98), (-8, 112), (18, 104), (44, 86), (66, 62)):
            with canvas.group(transform=f"translate(0 -52) rotate({angle})"):
                canvas.path(
                    f"M0 0C-20 {-length * 0.4:.0f} -14 {-length * 0.85:.0f} 0 {-length}"
                    f"C14 {-length * 0.85:.0f} 20 {-length * 0.4:.0f} 0 0Z",
                    leaf,
                )
        canvas.path("M-34 -58H34L26 0H-26Z", pot)


def pendant(canvas: Canvas, x: float, until_y: float, shade: str, light: str, scale: float = 1) -> None:
    """Hang a lamp from the ceiling down to `until_y`."""
    canvas.line([(x, 0), (x, until_y - 40 * scale)], shade, 3)
    canvas.circle(x, until_y, 120 * scale, canvas.glow(light, 0.5))
    with canvas.placed(x, until_y, scale):
        canvas.path("M-46 0Q-42 -44 0 -46Q42 -44 46 0Z", shade)
        canvas.ellipse(0, 0, 46, 7, light)


def laptop(canvas: Canvas, x: float, y: float, scale: float, body: str, screen: str) -> None:
    """Stand an open laptop with its foot at (x, y), seen from the front."""
    with canvas.placed(x, y, scale):
        canvas.rect(-48, -68, 96, 62, body, rx=5)
        canvas.rect(-42, -62, 84, 50, screen, rx=2)
        canvas.path("M-60 -6H60L54 2H-54Z", body)


def person(canvas: Canvas, x: float, y: float, scale: float, cloth: str, skin: str, hair: str) -> None:
    """Paint a standing hiker of height 200 from behind, with a backpack."""
    with canvas.placed(x, y, scale):
        canvas.path("M-22 -84L-26 0H-8L-2 -70L8 0H26L22 -84Z", "#2d2f3a")
        canvas.path("M-30 -150Q0 -168 30 -150L34 -76H-34Z", cloth)
        canvas.rect(-22, -150, 44, 64, hair, rx=14)
        canvas.rect(-18, -114, 36, 22, "#fff", rx=6, opacity=0.18)
        canvas.circle(0, -178, 19, skin)
        canvas.path("M-21 -178a21 21 0 0 1 42 0q-21 -10 -42 0Z", hair)
