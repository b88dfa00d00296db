"""A small model before the demand's own: its fleet, who is sent on, what users see.

The small model runs on one server of its own kind with the baseline's software, in the layout
that serves most for each chip, on as many replicas as the steady state needs. Where it breaks
down: who must be answered anew is given, not found from the texts; whoever checks the small
model's answers works at no cost and in no time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath import levers, models, serving
from wattpath.errors import InputError
from wattpath.hardware import load_server
from wattpath.plan.columns.search import architecture_of, traffic_of
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.drive import Drive
from wattpath.plan.fleet.replicas import replica_named
from wattpath.plan.fleet.simulation import Answers, Group
from wattpath.plan.operation import Cascade, Operation
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.scenario import Scenario
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.requests import Requests, plain
from wattpath.serving.stages import hardest, sent_on

PATH = "operation.cascade"


def small_group(scenario: Scenario, demand: ServingDemand, behind: Group) -> Group:
    """The small model's replicas.

    Raises
    ------
    InputError
        If model or server are unknown, or the model cannot keep the demand's service level
        there.
    """
    cascade = demand.operation.cascade
    assert cascade is not None
    server = behind.replica.server
    if cascade.server is not None:
        server = load_server(cascade.server, f"{PATH}.server")
    small = demand.model_copy(update={"model": _known(cascade)})
    architecture, traffic = architecture_of(small, scenario), traffic_of(demand)
    chip = levers.chip_features(server.chip)
    seen = architecture.training_tokens
    fits = levers.model_features(architecture.shape, architecture.traits, seen)
    keys = tuple(
        one.key
        for one in levers.by_names(scenario.baseline.levers)
        if one.stage == "serving" and levers.applicable(one, chip, fits) is None
    )
    settings = levers.apply_serving(levers.by_names(keys), levers.plain_serving())
    found = serving.candidates(architecture.shape, server, settings, traffic)
    if not found.points:
        hint = " ".join(one.text for one in found.refused)[:200]
        raise InputError(
            f"{PATH}.model", f"keep the service level on {server.key}", cascade.model, hint
        )
    best = max(found.points, key=lambda point: point.requests_per_s / point.chips)
    replica = replica_named(best.label, server.key, keys, architecture.shape, traffic)
    replicas = cascade.replicas or _needed(demand, cascade, best.requests_per_s)
    chips = math.ceil(replicas * replica.chips / server.chips - 1e-9) * server.chips
    return Group(replica, replicas, chips, 1.0 - cascade.at_once, architecture.name)


def check_cascade(cascade: Cascade | None) -> None:
    """Refuse an unknown model or server before any plan is made."""
    if cascade is None:
        return
    _known(cascade)
    if cascade.server is not None:
        load_server(cascade.server, f"{PATH}.server")


def _known(cascade: Cascade) -> str:
    """The model's name, checked where it is one of the catalogue."""
    if not cascade.model.endswith(".json"):
        models.load(cascade.model, f"{PATH}.model")
    return cascade.model


def _needed(demand: ServingDemand, cascade: Cascade, each: float) -> int:
    """Replicas for the busiest hour with the demand's spare."""
    peak = demand.requests * float(np.max(relative_rate(demand.rhythm)))
    return max(1, math.ceil(peak * (1.0 - cascade.at_once) * (1.0 + demand.spare) / each))


@dataclass(frozen=True, slots=True)
class Parted:
    """Who is sent to the demand's own model: at once, or after the small one's answer."""

    at_once: NDArray[np.bool_]
    passed_on: NDArray[np.bool_]

    def coming(
        self, requests: Requests, tried: NDArray[np.int64], began: Drive
    ) -> tuple[NDArray[np.int64], Requests]:
        """Who comes to the demand's own model, in order, and as which requests.

        `tried` are those that the small model answered in the run `began`.
        """
        done = np.full(len(requests), np.nan)
        done[tried] = began.done_s
        second, when = sent_on(requests.arrival_s, done, self.passed_on, self.at_once)
        return second, plain(when, requests.inputs[second], requests.outputs[second])


def part_requests(operation: Operation, requests: Requests, seed: int) -> Parted:
    """Part requests by chance, or by the length of prompt or answer."""
    cascade = operation.cascade
    assert cascade is not None
    score: Floats = {
        "chance": np.random.default_rng([seed, 2]).random(len(requests)),
        "prompt": requests.inputs,
        "answer": requests.outputs,
    }[cascade.by]
    at_once = hardest(score, cascade.at_once)
    rest = np.flatnonzero(~at_once)
    passed_on = np.zeros(len(requests), dtype=bool)
    passed_on[rest] = hardest(score[rest], cascade.passed_on)
    return Parted(at_once, passed_on)


def merged(
    requests: Requests,
    classes: Integers,
    tried: NDArray[np.int64],
    began: Drive,
    second: NDArray[np.int64],
    answers: Answers | None,
) -> Answers:
    """What users saw: the small model's answers, and in place of some the other's."""
    count = len(requests)
    first, done, outputs = (np.full(count, np.nan) for _ in range(3))
    first[tried], done[tried], outputs[tried] = began.first_s, began.done_s, began.outputs
    if answers is not None:
        first[second], done[second] = answers.first_s, answers.done_s
        outputs[second] = answers.outputs
    return Answers(requests.arrival_s, first, done, outputs, classes)
