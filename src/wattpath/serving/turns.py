"""What one replica does next: who is admitted, and the iterations until something happens.

A turn is either one iteration with prompt tokens, or a run of pure decode steps. It is
planned when it begins and applied when it ends; an arrival may shorten a run of decode
steps to the step at which the new request can join.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.engine import Engine
from wattpath.serving.heap import Floats
from wattpath.serving.layout import Layout
from wattpath.serving.pace import Pace, paced_decode, paced_iteration
from wattpath.serving.scheduler import (
    AGAIN,
    CONTEXT,
    HELD,
    LANE,
    NEXT,
    NOW,
    RUNNING,
    STEP,
    Desk,
    admit,
    finish,
    preempt,
    start_decode,
    steps_until_full,
    take_prompts,
)


class Turn(NamedTuple):
    """Iterations alike that follow each other.

    Parameters
    ----------
    seconds, compute_s, memory_s
        Of one iteration [s] (see `Iteration`).
    steps
        How many; 0: nothing to do.
    ended
        Prompts that end with the turn; -1 for a run of pure decode steps.
    """

    seconds: float
    compute_s: float
    memory_s: float
    steps: float
    ended: float


@njit(cache=True)
def _prompt_turn(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    pace: Pace,
    desk: Desk,
) -> Turn:
    """One iteration with prompt tokens."""
    size = float(desk.tally[RUNNING])
    queries = 1.0 + settings.draft_tokens
    budget = max(1.0, engine.chunk_tokens - size * queries)
    tokens, prompts, past, ended = take_prompts(desk, budget)
    mean = desk.level[CONTEXT] / size if size > 0.0 else 0.0
    batch = Batch(size, mean, queries, tokens, prompts, past)
    desk.level[HELD] = 0.0
    one = paced_iteration(chip, shape, layout, settings, engine, pace, batch)
    return Turn(one.seconds, one.compute_s, one.memory_s, 1.0, float(ended))


@njit(cache=True)
def _decode_turn(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    pace: Pace,
    desk: Desk,
    most: float,
    gain: float,
) -> Turn:
    """Decode steps until an answer ends, memory is full, or held prompts must start."""
    size = float(desk.tally[RUNNING])
    ahead = max(1.0, min(most, desk.heap[0] - desk.level[STEP]))
    if desk.tally[LANE] > 0:  # prompts are held back for a while
        ahead = max(1.0, min(ahead, engine.batch_wait_steps - desk.level[HELD]))
        desk.level[HELD] += ahead
    middle = desk.level[CONTEXT] / size + 0.5 * gain * ahead
    one = paced_decode(chip, shape, layout, settings, engine, pace, size, middle)
    turn = Turn(one.seconds, one.compute_s, one.memory_s, ahead, -1.0)
    if desk.tally[NEXT] >= 0:
        wait = desk.ready[desk.tally[NEXT]] - desk.level[NOW]
        if wait > 0.0:
            return shortened(turn, wait)
    return turn


@njit(cache=True)
def shortened(turn: Turn, wait_s: float) -> Turn:
    """A run of decode steps that ends with the first step after `wait_s`."""
    steps = max(1.0, min(turn.steps, np.ceil(wait_s / turn.seconds)))
    return Turn(turn.seconds, turn.compute_s, turn.memory_s, steps, turn.ended)


@njit(cache=True)
def next_turn(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    pace: Pace,
    desk: Desk,
    cached: Floats,
    room: float,
    gain: float,
) -> Turn:
    """Admit what fits, preempt where memory is full, and plan the next turn."""
    paused = False  # after a preemption the others step before anyone is admitted
    while True:
        if not paused:
            admit(desk, shape, layout, settings, engine, cached, room)
        paused = False
        if desk.tally[RUNNING] + desk.tally[LANE] == 0:
            if desk.tally[AGAIN] == 0:
                return Turn(0.0, 0.0, 0.0, 0.0, 0.0)
            continue
        most = np.inf
        if engine.kv_reserve < 1.0 and desk.tally[RUNNING] > 0:
            most = steps_until_full(desk, shape, layout, settings, room, gain)
            if most < 1.0 and desk.tally[RUNNING] > 1:
                preempt(desk, gain)
                paused = True
                continue
        held = desk.level[HELD] < engine.batch_wait_steps and desk.tally[RUNNING] > 0
        if desk.tally[LANE] > 0 and not held:
            return _prompt_turn(chip, shape, layout, settings, engine, pace, desk)
        return _decode_turn(chip, shape, layout, settings, engine, pace, desk, most, gain)


@njit(cache=True)
def apply_turn(desk: Desk, turn: Turn, gain: float) -> int:
    """Let a turn pass; returns how many answers ended."""
    desk.level[NOW] += turn.steps * turn.seconds
    desk.level[STEP] += turn.steps
    desk.level[CONTEXT] += turn.steps * gain * desk.tally[RUNNING]
    over = finish(desk, gain)
    if turn.ended > 0.0:
        over += start_decode(desk, int(turn.ended), gain)
    return over
