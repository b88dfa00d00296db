"""What one replica does next: who is admitted, and the iterations until something happens.

A turn is either one iteration with prompt tokens, or a run of pure decode steps. It is
planned when it begins and applied when it ends; an arrival may shorten a run of decode
steps to the step at which the new request can join.
"""

from __future__ import annotations

import numpy as np

from wattpath.serving.batching import (
    Terms,
    finish,
    preempt,
    start_decode,
    steps_until_full,
    take_prompts,
    victim,
)
from wattpath.serving.clock import Unit, iteration_at
from wattpath.serving.compiled import inner, outer
from wattpath.serving.scheduler import admit, enqueue, next_ready_s
from wattpath.serving.state import (
    AGAIN,
    ARRIVED,
    COMPUTE_S,
    CONTEXT,
    ENDED,
    FOUND,
    HELD,
    KEPT,
    LANE,
    MEAN,
    MEMORY_S,
    NOW,
    OPEN,
    PAST,
    PROMPT,
    PROMPTS,
    REST,
    RUNNING,
    SECONDS,
    STALL,
    STEP,
    STEPS,
    TOKENS,
    Arrivals,
    State,
    record,
    take_slot,
)


@inner
def shorten(state: State, rank: int, until: float) -> None:
    """End a run of decode steps with the first step after a moment [s]."""
    seconds = state.turn[rank, SECONDS]
    steps = np.ceil((until - state.level[rank, NOW]) / seconds)
    state.turn[rank, STEPS] = max(1.0, min(state.turn[rank, STEPS], steps))
    state.due[rank] = state.level[rank, NOW] + state.turn[rank, STEPS] * seconds


@inner
def notice(state: State, rank: int, ready_s: float) -> None:
    """Let a replica take note of a request at the head of a line."""
    if state.turn[rank, STEPS] <= 0.0:
        state.due[rank] = min(state.due[rank], ready_s)
    elif state.turn[rank, ENDED] < 0.0:
        shorten(state, rank, ready_s)


@inner
def _set_prompts(state: State, terms: Terms, rank: int) -> None:
    """Plan one iteration with prompt tokens."""
    size = float(state.tally[rank, RUNNING])
    budget = max(1.0, terms.chunk_tokens - size * terms.queries)
    tokens, prompts, past, ended = take_prompts(state, rank, budget)
    state.turn[rank, MEAN] = state.level[rank, CONTEXT] / size if size > 0.0 else 0.0
    state.turn[rank, TOKENS], state.turn[rank, PROMPTS] = tokens, prompts
    state.turn[rank, PAST], state.turn[rank, ENDED] = past, float(ended)
    state.turn[rank, STEPS] = 1.0
    state.level[rank, HELD] = 0.0


@inner
def _set_decode(state: State, terms: Terms, rank: int, most: float) -> None:
    """Plan decode steps until an answer ends, memory is full, or held prompts must start."""
    size = state.tally[rank, RUNNING]
    left = state.heap[rank * state.places] - state.level[rank, STEP]
    ahead = max(1.0, min(most, left))
    if state.tally[rank, LANE] > 0:  # prompts are held back for a while
        ahead = max(1.0, min(ahead, terms.hold_steps - state.level[rank, HELD]))
        state.level[rank, HELD] += ahead
    state.turn[rank, MEAN] = state.level[rank, CONTEXT] / size + 0.5 * terms.gain * ahead
    state.turn[rank, TOKENS], state.turn[rank, ENDED] = 0.0, -1.0
    state.turn[rank, STEPS] = ahead


