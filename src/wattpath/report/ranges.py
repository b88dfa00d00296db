"""The page of an uncertainty study: ranges, what moves them, and whether rankings hold."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wattpath.plan.result import PLANS
from wattpath.plan.uncertainty.reading import FIELDS
from wattpath.report import page
from wattpath.report.figures import Figure, digits, layout
from wattpath.report.tables import table
from wattpath.report.words import HEADLINES, amounts

if TYPE_CHECKING:
    from wattpath.plan.uncertainty import Ranges

#: Inputs drawn for each result.
SHOWN = 12

#: Results whose inputs are drawn -> words.
RESULTS = {
    "replaceable.power": "replaceable power",
    "replaceable.cost": "replaceable cost",
    "both.facility_power_peak_w": "facility peak of both",
    "both.cost_usd_per_year": "cost of both",
}


def write(found: Ranges, file: str | Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    drawn = {"shares": shares(found)}
    drawn |= {_place(name): inputs(found, name) for name in RESULTS if name in found.indices}
    text = page.assemble(found.scenario, _body(found), {"figures": drawn})
    return page.save(text, file)


def shares(found: Ranges) -> Figure:
    """Share of the draws in which at most so much is replaceable."""
    both, blue = (found.values[:, PLANS.index(name)] for name in ("both", "blue"))
    traces: list[dict[str, Any]] = []
    for key, field in (("power", "facility_power_peak_w"), ("cost", "cost_usd_per_year")):
        place = FIELDS.index(field)
        share = 1.0 - both[:, place] / blue[:, place]
        ordered = np.sort(share[np.isfinite(share)])
        level = (np.arange(ordered.size) + 0.5) / max(ordered.size, 1)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": key,
                "x": [digits(float(value) * 100.0, 4) for value in ordered],
                "y": [digits(float(value) * 100.0, 4) for value in level],
            }
        )
    look = layout(330)
    look["xaxis"] |= {"title": {"text": "replaceable by software [%]"}}
    look["yaxis"] |= {"title": {"text": "of the draws [%]"}}
    return {"data": traces, "layout": look}


def inputs(found: Ranges, name: str) -> Figure:
    """Share of a result's variance that each input explains, alone and with others."""
    rows = found.indices[name].inputs[:SHOWN][::-1]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": words,
            "y": [row.title for row in rows],
            "x": [digits(getattr(row, part), 3) for row in rows],
        }
        for part, words in (("first", "alone"), ("total", "with others"))
    ]
    look = layout(90 + 30 * max(len(rows), 3), hovermode="closest")
    look["xaxis"] |= {"title": {"text": "of the variance"}}
    look["yaxis"] |= {"automargin": True}
    return {"data": traces, "layout": look}


def _place(name: str) -> str:
    """Name of a figure's place on the page."""
    return name.replace(".", "-")


def _body(found: Ranges) -> Iterator[str]:
    yield f"<h1>{html.escape(found.scenario)}: ranges</h1>"
    yield (
        f"<p>{found.draws} draws of {len(found.inputs)} inputs, seed {found.seed}; "
        f"the fast path was compared with {found.gap.runs} full runs.</p>"
    )
    yield "<h2>Headlines</h2>"
    yield table("ranges", ["", "", "plan", "P10", "P50", "P90"], _headlines(found), range(2, 6))
    yield "<h2>Replaceable by software</h2>"
    rows = [
        [key, *(_percent(value) for value in (found.base_replaceable[key], *span))]
        for key, span in found.replaceable.items()
    ]
    yield table("shares", ["", "plan", "P10", "P50", "P90"], rows, range(1, 5))
    yield "<div class='figure' id='shares'></div>"
    for name, words in RESULTS.items():
        if name in found.indices:
            yield f"<h2>What moves the {words}</h2>"
            known = _percent(found.indices[name].explained)
            yield f"<p>A polynomial explains {known} of what it has not seen.</p>"
            yield f"<div class='figure' id='{_place(name)}'></div>"
    yield "<h2>Does it hold?</h2>"
    yield table("order", ["", "from least to most", "of draws"], _order(found), [2])
    rows = [[pair, _percent(share)] for pair, share in found.ranking.cheaper.items()]
    yield table("cheaper", ["costs less", "of draws"], rows, [1])
    rows = [[key, _percent(share)] for key, share in found.ranking.levers.items()]
    yield table("levers", ["software in use in both", "of draws"], rows, [1])
    yield "<h2>Inputs</h2>"
    rows = [
        [own.title, f"{own.low:.2f}", f"{own.high:.2f}", own.evidence, str(own.numbers)]
        for own in found.inputs
    ]
    heads = ["input", "low over value", "high over value", "evidence", "numbers"]
    yield table("inputs", heads, rows, (1, 2, 4))


def _headlines(found: Ranges) -> list[list[str]]:
    rows = []
    for headline in HEADLINES:
        for name, spans in found.headlines.items():
            if headline.field in spans:
                values = [found.base[name][headline.field], *spans[headline.field]]
                rows.append([headline.title, name, *amounts(values, headline.unit)])
    return rows


def _order(found: Ranges) -> list[list[str]]:
    order = found.ranking.order
    return [
        [headline.title, order[headline.field].what, _percent(order[headline.field].share)]
        for headline in HEADLINES
        if headline.field in order
    ]


def _percent(value: float) -> str:
    return f"{round(value, 4) + 0.0:.0%}" if np.isfinite(value) else "–"
