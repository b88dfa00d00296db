"""Time to power on the terminal, in tables of eighty columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Console

from wattpath.cli.sheet import console_of_width, head, table
from wattpath.report.words import amount

if TYPE_CHECKING:
    from wattpath.plan.place.dates import Curtailment, DatesAnswer
    from wattpath.plan.place.eachyear import YearDate
    from wattpath.plan.place.readiness import Readiness
    from wattpath.supply.timing import DatePoint


def dates(answer: DatesAnswer) -> None:
    """What can be energised by when, the bridge, and what time is worth."""
    console = console_of_width()
    console.print(_answer(answer), markup=False, highlight=False)
    head(console, answer.scenario.name, answer.load, "Facility power")
    if not answer.points:
        return
    rows = [_date(answer, point) for point in _changes(answer)]
    console.print(table(rows, "month", "largest load", "cost a year", "built by then"))
    if answer.readiness is not None and answer.first is not None:
        console.print(f"\n{_ready(answer.readiness)}", markup=False)
    if math.isfinite(answer.plan_months):
        console.print(f"What the plan chooses can run in month {answer.plan_months:.0f}.")
    if answer.years:
        console.print("\n[bold]Each year at the soonest, if ordered today[/bold]")
        heads = ("begins in month", "peak", "servers", "halls", "power", "can run")
        console.print(table([_year(year) for year in answer.years], "", *heads))
    bridge = answer.bridge_w()
    if bridge:
        listed = ", ".join(f"{key} {amount(power, 'W')}" for key, power in bridge.items())
        console.print(f"\nBridges until better supply stands: {listed}")
    if math.isfinite(answer.quarter_usd):
        console.print(f"\n{_quarter(answer)}")
    if answer.curtailment is not None:
        _curtailment(console, answer.curtailment)
    _curtailment_of_years(console, answer)


def _answer(answer: DatesAnswer) -> str:
    """When the load can run and what comes last; why it cannot where it cannot."""
    if answer.first is None:
        return " ".join(answer.reasons)
    ready, power = answer.readiness, answer.first.months
    if ready is None:
        said = f"Power for the load can stand in month {power:.0f}; no hall takes the servers."
    else:
        verb = "comes" if ready.last == "power" else "come"
        said = f"The load can run in month {ready.months:.0f}; {ready.last} {verb} last."
    return " ".join((said, *answer.reasons))


def _ready(ready: Readiness) -> str:
    parts = ", ".join(f"{name} in {months:.0f}" for name, months in ready.parts.items())
    text = f"Months to stand: {parts}. Work begins in month {ready.months:.0f}"
    text += f" ({ready.server} in {ready.hall}; {ready.last} last)."
    if math.isfinite(ready.machines_usd_per_year):
        quarter = amount(ready.machines_usd_per_year / 4.0, "USD")
        text += f" A quarter in which these machines do not run costs {quarter}."
    return text


def _year(year: YearDate) -> tuple[str, ...]:
    ready = year.readiness
    head = (year.label, f"{year.begin_months:.0f}", amount(year.peak_w, "W"))
    if ready is None:
        return (*head, "–", "–", "–", "no hall takes the servers")
    parts = tuple("–" if math.isnan(m) else f"{m:.0f}" for m in ready.parts.values())
    when = "never" if math.isnan(ready.months) else f"month {ready.months:.0f}"
    late = "" if year.in_time else f", {ready.last} late"
    return (*head, *parts, when + late)


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
    console.print(table(rows, "called off", "adds a year", "still saves a year"))


def _curtailment_of_years(console: Console, answer: DatesAnswer) -> None:
    """What a connection still saves in each year of a horizon, and over all of them."""
    whole = answer.worth_of_years()
    if not whole:
        return
    console.print("\n[bold]What a new connection saves a year, by hours called off[/bold]")
    rows = []
    for label, _, one in answer.called_off:
        told = [] if one is None else one.to_json()["hours"]
        saved = {row["hours"]: amount(row["worth_usd_per_year"], "USD") for row in told}
        rows.append((label, *(saved.get(hours, "none is needed") for hours in whole)))
    rows.append(("present value of all", *(amount(usd, "USD") for usd in whole.values())))
    console.print(table(rows, "", *(f"{hours:.0f} hours" for hours in whole)))
