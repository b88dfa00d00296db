"""The command of a supply alone: `wattpath power`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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


def power(
    file: File,
    load: Asked = "",
    days: Annotated[
        int, typer.Option(min=0, max=60, help="Representative days; 0: all 8,760 hours.")
    ] = 0,
    whole_units: Annotated[
        bool, typer.Option("--whole-units", help="Plants in whole units, switched on and off.")
    ] = False,
    reserve: Annotated[
        bool, typer.Option("--reserve", help="Cover the loss of the largest unit in every hour.")
    ] = False,
    carbon_cap: Annotated[
        str,
        typer.Option(
            help="Most carbon of a year such as '50000 t', in place of the scenario's.",
            show_default=False,
        ),
    ] = "",
    carbon_free: Annotated[
        float | None,
        typer.Option(
            help="Least share of the load met carbon-free hour by hour (24/7), in place of the "
            "scenario's.",
            show_default=False,
        ),
    ] = None,
    matched: Annotated[
        float | None,
        typer.Option(
            help="Least carbon-free energy of the year over the load's, in place of the "
            "scenario's.",
            show_default=False,
        ),
    ] = None,
    grid_off: Annotated[
        float | None,
        typer.Option(
            help="Hours a year, the dearest, in which the grid is called off, in place of the "
            "scenario's.",
            show_default=False,
        ),
    ] = None,
    hours: Annotated[
        Path | None, typer.Option("--hours", help="Write the hourly operation to this CSV.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a self-contained page to this file.")
    ] = None,
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
    asked = powers.Asked(whole_units, reserve, cap, carbon_free, matched, grid_off)
    scenario = load_scenario(file, sets)
    with progress() as report:
        found = facility_load(scenario, load, report)
        report("Finding the cheapest supply", 0.0)
        answer = powers.power_of(scenario, found, days or None, asked, report)
    if hours is not None and answer.result is not None and answer.feasible:
        page.save(answer.result.to_frame().to_csv(index_label="hour"), hours, "--hours")
    if html is not None and answer.feasible:
        from wattpath.report import power as drawn

        drawn.write(answer, html)
    if as_json:
        print_json(answer.to_json())
    else:
        from wattpath.cli import show_power

        show_power.power(answer)
        if html is not None and answer.feasible:
            typer.echo(f"Page: {html}")
    if not answer.feasible:
        leave("the load cannot be met: " + " ".join(answer.reasons))
