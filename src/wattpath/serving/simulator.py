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
from wattpath.serving.iteration import Iteration, iteration
from wattpath.serving.layout import Layout
from wattpath.serving.memory import free_kv_bytes
from wattpath.serving.scheduler import (
    AGAIN,
    CONTEXT,
    HELD,
    KNOWN,
    LANE,
    NEXT,
    NOW,
    PREEMPTED,
    RUNNING,
    STEP,
    Desk,
    admit,
    finish,
    open_desk,
    preempt,
    send,
    start_decode,
    steps_until_full,
    take_prompts,
)
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
    preempted
        Times that a sequence lost its cache to the others.
    """

    sent_s: NDArray[np.float64]
    first_s: NDArray[np.float64]
    done_s: NDArray[np.float64]
    seconds: float
    compute_s: float
    memory_s: float
    steps: float
    preempted: float


@njit(cache=True)
def _prompt_turn(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    desk: Desk,
) -> tuple[Iteration, int]:
    """One iteration with prompt tokens, and how many prompts end in it."""
    size = float(desk.tally[RUNNING])
    queries = 1.0 + settings.draft_tokens
    budget = max(1.0, engine.chunk_tokens - size * queries)
    tokens, prompts, past, ended = take_prompts(desk, budget)
    mean = desk.level[CONTEXT] / size if size > 0.0 else 0.0
    batch = Batch(size, mean, queries, tokens, prompts, past)
    desk.level[HELD] = 0.0
    return iteration(chip, shape, layout, settings, engine, batch), ended


@njit(cache=True)
def _decode_turn(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    desk: Desk,
    most: float,
    gain: float,
) -> tuple[Iteration, float]:
    """One step of decode and how many like it can follow until something happens."""
    size = float(desk.tally[RUNNING])
    ahead = max(1.0, min(most, desk.heap[0] - desk.level[STEP]))
    if desk.tally[LANE] > 0:  # prompts are held back for a while
        ahead = max(1.0, min(ahead, engine.batch_wait_steps - desk.level[HELD]))
        desk.level[HELD] += ahead
    middle = desk.level[CONTEXT] / size + 0.5 * gain * ahead
    turn = decode_iteration(chip, shape, layout, settings, engine, size, middle)
    if desk.tally[NEXT] < desk.tally[KNOWN]:
        wait = desk.ready[desk.tally[NEXT]] - desk.level[NOW]
        if wait > 0.0:
            ahead = max(1.0, min(ahead, np.ceil(wait / turn.seconds)))
    return turn, ahead


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
    All attention ranks carry alike loads; a prefix found in the cache takes memory like any
    other. Breaks down where ranks are unbalanced, and for pipeline stages, whose
    micro-batches it takes as one batch.
    """
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    room = free_kv_bytes(chip, shape, layout, settings, engine)
    users = int(concurrency)
    desk = open_desk(inputs, outputs)
    for i in range(min(len(inputs), users) if users > 0 else len(inputs)):
        send(desk, 0.0 if users > 0 else arrival_s[i], engine.request_s)
    compute = memory = steps = 0.0
    paused = False  # after a preemption the others step before anyone is admitted
    while True:
        if not paused:
            admit(desk, shape, layout, settings, engine, cached, room, users > 0)
        if desk.tally[RUNNING] + desk.tally[LANE] == 0:
            if desk.tally[NEXT] >= desk.tally[KNOWN] and desk.tally[AGAIN] == 0:
                break
            if desk.tally[AGAIN] == 0:
                desk.level[NOW] = max(desk.level[NOW], desk.ready[desk.tally[NEXT]])
            paused = False
            continue
        most = np.inf
        if engine.kv_reserve < 1.0 and desk.tally[RUNNING] > 0:
            most = steps_until_full(desk, chip, shape, layout, settings, room, gain)
            if most < 1.0 and desk.tally[RUNNING] > 1:
                preempt(desk, gain)
                paused = True
                continue
        paused = False
        ended, ahead = 0, 1.0
        held = desk.level[HELD] < engine.batch_wait_steps and desk.tally[RUNNING] > 0
        if desk.tally[LANE] > 0 and not held:
            turn, ended = _prompt_turn(chip, shape, layout, settings, engine, desk)
        else:
            turn, ahead = _decode_turn(chip, shape, layout, settings, engine, desk, most, gain)
        desk.level[NOW] += ahead * turn.seconds
        desk.level[STEP] += ahead
        desk.level[CONTEXT] += ahead * gain * desk.tally[RUNNING]
        compute += ahead * turn.compute_s
        memory += ahead * turn.memory_s
        steps += ahead
        over = finish(desk, gain) + start_decode(desk, ended, gain)
        if over > 0 and users > 0:
            for _ in range(over):
                send(desk, desk.level[NOW], engine.request_s)
    return Replay(
        desk.sent,
        desk.first,
        desk.done,
        desk.level[NOW],
        compute,
        memory,
        steps,
        float(desk.tally[PREEMPTED]),
    )
