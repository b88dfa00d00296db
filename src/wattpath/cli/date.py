"""The command of time to power: `wattpath date`."""

from __future__ import annotations

from typing import Annotated

import typer

from wattpath.cli.asked import Asked, File, Json, Sets, leave, power_of_option, print_json


def date(
    file: File,
    load: Asked = "",
    days: Annotated[int, typer.Option(min=2, max=60, help="Representative days.")] = 8,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """What can be energised by when, and what time is worth."""
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.place import dates

    scenario = load_scenario(file, sets)
    with progress() as report:
        found = dates.loads_of(scenario, power_of_option("--load", load), report)
        report("Looking at eight years of quarters", 0.0)
        answer = dates.dates_of_loads(scenario, found, days)
    if as_json:
        print_json(answer.to_json())
    else:
        from wattpath.cli import show_date

        show_date.dates(answer)
    if not answer.feasible:
        leave(" ".join(answer.reasons))
