"""The sections of the report page, top to bottom."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.report import tables
from wattpath.report.words import HEADLINES, amount, answer

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome, PlanResult
    from wattpath.plan.years.path import Years

#: What each plan may change, in words.
PLANS = {
    "baseline": "today's software, servers, cooling and supply; only more of them",
    "blue": "any hardware: chips, cooling and supply; today's software",
    "red": "any software; today's chips, cooling and supply",
    "both": "everything",
}

#: Headlines that get a tile of their own.
_TILES = ("facility_power_peak_w", "cost_usd_per_year", "energy_wh_per_year", "carbon_kg_per_year")

#: Headlines that are compared in bars.
_BARS = (*_TILES, "capital_usd", "water_m3_per_year")


def body(result: PlanResult) -> Iterator[str]:
    """The page's content, section by section."""
    yield from _head(result)
    solved = {name: outcome for name, outcome in result.plans.items() if outcome.feasible}
    yield from _reasons(result)
    if result.feasible:
        yield from _answer(result)
    if result.years is not None:
        yield from _years(result.years)
    if solved:
        yield from _comparison(result)
    best = solved.get("both")
    if result.attribution:
        yield from _savings(result)
    if best is not None:
        yield from _mix(result, best)
        yield from _flow()
    if solved:
        yield from _operation(solved)
    if best is not None:
        yield from _binding(best)
    yield from _search(result)
    if solved:
        yield from _evidence(result, solved)
    yield from _inputs(result)


def _head(result: PlanResult) -> Iterator[str]:
    yield f"<h1>{html.escape(result.scenario)}</h1>"
    if result.asked is not None and result.asked.description:
        yield f"<p>{html.escape(result.asked.description)}</p>"
    site = catalog.load("site", str(result.inputs["site"])).name
    place = html.escape(f"{site}; weather: {result.inputs['weather']}")
    yield f"<p class='soft'>From token to grid, by Wattpath. {place}.</p>"


def _reasons(result: PlanResult) -> Iterator[str]:
    for name, outcome in result.plans.items():
        if not outcome.feasible:
            items = "".join(f"<li>{html.escape(reason)}</li>" for reason in outcome.reasons)
            yield f"<div class='bad'><b>{name} is infeasible.</b><ul>{items}</ul></div>"


def _answer(result: PlanResult) -> Iterator[str]:
    yield f"<p class='answer' id='answer'>{html.escape(answer(result))}</p><div class='tiles'>"
    blue, both = result.plans["blue"], result.plans["both"]
    for headline in HEADLINES:
        if headline.field not in _TILES:
            continue
        share = result.replaceable_share[headline.share]
        yield (
            f"<div class='tile' id='tile-{headline.share}'>"
            f"<span>{headline.title}</span><b>{amount(headline.of(both), headline.unit)}</b>"
            f"<span>instead of {amount(headline.of(blue), headline.unit)} with the best hardware "
            f"alone: {share:.0%} replaced</span></div>"
        )
    yield "</div>"


def _comparison(result: PlanResult) -> Iterator[str]:
    yield "<h2>Four plans for the same service</h2>"
    yield "<p class='soft'>Same demand, quality floor, service level and date. "
    yield "; ".join(f"<b>{name}</b>: {words}" for name, words in PLANS.items()) + ".</p>"
    yield from _bars(result)
    yield tables.comparison(result)
    yield "<h3>Where the money goes</h3>" + _figure("money")


def _years(years: Years) -> Iterator[str]:
    """The years side by side; everything below them is about the last one."""
    yield "<h2>Year by year</h2>"
    solved = {name: path for name, path in years.paths.items() if path.feasible}
    if not solved:
        return
    values = "; ".join(f"{name} {amount(path.npv_usd, 'USD')}" for name, path in solved.items())
    yield f"<p>Net present value of all costs at the beginning of {years.labels[0]}: {values}.</p>"
    yield _figure("buildout") + _figure("paths")
    yield "<h3>What software replaces, by year</h3>" + tables.shares_by_year(years)
    yield tables.years(years)
    if years.attribution:
        yield "<h3>Who saves what over all years</h3>" + tables.attribution_of_years(years)
    for name, path in solved.items():
        content = tables.bought(path)
        yield f"<details><summary>What {name} buys and when</summary>{content}</details>"
    yield (
        "<p class='soft'>Capital of what is bought is paid in every year of its life, used or not. "
        f"What follows is about {years.labels[-1]}.</p>"
    )


