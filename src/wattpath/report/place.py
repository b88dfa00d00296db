"""The page of many places: cost against carbon, and the ranking with its odds."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath.report import page
from wattpath.report.figures import COLOURS, Figure, digits, layout
from wattpath.report.tables import table
from wattpath.report.words import amount

if TYPE_CHECKING:
    from wattpath.plan.questions.held import Held
    from wattpath.plan.questions.place import PlaceAnswer, Ranked

#: Criterion -> title and unit.
WORDS = {
    "cost": ("Cost a year", "USD"),
    "carbon": ("Carbon a year", "kg"),
    "water": ("Water a year", "m3"),
    "date": ("Months to power", "month"),
}

#: What limit each demand meets on each server.
HELD = (
    "What holds",
    "Demand",
    "Cheapest layout",
    "Limit",
    "A million requests",
    "With 25 % more time",
    "Other layouts",
)


def write(answer: PlaceAnswer, file: str | Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    drawn = {"spots": spots(answer)} if answer.ranked else {}
    title = f"{answer.scenario.name}: places"
    return page.save(page.assemble(title, _body(answer, title), {"figures": drawn}), file)


def spots(answer: PlaceAnswer) -> Figure:
    """Carbon over cost of every place, with P10 to P90 of both, by server."""
    servers = list(dict.fromkeys(one.spot.server for one in answer.ranked))
    data = [
        _dots([one for one in answer.ranked if one.spot.server == server], server, number)
        for number, server in enumerate(servers)
    ]
    look = layout(520, hovermode="closest")
    look["xaxis"] |= {"title": {"text": "cost (USD a year)"}, "type": "log"}
    look["yaxis"] |= {"title": {"text": "carbon (t a year)"}, "type": "log"}
    return {"data": data, "layout": look}


def _dots(rows: list[Ranked], server: str, number: int) -> dict[str, Any]:
    cost = [one.standings["cost"] for one in rows]
    carbon = [one.standings["carbon"] for one in rows]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": server,
        "x": [digits(one.value, 4) for one in cost],
        "y": [digits(one.value / 1e3, 4) for one in carbon],
        "error_x": _bars([(one.value, one.p10, one.p90) for one in cost], 1.0),
        "error_y": _bars([(one.value, one.p10, one.p90) for one in carbon], 1e3),
        "text": [one.spot.site for one in rows],
        "marker": {"size": 8, "color": COLOURS[number % len(COLOURS)]},
        "hovertemplate": "%{text}<br>%{x:$.4~s} a year, %{y:.4~g} t",
    }


def _bars(ranges: list[tuple[float, float, float]], scale: float) -> dict[str, Any]:
    """Error bars from P10 to P90."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [digits(max(0.0, high - value) / scale, 4) for value, _, high in ranges],
        "arrayminus": [digits(max(0.0, value - low) / scale, 4) for value, low, _ in ranges],
        "width": 0,
        "thickness": 0.7,
    }


def _body(answer: PlaceAnswer, title: str) -> Iterator[str]:
    yield f"<h1>{html.escape(title)}</h1>"
    if not answer.ranked:
        yield "<p>No place can serve.</p>"
    else:
        best = answer.first("cost")
        where = html.escape(f"{best.spot.site} on {best.spot.server}")
        odds = best.standings["cost"].first
        yield f"<p>Cheapest: {where}, in {odds:.0%} of {answer.draws} draws.</p>"
        yield "<div id='spots' class='figure'></div>"
        heads = ["Place", "Server", *(title for title, _ in WORDS.values())]
        yield table("places", heads, [_row(one) for one in answer.ranked], range(2, 6))
        yield (
            "<p>#: rank, with the share of draws in which it holds. Eight representative days; "
            f"all hours of the first differ by {answer.gap:.2%} at most.</p>"
        )
    if answer.held:
        yield table("held", HELD, [_held(one) for one in answer.held])
    if answer.refused:
        rows = [[site, server, reason] for (site, server), reason in answer.refused.items()]
        yield table("refused", ["Left out", "Server", "Why"], rows)


def _held(one: Held) -> list[str]:
    timed = one.limit in ("ttft", "tpot")
    return [
        one.server,
        one.demand,
        one.layout,
        f"{one.limit.upper()}, {one.used:.1%} in use" if timed else one.limit,
        amount(1e6 * one.usd_per_request, "USD"),
        f"1/{one.looser:.3g} of it" if timed else "–",
        " ".join(one.refused),
    ]


def _row(one: Ranked) -> list[str]:
    cells = [one.spot.site, one.spot.server]
    for name, (_, unit) in WORDS.items():
        own = one.standings[name]
        cells.append(f"{amount(own.value, unit)} (#{own.rank}, {own.holds:.0%})")
    return cells
