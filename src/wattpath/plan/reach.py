"""The best that any deployment of a scenario reaches, where a service level is out of reach."""

from __future__ import annotations

import math

from wattpath import levers, serving
from wattpath.hardware import Server
from wattpath.models import Architecture
from wattpath.plan.columns.deployment import Columns
from wattpath.plan.columns.leversets import LeverSet, lever_sets
from wattpath.plan.columns.search import architecture_of, servers_of, traffic_of
from wattpath.plan.demand import ServingDemand
from wattpath.plan.scenario import Scenario


def best_answer(scenario: Scenario, demand: ServingDemand, found: Columns) -> tuple[str, ...]:
    """Sentences: the shortest times of any server and software, or what else is missing."""
    architecture = architecture_of(demand, scenario)
    ttft, tpot = (math.inf, ""), (math.inf, "")
    for server in servers_of(scenario):
        for chosen in _sets(scenario, demand, server, architecture):
            settings = levers.apply_serving(chosen.levers, levers.plain_serving())
            reach = serving.best_reachable(architecture.shape, server, settings, traffic_of(demand))
            ttft = min(ttft, (reach.ttft_s, f"{reach.ttft_label} on {server.key}"))
            tpot = min(tpot, (reach.tpot_s, f"{reach.tpot_label} on {server.key}"))
    if math.isinf(min(ttft[0], tpot[0])):
        texts = [one.margin or one.reason for one in found.refusals]
        return tuple(dict.fromkeys(texts))[:3]
    level = f"at the {demand.percentile:.4g} quantile with hardly any load"
    return (
        f"the shortest time to first token of all is {ttft[0]:.3g} s ({ttft[1]}), the shortest "
        f"time per token {tpot[0] * 1e3:.3g} ms ({tpot[1]}), {level}.",
    )


def _sets(
    scenario: Scenario, demand: ServingDemand, server: Server, architecture: Architecture
) -> list[LeverSet]:
    """The sets of software that fit the chip, the model and the quality floor."""
    chip = levers.chip_features(server.chip)
    seen = architecture.training_tokens
    model = levers.model_features(architecture.shape, architecture.traits, seen)
    groups = [
        [
            one
            for one in levers.by_names(names)
            if one.stage == demand.kind and levers.applicable(one, chip, model) is None
        ]
        for names in (scenario.baseline.levers, scenario.options.levers)
    ]
    floor = demand.quality.max_loss_nats
    return [one for one in lever_sets(*groups) if levers.loss_nats(one.levers) <= floor]
