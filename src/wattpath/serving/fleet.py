"""Request by request through several replicas behind a router (see `simulator`).

Each replica runs turns of its own; an arrival only disturbs the replica that it is sent to.
All replicas are alike and share what is remembered about their pace.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.engine import Engine
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.layout import Layout
from wattpath.serving.memory import free_kv_bytes, kv_bytes_chip
from wattpath.serving.pace import Pace, open_pace
from wattpath.serving.prefix import PrefixCache, known_blocks, open_cache, use
from wattpath.serving.scheduler import (
    NEXT,
    NOW,
    OPEN,
    PREEMPTED,
    Desk,
    enqueue,
    open_desk,
    used_bytes,
)
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.turns import Turn, apply_turn, next_turn, shortened

#: Routers: in turn, to the fewest open requests, to the longest known prefix.
ROUND_ROBIN, LEAST_LOADED, PREFIX_AWARE = 0, 1, 2
ROUTERS = {
    "round-robin": ROUND_ROBIN,
    "least-loaded": LEAST_LOADED,
    "prefix-aware": PREFIX_AWARE,
}
#: A known prefix counts as long as its replica has at most this many more open requests
#: than the least loaded one, and this share more.
SLACK_REQUESTS, SLACK_SHARE = 4.0, 0.25
#: Places in a row of `Series.sums`.
COMPUTE, MEMORY, BUSY = 0, 1, 2


class Plans(NamedTuple):
    """What each replica is doing: when its turn ends, when it began, and the turn itself."""

    due: Floats
    turns: Floats


class Series(NamedTuple):
    """Sums over all replicas by interval of time: of the peak times and of busy time [s]."""

    step_s: float
    sums: Floats


class FleetReplay(NamedTuple):
    """What a replay of a fleet measured.

    Parameters
    ----------
    first_s, done_s
        When each request gave its first token and finished [s]; NaN where it could not be
        served at all.
    replica
        Which replica served it.
    found
        Prompt tokens that the replica's prefix cache held [token].
    seconds
        Until the last request finished [s].
    steps, preempted
        Iterations run; sequences that lost their cache to others.
    series
        Array of shape (intervals, 3): `COMPUTE`, `MEMORY`, `BUSY` seconds of all replicas.
    """

    first_s: Floats
    done_s: Floats
    replica: Integers
    found: Floats
    seconds: float
    steps: float
    preempted: float
    series: Floats


@njit(cache=True)
def _desks(inputs: Floats, outputs: Floats, engine: Engine, replicas: int) -> list[Desk]:
    """One scheduler for each replica over the same requests."""
    most = int(min(len(inputs), engine.max_sequences))
    shared = open_desk(inputs, outputs, most)
    desks = [shared]
    nothing = np.zeros(0)
    for _ in range(replicas - 1):
        own = open_desk(nothing, nothing, most)
        desks.append(
            Desk(
                shared.sent, shared.ready, shared.first, shared.done, shared.prompt, shared.rest,
                shared.left, shared.base, shared.joined, shared.claim, shared.serial, shared.line,
                own.heap, own.items, own.lane, own.again, own.tally, own.level,
            )
        )  # fmt: skip
    return desks


@njit(cache=True)
def _turn(plans: Plans, rank: int) -> Turn:
    row = plans.turns[rank]
    return Turn(row[0], row[1], row[2], row[3], row[4])


@njit(cache=True)
def _plan(plans: Plans, rank: int, desk: Desk, turn: Turn) -> None:
    """Write down what a replica does next; an idle one waits for its front end."""
    row = plans.turns[rank]
    row[0], row[1], row[2], row[3], row[4] = turn
    if turn.steps > 0.0:
        plans.due[rank] = desk.level[NOW] + turn.steps * turn.seconds
    elif desk.tally[NEXT] >= 0:
        plans.due[rank] = desk.ready[desk.tally[NEXT]]
    else:
        plans.due[rank] = np.inf


@njit(cache=True)
def _record(series: Series, begun: float, turn: Turn) -> None:
    """Add a turn to the interval in which it began; the last one takes all that follows."""
    row = series.sums[min(len(series.sums) - 1, int(begun / series.step_s))]
    row[COMPUTE] += turn.steps * turn.compute_s
    row[MEMORY] += turn.steps * turn.memory_s
    row[BUSY] += turn.steps * turn.seconds


@njit(cache=True)
def _advance(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    pace: Pace,
    desk: Desk,
    found: Floats,
    room: float,
    gain: float,
    plans: Plans,
    rank: int,
    when: float,
    series: Series,
) -> float:
    """Let one replica run until its turn reaches beyond `when`; returns its iterations."""
    steps = 0.0
    while plans.due[rank] <= when:
        turn = _turn(plans, rank)
        if turn.steps > 0.0:
            _record(series, desk.level[NOW], turn)
            apply_turn(desk, turn, gain)
            steps += turn.steps
        else:
            desk.level[NOW] = max(desk.level[NOW], plans.due[rank])
        after = next_turn(chip, shape, layout, settings, engine, pace, desk, found, room, gain)
        _plan(plans, rank, desk, after)
        if plans.due[rank] == np.inf:
            break
    return steps


@njit(cache=True)
def _join(desk: Desk, plans: Plans, rank: int, item: int, when: float, request_s: float) -> None:
    """Queue a request at a replica; its decode steps end in time to admit it."""
    alone = desk.tally[NEXT] < 0
    enqueue(desk, item, when, request_s)
    if not alone:
        return
    turn = _turn(plans, rank)
    if turn.steps <= 0.0:
        plans.due[rank] = desk.ready[item]
    elif turn.ended < 0.0:
        _plan(plans, rank, desk, shortened(turn, desk.ready[item] - desk.level[NOW]))


@njit(cache=True)
def _least_loaded(desks: list[Desk], turn: int) -> int:
    """The replica with the fewest open requests; of equals the next in turn."""
    count = len(desks)
    best = turn % count
    for k in range(1, count):
        rank = (turn + k) % count
        if desks[rank].tally[OPEN] < desks[best].tally[OPEN]:
            best = rank
    return best


@njit(cache=True)
def _best_prefix(
    desks: list[Desk], caches: list[PrefixCache], blocks: Integers, start: int, end: int, least: int
) -> int:
    """The replica that knows most of a prompt and is not much busier than the least loaded."""
    best, longest = least, known_blocks(caches[least], blocks, start, end)
    most = desks[least].tally[OPEN] * (1.0 + SLACK_SHARE) + SLACK_REQUESTS
    for rank in range(len(desks)):
        if desks[rank].tally[OPEN] <= most:
            known = known_blocks(caches[rank], blocks, start, end)
            if known > longest:
                best, longest = rank, known
    return best


@njit(cache=True)
def _cache_blocks(
    desk: Desk,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    room: float,
    block_tokens: float,
) -> int:
    """Blocks that the KV memory which no running sequence holds can keep."""
    each = kv_bytes_chip(shape, layout, settings, block_tokens)
    free = room - used_bytes(desk, shape, layout, settings)
    return int(max(0.0, free / max(1.0, each)))


@njit(cache=True)
def replay_fleet(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    arrival_s: Floats,
    inputs: Floats,
    outputs: Floats,
    blocks: Integers,
    starts: Integers,
    block_tokens: float,
    cached: Floats,
    replicas: int,
    router: int,
    step_s: float,
) -> FleetReplay:
    """Serve open arrivals on replicas behind a router.

    Parameters
    ----------
    chip, shape, layout, settings, engine
        One replica; `settings.prefix_reuse` > 0 turns its prefix cache on.
    arrival_s, inputs, outputs : array of float, shape (n,)
        Arrivals in order [s], prompt and answer tokens [token].
    blocks, starts, block_tokens
        Blocks of the prompts (see `Requests`).
    cached : array of float, shape (n,)
        Prompt tokens that are found where no blocks are known [token].
    replicas, router : int
        How many, and a value of `ROUTERS`.
    step_s : float
        Length of an interval of the series [s].

    Notes
    -----
    A prompt is looked up, and its blocks are kept, when it is routed; the cache fills the KV
    memory that running sequences leave at that time. Breaks down where prompts that share
    a prefix arrive within the time of one prefill, which then counts as found.
    """
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    room = free_kv_bytes(chip, shape, layout, settings, engine)
    pace = open_pace(settings, engine)
    desks = _desks(inputs, outputs, engine, replicas)
    count = len(inputs)
    found, where = cached.copy(), np.zeros(count, dtype=np.int64)
    plans = Plans(np.full(replicas, np.inf), np.zeros((replicas, 5)))
    caching = settings.prefix_reuse > 0.0 and len(blocks) > 0
    known = int(blocks.max()) + 1 if caching else 0
    every = _cache_blocks(desks[0], shape, layout, settings, room, block_tokens)
    caches = [open_cache(min(known, every)) for _ in range(replicas)]
    intervals = int(arrival_s[count - 1] / step_s) + 1 if count else 1
    series = Series(step_s, np.zeros((intervals, 3)))
    steps = 0.0
    for item in range(count + 1):
        when = arrival_s[item] if item < count else np.inf
        rank = item % replicas
        for k in range(replicas):
            if plans.due[k] <= when and (router != ROUND_ROBIN or k == rank or item == count):
                steps += _advance(
                    chip, shape, layout, settings, engine, pace, desks[k], found, room, gain,
                    plans, k, when, series,
                )  # fmt: skip
        if item == count:
            break
        if router != ROUND_ROBIN:
            rank = _least_loaded(desks, rank)
        if caching:
            start, end = starts[item], starts[item + 1]
            if router == PREFIX_AWARE:
                rank = _best_prefix(desks, caches, blocks, start, end, rank)
            most = _cache_blocks(desks[rank], shape, layout, settings, room, block_tokens)
            hits = use(caches[rank], blocks, start, end, most)
            found[item] = min(hits * block_tokens, inputs[item] - 1.0)
        where[item] = rank
        _join(desks[rank], plans, rank, item, when, engine.request_s)
    return _gather(desks, where, found, steps, series)


@njit(cache=True)
def _gather(
    desks: list[Desk], where: Integers, found: Floats, steps: float, series: Series
) -> FleetReplay:
    """The times of all requests and the sums over all replicas."""
    seconds = preempted = 0.0
    for desk in desks:
        seconds = max(seconds, desk.level[NOW])
        preempted += desk.tally[PREEMPTED]
    first, done = desks[0].first, desks[0].done
    return FleetReplay(first, done, where, found, seconds, steps, preempted, series.sums)
