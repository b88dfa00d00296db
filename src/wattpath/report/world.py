"""Maps of projects: coarse outlines in equal steps of longitude and latitude, drawn as SVG.

    x = longitude          y = -latitude          r = R sqrt(P / 1 GW)

A point's area stands for its computing power. Points that share a place are set around it. Each
point is a link, so that the map works by keyboard; colours come from the page's style.

Where it breaks down: the outlines are drawn by hand, a degree or two off, and carry no borders;
a place is that of the weather and grid that stand for the site.
"""

from __future__ import annotations

import csv
import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Point:
    """One project on the map.

    Attributes
    ----------
    key, name : str
        Target of the link, and what is read out.
    place : str
        Name of the place.
    status : str
        Class of its colour.
    longitude, latitude : float
        [deg]
    power_w : float
        Computing power; 0 where it is not known.
    """

    key: str
    name: str
    place: str
    status: str
    longitude: float
    latitude: float
    power_w: float


@dataclass(frozen=True, slots=True)
class View:
    """A window of the map [deg], with its title."""

    title: str
    west: float
    east: float
    south: float
    north: float

    @property
    def width(self) -> float:
        """From west to east."""
        return self.east - self.west

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside."""
        return self.west < point.longitude < self.east and self.south < point.latitude < self.north


#: The world without its poles, and the country where most of the projects are.
WORLD = View("World", -170.0, 182.0, -57.0, 80.0)
STATES = View("United States", -126.0, -66.0, 24.0, 50.0)

#: Radius of 1 GW and of the smallest point, size of letters, as shares of a view's width.
GIGAWATT, LEAST, LETTER = 0.012, 0.0035, 0.0125

#: Width of a letter over its size.
LETTER_WIDTH = 0.56

#: Distance of the lines of the graticule [deg]: the first that gives no more than so many.
STEPS, LINES = (5, 10, 15, 30), 13


def draw(points: Sequence[Point], view: View, elsewhere: View | None = None) -> str:
    """A map of the points inside a view, the largest below, as an SVG element.

    Parameters
    ----------
    points : sequence of Point
    view : View
    elsewhere : View, optional
        Window whose places are named on a map of its own, and not on this one.
    """
    inside = [point for point in points if view.holds(point)]
    named = [point for point in inside if elsewhere is None or not elsewhere.holds(point)]
    spread = sorted(_spread(inside, view), key=lambda point: -point.power_w)
    box = f"{view.west:g} {-view.north:g} {view.width:g} {view.north - view.south:g}"
    parts = [
        f"<svg class='map' viewBox='{box}' role='group' aria-label='{html.escape(view.title)}'>",
        f"<g transform='scale(1 -1)'>{_outlines()}{''.join(_graticule(view))}</g>",
        *(_dot(point, view) for point in spread),
        *_labels(named, view),
        "</svg>",
    ]
    return "".join(parts)


@cache
def _outlines() -> str:
    """Land and inland water, in degrees with north upwards."""
    text = (files("wattpath.report") / "assets" / "land.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return "".join(f"<polygon class='{row['kind']}' points='{row['points']}'/>" for row in rows)


def _graticule(view: View) -> Iterator[str]:
    step = next((step for step in STEPS if view.width / step <= LINES), STEPS[-1])
    for longitude in range(-180, 181, step):
        yield f"<path class='line' d='M{longitude} -90V90'/>"
    for latitude in range(-90, 91, step):
        yield f"<path class='line' d='M-180 {latitude}H180'/>"


def _radius(point: Point, view: View) -> float:
    """Radius whose area is in proportion to power [deg]."""
    return view.width * max(LEAST, GIGAWATT * math.sqrt(point.power_w / 1e9))


def _spread(points: Sequence[Point], view: View) -> Iterator[Point]:
    """The largest point of a place at its centre, the others around its rim."""
    for group in _by_place(points).values():
        largest, *others = sorted(group, key=lambda point: -point.power_w)
        yield largest
        distance = _radius(largest, view)
        for number, point in enumerate(others):
            angle = math.pi * (0.75 + 2.0 * number / len(others))
            yield replace(
                point,
                longitude=point.longitude + distance * math.cos(angle),
                latitude=point.latitude + distance * math.sin(angle),
            )


def _by_place(points: Sequence[Point]) -> dict[str, list[Point]]:
    groups: dict[str, list[Point]] = {}
    for point in points:
        groups.setdefault(point.place, []).append(point)
    return groups


def _dot(point: Point, view: View) -> str:
    power = f"{point.power_w / 1e6:,.0f} MW of computing" if point.power_w else "power not known"
    told = html.escape(f"{point.name}, {point.place}: {point.status}, {power}", quote=True)
    return (
        f"<a href='#{html.escape(point.key)}' aria-label='{told}'>"
        f"<circle class='dot {point.status}' cx='{point.longitude:.2f}' "
        f"cy='{-point.latitude:.2f}' r='{_radius(point, view):.2f}'>"
        f"<title>{told}</title></circle></a>"
    )


def _labels(points: Sequence[Point], view: View) -> Iterator[str]:
    """Names of places under one another where they would meet."""
    size = LETTER * view.width
    set_at: list[tuple[float, float, float]] = []
    for place, group in sorted(_by_place(points).items(), key=lambda item: -item[1][0].latitude):
        reach = max(_radius(point, view) for point in group) + 0.3 * size
        width = LETTER_WIDTH * size * len(place)
        x, y = group[0].longitude + reach, -group[0].latitude + 0.35 * size
        if x + width > view.east:
            x -= 2.0 * reach + width
        while any(x < u + w and u < x + width and abs(y - v) < 1.1 * size for u, v, w in set_at):
            y += 0.25 * size
        set_at.append((x, y, width))
        yield f"<text x='{x:.2f}' y='{y:.2f}' font-size='{size:.2f}'>{html.escape(place)}</text>"
