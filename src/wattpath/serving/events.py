"""What happens to the replicas of a fleet: failures, repairs, and scaling by load."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.serving.batching import Terms, interrupt
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.prefix import PrefixCaches, cache_of, clear
from wattpath.serving.routing import Rules, join, route
from wattpath.serving.state import (
    AGAIN,
    AGAIN_TOP,
    BEHIND,
    BUSY_BEFORE,
    BUSY_S,
    CHANGED,
    CHECK,
    CLAIM,
    CLAIMED,
    CONTEXT,
    DOWN,
    DRAINING,
    ENDED,
    EVENT,
    FRONT_END,
    HEAD,
    HELD,
    IN_QUEUE,
    KEPT,
    LANE,
    LANE_FIRST,
    LANE_TOKENS,
    LIMBO,
    LIMBO_END,
    LOAD_HEAD,
    LOST,
    NOW,
    OFF,
    ON,
    ON_SINCE,
    OPEN,
    OUTAGE,
    PROMPT,
    RESENT,
    RUNNING,
    SECONDS,
    SINCE,
    STALL,
    STARTING,
    STEP,
    STEPS,
    SWAPPED,
    SWITCHED_ON,
    TIER_FREE,
    State,
    leave,
    record,
    spread,
)


class Scaling(NamedTuple):
    """How a fleet follows its load.

    Parameters
    ----------
    least, most
        Replicas that are always on, and at most.
    target
        Open requests of one replica, or its busy share of time, that is aimed at.
    by_share
        1: `target` is the busy share since the last check; 0: open requests.
    check_s, start_s, hold_s
        Time between looks at the load, time until a new replica answers, and time after any
        change before one is switched off [s]. `check_s` infinite: no scaling.
    """

    least: float
    most: float
    target: float
    by_share: float
    check_s: float
    start_s: float
    hold_s: float


class Outages(NamedTuple):
    """When which replica fails and when it is back [s], in order of `when`."""

    when: Floats
    rank: Integers
    until: Floats


@njit(cache=True)
def set_next_event(state: State, outages: Outages) -> None:
    """Write down when the next thing happens to a replica."""
    soonest = min(state.moment[CHECK], np.min(state.wake))
    at = state.total[OUTAGE]
    if at < len(outages.when):
        soonest = min(soonest, outages.when[at])
    state.moment[EVENT] = soonest


@njit(cache=True)
def wait_outside(state: State, slot: int) -> None:
    """Let a request wait until some replica is on."""
    total = state.total
    state.link[slot, BEHIND] = -1
    if total[LIMBO] < 0:
        total[LIMBO] = slot
    else:
        state.link[total[LIMBO_END], BEHIND] = slot
    total[LIMBO_END] = slot


@njit(cache=True)
def send_waiting(
    state: State, terms: Terms, rules: Rules, caches: PrefixCaches, when: float
) -> None:
    """Send those who wait outside to replicas that are on."""
    while state.total[LIMBO] >= 0:
        slot = state.total[LIMBO]
        tokens = state.number[slot, PROMPT]
        rank = route(state, rules, caches, tokens, state.free, 0, 0)  # no blocks at hand
        if rank < 0:
            return
        state.total[LIMBO] = state.link[slot, BEHIND]
        spread(state, terms.step_s, IN_QUEUE, state.number[slot, SINCE], when)
        join(state, terms, rank, slot, when, 0.0)


@njit(cache=True)
def _thrown_out(state: State, rules: Rules, slot: int, rank: int, when: float) -> None:
    """What becomes of a request whose replica failed."""
    if rules.resend == 0:
        state.total[LOST] += 1
        leave(state, rank, slot, np.nan)
        return
    state.waiting[rank] -= 1
    state.total[RESENT] += 1
    state.number[slot, KEPT] = state.number[slot, CLAIM] = 0.0
    state.number[slot, SINCE] = when
    wait_outside(state, slot)


@njit(cache=True)
def _throw_line(
    state: State, step_s: float, rules: Rules, rank: int, line: int, when: float
) -> None:
    """Throw out all who wait in one kind of line of a replica."""
    for k in range(state.lines.shape[1]):
        slot = state.lines[rank, k, line]
        while slot >= 0:
            behind = state.link[slot, BEHIND]
            spread(state, step_s, IN_QUEUE, min(when, state.number[slot, SINCE]), when)
            _thrown_out(state, rules, slot, rank, when)
            slot = behind


@njit(cache=True)
def _stop(state: State, terms: Terms, rank: int, when: float) -> None:
    """Count the whole decode steps of a turn that a failure cuts short."""
    begun, steps = state.level[rank, NOW], state.turn[rank, STEPS]
    if steps > 0.0 and state.turn[rank, ENDED] < 0.0:
        done = min(steps - 1.0, np.floor((when - begun) / state.turn[rank, SECONDS]))
        state.turn[rank, STEPS] = max(0.0, done)
        if done > 0.0:
            record(state, terms.step_s, rank)
            state.level[rank, STEP] += done
            state.level[rank, CONTEXT] += done * terms.gain * state.tally[rank, RUNNING]
    state.level[rank, NOW] = max(begun, when)
    state.turn[rank, STEPS] = 0.0
    state.due[rank] = np.inf


@njit(cache=True)
def fail(
    state: State, terms: Terms, rules: Rules, caches: PrefixCaches, rank: int, until: float
) -> None:
    """Let a replica fail now; what it held is sent anew or lost, its caches are empty."""
    when = state.moment[EVENT]
    if state.status[rank] == OFF:
        return
    state.wake[rank] = until if state.status[rank] != DOWN else max(until, state.wake[rank])
    if state.status[rank] == DOWN:
        return
    _stop(state, terms, rank, when)
    state.status[rank] = DOWN
    spread(state, terms.step_s, SWITCHED_ON, state.level[rank, ON_SINCE], when)
    _throw_line(state, terms.step_s, rules, rank, AGAIN_TOP, when)
    while state.tally[rank, RUNNING] > 0:
        _thrown_out(state, rules, interrupt(state, terms.gain, rank, 0), rank, when)
    for i in range(state.tally[rank, LANE]):
        at = (state.tally[rank, LANE_FIRST] + i) % state.places
        _thrown_out(state, rules, state.lane[rank, at], rank, when)
    _throw_line(state, terms.step_s, rules, rank, HEAD, when)
    _throw_line(state, terms.step_s, rules, rank, LOAD_HEAD, when)
    state.lines[rank] = -1
    state.tally[rank, LANE] = state.tally[rank, AGAIN] = 0
    for column in (CONTEXT, LANE_TOKENS, CLAIMED, HELD, STALL, SWAPPED, TIER_FREE, FRONT_END):
        state.level[rank, column] = 0.0
    if rules.caching > 0:
        clear(cache_of(caches, rank))


@njit(cache=True)
def _switch_on(state: State, when: float) -> None:
    """Let those replicas answer whose repair or start is over."""
    for rank in range(len(state.wake)):
        if state.wake[rank] <= when:
            if state.status[rank] == DOWN:
                state.level[rank, ON_SINCE] = when
            state.wake[rank] = np.inf
            state.status[rank] = ON


@njit(cache=True)
def _wanted(state: State, scaling: Scaling) -> int:
    """Replicas that the load asks for."""
    if scaling.by_share > 0.0:
        busy = np.sum(state.level[:, BUSY_S])
        share = (busy - state.moment[BUSY_BEFORE]) / scaling.check_s
        state.moment[BUSY_BEFORE] = busy
        wanted = math.ceil(share / scaling.target - 1e-9)
    else:
        wanted = math.ceil(state.total[OPEN] / scaling.target - 1e-9)
    return int(max(scaling.least, min(scaling.most, wanted)))


@njit(cache=True)
def _check(state: State, terms: Terms, scaling: Scaling, when: float) -> None:
    """Switch replicas on, or let the last ones run dry and switch them off."""
    ranks, active = len(state.status), 0
    for rank in range(ranks):
        if state.status[rank] == DRAINING and state.waiting[rank] == 0:
            state.status[rank] = OFF
            spread(state, terms.step_s, SWITCHED_ON, state.level[rank, ON_SINCE], when)
        active += state.status[rank] == ON or state.status[rank] == STARTING
    wanted = _wanted(state, scaling)
    for wish in (DRAINING, OFF):  # what still runs is back at once
        for rank in range(ranks):
            if active < wanted and state.status[rank] == wish:
                state.status[rank] = ON if wish == DRAINING else STARTING
                if wish == OFF:
                    state.wake[rank] = when + scaling.start_s
                    state.level[rank, ON_SINCE] = when
                active += 1
                state.moment[CHANGED] = when
    if active > wanted and when - state.moment[CHANGED] >= scaling.hold_s:
        for k in range(ranks):
            rank = ranks - 1 - k
            if active > wanted and state.status[rank] == ON:
                state.status[rank] = DRAINING
                active -= 1
                state.moment[CHANGED] = when


@njit(cache=True)
def happen(
    state: State,
    terms: Terms,
    rules: Rules,
    scaling: Scaling,
    outages: Outages,
    caches: PrefixCaches,
) -> None:
    """Let the next thing happen to the replicas, which have run until then."""
    when, at = state.moment[EVENT], state.total[OUTAGE]
    _switch_on(state, when)
    if at < len(outages.when) and outages.when[at] <= when:
        state.total[OUTAGE] += 1
        fail(state, terms, rules, caches, outages.rank[at], outages.until[at])
    elif state.moment[CHECK] <= when:
        _check(state, terms, scaling, when)
        state.moment[CHECK] = when + scaling.check_s
    send_waiting(state, terms, rules, caches, when)
    set_next_event(state, outages)
