"""State of a simulated fleet in flat arrays: open requests by slot, replicas by rank.

A request takes a slot when it comes and gives it back when it ends, so that memory follows
the open requests and not the length of a trace. Arrays are all there is: a copy of them is
a checkpoint. Slots that were never used are given out in order, so that results do not
depend on how many were opened at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from wattpath.serving.compiled import inner
from wattpath.serving.heap import Floats, Integers

#: Columns of `State.number`: when a request came, got through the front end, began to wait
#: and gave its first token [s]; tokens that must be cached before the next one, that are to
#: come, that are to be computed; context and step at which it began to decode; bytes
#: promised; tokens found in a cache, and tokens of its KV that need no computing.
SENT, READY, SINCE, FIRST, PROMPT, REST, LEFT, BASE, JOINED, CLAIM, FOUND, KEPT = range(12)
#: Columns of `State.link`: number of the request, order of admission, the next one in line,
#: priority class (0 first).
IDENTITY, SERIAL, BEHIND, PRIORITY = range(4)
#: Columns of `State.level`: clock [s], steps, contexts of running and of prefilling
#: sequences, bytes promised, when the front end is free, decode steps for which prompts were
#: held, when the link to the KV tiers is free, time that the next turn must wait [s], busy
#: time, since when the replica is on, and bytes swapped out.
NOW, STEP, CONTEXT, LANE_TOKENS, CLAIMED, FRONT_END = 0, 1, 2, 3, 4, 5
HELD, TIER_FREE, STALL, BUSY_S, ON_SINCE, SWAPPED = 6, 7, 8, 9, 10, 11
#: Columns of `State.tally`: running, prefilling, first place of the lane, last serial,
#: preempted ones that wait.
RUNNING, LANE, LANE_FIRST, LAST_SERIAL, AGAIN = range(5)
#: Columns of `State.lines`, by replica and class: head and tail of those who wait, head and
#: tail of those whose cached prefix is on its way, top of the preempted ones.
HEAD, TAIL, LOAD_HEAD, LOAD_TAIL, AGAIN_TOP = range(5)
#: Columns of `State.turn`: seconds, compute and memory seconds of one iteration, how many,
#: prompts that end with it (-1: decode steps), mean context, prompt tokens, from how many
#: prompts, mean tokens of those that are cached.
SECONDS, COMPUTE_S, MEMORY_S, STEPS, ENDED, MEAN, TOKENS, PROMPTS, PAST = range(9)
#: Columns of `State.log`, one row for each request that is over.
WHO, GAVE_FIRST, GAVE_LAST, WHERE, REUSED = range(5)
#: Places in `State.total`: free slots kept, slots ever used, rows of the log, requests seen,
#: preemptions, requests lost and sent anew by failures, first and last request that no
#: replica can take, next outage, open requests, requests of the list that have come.
FREE, FRESH, LOGGED, SEEN, PREEMPTED, LOST, RESENT, LIMBO, LIMBO_END, OUTAGE, OPEN, ARRIVED = range(
    12
)
#: Places in `State.moment`: next event of the fleet, next check of the scaling, last change
#: of it, busy time at the last check, when the last request ended [s].
EVENT, CHECK, CHANGED, BUSY_BEFORE, END = range(5)
#: Columns of `State.series`: times at full peak rates, busy time, running and waiting
#: requests times time, time switched on [s].
COMPUTE, MEMORY, BUSY, IN_BATCH, IN_QUEUE, SWITCHED_ON = range(6)
#: What a replica is doing, in `State.status`.
ON, OFF, STARTING, DRAINING, DOWN = range(5)


class State(NamedTuple):
    """Mutable state of a fleet; see the columns above.

    `heap` and `items` order the running slots of each replica by the step of their last
    token, in `places` places each; `lane` is a ring of admitted slots with prompt tokens
    left, `due` is when each replica's turn ends and `wake` when it is back or started [s],
    `waiting` counts its open requests.
    """

    number: Floats
    link: Integers
    free: Integers
    level: Floats
    tally: Integers
    lines: Integers
    heap: Floats
    items: Integers
    lane: Integers
    turn: Floats
    due: Floats
    wake: Floats
    waiting: Integers
    status: Integers
    series: Floats
    log: Floats
    total: Integers
    moment: Floats
    places: int


class Arrivals(NamedTuple):
    """Requests in order of arrival (see `wattpath.serving.requests.Requests`).

    `cached` are prompt tokens found where no blocks are known, `priority` the class of each
    request, and `first` the number of the first one.
    """

    arrival_s: Floats
    inputs: Floats
    outputs: Floats
    cached: Floats
    priority: Integers
    blocks: Integers
    starts: Integers
    first: int


def open_state(replicas: int, most: int, classes: int, slots: int, intervals: int) -> State:
    """An empty fleet whose replicas run `most` sequences at once."""
    total = np.zeros(12, dtype=np.int64)
    total[[LIMBO, LIMBO_END]] = -1
    return State(
        number=np.zeros((slots, 12)),
        link=np.zeros((slots, 4), dtype=np.int64),
        free=np.zeros(slots, dtype=np.int64),
        level=np.zeros((replicas, 12)),
        tally=np.zeros((replicas, 5), dtype=np.int64),
        lines=np.full((replicas, classes, 5), -1, dtype=np.int64),
        heap=np.zeros(replicas * (most + 1)),
        items=np.zeros(replicas * (most + 1), dtype=np.int64),
        lane=np.zeros((replicas, most + 1), dtype=np.int64),
        turn=np.zeros((replicas, 9)),
        due=np.full(replicas, np.inf),
        wake=np.full(replicas, np.inf),
        waiting=np.zeros(replicas, dtype=np.int64),
        status=np.zeros(replicas, dtype=np.int64),
        series=np.zeros((intervals, 6)),
        log=np.zeros((slots, 5)),
        total=total,
        moment=np.array([np.inf, np.inf, -np.inf, 0.0, 0.0]),
        places=most + 1,
    )


def with_room(state: State, coming: int, intervals: int) -> State:
    """The same state with slots for further requests, an empty log, and a longer series."""
    slots = int(state.total[OPEN]) + coming
    state.total[LOGGED] = 0
    if slots > len(state.number):
        size = max(slots, 2 * len(state.number))
        state = state._replace(
            number=_longer(state.number, size),
            link=_longer(state.link, size),
            free=_longer(state.free, size),
            log=np.zeros((size, state.log.shape[1])),
        )
    if intervals > len(state.series):
        state = state._replace(series=_longer(state.series, intervals))
    return state


def _longer(old: Any, size: int) -> Any:
    """An array of this length that begins with another and goes on with zeros."""
    new = np.zeros((size, *old.shape[1:]), dtype=old.dtype)
    new[: len(old)] = old
    return new


@inner
def take_slot(state: State, identity: int, priority: int, when: float) -> int:
    """A slot for a request that comes now."""
    total = state.total
    if total[FREE] > 0:
        total[FREE] -= 1
        slot = state.free[total[FREE]]
    else:
        slot = total[FRESH]
        total[FRESH] += 1
    total[OPEN] += 1
    state.link[slot, IDENTITY], state.link[slot, PRIORITY] = identity, priority
    state.number[slot, SENT], state.number[slot, FIRST] = when, np.nan
    state.number[slot, CLAIM] = 0.0
    return int(slot)


@inner
def leave(state: State, rank: int, slot: int, when: float) -> None:
    """Write a request's end into the log and free its slot; `when` is NaN if unserved."""
    total, at = state.total, state.total[LOGGED]
    state.log[at, WHO], state.log[at, WHERE] = state.link[slot, IDENTITY], rank
    state.log[at, GAVE_FIRST], state.log[at, GAVE_LAST] = state.number[slot, FIRST], when
    state.log[at, REUSED] = state.number[slot, FOUND]
    total[LOGGED] += 1
    state.free[total[FREE]] = slot
    total[FREE] += 1
    total[OPEN] -= 1
    if rank >= 0:
        state.waiting[rank] -= 1


