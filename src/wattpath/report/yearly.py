"""The figures of a plan over several years: what is built, and how the four plans part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wattpath.report.figures import COLOURS, PLAN_COLOURS, Figure, digits, layout, scale_of

if TYPE_CHECKING:
    from wattpath.plan.years.path import Path, Years

#: What the build-out can show: title -> kinds of asset, unit.
KINDS = {
    "Supply": (("supply",), "W"),
    "Halls": (("hall",), "W"),
    "Servers": (("server",), "servers"),
}


def buildout(years: Years) -> Figure:
    """What stands in each year of the freest plan that has an answer; buttons choose the kind."""
    path = [path for path in years.paths.values() if path.feasible][-1]
    traces, shown, labels = [], [], []
    for title, (kinds, unit) in KINDS.items():
        own, label = _stood(path, kinds, unit)
        shown += [title] * len(own)
        traces += own
        labels.append(label)
    first = next(iter(KINDS))
    for trace, title in zip(traces, shown, strict=True):
        trace["visible"] = title == first
    look = layout(380, barmode="stack")
    look["margin"]["t"] = 75
    look["title"] = {"text": f"What stands in {path.name}", "x": 0.5}
    look["yaxis"] |= {"title": {"text": labels[0]}}
    look["updatemenus"] = [
        {
            "type": "buttons", "direction": "right", "x": 0, "y": 1.2, "xanchor": "left",
            "yanchor": "top", "bgcolor": "#f6f7f9",
            "buttons": [
                {
                    "label": title,
                    "method": "update",
                    "args": [
                        {"visible": [title == other for other in shown]},
                        {"yaxis.title.text": label},
                    ],
                }
                for title, label in zip(KINDS, labels, strict=True)
            ],
        }
    ]  # fmt: skip
    return {"data": traces, "layout": look}


def _stood(path: Path, kinds: tuple[str, ...], unit: str) -> tuple[list[Figure], str]:
    """A stacked bar for each asset, at work and unused together."""
    names = dict.fromkeys(s.name for y in path.years for s in y.stock if s.kind in kinds)
    rows = {
        name: [
            sum(s.in_service + s.unused for s in y.stock if s.kind in kinds and s.name == name)
            for y in path.years
        ]
        for name in names
    }
    largest = max((sum(values) for values in zip(*rows.values(), strict=True)), default=0.0)
    scale, label = scale_of(largest, unit) if unit == "W" else (1.0, unit)
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": [year.label for year in path.years],
            "y": [digits(value / scale) for value in values],
            "marker": {"color": COLOURS[number % len(COLOURS)]},
            "hovertemplate": "%{y:,.4~g} " + label,
        }
        for number, (name, values) in enumerate(rows.items())
        if max(values) > 1e-4 * largest
    ]
    return traces, label


def paths(years: Years) -> Figure:
    """Facility peak of the four plans, year by year."""
    solved = [path for path in years.paths.values() if path.feasible]
    peaks = {p.name: [y.outcome.facility_power_peak_w for y in p.years] for p in solved}
    scale, label = scale_of(max(max(values) for values in peaks.values()), "W")
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": list(years.labels),
            "y": [digits(value / scale) for value in values],
            "line": {"color": PLAN_COLOURS[name]},
            "hovertemplate": "%{y:,.4~g} " + label,
        }
        for name, values in peaks.items()
    ]
    look = layout(320)
    look["yaxis"] |= {"title": {"text": f"facility peak [{label}]"}, "rangemode": "tozero"}
    look["xaxis"] |= {"type": "category"}
    return {"data": data, "layout": look}
