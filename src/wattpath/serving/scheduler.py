"""Admission to a continuous batch: who waits where, and who gets in next.

Requests wait by priority class and are admitted in the order of arrival while places and KV
memory suffice. A more important request that cannot get in sends a less important running
one back to wait. Where an engine guarantees room for the whole answer, that is claimed at
admission.
"""

from __future__ import annotations

import numpy as np

from wattpath.serving.batching import Terms, into_batch, preempt, used_bytes, victim
from wattpath.serving.clock import kv_at
from wattpath.serving.compiled import inner, outer
from wattpath.serving.state import (
    AGAIN,
    AGAIN_TOP,
    BEHIND,
    CLAIM,
    CLAIMED,
    FRONT_END,
    HEAD,
    IN_QUEUE,
    KEPT,
    LANE,
    LANE_FIRST,
    LANE_TOKENS,
    LAST_SERIAL,
    LEFT,
    LOAD_HEAD,
    NOW,
    PRIORITY,
    PROMPT,
    READY,
    REST,
    RUNNING,
    SERIAL,
    SINCE,
    STALL,
    SWAPPED,
    State,
    append,
    leave,
    spread,
)

#: Share of KV memory that stays free when a request is admitted beside running ones.
WATERMARK = 0.01


@inner
def enqueue(
    state: State, request_s: float, rank: int, slot: int, when: float, loaded_s: float
) -> bool:
    """Let a request come to a replica, whose front end takes one at a time.

    `request_s` is the front end's time for one, `loaded_s` when a cached prefix has come
    from a tier [s], 0 without one. True if the line was empty.
    """
    ready = max(state.level[rank, FRONT_END], when) + request_s
    state.level[rank, FRONT_END] = ready
    state.number[slot, SINCE] = when
    state.waiting[rank] += 1
    state.number[slot, READY] = max(ready, loaded_s)
    return append(state, rank, slot, LOAD_HEAD if loaded_s > ready else HEAD)


@inner
def first_in_line(state: State, rank: int) -> tuple[int, int]:
    """The slot to admit next and its line; the most important class, the preempted first.

    -1 for none.
    """
    now = state.level[rank, NOW]
    for k in range(state.lines.shape[1]):
        again = state.lines[rank, k, AGAIN_TOP]
        if again >= 0:
            return again, AGAIN_TOP
        slot, loaded = state.lines[rank, k, HEAD], state.lines[rank, k, LOAD_HEAD]
        ready = state.number[slot, READY] if slot >= 0 else np.inf
        if loaded >= 0 and state.number[loaded, READY] <= min(ready, now):
            return loaded, LOAD_HEAD
        if ready <= now:
            return slot, HEAD
    return -1, -1


@inner
def next_ready_s(state: State, rank: int, after_s: float) -> float:
    """When the next of those behind the front end or a tier is ready, after a moment [s]."""
    soonest = np.inf
    for k in range(state.lines.shape[1]):
        for head in (HEAD, LOAD_HEAD):
            slot = state.lines[rank, k, head]
            if slot >= 0 and state.number[slot, READY] > after_s:
                soonest = min(soonest, state.number[slot, READY])
    return soonest


@inner
def has_room(state: State, terms: Terms, rank: int, slot: int, whole: float) -> bool:
    """Whether a place and memory let a request in; a guarantee of memory is written down."""
    running = state.tally[rank, RUNNING]
    if running + state.tally[rank, LANE] >= terms.sequences:
        return False
    if terms.reserve >= 1.0:
        if state.level[rank, CLAIMED] + whole > terms.room:
            return False
        state.number[slot, CLAIM] = whole
        state.level[rank, CLAIMED] += whole
        return True
    spare = WATERMARK * terms.room if running > 0 else 0.0
    needed = kv_at(terms.kv, state.number[slot, PROMPT]) + spare
    return used_bytes(state, terms.kv, rank) + needed <= terms.room


@inner
def admit(state: State, terms: Terms, rank: int) -> None:
    """Admit preempted and waiting requests in order, while memory and places suffice."""
    crowded = state.lines.shape[1] > 1
    while True:
        if state.tally[rank, RUNNING] + state.tally[rank, LANE] >= terms.sequences and not crowded:
            return
        slot, line = first_in_line(state, rank)
        if slot < 0:
            return
        whole = kv_at(terms.kv, state.number[slot, PROMPT] + state.number[slot, REST])
        if whole > terms.room:  # can never be served
            _take(state, rank, slot, line)
            leave(state, rank, slot, np.nan)
        elif has_room(state, terms, rank, slot, whole):
            _take(state, rank, slot, line)
            _let_in(state, terms, rank, slot, line)
        elif not (crowded and make_way(state, terms, rank, state.link[slot, PRIORITY])):
            return


@inner
def _take(state: State, rank: int, slot: int, line: int) -> None:
    """Take the first slot out of its line."""
    state.lines[rank, state.link[slot, PRIORITY], line] = state.link[slot, BEHIND]
    if line == AGAIN_TOP:
        state.tally[rank, AGAIN] -= 1


@inner
def _let_in(state: State, terms: Terms, rank: int, slot: int, line: int) -> None:
    """Let a request prefill; one whose KV is at hand decodes at once."""
    prompt, kept = state.number[slot, PROMPT], state.number[slot, KEPT]
    spread(state, terms.step_s, IN_QUEUE, state.number[slot, SINCE], state.level[rank, NOW])
    state.tally[rank, LAST_SERIAL] += 1
    state.link[slot, SERIAL] = state.tally[rank, LAST_SERIAL]
    state.number[slot, KEPT] = 0.0
    if kept < prompt:
        state.number[slot, LEFT] = max(1.0, prompt - kept)
        _into_lane(state, rank, slot)
        return
    if line == AGAIN_TOP:  # from the host's memory; else it comes from another replica
        nbytes = kv_at(terms.kv, prompt)
        state.level[rank, SWAPPED] -= nbytes
        state.level[rank, STALL] += nbytes / terms.swap_bytes_s
    into_batch(state, terms.gain, rank, slot)


@inner
def _into_lane(state: State, rank: int, slot: int) -> None:
    """Let a request prefill, before those of less important classes."""
    first, at = state.tally[rank, LANE_FIRST], state.tally[rank, LANE]
    while at > 0:
        other = state.lane[rank, (first + at - 1) % state.places]
        if state.link[other, PRIORITY] <= state.link[slot, PRIORITY]:
            break
        state.lane[rank, (first + at) % state.places] = other
        at -= 1
    state.lane[rank, (first + at) % state.places] = slot
    state.tally[rank, LANE] += 1
    state.level[rank, LANE_TOKENS] += state.number[slot, PROMPT]


@outer
def make_way(state: State, terms: Terms, rank: int, priority: int) -> bool:
    """Preempt a running sequence of a less important class; False where there is none."""
    if state.tally[rank, RUNNING] == 0:
        return False
    at = victim(state, rank)
    slot = state.items[rank * state.places + at]
    if state.link[slot, PRIORITY] <= priority:
        return False
    preempt(state, terms, rank, at)
    return True
