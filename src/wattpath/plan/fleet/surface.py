"""Throughput against latency and energy of a deployment: its steady state at every load."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wattpath.plan.fleet.replicas import PREFILL, Pool, Replica
from wattpath.serving.candidates import chip_watts, enumerate_layouts
from wattpath.serving.layout import Layout, chips, label
from wattpath.serving.memory import free_kv_bytes, most_sequences
from wattpath.serving.steady import answer_tokens, steady

#: Running batches of one rank at which a layout is evaluated.
BATCHES = 24


@dataclass(frozen=True, slots=True)
class Point:
    """One layout at one load, per chip.

    `tokens_s` is output tokens per second and chip; times are at the demand's percentile;
    energy is the chips' alone.
    """

    layout: str
    batch: float
    tokens_s: float
    ttft_s: float
    tpot_s: float
    chip_j_per_token: float


def surface(replica: Replica) -> list[Point]:
    """All loads of all layouts of the replica's chip and software; none limits the times.

    Notes
    -----
    Replicas with separate workers have no joint surface: the list is empty.
    """
    pool = replica.pools[0]
    if pool.kind == PREFILL:
        return []
    points: list[Point] = []
    for layout in enumerate_layouts(pool.case):
        points += _loads(pool, layout)
    return points


def frontier(points: list[Point], time: str = "tpot_s") -> list[Point]:
    """Points that no other one beats in both throughput and a time, fastest first.

    Parameters
    ----------
    time : str
        ``tpot_s`` or ``ttft_s``.
    """
    kept: list[Point] = []
    for point in sorted(points, key=lambda one: (getattr(one, time), -one.tokens_s)):
        if not kept or point.tokens_s > kept[-1].tokens_s:
            kept.append(point)
    return kept


def _loads(pool: Pool, layout: Layout) -> list[Point]:
    case = pool.case
    body = (case.chip, case.shape, layout, case.settings, case.engine)
    if free_kv_bytes(*body) <= 0.0:
        return []
    answer = answer_tokens(case.traffic, case.settings)
    most = most_sequences(*body, case.traffic.input_tokens, answer)
    if most < 1.0:
        return []
    found = []
    for batch in np.geomspace(0.5, most, BATCHES):
        state = steady(*body, case.traffic, float(batch))
        if not np.isfinite(state.ttft_tail_s) or state.load >= 1.0:
            continue
        rate = state.requests_per_s * answer / chips(layout)
        watts = chip_watts(case, (state.compute_share, state.memory_share), pool.clock)
        times = (state.ttft_tail_s, state.tpot_tail_s)
        found.append(Point(label(layout), float(batch), rate, *times, watts / rate))
    return found
