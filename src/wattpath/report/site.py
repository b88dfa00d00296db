"""The page of a facility: headline figures, PUE by month and hour, parts, and the systems."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wattpath.report import page
from wattpath.report.figures import Figure, digits, layout
from wattpath.report.tables import table
from wattpath.report.words import amount, amounts

if TYPE_CHECKING:
    from wattpath.plan.place.duties import Duties
    from wattpath.plan.place.hall import FacilityAnswer

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: Parts of a facility in words.
PARTS = {
    "fans": "fans of halls and air handlers",
    "pumps": "pumps",
    "compressors": "compressors",
    "rejection_fans": "fans of towers and dry coolers",
    "other": "lighting and other",
    "electrical": "losses of the electrical chain",
}


def write(answer: FacilityAnswer, other: Duties, file: str | Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    drawn: dict[str, Any] = {
        "figures": {
            "pue": pue_months(answer),
            "year": pue_year(answer),
            "week": hardest_week(answer),
            "days": days(answer),
        }
    }
    return page.save(page.assemble(answer.scenario.name, _body(answer, other), drawn), file)


def hardest_week(answer: FacilityAnswer) -> Figure:
    """Power of every part over IT power, hour by hour, in the week of the worst hour."""
    worst = answer.run.worst_hour // 24
    begin = 24 * min(max(worst - 3, 0), 358)
    part = slice(begin, begin + 168)
    it = answer.run.parts["it_w"][part]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "stackgroup": "parts",
            "name": words,
            "y": [digits(float(v), 4) for v in answer.run.parts[f"{name}_w"][part] / it],
        }
        for name, words in PARTS.items()
    ]
    look = layout(330)
    look["yaxis"] |= {"title": {"text": f"over IT power, from day {begin // 24 + 1}"}}
    return {"data": traces, "layout": look}


def days(answer: FacilityAnswer) -> Figure:
    """Daily mean PUE, and daily water over IT energy, through the year."""
    parts = answer.run.parts
    it = parts["it_w"].reshape(365, 24).sum(axis=1)
    pue = answer.run.facility_w.reshape(365, 24).sum(axis=1) / it
    water = parts["water_kg_s"].reshape(365, 24).sum(axis=1) / it * 3.6e6
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "y": [digits(float(value), 4) for value in values],
            "yaxis": axis,
        }
        for name, values, axis in (("PUE", pue, "y"), ("water [L/kWh]", water, "y2"))
    ]
    look = layout(330)
    look["yaxis"] |= {"title": {"text": "PUE"}}
    look["yaxis2"] = {
        "title": {"text": "L/kWh"},
        "overlaying": "y",
        "side": "right",
        "rangemode": "tozero",
    }
    return {"data": traces, "layout": look}


def pue_months(answer: FacilityAnswer) -> Figure:
    """Mean PUE by month across and hour of the day upwards."""
    return _map(answer.pue_map().T, list(MONTHS), "%{x}, %{y}:00: %{z:.3f}<extra></extra>")


def pue_year(answer: FacilityAnswer) -> Figure:
    """PUE of every hour: days across, hours of the day upwards."""
    figure = _map(answer.run.heat_map.T, None, "day %{x}, %{y}:00: %{z:.3f}<extra></extra>")
    figure["layout"]["xaxis"] |= {"title": {"text": "day of the year"}}
    return figure


def _map(grid: np.ndarray, across: list[str] | None, hover: str) -> Figure:
    trace: dict[str, Any] = {
        "type": "heatmap",
        "z": [[digits(float(value), 5) for value in row] for row in grid],
        "colorscale": "Viridis",
        "colorbar": {"title": {"text": "PUE"}, "thickness": 14},
        "hovertemplate": hover,
    }
    if across is not None:
        trace["x"] = across
    look = layout(330, hovermode="closest")
    look["yaxis"] |= {"title": {"text": "hour of the day"}}
    return {"data": [trace], "layout": look}


def _body(answer: FacilityAnswer, other: Duties) -> Iterator[str]:
    told = answer.to_json()
    yield f"<h1>{html.escape(answer.scenario.name)}: facility</h1>"
    if answer.refusal:
        yield f"<p><strong>{html.escape(answer.refusal)}</strong></p>"
    yield table("facility", ["", "of the year"], _headlines(answer, told), [1])
    yield "<h2>PUE by month and hour of the day</h2><div class='figure' id='pue'></div>"
    yield "<h2>PUE of every hour</h2><div class='figure' id='year'></div>"
    yield "<h2>Days of the year</h2><div class='figure' id='days'></div>"
    yield "<h2>The week of the worst hour</h2><div class='figure' id='week'></div>"
    yield "<h2>Where the energy goes</h2>"
    parts = [[PARTS[k], f"{v:.4f}"] for k, v in told["breakdown"].items() if k != "it"]
    yield table("parts", ["part", "energy over IT energy"], parts, [1])
    yield "<h2>Cooling systems at this site</h2>"
    yield (
        "<p>Cost a year: capital over life, upkeep, electricity beside that of IT at the "
        "site's grid price, and water.</p>"
    )
    yield _systems(answer)
    yield from _duties(other)
    source = html.escape(f"{answer.weather.source} ({answer.weather.evidence})")
    yield f"<p>Weather: {source}.</p>"


def _headlines(answer: FacilityAnswer, told: dict[str, Any]) -> list[list[str]]:
    worst = told["worst_hour"]
    return [
        ["PUE", f"{told['pue']:.3f}"],
        ["WUE", f"{told['wue_l_kwh']:.2f} L/kWh"],
        ["worst hour", f"{worst['when']}, PUE {worst['pue']:.3f} at {worst['dry_bulb_c']:.1f} °C"],
        ["facility peak", amount(worst["facility_w"], "W")],
        ["facility energy", amount(told["facility_energy_wh_per_year"], "Wh")],
        ["water", amount(told["water_m3_per_year"], "m3")],
        ["capital of halls", amount(told["capital_usd"], "USD")],
        ["hours without power", f"{(1.0 - told['availability']) * 8760.0:.2f}"],
    ]


def _systems(answer: FacilityAnswer) -> str:
    rows = answer.systems
    money = amounts([row.cost_usd_per_year for row in rows], "USD")
    capital = amounts([row.capital_usd for row in rows], "USD")
    peaks = amounts([row.peak_w for row in rows], "W")
    lines = [
        [
            row.name,
            f"{row.pue:.3f}",
            f"{row.wue_l_kwh:.2f}",
            peak,
            cost,
            built,
            f"{row.refusal} {row.margin}".strip(),
        ]
        for row, peak, cost, built in zip(rows, peaks, money, capital, strict=True)
    ]
    heads = ["system", "PUE", "L/kWh", "peak", "cost a year", "capital", "why not"]
    return table("systems", heads, lines, range(1, 6))


def _duties(other: Duties) -> Iterator[str]:
    """Redundancy, whole units, refits and heat reuse."""
    told = other.to_json()
    yield "<h2>Redundancy of the electrical chain</h2>"
    lines = [
        [
            one["redundancy"],
            f"{one['hours_without_power_per_year']:.2f}",
            f"{one['pue']:.3f}",
            amount(one["capital_usd_per_it_w"] * other.capacity_w, "USD"),
        ]
        for one in told["redundancy"]
    ]
    heads = ["", "hours a year without power", "PUE", "capital of the chain"]
    yield table("redundancy", heads, lines, range(1, 4))
    yield "<h2>Built in whole units</h2>"
    lines = [
        [
            one["key"],
            str(one["units"]),
            amount(one["module_w"], "W"),
            f"{one['months_to_first']:.0f}",
            f"{one['months_to_all']:.0f}",
            amount(one["capital_usd"], "USD"),
        ]
        for one in told["modules"]
    ]
    heads = ["unit", "units", "of", "months to the first", "months to all", "capital"]
    yield table("modules", heads, lines, range(1, 6))
    if told["retrofits"]:
        yield "<h2>The same hall refitted</h2>"
        yield _refits(told["retrofits"])
    heat = told["heat_reuse"]
    if heat:
        yield "<h2>Heat reuse</h2>"
        lines = [
            ["delivered", amount(heat["delivered_wh_per_year"], "Wh")],
            ["of the demand", f"{heat['met_share']:.0%}"],
            ["heat pump", amount(heat["heat_pump_wh_per_year"], "Wh")],
            ["energy reuse factor", f"{heat['energy_reuse_factor']:.2f}"],
        ]
        yield table("heat", ["", "of the year"], lines, [1])


def _refits(refits: list[dict[str, Any]]) -> str:
    lines = [
        [
            one["cooling"],
            f"{one['pue']:.3f}",
            amount(one["gained_it_w"], "W"),
            amount(one["saved_w"], "W"),
            f"{one['months']:.0f}",
            amount(one["capital_usd"], "USD"),
        ]
        for one in refits
    ]
    heads = ["system", "PUE", "more IT", "saves", "months", "capital"]
    return table("refits", heads, lines, range(1, 6))
