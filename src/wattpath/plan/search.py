"""Enumerate every way to meet every demand, and keep what no other one beats.

For each demand: server x lever set x layout x operating point, evaluated by the compiled
kernels of `wattpath.serving` and `wattpath.training`. What does not fit, misses the
service level or the quality floor falls out with its reason and its margin.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wattpath import hardware, levers, models, serving, training
from wattpath.hardware import Server
from wattpath.levers import Lever
from wattpath.models import Architecture
from wattpath.plan.deployment import Columns, Deployment, Refusal, undominated
from wattpath.plan.leversets import LeverSet, lever_sets
from wattpath.plan.prices import Prices, unit_cost
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.scenario import Demand, Scenario, ServingDemand, TrainingDemand

Progress = Callable[[str, float], None]

#: Cluster sizes tried, relative to a first estimate from the FLOP count.
SIZES = (0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0)

#: Share of peak FLOP/s behind that first estimate.
FIRST_GUESS_MFU = 0.4


@dataclass(slots=True)
class _Tally:
    """What fell out, by demand and reason: how often, and the best margin seen."""

    counts: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    margins: dict[tuple[str, str], str] = field(default_factory=dict)
    considered: int = 0

    def refuse(self, demand: str, reason: str, count: int = 1, margin: str = "") -> None:
        self.counts[demand, reason] += count
        if margin:
            self.margins.setdefault((demand, reason), margin)
        self.considered += count

    def refusals(self) -> tuple[Refusal, ...]:
        rows = sorted(self.counts.items(), key=lambda item: (item[0][0], -item[1]))
        return tuple(
            Refusal(demand, reason, count, self.margins.get((demand, reason), ""))
            for (demand, reason), count in rows
        )


def architecture_of(demand: Demand, scenario: Scenario) -> Architecture:
    """The demand's model: a catalogue name, or a config.json beside the scenario."""
    if demand.model.endswith(".json"):
        return models.read_config(Path(scenario.folder) / demand.model)
    return models.load(demand.model, f"demands.{demand.name}.model")


def servers_of(scenario: Scenario) -> list[Server]:
    """The baseline's server first, then the options."""
    names = [scenario.baseline.server, *scenario.options.servers]
    paths = ["baseline.server"] + [f"options.servers.{i}" for i in range(len(names) - 1)]
    found = [hardware.load_server(name, path) for name, path in zip(names, paths, strict=True)]
    return list({server.key: server for server in found}.values())


def search(scenario: Scenario, prices: Prices, progress: Progress) -> Columns:
    """All undominated deployments of a scenario.

    Parameters
    ----------
    scenario : Scenario
    prices : Prices
        What a unit costs a year.
    progress : callable
        ``progress(stage, share)``.
    """
    tally = _Tally()
    servers = servers_of(scenario)
    base = [levers.load(key, f"baseline.levers.{i}") for i, key in enumerate(scenario.baseline.levers)]
    options = [levers.load(key, f"options.levers.{i}") for i, key in enumerate(scenario.options.levers)]
    kept: list[Deployment] = []
    found = 0
    jobs = [(demand, server) for demand in scenario.demands for server in servers]
    for number, (demand, server) in enumerate(jobs):
        progress("Evaluating deployments", number / len(jobs))
        architecture = architecture_of(demand, scenario)
        chosen = [_fitting(group, demand, server, architecture, tally) for group in (base, options)]
        new = server.key != servers[0].key
        columns: list[Deployment] = []
        for lever_set in lever_sets(*chosen):
            columns += _columns(demand, architecture, server, lever_set, new, prices, tally)
        found += len(columns)
        kept += undominated(columns)
    deployments = undominated(kept)
    return Columns(
        tuple(deployments), tally.refusals(), tally.considered + found, found - len(deployments)
    )


def _fitting(
    group: Sequence[Lever], demand: Demand, server: Server, architecture: Architecture, tally: _Tally
) -> list[Lever]:
    """The levers of a demand's stage whose preconditions chip and model meet."""
    chip = levers.chip_features(server.chip)
    model = levers.model_features(architecture.shape)
    fitting = []
    for lever in group:
        if lever.stage != demand.kind:
            continue
        reason = levers.applicable(lever, chip, model)
        if reason is None:
            fitting.append(lever)
        else:
            tally.refuse(demand.name, f"{server.name}: {reason}")
    return fitting


def _columns(
    demand: Demand,
    architecture: Architecture,
    server: Server,
    lever_set: LeverSet,
    new: bool,
    prices: Prices,
    tally: _Tally,
) -> list[Deployment]:
    """The points of one demand on one server with one lever set."""
    loss = levers.loss_nats(lever_set.levers)
    floor = demand.quality.max_loss_nats
    if loss > floor:
        tally.refuse(
            demand.name, "quality floor", 1, f"{loss:.3f} nats where {floor:.3f} are allowed"
        )
        return []
    players = lever_set.players | ({"chips"} if new else set())
    context = _Context(demand, server, lever_set, players, loss, prices)
    if isinstance(demand, ServingDemand):
        return _serving(demand, architecture, context, tally)
    return _training(demand, architecture, context, tally)


