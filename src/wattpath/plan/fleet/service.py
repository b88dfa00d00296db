"""A plan's serving fleet, driven request by request: what its percentiles really are.

The optimum of a scenario says which units serve a demand; here the same units answer single
requests, from a trace or made by the demand's own statistics, as the demand's `operation`
says. With a cascade a small model's fleet answers first.
"""

from __future__ import annotations

import math
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from wattpath.errors import InputError
from wattpath.hardware.power import chip_idle_w
from wattpath.plan.columns.search import architecture_of, traffic_of
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.cascade import Parted, check_cascade, merged, part_requests, small_group
from wattpath.plan.fleet.drive import Drive, drive, server_watts
from wattpath.plan.fleet.manner import Manner, check_drafts, with_acceptance
from wattpath.plan.fleet.replicas import replica_of
from wattpath.plan.fleet.simulation import Answers, Group, Simulation, interval_lengths
from wattpath.plan.prices import Prices
from wattpath.plan.result import Chosen, Outcome
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.scenario import Scenario
from wattpath.serving.classes import load_class
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.heap import Floats
from wattpath.serving.requests import Requests

#: Interval of the power series, and the most intervals of one replay.
STEP_S, MOST_STEPS = 60.0, 4000


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


def check_operation(scenario: Scenario, demand: ServingDemand, plan: str) -> None:
    """Refuse an operation that no plan can have, before one is made.

    Raises
    ------
    InputError
        Naming the key.
    """
    check_cascade(demand.operation.cascade)
    check_drafts(scenario, demand.operation, plan)


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
    """The replicas with which a plan serves a demand; fewer where a cascade keeps a share."""
    chosen = [one for one in outcome.chosen if one.deployment.demand == demand.name]
    total = sum(one.units * one.deployment.capacity for one in chosen)
    cascade = demand.operation.cascade
    kept = cascade.kept if cascade is not None else 1.0
    return tuple(
        _group(scenario, demand, one, kept, one.units * one.deployment.capacity / total)
        for one in chosen
        if one.units > 1e-9
    )


def _group(
    scenario: Scenario, demand: ServingDemand, chosen: Chosen, kept: float, share: float
) -> Group:
    unit = chosen.deployment
    replica = replica_of(unit, architecture_of(demand, scenario).shape, traffic_of(demand))
    replica = with_acceptance(replica, demand.operation.acceptance)
    servers = chosen.units * unit.servers
    if replica.chips < replica.server.chips:
        replicas = math.ceil(servers - 1e-6) * replica.per_unit
    else:
        replicas = math.ceil(chosen.units - 1e-6)
    replicas = max(1, math.ceil(replicas * kept - 1e-9))
    chips = max(chosen.units * unit.chips * kept, replicas * replica.chips)
    return Group(replica, replicas, chips, share)


def simulate(
    scenario: Scenario,
    demand: ServingDemand,
    outcome: Outcome,
    requests: Requests,
    file: Path | None = None,
) -> Simulation:
    """Let a plan's fleet answer a list of requests, as the demand's `operation` says.

    Parameters
    ----------
    scenario, demand, outcome
        What was planned, for whom, and the plan that is tried.
    requests : Requests
        From `wattpath.serving.traces.read_trace`, or `requests_of`.
    file : Path, optional
        Where a long simulation is kept, and from which it goes on.

    Raises
    ------
    InputError
        If the operation asks for what the fleet does not have.

    Notes
    -----
    Where no blocks of prompts are known, the demand's own shared prefix is found as its
    levers say.
    """
    groups = groups_of(scenario, demand, outcome)
    manner = Manner(demand.operation, scenario.seed, file=file)
    step_s = max(STEP_S, requests.span_s / MOST_STEPS)
    first = small_group(scenario, demand, groups[0]) if demand.operation.cascade else None
    every = (*([first] if first is not None else []), *groups)
    started = time.perf_counter()
    few = requests.chosen(np.arange(len(requests)) < 2)
    for group in every:
        drive(group.replica, group.ranks, few, Manner(demand.operation), step_s)
    compiled = time.perf_counter()
    resumed = file is not None and any(file.parent.glob(f"{file.name}.*"))
    runs, answers = _answered(every, first, requests, demand, manner, step_s)
    wall_s = time.perf_counter() - compiled
    factor = Prices.of(scenario).book.it_power_factor
    chip_w, it_w = _power(every, runs, factor)
    lengths = interval_lengths(len(it_w), step_s, max(run.seconds for run in runs))
    return Simulation(
        demand.name,
        every,
        runs,
        answers,
        (demand.ttft or math.inf, demand.tpot or math.inf),
        float(chip_w @ lengths),
        float(it_w @ lengths),
        it_w,
        step_s,
        wall_s,
        compiled - started,
        resumed,
    )


