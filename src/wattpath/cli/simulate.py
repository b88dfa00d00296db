"""The command that drives a planned fleet with single requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli.asked import File, Json, Sets, leave, print_json

if TYPE_CHECKING:
    from wattpath.plan.demand import ServingDemand
    from wattpath.plan.result import Outcome
    from wattpath.plan.scenario import Scenario
    from wattpath.serving.requests import Requests

#: Requests of a replay without a trace.
COUNT = 20_000


def simulate(
    file: File,
    trace: Annotated[
        Path | None, typer.Option("--trace", help="Requests: .csv, .jsonl (also .gz), .parquet.")
    ] = None,
    kind: Annotated[
        str,
        typer.Option("--generate", help="Make requests of this class: wattpath catalog traffic."),
    ] = "",
    requests: Annotated[
        int | None,
        typer.Option("--requests", min=1, help="How many; a trace is repeated as needed."),
    ] = None,
    plan: Annotated[
        str, typer.Option("--plan", help="Whose fleet: baseline, blue, red or both.")
    ] = "both",
    demand: Annotated[str, typer.Option("--demand", help="Without it, the first.")] = "",
    router: Annotated[
        str, typer.Option("--router", help="round-robin, least-loaded or prefix-aware.")
    ] = "least-loaded",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write latency, queue and power over time.")
    ] = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """A planned fleet, request by request."""
    from wattpath.plan.fleet import service
    from wattpath.plan.fleet.drive import check_router
    from wattpath.plan.front import load_scenario
    from wattpath.report import page

    if html is not None:
        page.check(html)
    scenario = load_scenario(file, sets)
    asked = service.demands_of(scenario, demand)[0]
    check_router(router)
    drawn = _requests(trace, kind, requests, asked, scenario.seed)
    outcome = _outcome(scenario, plan)
    result = service.simulate(scenario, asked, outcome, drawn, router)
    answer = {"scenario": scenario.name, "plan": plan, "router": router, **result.to_json()}
    if html is not None:
        from wattpath.report import serving

        serving.write_simulation(result, f"{scenario.name}: {asked.name}", html)
    if as_json:
        print_json(answer)
        return
    from wattpath.cli import show_serve

    show_serve.simulation(answer)
    if html is not None:
        typer.echo(f"Page: {html}")


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
    from wattpath.errors import InputError
    from wattpath.plan import study
    from wattpath.plan.result import PLANS

    if plan not in PLANS:
        raise InputError("--plan", f"be one of {', '.join(PLANS)}", plan)
    with progress() as report:
        result = study.run(scenario, progress=report, attribute=False)
    outcome = result.plans[plan]
    if not outcome.feasible:
        leave(verdict(result.plans))
    return outcome
