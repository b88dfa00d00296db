"""A facility on the terminal, in tables of eighty columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from wattpath.cli.sheet import console_of_width, head, table
from wattpath.report.words import amount, amounts

if TYPE_CHECKING:
    from wattpath.plan.place.duties import Duties
    from wattpath.plan.place.hall import FacilityAnswer


def facility(answer: FacilityAnswer) -> None:
    """The hall's year, its parts and the comparison."""
    console, told = console_of_width(), answer.to_json()
    head(console, answer.scenario.name, answer.load, "IT power")
    worst, levels = told["worst_hour"], told["pue_quantiles"]
    rows = [
        ("cooling", answer.hours.cooling),
        ("electrical", answer.hours.electrical),
        ("PUE", f"{told['pue']:.3f}"),
        ("WUE", f"{told['wue_l_kwh']:.2f} L/kWh"),
        (
            "hourly PUE",
            f"{levels['min']:.3f} to {levels['max']:.3f}, median {levels['median']:.3f}",
        ),
        ("worst hour", f"{worst['when']} at {worst['dry_bulb_c']:.1f} °C: PUE {worst['pue']:.3f}"),
        ("facility peak", amount(worst["facility_w"], "W")),
        ("water a year", amount(told["water_m3_per_year"], "m3")),
        ("capital of halls", amount(told["capital_usd"], "USD")),
        ("months to build", amount(told["lead_time_months"], "month")),
        ("hours without power", f"{(1.0 - told['availability']) * 8760.0:.2f} a year"),
    ]
    console.print(table(rows, "", ""))
    parts = {k: v for k, v in told["breakdown"].items() if k != "it" and v > 5e-5}
    ranked = sorted(parts.items(), key=lambda item: -item[1])
    words = " + ".join(f"{name.replace('_', ' ')} {share:.3f}" for name, share in ranked)
    console.print(f"\nPUE {told['pue']:.3f} = 1 + {words}")
    console.print("\n[bold]Cooling systems at this site, the cheapest first[/bold]")
    console.print(_systems(answer))
    for system in answer.systems:
        if system.refusal:
            margin = f" ({system.margin})" if system.margin else ""
            console.print(f"  not {system.cooling}: {system.refusal}{margin}", markup=False)
    console.print(f"\nWeather: {answer.weather.source}, {answer.weather.evidence}")


def duties(other: Duties) -> None:
    """Redundancy, swings, whole units, refits and heat reuse."""
    console, told = console_of_width(), other.to_json()
    console.print("\n[bold]Redundancy of the electrical chain[/bold]")
    rows = [
        (
            one["redundancy"],
            f"{one['hours_without_power_per_year']:.2f}",
            f"{one['pue']:.3f}",
            amount(one["capital_usd_per_it_w"] * other.capacity_w, "USD"),
        )
        for one in told["redundancy"]
    ]
    console.print(table(rows, "", "hours a year without power", "PUE", "capital"))
    console.print(f"\n{swing_words(told['swings'])}", markup=False)
    console.print("\n[bold]Built in whole units[/bold]")
    console.print(_modules(told["modules"]))
    if told["retrofits"]:
        console.print("\n[bold]The same hall refitted behind the same grid connection[/bold]")
        console.print(_refits(told["retrofits"]))
    if told["heat_reuse"]:
        console.print(f"\n{heat_words(told['heat_reuse'])}", markup=False)


def swing_words(told: dict[str, Any]) -> str:
    """The swing of training against the battery, in a sentence."""
    verb = "covers" if told["covered"] else "does not cover"
    return (
        f"Battery {verb} training swings of {told['share']:.0%} every {told['period_s']:.0f} s: "
        f"{amount(told['battery_needed_wh'], 'Wh')} of {amount(told['battery_given_wh'], 'Wh')}, "
        f"periods up to {told['longest_period_s']:.0f} s; counted as full cycles, "
        f"swings alone spend it in {told['battery_life_years']:.1f} years."
    )


def heat_words(told: dict[str, Any]) -> str:
    """Heat reuse in a sentence."""
    lift = f"COP {told['cop']:.1f}" if told["cop"] else "no heat pump needed"
    return (
        f"Heat from {told['source_c']:.0f} to {told['demand_c']:.0f} °C: "
        f"{amount(told['delivered_wh_per_year'], 'Wh')} a year, {told['met_share']:.0%} of the "
        f"demand, {lift}, {amount(told['heat_pump_wh_per_year'], 'Wh')} of electricity; "
        f"energy reuse factor {told['energy_reuse_factor']:.2f}."
    )


def _modules(units: list[dict[str, Any]]) -> Table:
    rows = [
        (
            one["key"],
            f"{one['units']} of {amount(one['module_w'], 'W')}",
            f"{one['months_to_first']:.0f}",
            f"{one['months_to_all']:.0f}",
            f"{one['units_per_year']:.1f}",
            amount(one["capital_usd"], "USD"),
        )
        for one in units
    ]
    return table(rows, "", "units", "months", "to all", "a year", "capital")


def _refits(refits: list[dict[str, Any]]) -> Table:
    rows = [
        (
            one["cooling"],
            f"{one['pue']:.3f}",
            amount(one["gained_it_w"], "W"),
            amount(one["saved_w"], "W"),
            f"{one['months']:.0f}",
            amount(one["capital_usd"], "USD"),
        )
        for one in refits
    ]
    return table(rows, "", "PUE", "more IT", "saves", "months", "capital")


def _systems(answer: FacilityAnswer) -> Table:
    fit = [system for system in answer.systems if not system.refusal]
    cells = zip(
        amounts([s.cost_usd_per_year for s in fit], "USD"),
        amounts([s.capital_usd for s in fit], "USD"),
        amounts([s.peak_w for s in fit], "W"),
        strict=True,
    )
    rows = [
        (s.cooling, f"{s.pue:.3f}", f"{s.wue_l_kwh:.2f}", peak, capital, cost)
        for s, (cost, capital, peak) in zip(fit, cells, strict=True)
    ]
    return table(rows, "", "PUE", "L/kWh", "peak", "capital", "cost a year")
