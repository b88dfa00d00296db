"""The command of a supply alone: `wattpath power`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wattpath.cli.asked import Asked, File, Json, Sets, facility_load, leave, print_json


def power(
    file: File,
    load: Asked = "",
    days: Annotated[
        int, typer.Option(min=0, max=60, help="Representative days; 0: all 8,760 hours.")
    ] = 0,
    hours: Annotated[
        Path | None, typer.Option("--hours", help="Write the hourly operation to this CSV.")
    ] = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """The cheapest supply of a load, and how it runs."""
    from wattpath.cli.progress import progress
    from wattpath.plan import power as powers
    from wattpath.plan.front import load_scenario
    from wattpath.report import page

    if hours is not None:
        page.check(hours, "--hours")
    scenario = load_scenario(file, sets)
    with progress() as report:
        found = facility_load(scenario, load, report)
        report("Finding the cheapest supply", 0.0)
        answer = powers.power_of(scenario, found, days or None)
    if hours is not None and answer.result is not None and answer.feasible:
        page.save(answer.result.to_frame().to_csv(index_label="hour"), hours, "--hours")
    if as_json:
        print_json(answer.to_json())
    else:
        from wattpath.cli import show_power

        show_power.power(answer)
    if not answer.feasible:
        leave("the load cannot be met: " + " ".join(answer.reasons))
