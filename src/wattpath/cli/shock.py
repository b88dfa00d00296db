"""The command of a jump of efficiency: `wattpath shock`."""

from __future__ import annotations

from typing import Annotated

import typer

from wattpath.cli.asked import File, Json, Sets, leave, print_json


def shock(
    file: File,
    factor: Annotated[
        float | None,
        typer.Option(help="Work of a server after the jump over that before.", show_default=False),
    ] = None,
    year: Annotated[int, typer.Option(help="Year in which it comes; the first is 1.")] = 2,
    chip: Annotated[
        str, typer.Option(help="Instead of --factor: a chip or server sold from then on.")
    ] = "",
    elasticity: Annotated[
        float | None,
        typer.Option(help="Of demand to the price of a token.", show_default=False),
    ] = None,
    plan: Annotated[str, typer.Option(help="baseline, blue, red or both.")] = "both",
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """What a leap of software or a new chip strands."""
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.questions import shock as question

    scenario = load_scenario(file, sets)
    with progress() as report:
        answer = question.shock(
            scenario, report, factor=factor, year=year, chip=chip, elasticity=elasticity, plan=plan
        )
    if as_json:
        print_json(answer.to_json())
    else:
        from wattpath.cli import show_questions

        show_questions.shock(answer)
    if not answer.feasible:
        leave(" ".join(answer.reasons))
