"""Facility, supply and dates on the terminal, in tables of eighty columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from wattpath.report.words import amount, amounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wattpath.plan.dates import Curtailment, DatesAnswer
    from wattpath.plan.power import PowerAnswer
    from wattpath.plan.site import FacilityAnswer, Load
    from wattpath.supply.timing import DatePoint

#: Widest table.
WIDEST = 120


def _console() -> Console:
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    return console


def _table(rows: Iterable[Sequence[str]], *columns: str) -> Table:
    """Numbers to the right: all columns but the first, those without a name and words."""
    shown = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    words = ("built by then", "")
    for place, column in enumerate(columns):
        left = place == 0 or column in words
        shown.add_column(column, justify="left" if left else "right", overflow="fold")
    for row in rows:
        shown.add_row(*row)
    return shown


def _head(console: Console, name: str, load: Load, what: str) -> None:
    console.print(f"\n[bold]{name}[/bold]\n")
    if load.power_w.size:
        mean, peak = amount(load.power_w.mean(), "W"), amount(load.power_w.max(), "W")
        source = "as given" if load.source == "given" else f"of the {load.source} plan"
        console.print(f"{what} {source}: mean {mean}, peak {peak}\n")


def facility(answer: FacilityAnswer) -> None:
    """The hall's year, its parts and the comparison."""
    console, told = _console(), answer.to_json()
    _head(console, answer.scenario.name, answer.load, "IT power")
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
    console.print(_table(rows, "", ""))
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
    return _table(rows, "", "PUE", "L/kWh", "peak", "capital", "cost a year")


def power(answer: PowerAnswer) -> None:
    """What is built, what it costs, and the prices of the year."""
    console = _console()
    _head(console, answer.scenario.name, answer.load, "Facility power")
    if not answer.feasible:
        console.print("[red]The load cannot be met.[/red]")
        for reason in answer.reasons:
            console.print(f"  {reason}", markup=False)
        return
    told = answer.to_json()
    console.print(_built(told["technologies"]))
    console.print("", _table(_totals(told), "", ""), sep="\n")
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
        full, months = f"{row['capacity_factor']:.0%}", amount(row["lead_time_months"], "month")
        lines.append((row["key"], capacity, energy, full, cost, per, months))
    heads = ("", "capacity", "energy", "in use", "cost a year", "$/MWh", "months")
    return _table(lines, *heads)


def _totals(told: dict[str, Any]) -> list[tuple[str, str]]:
    carbon, prices = told["carbon_kg_per_year"], told["prices_usd_per_mwh"]
    worth = told["grid_limit_worth_usd_per_w_year"]
    rows = [
        ("cost a year", f"{amount(told['cost_usd_per_year'], 'USD')}"),
        ("cost per MWh", f"${told['usd_per_mwh']:,.2f}"),
        ("carbon a year", f"{amount(carbon['direct'], 'kg')} direct"),
        ("", f"{amount(carbon['life_cycle'], 'kg')} over the life cycle"),
        ("water a year", amount(told["water_m3_per_year"], "m3")),
        ("sun and wind spilled", f"{told['curtailed_share']:.1%}"),
        ("months to power", amount(told["months_to_power"], "month")),
        ("price of one more MWh", f"mean ${prices['mean']:,.0f}, median ${prices['median']:,.0f}"),
        ("", f"95 % of hours below ${prices['p95']:,.0f}, highest ${prices['max']:,.0f}"),
    ]
    if worth > 0.0:
        rows.append(("one more MW of grid", f"saves {amount(worth * 1e6, 'USD')} a year"))
    if told["carbon_cap_worth_usd_per_t"] > 0.0:
        saved = f"saves ${told['carbon_cap_worth_usd_per_t']:,.0f}"
        rows.append(("one more tonne of cap", saved))
    return rows


def dates(answer: DatesAnswer) -> None:
    """What can be energised by when, the bridge, and what time is worth."""
    console = _console()
    _head(console, answer.scenario.name, answer.load, "Facility power")
    if not answer.points:
        console.print(" ".join(answer.reasons), markup=False)
        return
    rows = [_date(answer, point) for point in _changes(answer)]
    console.print(_table(rows, "month", "largest load", "cost a year", "built by then"))
    if answer.reasons:
        console.print(f"\n[red]{' '.join(answer.reasons)}[/red]")
    bridge = answer.bridge_w()
    if bridge:
        listed = ", ".join(f"{key} {amount(power, 'W')}" for key, power in bridge.items())
        console.print(f"\nBridges until better supply stands: {listed}")
    if math.isfinite(answer.quarter_usd):
        console.print(f"\n{_quarter(answer)}")
    if answer.curtailment is not None:
        _curtailment(console, answer.curtailment)


def _quarter(answer: DatesAnswer) -> str:
    date = f"The date in {answer.scenario.months_available:.0f} months"
    if answer.quarter_usd < 1e-6 * float(answer.points[-1].usd_year):
        return f"{date} costs no more than one a quarter later."
    saved = amount(answer.quarter_usd, "USD")
    return f"{date} costs {saved} a year more than one a quarter later."


def _changes(answer: DatesAnswer) -> list[DatePoint]:
    """Points at which something new can be built."""
    shown: list[DatePoint] = []
    for point in answer.points:
        if not shown or point.result is not shown[-1].result:
            shown.append(point)
    return shown


def _date(answer: DatesAnswer, point: DatePoint) -> tuple[str, ...]:
    peak = float(answer.load.power_w.max())
    largest = (
        "no limit" if math.isinf(point.largest_share) else amount(point.largest_share * peak, "W")
    )
    built = {k: w for k, w in point.result.capacity_w.items() if w > 1e-3 * peak}
    words = ", ".join(f"{key} {amount(power, 'W')}" for key, power in built.items())
    return amount(point.months, "month"), largest, amount(point.usd_year, "USD"), words


def _curtailment(console: Console, found: Curtailment) -> None:
    console.print(f"\n[bold]A new grid connection in month {found.months:.0f}[/bold]")
    told = found.to_json()
    rows = [("never", "", amount(found.without_usd - found.with_usd, "USD"))]
    rows += [
        (
            f"{row['hours']:.0f} hours a year",
            amount(row["added_usd_per_year"], "USD"),
            amount(row["worth_usd_per_year"], "USD"),
        )
        for row in told["hours"]
    ]
    console.print(_table(rows, "called off", "adds a year", "still saves a year"))
