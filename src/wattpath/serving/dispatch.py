"""Requests come to a fleet one after another, and the replicas run until each comes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.serving.batching import Terms
from wattpath.serving.clock import Unit
from wattpath.serving.compiled import outer
from wattpath.serving.events import Outages, Scaling, happen, wait_outside
from wattpath.serving.prefix import PrefixCaches
from wattpath.serving.routing import Rules, join, look_up, route
from wattpath.serving.scheduler import next_ready_s
from wattpath.serving.state import (
    BEHIND,
    DOWN,
    EVENT,
    LIMBO,
    LOST,
    NOW,
    OFF,
    ON_SINCE,
    OPEN,
    SINCE,
    SWITCHED_ON,
    Arrivals,
    State,
    leave,
    spread,
)
from wattpath.serving.turns import advance, next_users, open_request


class Fleet(NamedTuple):
    """All that a fleet goes by but its state: one replica, the rules, and what will fail."""

    unit: Unit
    terms: Terms
    rules: Rules
    scaling: Scaling
    outages: Outages


@outer
def run(
    state: State,
    fleet: Fleet,
    caches: PrefixCaches,
    arrivals: Arrivals,
    users: int,
    dry: bool,
) -> None:
    """Let requests come one after another, and the replicas run until each comes.

    Parameters
    ----------
    state, caches
        What changes.
    fleet, arrivals
        What it goes by, and who comes.
    users : int
        Above 0, a closed loop on one replica: so many users each send the next request of
        the list when their last is answered; arrival times are written down, not read.
    dry : bool
        Whether the replicas then run until no request is open.
    """
    unit, terms, rules, scaling, outages = fleet
    i = 0 if users == 0 else len(arrivals.inputs)
    if users > 0:
        next_users(state, terms.request_s, arrivals, users, 0)
        state.due[0] = next_ready_s(state, 0, -np.inf)
    while i < len(arrivals.inputs) or (dry and state.total[OPEN] > 0):
        come = i < len(arrivals.inputs)
        when = min(arrivals.arrival_s[i] if come else np.inf, state.moment[EVENT])
        advance(state, unit, terms, arrivals, users, when)
        if when < np.inf and state.moment[EVENT] <= when:
            happen(state, terms, rules, scaling, outages, caches)
        elif come:
            _receive(state, fleet, caches, arrivals, i)
            i += 1
        else:
            return


@outer
def _receive(state: State, fleet: Fleet, caches: PrefixCaches, arrivals: Arrivals, i: int) -> None:
    """Send one request to a replica; outside, where none is on."""
    terms, rules = fleet.terms, fleet.rules
    when, blocks = arrivals.arrival_s[i], arrivals.blocks
    slot = open_request(state, arrivals, i, when)
    start, end = arrivals.starts[i], arrivals.starts[i + 1]
    rank = route(state, rules, caches, arrivals.inputs[i], blocks, start, end)
    if rank < 0:
        state.number[slot, SINCE] = when
        wait_outside(state, slot)
        return
    loaded = 0.0
    if rules.caching > 0:
        loaded = look_up(state, terms, rules, caches, rank, slot, when, blocks, start, end)
    join(state, terms, rank, slot, when, loaded)


@njit(cache=True)
def close(state: State, step_s: float) -> None:
    """Give up those whom no replica can take, and end the time that replicas were on."""
    while state.total[LIMBO] >= 0:
        slot = state.total[LIMBO]
        state.total[LIMBO] = state.link[slot, BEHIND]
        state.total[LOST] += 1
        leave(state, -1, slot, np.nan)
    end = np.max(state.level[:, NOW])
    for rank in range(len(state.status)):
        since = state.level[rank, ON_SINCE]
        if state.status[rank] != OFF and state.status[rank] != DOWN and since < end:
            spread(state, step_s, SWITCHED_ON, since, end)
