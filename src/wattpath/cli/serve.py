"""The command that drives a planned fleet with single requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome
    from wattpath.plan.scenario import Scenario

INFEASIBLE = 1
#: Requests of a replay without a trace.
COUNT = 20_000


def simulate(
    file: Annotated[Path, typer.Argument(help="A scenario file.", show_default=False)],
    trace: Annotated[
        Path | None, typer.Option("--trace", help="Requests: .csv, .jsonl (also .gz), .parquet.")
    ] = None,
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change one value. Repeatable."),
    ] = None,
) -> None:
    """A planned fleet, request by request."""
    from wattpath.plan import service
    from wattpath.plan.front import load_scenario
    from wattpath.serving.traces import read_trace

    scenario = load_scenario(file, sets)
    asked = service.demands_of(scenario, demand)[0]
    drawn = read_trace(trace) if trace is not None else None
    outcome = _outcome(scenario, plan)
    if drawn is None:
        drawn = service.requests_of(asked, requests or COUNT, scenario.seed)
    elif requests is not None:
        drawn = drawn.repeated(requests)
    answer = service.simulate(scenario, asked, outcome, drawn, router).to_json()
    answer = {"scenario": scenario.name, "plan": plan, "router": router, **answer}
    if as_json:
        from wattpath.cli.app import _print_json

        _print_json(answer)
    else:
        _show(answer)


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
        typer.echo(f"wattpath: {verdict(result.plans)}", err=True)
        raise typer.Exit(INFEASIBLE)
    return outcome


def _show(answer: dict[str, Any]) -> None:
    energy = answer["energy"]
    typer.echo(f"{answer['scenario']}: {answer['demand']} on the fleet of plan {answer['plan']}")
    for group in answer["fleet"]:
        typer.echo(f"  {group['ranks']} x {group['layout']} on {group['server']}")
    typer.echo(
        f"{answer['requests']:,} requests in {answer['wall_s']:.2f} s "
        f"({answer['requests_per_s']:,.0f} a second); {answer['within_service_level']:.2%} "
        "within the service level"
    )
    for name, unit, factor in (("ttft_s", "s", 1.0), ("tpot_s", "ms", 1e3), ("e2e_s", "s", 1.0)):
        values = answer["percentiles"][name]
        text = ", ".join(f"{key} {values[key] * factor:.4g} {unit}" for key in values)
        typer.echo(f"  {name.removesuffix('_s'):5} {text}")
    typer.echo(
        f"  IT    {energy['mean_it_w'] / 1e3:.4g} kW mean, {energy['peak_it_w'] / 1e3:.4g} kW "
        f"peak, {energy['it_j_per_output_token']:.4g} J per output token"
    )
