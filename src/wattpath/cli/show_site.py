"""A facility on the terminal, in tables of eighty columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from wattpath.cli.sheet import console_of_width, head, table
from wattpath.report.words import amount, amounts

if TYPE_CHECKING:
    from wattpath.plan.site import FacilityAnswer


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
