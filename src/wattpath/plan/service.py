"""A plan's serving fleet, driven request by request: what its percentiles really are.

The optimum of a scenario says which units serve a demand; here the same units answer single
requests, from a trace or made by the demand's own statistics.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from wattpath import hardware, levers, serving
from wattpath.errors import InputError
from wattpath.hardware import Server
from wattpath.hardware.power import chip_idle_w, server_power_w
from wattpath.plan.prices import Prices
from wattpath.plan.result import Chosen, Outcome
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.scenario import Scenario, ServingDemand
from wattpath.plan.search import architecture_of, traffic_of
from wattpath.serving.candidates import Case, build_case, chip_watts, clocked
from wattpath.serving.engine import DEFAULT_ENGINE
from wattpath.serving.fleet import COMPUTE, MEMORY, ROUTERS, FleetReplay, replay_fleet
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.heap import Floats
from wattpath.serving.requests import Requests

#: Interval of the power series, and the most intervals of one replay.
STEP_S, MOST_STEPS = 60.0, 4000
#: Percentiles that are reported.
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0}


@dataclass(frozen=True, slots=True)
class Group:
    """Replicas alike of one deployment, and the share of the demand that they serve.

    `ranks` are attention ranks: what a router sends requests to.
    """

    case: Case
    server: Server
    layout: serving.Layout
    ranks: int
    chips: float
    share: float
    label: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a fleet did with a list of requests.

    Attributes
    ----------
    ttft_s, tpot_s, e2e_s : ndarray
        Of each served request: to the first token, per further token, to the last [s].
    within : float
        Share of all requests that kept both limits of the service level [-].
    chip_energy_j, it_energy_j : float
        Of the accelerators alone; of the whole servers and their network [J].
    it_w : ndarray
        Mean IT power of successive intervals of `step_s` [W].
    wall_s : float
        Time that the replay took [s], without compilation.
    """

    demand: str
    groups: tuple[Group, ...]
    requests: int
    ttft_s: Floats
    tpot_s: Floats
    e2e_s: Floats
    within: float
    output_tokens: float
    found_share: float
    preempted: float
    seconds: float
    chip_energy_j: float
    it_energy_j: float
    it_w: Floats
    step_s: float
    wall_s: float
    compile_s: float

    def to_json(self) -> dict[str, Any]:
        """Plain values: counts, speed, percentiles, energy and the fleet."""
        times = {"ttft_s": self.ttft_s, "tpot_s": self.tpot_s, "e2e_s": self.e2e_s}
        return {
            "demand": self.demand,
            "requests": self.requests,
            "served": len(self.e2e_s),
            "wall_s": self.wall_s,
            "compile_s": self.compile_s,
            "requests_per_s": self.requests / self.wall_s,
            "simulated_s": self.seconds,
            "percentiles": {name: _percentiles(values) for name, values in times.items()},
            "within_service_level": self.within,
            "prefix_found_share": self.found_share,
            "preempted": self.preempted,
            "energy": {
                "chip_j": self.chip_energy_j,
                "it_j": self.it_energy_j,
                "chip_j_per_output_token": self.chip_energy_j / self.output_tokens,
                "it_j_per_output_token": self.it_energy_j / self.output_tokens,
                "it_j_per_request": self.it_energy_j / self.requests,
                "mean_it_w": self.it_energy_j / self.seconds,
                "peak_it_w": float(self.it_w.max()),
            },
            "fleet": [
                {
                    "server": group.server.key,
                    "layout": group.label,
                    "ranks": group.ranks,
                    "chips": group.chips,
                    "share": group.share,
                }
                for group in self.groups
            ],
        }


def _percentiles(values: Floats) -> dict[str, float]:
    if not values.size:
        return dict.fromkeys(("mean", *PERCENTILES), math.nan)
    found = np.percentile(values, list(PERCENTILES.values()))
    return {"mean": float(values.mean())} | dict(zip(PERCENTILES, map(float, found), strict=True))


def demand_of(scenario: Scenario, name: str = "") -> ServingDemand:
    """The serving demand of this name; without a name, the first one.

    Raises
    ------
    InputError
        If there is none.
    """
    serves = [one for one in scenario.demands if isinstance(one, ServingDemand)]
    for demand in serves:
        if name in ("", demand.name):
            return demand
    hint = f"Serving demands are: {', '.join(d.name for d in serves) or 'none'}."
    raise InputError("--demand", "name a serving demand of the scenario", name, hint)


