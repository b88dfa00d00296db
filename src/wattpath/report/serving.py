"""Pages of serving: the frontier of a fleet, and its day or replay over time."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wattpath.plan.fleet.surface import Point, frontier, surface
from wattpath.report import page
from wattpath.report.figures import COLOURS, Figure, digits, layout, scale_of
from wattpath.report.tables import table
from wattpath.report.words import amount

if TYPE_CHECKING:
    from wattpath.plan.fleet.answer import FleetAnswer, Sized
    from wattpath.plan.fleet.simulation import Simulation
    from wattpath.serving.heap import Floats

#: Time of the frontier -> what it is, its axis, and the axis's unit over SI.
AXES = {
    "tpot_s": ("time per token", "ms per output token", 1e3),
    "ttft_s": ("time to first token", "s to first token", 1.0),
}
#: Intervals of a figure over time.
INTERVALS = 96


def write_fleets(name: str, answers: list[FleetAnswer], file: str | Path) -> Path:
    """Write the page of sized fleets; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    figures: dict[str, Figure] = {}
    for place, answer in enumerate(answers):
        for time in AXES:
            figures[f"frontier-{time}{place}"] = frontier_figure(answer, time)
        best = answer.cheapest
        if best is not None:
            figures |= {f"{key}{place}": one for key, one in _day_figures(best).items()}
    body = _fleet_body(name, answers)
    return page.save(page.assemble(name, body, {"figures": figures}), file)


