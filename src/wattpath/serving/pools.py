"""Request by request through separate prefill and decode pools (see `simulator`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.disaggregation import transfer_s
from wattpath.serving.engine import Engine
from wattpath.serving.heap import Floats, Integers, pop, push
from wattpath.serving.iteration import iteration
from wattpath.serving.layout import Layout
from wattpath.serving.simulator import Replay
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.steady import decode_iteration

#: Kinds of event, and places in `Pools.tally` and `Pools.level`.
ENDED, STARTS, ANSWERED = 1, 2, 3
KNOWN, HEAD, FINISHED = 0, 1, 2
NOW, FRONT_END = 0, 1


class Pools(NamedTuple):
    """Mutable state of both pools as arrays: by request, by prefill rank, by decode rank."""

    sent: Floats
    ready: Floats
    first: Floats
    done: Floats
    until: Floats
    lots: Integers
    heaps: Floats
    items: Integers
    sizes: Integers
    step: Floats
    context: Floats
    pace: Floats
    since: Floats
    tally: Integers
    level: Floats


@njit(cache=True)
def _open(count: int, users: int, prefill_ranks: int, decode_ranks: int) -> Pools:
    never = np.full((4, count), np.nan)
    by_rank = np.zeros((3, decode_ranks))
    most = min(count, users) + 1
    return Pools(
        never[0],
        never[1],
        never[2],
        never[3],
        np.full(prefill_ranks, np.inf),
        np.zeros((2, prefill_ranks), dtype=np.int64),
        np.zeros((decode_ranks, most)),
        np.zeros((decode_ranks, most), dtype=np.int64),
        np.zeros(decode_ranks, dtype=np.int64),
        by_rank[0],
        by_rank[1],
        np.ones(decode_ranks),
        by_rank[2],
        np.zeros(3, dtype=np.int64),
        np.zeros(2),
    )


@njit(cache=True)
def _send(pools: Pools, request_s: float) -> None:
    """Let the next request come now, through the serial front end."""
    item = pools.tally[KNOWN]
    if item < len(pools.sent):
        pools.sent[item] = pools.level[NOW]
        pools.level[FRONT_END] = max(pools.level[FRONT_END], pools.level[NOW]) + request_s
        pools.ready[item] = pools.level[FRONT_END]
        pools.tally[KNOWN] = item + 1


@njit(cache=True)
def _next_event(pools: Pools) -> tuple[float, int, int]:
    """When the next thing happens [s], what it is, and on which rank."""
    when, kind, rank = np.inf, 0, 0
    head = pools.tally[HEAD]
    start = np.inf
    if head < pools.tally[KNOWN]:
        start = max(pools.level[NOW], pools.ready[head])
    for i in range(len(pools.until)):
        if pools.until[i] < when:
            when, kind, rank = pools.until[i], ENDED, i
        elif pools.until[i] == np.inf and start < when:
            when, kind, rank = start, STARTS, i
    for i in range(len(pools.sizes)):
        if pools.sizes[i] > 0:
            left = max(0.0, pools.heaps[i, 0] - pools.step[i])
            end = pools.since[i] + left * pools.pace[i]
            if end < when:
                when, kind, rank = end, ANSWERED, i
    return when, kind, rank


@njit(cache=True)
def _advance(pools: Pools, rank: int, gain: float) -> None:
    """Bring a decode rank's step and context up to now."""
    size = pools.sizes[rank]
    if size > 0:
        gone = (pools.level[NOW] - pools.since[rank]) / pools.pace[rank]
        pools.step[rank] += gone
        pools.context[rank] += gone * gain * size
    pools.since[rank] = pools.level[NOW]


@njit(cache=True)
def _prefill_batch(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    inputs: Floats,
    pools: Pools,
    rank: int,
) -> None:
    """Let an idle prefill rank take the waiting prompts that fit one token budget."""
    head = pools.tally[HEAD]
    last, tokens = head, 0.0
    while last < pools.tally[KNOWN] and pools.ready[last] <= pools.level[NOW]:
        if last > head and tokens + inputs[last] > engine.chunk_tokens:
            break
        tokens += inputs[last]
        last += 1
    prompts = float(last - head)
    rounds = max(1.0, tokens / engine.chunk_tokens)
    past = 0.5 * (tokens - tokens / rounds) / prompts
    batch = Batch(0.0, 0.0, 1.0, tokens / rounds, prompts, past)
    one = iteration(chip, shape, layout, settings, engine, batch)
    pools.until[rank] = pools.level[NOW] + rounds * one.seconds
    pools.lots[0, rank], pools.lots[1, rank] = head, last
    pools.tally[HEAD] = last


