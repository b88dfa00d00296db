"""Answers on the terminal, as Rich tables that fit 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from wattpath.cli.sheet import console_of_width
from wattpath.cli.verdict import listed, verdict
from wattpath.report.words import HEADLINES, after_rebound, amount, amounts, answer

if TYPE_CHECKING:
    from rich.console import Console

    from wattpath.plan.given import Carbon
    from wattpath.plan.result import Outcome, PlanResult
    from wattpath.plan.years.path import Path, Share, Years

#: Colour of each plan.
STYLES = {"baseline": "white", "blue": "bright_blue", "red": "bright_red", "both": "magenta"}

#: Joules in a MWh.
MWH_J = 3.6e9

#: Kinds of a limit that are printed, dearest first.
LIMITS_SHOWN = 4


def _table(title: str, *columns: str, right: Iterable[str] = ()) -> Table:
    table = Table(
        box=None, pad_edge=False, header_style="bold", title=title or None, title_justify="left"
    )
    table.title_style = "bold"
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    return table


def plan(result: PlanResult) -> None:
    """The answer, the comparison, the best mix, the split and what binds."""
    console = console_of_width()
    console.print(f"\n[bold]{result.scenario}[/bold]\n")
    console.print(_comparison(result))
    if not result.feasible:
        console.print(f"\n[red]{verdict(result.plans)}[/red]")
    else:
        console.print(f"\n{answer(result)}\n{after_rebound(result)}")
    both = result.plans["both"]
    if both.feasible:
        console.print("", _chosen(result), "", _built(both), sep="\n")
    if result.years is not None:
        console.print("", _years(result.years), sep="\n")
        if both.feasible and result.asked is not None and _ruled(result.asked.carbon):
            console.print("", _clean(result.years.paths["both"]), sep="\n")
    if result.attribution:
        console.print("", _attribution(result), sep="\n")
    _binding(console, both)
    console.print("", _considered(result), sep="\n")


def _considered(result: PlanResult) -> Table:
    """What became of every combination that the search considered."""
    taken = result.seconds.get("search")
    speed = "" if taken is None else f" in {taken:.0f} s"
    table = _table(f"{result.counts.considered:,} combinations considered{speed}", "", "")
    table.show_header = False
    table.columns[0].justify = "right"
    for title, count in result.counts.rows():
        table.add_row(f"{count:,}", title)
    return table


def _comparison(result: PlanResult) -> Table:
    table = _table("", "")
    for name in result.plans:
        table.add_column(name, justify="right", style=STYLES.get(name, ""))
    table.add_column("replaceable", justify="right")
    for headline in HEADLINES:
        cells = [amount(headline.of(outcome), headline.unit) for outcome in result.plans.values()]
        share = result.replaceable_share.get(headline.share, math.nan)
        table.add_row(headline.title, *cells, f"{share:z.0%}" if math.isfinite(share) else "")
    return table


def _years(years: Years) -> Table:
    """Facility peak of each plan and what software replaces, year by year."""
    table = _table("Year by year", "year")
    for name in years.paths:
        table.add_column(name, justify="right", style=STYLES.get(name, ""))
    table.add_column("replaceable", justify="right")
    shares = years.by_year() or [{}] * len(years.labels)
    for index, label in enumerate(years.labels):
        cells = [
            amount(path.years[index].outcome.facility_power_peak_w, "W") if path.feasible else "–"
            for path in years.paths.values()
        ]
        share = shares[index].get("power", math.nan)
        table.add_row(str(label), *cells, f"{share:z.0%}" if math.isfinite(share) else "")
    return table


def _ruled(carbon: Carbon) -> bool:
    """Whether carbon has a price, a cap or a clean share."""
    shares = carbon.carbon_free_share + carbon.matched_share
    return carbon.price > 0.0 or carbon.cap is not None or shares > 0.0


def _clean(path: Path) -> Table:
    """How clean a plan's supply is in all hours of each year."""
    right = ("clean by the hour", "matched", "average carbon", "marginal carbon")
    title = f"Clean energy over all hours of both, which cost {path.gap:+.1%} against its days"
    table = _table(title, "year", *right, right=right)
    for year in path.years:
        told = year.clean
        shares = [f"{share:.1%}" for share in (told.hourly_share, told.matched_share)]
        carbon = amounts([told.average_kg_j * MWH_J, told.marginal_kg_j * MWH_J], "kg/MWh")
        table.add_row(year.label, *shares, *carbon)
    return table


def _chosen(result: PlanResult) -> Table:
    """One row for each deployment: server and layout, and the levers it adds."""
    from wattpath import levers

    table = _table("The best mix of both", "demand", "chips", "server, layout, added levers")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    table.columns[1].justify = "right"
    before = {lever for item in result.plans["baseline"].chosen for lever in item.deployment.levers}
    if result.asked is not None:
        before |= {lever.key for lever in levers.by_names(result.asked.baseline.levers)}
    for item in result.plans["both"].chosen:
        column = item.deployment
        added = [lever for lever in column.levers if lever not in before]
        how = f"{column.server}, {column.label}"
        if added:
            how += f"\n+ {', '.join(added)}"
        table.add_row(column.demand, amount(item.units * column.chips, ""), how)
    return table


