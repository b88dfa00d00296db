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

from wattpath.errors import InputError
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.drive import Drive, check_router, drive, server_watts
from wattpath.plan.fleet.replicas import Replica, replica_of
from wattpath.plan.prices import Prices
from wattpath.plan.result import Chosen, Outcome
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.scenario import Scenario
from wattpath.plan.search import architecture_of, traffic_of
from wattpath.serving.classes import load_class
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

    `chips` are those of all its servers, used or not.
    """

    replica: Replica
    replicas: int
    chips: float
    share: float

    @property
    def ranks(self) -> tuple[int, ...]:
        """Attention ranks of each pool: what a router sends requests to."""
        return tuple(self.replicas * pool.ranks for pool in self.replica.pools)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "server": self.replica.server.key,
            "layout": self.replica.label,
            "replicas": self.replicas,
            "ranks": sum(self.ranks),
            "chips": self.chips,
            "share": self.share,
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a fleet did with a list of requests.

    Attributes
    ----------
    runs : tuple of Drive
        Of each group.
    within : float
        Share of all requests that kept both limits of the service level [-].
    chip_energy_j, it_energy_j : float
        Of the accelerators alone; of the whole servers and their network [J].
    it_w : ndarray
        Mean IT power of successive intervals of `step_s` [W].
    wall_s, compile_s : float
        Time that the replay took [s], and its compilation before.
    """

    demand: str
    groups: tuple[Group, ...]
    runs: tuple[Drive, ...]
    within: float
    chip_energy_j: float
    it_energy_j: float
    it_w: Floats
    step_s: float
    wall_s: float
    compile_s: float

    def times_s(self, name: str) -> Floats:
        """`ttft_s`, `tpot_s` or `e2e_s` of each request [s]; NaN where it was not served."""
        return np.concatenate([getattr(run, name) for run in self.runs])

    @property
    def seconds(self) -> float:
        """Until the last answer ended [s]."""
        return max(run.seconds for run in self.runs)

    def to_json(self) -> dict[str, Any]:
        """Plain values: counts, speed, percentiles, energy and the fleet."""
        done = self.times_s("e2e_s")
        inputs = sum(run.inputs for run in self.runs)
        return {
            "demand": self.demand,
            "requests": len(done),
            "served": int(np.isfinite(done).sum()),
            "wall_s": self.wall_s,
            "compile_s": self.compile_s,
            "requests_per_s": len(done) / self.wall_s,
            "simulated_s": self.seconds,
            "percentiles": {
                name: _percentiles(self.times_s(name)) for name in ("ttft_s", "tpot_s", "e2e_s")
            },
            "within_service_level": self.within,
            "prefix_found_share": sum(run.found * run.inputs for run in self.runs) / inputs,
            "preempted": sum(run.preempted for run in self.runs),
            "energy": self._energy(done),
            "fleet": [group.to_json() for group in self.groups],
        }

    def _energy(self, done: Floats) -> dict[str, float]:
        """Energy of the whole replay and per token and request [J], and power [W]."""
        written = np.concatenate([run.outputs for run in self.runs])
        tokens = float(written[np.isfinite(done)].sum())
        return {
            "chip_j": self.chip_energy_j,
            "it_j": self.it_energy_j,
            "chip_j_per_output_token": self.chip_energy_j / tokens if tokens else math.nan,
            "it_j_per_output_token": self.it_energy_j / tokens if tokens else math.nan,
            "it_j_per_request": self.it_energy_j / len(done),
            "mean_it_w": self.it_energy_j / self.seconds if self.seconds else math.nan,
            "peak_it_w": float(self.it_w.max()),
        }


def _percentiles(values: Floats) -> dict[str, float]:
    served = values[np.isfinite(values)]
    if not served.size:
        return dict.fromkeys(("mean", *PERCENTILES), math.nan)
    found = np.percentile(served, list(PERCENTILES.values()))
    return {"mean": float(served.mean())} | dict(zip(PERCENTILES, map(float, found), strict=True))


def demands_of(scenario: Scenario, name: str = "") -> list[ServingDemand]:
    """The serving demands, or the one of this name.

    Raises
    ------
    InputError
        If there is none.
    """
    serves = [one for one in scenario.demands if isinstance(one, ServingDemand)]
    found = [demand for demand in serves if name in ("", demand.name)]
    if not found:
        hint = f"Serving demands are: {', '.join(d.name for d in serves) or 'none'}."
        raise InputError("--demand", "name a serving demand of the scenario", name, hint)
    return found