def _bars(result: PlanResult) -> Iterator[str]:
    """A panel of four bars for each headline quantity that any plan has."""
    yield "<div class='panels' id='comparison'>"
    for headline in HEADLINES:
        values = {name: headline.of(outcome) for name, outcome in result.plans.items()}
        values = {name: value for name, value in values.items() if math.isfinite(value)}
        largest = max(values.values(), default=0.0)
        if headline.field not in _BARS or largest <= 0.0:
            continue
        yield f"<div class='panel'><b>{headline.title}</b>"
        for name, value in values.items():
            width = f"{100.0 * value / largest:.1f}%"
            yield (
                f"<div class='bar {name}'><span>{name}</span>"
                f"<i><u style='width:{width}'></u></i><em>{amount(value, headline.unit)}</em></div>"
            )
        yield "</div>"
    yield "</div>"


def _savings(result: PlanResult) -> Iterator[str]:
    yield "<h2>Who saves what</h2>"
    yield (
        "<p class='soft'>The saving of both over baseline, split by Shapley values: each lever's "
        "mean worth over all orders in which the levers could be added, so that what two of them "
        "do together is counted once.</p>"
    )
    yield _figure("waterfall")
    yield tables.attribution(result)


def _mix(result: PlanResult, best: Outcome) -> Iterator[str]:
    yield "<h2>The best mix</h2>" + tables.deployments(best) + tables.built(best)
    yield tables.prices(best)
    used = tables.levers_used(best)
    if used:
        yield "<h3>Software in use, with its quality cost</h3>" + used
    for name, outcome in result.plans.items():
        if outcome.feasible and name != "both":
            content = tables.deployments(outcome) + tables.built(outcome)
            yield f"<details><summary>What {name} chooses</summary>{content}</details>"


def _flow() -> Iterator[str]:
    yield "<h2>From grid to tokens</h2>"
    yield "<p class='soft'>Electricity of a year in the plan both.</p>" + _figure("sankey")


def _operation(solved: dict[str, Outcome]) -> Iterator[str]:
    yield "<h2>Hour by hour</h2>"
    names = list(reversed(solved))
    options = "".join(f"<option>{html.escape(name)}</option>" for name in names)
    hourly = solved[names[0]].hourly
    assert hourly is not None
    weeks = hourly.facility_w[: 52 * 168].reshape(52, 168)
    high, low = int(weeks.max(axis=1).argmax()), int(weeks.mean(axis=1).argmin())
    yield (
        f"<div class='controls'><label>Plan <select id='operation-plan'>{options}</select></label>"
        f"<label>Week <input type='range' id='operation-week' min='0' max='52' value='{high}'>"
        f"</label><span id='operation-label'></span>"
        f"<button data-week='{high}'>highest load</button>"
        f"<button data-week='{low}'>lowest load</button></div>"
    )
    yield _figure("operation")
    if "both" in solved:
        yield "<h3>Facility power over IT power in every hour of both</h3>" + _figure("pue")


def _binding(best: Outcome) -> Iterator[str]:
    if best.binding:
        items = "".join(f"<li>{html.escape(row.sentence)}</li>" for row in best.binding)
        yield f"<h2>What stops the rest</h2><ul>{items}</ul>"


def _search(result: PlanResult) -> Iterator[str]:
    yield "<h2>What was considered</h2>"
    became = "; ".join(f"{count:,} {title}" for title, count in result.counts.rows())
    yield (
        f"<p>{result.counts.considered:,} combinations of server, levers and layout: {became}. "
        f"With the halls that accept them, {result.columns:,} columns were optimised.</p>"
    )
    if result.refusals:
        content = tables.refusals(result)
        yield f"<details open><summary>What fell out, and by how much</summary>{content}</details>"


def _evidence(result: PlanResult, solved: dict[str, Outcome]) -> Iterator[str]:
    yield "<h2>Sources and how good they are</h2>"
    yield (
        "<p class='soft'>Every number of the catalogue carries a range, a source and a grade: "
        "measured, stated in a datasheet, derived from sourced numbers, or estimated.</p>"
    )
    entries = tables.entries_used(solved)
    yield tables.evidence(entries)
    yield f"<details><summary>The sources</summary>{tables.sources(entries)}</details>"


def _inputs(result: PlanResult) -> Iterator[str]:
    yield "<h2>Inputs</h2>" + tables.inputs(result)
    if result.asked is not None:
        text = html.escape(result.asked.model_dump_json(indent=2, exclude={"folder"}))
        yield f"<details><summary>The scenario, in SI units</summary><pre>{text}</pre></details>"


def _figure(name: str) -> str:
    return f"<div class='wide'><div class='figure' id='{name}'></div></div>"
