"""Requests through replicas of a plan: times of each request, and power over time.

The simulator of `wattpath.serving` answers the requests; here its sums become watts. With
separate pools the prefill workers write each first token, the prompt's cache travels, and
the decode workers write the rest; decode sends nothing back, so the two are driven one
after the other.

Where it breaks down: a decode pool that is full holds its prompts itself and does not stop
the prefill; pipeline stages take their micro-batches as one batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wattpath.errors import InputError
from wattpath.hardware.power import chip_idle_w, server_power_w
from wattpath.plan.fleet.replicas import Pool, Replica
from wattpath.serving.candidates import chip_watts
from wattpath.serving.disaggregation import transfer_s
from wattpath.serving.fleet import BUSY, COMPUTE, MEMORY, ROUTERS, FleetReplay, replay_fleet
from wattpath.serving.heap import Floats
from wattpath.serving.requests import Requests, plain

#: Prompt lengths at which the transfer of a cache is computed; between them it is linear.
LENGTHS = 64


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
    replica: Replica, ranks: tuple[int, ...], requests: Requests, router: str, step_s: float
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
    router : str
        A key of `ROUTERS`.
    step_s : float
        Length of an interval [s].
    """
    case = replica.pools[0].case
    answers = np.maximum(1.0, np.round(requests.outputs * case.settings.output_factor))
    share = case.settings.prefix_reuse * case.traffic.shared_prefix
    known = requests.inputs * (0.0 if requests.blocks.size else share)
    cached = np.floor(np.minimum(known, requests.inputs - 1.0))
    if len(replica.pools) == 1:
        run = _replay(replica.pools[0], requests, answers, cached, ranks[0], router, step_s)
        runs, first, done = [run], run.first_s, run.done_s
    else:
        runs, first, done = _through_pools(
            replica, requests, answers, cached, ranks, router, step_s
        )
    seconds = float(np.nanmax(done, initial=0.0))
    chip_w, busy = _power(replica, runs, ranks, step_s)
    inputs = float(requests.inputs.sum())
    found, lost = runs[0].found.sum() / inputs, sum(run.preempted for run in runs)
    times = (requests.arrival_s, first, done, answers)
    idle = float(chip_idle_w(replica.server.chip))
    return Drive(*times, float(found), lost, seconds, step_s, chip_w, busy, inputs, idle)


def _replay(
    pool: Pool,
    requests: Requests,
    outputs: Floats,
    cached: Floats,
    ranks: int,
    router: str,
    step_s: float,
) -> FleetReplay:
    case = pool.case
    return replay_fleet(
        case.chip,
        case.shape,
        pool.layout,
        case.settings,
        case.engine,
        requests.arrival_s,
        requests.inputs,
        outputs,
        requests.blocks,
        requests.starts,
        requests.block_tokens,
        cached,
        ranks,
        ROUTERS[router],
        step_s,
    )


def _through_pools(
    replica: Replica,
    requests: Requests,
    answers: Floats,
    cached: Floats,
    ranks: tuple[int, ...],
    router: str,
    step_s: float,
) -> tuple[list[FleetReplay], Floats, Floats]:
    """Prefill, transfer, decode: the replays, first tokens and last tokens."""
    before, after = replica.pools
    begun = _replay(before, requests, np.ones(len(answers)), cached, ranks[0], router, step_s)
    first = begun.first_s + _transfers_s(before, requests.inputs)
    going = np.flatnonzero(np.isfinite(first) & (answers > 1.0))
    going = going[np.argsort(first[going], kind="stable")]
    done = first.copy()
    if not len(going):
        return [begun], first, done
    inputs, rest = requests.inputs[going] + 1.0, answers[going] - 1.0  # one token is written
    moved = plain(first[going], inputs, rest)
    spread = "least-loaded" if router == "prefix-aware" else router
    ended = _replay(_decoder(after), moved, rest, inputs - 1.0, ranks[1], spread, step_s)
    done[going] = ended.done_s
    return [begun, ended], first, done


def _decoder(pool: Pool) -> Pool:
    """The pool as it takes prompts whose cache arrives: no front end, no eager iteration."""
    case = pool.case
    engine = case.engine._replace(request_s=0.0, eager_s=0.0)
    settings = case.settings._replace(prefix_reuse=0.0)
    return replace(pool, case=replace(case, settings=settings, engine=engine))


def _transfers_s(pool: Pool, inputs: Floats) -> Floats:
    """Time to send each prompt's cache [s]."""
    case = pool.case
    grid = np.unique(np.quantile(inputs, np.linspace(0.0, 1.0, LENGTHS)))
    times = [
        transfer_s(case.chip, case.shape, pool.layout, case.settings, float(length))
        for length in grid
    ]
    return np.asarray(np.interp(inputs, grid, times))


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
    return chip_watts(pool.case, (float(compute), float(memory)), pool.clock)


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
