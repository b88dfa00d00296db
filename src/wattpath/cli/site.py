"""The command of a hall alone: `wattpath facility`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli.asked import File, Html, Json, Sets, leave, power_of_option, print_json

if TYPE_CHECKING:
    from wattpath.plan.place.duties import Duties
    from wattpath.plan.place.hall import FacilityAnswer, Load


ItPower = Annotated[
    str,
    typer.Option(
        help="Constant IT power such as '10 MW'; without it, that of the baseline plan.",
        show_default=False,
    ),
]
LoadShare = Annotated[float, typer.Option(help="Given IT power over installed IT capacity.")]
Heat = Annotated[
    str,
    typer.Option(
        help="Peak of a heat demand nearby such as '5 MW'; its year follows the weather.",
        show_default=False,
    ),
]
HeatC = Annotated[
    float | None,
    typer.Option(
        "--heat-c",
        help="Flow temperature of that demand [°C]; that of a usual district if left out.",
        show_default=False,
    ),
]


def facility(
    file: File,
    it_power: ItPower = "",
    load_share: LoadShare = 0.8,
    heat: Heat = "",
    heat_c: HeatC = None,
    html: Html = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """PUE, WUE, worst hour and every cooling system at the site."""
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.place import duties
    from wattpath.plan.place import hall as site
    from wattpath.report import page

    if html is not None:
        page.check(html)
    scenario = load_scenario(file, sets)
    given = power_of_option("--it-power", it_power)
    peak = power_of_option("--heat", heat)
    with progress() as report:
        load = site.it_load(scenario, given, load_share, report)
        _needed(load, "--it-power", as_json)
        report("Running every cooling system", 0.0)
        answer = site.facility_of(scenario, load)
        report("Redundancy, units, refits and heat", 0.8)
        other = duties.duties_of(answer, peak, heat_c)
    _show_facility(answer, other, html, as_json)
    if not answer.feasible:
        leave(answer.refusal)


def _show_facility(answer: FacilityAnswer, other: Duties, html: Path | None, as_json: bool) -> None:
    """The page if one is asked for, and the answer in JSON or in words."""
    if html is not None:
        from wattpath.report import site as drawn

        drawn.write(answer, other, html)
    if as_json:
        print_json({**answer.to_json(), **other.to_json()})
        return
    from wattpath.cli import show_site

    show_site.facility(answer)
    show_site.duties(other)
    if html is not None:
        typer.echo(f"Page: {html}")


def _needed(load: Load, option: str, as_json: bool) -> None:
    """End where the plan that should give the load has none."""
    if load.power_w.size:
        return
    if as_json:
        print_json({"feasible": False, "reasons": list(load.reasons), "load": load.to_json()})
    leave(f"the {load.source} plan is infeasible: {' '.join(load.reasons)} {option} gives a load.")