@njit(cache=True)
def _join(pools: Pools, item: int, tokens: float, answer: float, gain: float) -> int:
    """Let a prefilled request decode on the rank with the fewest; returns the rank."""
    rank = int(np.argmin(pools.sizes))
    _advance(pools, rank, gain)
    due = pools.step[rank] + max(1.0, np.ceil((answer - 1.0) / gain))
    pools.context[rank] += tokens
    size = push(pools.heaps[rank], pools.items[rank], pools.sizes[rank], due, item)
    pools.sizes[rank] = size
    return rank


@njit(cache=True)
def _leave(pools: Pools, rank: int, inputs: Floats, outputs: Floats, gain: float) -> None:
    """Let the answer go that ends on a decode rank now."""
    _advance(pools, rank, gain)
    item = pools.items[rank, 0]
    pools.sizes[rank] = pop(pools.heaps[rank], pools.items[rank], pools.sizes[rank])
    pools.context[rank] = max(0.0, pools.context[rank] - inputs[item] - outputs[item])
    pools.done[item] = pools.level[NOW]
    pools.tally[FINISHED] += 1


@njit(cache=True)
def _set_pace(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    pools: Pools,
    rank: int,
) -> None:
    """Time of a step of a decode rank with what it runs now."""
    size = float(pools.sizes[rank])
    if size > 0.0:
        mean = pools.context[rank] / size
        step = decode_iteration(chip, shape, layout, settings, engine, size, mean)
        pools.pace[rank] = step.seconds


@njit(cache=True)
def replay_pools(
    chip: Chip,
    shape: Shape,
    first: Layout,
    then: Layout,
    settings: ServingSettings,
    engine: Engine,
    inputs: Floats,
    outputs: Floats,
    users: int,
    prefill_ranks: int,
    decode_ranks: int,
) -> Replay:
    """Serve a closed loop of users on prefill ranks and decode ranks.

    Parameters
    ----------
    first, then : Layout
        Spread of one prefill worker and of one decode worker.
    inputs, outputs : array of float, shape (n,)
        Prompt and answer tokens of each request [token].
    users : int
        Users who each send the next request as soon as their last one is answered.
    prefill_ranks, decode_ranks : int
        Attention ranks of all workers of each kind.

    Returns
    -------
    Replay
        Times of each request; the sums of shares are left at 0.

    Notes
    -----
    One queue before all prefill ranks; an answer decodes on the rank with the fewest
    sequences. Decode memory is taken as large enough; steps on a rank run at the pace of its
    own batch, and the other ranks of its worker carry the same.
    """
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    pools = _open(len(inputs), users, prefill_ranks, decode_ranks)
    for _ in range(users):
        _send(pools, engine.request_s)
    while pools.tally[FINISHED] < len(inputs):
        when, kind, rank = _next_event(pools)
        pools.level[NOW] = when
        if kind == STARTS:
            _prefill_batch(chip, shape, first, settings, engine, inputs, pools, rank)
        elif kind == ENDED:
            for item in range(pools.lots[0, rank], pools.lots[1, rank]):
                sending = transfer_s(chip, shape, first, settings, inputs[item])
                pools.first[item] = when + sending + engine.reply_s
                to = _join(pools, item, inputs[item], outputs[item], gain)
                _set_pace(chip, shape, then, settings, engine, pools, to)
            pools.until[rank] = np.inf
        else:
            _leave(pools, rank, inputs, outputs, gain)
            _set_pace(chip, shape, then, settings, engine, pools, rank)
            _send(pools, engine.request_s)
    end = pools.level[NOW]
    return Replay(pools.sent, pools.first, pools.done, end, 0.0, 0.0, 0.0, 0.0)