def requests_of(demand: ServingDemand, count: int, seed: int, kind: str = "") -> Requests:
    """Requests with the demand's own rate, rhythm and mean lengths, from a Monday's midnight.

    Parameters
    ----------
    kind : str, optional
        A class of traffic of the catalogue, whose bursts, spread and sessions they have.
    """
    rhythm = relative_rate(demand.rhythm)
    lengths = (demand.input_tokens, demand.output_tokens)
    if kind:
        pace = demand.tpot or 0.0
        chosen = load_class(kind)
        return chosen.requests(count, demand.requests, rhythm, seed, pace, lengths)
    return generate(count, Pattern(demand.requests, *lengths, rhythm=rhythm), seed)


def groups_of(scenario: Scenario, demand: ServingDemand, outcome: Outcome) -> tuple[Group, ...]:
    """The replicas with which a plan serves a demand."""
    chosen = [one for one in outcome.chosen if one.deployment.demand == demand.name]
    total = sum(one.units * one.deployment.capacity for one in chosen)
    return tuple(
        _group(scenario, demand, one, one.units * one.deployment.capacity / total)
        for one in chosen
        if one.units > 1e-9
    )


def _group(scenario: Scenario, demand: ServingDemand, chosen: Chosen, share: float) -> Group:
    unit = chosen.deployment
    replica = replica_of(unit, architecture_of(demand, scenario).shape, traffic_of(demand))
    servers = chosen.units * unit.servers
    if replica.chips < replica.server.chips:
        replicas = math.ceil(servers - 1e-6) * replica.per_unit
    else:
        replicas = math.ceil(chosen.units - 1e-6)
    chips = max(chosen.units * unit.chips, replicas * replica.chips)
    return Group(replica, replicas, chips, share)


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
        If the router is unknown.

    Notes
    -----
    Where no blocks of prompts are known, the demand's own shared prefix is found as its
    levers say.
    """
    check_router(router)
    groups = groups_of(scenario, demand, outcome)
    parts = _parted(requests, [group.share for group in groups])
    step_s = max(STEP_S, requests.span_s / MOST_STEPS)
    started = time.perf_counter()
    for group, part in zip(groups, parts, strict=True):
        few = part.chosen(np.arange(len(part)) < 2)
        drive(group.replica, group.ranks, few, router, step_s)
    compiled = time.perf_counter()
    runs = tuple(
        drive(group.replica, group.ranks, part, router, step_s)
        for group, part in zip(groups, parts, strict=True)
    )
    wall_s = time.perf_counter() - compiled
    factor = Prices.of(scenario).book.it_power_factor
    chip_w, it_w = _power(groups, runs, factor)
    longest = max(runs, key=lambda run: len(run.chip_w)).lengths_s
    return Simulation(
        demand=demand.name,
        groups=groups,
        runs=runs,
        within=within(runs, demand),
        chip_energy_j=float(chip_w @ longest),
        it_energy_j=float(it_w @ longest),
        it_w=it_w,
        step_s=step_s,
        wall_s=wall_s,
        compile_s=compiled - started,
    )


def _parted(requests: Requests, shares: list[float]) -> list[Requests]:
    """The requests dealt out to groups by their shares, evenly in time."""
    if len(shares) == 1:
        return [requests]
    place = (np.arange(len(requests)) * 0.6180339887498949) % 1.0
    edges = np.concatenate([[0.0], np.cumsum(shares)])
    edges[-1] = 1.0
    return [requests.chosen((place >= low) & (place < high)) for low, high in pairwise(edges)]


def within(runs: tuple[Drive, ...], demand: ServingDemand) -> float:
    """Share of the requests that kept both limits of a demand [-]."""
    limits = (demand.ttft or math.inf, demand.tpot or math.inf)
    kept = [(run.ttft_s <= limits[0]) & (run.tpot_s <= limits[1]) for run in runs]
    return float(np.concatenate(kept).mean())


def _power(
    groups: tuple[Group, ...], runs: tuple[Drive, ...], factor: float
) -> tuple[Floats, Floats]:
    """Power of all chips and of all servers with their network in each interval [W]."""
    count = max(len(run.chip_w) for run in runs)
    chip, it = np.zeros(count), np.zeros(count)
    for group, run in zip(groups, runs, strict=True):
        server = group.replica.server
        used_share = group.replicas * group.replica.chips / group.chips
        series = np.concatenate([run.chip_w, np.full(count - len(run.chip_w), run.chip_idle_w)])
        chip += group.chips * (used_share * series + (1.0 - used_share) * run.chip_idle_w)
        watts = server_watts(group.replica, series, used_share)
        it += watts * group.chips / server.chips * factor
    return chip, it
