"""The page of a supply: what is built, a week, the year, prices and carbon."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wattpath.report import page
from wattpath.report.figures import COLOURS, Figure, digits, layout, scale_of
from wattpath.report.tables import table
from wattpath.report.words import amount, amounts
from wattpath.units import HOURS

if TYPE_CHECKING:
    from wattpath.plan.place.power import PowerAnswer
    from wattpath.supply.result import SupplyResult

Floats = NDArray[np.float64]

WEEK = 168

#: A series below this share of the largest load is not drawn.
LEAST = 1e-4


def write(answer: PowerAnswer, file: str | Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    result = answer.result
    assert result is not None
    drawn: dict[str, Any] = {
        "hard": week(result, hardest_week(result)),
        "easy": week(result, easiest_week(result)),
        "year": year(result),
        "price": price(result),
    }
    if result.level_j:
        drawn["level"] = levels(result)
    return page.save(
        page.assemble(answer.scenario.name, _body(answer, result), {"figures": drawn}), file
    )


def hardest_week(result: SupplyResult) -> int:
    """First hour of the week that costs most at the hourly prices."""
    return int(np.argmax(_weekly(result.load_w * result.price_usd_j))) * WEEK


def easiest_week(result: SupplyResult) -> int:
    """First hour of the week in which most sun and wind is spilled, else the cheapest."""
    spilled = _weekly(result.curtailed_w)
    if spilled.max() > 0.0:
        return int(np.argmax(spilled)) * WEEK
    return int(np.argmin(_weekly(result.load_w * result.price_usd_j))) * WEEK


def _weekly(values: Floats) -> Floats:
    return np.asarray(values[: HOURS // WEEK * WEEK].reshape(-1, WEEK).sum(axis=1))


def week(result: SupplyResult, first: int) -> Figure:
    """Supply stacked against the load, hour by hour; charging hangs below."""
    span = slice(first, first + WEEK)
    x = [first / 24.0 + 1.0 + hour / 24.0 for hour in range(WEEK)]
    return _stack(result, x, lambda values: values[span], "day of the year")


def year(result: SupplyResult) -> Figure:
    """The same as daily means."""
    x = [float(day) for day in range(1, 366)]
    return _stack(result, x, lambda v: v.reshape(365, 24).mean(axis=1), "day of the year")


def _stack(result: SupplyResult, x: list[float], pick: Any, across: str) -> Figure:
    scale, label = scale_of(float(result.load_w.max()), "W")
    least = LEAST * float(result.load_w.max())
    colour = {key: COLOURS[i % len(COLOURS)] for i, key in enumerate(result.output_w)}
    data = []
    drawn = [(key, values, "out", 1.0) for key, values in result.output_w.items()]
    drawn += [(key, values, "in", -1.0) for key, values in result.charge_w.items()]
    for key, values, group, sign in drawn:
        part = pick(values)
        if float(part.max()) <= least:
            continue
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "stackgroup": group,
                "name": key if sign > 0.0 else f"{key}, charging",
                "x": x,
                "y": [digits(sign * float(value) / scale, 4) for value in part],
                "line": {"width": 0.5, "color": colour[key]},
                "hovertemplate": "%{y:,.4~g} " + label,
            }
        )
    load = [digits(float(value) / scale, 4) for value in pick(result.load_w)]
    black: dict[str, Any] = {"width": 2, "color": "#16191d"}
    data.append(
        {"type": "scatter", "mode": "lines", "name": "load", "x": x, "y": load, "line": black}
    )
    look = layout(420)
    look["legend"] |= {"y": -0.28}
    look["xaxis"] |= {"title": {"text": across}}
    look["yaxis"] |= {"title": {"text": label}}
    return {"data": data, "layout": look}


def price(result: SupplyResult) -> Figure:
    """What one more MWh costs, the dearest hours first; the dearest hundredth is cut off."""
    order = np.sort(result.price_usd_j * 3.6e9)[::-1]
    picked = np.unique(np.geomspace(1, HOURS, 400).round().astype(int)) - 1
    trace = {
        "type": "scatter",
        "mode": "lines",
        "x": [int(hour) + 1 for hour in picked],
        "y": [digits(float(order[hour]), 5) for hour in picked],
        "line": {"color": COLOURS[0]},
        "hovertemplate": "$%{y:,.4~g} and more in %{x} hours<extra></extra>",
    }
    look = layout(320, hovermode="closest")
    look["xaxis"] |= {"title": {"text": "hours of the year"}, "type": "log"}
    top = 1.2 * float(np.quantile(order, 0.99)) or 1.0
    span = [min(0.0, float(order[-1])), max(top, 1.0)]
    look["yaxis"] |= {"title": {"text": "$ per MWh"}, "range": span}
    return {"data": [trace], "layout": look}


def levels(result: SupplyResult) -> Figure:
    """Daily mean level of storage."""
    largest = max(float(level.max()) for level in result.level_j.values()) / 3600.0
    scale, label = scale_of(largest, "Wh")
    days = list(range(1, 366))
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": key,
            "x": days,
            "y": [digits(v / 3600.0 / scale, 4) for v in level.reshape(365, 24).mean(axis=1)],
            "line": {"color": COLOURS[i % len(COLOURS)]},
            "hovertemplate": "%{y:,.4~g} " + label,
        }
        for i, (key, level) in enumerate(result.level_j.items())
    ]
    look = layout(280)
    look["xaxis"] |= {"title": {"text": "day of the year"}}
    look["yaxis"] |= {"title": {"text": label}}
    return {"data": data, "layout": look}


def _body(answer: PowerAnswer, result: SupplyResult) -> Iterator[str]:
    told = answer.to_json()
    yield f"<h1>{html.escape(answer.scenario.name)}: supply</h1>"
    yield table("supply", ["", "of the year"], _headlines(told), [1])
    yield "<h2>What is built</h2>"
    yield _built(told["technologies"])
    for row in told["excluded"]:
        yield f"<p>Not {html.escape(row['key'])}: {html.escape(row['reason'])}.</p>"
    yield "<h2>The dearest week</h2><div class='figure' id='hard'></div>"
    yield "<h2>An easy week</h2><div class='figure' id='easy'></div>"
    yield "<h2>The year by day</h2><div class='figure' id='year'></div>"
    if result.level_j:
        yield "<h2>Energy in storage</h2><div class='figure' id='level'></div>"
    yield "<h2>What one more MWh costs</h2><div class='figure' id='price'></div>"
    if answer.days is not None:
        yield f"<p>{answer.days} representative days stand for the year.</p>"
    source = html.escape(f"{answer.weather.source} ({answer.weather.evidence})")
    yield f"<p>Weather: {source}.</p>"


def _headlines(told: dict[str, Any]) -> list[list[str]]:
    carbon, prices = told["carbon_kg_per_year"], told["prices_usd_per_mwh"]
    average, marginal = told["carbon_kg_per_mwh"], told["marginal_carbon_kg_per_mwh"]
    return [
        ["cost", amount(told["cost_usd_per_year"], "USD")],
        ["cost per MWh", f"${told['usd_per_mwh']:,.2f}"],
        ["direct carbon", f"{amount(carbon['direct'], 'kg')}, {average:,.0f} kg/MWh"],
        ["with the grid's marginal", f"{amount(carbon['marginal'], 'kg')}, {marginal:,.0f} kg/MWh"],
        ["carbon over the life cycle", amount(carbon["life_cycle"], "kg")],
        ["water", amount(told["water_m3_per_year"], "m3")],
        ["sun and wind spilled", f"{told['curtailed_share']:.1%}"],
        ["months to power", amount(told["months_to_power"], "month")],
        ["one more MWh", f"mean ${prices['mean']:,.0f}, highest ${prices['max']:,.0f}"],
    ]


def _built(rows: list[dict[str, Any]]) -> str:
    cells = zip(
        amounts([row["capacity_w"] for row in rows], "W"),
        amounts([row["energy_capacity_wh"] for row in rows], "Wh"),
        amounts([row["energy_wh_per_year"] for row in rows], "Wh"),
        amounts([row["cost_usd_per_year"] for row in rows], "USD"),
        strict=True,
    )
    lines = [
        [
            row["name"],
            power,
            stored if row["energy_capacity_wh"] > 0.0 else "",
            "" if row["units"] is None else f"{row['units']:,.4g}",
            energy,
            f"{row['capacity_factor']:.0%}",
            cost,
            "" if row["usd_per_mwh"] is None else f"{row['usd_per_mwh']:,.0f}",
            amount(row["lead_time_months"], "month"),
        ]
        for row, (power, stored, energy, cost) in zip(rows, cells, strict=True)
    ]
    heads = [
        "technology", "capacity", "storage", "units", "energy", "in use", "cost a year", "$/MWh",
        "months",
    ]  # fmt: skip
    return table("built", heads, lines, range(1, 9))