def write_simulation(result: Simulation, name: str, file: str | Path) -> Path:
    """Write the page of a replay; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    hours = result.seconds / 3600.0
    joined = [getattr(result.answers, one) for one in TIMES]
    figures = over_time(joined, hours, 1.0)
    figures["power"] = power_figure(result.it_w, hours)
    figures["ranks"] = ranks_figure(result.over_time("on"), hours, result)
    told = result.to_json()
    heads = ["", *told["percentiles"]["ttft_s"]]
    rows = [
        [key, *(f"{value * factor:.4g} {unit}" for value in told["percentiles"][key].values())]
        for key, factor, unit in (("ttft_s", 1.0, "s"), ("tpot_s", 1e3, "ms"), ("e2e_s", 1.0, "s"))
    ]
    body = [
        f"<h1>{html.escape(name)}</h1>",
        f"<p>{told['requests']:,} requests, {told['within_service_level']:.2%} within the "
        "service level.</p>",
        table("times", heads, rows, range(1, len(heads))),
        *_places(""),
        "<h3>Attention ranks that are on</h3><div class='figure' id='ranks'></div>",
    ]
    return page.save(page.assemble(name, body, {"figures": figures}), file)


TIMES = ("arrival_s", "first_s", "done_s", "outputs")


def _places(suffix: str) -> Iterator[str]:
    for key, title in (
        ("latency", "Time to first token and per token"),
        ("queue", "Requests that wait and that are served"),
        ("power", "Power"),
    ):
        yield f"<h3>{title}</h3><div class='figure' id='{key}{suffix}'></div>"


def _fleet_body(name: str, answers: list[FleetAnswer]) -> Iterator[str]:
    yield f"<h1>{html.escape(name)}: serving fleets</h1>"
    for place, answer in enumerate(answers):
        yield f"<h2>{html.escape(answer.demand.name)}</h2>"
        for reason in answer.reasons:
            yield f"<p><strong>{html.escape(reason)}</strong></p>"
        heads = ["deployment", "on", "replicas", "servers", "margin", "cost a year", "peak"]
        yield table(f"tried{place}", heads, map(_row, answer.tried), range(2, 7))
        for time, (title, *_) in AXES.items():
            yield f"<h3>Throughput against {title}</h3>"
            yield f"<div class='figure' id='frontier-{time}{place}'></div>"
        if answer.feasible:
            yield "<p>The busiest day of the cheapest fleet, each hour sampled:</p>"
            yield from _places(str(place))


def _row(one: Sized) -> list[str]:
    near, cost = one.nearest, one.cost
    known = cost is not None
    return [
        f"{one.replica.label}: {', '.join(one.replica.levers)}",
        one.deployment.server,
        str(near.replicas) if known else "fails",
        f"{one.servers:.0f}" if known else "–",
        f"{near.margin:+.1%}",
        amount(cost.total_usd, "USD") if cost is not None else "–",
        amount(cost.facility_peak_w, "W") if cost is not None else "–",
    ]


def frontier_figure(answer: FleetAnswer, time: str) -> Figure:
    """Output tokens per second and chip against a time, one curve for each software.

    Deployments with separate workers stand as single points at their operating load.

    Parameters
    ----------
    time : str
        A key of `AXES`.
    """
    traces: list[dict[str, Any]] = []
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for one in answer.tried:
        key = (one.deployment.server, one.replica.levers)
        if key in seen:
            continue
        seen.add(key)
        points = frontier(surface(one.replica), time) or [_single(answer, one)]
        traces.append(_curve(one, points, time, COLOURS[len(traces) % len(COLOURS)]))
    look = layout(420, hovermode="closest")
    look["xaxis"] |= {"title": {"text": AXES[time][1]}, "type": "log"}
    look["yaxis"] |= {"title": {"text": "output tokens/s per chip"}, "rangemode": "tozero"}
    return {"data": traces, "layout": look}


def _single(answer: FleetAnswer, one: Sized) -> Point:
    unit, figures = one.deployment, one.deployment.figures
    rate = unit.capacity * answer.demand.output_tokens / unit.chips
    times = figures["ttft_s"], figures["tpot_s"]
    return Point(one.replica.label, figures["batch"], rate, *times, figures["chip_full_w"] / rate)


def _curve(one: Sized, points: list[Point], time: str, colour: str) -> dict[str, Any]:
    scale = AXES[time][2]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{one.deployment.server}: {', '.join(one.replica.levers[-3:])}",
        "x": [digits(getattr(point, time) * scale, 4) for point in points],
        "y": [digits(point.tokens_s, 4) for point in points],
        "customdata": [
            [point.layout, *(digits(value, 3) for value in _beside(point))] for point in points
        ],
        "hovertemplate": (
            "%{customdata[0]}: %{y} tokens/s per chip, %{customdata[1]} ms per token, first "
            "token %{customdata[2]} s, %{customdata[3]} J per token (chip)<extra></extra>"
        ),
        "line": {"color": colour},
    }


def _beside(point: Point) -> tuple[float, float, float]:
    return point.tpot_s * 1e3, point.ttft_s, point.chip_j_per_token


def _day_figures(best: Sized) -> dict[str, Figure]:
    trial, cost = best.usual, best.cost
    if trial is None or cost is None:
        return {}
    run = trial.run
    figures = over_time([getattr(run, one) for one in TIMES], 24.0, 1.0 / trial.share)
    scale = cost.it_peak_w / float(run.chip_w.max())
    figures["power"] = power_figure(run.chip_w * scale, 24.0)
    return figures


def over_time(times: Sequence[Floats], hours: float, scale: float) -> dict[str, Figure]:
    """Latency by time of arrival, and requests in the system.

    Parameters
    ----------
    times : sequence of ndarray
        Arrival, first and last token [s] and tokens written, of each request (`TIMES`).
    hours : float
        What the span of the figure stands for.
    scale : float
        Requests of the fleet for each that was simulated.
    """
    arrival_s, first_s, done_s, outputs = times
    edges = np.linspace(0.0, float(np.nanmax(done_s, initial=arrival_s[-1])), INTERVALS + 1)
    when = [digits(float(one), 4) for one in (np.arange(INTERVALS) + 0.5) / INTERVALS * hours]
    place = np.clip(np.searchsorted(edges, arrival_s, "right") - 1, 0, INTERVALS - 1)
    tpot = (done_s - first_s) / np.maximum(1.0, outputs - 1.0)
    lines = []
    for name, values, level, axis in (
        ("first token, median [s]", first_s - arrival_s, 50.0, "y"),
        ("first token, P99 [s]", first_s - arrival_s, 99.0, "y"),
        ("per token, median [ms]", tpot * 1e3, 50.0, "y2"),
        ("per token, P99 [ms]", tpot * 1e3, 99.0, "y2"),
    ):
        line = _binned(place, values, level)
        lines.append({"name": name, "x": when, "y": line, "yaxis": axis, "type": "scatter"})
    look = _clock(360)
    look["yaxis"] |= {"title": {"text": "s to first token"}, "rangemode": "tozero"}
    right = {"overlaying": "y", "side": "right", "rangemode": "tozero"}
    look["yaxis2"] = right | {"title": {"text": "ms per token"}}
    queue = _queue(edges[1:], when, times, scale)
    return {"latency": {"data": lines, "layout": look}, "queue": queue}


def _binned(place: np.ndarray, values: Floats, level: float) -> list[float | None]:
    found: list[float | None] = []
    for index in range(INTERVALS):
        part = values[(place == index) & np.isfinite(values)]
        found.append(digits(float(np.percentile(part, level)), 4) if part.size else None)
    return found


def _queue(edges: Floats, when: list[float], times: Sequence[Floats], scale: float) -> Figure:
    """Requests without a first token, and in decode, at the end of each interval."""
    came, begun, ended = (
        np.searchsorted(np.sort(one[np.isfinite(one)]), edges, "right") for one in times[:3]
    )
    lines = [
        {"name": name, "x": when, "y": [digits(float(v) * scale, 4) for v in values],
         "type": "scatter"}
        for name, values in (("wait for a first token", came - begun), ("decode", begun - ended))
    ]  # fmt: skip
    look = _clock(300)
    look["yaxis"] |= {"title": {"text": "requests"}, "rangemode": "tozero"}
    return {"data": lines, "layout": look}


def ranks_figure(on: Floats, hours: float, result: Simulation) -> Figure:
    """Attention ranks that are on over time: what scaling and failures leave."""
    when = (np.arange(len(on)) + 0.5) * result.step_s / 3600.0
    line = {
        "name": "ranks on",
        "type": "scatter",
        "x": [digits(min(float(one), hours), 5) for one in when],
        "y": [digits(float(one), 4) for one in on],
    }
    look = _clock(300)
    look["yaxis"] |= {"title": {"text": "attention ranks"}, "rangemode": "tozero"}
    return {"data": [line], "layout": look}


def power_figure(it_w: Floats, hours: float) -> Figure:
    """IT power over time."""
    unit, name = scale_of(float(it_w.max()), "W")
    when = (np.arange(len(it_w)) + 0.5) / len(it_w) * hours
    line = {
        "name": "IT power",
        "type": "scatter",
        "x": [digits(float(one), 5) for one in when],
        "y": [digits(float(one) / unit, 4) for one in it_w],
        "line": {"color": COLOURS[1]},
    }
    look = _clock(300)
    look["yaxis"] |= {"title": {"text": name}, "rangemode": "tozero"}
    return {"data": [line], "layout": look}


def _clock(height: int) -> dict[str, Any]:
    look = layout(height)
    look["xaxis"] |= {"title": {"text": "hour"}}
    return look