def requests_of(demand: ServingDemand, count: int, seed: int) -> Requests:
    """Requests with the demand's own rate, rhythm and lengths, from a Monday's midnight on."""
    rhythm = relative_rate(demand.rhythm)
    lengths = (demand.input_tokens, demand.output_tokens)
    pattern = Pattern(demand.requests, *lengths, rhythm=rhythm)
    return generate(count, pattern, seed)


def groups_of(scenario: Scenario, demand: ServingDemand, outcome: Outcome) -> tuple[Group, ...]:
    """The replicas with which a plan serves a demand.

    Raises
    ------
    InputError
        If the plan serves it with separate prefill and decode workers.
    """
    chosen = [one for one in outcome.chosen if one.deployment.demand == demand.name]
    total = sum(one.units * one.deployment.capacity for one in chosen)
    return tuple(
        _group(scenario, demand, one, one.units * one.deployment.capacity / total)
        for one in chosen
        if one.units > 1e-9
    )


def _group(scenario: Scenario, demand: ServingDemand, chosen: Chosen, share: float) -> Group:
    unit = chosen.deployment
    server = hardware.load_server(unit.server)
    settings = levers.apply_serving(levers.by_names(unit.levers), levers.plain_serving())
    shape = architecture_of(demand, scenario).shape
    traffic = traffic_of(demand)
    case = build_case(shape, server, settings, traffic, DEFAULT_ENGINE)
    result = serving.candidates(shape, server, settings, traffic)
    point = next(one for one in result.points if one.label == unit.label)
    if point.prefill_chips > 0.0:
        hint = "Leave the lever disaggregation out with --set."
        raise InputError("plan", "serve with aggregated replicas to be replayed", unit.label, hint)
    layout = serving.Layout(point.tp, point.pp, point.dp, point.ep)
    replicas = math.ceil(chosen.units * unit.servers * server.chips / point.chips - 1e-6)
    if point.chips < server.chips:
        each = math.floor(server.chips / point.chips)
        replicas = math.ceil(chosen.units * unit.servers - 1e-6) * each
    case = Case(
        clocked(case.chip, case.settings.decode_clock),
        case.shape,
        case.settings,
        case.engine,
        case.traffic,
        case.server_chips,
    )
    ranks = replicas * int(layout.dp)
    chips = max(chosen.units * unit.chips, replicas * point.chips)
    return Group(case, server, layout, ranks, chips, share, point.label)


def simulate(
    scenario: Scenario,
    demand: ServingDemand,
    outcome: Outcome,
    requests: Requests,
    router: str = "least-loaded",
) -> Simulation:
    """Let a plan's fleet answer a list of requests.

    Parameters
    ----------
    scenario, demand, outcome
        What was planned, for whom, and the plan that is tried.
    requests : Requests
        From `wattpath.serving.traces.read_trace`, or `requests_of`.
    router : str
        One of ``round-robin``, ``least-loaded``, ``prefix-aware``.

    Raises
    ------
    InputError
        If the router is unknown or the fleet cannot be replayed.

    Notes
    -----
    Pipeline stages take their micro-batches as one batch. Where no blocks of prompts are
    known, the demand's own shared prefix is found as its levers say.
    """
    if router not in ROUTERS:
        hint = f"Routers are {', '.join(ROUTERS)}."
        raise InputError("--router", "be a known router", router, hint)
    groups = groups_of(scenario, demand, outcome)
    parts = _parted(requests, [group.share for group in groups])
    step_s = max(STEP_S, requests.span_s / MOST_STEPS)
    started = time.perf_counter()
    for group, part in zip(groups, parts, strict=True):
        _replay(group, part.chosen(np.arange(len(part)) < 2), router, step_s, demand)
    compiled = time.perf_counter()
    runs = [
        _replay(group, part, router, step_s, demand)
        for group, part in zip(groups, parts, strict=True)
    ]
    wall_s = time.perf_counter() - compiled
    factor = Prices.of(scenario).book.it_power_factor
    return _summary(demand, groups, parts, runs, step_s, factor, (wall_s, compiled - started))


