"""The command of a supply alone: `wattpath power`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli.asked import (
    Asked,
    File,
    Json,
    Sets,
    facility_load,
    leave,
    print_json,
    quantity_of_option,
)
from wattpath.errors import InputError

if TYPE_CHECKING:
    from wattpath.plan.place.power import PowerAnswer

HOURS = 8760

#: Carbon-free energy over the load's that may be asked for, as in a scenario.
MOST_MATCHED = 2.0

Days = Annotated[int, typer.Option(min=0, max=60, help="Representative days; 0: all 8,760 hours.")]
Whole = Annotated[
    bool, typer.Option("--whole-units", help="Plants in whole units, switched on and off.")
]
Reserve = Annotated[
    bool, typer.Option("--reserve", help="Cover the loss of the largest unit in every hour.")
]
Cap = Annotated[
    str,
    typer.Option(
        help="Most carbon of a year such as '50000 t', in place of the scenario's.",
        show_default=False,
    ),
]
CarbonFree = Annotated[
    float | None,
    typer.Option(
        help="Least share of the load met carbon-free hour by hour (24/7), in place of the "
        "scenario's.",
        show_default=False,
    ),
]
Matched = Annotated[
    float | None,
    typer.Option(
        help="Least carbon-free energy of the year over the load's, in place of the scenario's.",
        show_default=False,
    ),
]
GridOff = Annotated[
    float | None,
    typer.Option(
        help="Hours a year, the dearest, in which the grid is called off, in place of the "
        "scenario's.",
        show_default=False,
    ),
]
HoursFile = Annotated[
    Path | None, typer.Option("--hours", help="Write the hourly operation to this CSV.")
]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write a self-contained page to this file.")
]


def power(
    file: File,
    load: Asked = "",
    days: Days = 0,
    whole_units: Whole = False,
    reserve: Reserve = False,
    carbon_cap: Cap = "",
    carbon_free: CarbonFree = None,
    matched: Matched = None,
    grid_off: GridOff = None,
    hours: HoursFile = None,
    html: Html = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """The cheapest supply of a load, and how it runs."""
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.place import power as powers
    from wattpath.report import page

    for file_out, option in ((hours, "--hours"), (html, "--html")):
        if file_out is not None:
            page.check(file_out, option)
    cap = quantity_of_option("--carbon-cap", carbon_cap, "mass")
    _within("--carbon-free", carbon_free, 1.0)
    _within("--matched", matched, MOST_MATCHED)
    _within("--grid-off", grid_off, HOURS)
    asked = powers.Asked(whole_units, reserve, cap, carbon_free, matched, grid_off)
    scenario = load_scenario(file, sets)
    with progress() as report:
        found = facility_load(scenario, load, report)
        report("Finding the cheapest supply", 0.0)
        answer = powers.power_of(scenario, found, days or None, asked, report)
    _write(answer, hours, html)
    _tell(answer, html, as_json)
    if not answer.feasible:
        leave("the load cannot be met: " + " ".join(answer.reasons))


def _within(option: str, value: float | None, most: float) -> None:
    """Refuse a number before the long work begins."""
    if value is not None and not 0.0 <= value <= most:
        raise InputError(option, f"lie between 0 and {most:,g}", value)


def _write(answer: PowerAnswer, hours: Path | None, html: Path | None) -> None:
    """The hourly operation and the page, where they are asked for and there is a supply."""
    from wattpath.report import page

    if hours is not None and answer.result is not None and answer.feasible:
        page.save(answer.result.to_frame().to_csv(index_label="hour"), hours, "--hours")
    if html is not None and answer.feasible:
        from wattpath.report import power as drawn

        drawn.write(answer, html)


def _tell(answer: PowerAnswer, html: Path | None, as_json: bool) -> None:
    """The answer on the terminal."""
    if as_json:
        print_json(answer.to_json())
        return
    from wattpath.cli import show_power

    show_power.power(answer)
    if html is not None and answer.feasible:
        typer.echo(f"Page: {html}")