@dataclass(frozen=True, slots=True)
class _Context:
    """What all points of one demand, server and lever set share."""

    demand: Demand
    server: Server
    lever_set: LeverSet
    players: frozenset[str]
    loss: float
    prices: Prices

    def deployment(
        self,
        label: str,
        chips: float,
        capacity: float,
        chip_idle_w: float,
        chip_full_w: float,
        figures: dict[str, float],
        need: float,
    ) -> Deployment:
        """A column for a unit of so many chips, rounded up to whole servers."""
        server = self.server
        per_server = max(1.0, math.floor(server.chips / chips)) if chips < server.chips else 1.0
        servers = 1.0 if chips <= server.chips else math.ceil(chips / server.chips - 1e-9)
        capacity = capacity * per_server
        busy = min(1.0, chips * per_server / (servers * server.chips))
        power = [
            servers * _server_w(server, busy * chip_w + (1.0 - busy) * chip_idle_w, chip_idle_w)
            for chip_w in (chip_idle_w, chip_full_w)
        ]
        cost = unit_cost(
            server, servers, self.lever_set.levers, capacity / need, self.demand, self.prices
        )
        return Deployment(
            demand=self.demand.name,
            server=server.key,
            chip=server.chip_key,
            levers=self.lever_set.keys,
            players=frozenset(self.players),
            cooling=server.cooling,
            label=label,
            chips=servers * server.chips,
            servers=servers,
            capacity=capacity,
            idle_w=power[0],
            full_w=power[1],
            cost_usd_per_year=cost.annual_usd,
            capital_usd=cost.capital_usd,
            embodied_kg_per_year=cost.embodied_kg_per_year,
            loss_nats=self.loss,
            lead_time_s=max(
                [server.lead_time_s, *(lever.adopt_s for lever in self.lever_set.levers)]
            ),
            figures=figures,
        )


def _server_w(server: Server, chip_w: float, chip_idle_w: float) -> float:
    return float(
        hardware.server_power_w(
            server.idle_w, server.peak_w, server.chips, server.chip.tdp_w, chip_idle_w, chip_w
        )
    )


def serving_need(demand: ServingDemand) -> float:
    """Requests/s to install: the peak with its spare, or for batch work the mean."""
    peak = 1.0 if demand.flexible else float(relative_rate(demand.rhythm).max())
    return demand.requests * peak * (1.0 + demand.spare)


def training_need(demand: TrainingDemand) -> float:
    """Tokens/s that meet the deadline."""
    return demand.tokens / demand.within


def traffic_of(demand: ServingDemand) -> serving.Traffic:
    """The demand's requests and service level as the kernels take them."""
    return serving.Traffic(
        input_tokens=demand.input_tokens,
        output_tokens=demand.output_tokens,
        shared_prefix=demand.shared_prefix,
        ttft_s=demand.ttft if demand.ttft is not None else math.inf,
        tpot_s=demand.tpot if demand.tpot is not None else math.inf,
        percentile=demand.percentile,
    )


def _serving(
    demand: ServingDemand, architecture: Architecture, context: _Context, tally: _Tally
) -> list[Deployment]:
    settings = levers.apply_serving(context.lever_set.levers, levers.plain_serving())
    result = serving.candidates(architecture.shape, context.server, settings, traffic_of(demand))
    for refusal in result.refused:
        tally.refuse(demand.name, refusal.reason, refusal.count, refusal.margin)
    need = serving_need(demand)
    return [
        context.deployment(
            point.label,
            point.chips,
            point.requests_per_s,
            point.chip_idle_w,
            point.chip_full_w,
            {
                "ttft_s": point.ttft_s,
                "tpot_s": point.tpot_s,
                "batch": point.batch,
                "chip_full_w": point.chip_full_w,
                "compute_share": point.compute_share,
                "memory_share": point.memory_share,
            },
            need,
        )
        for point in result.points
    ]


def _training(
    demand: TrainingDemand, architecture: Architecture, context: _Context, tally: _Tally
) -> list[Deployment]:
    settings = levers.apply_training(context.lever_set.levers, levers.TrainingSettings())
    need = training_need(demand)
    run = training.TrainingRun(demand.tokens, demand.sequence_tokens, demand.batch_tokens)
    sizes = _cluster_sizes(architecture, context.server, need)
    result = training.candidates(architecture.shape, run, context.server, settings, sizes)
    for refusal in result.refused:
        tally.refuse(demand.name, refusal.reason, refusal.count, refusal.margin)
    fast = [point for point in result.points if point.tokens_per_s >= need]
    for _ in range(len(result.points) - len(fast)):
        tally.refuse(demand.name, "deadline", 1)
    return [
        context.deployment(
            point.label,
            point.chips,
            point.tokens_per_s,
            point.chip_idle_w,
            point.chip_mean_w,
            {
                "step_s": point.step_s,
                "mfu": point.mfu,
                "goodput": point.goodput,
                "chip_full_w": point.chip_mean_w,
            },
            need,
        )
        for point in fast
    ]


def _cluster_sizes(architecture: Architecture, server: Server, need: float) -> list[float]:
    """Chips of clusters around a first estimate, in multiples of the server and of 8."""
    flops = models.training_flops_per_token(architecture.shape)
    guess = need * flops / (FIRST_GUESS_MFU * server.chip.bf16_flops)
    step = server.chips * max(1.0, 2.0 ** math.floor(math.log2(max(guess / server.chips, 1.0) / 8.0)))
    step = max(step, server.chips)
    sizes = {step * math.ceil(guess * size / step) for size in SIZES}
    return sorted(float(size) for size in sizes if np.isfinite(size))
