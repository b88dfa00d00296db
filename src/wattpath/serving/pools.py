"""Request by request through separate prefill and decode pools (see `simulator`)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.disaggregation import transfer_s
from wattpath.serving.engine import Engine
from wattpath.serving.heap import pop, push
from wattpath.serving.iteration import iteration
from wattpath.serving.layout import Layout
from wattpath.serving.simulator import Replay
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.steady import decode_iteration


@njit(cache=True)
def _prefill_batch(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    inputs: NDArray[np.float64],
    head: int,
    known: int,
    ready: NDArray[np.float64],
    now: float,
) -> tuple[int, float]:
    """Prompts that one prefill rank takes at once, and the time that they need [s]."""
    last, tokens = head, 0.0
    while last < known and ready[last] <= now:
        if last > head and tokens + inputs[last] > engine.chunk_tokens:
            break
        tokens += inputs[last]
        last += 1
    prompts = float(last - head)
    rounds = max(1.0, tokens / engine.chunk_tokens)
    past = 0.5 * (tokens - tokens / rounds) / prompts
    batch = Batch(0.0, 0.0, 1.0, tokens / rounds, prompts, past)
    one = iteration(chip, shape, layout, settings, engine, batch)
    return last, rounds * one.seconds


@njit(cache=True)
def replay_pools(
    chip: Chip,
    shape: Shape,
    first: Layout,
    then: Layout,
    settings: ServingSettings,
    engine: Engine,
    inputs: NDArray[np.float64],
    outputs: NDArray[np.float64],
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
    count = len(inputs)
    sent, ready = np.full(count, np.nan), np.full(count, np.nan)
    began, done = np.full(count, np.nan), np.full(count, np.nan)
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    until = np.full(prefill_ranks, np.inf)
    lowest = np.zeros(prefill_ranks, dtype=np.int64)
    upper = np.zeros(prefill_ranks, dtype=np.int64)
    heaps = np.zeros((decode_ranks, min(count, users) + 1))
    items = np.zeros((decode_ranks, min(count, users) + 1), dtype=np.int64)
    sizes = np.zeros(decode_ranks, dtype=np.int64)
    step, context = np.zeros(decode_ranks), np.zeros(decode_ranks)
    pace, since = np.ones(decode_ranks), np.zeros(decode_ranks)
    known, free = min(count, users), 0.0
    for i in range(known):
        sent[i] = 0.0
        free = ready[i] = free + engine.request_s
    head, now, finished = 0, 0.0, 0
    while finished < count:
        event, kind, where = np.inf, 0, 0
        for i in range(prefill_ranks):
            if until[i] < event:
                event, kind, where = until[i], 1, i
            elif until[i] == np.inf and head < known and max(now, ready[head]) < event:
                event, kind, where = max(now, ready[head]), 2, i
        for i in range(decode_ranks):
            if sizes[i] > 0:
                end = since[i] + max(0.0, heaps[i, 0] - step[i]) * pace[i]
                if end < event:
                    event, kind, where = end, 3, i
        now = event
        if kind == 2:
            last, seconds = _prefill_batch(
                chip, shape, first, settings, engine, inputs, head, known, ready, now
            )
            until[where], lowest[where], upper[where] = now + seconds, head, last
            head = last
            continue
        lots = range(lowest[where], upper[where]) if kind == 1 else range(1)
        for lot in lots:
            rank = where if kind == 3 else int(np.argmin(sizes))
            gone = (now - since[rank]) / pace[rank] if sizes[rank] > 0 else 0.0
            step[rank] += gone
            context[rank] += gone * gain * sizes[rank]
            since[rank] = now
            if kind == 1:
                sending = transfer_s(chip, shape, first, settings, inputs[lot])
                began[lot] = now + sending
                need = max(1.0, np.ceil((outputs[lot] - 1.0) / gain))
                context[rank] += inputs[lot]
                sizes[rank] = push(heaps[rank], items[rank], sizes[rank], step[rank] + need, lot)
            else:
                item = items[rank, 0]
                sizes[rank] = pop(heaps[rank], items[rank], sizes[rank])
                context[rank] = max(0.0, context[rank] - inputs[item] - outputs[item])
                done[item] = now
                finished += 1
                if known < count:
                    sent[known] = now
                    free = ready[known] = max(free, now) + engine.request_s
                    known += 1
            if sizes[rank] > 0:
                mean = context[rank] / sizes[rank]
                pace[rank] = decode_iteration(
                    chip, shape, then, settings, engine, float(sizes[rank]), mean
                ).seconds
        if kind == 1:
            until[where] = np.inf
    return Replay(sent, began, done, now, 0.0, 0.0, 0.0, 0.0)