def _built(outcome: Outcome) -> Table:
    right = ("capacity", "energy a year", "cost a year", "months")
    table = _table("", "halls and supply", *right, right=right)
    rows = [*outcome.cooling, *outcome.supply]
    power = amounts([row.capacity_w for row in rows], "W")
    energy = amounts([row.energy_wh for row in rows], "Wh")
    cost = amounts([row.cost_usd_per_year for row in rows], "USD")
    for row, *cells in zip(rows, power, energy, cost, strict=True):
        name = row.key if row in outcome.cooling else row.name
        table.add_row(name, *cells, amount(row.lead_time_months, "month"))
    return table


def _attribution(result: PlanResult) -> Table:
    right = ("facility peak", "cost a year", "carbon a year")
    title = "Who saves what, from baseline to both (Shapley)"
    if result.years is not None and result.years.attribution:
        return _attribution_of_years(result.years.attribution)
    table = _table(title, "lever", *right, right=right)
    rows = sorted(result.attribution, key=lambda row: -row.cost_usd_per_year)
    power = amounts([row.power_w for row in rows], "W")
    cost = amounts([row.cost_usd_per_year for row in rows], "USD")
    carbon = amounts([row.carbon_kg_per_year for row in rows], "kg")
    for row, *cells in zip(rows, power, cost, carbon, strict=True):
        table.add_row(row.title, *cells)
    return table


def _attribution_of_years(shares: Sequence[Share]) -> Table:
    right = ("highest peak", "present value", "carbon", "water")
    title = "Who saves what over all years, from baseline to both (Shapley)"
    table = _table(title, "lever", *right, right=right)
    rows = sorted(shares, key=lambda row: -row.npv_usd)
    power = amounts([row.power_w for row in rows], "W")
    cost = amounts([row.npv_usd for row in rows], "USD")
    carbon = amounts([row.carbon_kg for row in rows], "kg")
    water = amounts([row.water_m3 for row in rows], "m3")
    for row, *cells in zip(rows, power, cost, carbon, water, strict=True):
        table.add_row(row.title, *cells)
    return table


def _binding(console: Console, outcome: Outcome) -> None:
    if outcome.binding:
        console.print("\n[bold]What stops the rest[/bold]")
    for binding in outcome.binding[:LIMITS_SHOWN]:
        console.print(f"  {binding.sentence}")


def rows(table: Sequence[dict[str, Any]]) -> None:
    """Any list of equal rows; names stay on one line, other text folds."""
    columns = list(dict.fromkeys(key for row in table for key in row))
    shown = _table("")
    for column in columns:
        numeric = all(isinstance(row.get(column), (int, float, type(None))) for row in table)
        shown.add_column(
            column.replace(" [", "\n["),
            justify="right" if numeric else "left",
            no_wrap=numeric or column == columns[0],
            overflow="fold",
            min_width=None if numeric else 14,
        )
    for row in table:
        shown.add_row(*(cell(row.get(column)) for column in columns))
    console_of_width().print(shown)


def cell(value: Any) -> str:
    """A value of a table: six digits, five members of a list, nothing for none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.6g}" if 1e4 <= abs(value) < 1e9 else f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        cells = [cell(item) for item in value]
        return ", ".join(cells if len(cells) <= 6 else [*cells[:5], "…"])
    return str(value)


def entry(found: dict[str, Any]) -> None:
    """An entry of the catalogue: its words, its numbers, their sources and notes."""
    console = console_of_width()
    also = f" (also {listed(found['aliases'])})" if found["aliases"] else ""
    console.print(f"[bold]{found['name']}[/bold]{also}")
    for word, value in found["words"].items():
        console.print(f"  {word}: {cell(value)}")
    place = {source["key"]: number for number, source in enumerate(found["sources"], start=1)}
    table = _table("", "attribute", "value", "unit", "range", "evidence", "source")
    table.columns[0].no_wrap = True
    for value in found["values"]:
        span = value["low"], value["high"]
        table.add_row(
            value["attribute"],
            cell(value["value"]),
            value["unit"],
            "" if span[0] == span[1] else f"{cell(span[0])} to {cell(span[1])}",
            value["evidence"],
            f"{place[value['source']]}, {value['date']}",
        )
    console.print(table)
    for source in found["sources"]:
        console.print(
            f"{place[source['key']]}. {source['title']}, {source['publisher']} {source['address']}",
            markup=False,
        )
    for value in found["values"]:
        if value["note"]:
            console.print(f"{value['attribute']}: {value['note']}", markup=False, style="dim")
