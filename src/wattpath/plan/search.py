"""Enumerate every way to meet every demand, and keep what no other one beats.

For each demand: server x lever set x layout x operating point, evaluated by the compiled
kernels of `wattpath.serving` and `wattpath.training`. What does not fit, misses the
service level or the quality floor falls out with its reason and its margin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from wattpath import hardware, levers, models, serving, training
from wattpath.hardware import Server
from wattpath.levers import Lever
from wattpath.models import Architecture
from wattpath.models.work import training_flops_per_token
from wattpath.plan.demand import Demand, ServingDemand, TrainingDemand
from wattpath.plan.deployment import Columns, Deployment, undominated
from wattpath.plan.leversets import LeverSet, lever_sets
from wattpath.plan.prices import Prices
from wattpath.plan.provisioning import rated
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.scenario import Scenario
from wattpath.plan.sharing import shares
from wattpath.plan.tally import Tally
from wattpath.plan.unit import Context, Point
from wattpath.training.layout import REASONS
from wattpath.training.search import UNFIT
from wattpath.units import MONTH_S

Progress = Callable[[str, float], None]

#: A demand, a server and the levers in force there.
Group = tuple[str, str, tuple[str, ...]]

#: Share of peak FLOP/s behind the first estimate of a cluster's size.
FIRST_GUESS_MFU = 0.4

#: Cluster sizes tried for one deadline.
ROUNDS = 6

#: Reasons of the search of training layouts that do not say what does not divide.
TRAINING_KINDS = {UNFIT: "memory", REASONS[-1]: "unsupported"}


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


def search(
    scenario: Scenario,
    prices: Prices,
    progress: Progress,
    only: frozenset[Group] | None = None,
) -> Columns:
    """All undominated deployments of a scenario.

    Parameters
    ----------
    scenario : Scenario
    prices : Prices
        What a unit costs a year.
    progress : callable
        ``progress(stage, share)``.
    only : frozenset of (demand, server, levers), optional
        What is evaluated; everything if not given.
    """
    tally = Tally()
    owned = scenario.horizon.years > 1 or shares(scenario)
    servers = servers_of(scenario)
    base = levers.by_names(scenario.baseline.levers, "baseline.levers")
    options = levers.by_names(scenario.options.levers, "options.levers")
    base_keys = frozenset(lever.key for lever in base)
    kept: list[Deployment] = []
    jobs = [(demand, server) for demand in scenario.demands for server in servers]
    for number, (demand, server) in enumerate(jobs):
        progress("Evaluating deployments", number / len(jobs))
        architecture = architecture_of(demand, scenario)
        chosen = [_fitting(group, demand, server, architecture, tally) for group in (base, options)]
        new, share = server.key != servers[0].key, scenario.baseline.provisioning
        columns: list[Deployment] = []
        for lever_set in lever_sets(*chosen):
            if only is not None and (demand.name, server.key, lever_set.keys) not in only:
                continue
            found_here = _columns(
                demand, architecture, server, lever_set, new, base_keys, prices, tally
            )
            columns += rated(found_here, server, share, prices.book.it_power_factor)
        if scenario.horizon.years == 1:
            late = partial(tally.refuse, "limits")
            columns = in_time(columns, scenario.months_available, late)
        tally.counts["beaten"] += len(columns)
        kept += undominated(columns, owned=owned)
    deployments = undominated(kept, owned=owned)
    tally.counts["beaten"] -= len(deployments)
    tally.counts["kept"] += len(deployments)
    return Columns(tuple(deployments), tally.refusals(), tally.total())


def in_time(
    columns: Sequence[Deployment],
    months: float,
    refuse: Callable[[str, str, int, str], None] | None = None,
) -> list[Deployment]:
    """Deployments that can run by a date.

    Parameters
    ----------
    columns : sequence of Deployment
    months : float
        Until the date [months].
    refuse : callable, optional
        Told of each that cannot: demand, reason, one, and by how much.
    """
    kept = []
    for column in columns:
        late = column.lead_time_s / MONTH_S - months
        if late <= 1e-9:
            kept.append(column)
        elif refuse is not None:
            months_taken = column.lead_time_s / MONTH_S
            reason = f"{column.server} and its software take {months_taken:.0f} months"
            refuse(column.demand, reason, 1, f"{reason}, {late:.0f} too late")
    return kept


def _fitting(
    group: Sequence[Lever],
    demand: Demand,
    server: Server,
    architecture: Architecture,
    tally: Tally,
) -> list[Lever]:
    """The levers of a demand's stage whose preconditions chip and model meet."""
    chip = levers.chip_features(server.chip)
    model = levers.model_features(architecture.shape, architecture.traits)
    fitting = []
    for lever in group:
        if lever.stage != demand.kind:
            continue
        reason = levers.applicable(lever, chip, model)
        if reason is None:
            fitting.append(lever)
        else:
            tally.refuse("unsupported", demand.name, f"{server.name}: {reason}")
    return fitting