@inner
def append(state: State, rank: int, slot: int, head: int) -> bool:
    """Put a slot at the end of a line; `head` is HEAD or LOAD_HEAD. True if it was empty."""
    priority = state.link[slot, PRIORITY]
    empty = state.lines[rank, priority, head] < 0
    if empty:
        state.lines[rank, priority, head] = slot
    else:
        state.link[state.lines[rank, priority, head + 1], BEHIND] = slot
    state.link[slot, BEHIND] = -1
    state.lines[rank, priority, head + 1] = slot
    return bool(empty)


@inner
def spread(state: State, step_s: float, column: int, start: float, end: float) -> None:
    """Add the time between two moments to a column; the last interval takes all after it."""
    last = len(state.series) - 1
    k = min(last, int(start / step_s))
    while k < last and end > (k + 1) * step_s:
        state.series[k, column] += (k + 1) * step_s - start
        start = (k + 1) * step_s
        k += 1
    state.series[k, column] += end - start


@inner
def record(state: State, step_s: float, rank: int) -> None:
    """Add a replica's turn to the series."""
    start, last = state.level[rank, NOW], len(state.series) - 1
    seconds, steps = state.turn[rank, SECONDS], state.turn[rank, STEPS]
    running = float(state.tally[rank, RUNNING] + state.tally[rank, LANE])
    state.level[rank, BUSY_S] += steps * seconds
    end = start + steps * seconds
    k, stop = min(last, int(start / step_s)), min(last, int(end / step_s))
    while True:
        share = steps if k == stop else min(steps, ((k + 1) * step_s - start) / seconds)
        state.series[k, COMPUTE] += share * state.turn[rank, COMPUTE_S]
        state.series[k, MEMORY] += share * state.turn[rank, MEMORY_S]
        state.series[k, BUSY] += share * seconds
        state.series[k, IN_BATCH] += share * seconds * running
        if k == stop:
            return
        steps -= share
        start = (k + 1) * step_s
        k += 1
