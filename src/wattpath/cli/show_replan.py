"""A project's replan on the terminal: plans, what software replaces, supplies, places."""

from __future__ import annotations

from typing import Any

from wattpath.cli.sheet import console_of_width, table
from wattpath.report.words import amount, amounts, short

Row = dict[str, Any]


#: Rows of the table of plans: title -> field and unit.
_PLANS = {
    "facility peak": ("facility_power_peak_w", "W"),
    "cost a year": ("cost_usd_per_year", "USD"),
    "capital": ("capital_usd", "USD"),
    "energy a year": ("energy_wh_per_year", "Wh"),
    "carbon a year": ("carbon_kg_per_year", "kg"),
    "water a year": ("water_m3_per_year", "m3"),
    "chips": ("chips", ""),
}


def replan(row: Row) -> None:
    """Four plans, what software replaces, what each lever is worth, and other supplies."""
    console = console_of_width()
    plans = row["plans"]
    share = row["replaceable_share"]["power"]
    console.print(f"\n[bold]{row['name']}[/bold] ({row['date']})\n")
    console.print(
        f"Software replaces {share:.0%} of the best-built data centre's power "
        f"and {row['replaceable_share']['cost']:.0%} of its cost.\n"
    )
    if row["ranges"]:
        told = "; ".join(f"{key} {_span(span)}" for key, span in row["ranges"].items())
        console.print(f"P10, P50, P90 over {row['draws']} draws of the sourced ranges: {told}\n")
    assumed = ", assumed" if row["server_assumed"] else ""
    console.print(f"The service of {short(row['chips'])} chips in {row['server']}{assumed}:")
    if row["untrained"]:
        console.print(f"  They serve only: {row['untrained']}", markup=False)
    cells = [
        (title, *amounts([plan[field] for plan in plans.values()], unit))
        for title, (field, unit) in _PLANS.items()
    ]
    console.print(table(cells, "", *plans))
    for name, plan in plans.items():
        for reason in plan["reasons"]:
            console.print(f"  {name}: {reason}", markup=False)
    worth = [(a["title"], amount(a["cost_usd_per_year"], "USD")) for a in row["attribution"]]
    if worth:
        console.print("\n[bold]Whose saving it is[/bold]")
        console.print(table(worth, "", "cost a year"))
    console.print("\n[bold]Supplies for the load of both[/bold]")
    console.print(table([_mix(mix) for mix in row["supplies"]], *_MIX))
    for mix in row["supplies"]:
        if mix["reason"]:
            console.print(f"  {mix['name']}: {mix['reason']}", markup=False)
    if row["places"]:
        console.print("\n[bold]The same service elsewhere[/bold]")
        console.print(table([_place(one) for one in row["places"]], *_PLACE))
        for one in row["places"]:
            if one["reason"]:
                console.print(f"  {one['name']}: {one['reason']}", markup=False)


def _span(span: tuple[float, ...]) -> str:
    return ", ".join("–" if value != value else f"{value:.0%}" for value in span)


#: Columns of the table of places.
_PLACE = ("place", "a year", "carbon", "water", "months", "supply")


def _place(row: Row) -> tuple[str, ...]:
    name = f"{row['name']} (own)" if row["own"] else row["name"]
    if row["reason"]:
        return (name, "–", "–", "–", "–", "cannot")
    return (
        name,
        amount(row["cost_usd"], "USD"),
        amount(row["carbon_kg"], "kg"),
        amount(row["water_m3"], "m3"),
        f"{row['months']:.0f}",
        ", ".join(row["supplies"]),
    )


#: One megawatt-hour [J].
MWH_J = 3.6e9

#: Columns of the table of supplies.
_MIX = ("mix", "USD/MWh", "kg/MWh", "L/MWh", "months", "MW built")


def _mix(mix: Row) -> tuple[str, ...]:
    built = ", ".join(f"{key} {short(w / 1e6)}" for key, w in mix["capacity_w"].items())
    if not mix["feasible"]:
        return (mix["name"], "–", "–", "–", "–", "cannot")
    per_mwh = (
        mix["levelised_usd_j"] * MWH_J,
        mix["carbon_kg_j"] * MWH_J,
        mix["water_m3_j"] * MWH_J * 1e3,
        mix["months_to_power"],
    )
    return (mix["name"], *(f"{value:.0f}" for value in per_mwh), built)
