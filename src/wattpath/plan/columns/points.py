"""The deployments of one demand on one server with one set of levers.

Every layout at every operating point is evaluated by the compiled kernels of
`wattpath.serving` and `wattpath.training`; what falls out is counted.
"""

from __future__ import annotations

import math

from wattpath import levers, serving, training
from wattpath.levers import TrainingSettings
from wattpath.models.work import training_flops_per_token
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.columns.operating import TOGETHER, Operating, operating_points
from wattpath.plan.columns.tally import Tally
from wattpath.plan.columns.unit import Context, Point
from wattpath.plan.demand import Demand, ServingDemand, TrainingDemand
from wattpath.plan.rhythm import relative_rate
from wattpath.training.layout import REASONS
from wattpath.training.search import UNFIT

#: Share of peak FLOP/s behind the first estimate of a cluster's size.
FIRST_GUESS_MFU = 0.4

#: Cluster sizes tried for one deadline.
ROUNDS = 6

#: The same where none has met it yet: sizes that divide a batch badly hold no layout at all.
MOST_ROUNDS = 24

#: Reasons of the search of training layouts that do not say what does not divide.
TRAINING_KINDS = {UNFIT: "memory", REASONS[-1]: "unsupported"}


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


def points_of(context: Context, tally: Tally) -> list[Deployment]:
    """All deployments of a demand, server and lever set that nothing on the same chips beats."""
    if isinstance(context.demand, ServingDemand):
        found = operating_points(context.chosen.levers)
        each = (_serving(context.demand, context, point, tally) for point in found)
        return [one for columns in each for one in columns]
    return _training(context.demand, context, tally)


def _serving(
    demand: ServingDemand, context: Context, at: Operating, tally: Tally
) -> list[Deployment]:
    chosen = context.chosen.levers
    result = serving.candidates(
        context.architecture.shape,
        context.server,
        levers.apply_serving(chosen, levers.plain_serving(), at.overrides),
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
                point.label + at.label,
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
    """The smallest clusters found that meet the deadline, at every operating point.

    Each point after the first begins at the size that the first one ended with.
    """
    found: list[Deployment] = []
    size = 0.0
    for at in operating_points(context.chosen.levers, TOGETHER):
        chosen = context.chosen.levers
        settings = levers.apply_training(chosen, TrainingSettings(), at.overrides)
        points, size = _clusters(demand, context, settings, size, tally)
        fast = [point for point in points if point.tokens_per_s >= context.need]
        for _ in range(len(points) - len(fast)):
            tally.refuse("limits", demand.name, "deadline")
        found += [
            context.deployment(
                Point(
                    point.label + at.label,
                    point.chips,
                    point.tokens_per_s,
                    point.chip_idle_w,
                    point.chip_mean_w,
                    {"step_s": point.step_s, "mfu": point.mfu, "goodput": point.goodput},
                )
            )
            for point in fast
        ]
    return found


def _clusters(
    demand: TrainingDemand,
    context: Context,
    settings: TrainingSettings,
    first: float,
    tally: Tally,
) -> tuple[list[training.TrainingPoint], float]:
    """Points at cluster sizes that approach the deadline, and the last size.

    Speed is nearly proportional to size, so each size is the last one scaled to the
    deadline; it ends when a size is met again or after `ROUNDS`, and goes on up to
    `MOST_ROUNDS` where none meets the deadline. The first size, if it is 0, is an estimate.
    """
    batch_tokens = demand.batch_sequences * demand.sequence_tokens
    run = training.TrainingRun(demand.tokens, demand.sequence_tokens, batch_tokens)
    server, need = context.server, context.need
    shape = levers.trained_shape(context.architecture.shape, settings, demand.tokens)
    flops = training_flops_per_token(shape, demand.sequence_tokens, 0.0)
    guess = need * flops / (FIRST_GUESS_MFU * server.chip.bf16_flops)
    size = first or _even_size(guess, server.chips)
    seen: dict[float, float] = {}
    points: list[training.TrainingPoint] = []
    for tried in range(MOST_ROUNDS):
        if tried >= ROUNDS and max(seen.values()) >= need:
            break
        result = training.candidates(shape, run, server, settings, [size])
        _count(result, demand.name, tally)
        points += result.points
        seen[size] = max((point.tokens_per_s for point in result.points), default=0.0)
        wanted = size * min(need / seen[size], 4.0) if seen[size] > 0.0 else size * 1.01
        following = _even_size(wanted, server.chips)
        while seen.get(following, need) < need:
            following = _even_size(following * 1.01, server.chips)
        if following in seen:
            break
        size = following
    return points, size


def _count(result: training.TrainingResult, demand: str, tally: Tally) -> None:
    """What became of the layouts of one cluster size."""
    for refusal in result.refused:
        over = f"{refusal.margin / 1e9:.1f} GB over" if refusal.margin > 0.0 else ""
        kind = TRAINING_KINDS.get(refusal.reason, "indivisible")
        tally.refuse(kind, demand, refusal.reason, refusal.count, over)
    tally.counts["bounded"] += result.bounded
    tally.counts["slower"] += result.beaten


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
