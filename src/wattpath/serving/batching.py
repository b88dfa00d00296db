"""The running batch of a replica: who joins it, who has finished, who must leave it.

Running sequences decode together; each one's last step is known when it joins. Where KV
memory is paged, the sequence admitted last among those of the least important class is
preempted when memory runs out; it computes its tokens anew, or comes back from the memory
of the host.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wattpath.serving.clock import Unit, kv_at
from wattpath.serving.compiled import inner, outer
from wattpath.serving.heap import Floats, pop, push, remove
from wattpath.serving.memory import free_kv_bytes
from wattpath.serving.pace import paced_decode
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.state import (
    AGAIN,
    AGAIN_TOP,
    BASE,
    BEHIND,
    CLAIM,
    CLAIMED,
    CONTEXT,
    END,
    FIRST,
    JOINED,
    KEPT,
    LANE,
    LANE_FIRST,
    LANE_TOKENS,
    LEFT,
    NOW,
    PREEMPTED,
    PRIORITY,
    PROMPT,
    REST,
    RUNNING,
    SERIAL,
    SINCE,
    STALL,
    STEP,
    SWAPPED,
    State,
    leave,
)


class Terms(NamedTuple):
    """What one scheduler goes by; every field a float but `kv` and `ahead`.

    Parameters
    ----------
    kv
        Bytes of one sequence by its context (see `wattpath.serving.clock`) [B].
    ahead
        Time that steps prepared ahead add to a first token, by running sequences: without
        context and for each token of their mean context [s].
    reply_s
        Time of a request's ways in and out that requests spend side by side [s].
    room, gain
        Memory for KV on a chip [B], and tokens that one step yields.
    sequences, chunk_tokens, reserve, hold_steps, request_s, queries
        The engine's (see `Engine`), and tokens that each sequence brings to a step.
    swap_bytes, swap_bytes_s
        Host memory of one chip for preempted sequences [B] and its rate [B/s]; 0: none,
        they compute their tokens anew.
    step_s
        Length of an interval of the series [s].
    """

    kv: Floats
    ahead: Floats
    reply_s: float
    room: float
    gain: float
    sequences: float
    chunk_tokens: float
    reserve: float
    hold_steps: float
    request_s: float
    queries: float
    swap_bytes: float
    swap_bytes_s: float
    step_s: float


def open_terms(unit: Unit, swap_bytes: float, swap_bytes_s: float, step_s: float) -> Terms:
    """The terms of a replica's scheduler."""
    settings, engine = unit.settings, unit.engine
    return Terms(
        unit.kv,
        ahead_s(unit),
        engine.reply_s,
        float(free_kv_bytes(unit.chip, unit.shape, unit.layout, settings, engine)),
        float(tokens_per_step(settings.draft_tokens, settings.acceptance)),
        engine.max_sequences,
        engine.chunk_tokens,
        engine.kv_reserve,
        engine.batch_wait_steps,
        engine.request_s,
        1.0 + settings.draft_tokens,
        float(swap_bytes),
        float(swap_bytes_s),
        float(step_s),
    )


def ahead_s(unit: Unit) -> Floats:
    """Time that steps prepared ahead add to a first token, by running sequences.

    A decode step is taken as linear in the context, from two contexts at a few batches.

    Returns
    -------
    array of float, shape (most + 1, 2)
        Without context [s], and for each token of the mean context [s].
    """
    most, steps = len(unit.decode) - 1, unit.engine.ahead_steps
    if steps <= 0.0:
        return np.zeros((most + 1, 2))
    batches = np.unique(np.geomspace(1, most, 12).astype(int))
    case, near, far = (*unit[:6],), 512.0, 4096.0
    low, high = (
        np.array([paced_decode(*case, float(b), at).seconds for b in batches]) for at in (near, far)
    )
    slope = (high - low) / (far - near)
    counts = np.arange(most + 1)
    rows = [np.interp(counts, batches, part) for part in (low - near * slope, slope)]
    return steps * np.stack(rows, axis=1)


@inner
def used_bytes(state: State, kv: Floats, rank: int) -> float:
    """KV bytes that running and admitted sequences hold on one chip [B]."""
    running, lane = state.tally[rank, RUNNING], state.tally[rank, LANE]
    total = 0.0
    if running > 0:
        total += running * kv_at(kv, state.level[rank, CONTEXT] / running)
    if lane > 0:
        total += lane * kv_at(kv, state.level[rank, LANE_TOKENS] / lane)
    return total


@inner
def steps_until_full(state: State, terms: Terms, rank: int) -> float:
    """Steps that the running sequences can take before KV memory is full."""
    running = state.tally[rank, RUNNING]
    mean = state.level[rank, CONTEXT] / running
    growth = running * (kv_at(terms.kv, mean + terms.gain) - kv_at(terms.kv, mean))
    free = terms.room - used_bytes(state, terms.kv, rank)
    return np.inf if growth <= 0.0 else np.floor(free / growth)


@inner
def into_batch(state: State, gain: float, rank: int, slot: int) -> None:
    """Let a sequence decode from its next step on."""
    context, step = state.number[slot, PROMPT], state.level[rank, STEP]
    state.number[slot, BASE], state.number[slot, JOINED] = context, step
    state.level[rank, CONTEXT] += context
    due = step + np.ceil(state.number[slot, REST] / gain)
    size, base = state.tally[rank, RUNNING], rank * state.places
    state.tally[rank, RUNNING] = push(state.heap, state.items, size, due, slot, base)


