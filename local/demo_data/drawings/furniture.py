"""What furnishes a room of the palace: tall windows, beds, lamps, armchairs, a chandelier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.demo_data.drawings.canvas import Canvas, number

if TYPE_CHECKING:
    from collections.abc import Callable

NAVY = "#1f3157"
GOLD = "#c9a45c"
LINEN = "#fbf6ec"
WOOD = "#7a5238"


def french_window(
    canvas: Canvas, x: float, width: float, view: Callable[[Canvas], None], curtain: str, shift: float = 0
) -> None:
    """Paint a tall window with a balcony and curtains; `shift` moves the view sideways."""
    top, foot = 130, 590
    arch = f"M{x} {foot}V{top + 70}Q{x} {top} {x + width / 2} {top}T{x + width} {top + 70}V{foot}Z"
    with canvas.clipped(arch), canvas.placed(shift, 0):
        view(canvas)
    canvas.stroke(arch, LINEN, 14)
    canvas.stroke(f"M{x + width / 2} {top}V{foot}M{x} {top + 110}H{x + width}M{x} {top + 290}H{x + width}", LINEN, 7)
    bars = "".join(f"M{number(x + 12 + step * (width - 24) / 8)} 490V{foot}" for step in range(9))
    canvas.stroke(f"M{x + 6} 490H{x + width - 6}{bars}", NAVY, 4)
    canvas.rect(x - 70, top - 34, width + 140, 10, GOLD, rx=5)
    for left, folded in ((x - 62, x - 10), (x + width + 62, x + width + 10)):
        canvas.path(
            f"M{left} {top - 26}H{(left + folded) / 2 + (folded - left) * 0.9}"
            f"Q{folded} 380 {(left * 2 + folded) / 3} 450Q{folded} 540 {folded} 628H{left}Z",
            curtain,
        )
        canvas.stroke(
            f"M{(left + folded) / 2} {top - 20}Q{(left + folded) / 2} 330 {(left * 2 + folded) / 3} 450"
            f"Q{(left + folded) / 2} 560 {(left + folded) / 2} 624",
            "#000",
            3,
            opacity=0.12,
        )


def bed(canvas: Canvas, x: float, width: float, head: str, throw: str, y: float = 700) -> None:
    """Paint a made bed from its foot end; (x, y) is the middle of its front edge."""
    half = width / 2
    canvas.path(
        f"M{x - half - 16} {y}V{y - 220}Q{x - half} {y - 290} {x} {y - 300}T{x + half + 16} {y - 220}V{y}Z", head
    )
    canvas.stroke(
        f"M{x - half + 8} {y - 150}V{y - 214}Q{x - half + 20} {y - 262} {x} {y - 270}T{x + half - 8} {y - 214}"
        f"V{y - 150}",
        "#fff",
        3,
        opacity=0.35,
    )
    pillows = 2 if width > 220 else 1
    for index in range(pillows):
        left = x - half + 20 + index * half
        canvas.rect(left, y - 182, (width / pillows) - 40, 66, "#fff", rx=24)
    canvas.path(f"M{x - half} {y}V{y - 120}Q{x} {y - 150} {x + half} {y - 120}V{y}Z", LINEN)
    canvas.path(f"M{x - half} {y}V{y - 74}Q{x} {y - 98} {x + half} {y - 74}V{y}Z", throw)
    canvas.stroke(f"M{x - half} {y - 62}Q{x} {y - 86} {x + half} {y - 62}", GOLD, 4)
    canvas.stroke(f"M{x - half + 16} {y}V{y + 24}M{x + half - 16} {y}V{y + 24}", WOOD, 12)


def bedside(canvas: Canvas, x: float, y: float = 700, shade: str = "#fbe3b0") -> None:
    """Paint a bedside table with a lamp."""
    canvas.circle(x, y - 190, 110, canvas.glow("#ffe7b0", 0.75))
    canvas.stroke(f"M{x} {y - 100}V{y - 170}", GOLD, 7)
    canvas.path(f"M{x - 34} {y - 164}L{x - 20} {y - 220}H{x + 20}L{x + 34} {y - 164}Z", shade)
    canvas.rect(x - 42, y - 102, 84, 12, WOOD, rx=3)
    canvas.rect(x - 34, y - 90, 68, 58, WOOD)
    canvas.circle(x, y - 62, 5, GOLD)
    canvas.stroke(f"M{x - 28} {y - 32}V{y + 22}M{x + 28} {y - 32}V{y + 22}", WOOD, 7)


def armchair(canvas: Canvas, x: float, y: float, cloth: str, width: float = 170) -> None:
    """Paint an armchair (or, wide enough, a sofa) that stands at (x, y)."""
    half = width / 2
    canvas.stroke(f"M{x - half + 16} {y}V{y - 20}M{x + half - 16} {y}V{y - 20}", WOOD, 9)
    canvas.rect(x - half + 8, y - 160, width - 16, 120, cloth, rx=34)
    canvas.rect(x - half + 16, y - 60, width - 32, 46, cloth)
    canvas.rect(x - half, y - 96, 38, 82, cloth, rx=16)
    canvas.rect(x + half - 38, y - 96, 38, 82, cloth, rx=16)
    canvas.rect(x - half + 26, y - 72, width - 52, 56, "#fff", rx=14, opacity=0.22)
    canvas.stroke(f"M{x - half + 20} {y - 128}Q{x} {y - 158} {x + half - 20} {y - 128}", "#fff", 3, opacity=0.25)


def chandelier(canvas: Canvas, x: float, y: float) -> None:
    """Hang a chandelier with its lights at height y."""
    canvas.line([(x, 0), (x, y - 40)], GOLD, 4)
    canvas.circle(x, y - 20, 180, canvas.glow("#fff0c8", 0.8))
    canvas.stroke(
        f"M{x - 96} {y}Q{x - 90} {y + 40} {x} {y + 30}Q{x + 90} {y + 40} {x + 96} {y}M{x - 50} {y - 6}"
        f"Q{x - 46} {y + 24} {x} {y + 30}Q{x + 46} {y + 24} {x + 50} {y - 6}M{x} {y - 40}V{y + 44}",
        GOLD,
        6,
    )
    for dx in (-96, -50, 0, 50, 96):
        canvas.path(f"M{x + dx - 9} {y}Q{x + dx} {y - 44} {x + dx + 9} {y}Z", "#fff3d0")


def picture(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    """Hang a framed seascape; (x, y) is its top left corner."""
    canvas.rect(x - 10, y - 10, width + 20, height + 20, GOLD)
    canvas.rect(x, y, width, height, "#dcebe8")
    canvas.rect(x, y + height * 0.55, width, height * 0.45, "#6aa7b8")
    canvas.path(
        f"M{x + width * 0.35} {y + height * 0.6}V{y + height * 0.25}L{x + width * 0.6} {y + height * 0.6}Z", "#fff"
    )
    canvas.circle(x + width * 0.78, y + height * 0.28, height * 0.1, "#f0a24a")
