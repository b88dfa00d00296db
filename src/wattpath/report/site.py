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
    from wattpath.plan.site import FacilityAnswer

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


def write(answer: FacilityAnswer, file: str | Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    drawn: dict[str, Any] = {"figures": {"pue": pue_months(answer), "year": pue_year(answer)}}
    return page.save(page.assemble(answer.scenario.name, _body(answer), drawn), file)


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


def _body(answer: FacilityAnswer) -> Iterator[str]:
    told = answer.to_json()
    yield f"<h1>{html.escape(answer.scenario.name)}: facility</h1>"
    if answer.refusal:
        yield f"<p><strong>{html.escape(answer.refusal)}</strong></p>"
    yield table("facility", ["", "of the year"], _headlines(answer, told), [1])
    yield "<h2>PUE by month and hour of the day</h2><div class='figure' id='pue'></div>"
    yield "<h2>PUE of every hour</h2><div class='figure' id='year'></div>"
    yield "<h2>Where the energy goes</h2>"
    parts = [[PARTS[k], f"{v:.4f}"] for k, v in told["breakdown"].items() if k != "it"]
    yield table("parts", ["part", "energy over IT energy"], parts, [1])
    yield "<h2>Cooling systems at this site</h2>"
    yield (
        "<p>Cost a year: capital over life, upkeep, electricity beside that of IT at the "
        "site's grid price, and water.</p>"
    )
    yield _systems(answer)
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
