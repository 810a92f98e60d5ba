"""A picture 1200 wide and 800 high, written as SVG: shapes, gradients, groups, and things drawn once and used often."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    Point = tuple[float, float]

WIDTH = 1200
HEIGHT = 800


def number(value: float) -> str:
    """Write a number as short as a picture of this size needs: tenths of a pixel where they show, else whole ones."""
    if abs(value) >= 20:
        return str(round(value))
    text = f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}".rstrip("0")
    return text.removesuffix(".0").removesuffix(".") if text not in {"-0.", "-0.0"} else "0"


def points_path(points: Iterable[Point], *, closed: bool = False) -> str:
    """Return the path data of straight lines through these points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + ("Z" if closed else "")


def smooth_path(points: Sequence[Point]) -> str:
    """Return the path data of a curve through these points: quadratic pieces that meet halfway between them."""
    (start_x, start_y), *_ = points
    pieces = [f"M{number(start_x)} {number(start_y)}"]
    for (x, y), (next_x, next_y) in pairwise(points[1:]):
        pieces.append(f"Q{number(x)} {number(y)} {number((x + next_x) / 2)} {number((y + next_y) / 2)}")
    end_x, end_y = points[-1]
    pieces.append(f"L{number(end_x)} {number(end_y)}")
    return "".join(pieces)


class Canvas:
    """Collects shapes in painting order. Attributes are SVG's, with `_` for `-`; `random` depends on the name alone."""

    def __init__(self, name: str) -> None:
        self.random = Random(name)  # noqa: S311 - it places trees and stars
        self._defined: list[str] = []
        self._painted: list[str] = []

    def add(self, tag: str, **attributes: str | float) -> None:
        """Paint one element."""
        self._painted.append(f"<{tag}{_written(attributes)}/>")

    def rect(self, x: float, y: float, width: float, height: float, fill: str, **attributes: str | float) -> None:
        """Paint a rectangle by its top left corner."""
        self.add("rect", x=x, y=y, width=width, height=height, fill=fill, **attributes)

    def circle(self, x: float, y: float, radius: float, fill: str, **attributes: str | float) -> None:
        """Paint a circle by its centre."""
        self.add("circle", cx=x, cy=y, r=radius, fill=fill, **attributes)

    def ellipse(
        self, x: float, y: float, radius_x: float, radius_y: float, fill: str, **attributes: str | float
    ) -> None:
        """Paint an ellipse by its centre."""
        self.add("ellipse", cx=x, cy=y, rx=radius_x, ry=radius_y, fill=fill, **attributes)

    def path(self, data: str, fill: str, **attributes: str | float) -> None:
        """Paint a filled path."""
        self.add("path", d=data, fill=fill, **attributes)

    def polygon(self, points: Iterable[Point], fill: str, **attributes: str | float) -> None:
        """Paint a filled polygon."""
        self.path(points_path(points, closed=True), fill, **attributes)

    def stroke(self, data: str, color: str, width: float, **attributes: str | float) -> None:
        """Paint a line along a path, with round ends unless said otherwise."""
        style: dict[str, str | float] = {"stroke_linecap": "round", "stroke_linejoin": "round"}
        self.add("path", d=data, fill="none", stroke=color, stroke_width=width, **(style | attributes))

    def line(self, points: Iterable[Point], color: str, width: float, **attributes: str | float) -> None:
        """Paint a line through points."""
        self.stroke(points_path(points), color, width, **attributes)

    def gradient(self, *colors: str, angle: float = 90) -> str:
        """Define an even gradient, from top to bottom unless `angle` says otherwise, and return it as a fill.

        A colour may carry its opacity: `#ffffff/0.4`.
        """
        name = f"g{len(self._defined)}"
        stops: list[str] = []
        for index, color in enumerate(colors):
            plain, _, opacity = color.partition("/")
            stop = {"offset": f"{number(100 * index / (len(colors) - 1))}%", "stop_color": plain}
            stops.append(f"<stop{_written(stop | ({'stop_opacity': opacity} if opacity else {}))}/>")
        turned = {"gradientTransform": f"rotate({number(angle)} .5 .5)"} if angle else {}
        self._defined.append(f"<linearGradient{_written({'id': name} | turned)}>{''.join(stops)}</linearGradient>")
        return f"url(#{name})"

    def glow(self, color: str, opacity: float = 0.8) -> str:
        """Define a light that fades outwards and return it as a fill."""
        name = f"g{len(self._defined)}"
        inner = f"<stop{_written({'offset': '0', 'stop_color': color, 'stop_opacity': opacity})}/>"
        outer = f"<stop{_written({'offset': '1', 'stop_color': color, 'stop_opacity': 0})}/>"
        self._defined.append(f"<radialGradient{_written({'id': name})}>{inner}{outer}</radialGradient>")
        return f"url(#{name})"

    def blur(self, radius: float) -> str:
        """Define a softening of that many pixels and return it as a `filter`."""
        name = f"b{len(self._defined)}"
        room = {"x": "-50%", "y": "-50%", "width": "200%", "height": "200%"}
        self._defined.append(
            f"<filter{_written({'id': name} | room)}><feGaussianBlur stdDevia"
            f"tion={quoteattr(number(radius))}/></filter>"
        )
        return f"url(#{name})"

    @contextmanager
    def group(self, **attributes: str | float) -> Generator[None]:
        """Paint what follows with these attributes in common."""
        self._painted.append(f"<g{_written(attributes)}>")
        yield
        self._painted.append("</g>")

    @contextmanager
    def placed(
        self, x: float, y: float, scale: float = 1, *, turned: float = 0, mirrored: bool = False
    ) -> Generator[None]:
        """Paint what follows with its origin here."""
        steps = [f"translate({number(x)} {number(y)})"]
        if turned:
            steps.append(f"rotate({number(turned)})")
        if scale != 1 or mirrored:
            steps.append(f"scale({-scale if mirrored else scale:.3g} {scale:.3g})")
        with self.group(transform=" ".join(steps)):
            yield

    @contextmanager
    def clipped(self, data: str) -> Generator[None]:
        """Show of what follows only the part inside a path."""
        name = f"c{len(self._defined)}"
        self._defined.append(f"<clipPath{_written({'id': name})}><path{_written({'d': data})}/></clipPath>")
        with self.group(clip_path=f"url(#{name})"):
            yield

    @contextmanager
    def stencil(self, name: str) -> Generator[None]:
        """Define what follows without painting it; `stamp` paints it as often as wanted."""
        before = self._painted
        self._painted = []
        yield
        self._defined.append(f"<g{_written({'id': name})}>{''.join(self._painted)}</g>")
        self._painted = before

    def stamp(self, name: str, x: float, y: float, scale: float = 1, **attributes: str | float) -> None:
        """Paint a stencil with its origin here."""
        sized = f" scale({scale:.3g})" if scale != 1 else ""
        self.add("use", href=f"#{name}", transform=f"translate({number(x)} {number(y)}){sized}", **attributes)

    def svg(self) -> str:
        """Return the picture as an SVG document."""
        size = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "width": WIDTH, "height": HEIGHT}
        opening = f'<svg xmlns="http://www.w3.org/2000/svg"{_written(size)}>'
        return "\n".join([opening, f"<defs>{''.join(self._defined)}</defs>", *self._painted, "</svg>\n"])


def _written(attributes: Mapping[str, str | float]) -> str:
    texts = ((key, value if isinstance(value, str) else number(value)) for key, value in attributes.items())
    return "".join(
        f" {key if key.startswith('gradient') else key.replace('_', '-')}={quoteattr(text)}" for key, text in texts
    )