def _parted(requests: Requests, shares: list[float]) -> list[Requests]:
    """The requests dealt out to groups by their shares, evenly in time."""
    if len(shares) == 1:
        return [requests]
    place = (np.arange(len(requests)) * 0.6180339887498949) % 1.0
    edges = np.concatenate([[0.0], np.cumsum(shares)])
    edges[-1] = 1.0
    return [requests.chosen((place >= low) & (place < high)) for low, high in pairwise(edges)]


def _replay(
    group: Group, requests: Requests, router: str, step_s: float, demand: ServingDemand
) -> FleetReplay:
    case = group.case
    reuse = case.settings.prefix_reuse * demand.shared_prefix
    cached = requests.inputs * (0.0 if requests.blocks.size else reuse)
    return replay_fleet(
        case.chip,
        case.shape,
        group.layout,
        case.settings,
        case.engine,
        requests.arrival_s,
        requests.inputs,
        np.maximum(1.0, np.round(requests.outputs * case.settings.output_factor)),
        requests.blocks,
        requests.starts,
        requests.block_tokens,
        np.floor(cached),
        group.ranks,
        ROUTERS[router],
        step_s,
    )


def _summary(
    demand: ServingDemand,
    groups: tuple[Group, ...],
    parts: list[Requests],
    runs: list[FleetReplay],
    step_s: float,
    factor: float,
    clock: tuple[float, float],
) -> Simulation:
    """Put the groups' requests and power together."""
    join = np.concatenate
    first = join([run.first_s - part.arrival_s for run, part in zip(runs, parts, strict=True)])
    whole = join([run.done_s - part.arrival_s for run, part in zip(runs, parts, strict=True)])
    further = join([np.maximum(1.0, part.outputs - 1.0) for part in parts])
    served = np.isfinite(whole)
    each = (whole - first) / further
    limits = (demand.ttft or math.inf, demand.tpot or math.inf)
    kept = served & (first <= limits[0]) & (each <= limits[1])
    seconds = max(run.seconds for run in runs)
    count = max(len(run.series) for run in runs)
    power = np.zeros((2, count))
    for group, run in zip(groups, runs, strict=True):
        power += _power(group, run, step_s, seconds, count, factor)
    lengths = np.full(count, step_s)
    lengths[-1] = max(1e-9, seconds - step_s * (count - 1))
    inputs = sum(float(part.inputs.sum()) for part in parts)
    return Simulation(
        demand=demand.name,
        groups=groups,
        requests=len(served),
        ttft_s=first[served],
        tpot_s=each[served],
        e2e_s=whole[served],
        within=float(kept.mean()),
        output_tokens=float(join([part.outputs for part in parts])[served].sum()),
        found_share=sum(float(run.found.sum()) for run in runs) / inputs,
        preempted=sum(run.preempted for run in runs),
        seconds=seconds,
        chip_energy_j=float(power[0] @ lengths),
        it_energy_j=float(power[1] @ lengths),
        it_w=power[1],
        step_s=step_s,
        wall_s=clock[0],
        compile_s=clock[1],
    )


def _power(
    group: Group, run: FleetReplay, step_s: float, seconds: float, count: int, factor: float
) -> Floats:
    """Chip and IT power of one group in each interval [W], shape (2, intervals)."""
    case, server = group.case, group.server
    idle = float(chip_idle_w(case.chip))
    used = group.ranks * group.layout.tp * group.layout.pp / group.chips
    shares = np.zeros((count, 2))
    shares[: len(run.series)] = run.series[:, [COMPUTE, MEMORY]] / group.ranks / step_s
    last = max(1e-9, seconds - step_s * (count - 1))
    shares[-1] *= step_s / last
    busy = [chip_watts(case, (row[0], row[1]), case.settings.decode_clock) for row in shares]
    chip = used * np.array(busy) + (1.0 - used) * idle
    servers = group.chips / server.chips
    box = (server.idle_w, server.full_w, server.chips, server.chip.tdp_w, idle)
    whole = [float(server_power_w(*box, float(one))) * servers * factor for one in chip]
    return np.array([chip * group.chips, whole])
