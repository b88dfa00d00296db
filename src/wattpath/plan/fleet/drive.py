"""Requests through replicas of a plan: times of each request, and power over time.

The simulator of `wattpath.serving` answers the requests; here its sums become watts. With
separate pools the prefill workers write each first token, one prompt's cache after another
travels, and the decode workers write the rest (`wattpath.serving.stages`).

Where it breaks down: a decode pool that is full holds its prompts itself and does not stop
the prefill; pipeline stages take their micro-batches as one batch; ranks that are switched
off or down draw what an idle chip draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wattpath.errors import InputError
from wattpath.hardware.power import chip_idle_w, server_power_w
from wattpath.plan.fleet.manner import Manner
from wattpath.plan.fleet.replicas import DECODE, Pool, Replica
from wattpath.serving import stages
from wattpath.serving.candidates import chip_watts
from wattpath.serving.fleet import BUSY, COMPUTE, MEMORY, ROUTERS, FleetReplay
from wattpath.serving.fleet import Replica as Rank
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.measures import crowd
from wattpath.serving.requests import Requests


@dataclass(frozen=True, slots=True)
class Drive:
    """What some replicas did with a list of requests.

    Attributes
    ----------
    arrival_s, first_s, done_s : ndarray
        Of each request [s]; NaN where it could not be served.
    outputs : ndarray
        Tokens that were written [token].
    found : float
        Share of all prompt tokens that a cache held [-].
    preempted : float
        Sequences that lost their cache to others.
    seconds : float
        Until the last answer ended [s].
    step_s : float
        Length of an interval [s].
    chip_w, busy : ndarray
        Mean power of one of the chips in use [W] and share of time that ranks were at work
        [-], by interval.
    inputs : float
        All prompt tokens [token].
    chip_idle_w : float
        A chip without work [W].
    waiting, running, on : ndarray
        Mean requests that wait and that are served, and ranks that are on, by interval.
    lost, resent : float
        Requests that failures lost, and how often one was sent anew.
    """

    arrival_s: Floats
    first_s: Floats
    done_s: Floats
    outputs: Floats
    found: float
    preempted: float
    seconds: float
    step_s: float
    chip_w: Floats
    busy: Floats
    inputs: float
    chip_idle_w: float
    waiting: Floats
    running: Floats
    on: Floats
    lost: float
    resent: float

    @property
    def ttft_s(self) -> Floats:
        """Time to first token of each request [s]."""
        return np.asarray(self.first_s - self.arrival_s)

    @property
    def tpot_s(self) -> Floats:
        """Time per further token of each request [s]."""
        return np.asarray((self.done_s - self.first_s) / np.maximum(1.0, self.outputs - 1.0))

    @property
    def e2e_s(self) -> Floats:
        """Time to the last token of each request [s]."""
        return np.asarray(self.done_s - self.arrival_s)

    @property
    def lengths_s(self) -> Floats:
        """Length of each interval [s]; the last one takes all that follows."""
        lengths = np.full(len(self.chip_w), self.step_s)
        lengths[-1] = max(1e-9, self.seconds - self.step_s * (len(lengths) - 1))
        return lengths


def check_router(router: str) -> None:
    """Refuse an unknown router.

    Raises
    ------
    InputError
        Naming the known ones.
    """
    if router not in ROUTERS:
        hint = f"Routers are {', '.join(ROUTERS)}."
        raise InputError("--router", "be a known router", router, hint)


def drive(
    replica: Replica,
    ranks: tuple[int, ...],
    requests: Requests,
    manner: Manner,
    step_s: float,
    priority: Integers | None = None,
) -> Drive:
    """Let ranks of a replica's pools answer requests.

    Parameters
    ----------
    replica : Replica
        Its pools, whose case says how much of a prompt is shared where no blocks are known.
    ranks : tuple of int
        Attention ranks of each pool.
    requests : Requests
        In the order of their arrival.
    manner : Manner
        Router and all else.
    step_s : float
        Length of an interval [s].
    priority : array of int, optional
        Class of each request; drawn by the shares of the manner if not given.
    """
    settings = replica.pools[0].case.settings
    share = settings.prefix_reuse * replica.pools[0].case.traffic.shared_prefix
    answers = np.maximum(1.0, np.round(requests.outputs * settings.output_factor))
    asked = replace(requests, outputs=answers)
    known = requests.inputs * (0.0 if requests.blocks.size else share)
    cached = np.floor(np.minimum(known, requests.inputs - 1.0))
    priority = manner.classes(len(requests)) if priority is None else priority
    first, done, runs = _served(replica, ranks, asked, manner, step_s, (cached, priority))
    seconds = float(np.nanmax(done, initial=0.0))
    chip_w, busy = _power(replica, runs, ranks, step_s)
    inputs = float(requests.inputs.sum())
    crowds = (runs, step_s, len(chip_w))
    return Drive(
        requests.arrival_s,
        first,
        done,
        answers,
        float(runs[0].found.sum() / inputs),
        sum(run.preempted for run in runs),
        seconds,
        step_s,
        chip_w,
        busy,
        inputs,
        float(chip_idle_w(replica.server.chip)),
        _crowd(*crowds, "waiting"),
        _crowd(*crowds, "running"),
        _crowd(*crowds, "on"),
        sum(run.lost for run in runs),
        sum(run.resent for run in runs),
    )


def _served(
    replica: Replica,
    ranks: tuple[int, ...],
    requests: Requests,
    manner: Manner,
    step_s: float,
    further: tuple[Floats, Integers],
) -> tuple[Floats, Floats, list[FleetReplay]]:
    """First and last token of each request [s], and the replay of each pool."""
    until_s = float(requests.arrival_s[-1])
    pools = [
        stages.Pool(
            _rank(pool),
            count,
            manner.options(replica, number, count, step_s, until_s),
            manner.place(number),
        )
        for number, (pool, count) in enumerate(zip(replica.pools, ranks, strict=True))
    ]
    if len(pools) == 1:
        run = pools[0].serve(requests, *further)
        return run.first_s, run.done_s, [run]
    both = stages.serve_disaggregated(pools[0], pools[1], requests, *further)
    return both.first_s, both.done_s, [both.began, *([both.ended] if both.ended else [])]


def _rank(pool: Pool) -> Rank:
    """One attention rank; behind a prefill pool it takes caches in without an iteration."""
    case = pool.case
    engine = case.engine._replace(eager_s=0.0) if pool.kind == DECODE else case.engine
    return Rank(case.chip, case.shape, pool.layout, case.settings, engine)


def _crowd(runs: list[FleetReplay], step_s: float, count: int, name: str) -> Floats:
    """A mean number by interval, summed over the pools."""
    total = np.zeros(count)
    for run in runs:
        values = getattr(crowd(run, step_s), name)
        total[: len(values)] += values
    return total


def _power(
    replica: Replica,
    runs: list[FleetReplay],
    ranks: tuple[int, ...],
    step_s: float,
) -> tuple[Floats, Floats]:
    """Mean power of a chip in use [W] and busy share [-] in each interval."""
    count = max(len(run.series) for run in runs)
    chips = np.array([n * p.chips_per_rank for n, p in zip(ranks, replica.pools, strict=True)])
    chip_w, busy = np.zeros(count), np.zeros(count)
    for index, pool in enumerate(replica.pools):
        shares = np.zeros((count, 3))
        if index < len(runs):
            run = runs[index]
            shares[: len(run.series)] = run.series / ranks[index] / step_s
            last = len(run.series) - 1
            ended = float(np.nanmax(run.done_s, initial=0.0))
            shares[last] *= step_s / max(1e-9, ended - step_s * last)
        part = chips[index] / chips.sum()
        chip_w += part * np.array([_watts(pool, row[COMPUTE], row[MEMORY]) for row in shares])
        busy += part * np.minimum(1.0, shares[:, BUSY])
    return chip_w, busy


def _watts(pool: Pool, compute: float, memory: float) -> float:
    """Power of a chip [W]; a replay sends the batch through all stages, each works its part."""
    stages = pool.layout.pp
    return chip_watts(pool.case, (float(compute) / stages, float(memory) / stages), pool.clock)


def server_watts(replica: Replica, chip_w: Floats, used_share: float) -> Floats:
    """Power of a server [W] of which a share of the chips is in use, the others idle.

    Parameters
    ----------
    chip_w : ndarray
        Mean power of a chip in use [W].
    used_share : float
        Share of the server's chips [-].
    """
    server = replica.server
    idle = float(chip_idle_w(server.chip))
    mean = used_share * chip_w + (1.0 - used_share) * idle
    box = (server.idle_w, server.full_w, server.chips, server.chip.tdp_w, idle)
    return np.array([float(server_power_w(*box, float(one))) for one in mean])
