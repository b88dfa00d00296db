"""The commands of a site alone: `wattpath facility`, `wattpath power`, `wattpath date`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.errors import InputError

if TYPE_CHECKING:
    from wattpath.cli.progress import Report
    from wattpath.plan.site import FacilityAnswer, Load

INFEASIBLE = 1

File = Annotated[Path, typer.Argument(help="A scenario file.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change one value of the scenario."),
]
Asked = Annotated[
    str,
    typer.Option(
        "--load",
        help="Constant power such as '100 MW'; without it, that of the scenario's plan both.",
        show_default=False,
    ),
]


def facility(
    file: File,
    it_power: Annotated[
        str,
        typer.Option(
            help="Constant IT power such as '10 MW'; without it, that of the baseline plan.",
            show_default=False,
        ),
    ] = "",
    load_share: Annotated[
        float, typer.Option(help="Given IT power over installed IT capacity.")
    ] = 0.8,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a self-contained page to this file.")
    ] = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """PUE, WUE, worst hour and every cooling system at the site."""
    from wattpath.cli.progress import progress
    from wattpath.plan import site
    from wattpath.plan.front import load_scenario
    from wattpath.report import page

    if html is not None:
        page.check(html)
    scenario = load_scenario(file, sets)
    given = _power("--it-power", it_power)
    with progress() as report:
        load = site.it_load(scenario, given, load_share, report)
        _needed(load, "--it-power", as_json)
        report("Running every cooling system", 0.0)
        answer = site.facility_of(scenario, load)
    _show_facility(answer, html, as_json)
    if not answer.feasible:
        _leave(answer.refusal)


def _show_facility(answer: FacilityAnswer, html: Path | None, as_json: bool) -> None:
    """The page if one is asked for, and the answer in JSON or in words."""
    if html is not None:
        from wattpath.report import site as drawn

        drawn.write(answer, html)
    if as_json:
        _print_json(answer.to_json())
        return
    from wattpath.cli import show_site

    show_site.facility(answer)
    if html is not None:
        typer.echo(f"Page: {html}")


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
        found = _facility_load(scenario, load, report)
        report("Finding the cheapest supply", 0.0)
        answer = powers.power_of(scenario, found, days or None)
    if hours is not None and answer.result is not None and answer.feasible:
        page.save(answer.result.to_frame().to_csv(index_label="hour"), hours, "--hours")
    if as_json:
        _print_json(answer.to_json())
    else:
        from wattpath.cli import show_site

        show_site.power(answer)
    if not answer.feasible:
        _leave("the load cannot be met: " + " ".join(answer.reasons))


def date(
    file: File,
    load: Asked = "",
    days: Annotated[int, typer.Option(min=2, max=60, help="Representative days.")] = 8,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """What can be energised by when, and what time is worth."""
    from wattpath.cli.progress import progress
    from wattpath.plan import dates
    from wattpath.plan.front import load_scenario

    scenario = load_scenario(file, sets)
    with progress() as report:
        found = _facility_load(scenario, load, report)
        report("Looking at eight years of quarters", 0.0)
        answer = dates.dates_of(scenario, found, days)
    if as_json:
        _print_json(answer.to_json())
    else:
        from wattpath.cli import show_site

        show_site.dates(answer)
    if not answer.feasible:
        _leave(" ".join(answer.reasons))


def _facility_load(scenario: Any, text: str, report: Report) -> Load:
    from wattpath.plan.power import facility_load

    return facility_load(scenario, _power("--load", text), report)


def _power(option: str, text: str) -> float | None:
    """The power that an option gives [W]; None where it is not given."""
    from wattpath import units

    if not text:
        return None
    value = units.parse(text, "power", option)
    if not 0.0 < value <= 1e12:
        raise InputError(option, "be a power greater than 0 and at most 1 TW", text)
    return value


def _needed(load: Load, option: str, as_json: bool) -> None:
    """End where the plan that should give the load has none."""
    if load.power_w.size:
        return
    if as_json:
        _print_json({"feasible": False, "reasons": list(load.reasons), "load": load.to_json()})
    _leave(f"the {load.source} plan is infeasible: {' '.join(load.reasons)} {option} gives a load.")


def _print_json(value: Any) -> None:
    from wattpath.cli.app import finite

    typer.echo(json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False))


def _leave(sentence: str) -> None:
    typer.echo(f"wattpath: {sentence}", err=True)
    raise typer.Exit(INFEASIBLE)