def _answered(
    every: tuple[Group, ...],
    first: Group | None,
    requests: Requests,
    demand: ServingDemand,
    manner: Manner,
    step_s: float,
) -> tuple[tuple[Drive, ...], Answers]:
    """The run of each group, and what users saw."""
    classes = manner.classes(len(requests))
    groups = every if first is None else every[1:]
    if first is None:
        runs, answers = _dealt(groups, requests, classes, manner, step_s)
        return runs, answers
    parted = part_requests(demand.operation, requests, manner.seed)
    tried = np.flatnonzero(~parted.at_once)
    began = drive(
        first.replica,
        first.ranks,
        requests.chosen(~parted.at_once),
        manner.further(len(every)),
        step_s,
        classes[tried],
    )
    return _behind(began, tried, parted, groups, requests, classes, manner, step_s)


def _behind(
    began: Drive,
    tried: np.ndarray,
    parted: Parted,
    groups: tuple[Group, ...],
    requests: Requests,
    classes: np.ndarray,
    manner: Manner,
    step_s: float,
) -> tuple[tuple[Drive, ...], Answers]:
    """The demand's own model behind a small one."""
    second, coming = parted.coming(requests, tried, began)
    if not len(second):
        return (began,), merged(requests, classes, tried, began, second, None)
    runs, answers = _dealt(groups, coming, classes[second], manner, step_s)
    return (began, *runs), merged(requests, classes, tried, began, second, answers)


def _dealt(
    groups: tuple[Group, ...],
    requests: Requests,
    classes: np.ndarray,
    manner: Manner,
    step_s: float,
) -> tuple[tuple[Drive, ...], Answers]:
    """Requests dealt out to groups by their shares: runs, and the answers in order."""
    members = _parts(len(requests), [group.share for group in groups])
    runs = tuple(
        drive(
            group.replica,
            group.ranks,
            requests.chosen(mine) if len(groups) > 1 else requests,
            manner.further(number),
            step_s,
            classes[mine],
        )
        for number, (group, mine) in enumerate(zip(groups, members, strict=True))
    )
    names = ("first_s", "done_s", "outputs")
    found = {name: np.full(len(requests), np.nan) for name in names}
    for mine, run in zip(members, runs, strict=True):
        for name in names:
            found[name][mine] = getattr(run, name)
    return runs, Answers(requests.arrival_s, **found, priority=classes)


def _parts(count: int, shares: list[float]) -> list[np.ndarray]:
    """Which requests go to which group: evenly in time."""
    if len(shares) == 1:
        return [np.ones(count, dtype=bool)]
    place = (np.arange(count) * 0.6180339887498949) % 1.0
    edges = np.concatenate([[0.0], np.cumsum(shares)])
    edges[-1] = 1.0
    return [(place >= low) & (place < high) for low, high in pairwise(edges)]


def _power(
    groups: tuple[Group, ...], runs: tuple[Drive, ...], factor: float
) -> tuple[Floats, Floats]:
    """Power of all chips and of all servers with their network in each interval [W]."""
    count = max(len(run.chip_w) for run in runs)
    chip, it = np.zeros(count), np.zeros(count)
    for number, group in enumerate(groups):
        server = group.replica.server
        idle = float(chip_idle_w(server.chip))
        busy = runs[number].chip_w if number < len(runs) else np.zeros(0)  # nobody came
        used_share = group.replicas * group.replica.chips / group.chips
        series = np.concatenate([busy, np.full(count - len(busy), idle)])
        chip += group.chips * (used_share * series + (1.0 - used_share) * idle)
        watts = server_watts(group.replica, series, used_share)
        it += watts * group.chips / server.chips * factor
    return chip, it
