"""Sized fleets on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wattpath.cli.sheet import console_of_width, table
from wattpath.report.words import amount
from wattpath.units import DAY_S

if TYPE_CHECKING:
    from wattpath.plan.fleet.answer import FleetAnswer, Proof, Sized


def fleets(answer: FleetAnswer) -> None:
    """The two best fleets of a demand, and all that were tried."""
    console, demand = console_of_width(), answer.demand
    console.print(f"\n[bold]{answer.scenario}: {demand.name}[/bold]", highlight=False)
    best, lean = answer.cheapest, answer.leanest
    if best is None or lean is None:
        console.print("No fleet keeps the service level.")
    else:
        console.print(f"Cheapest: {_fleet(best)}.")
        same = lean is best
        console.print("Leanest: the same." if same else f"Leanest: {_fleet(lean)}.")
        rows = list(zip(*[_figures(answer, one) for one in (best, lean)[: 2 - same]], strict=True))
        lines = [(row[0][0], *(cell[1] for cell in row)) for row in rows]
        console.print(table(lines, "", *("cheapest", "leanest")[: 2 - same]))
    level = f"{demand.percentile:.4g} quantile"
    console.print(
        f"\nBusiest day: {answer.day.rate * DAY_S:,.0f} requests, "
        f"{answer.day.peak:,.4g} a second in its highest hour, gaps varying by "
        f"{answer.day.burst_cv:.3g}; times at the {level} of the day with the demand's spare"
    )
    if answer.not_considered:
        left = ", ".join(answer.not_considered)
        console.print(f"Not considered here, but by wattpath simulate: {left}.")
    if answer.tried:
        console.print(table(map(_tried, answer.tried), *HEADS))
    for aim, proof in answer.proofs.items():
        if math.isfinite(proof.gap):
            console.print(_proof(aim, proof))
    if answer.years:
        heads = ("year", "demand", "replicas", "servers", "cost a year", "facility peak")
        console.print(table(map(_year, answer.years), *heads))


UNITS = {"cheapest": "USD", "leanest": "W"}


def _proof(aim: str, proof: Proof) -> str:
    """Why no other deployment is better."""
    rest = proof.bounded + proof.short
    text = f"{aim.capitalize()}: none can come below {amount(proof.least, UNITS[aim])}"
    text += f" ({proof.gap:.1%} less)" if proof.gap > 5e-4 else ""
    if not rest:
        return f"{text}; all were sized."
    return f"{text}; {proof.bounded} excluded by their bound, {proof.short} by a trial."


HEADS = ("tried", "steady", "needs", "TTFT", "TPOT", "margin", "a year", "peak")


def _fleet(one: Sized) -> str:
    servers = f"{one.servers:.0f} x {one.deployment.server}"
    spare = f", {one.spares} of its units spare" if one.spares else ""
    count = one.nearest.replicas
    return f"{servers} with {count} replicas of {one.replica.label}{spare}"


def _figures(answer: FleetAnswer, one: Sized) -> list[tuple[str, str]]:
    told, cost, prices = one.to_json(), one.cost, one.prices
    energy = answer.energy(one)
    if cost is None or prices is None:
        return []
    use = told["utilisation"]
    return [
        ("software", ", ".join(one.replica.levers)),
        ("cost a year", amount(cost.total_usd, "USD")),
        ("  servers", amount(cost.servers_usd, "USD")),
        ("  hall and staff", amount(cost.hall_usd, "USD")),
        ("  electricity", amount(cost.electricity_usd, "USD")),
        ("capital", amount(cost.capital_usd, "USD")),
        ("facility peak", amount(cost.facility_peak_w, "W")),
        ("energy a day", amount(cost.facility_energy_j / 3600.0, "Wh")),
        ("J per output token", _joules(energy)),
        ("ranks at work", f"{use['busy_mean']:.0%}, at most {use['busy_peak']:.0%}"),
        ("when the spares fail", _failure(told["failure"])),
        ("USD per M input", f"{prices.fresh:.3g}, cached {prices.cached:.3g}"),
        ("USD per M output", f"{prices.output:.3g}"),
    ]


def _failure(told: dict[str, Any] | None) -> str:
    """The day on which all spares fail."""
    if told is None:
        return "no spares"
    kept = "kept" if told["kept"] else "not kept"
    times = f"{told['ttft_s']:.3g} s, {told['tpot_s'] * 1e3:.3g} ms"
    return f"{kept}: {times}; {told['resent']:,.0f} sent anew"


def _joules(energy: dict[str, float]) -> str:
    parts = [f"{energy[f'{name}_j_per_output_token']:.3g} {name}" for name in SCOPES]
    return ", ".join(parts)


SCOPES = ("chip", "it", "facility")


def _tried(one: Sized) -> tuple[str, ...]:
    first, near = one.trials[0], one.nearest
    known = one.cost is not None
    return (
        f"{one.replica.label}, {one.deployment.server}",
        f"{first.replicas} ({_margin(first.margin)})",
        str(near.replicas) if known else one.refusal or "fails",
        f"{near.ttft_s:.3g} s",
        f"{near.tpot_s * 1e3:.3g} ms",
        _margin(near.margin),
        amount(one.cost.total_usd, "USD") if one.cost is not None else "–",
        amount(one.cost.facility_peak_w, "W") if one.cost is not None else "–",
    )


def _margin(value: float) -> str:
    return f"{value:+.0%}" if math.isfinite(value) and value < 10.0 else "> +1000%"


def _year(year: Any) -> tuple[str, ...]:
    return (
        str(year.index + 1),
        f"{year.multiple:.2f}",
        f"{year.replicas}",
        f"{year.servers:.0f}",
        amount(year.total_usd, "USD"),
        amount(year.facility_peak_w, "W"),
    )
