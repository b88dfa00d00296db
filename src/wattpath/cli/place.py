"""The command of many places: `wattpath place`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wattpath.cli.asked import File, Json, Sets, leave, print_json, quantity_of_option


def place(
    file: File,
    sites: Annotated[
        str, typer.Option(help="Sites of the catalogue with commas between, or all.")
    ] = "all",
    chips: Annotated[
        str,
        typer.Option(
            help="Chips or servers with commas between; without it, the scenario's servers.",
            show_default=False,
        ),
    ] = "",
    draws: Annotated[int, typer.Option(help="Draws from the sourced ranges.")] = 64,
    within: Annotated[
        str,
        typer.Option(
            help="Time until all must stand such as '36 months'; without it, any.",
            show_default=False,
        ),
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a self-contained page to this file.")
    ] = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """The same service in many places, ranked."""
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.questions import place as question
    from wattpath.units import MONTH_S

    if html is not None:
        from wattpath.report import page

        page.check(html)
    seconds = quantity_of_option("--within", within, "time")
    scenario = load_scenario(file, sets)
    with progress() as report:
        answer = question.place(
            scenario,
            report,
            sites=_names(sites),
            chips=_names(chips),
            draws=draws,
            months=None if seconds is None else seconds / MONTH_S,
        )
    if html is not None:
        from wattpath.report import place as drawn

        drawn.write(answer, html)
    if as_json:
        print_json(answer.to_json())
    else:
        from wattpath.cli import show_questions

        show_questions.place(answer)
        if html is not None:
            typer.echo(f"Report: {html}")
    if not answer.feasible:
        reasons = dict.fromkeys(answer.refused.values())
        leave(f"no place can serve: {' '.join(list(reasons)[:3])}")


def _names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
