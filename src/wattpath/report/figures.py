"""The figures of a plan: money, savings, operation and PUE.

Every figure is plain data in the form of Plotly (``data`` and ``layout``), made from a
`PlanResult` alone; plotly.js draws it in the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wattpath.report.words import NEGLIGIBLE, amount

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome, PlanResult

Figure = dict[str, Any]

#: One colour per plan, and one per kind of thing, the same in every figure.
PLAN_COLOURS = {"baseline": "#8a8f98", "blue": "#2f6fdd", "red": "#d33a3a", "both": "#7c3aed"}
COLOURS = (
    "#4c78a8", "#f58518", "#54a24b", "#b279a2", "#72b7b2",
    "#eeca3b", "#e45756", "#9d755d", "#bab0ac", "#1f9e89",
)  # fmt: skip
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
GRID = "#e8ebee"
SAVED, ADDED = "#3f9b4f", "#d8572a"

#: What the waterfall can show: title -> (field of the split, field of an outcome, unit).
SAVED_FIELDS = {
    "Facility peak": ("power_w", "facility_power_peak_w", "W"),
    "Cost": ("cost_usd_per_year", "cost_usd_per_year", "USD"),
    "Carbon": ("carbon_kg_per_year", "carbon_kg_per_year", "kg"),
    "Energy": ("energy_wh_per_year", "energy_wh_per_year", "Wh"),
}


def scale_of(largest: float, unit: str) -> tuple[float, str]:
    """Divisor and label that bring the largest value of an axis between 1 and 1,000."""
    steps: tuple[tuple[float, str], ...]
    if unit == "m3":
        steps = ((1e6, "million m³"), (1e3, "1,000 m³"), (1.0, "m³"))
    elif unit == "kg":
        steps = ((1e9, "Mt"), (1e6, "kt"), (1e3, "t"), (1.0, "kg"))
    elif unit == "USD":
        steps = ((1e9, "$ billion"), (1e6, "$ million"), (1e3, "$ thousand"), (1.0, "$"))
    else:
        prefixes = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
        steps = tuple((scale, prefix + unit) for scale, prefix in prefixes)
    return next((step for step in steps if abs(largest) >= step[0]), steps[-1])


def layout(height: int, **extra: Any) -> dict[str, Any]:
    """The common look of all figures."""
    axis = {"gridcolor": GRID, "zerolinecolor": "#c5cbd1", "automargin": True}
    return {
        "height": height,
        "font": {"family": FONT, "size": 13, "color": "#16191d"},
        "margin": {"l": 60, "r": 15, "t": 35, "b": 45},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": -0.18},
        "hovermode": "x unified",
        "xaxis": dict(axis),
        "yaxis": dict(axis),
        **extra,
    }


def money(result: PlanResult) -> Figure:
    """Where each plan's money goes: one stacked bar per plan."""
    plans = {name: outcome for name, outcome in result.plans.items() if outcome.feasible}
    largest = max(outcome.cost_usd_per_year for outcome in plans.values())
    scale, label = scale_of(largest, "USD")
    parts = dict.fromkeys(part for outcome in plans.values() for part in outcome.cost_parts)
    shown = [
        part
        for part in parts
        if any(abs(o.cost_parts.get(part, 0.0)) > 1e-4 * largest for o in plans.values())
    ]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": part,
            "y": list(plans),
            "x": [digits(outcome.cost_parts.get(part, 0.0) / scale) for outcome in plans.values()],
            "marker": {"color": COLOURS[number % len(COLOURS)]},
            "hovertemplate": "%{x:,.3~g} " + label,
        }
        for number, part in enumerate(shown)
    ]
    look = layout(320, barmode="relative", hovermode="y unified")
    look["yaxis"] |= {"autorange": "reversed"}
    look["xaxis"] |= {"title": {"text": f"{label} a year"}}
    look["legend"] |= {"y": -0.42}
    return {"data": data, "layout": look}


