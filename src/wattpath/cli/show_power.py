"""A supply on the terminal, in tables of eighty columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from wattpath.cli.sheet import console_of_width, head, table
from wattpath.report.words import amount, amounts

if TYPE_CHECKING:
    from wattpath.plan.place.power import PowerAnswer


def power(answer: PowerAnswer) -> None:
    """What is built, what it costs, and the prices of the year."""
    console = console_of_width()
    head(console, answer.scenario.name, answer.load, "Facility power")
    if not answer.feasible:
        console.print("[red]The load cannot be met.[/red]")
        for reason in answer.reasons:
            console.print(f"  {reason}", markup=False)
        return
    told = answer.to_json()
    console.print(_built(told["technologies"]))
    console.print("", table(_totals(told), "", ""), sep="\n")
    for row in told["excluded"]:
        console.print(f"  not {row['key']}: {row['reason']}", markup=False)


def _built(rows: list[dict[str, Any]]) -> Table:
    cells = zip(
        amounts([row["capacity_w"] for row in rows], "W"),
        amounts([row["energy_wh_per_year"] for row in rows], "Wh"),
        amounts([row["cost_usd_per_year"] for row in rows], "USD"),
        strict=True,
    )
    lines = []
    for row, (capacity, energy, cost) in zip(rows, cells, strict=True):
        per = "–" if row["usd_per_mwh"] is None else f"{row['usd_per_mwh']:,.0f}"
        if row["units"] is not None:
            capacity = f"{row['units']:,.3g} x {amount(row['capacity_w'] / row['units'], 'W')}"
        full, months = f"{row['capacity_factor']:.0%}", amount(row["lead_time_months"], "month")
        lines.append((row["key"], capacity, energy, full, cost, per, months))
    heads = ("", "capacity", "energy", "in use", "cost a year", "$/MWh", "months")
    return table(lines, *heads)


def _totals(told: dict[str, Any]) -> list[tuple[str, str]]:
    carbon, prices = told["carbon_kg_per_year"], told["prices_usd_per_mwh"]
    worth = told["grid_limit_worth_usd_per_w_year"]
    rows = [
        ("cost a year", f"{amount(told['cost_usd_per_year'], 'USD')}"),
        ("cost per MWh", f"${told['usd_per_mwh']:,.2f}"),
        (
            "carbon a year",
            f"{amount(carbon['direct'], 'kg')} direct, {told['carbon_kg_per_mwh']:,.0f} kg/MWh",
        ),
        ("", f"{amount(carbon['marginal'], 'kg')} with the grid's marginal"),
        ("", f"{amount(carbon['life_cycle'], 'kg')} over the life cycle"),
        ("water a year", amount(told["water_m3_per_year"], "m3")),
        ("sun and wind spilled", f"{told['curtailed_share']:.1%}"),
        ("months to power", amount(told["months_to_power"], "month")),
        (
            "price of one more MWh",
            f"mean ${round(prices['mean']):,}, median ${round(prices['median']):,}",
        ),
        ("", f"95 % of hours below ${round(prices['p95']):,}, highest ${round(prices['max']):,}"),
    ]
    if worth > 0.0:
        rows.append(("one more MW of grid", f"saves {amount(worth * 1e6, 'USD')} a year"))
    if told["carbon_cap_worth_usd_per_t"] > 0.0:
        saved = f"saves ${told['carbon_cap_worth_usd_per_t']:,.0f}"
        rows.append(("one more tonne of cap", saved))
    for key, words in (("hourly", "hour by hour"), ("annual", "over the year")):
        if told[f"{key}_matching_usd_per_mwh"] > 0.0:
            price = f"${told[f'{key}_matching_usd_per_mwh']:,.2f}"
            rows.append((f"one more clean MWh {words}", price))
    if told["covered_loss_w"] > 0.0:
        rows.append(("loss that is covered", amount(told["covered_loss_w"], "W")))
    if told["gap_of_whole_units"] is not None:
        share = max(told["gap_of_whole_units"], 0.0)
        rows.append(("whole units", f"within {share:.2%} of the least possible cost"))
    return rows