def _columns(
    demand: Demand,
    architecture: Architecture,
    server: Server,
    lever_set: LeverSet,
    new: bool,
    base: frozenset[str],
    prices: Prices,
    tally: Tally,
) -> list[Deployment]:
    """The points of one demand on one server with one lever set."""
    loss = levers.loss_nats(lever_set.levers)
    floor = demand.quality.max_loss_nats
    if loss > floor:
        margin = f"{loss:.3f} nats where {floor:.3f} are allowed"
        tally.refuse("quality", demand.name, "quality floor", 1, margin)
        return []
    players = lever_set.players | ({"chips"} if new else set())
    context = Context(
        demand,
        architecture,
        server,
        base,
        lever_set,
        frozenset(players),
        loss,
        prices,
        need_of(demand),
    )
    if isinstance(demand, ServingDemand):
        return _serving(demand, context, tally)
    return _training(demand, context, tally)


def serving_need(demand: ServingDemand) -> float:
    """Requests/s to install: the peak with its spare, or for batch work the mean."""
    peak = 1.0 if demand.flexible else float(relative_rate(demand.rhythm).max())
    return demand.requests * peak * (1.0 + demand.spare)


def training_need(demand: TrainingDemand) -> float:
    """Tokens/s that meet the deadline."""
    return demand.tokens / demand.within


def need_of(demand: Demand) -> float:
    """Capacity that a demand asks for: requests/s or tokens/s."""
    return serving_need(demand) if isinstance(demand, ServingDemand) else training_need(demand)


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


def _serving(demand: ServingDemand, context: Context, tally: Tally) -> list[Deployment]:
    settings = levers.apply_serving(context.chosen.levers, levers.plain_serving())
    result = serving.candidates(
        context.architecture.shape,
        context.server,
        settings,
        traffic_of(demand),
        whole_servers=True,
    )
    for refusal in result.refused:
        kind = "memory" if refusal.reason == "memory" else "limits"
        tally.refuse(kind, demand.name, refusal.reason, refusal.count, refusal.text)
    refused = sum(refusal.count for refusal in result.refused)
    tally.counts["slower"] += result.evaluated - refused - len(result.points)
    return [
        context.deployment(
            Point(
                point.label,
                point.chips,
                point.requests_per_s,
                point.chip_idle_w,
                point.chip_full_w,
                {
                    "ttft_s": point.ttft_s,
                    "tpot_s": point.tpot_s,
                    "batch": point.batch,
                    "compute_share": point.compute_share,
                    "memory_share": point.memory_share,
                },
            )
        )
        for point in result.points
    ]


def _training(demand: TrainingDemand, context: Context, tally: Tally) -> list[Deployment]:
    """The smallest clusters found that meet the deadline."""
    points = _clusters(demand, context, tally)
    fast = [point for point in points if point.tokens_per_s >= context.need]
    for _ in range(len(points) - len(fast)):
        tally.refuse("limits", demand.name, "deadline")
    return [
        context.deployment(
            Point(
                point.label,
                point.chips,
                point.tokens_per_s,
                point.chip_idle_w,
                point.chip_mean_w,
                {"step_s": point.step_s, "mfu": point.mfu, "goodput": point.goodput},
            )
        )
        for point in fast
    ]


def _clusters(
    demand: TrainingDemand, context: Context, tally: Tally
) -> list[training.TrainingPoint]:
    """Points at cluster sizes that approach the deadline from a first estimate.

    Speed is nearly proportional to size, so each size is the last one scaled to the
    deadline; it ends when a size is met again or after `ROUNDS`.
    """
    settings = levers.apply_training(context.chosen.levers, levers.TrainingSettings())
    batch_tokens = demand.batch_sequences * demand.sequence_tokens
    run = training.TrainingRun(demand.tokens, demand.sequence_tokens, batch_tokens)
    server, need = context.server, context.need
    shape = levers.trained_shape(context.architecture.shape, settings, demand.tokens)
    flops = training_flops_per_token(shape, demand.sequence_tokens, 0.0)
    guess = need * flops / (FIRST_GUESS_MFU * server.chip.bf16_flops)
    size = _even_size(guess, server.chips)
    seen: dict[float, float] = {}
    points: list[training.TrainingPoint] = []
    for _ in range(ROUNDS):
        result = training.candidates(shape, run, server, settings, [size])
        for refusal in result.refused:
            over = f"{refusal.margin / 1e9:.1f} GB over" if refusal.margin > 0.0 else ""
            kind = TRAINING_KINDS.get(refusal.reason, "indivisible")
            tally.refuse(kind, demand.name, refusal.reason, refusal.count, over)
        tally.counts["bounded"] += result.bounded
        tally.counts["slower"] += result.beaten
        points += result.points
        seen[size] = max((point.tokens_per_s for point in result.points), default=0.0)
        wanted = size * min(need / seen[size], 4.0) if seen[size] > 0.0 else size * 1.01
        following = _even_size(wanted, server.chips)
        while seen.get(following, need) < need:
            following = _even_size(following * 1.01, server.chips)
        if following in seen:
            break
        size = following
    return points


def _even_size(chips: float, per_server: float) -> float:
    """The smallest cluster of at least so many chips that layouts divide well.

    Its number of servers has no prime factor above five.
    """
    least = max(1, math.ceil(chips / per_server - 1e-9))
    best = 2 ** math.ceil(math.log2(least))
    for threes in (1, 3, 9, 27, 81):
        for fives in (1, 5, 25, 125):
            odd = threes * fives
            if odd < best:
                best = min(best, odd * 2 ** max(0, math.ceil(math.log2(least / odd))))
    return float(best * per_server)