@inner
def choose(state: State, terms: Terms, rank: int) -> bool:
    """Admit what fits, preempt where memory is full, set the turn's batch; False: nothing."""
    paused = False  # after a preemption the others step before anyone is admitted
    while True:
        if not paused:
            admit(state, terms, rank)
        paused = False
        running = state.tally[rank, RUNNING]
        if running + state.tally[rank, LANE] == 0:
            if state.tally[rank, AGAIN] == 0:
                return False
            continue
        most = np.inf
        if terms.reserve < 1.0 and running > 0:
            most = steps_until_full(state, terms, rank)
            if most < 1.0 and running > 1:
                preempt(state, terms, rank, victim(state, rank))
                paused = True
                continue
        held = state.level[rank, HELD] < terms.hold_steps and running > 0
        if state.tally[rank, LANE] > 0 and not held:
            _set_prompts(state, terms, rank)
        else:
            _set_decode(state, terms, rank, most)
        return True


@inner
def _begin(state: State, rank: int) -> None:
    """Let a turn whose time is known begin."""
    ready = next_ready_s(state, rank, state.level[rank, NOW])
    state.level[rank, NOW] += state.level[rank, STALL]
    state.level[rank, STALL] = 0.0
    length = state.turn[rank, STEPS] * state.turn[rank, SECONDS]
    state.due[rank] = state.level[rank, NOW] + length
    if state.turn[rank, ENDED] < 0.0 and ready < np.inf:
        shorten(state, rank, ready)


@inner
def apply_turn(state: State, terms: Terms, rank: int) -> None:
    """Let a planned turn pass; an idle replica's clock goes on to what it waited for."""
    steps = state.turn[rank, STEPS]
    if steps <= 0.0:
        state.level[rank, NOW] = max(state.level[rank, NOW], state.due[rank])
        return
    record(state, terms.step_s, rank)
    state.level[rank, NOW] += steps * state.turn[rank, SECONDS]
    state.level[rank, STEP] += steps
    state.level[rank, CONTEXT] += steps * terms.gain * state.tally[rank, RUNNING]
    finish(state, terms.gain, rank)
    if state.turn[rank, ENDED] > 0.0:
        start_decode(state, terms, rank, int(state.turn[rank, ENDED]))


@inner
def open_request(state: State, arrivals: Arrivals, i: int, when: float) -> int:
    """A slot for a request of the list that comes now."""
    slot = take_slot(state, arrivals.first + i, arrivals.priority[i], when)
    state.number[slot, PROMPT], state.number[slot, REST] = arrivals.inputs[i], arrivals.outputs[i]
    state.number[slot, FOUND] = state.number[slot, KEPT] = arrivals.cached[i]
    return slot


@outer
def next_users(state: State, request_s: float, arrivals: Arrivals, users: int, rank: int) -> None:
    """Let users send their next requests, so that so many are open at a replica."""
    while state.total[OPEN] < users and state.total[ARRIVED] < len(arrivals.inputs):
        i = state.total[ARRIVED]
        when = state.level[rank, NOW]
        arrivals.arrival_s[i] = when
        slot = open_request(state, arrivals, i, when)
        enqueue(state, request_s, rank, slot, when, 0.0)
        state.total[ARRIVED] += 1


@outer
def advance(
    state: State, unit: Unit, terms: Terms, arrivals: Arrivals, users: int, when: float
) -> None:
    """Let every replica run until its turn reaches beyond a moment [s].

    With `users` above 0 each ended request is followed by the next of the list.
    """
    for rank in range(len(state.due)):
        while state.due[rank] <= when and state.due[rank] < np.inf:
            apply_turn(state, terms, rank)
            if users > 0:
                next_users(state, terms.request_s, arrivals, users, rank)
            if choose(state, terms, rank):
                turn = state.turn
                one = iteration_at(
                    unit,
                    state.tally[rank, RUNNING],
                    turn[rank, MEAN],
                    terms.queries,
                    turn[rank, TOKENS],
                    turn[rank, PROMPTS],
                    turn[rank, PAST],
                )
                turn[rank, SECONDS], turn[rank, COMPUTE_S], turn[rank, MEMORY_S] = one
                _begin(state, rank)
            else:
                state.turn[rank, STEPS] = 0.0
                state.due[rank] = next_ready_s(state, rank, -np.inf)
