"""The command that drives a planned fleet with single requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli import SAID
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
    from wattpath.plan.demand import ServingDemand
    from wattpath.plan.fleet.simulation import Simulation
    from wattpath.plan.result import Outcome
    from wattpath.plan.scenario import Scenario
    from wattpath.serving.requests import Requests

#: Requests of a replay without a trace, and the most that one replay holds in memory.
COUNT, MOST = 20_000, 8_000_000

Trace = Annotated[
    Path | None, typer.Option("--trace", help="Requests: .csv, .jsonl (also .gz), .parquet.")
]
Kind = Annotated[
    str, typer.Option("--generate", help="Make requests of this class: wattpath catalog traffic.")
]
Count = Annotated[
    int | None,
    typer.Option("--requests", min=1, max=MOST, help="How many; a trace is repeated as needed."),
]
Router = Annotated[
    str,
    typer.Option(
        "--router", help="round-robin, least-loaded, prefix-aware or by-length.", show_default=False
    ),
]
Operate = Annotated[
    list[str] | None,
    typer.Option(
        "--operate",
        metavar="KEY=VALUE",
        help="Change the demand's operation: autoscale.least=0.3, failures={}, "
        "tiers.host='200 GB', priorities=[0.2,0.8], cascade.model='Llama 3.1 8B' ... Repeatable.",
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option("--keep", help="Keep a long simulation in this file, and go on from it."),
]


def simulate(
    file: File,
    trace: Trace = None,
    kind: Kind = "",
    requests: Count = None,
    plan: Plan = "both",
    demand: DemandName = "",
    router: Router = "",
    operate: Operate = None,
    keep: Keep = None,
    html: Html = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """A planned fleet, request by request."""
    from wattpath.plan.fleet import service
    from wattpath.report import page

    check_plan(plan)
    if html is not None:
        page.check(html)
    changes = [*(operate or []), *([f"router={router}"] if router else [])]
    scenario, asked = _operated(file, sets or [], demand, changes)
    service.check_operation(scenario, asked, plan)
    drawn = _requests(trace, kind, requests, asked, scenario.seed)
    outcome = _outcome(scenario, plan)
    try:
        result = service.simulate(scenario, asked, outcome, drawn, keep)
    except KeyboardInterrupt:
        if keep is None or not any(keep.parent.glob(f"{keep.name}.*")):
            raise
        typer.echo(f"wattpath: interrupted; the same command goes on from {keep}.", err=True)
        raise typer.Exit(SAID) from None
    _show(scenario, plan, asked, result, html, as_json)


def _operated(
    file: Path, sets: list[str], name: str, changes: list[str]
) -> tuple[Scenario, ServingDemand]:
    """The scenario with the demand's operation changed, and that demand."""
    from wattpath.plan.fleet.service import demands_of
    from wattpath.plan.front import load_scenario

    scenario = load_scenario(file, sets)
    asked = demands_of(scenario, name)[0]
    if changes:
        further = [f"demands.{asked.name}.operation.{one}" for one in changes]
        scenario = load_scenario(file, [*sets, *further])
        asked = demands_of(scenario, asked.name)[0]
    return scenario, asked


def _requests(
    trace: Path | None, kind: str, count: int | None, demand: ServingDemand, seed: int
) -> Requests:
    """From a trace, or made by a class or by the demand's own statistics."""
    from wattpath.errors import InputError
    from wattpath.plan.fleet import service
    from wattpath.serving.traces import read_trace

    if trace is not None and kind:
        raise InputError("--generate", "be left out where --trace is given", kind)
    if trace is None:
        return service.requests_of(demand, count or COUNT, seed, kind)
    drawn = read_trace(trace)
    return drawn if count is None else drawn.repeated(count)


def _outcome(scenario: Scenario, plan: str) -> Outcome:
    """One plan of the scenario; leaves with its reasons where it is infeasible."""
    from wattpath.cli.progress import progress
    from wattpath.cli.verdict import verdict
    from wattpath.plan import study

    with progress() as report:
        result = study.run(scenario, progress=report, attribute=False)
    outcome = result.plans[plan]
    if not outcome.feasible:
        leave(verdict(result.plans))
    return outcome


def _show(
    scenario: Scenario,
    plan: str,
    asked: ServingDemand,
    result: Simulation,
    html: Path | None,
    as_json: bool,
) -> None:
    """The page if one is asked for, and the answer in JSON or in words."""
    router = asked.operation.router
    answer = {"scenario": scenario.name, "plan": plan, "router": router, **result.to_json()}
    if html is not None:
        from wattpath.report import serving

        serving.write_simulation(result, f"{scenario.name}: {asked.name}", html)
    if as_json:
        print_json(answer)
        return
    from wattpath.cli import show_simulate

    show_simulate.simulation(answer)
    if html is not None:
        typer.echo(f"Page: {html}")
