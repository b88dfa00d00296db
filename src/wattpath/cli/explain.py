"""The command of a number's origin: `wattpath explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from wattpath.cli.asked import File, Json, Sets, leave, print_json


def explain(
    file: File,
    number: Annotated[
        str,
        typer.Argument(help="Such as both.chips, both.binding.1 or after_rebound.power."),
    ] = "both.facility_power_peak_w",
    listed: Annotated[
        bool, typer.Option("--list", help="Name every number that can be asked for.")
    ] = False,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """Where a number comes from, step by step."""
    import wattpath
    from wattpath.cli.progress import progress
    from wattpath.plan import explain as explanation

    if not listed:
        explanation.check(number)
    with progress() as report:
        split = listed or number.startswith("attribution.")
        result = wattpath.plan(file, sets, progress=report, attribute=split)
    steps = explanation.names(result.asked, result) if listed else result.explain(number)
    if as_json:
        print_json([step.to_json() for step in steps])
    else:
        from wattpath.cli import show_explain

        if listed:
            show_explain.names(steps)
        else:
            show_explain.chain(steps)
    if not result.feasible:
        from wattpath.cli.verdict import verdict

        leave(verdict(result.plans))
