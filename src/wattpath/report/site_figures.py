"""The figures of a facility: PUE over the year, a year of days, a week of hours, systems."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wattpath.facility.weather import MONTH_STARTS
from wattpath.report.figures import COLOURS, Figure, digits, layout
from wattpath.report.site_words import PARTS

if TYPE_CHECKING:
    from wattpath.plan.place.hall import FacilityAnswer

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HEIGHT = 340


def figures(answer: FacilityAnswer) -> dict[str, Figure]:
    """All of them by the id of their place on the page."""
    return {
        "parts_of_months": parts_of_months(answer),
        "pue": pue_months(answer),
        "year": pue_year(answer),
        "days": days(answer),
        "week": hardest_week(answer),
        "load": part_load(answer),
        "spread": spread(answer),
    }


def _stamps(begin: int, count: int, step_h: int) -> list[str]:
    """Dates of a year without a leap day, for an axis."""
    first = datetime(2001, 1, 1) + timedelta(hours=begin)
    return [(first + timedelta(hours=step_h * i)).isoformat() for i in range(count)]


def parts_of_months(answer: FacilityAnswer) -> Figure:
    """Energy of every part over IT energy, month by month."""
    months = np.repeat(np.arange(12), np.diff(MONTH_STARTS))
    it = np.bincount(months, answer.run.parts["it_w"])
    traces = [
        {
            "type": "bar",
            "name": words,
            "x": list(MONTHS),
            "y": [
                digits(float(v), 4) for v in np.bincount(months, answer.run.parts[f"{name}_w"]) / it
            ],
            "marker": {"color": colour},
            "hovertemplate": "%{y:.4f}",
        }
        for (name, words), colour in zip(PARTS.items(), COLOURS, strict=False)
    ]
    look = layout(HEIGHT, barmode="stack")
    look["yaxis"] |= {"title": {"text": "energy over IT energy"}}
    return {"data": traces, "layout": look}


def hardest_week(answer: FacilityAnswer) -> Figure:
    """Power of every part over IT power, hour by hour, in the week of the worst hour."""
    worst = answer.run.worst_hour // 24
    begin = 24 * min(max(worst - 3, 0), 358)
    part = slice(begin, begin + 168)
    it = answer.run.parts["it_w"][part]
    stamps = _stamps(begin, 168, 1)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "stackgroup": "parts",
            "name": words,
            "x": stamps,
            "y": [digits(float(v), 4) for v in answer.run.parts[f"{name}_w"][part] / it],
            "line": {"width": 0.5, "color": colour},
        }
        for (name, words), colour in zip(PARTS.items(), COLOURS, strict=False)
    ]
    warmth = answer.weather.dry_bulb_c[part]
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "outside air [°C]",
            "x": stamps,
            "y": [digits(float(v), 4) for v in warmth],
            "yaxis": "y2",
            "line": {"width": 1.5, "dash": "dot", "color": "#16191d"},
        }
    )
    look = layout(HEIGHT + 30)
    look["xaxis"] |= {"tickformat": "%-d %b", "dtick": 86_400_000}
    look["yaxis"] |= {"title": {"text": "power over IT power"}}
    return {"data": traces, "layout": _second(look, "°C")}


def days(answer: FacilityAnswer) -> Figure:
    """Daily mean PUE, and daily water over IT energy, through the year."""
    parts = answer.run.parts
    it = parts["it_w"].reshape(365, 24).sum(axis=1)
    pue = answer.run.facility_w.reshape(365, 24).sum(axis=1) / it
    water = parts["water_kg_s"].reshape(365, 24).sum(axis=1) / it * 3.6e6
    stamps = _stamps(0, 365, 24)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": stamps,
            "y": [digits(float(value), 4) for value in values],
            "yaxis": axis,
            "line": {"width": 1.5},
        }
        for name, values, axis in (("PUE", pue, "y"), ("water [L/kWh]", water, "y2"))
    ]
    look = layout(HEIGHT)
    look["xaxis"] |= {"tickformat": "%b", "dtick": "M1"}
    look["yaxis"] |= {"title": {"text": "PUE"}}
    most = max(1.1 * float(water.max()), 0.1)
    return {"data": traces, "layout": _second(look, "L/kWh", [0.0, most])}


def _second(look: dict[str, Any], title: str, bounds: list[float] | None = None) -> dict[str, Any]:
    """A second axis on the right, with room for its words."""
    look["margin"] = {**look["margin"], "r": 60}
    look["yaxis2"] = {
        "title": {"text": title},
        "overlaying": "y",
        "side": "right",
        "showgrid": False,
        "automargin": True,
        "tickmode": "auto",
        "nticks": 6,
    }
    if bounds is not None:
        look["yaxis2"]["range"] = bounds
    return look


def pue_months(answer: FacilityAnswer) -> Figure:
    """Mean PUE by month across and hour of the day upwards."""
    return _map(answer.pue_map().T, list(MONTHS), "%{x}, %{y}:00: %{z:.3f}<extra></extra>")


def pue_year(answer: FacilityAnswer) -> Figure:
    """PUE of every hour: days across, hours of the day upwards."""
    hover = "%{x|%-d %b}, %{y}:00: %{z:.3f}<extra></extra>"
    figure = _map(answer.run.heat_map.T, _stamps(0, 365, 24), hover)
    figure["layout"]["xaxis"] |= {"tickformat": "%b", "dtick": "M1"}
    return figure


def _map(grid: np.ndarray, across: list[str], hover: str) -> Figure:
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": across,
        "z": [[digits(float(value), 5) for value in row] for row in grid],
        "colorscale": "Viridis",
        "colorbar": {"title": {"text": "PUE"}, "thickness": 14},
        "hovertemplate": hover,
    }
    look = layout(HEIGHT - 10, hovermode="closest")
    look["yaxis"] |= {"title": {"text": "hour of the day"}, "dtick": 6, "range": [-0.5, 23.5]}
    return {"data": [trace], "layout": look}


def part_load(answer: FacilityAnswer) -> Figure:
    """PUE of the year and the efficiency of the electrical chain over IT load."""
    rows = answer.part_load()
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": [100.0 * row["it_share"] for row in rows],
            "y": [digits(row[key] * scale, 5) for row in rows],
            "yaxis": axis,
        }
        for name, key, scale, axis in (
            ("PUE", "pue", 1.0, "y"),
            ("electrical chain [%]", "chain_efficiency", 100.0, "y2"),
        )
    ]
    look = layout(HEIGHT - 40)
    look["xaxis"] |= {"title": {"text": "IT load (% of capacity)"}}
    look["yaxis"] |= {"title": {"text": "PUE"}}
    look["legend"] = {**look["legend"], "y": -0.3}
    return {"data": traces, "layout": _second(look, "chain [%]")}


def spread(answer: FacilityAnswer) -> Figure:
    """Water over PUE of every cooling system, those that do not fit hollow."""
    groups = {
        "fits": [one for one in answer.systems if not one.refusal],
        "does not fit": [one for one in answer.systems if one.refusal],
    }
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [digits(one.pue, 4) for one in rows],
            "y": [digits(one.wue_l_kwh, 3) for one in rows],
            "text": [one.name for one in rows],
            "marker": {"size": 10, "symbol": symbol, "color": COLOURS[0]},
            "hovertemplate": "%{text}<br>PUE %{x}, %{y} L/kWh<extra></extra>",
        }
        for (name, rows), symbol in zip(groups.items(), ("circle", "circle-open"), strict=True)
        if rows
    ]
    own = next(one for one in answer.systems if one.cooling == answer.hours.cooling)
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "this hall",
            "x": [digits(own.pue, 4)],
            "y": [digits(own.wue_l_kwh, 3)],
            "text": [own.name],
            "marker": {"size": 17, "symbol": "circle-open", "color": "#d33a3a"},
            "hovertemplate": "%{text}<extra></extra>",
        }
    )
    look = layout(HEIGHT, hovermode="closest")
    look["xaxis"] |= {"title": {"text": "PUE"}}
    most = max(0.1, *(one.wue_l_kwh for one in answer.systems))
    look["yaxis"] |= {"title": {"text": "L/kWh"}, "range": [-0.05 * most, 1.1 * most]}
    look["legend"] = {**look["legend"], "y": -0.25}
    return {"data": traces, "layout": look}
