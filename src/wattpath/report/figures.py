"""The figures of a plan: comparison, flow from grid to tokens, operation, savings.

Every figure is a Plotly figure made from a `PlanResult` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wattpath import units

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome, PlanResult

#: One colour per plan, and one per kind of thing, the same in every figure.
PLAN_COLOURS = {"baseline": "#8a8f98", "blue": "#2f6fdd", "red": "#d33a3a", "both": "#8a3ffc"}
SUPPLY_COLOURS = (
    "#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2",
    "#eeca3b", "#b279a2", "#9d755d", "#bab0ac", "#1f9e89",
)  # fmt: skip
FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif"

#: Headline quantity -> (field, divisor, unit on the axis).
COMPARED = {
    "Facility peak": ("facility_power_peak_w", 1e6, "MW"),
    "Cost a year": ("cost_usd_per_year", 1e6, "M$"),
    "Energy a year": ("energy_wh_per_year", 1e9, "GWh"),
    "Carbon a year": ("carbon_kg_per_year", 1e6, "kt"),
    "Water a year": ("water_m3_per_year", 1e3, "1000 m³"),
}


def _styled(figure: Any, height: int) -> Any:
    figure.update_layout(
        template="plotly_white",
        font={"family": FONT, "size": 13},
        height=height,
        margin={"l": 60, "r": 20, "t": 40, "b": 50},
        legend={"orientation": "h", "y": -0.15},
    )
    return figure


def comparison(result: PlanResult) -> Any:
    """One panel per headline quantity, one bar per plan."""
    plans = [name for name, outcome in result.plans.items() if outcome.feasible]
    titles = [f"{title} [{unit}]" for title, (_, _, unit) in COMPARED.items()]
    figure = make_subplots(rows=1, cols=len(COMPARED), subplot_titles=titles)
    for column, (field, scale, _) in enumerate(COMPARED.values(), start=1):
        values = [getattr(result.plans[name], field) / scale for name in plans]
        figure.add_trace(
            go.Bar(
                x=plans,
                y=values,
                marker_color=[PLAN_COLOURS[name] for name in plans],
                text=[f"{value:,.3g}" for value in values],
                textposition="auto",
                showlegend=False,
            ),
            row=1,
            col=column,
        )
    return _styled(figure, 340)


def waterfall(result: PlanResult) -> Any:
    """What each lever takes off the facility's peak, from baseline to both."""
    rows = sorted(result.attribution, key=lambda row: -row.power_w)
    start = result.plans["baseline"].facility_power_peak_w / 1e6
    end = result.plans["both"].facility_power_peak_w / 1e6
    figure = go.Figure(
        go.Waterfall(
            x=["baseline", *(row.title for row in rows), "both"],
            measure=["absolute", *("relative" for _ in rows), "total"],
            y=[start, *(-row.power_w / 1e6 for row in rows), end],
            text=[f"{start:,.3g}", *(f"{-row.power_w / 1e6:+,.3g}" for row in rows), f"{end:,.3g}"],
            decreasing={"marker": {"color": "#54a24b"}},
            increasing={"marker": {"color": "#e45756"}},
            totals={"marker": {"color": PLAN_COLOURS["both"]}},
        )
    )
    figure.update_yaxes(title="facility peak [MW]")
    return _styled(figure, 420)


def sankey(outcome: Outcome) -> Any:
    """A year's energy from its sources through the halls to the demands [GWh]."""
    nodes: list[str] = []
    links: list[tuple[int, int, float]] = []

    def node(name: str) -> int:
        if name not in nodes:
            nodes.append(name)
        return nodes.index(name)

    facility = node("facility")
    for built in outcome.supply:
        if built.energy_wh > 0 and built.energy_j == 0:
            links.append((node(built.name), facility, built.energy_wh / 1e9))
    assert outcome.hourly is not None
    it_wh = float(outcome.hourly.it_w.sum())
    total_wh = float(outcome.hourly.facility_w.sum())
    supplied = sum(value for _, target, value in links if target == facility) * 1e9
    if supplied > total_wh * 1.0001:
        links.append((facility, node("storage losses and curtailment"), (supplied - total_wh) / 1e9))
    links.append((facility, node("cooling and conversion"), (total_wh - it_wh) / 1e9))
    links.append((facility, node("IT"), it_wh / 1e9))
    for demand, energy in _demand_energy(outcome).items():
        links.append((node("IT"), node(demand), energy * it_wh / 1e9))
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={"label": nodes, "pad": 18, "thickness": 16},
            link={
                "source": [link[0] for link in links],
                "target": [link[1] for link in links],
                "value": [link[2] for link in links],
            },
            valueformat=",.3g",
            valuesuffix=" GWh",
        )
    )
    return _styled(figure, 420)


def _demand_energy(outcome: Outcome) -> dict[str, float]:
    """Share of the IT energy that each demand draws."""
    energy: dict[str, float] = {}
    for item in outcome.chosen:
        name = item.deployment.demand
        energy[name] = energy.get(name, 0.0) + item.energy_wh
    total = sum(energy.values())
    return {name: value / total for name, value in energy.items()}


def operation(outcome: Outcome, *, day: int | None = None, days: int = 7) -> Any:
    """Supply by technology against the facility's load, hour by hour [MW].

    Parameters
    ----------
    outcome : Outcome
    day : int, optional
        First day shown; without it the week that holds the highest load.
    days : int
        How many days.
    """
    hourly = outcome.hourly
    assert hourly is not None
    if day is None:
        day = max(0, min(365 - days, int(hourly.facility_w.argmax()) // 24 - days // 2))
    span = slice(24 * day, 24 * (day + days))
    hours = np.arange(span.start, span.stop) / 24.0
    figure = go.Figure()
    for index, (name, power) in enumerate(hourly.supply_w.items()):
        colour = SUPPLY_COLOURS[index % len(SUPPLY_COLOURS)]
        for sign, shown in ((1.0, True), (-1.0, False)):
            part = np.maximum(sign * power[span], 0.0) * sign / 1e6
            if not part.any():
                continue
            figure.add_trace(
                go.Scatter(
                    x=hours,
                    y=part,
                    name=name if shown else f"{name} charging",
                    stackgroup="out" if sign > 0 else "in",
                    line={"width": 0.5, "color": colour},
                )
            )
    figure.add_trace(
        go.Scatter(
            x=hours,
            y=hourly.facility_w[span] / 1e6,
            name="facility load",
            line={"color": "#111", "width": 2},
        )
    )
    figure.update_xaxes(title="day of the year")
    figure.update_yaxes(title="power [MW]")
    return _styled(figure, 380)


def pue_map(outcome: Outcome) -> Any:
    """PUE over the year: days across, hours of the day upwards."""
    assert outcome.hourly is not None
    grid = outcome.hourly.pue.reshape(365, 24).T
    figure = go.Figure(
        go.Heatmap(z=grid, colorscale="Viridis", colorbar={"title": "PUE"}, zsmooth=False)
    )
    figure.update_xaxes(title="day of the year")
    figure.update_yaxes(title="hour of the day")
    return _styled(figure, 320)


def headline(result: PlanResult) -> str:
    """The answer in one sentence."""
    blue, both = result.plans["blue"], result.plans["both"]
    power = blue.facility_power_peak_w - both.facility_power_peak_w
    cost = blue.cost_usd_per_year - both.cost_usd_per_year
    return (
        f"Beside the best hardware, software makes {units.show(power, 'W')} "
        f"({result.replaceable_share['power']:.0%} of the facility's peak) and "
        f"{units.show_usd(cost)} a year ({result.replaceable_share['cost']:.0%}) unnecessary."
    )
