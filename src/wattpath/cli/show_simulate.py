"""Replays on the terminal."""

from __future__ import annotations

from typing import Any

import typer

SCALES = (("ttft_s", "s", 1.0), ("tpot_s", "ms", 1e3), ("e2e_s", "s", 1.0))


def simulation(answer: dict[str, Any]) -> None:
    """A replay: the fleet, its speed, percentiles, crowds and power."""
    energy, queue = answer["energy"], answer["queue"]
    typer.echo(
        f"{answer['scenario']}: {answer['demand']} on the fleet of plan {answer['plan']}, "
        f"{answer['within_service_level']:.2%} of {answer['requests']:,} requests within the "
        "service level"
    )
    for group in answer["fleet"]:
        model = f"{group['model']}: " if "model" in group else ""
        typer.echo(f"  {model}{group['replicas']} x ({group['layout']}) on {group['server']}")
    speed = answer["requests_per_s"]
    told = f"{speed:,.0f} a second" if speed == speed else "gone on from a file"
    typer.echo(f"  simulated in {answer['wall_s']:.2f} s ({told})")
    _times(answer["percentiles"], "")
    for number, one in enumerate(answer["classes"]):
        typer.echo(
            f"  class {number}: {one['requests']:,} requests, "
            f"{one['within_service_level']:.2%} within the service level"
        )
        _times(one["percentiles"], "  ")
    typer.echo(
        f"  queue {queue['waiting_mean']:.4g} waiting, {queue['running_mean']:.4g} served; at "
        f"most {queue['waiting_peak']:.4g} and {queue['running_peak']:.4g}; "
        f"{queue['ranks_on_mean']:.4g} ranks on, at most {queue['ranks_on_peak']:.4g}"
    )
    if answer["lost"] or answer["resent"]:
        typer.echo(f"  failures: {answer['resent']:.0f} sent anew, {answer['lost']:.0f} lost")
    typer.echo(
        f"  IT    {energy['mean_it_w'] / 1e3:.4g} kW mean, {energy['peak_it_w'] / 1e3:.4g} kW "
        f"peak, {energy['it_j_per_output_token']:.4g} J per output token"
    )


def _times(percentiles: dict[str, Any], indent: str) -> None:
    for name, unit, factor in SCALES:
        values = percentiles[name]
        text = ", ".join(f"{key} {values[key] * factor:.4g} {unit}" for key in values)
        typer.echo(f"{indent}  {name.removesuffix('_s'):5} {text}")
