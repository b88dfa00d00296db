"""The command that sizes a fleet for a service level: `wattpath serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli.asked import (
    DemandName,
    File,
    Html,
    Json,
    Plan,
    Sets,
    check_plan,
    leave,
    print_json,
)

if TYPE_CHECKING:
    from wattpath.plan.fleet.answer import FleetAnswer, Wishes
    from wattpath.plan.scenario import Scenario

Servers = Annotated[
    list[str] | None,
    typer.Option("--server", help="Only this server of the catalogue. Repeatable."),
]
ChipName = Annotated[str, typer.Option("--chip", help="Only the cheapest server with this chip.")]
Traffic = Annotated[
    str,
    typer.Option(
        "--traffic", help="Class of traffic for bursts and lengths: wattpath catalog traffic."
    ),
]
Bursts = Annotated[
    float | None,
    typer.Option(
        "--burst-cv", help="Variation of the gaps between arrivals; 1 is Poisson.", min=0.0
    ),
]
Availability = Annotated[
    float, typer.Option("--availability", help="Share of time that enough units shall be up.")
]
Gap = Annotated[
    float,
    typer.Option("--gap", help="End when no other fleet can be better by more than this share."),
]


def serve(
    file: File,
    demand: DemandName = "",
    server: Servers = None,
    chip: ChipName = "",
    plan: Plan = "both",
    traffic: Traffic = "",
    burst_cv: Bursts = None,
    availability: Availability = 0.999,
    gap: Gap = 0.05,
    html: Html = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """The cheapest and the leanest fleet, confirmed by simulation."""
    from wattpath.cli.progress import progress
    from wattpath.plan.fleet import service
    from wattpath.plan.fleet import sizes as fleet
    from wattpath.plan.fleet.answer import Wishes
    from wattpath.plan.front import load_scenario
    from wattpath.report import page

    if html is not None:
        page.check(html)
    scenario = load_scenario(file, sets)
    chosen = service.demands_of(scenario, demand)
    scenario, only = _only(scenario, server or [], chip)
    wishes = Wishes(plan, only, traffic, burst_cv, availability, gap=gap)
    _check(wishes)
    for one in chosen:
        service.check_operation(scenario, one, plan)
    with progress() as report:
        answers = [fleet.fleets_of(scenario, one, wishes, report) for one in chosen]
    _show(scenario.name, answers, html, as_json)
    failed = [one for one in answers if not one.feasible]
    if failed:
        leave(" ".join(f"{one.demand.name}: {' '.join(one.reasons)}" for one in failed))


def _only(scenario: Scenario, names: list[str], chip: str) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario with the servers that the user names among its options, and their keys."""
    from wattpath import catalog, hardware
    from wattpath.errors import InputError
    from wattpath.hardware.server import cheapest_server

    keys = [catalog.load("server", name, "--server").key for name in names]
    if chip:
        found = cheapest_server(catalog.load("chip", chip, "--chip").key)
        if found is None:
            raise InputError("--chip", "come in a server with a known price", chip)
        keys.append(found.key)
    if not keys:
        return scenario, ()
    for key in keys:
        hardware.load_server(key, "--server")
    base = catalog.load("server", scenario.baseline.server, "baseline.server").key
    further = [key for key in keys if key != base]
    options = scenario.options.model_copy(update={"servers": further})
    return scenario.model_copy(update={"options": options}), tuple(keys)


def _check(wishes: Wishes) -> None:
    """Refuse an unknown plan or class before the long work begins."""
    from wattpath.serving.classes import load_class

    check_plan(wishes.plan)
    if wishes.kind:
        load_class(wishes.kind, "--traffic")


def _show(name: str, answers: list[FleetAnswer], html: Path | None, as_json: bool) -> None:
    """The page if one is asked for, and the answer in JSON or in words."""
    if html is not None:
        from wattpath.report import serving

        serving.write_fleets(name, answers, html)
    if as_json:
        print_json({"scenario": name, "demands": [answer.to_json() for answer in answers]})
        return
    from wattpath.cli import show_serve

    for answer in answers:
        show_serve.fleets(answer)
    if html is not None:
        typer.echo(f"Page: {html}")
