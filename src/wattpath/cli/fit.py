"""The command of a given power: `wattpath fit`."""

from __future__ import annotations

from typing import Annotated

import typer

from wattpath.cli.asked import File, Json, Sets, leave, power_of_option, print_json


def fit(
    file: File,
    power: Annotated[
        str,
        typer.Option(
            help="Limit of the facility such as '20 MW'; without it, the scenario's grid.",
            show_default=False,
        ),
    ] = "",
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """How many tokens a power carries through the weather year."""
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.questions import fit as question

    limit = power_of_option("--power", power)
    scenario = load_scenario(file, sets)
    with progress() as report:
        answer = question.fit(scenario, limit, report)
    if as_json:
        print_json(answer.to_json())
    else:
        from wattpath.cli import show_questions

        show_questions.fit(answer)
    if not answer.feasible:
        leave(" ".join(answer.reasons))
