"""The command of many places: `wattpath place`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli.asked import File, Html, Json, Sets, leave, print_json, quantity_of_option

if TYPE_CHECKING:
    from wattpath.plan.questions.place import PlaceAnswer


Sites = Annotated[str, typer.Option(help="Sites of the catalogue with commas between, or all.")]
Chips = Annotated[
    str,
    typer.Option(
        help="Chips or servers with commas between; without it, the scenario's servers.",
        show_default=False,
    ),
]
Draws = Annotated[int, typer.Option(help="Draws from the sourced ranges.")]
Within = Annotated[
    str,
    typer.Option(
        help="Time until all must stand such as '36 months'; without it, any.",
        show_default=False,
    ),
]


def place(
    file: File,
    sites: Sites = "all",
    chips: Chips = "",
    draws: Draws = 64,
    within: Within = "",
    html: Html = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """The same service in many places, ranked."""
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.questions import place as question
    from wattpath.report import page
    from wattpath.units import MONTH_S

    if html is not None:
        page.check(html)
    seconds = quantity_of_option("--within", within, "time")
    months = None if seconds is None else seconds / MONTH_S
    scenario = load_scenario(file, sets)
    asked = {"sites": _names(sites), "chips": _names(chips)}
    with progress() as report:
        answer = question.place(scenario, report, draws=draws, months=months, **asked)
    _show(answer, html, as_json)
    if not answer.feasible:
        reasons = dict.fromkeys(answer.refused.values())
        leave(f"no place can serve: {' '.join(list(reasons)[:3])}")


def _show(answer: PlaceAnswer, html: Path | None, as_json: bool) -> None:
    """The page if one is asked for, and the answer in JSON or in words."""
    if html is not None:
        from wattpath.report import place as drawn

        drawn.write(answer, html)
    if as_json:
        print_json(answer.to_json())
        return
    from wattpath.cli import show_questions

    show_questions.place(answer)
    if html is not None:
        typer.echo(f"Report: {html}")


def _names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
