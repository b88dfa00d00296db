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
from wattpath.serving.engine import Engine
from wattpath.serving.layout import Layout
from wattpath.serving.memory import free_kv_bytes
from wattpath.serving.pace import open_pace
from wattpath.serving.scheduler import KNOWN, NEXT, NOW, OPEN, PREEMPTED, open_desk, send
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.turns import apply_turn, next_turn


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
    count = len(inputs)
    desk = open_desk(inputs, outputs, int(min(count, engine.max_sequences)))
    pace = open_pace(settings, engine)
    for i in range(min(count, users) if users > 0 else count):
        send(desk, 0.0 if users > 0 else arrival_s[i], engine.request_s)
    compute = memory = steps = 0.0
    case = (chip, shape, layout, settings, engine, pace, desk, cached, room, gain)
    while True:
        turn = next_turn(*case)
        compute += turn.steps * turn.compute_s
        memory += turn.steps * turn.memory_s
        steps += turn.steps
        if turn.steps > 0.0:
            apply_turn(desk, turn, gain)
        elif desk.tally[NEXT] >= 0:
            desk.level[NOW] = max(desk.level[NOW], desk.ready[desk.tally[NEXT]])
        elif desk.tally[KNOWN] >= count:
            break
        while users > 0 and desk.tally[OPEN] < users and desk.tally[KNOWN] < count:
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
