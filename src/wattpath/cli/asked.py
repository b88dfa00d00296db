"""What the commands of a site share: their arguments, a power from text, the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.errors import InputError

if TYPE_CHECKING:
    from wattpath.plan.place.hall import Load
    from wattpath.progress import Progress

INFEASIBLE = 1

File = Annotated[Path, typer.Argument(help="A scenario file.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change one value of the scenario."),
]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write the answer to this page, with its figures.")
]
#: Which of the four plans an answer is for (see `check_plan`).
Plan = Annotated[str, typer.Option("--plan", help="baseline, blue, red or both.")]
#: Which demand an answer is for.
DemandName = Annotated[str, typer.Option("--demand", help="Name of a demand.", show_default=False)]
Asked = Annotated[
    str,
    typer.Option(
        "--load",
        help="Constant power such as '100 MW'; without it, that of the scenario's plan both.",
        show_default=False,
    ),
]


def facility_load(scenario: Any, text: str, report: Progress) -> Load:
    """The facility power that --load gives, or that of the plan *both*."""
    from wattpath.plan.place.power import facility_load

    return facility_load(scenario, power_of_option("--load", text), report)


def power_of_option(option: str, text: str) -> float | None:
    """The power that an option gives [W]; None where it is not given."""
    from wattpath import units

    if not text:
        return None
    value = units.parse(text, "power", option)
    if not 0.0 < value <= 1e12:
        raise InputError(option, "be a power greater than 0 and at most 1 TW", text)
    return value


def quantity_of_option(option: str, text: str, dimension: str) -> float | None:
    """A quantity >= 0 that an option gives, in SI; None where it is not given."""
    from wattpath import units

    if not text:
        return None
    value = units.parse(text, dimension, option)
    if not value >= 0.0:
        raise InputError(option, f"be a {dimension} >= 0", text)
    return value


def check_plan(plan: str) -> None:
    """Refuse an unknown plan before the long work begins."""
    from wattpath.plan.result import PLANS

    if plan not in PLANS:
        raise InputError("--plan", f"be one of {', '.join(PLANS)}", plan)


def print_json(value: Any) -> None:
    """Print an answer as JSON."""
    from wattpath.cli.app import finite

    typer.echo(json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False))


def leave(sentence: str) -> None:
    """Say why on standard error and end with `INFEASIBLE`."""
    typer.echo(f"wattpath: {sentence}", err=True)
    raise typer.Exit(INFEASIBLE)