def waterfall(result: PlanResult) -> Figure:
    """What each lever takes off, from baseline to both; buttons choose the quantity."""
    views = [_waterfall_view(result, *fields) for fields in SAVED_FIELDS.values()]
    buttons = [
        {
            "label": title,
            "method": "update",
            "args": [
                {key: [view[key]] for key in ("x", "y", "base", "text", "marker.color")},
                {"yaxis.title.text": view["label"]},
            ],
        }
        for title, view in zip(SAVED_FIELDS, views, strict=True)
    ]
    first = views[0]
    trace = {
        "type": "bar",
        "x": first["x"],
        "y": first["y"],
        "base": first["base"],
        "text": first["text"],
        "marker": {"color": first["marker.color"]},
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{text}<extra></extra>",
    }
    look = layout(440, showlegend=False, hovermode="closest")
    look["margin"]["t"] = 75
    look["yaxis"] |= {"title": {"text": first["label"]}, "rangemode": "tozero"}
    look["updatemenus"] = [
        {
            "type": "buttons", "direction": "right", "x": 0, "y": 1.2, "xanchor": "left",
            "yanchor": "top", "buttons": buttons, "pad": {"t": 0}, "bgcolor": "#f6f7f9",
        }
    ]  # fmt: skip
    return {"data": [trace], "layout": look}


def _waterfall_view(
    result: PlanResult, split_field: str, plan_field: str, unit: str
) -> dict[str, Any]:
    """Bars that hang where the one before them ends, in the order of what they save."""
    rows = sorted(result.attribution, key=lambda row: -getattr(row, split_field))
    start = float(getattr(result.plans["baseline"], plan_field))
    end = float(getattr(result.plans["both"], plan_field))
    steps = [-float(getattr(row, split_field)) for row in rows]
    steps = [0.0 if abs(step) < NEGLIGIBLE * start else step for step in steps]
    ends = [start + sum(steps[:count]) for count in range(len(steps))]
    scale, label = scale_of(start, unit)
    signed = ["0" if step == 0 else f"{'+-'[step < 0]}{amount(abs(step), unit)}" for step in steps]
    return {
        "x": ["baseline", *(row.title for row in rows), "both"],
        "y": [digits(value / scale) for value in (start, *steps, end)],
        "base": [digits(value / scale) for value in (0.0, *ends, 0.0)],
        "text": [amount(start, unit), *signed, amount(end, unit)],
        "marker.color": [
            PLAN_COLOURS["baseline"],
            *(SAVED if step <= 0 else ADDED for step in steps),
            PLAN_COLOURS["both"],
        ],
        "label": label if unit == "W" else f"{label} a year",
    }


def operation(outcomes: dict[str, Outcome]) -> dict[str, Any]:
    """Supply by technology and load of every hour of each plan, for the page to draw."""
    largest = max(float(o.hourly.facility_w.max()) for o in outcomes.values() if o.hourly)
    scale, label = scale_of(largest, "W")
    names = dict.fromkeys(n for o in outcomes.values() if o.hourly for n in o.hourly.supply_w)
    colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    plans = {}
    for plan, outcome in outcomes.items():
        assert outcome.hourly is not None
        plans[plan] = {
            "supply": [
                {"name": name, "colour": colour[name], "values": _series(power, scale)}
                for name, power in outcome.hourly.supply_w.items()
            ],
            "load": _series(outcome.hourly.facility_w, scale),
            "it": _series(outcome.hourly.it_w, scale),
        }
    look = layout(400)
    look["yaxis"] |= {"title": {"text": label}}
    look["margin"]["b"] = 60
    return {"plans": plans, "unit": label, "layout": look}


def pue_map(outcome: Outcome) -> Figure:
    """PUE over the year: days across, hours of the day upwards."""
    assert outcome.hourly is not None
    grid = np.round(outcome.hourly.pue.reshape(365, 24).T, 4)
    trace = {
        "type": "heatmap",
        "z": grid.tolist(),
        "colorscale": "Viridis",
        "colorbar": {"title": {"text": "PUE"}, "thickness": 14},
        "hovertemplate": "day %{x}, hour %{y}: %{z:.3f}<extra></extra>",
    }
    look = layout(300, hovermode="closest")
    look["xaxis"] |= {"title": {"text": "day of the year"}}
    look["yaxis"] |= {"title": {"text": "hour of the day"}}
    return {"data": [trace], "layout": look}


def _series(power: np.ndarray, scale: float) -> list[float]:
    """Values with four digits, to keep the page small."""
    return [digits(float(value) / scale, 4) for value in power]


def digits(value: float, count: int = 6) -> float:
    """The value with so many significant digits."""
    return float(f"{value:.{count}g}")
