"""The page of a frontier: the curve, what each point is, and what a unit less costs."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath.report import page
from wattpath.report.figures import PLAN_COLOURS, Figure, digits, layout, scale_of
from wattpath.report.tables import table
from wattpath.report.words import HEADLINES, amount

if TYPE_CHECKING:
    from wattpath.plan.frontier import Frontier, FrontierPoint
    from wattpath.plan.result import Chosen

#: Axis -> unit of a price, how many of the axis's own units it is, and its words.
PER = {
    "carbon": (1e3, "a tonne"),
    "power": (1e3, "a kW"),
    "water": (1.0, "a m³"),
    "date": (1.0, "a month"),
}


def write(frontier: Frontier, file: str | Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    text = page.assemble(
        frontier.scenario, _body(frontier), {"figures": {"curve": curve(frontier)}}
    )
    return page.save(text, file)


def curve(frontier: Frontier) -> Figure:
    """Cost over the quantity, one mark for each plan."""
    axis, points = frontier.axis, frontier.points
    wide, across = (1.0, "months") if axis.key == "date" else scale_of(points[-1].value, axis.unit)
    tall, up = scale_of(points[0].cost_usd, "USD")
    data: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "least cost",
        "x": [digits(point.value / wide, 5) for point in points],
        "y": [digits(point.cost_usd / tall, 5) for point in points],
        "text": [
            f"{number}: {machines(frontier, point)}" for number, point in enumerate(points, 1)
        ],
        "hovertemplate": "%{text}<br>%{x:,.4~g} " + across + "<br>%{y:,.4~g} " + up,
        "line": {"color": PLAN_COLOURS["both"]},
    }
    look = layout(420)
    look["xaxis"] |= {"title": {"text": f"{axis.title} [{across}]"}}
    look["yaxis"] |= {"title": {"text": f"Cost a year [{up}]"}}
    return {"data": [data], "layout": look}


def machines(frontier: Frontier, point: FrontierPoint) -> str:
    """Chips and servers, the levers and halls that not all points share, and the supply."""
    everywhere = set.intersection(*(_means(one) for one in frontier.points))
    told = []
    for server, items in _by_server(point).items():
        chips = sum(item.units * item.deployment.chips for item in items)
        levers = dict.fromkeys(key for item in items for key in item.deployment.levers)
        added = "".join(f" + {key}" for key in levers if key not in everywhere)
        told.append(f"{amount(chips, '')} chips in {server}{added}")
    halls = [built.key for built in point.outcome.cooling if built.key not in everywhere]
    supply = [built.key for built in point.outcome.supply]
    return "; ".join(", ".join(part) for part in (told, halls, supply) if part)


def _means(point: FrontierPoint) -> set[str]:
    """Levers and halls of a point."""
    levers = {key for item in point.outcome.chosen for key in item.deployment.levers}
    return levers | {built.key for built in point.outcome.cooling}


def _by_server(point: FrontierPoint) -> dict[str, list[Chosen]]:
    """Deployments of each server."""
    found: dict[str, list[Chosen]] = {}
    for item in point.outcome.chosen:
        found.setdefault(item.deployment.server, []).append(item)
    return found


def step_price(frontier: Frontier, number: int) -> str:
    """What a unit less costs from a point on, as the next one shows; empty for the last."""
    prices = frontier.prices()
    if number >= len(prices):
        return ""
    factor, words = PER[frontier.axis.key]
    return f"{amount(prices[number] * factor, 'USD')} {words}"


def _body(frontier: Frontier) -> Iterator[str]:
    axis = frontier.axis
    yield f"<h1>{html.escape(frontier.scenario)}</h1>"
    yield f"<p>Cost a year against {html.escape(axis.title.lower())}. "
    yield f"Plans tried: {frontier.tried}; beaten by no other: {len(frontier.points)}.</p>"
    yield "<div id='curve' class='figure'></div>"
    columns = [headline for headline in HEADLINES if headline.field != "cost_usd_per_year"]
    heads = ["point", axis.title, "Cost a year", "one less costs", "chips, levers, halls; supply"]
    heads += [headline.title for headline in columns]
    rows = []
    for number, point in enumerate(frontier.points):
        cells = [str(number + 1), amount(point.value, axis.unit), amount(point.cost_usd, "USD")]
        cells += [step_price(frontier, number), machines(frontier, point)]
        cells += [amount(each.of(point.outcome), each.unit) for each in columns]
        rows.append(cells)
    yield table("frontier", heads, rows, [0, 1, 2, 3, *range(5, len(heads))])
    for ceiling, reason in frontier.failed.items():
        yield f"<p>{amount(ceiling, axis.unit)}: {html.escape(reason)}</p>"
