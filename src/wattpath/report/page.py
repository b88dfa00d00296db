"""One self-contained HTML file: the answer, its figures, tables, sources and reasons.

plotly.js is taken from the installed package and put into the file, so that the page
opens anywhere without a network.
"""

from __future__ import annotations

import html
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath import __version__, units
from wattpath.errors import FileInputError
from wattpath.report import figures

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome, PlanResult

_STYLE = """
:root { color-scheme: light; --ink: #1a1d21; --soft: #5b626c; --line: #e3e6ea; }
body { font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; color: var(--ink);
  max-width: 1080px; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .4rem; }
.answer { font-size: 1.2rem; border-left: 4px solid #8a3ffc; padding: .3rem 0 .3rem 1rem; }
.soft { color: var(--soft); font-size: .92rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; } td.text { text-align: left; }
.bad { color: #b3261e; }
"""


def write(result: PlanResult, file: str | Path) -> Path:
    """Write the report of a plan; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    path = Path(file)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError as error:
        raise FileInputError(str(file), "be in a folder that can be written", str(file)) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(render(result))
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def render(result: PlanResult) -> str:
    """The page as text."""
    from plotly.offline import get_plotlyjs

    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        f"<title>{html.escape(result.scenario)} – Wattpath</title><style>{_STYLE}</style>",
        f"<script>{get_plotlyjs()}</script></head><body>",
        f"<h1>{html.escape(result.scenario)}</h1>",
        "<p class='soft'>From token to grid, by Wattpath.</p>",
        *_reasons(result),
    ]
    if result.feasible:
        parts += _answer(result)
    parts += [_search(result), _inputs(result), "</body></html>"]
    return "\n".join(parts)


def _answer(result: PlanResult) -> list[str]:
    both = result.plans["both"]
    sections = [
        f"<p class='answer'>{html.escape(figures.headline(result))}</p>",
        _section("The four plans", figures.comparison(result), "comparison"),
        _table_of_plans(result),
    ]
    if result.attribution:
        sections.append(_section("Who saves what", figures.waterfall(result), "waterfall"))
        sections.append(
            "<p class='soft'>Shapley values: each interaction is counted once, "
            "and the parts add up to the saving of both over baseline.</p>"
        )
    sections += [
        _section("From grid to tokens (both, one year)", figures.sankey(both), "sankey"),
        _section("The hardest week", figures.operation(both), "operation"),
        _section("PUE over the year", figures.pue_map(both), "pue"),
        _table_of_choices(both),
        _binding(both),
    ]
    return sections


def _section(title: str, figure: Any, name: str) -> str:
    body = figure.to_html(full_html=False, include_plotlyjs=False, div_id=name)
    return f"<h2>{html.escape(title)}</h2>{body}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    lines = [
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    ]
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _table_of_plans(result: PlanResult) -> str:
    from wattpath.plan.result import SHARES

    rows = []
    names = {field: key for key, field in SHARES.items()} | {"months_to_power": "months_to_power"}
    for label, field, shown in _HEADLINES:
        values = [shown(getattr(outcome, field)) for outcome in result.plans.values()]
        share = result.replaceable_share.get(names.get(field, ""))
        rows.append([label, *values, "" if share is None else f"{share:.0%}"])
    return _table(["", *result.plans, "replaceable"], rows)


_HEADLINES = (
    ("Facility peak", "facility_power_peak_w", lambda v: units.show(v, "W")),
    ("IT peak", "it_power_peak_w", lambda v: units.show(v, "W")),
    ("Energy a year", "energy_wh_per_year", lambda v: units.show(v, "Wh")),
    ("Cost a year", "cost_usd_per_year", units.show_usd),
    ("Capital", "capital_usd", units.show_usd),
    ("Carbon a year", "carbon_kg_per_year", lambda v: units.show(v / 1e3, "t")),
    ("Water a year", "water_m3_per_year", lambda v: f"{v:,.0f} m³"),
    ("Months to power", "months_to_power", lambda v: f"{v:.0f}"),
    ("Chips", "chips", lambda v: f"{v:,.0f}"),
)


def _table_of_choices(outcome: Outcome) -> str:
    rows = [
        [
            item.deployment.demand,
            item.deployment.server,
            item.deployment.label,
            ", ".join(item.deployment.levers),
            f"{item.cooling}, {item.electrical}",
            f"{item.units * item.deployment.chips:,.0f}",
        ]
        for item in outcome.chosen
    ]
    compute = _table(["demand", "server", "layout", "levers", "hall", "chips"], rows)
    supply = _table(
        ["supply", "capacity", "energy a year", "cost a year", "lead time [months]"],
        [
            [
                built.name,
                units.show(built.capacity_w, "W"),
                units.show(built.energy_wh, "Wh"),
                units.show_usd(built.cost_usd_per_year),
                f"{built.lead_time_months:.0f}",
            ]
            for built in outcome.supply
        ],
    )
    return f"<h2>The best mix</h2>{compute}{supply}"


def _binding(outcome: Outcome) -> str:
    items = "".join(f"<li>{html.escape(row.sentence)}</li>" for row in outcome.binding)
    return f"<h2>What stops the rest</h2><ul>{items}</ul>" if items else ""


def _reasons(result: PlanResult) -> list[str]:
    return [
        f"<p class='bad'>{html.escape(name)} is infeasible: {html.escape(reason)}</p>"
        for name, outcome in result.plans.items()
        for reason in outcome.reasons
    ]


def _search(result: PlanResult) -> str:
    rows = [
        [row.demand, row.reason, row.margin, f"{row.count:,}"]
        for row in sorted(result.refusals, key=lambda row: -row.count)[:20]
    ]
    return (
        f"<h2>What was considered</h2><p>{result.considered:,} deployments, of which "
        f"{result.dominated:,} were dominated and {result.columns:,} entered the optimisation."
        f"</p>{_table(['demand', 'refused because', 'by', 'times'], rows)}"
    )


def _inputs(result: PlanResult) -> str:
    items = "".join(
        f"<li>{html.escape(str(key))}: {html.escape(str(value))}</li>"
        for key, value in result.inputs.items()
    )
    return f"<h2>Inputs</h2><ul class='soft'>{items}<li>Wattpath {__version__}</li></ul>"
