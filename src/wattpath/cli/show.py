"""Answers on the terminal, as Rich tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from wattpath import units

if TYPE_CHECKING:
    from wattpath.models import ModelCard
    from wattpath.plan.explain import Step
    from wattpath.plan.result import Outcome, PlanResult
    from wattpath.validate.ledger import Ledger

#: Headline quantities: label, field of an outcome, unit of `units.show`.
HEADLINES = (
    ("Facility peak", "facility_power_peak_w", "W"),
    ("IT peak", "it_power_peak_w", "W"),
    ("Energy a year", "energy_wh_per_year", "Wh"),
    ("Cost a year", "cost_usd_per_year", "USD"),
    ("Capital", "capital_usd", "USD"),
    ("Carbon a year", "carbon_kg_per_year", "kg"),
    ("Water a year", "water_m3_per_year", "m3"),
    ("Months to power", "months_to_power", "month"),
    ("Chips", "chips", ""),
)


def amount(value: float, unit: str) -> str:
    """A quantity of an outcome with three digits; a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    if unit == "USD":
        return units.show_usd(value)
    if unit == "kg":
        return units.show(value * 1e3, "g") if value < 1e3 else units.show(value / 1e3, "t")
    if unit == "month":
        return f"{value:.0f}"
    if unit in ("", "m3"):
        return f"{value:,.0f}" + (f" {unit}" if unit else "")
    return units.show(value, unit)


def plan(result: PlanResult) -> None:
    """The comparison, the replaceable share, the split and what binds."""
    console = Console()
    console.print(f"\n[bold]{result.scenario}[/bold]")
    console.print(_comparison(result))
    for outcome in result.plans.values():
        for reason in outcome.reasons:
            console.print(f"[red]{outcome.name} is infeasible:[/red] {reason}")
    if result.feasible:
        console.print(_answer(result))
        console.print(_chosen(result))
    if result.attribution:
        console.print(_attribution(result))
    _binding(console, result.plans["both"])


def _comparison(result: PlanResult) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    styles = {"baseline": "white", "blue": "bright_blue", "red": "red", "both": "magenta"}
    for name in result.plans:
        table.add_column(name, justify="right", style=styles.get(name, ""))
    table.add_column("replaceable", justify="right")
    share = {field: key for key, field in _share_fields().items()}
    for label, field, unit in HEADLINES:
        cells = [amount(getattr(outcome, field), unit) for outcome in result.plans.values()]
        value = result.replaceable_share.get(share.get(field, ""), math.nan)
        table.add_row(label, *cells, f"{value:.0%}" if math.isfinite(value) else "")
    return table


def _share_fields() -> dict[str, str]:
    from wattpath.plan.result import SHARES

    return {**SHARES, "months_to_power": "months_to_power"}


def _answer(result: PlanResult) -> str:
    blue, both = result.plans["blue"], result.plans["both"]
    power = blue.facility_power_peak_w - both.facility_power_peak_w
    cost = blue.cost_usd_per_year - both.cost_usd_per_year
    return (
        f"\nBeside the best hardware, software makes [bold]{amount(power, 'W')}[/bold] "
        f"({result.replaceable_share['power']:.0%}) and [bold]{amount(cost, 'USD')} a year[/bold] "
        f"({result.replaceable_share['cost']:.0%}) unnecessary.\n"
    )


def _chosen(result: PlanResult) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title="The best mix of both")
    for column in ("demand", "server", "layout", "levers", "cooling", "chips"):
        table.add_column(column, justify="right" if column == "chips" else "left")
    for item in result.plans["both"].chosen:
        column = item.deployment
        table.add_row(
            column.demand,
            column.server,
            column.label,
            ", ".join(column.levers),
            item.cooling,
            amount(item.units * column.chips, ""),
        )
    for built in result.plans["both"].supply:
        table.add_row("supply", built.name, units.show(built.capacity_w, "W"), "", "", "")
    return table


def _attribution(result: PlanResult) -> Table:
    table = Table(
        box=None, pad_edge=False, header_style="bold", title="Who saves what (Shapley, baseline to both)"
    )
    table.add_column("lever")
    for column in ("facility peak", "cost a year", "carbon a year"):
        table.add_column(column, justify="right")
    rows = sorted(result.attribution, key=lambda row: -row.cost_usd_per_year)
    for row in rows:
        table.add_row(
            row.title,
            amount(row.power_w, "W"),
            amount(row.cost_usd_per_year, "USD"),
            amount(row.carbon_kg_per_year, "kg"),
        )
    return table


def _binding(console: Console, outcome: Outcome) -> None:
    for binding in outcome.binding[:4]:
        console.print(f"[dim]What stops the rest:[/dim] {binding.sentence}")


def rows(table: Sequence[dict[str, Any]]) -> None:
    """Any list of equal rows."""
    columns = list(dict.fromkeys(key for row in table for key in row))
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        numeric = all(isinstance(row.get(column), (int, float, type(None))) for row in table)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in table:
        shown.add_row(*(_cell(row.get(column)) for column in columns))
    Console().print(shown)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_cell(item) for item in value)
    return str(value)


def chain(number: str, steps: Sequence[Step]) -> None:
    """The factors of a number, one a line."""
    console = Console()
    console.print(f"[bold]{number}[/bold]")
    rows([step.to_json() for step in steps])


def model(card: ModelCard) -> None:
    """Parameters, work and bytes of an architecture."""
    Console().print(f"[bold]{card.name}[/bold]")
    rows(card.to_rows())


def ledger(name: str, ledger: Ledger) -> None:
    """The groups of an error ledger."""
    Console().print(f"[bold]{name}[/bold]")
    rows([group.to_json() for group in ledger.groups])