@inner
def take_prompts(state: State, rank: int, budget: float) -> tuple[float, float, float, int]:
    """Take prompt tokens for one iteration from the oldest admitted requests.

    Returns
    -------
    tuple
        Tokens, prompts, mean tokens already in the cache, and prompts that end.
    """
    tokens = prompts = past = 0.0
    ended = 0
    for i in range(state.tally[rank, LANE]):
        slot = state.lane[rank, (state.tally[rank, LANE_FIRST] + i) % state.places]
        left = state.number[slot, LEFT]
        take = min(left, budget - tokens)
        past += state.number[slot, PROMPT] - left
        state.number[slot, LEFT] = left - take
        tokens += take
        prompts += 1.0
        if left - take > 0.0:
            break
        ended += 1
        if tokens >= budget:
            break
    return tokens, prompts, past / max(1.0, prompts), ended


@inner
def _first_token_s(state: State, terms: Terms, rank: int) -> float:
    """When the prompts of an iteration that ends now give their first token [s].

    Steps that the engine prepared ahead went before theirs, where others were in decode.
    """
    running = state.tally[rank, RUNNING]
    when = state.level[rank, NOW] + terms.reply_s
    if running > 0:
        mean = state.level[rank, CONTEXT] / running
        when += terms.ahead[running, 0] + terms.ahead[running, 1] * mean
    return float(when)


@inner
def start_decode(state: State, terms: Terms, rank: int, ended: int) -> None:
    """Give the prompts that ended their next token."""
    first_s = _first_token_s(state, terms, rank)
    for _ in range(ended):
        first = state.tally[rank, LANE_FIRST]
        slot = state.lane[rank, first]
        state.tally[rank, LANE_FIRST] = (first + 1) % state.places
        state.tally[rank, LANE] -= 1
        state.level[rank, LANE_TOKENS] -= state.number[slot, PROMPT]
        if np.isnan(state.number[slot, FIRST]):
            state.number[slot, FIRST] = first_s
        state.number[slot, PROMPT] += 1.0
        state.number[slot, REST] -= 1.0
        if state.number[slot, REST] <= 0.0:
            _over(state, rank, slot)
        else:
            into_batch(state, terms.gain, rank, slot)


@inner
def _over(state: State, rank: int, slot: int) -> None:
    """Let an answer go that is complete."""
    now = state.level[rank, NOW]
    if state.number[slot, FIRST] > now:  # its way out; not a number where it came prefilled
        now = state.number[slot, FIRST]
    state.level[rank, CLAIMED] -= state.number[slot, CLAIM]
    state.moment[END] = max(state.moment[END], now)
    leave(state, rank, slot, now)


@inner
def finish(state: State, gain: float, rank: int) -> None:
    """Let the answers go whose last step is over."""
    step, base = state.level[rank, STEP], rank * state.places
    while state.tally[rank, RUNNING] > 0 and state.heap[base] <= step + 1e-9:
        slot = state.items[base]
        size = state.tally[rank, RUNNING]
        state.tally[rank, RUNNING] = pop(state.heap, state.items, size, base)
        grown = (step - state.number[slot, JOINED]) * gain
        state.level[rank, CONTEXT] -= state.number[slot, BASE] + grown
        _over(state, rank, slot)


@outer
def interrupt(state: State, gain: float, rank: int, at: int) -> int:
    """Take the running sequence at a place of the heap out, its cache dropped; its slot."""
    size, base = state.tally[rank, RUNNING], rank * state.places
    slot = state.items[base + at]
    state.tally[rank, RUNNING] = remove(state.heap, state.items, size, at, base)
    grown = (state.level[rank, STEP] - state.number[slot, JOINED]) * gain
    state.level[rank, CONTEXT] -= state.number[slot, BASE] + grown
    state.level[rank, CLAIMED] -= state.number[slot, CLAIM]
    state.number[slot, CLAIM] = 0.0
    state.number[slot, PROMPT] = state.number[slot, BASE] + grown
    state.number[slot, REST] = max(1.0, state.number[slot, REST] - grown)
    state.number[slot, SINCE] = state.level[rank, NOW]
    return int(slot)


@outer
def victim(state: State, rank: int) -> int:
    """Place in the heap of the least important running sequence, admitted last of those."""
    best, base = 0, rank * state.places
    for i in range(1, state.tally[rank, RUNNING]):
        one, least = state.items[base + i], state.items[base + best]
        above = state.link[one, PRIORITY] - state.link[least, PRIORITY]
        later = state.link[one, SERIAL] > state.link[least, SERIAL]
        if above > 0 or (above == 0 and later):
            best = i
    return best


@outer
def preempt(state: State, terms: Terms, rank: int, at: int) -> None:
    """Send a running sequence back to wait; to the host's memory where that has room."""
    slot = interrupt(state, terms.gain, rank, at)
    nbytes = kv_at(terms.kv, state.number[slot, PROMPT])
    if terms.swap_bytes > 0.0 and state.level[rank, SWAPPED] + nbytes <= terms.swap_bytes:
        state.level[rank, SWAPPED] += nbytes
        state.level[rank, STALL] += nbytes / terms.swap_bytes_s
        state.number[slot, KEPT] = state.number[slot, PROMPT]
    priority = state.link[slot, PRIORITY]
    state.link[slot, BEHIND] = state.lines[rank, priority, AGAIN_TOP]
    state.lines[rank, priority, AGAIN_TOP] = slot
    state.tally[rank, AGAIN] += 1
    state.total[PREEMPTED] += 1
