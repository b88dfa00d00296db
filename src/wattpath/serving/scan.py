"""The largest load at which one layout keeps a service level (compiled search)."""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.disaggregation import Pool, decode_pool, prefill_pool
from wattpath.serving.engine import Engine
from wattpath.serving.layout import Layout
from wattpath.serving.memory import most_sequences
from wattpath.serving.queueing import normal_quantile
from wattpath.serving.steady import Steady, steady
from wattpath.serving.traffic import Traffic

#: Mean running sequences that stand for "hardly any load".
LEAST_SEQUENCES = 0.01
#: Halvings of the search: the answer is within a millionth of the range.
HALVINGS = 24


class Found(NamedTuple):
    """Result of a search: the state at the largest feasible load, and at hardly any load.

    `feasible` is 1 where a load was found; `least` is the best that the layout can do.
    """

    feasible: float
    sequences: float
    state: Steady
    least: Steady


class FoundPool(NamedTuple):
    """As `Found` for one pool; `amount` is the running batch or the utilisation."""

    feasible: float
    amount: float
    state: Pool
    least: Pool


@njit(cache=True)
def mean_sequences(most: float, traffic: Traffic) -> float:
    """Mean running sequences b so that b + z sqrt(b) slots are enough at the percentile.

    The number in decode is nearly Poisson, so that a request rarely waits for a slot. Batch
    work, which has no limits, fills every slot.
    """
    if math.isinf(traffic.ttft_s) and math.isinf(traffic.tpot_s):
        return most
    z = max(0.0, normal_quantile(traffic.percentile))
    root = 0.5 * (math.sqrt(z * z + 4.0 * most) - z)
    return root * root


@njit(cache=True)
def scan_aggregated(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
) -> Found:
    """Search the largest running batch of an aggregated instance that keeps the limits."""
    slots = most_sequences(
        chip, shape, layout, settings, engine, traffic.input_tokens, traffic.output_tokens
    )
    least = steady(chip, shape, layout, settings, engine, traffic, LEAST_SEQUENCES)
    top = mean_sequences(slots, traffic) if slots >= 1.0 else 0.0
    if top < LEAST_SEQUENCES or not _keeps(least.ttft_tail_s, least.tpot_tail_s, traffic):
        return Found(0.0, 0.0, least, least)
    state = steady(chip, shape, layout, settings, engine, traffic, top)
    if _keeps(state.ttft_tail_s, state.tpot_tail_s, traffic):
        return Found(1.0, top, state, least)
    low, high = math.log(LEAST_SEQUENCES), math.log(top)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        state = steady(chip, shape, layout, settings, engine, traffic, math.exp(middle))
        if _keeps(state.ttft_tail_s, state.tpot_tail_s, traffic):
            low = middle
        else:
            high = middle
    best = math.exp(low)
    return Found(1.0, best, steady(chip, shape, layout, settings, engine, traffic, best), least)


@njit(cache=True)
def _keeps(ttft_s: float, tpot_s: float, traffic: Traffic) -> bool:
    finite = math.isfinite(ttft_s) and math.isfinite(tpot_s)
    return finite and ttft_s <= traffic.ttft_s and tpot_s <= traffic.tpot_s


@njit(cache=True)
def scan_decode(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
) -> FoundPool:
    """Search the largest running batch of a decode worker that keeps the token limit."""
    slots = most_sequences(
        chip, shape, layout, settings, engine, traffic.input_tokens, traffic.output_tokens
    )
    least = decode_pool(chip, shape, layout, settings, engine, traffic, LEAST_SEQUENCES)
    top = mean_sequences(slots, traffic) if slots >= 1.0 else 0.0
    if top < LEAST_SEQUENCES or least.tail_s > traffic.tpot_s:
        return FoundPool(0.0, 0.0, least, least)
    low, high = math.log(LEAST_SEQUENCES), math.log(top)
    state = decode_pool(chip, shape, layout, settings, engine, traffic, top)
    if state.tail_s <= traffic.tpot_s:
        return FoundPool(1.0, top, state, least)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        state = decode_pool(chip, shape, layout, settings, engine, traffic, math.exp(middle))
        if state.tail_s <= traffic.tpot_s:
            low = middle
        else:
            high = middle
    best = math.exp(low)
    state = decode_pool(chip, shape, layout, settings, engine, traffic, best)
    return FoundPool(1.0, best, state, least)


@njit(cache=True)
def scan_prefill(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
) -> FoundPool:
    """Search the highest utilisation of a prefill worker that keeps the first-token limit."""
    slots = most_sequences(chip, shape, layout, settings, engine, traffic.input_tokens, 1.0)
    least = prefill_pool(chip, shape, layout, settings, engine, traffic, LEAST_SEQUENCES)
    if slots < 1.0 or least.tail_s > traffic.ttft_s:
        return FoundPool(0.0, 0.0, least, least)
    low, high = LEAST_SEQUENCES, 0.99
    state = prefill_pool(chip, shape, layout, settings, engine, traffic, high)
    if state.tail_s <= traffic.ttft_s:
        return FoundPool(1.0, high, state, least)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        state = prefill_pool(chip, shape, layout, settings, engine, traffic, middle)
        if state.tail_s <= traffic.ttft_s:
            low = middle
        else:
            high = middle
    state = prefill_pool(chip, shape, layout, settings, engine, traffic, low)
    return FoundPool(1.0, low, state, least)
