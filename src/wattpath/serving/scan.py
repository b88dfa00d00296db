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
from wattpath.serving.steady import Steady, answer_tokens, steady
from wattpath.serving.traffic import Traffic

#: Mean running sequences that stand for "hardly any load".
LEAST_SEQUENCES = 0.01
#: Ratio between neighbouring loads of the search. The grid is the same for all limits, so
#: that looser limits find the same load or a larger one.
RATIO = 1.004
#: Highest utilisation of a prefill worker, in 256ths.
FULLEST = 253


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
    """Mean running sequences b for which the slots suffice at the percentile.

    What is running is nearly a compound Poisson variable, so that with s = 1 + cv^2
    b + z sqrt(b s) + s^2 (z^2 - 1) / 6 slots are enough and a request rarely waits. Batch
    work, which has no limits, fills every slot.
    """
    if math.isinf(traffic.ttft_s) and math.isinf(traffic.tpot_s):
        return most
    spread = 1.0 + traffic.length_cv * traffic.length_cv
    quantile = max(0.0, normal_quantile(traffic.percentile))
    z = quantile * math.sqrt(spread)
    room = most - max(0.0, quantile * quantile - 1.0) / 6.0 * spread * spread
    if room <= 0.0:
        return 0.0
    root = 0.5 * (math.sqrt(z * z + 4.0 * room) - z)
    return root * root


@njit(cache=True)
def _slots(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
) -> float:
    """Sequences of the running mix that fit one rank: longer answers stay longer."""
    answer = answer_tokens(traffic, settings) * (1.0 + traffic.length_cv * traffic.length_cv)
    case = (chip, shape, layout, settings, engine)
    return most_sequences(*case, traffic.input_tokens, answer)


@njit(cache=True)
def grid_index(top: float) -> int:
    """Place of the largest load of the search's grid that does not exceed `top`."""
    return int(math.log(top / LEAST_SEQUENCES) / math.log(RATIO))


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
    slots = _slots(chip, shape, layout, settings, engine, traffic)
    least = steady(chip, shape, layout, settings, engine, traffic, LEAST_SEQUENCES)
    top = mean_sequences(slots, traffic) if slots >= 1.0 else 0.0
    if top < LEAST_SEQUENCES or not _keeps(least.ttft_tail_s, least.tpot_tail_s, traffic):
        return Found(0.0, 0.0, least, least)
    low, high, probe = 0, grid_index(top) + 1, grid_index(top)
    state = least
    while high - low > 1:
        tried = steady(
            chip, shape, layout, settings, engine, traffic, LEAST_SEQUENCES * RATIO**probe
        )
        if _keeps(tried.ttft_tail_s, tried.tpot_tail_s, traffic):
            low, state = probe, tried
        else:
            high = probe
        probe = (low + high) // 2
    return Found(1.0, LEAST_SEQUENCES * RATIO**low, state, least)


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
    slots = _slots(chip, shape, layout, settings, engine, traffic)
    least = decode_pool(chip, shape, layout, settings, engine, traffic, LEAST_SEQUENCES)
    top = mean_sequences(slots, traffic) if slots >= 1.0 else 0.0
    if top < LEAST_SEQUENCES or least.tail_s > traffic.tpot_s:
        return FoundPool(0.0, 0.0, least, least)
    low, high, probe = 0, grid_index(top) + 1, grid_index(top)
    state = least
    while high - low > 1:
        tried = decode_pool(
            chip, shape, layout, settings, engine, traffic, LEAST_SEQUENCES * RATIO**probe
        )
        if tried.tail_s <= traffic.tpot_s:
            low, state = probe, tried
        else:
            high = probe
        probe = (low + high) // 2
    return FoundPool(1.0, LEAST_SEQUENCES * RATIO**low, state, least)


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
    least = prefill_pool(chip, shape, layout, settings, engine, traffic, 1.0 / 256.0)
    if slots < 1.0 or least.tail_s > traffic.ttft_s:
        return FoundPool(0.0, 0.0, least, least)
    low, high, probe = 1, FULLEST + 1, FULLEST
    state = least
    while high - low > 1:
        tried = prefill_pool(chip, shape, layout, settings, engine, traffic, probe / 256.0)
        if tried.tail_s <= traffic.ttft_s:
            low, state = probe, tried
        else:
            high = probe
        probe = (low + high) // 2
    return FoundPool(1.0, low / 256.0, state, least)
