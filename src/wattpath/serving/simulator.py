"""Request by request: an event-driven replay of one instance, deterministic and compiled.

Between two events (an arrival, a finished answer) a pure decode batch advances many steps
at once; only iterations that carry prompt tokens are taken one by one. The clock is the
same `iteration` that the steady state uses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.engine import Engine
from wattpath.serving.iteration import iteration
from wattpath.serving.layout import Layout
from wattpath.serving.memory import free_kv_bytes, kv_bytes_chip
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.steady import decode_iteration


class Replay(NamedTuple):
    """What a replay measured.

    Parameters
    ----------
    sent_s, first_s, done_s
        When each request was sent, gave its first token and finished [s]; NaN where it could
        not be served at all.
    seconds
        Time until the last request finished [s].
    compute_s, memory_s
        Sums over all iterations of the times at full peak rates [s] (see `Iteration`).
    steps
        Iterations run.
    """

    sent_s: NDArray[np.float64]
    first_s: NDArray[np.float64]
    done_s: NDArray[np.float64]
    seconds: float
    compute_s: float
    memory_s: float
    steps: float


@njit(cache=True)
def _push(
    heap: NDArray[np.float64], items: NDArray[np.int64], size: int, key: float, item: int
) -> int:
    """Insert into a binary heap ordered by key, then by item; returns the new size."""
    at = size
    while at > 0:
        up = (at - 1) // 2
        if heap[up] < key or (heap[up] == key and items[up] < item):
            break
        heap[at], items[at] = heap[up], items[up]
        at = up
    heap[at], items[at] = key, item
    return size + 1


@njit(cache=True)
def _pop(heap: NDArray[np.float64], items: NDArray[np.int64], size: int) -> int:
    """Remove the least element of the heap; returns the new size."""
    size -= 1
    key, item = heap[size], items[size]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        right = down + 1
        if right < size and (
            heap[right] < heap[down] or (heap[right] == heap[down] and items[right] < items[down])
        ):
            down = right
        if key < heap[down] or (key == heap[down] and item < items[down]):
            break
        heap[at], items[at] = heap[down], items[down]
        at = down
    heap[at], items[at] = key, item
    return size


@njit(cache=True)
def replay(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    arrival_s: NDArray[np.float64],
    inputs: NDArray[np.float64],
    outputs: NDArray[np.float64],
    cached: NDArray[np.float64],
    concurrency: float,
) -> Replay:
    """Serve a list of requests on one attention rank of one instance.

    Parameters
    ----------
    arrival_s : array of float, shape (n,)
        Arrival times, ascending [s]; ignored in a closed loop.
    inputs, outputs, cached : array of float, shape (n,)
        Prompt and answer tokens of each request, and how many of the prompt a prefix cache
        holds [token].
    concurrency : float
        Above 0: a closed loop, in which this many users each send the next request as soon
        as their last one is answered. 0: requests come at their arrival times.

    Returns
    -------
    Replay
        Times of each request, and sums.

    Notes
    -----
    First come, first served; a request is admitted when the KV claims of all admitted ones
    fit (prompt and the engine's share of the answer), so there is no preemption. All
    attention ranks carry alike loads. Breaks down where ranks are unbalanced, and for
    pipeline stages, whose micro-batches it takes as one batch.
    """
    count = len(inputs)
    sent = np.full(count, np.nan)
    first = np.full(count, np.nan)
    done = np.full(count, np.nan)
    ready = np.full(count, np.nan)  # through the front end, which takes one at a time
    left = np.zeros(count)
    heap = np.zeros(count + 1)
    items = np.zeros(count + 1, dtype=np.int64)
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    queries = 1.0 + settings.draft_tokens
    room = free_kv_bytes(chip, shape, layout, settings, engine)
    claimed = 0.0
    users = int(concurrency)
    known = min(count, users) if users > 0 else count
    free = 0.0
    for i in range(known):
        sent[i] = 0.0 if users > 0 else arrival_s[i]
        free = ready[i] = max(free, sent[i]) + engine.request_s
    head = 0  # next request to admit
    front = 0  # oldest admitted request with prompt tokens left; head is one past the last
    size = 0
    held = 0.0  # steps for which the oldest prompt has been held back
    now = step = context = compute = memory = steps = 0.0
    while front < count or size > 0:
        while head < known and ready[head] <= now and size + head - front < engine.max_sequences:
            claim = kv_bytes_chip(
                shape, layout, settings, inputs[head] + engine.kv_reserve * outputs[head]
            )
            if claimed + claim > room:
                break
            claimed += claim
            left[head] = max(1.0, inputs[head] - cached[head])
            head += 1
        if front == head and size == 0:
            if head >= known or ready[head] <= now:
                break  # nothing can ever be admitted
            now = ready[head]
            continue
        mean = context / size if size > 0 else 0.0
        prompts = 0.0
        begin = front < head and (held >= engine.batch_wait_steps or size == 0)
        if begin:
            budget = max(1.0, engine.chunk_tokens - size * queries)
            tokens = 0.0
            past = 0.0
            last = front
            while last < head and tokens < budget:
                take = min(left[last], budget - tokens)
                past += inputs[last] - left[last]
                left[last] -= take
                tokens += take
                prompts += 1.0
                if left[last] > 0.0:
                    break
                last += 1
            batch = Batch(float(size), mean, queries, tokens, prompts, past / prompts)
            turn = iteration(chip, shape, layout, settings, engine, batch)
            ahead = 1.0
            held = 0.0
        else:
            last = front
            ahead = max(1.0, heap[0] - step)
            turn = decode_iteration(
                chip, shape, layout, settings, engine, float(size), mean + 0.5 * gain * ahead
            )
            if front < head:
                ahead = min(ahead, engine.batch_wait_steps - held)
                held += ahead
            if head < known and ready[head] > now:
                ahead = max(1.0, min(ahead, np.ceil((ready[head] - now) / turn.seconds)))
        now += ahead * turn.seconds
        compute += ahead * turn.compute_s
        memory += ahead * turn.memory_s
        steps += ahead
        step += ahead
        context += ahead * gain * size
        while size > 0 and heap[0] <= step + 1e-9:
            item = items[0]
            size = _pop(heap, items, size)
            context -= inputs[item] + outputs[item]
            done[item] = now
            claimed -= kv_bytes_chip(
                shape, layout, settings, inputs[item] + engine.kv_reserve * outputs[item]
            )
            if known < count and users > 0:
                sent[known] = now
                free = ready[known] = max(free, now) + engine.request_s
                known += 1
        while front < last:
            first[front] = now
            if outputs[front] <= 1.0:
                done[front] = now
                claimed -= kv_bytes_chip(
                    shape, layout, settings, inputs[front] + engine.kv_reserve * outputs[front]
                )
                if known < count and users > 0:
                    sent[known] = now
                    free = ready[known] = max(free, now) + engine.request_s
                    known += 1
            else:
                need = np.ceil((outputs[front] - 1.0) / gain)
                context += inputs[front] + outputs[front] - need * gain
                size = _push(heap, items, size, step + need, front)
            front += 1
    return Replay(sent, first, done, now, compute, memory, steps)
