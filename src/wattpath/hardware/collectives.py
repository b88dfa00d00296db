"""Seconds of collectives among chips, across the scale-up and scale-out tiers.

`nbytes` follows nccl-tests: the full tensor of one rank, that is what an all-reduce
reduces, an all-gather ends with, a reduce-scatter starts with and an all-to-all sends in
total (its own part included). `ranks` chips take part; neighbours in the group stand
`stride` chips apart, so that a data-parallel group over 8-way tensor parallelism has
stride 8 and, on servers of 8, crosses the scale-out network only.
"""

from __future__ import annotations

import math

from numba import njit

from wattpath.hardware.chip import Chip


@njit(cache=True)
def local_ranks(chip: Chip, ranks: float, stride: float = 1.0) -> float:
    """How many ranks of a group share one scale-up domain."""
    return min(ranks, max(1.0, chip.scaleup_domain / max(1.0, stride)))


@njit(cache=True)
def _tier_s(nbytes: float, ranks: float, rate: float, step_s: float) -> float:
    """One direction of an exchange in which each rank sends (1 - 1/ranks) of `nbytes`."""
    if ranks <= 1.0:
        return 0.0
    return step_s * math.log2(ranks) + nbytes * (1.0 - 1.0 / ranks) / rate


@njit(cache=True)
def _exchange_s(chip: Chip, nbytes: float, ranks: float, stride: float) -> float:
    """All-gather or reduce-scatter: inside the domain, then between domains on the NICs."""
    local = local_ranks(chip, ranks, stride)
    inside = _tier_s(nbytes, local, chip.scaleup_bytes_s * chip.scaleup_eff, chip.scaleup_step_s)
    rate = chip.scaleout_bytes_s * chip.scaleout_eff / chip.oversubscription
    outside = _tier_s(nbytes / local, ranks / local, rate, chip.scaleout_step_s)
    return inside + outside


@njit(cache=True)
def all_gather_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until every rank holds the `nbytes` to which each gave an equal part."""
    if ranks <= 1.0:
        return 0.0
    return chip.collective_s + _exchange_s(chip, nbytes, ranks, stride)


@njit(cache=True)
def reduce_scatter_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until every rank holds its part of the sum of all ranks' `nbytes`."""
    return all_gather_s(chip, nbytes, ranks, stride)


@njit(cache=True)
def all_reduce_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until every rank holds the sum of all ranks' `nbytes`."""
    if ranks <= 1.0:
        return 0.0
    return chip.collective_s + 2.0 * _exchange_s(chip, nbytes, ranks, stride)


@njit(cache=True)
def all_to_all_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until each rank has sent an equal part of its `nbytes` to each rank."""
    if ranks <= 1.0:
        return 0.0
    local = local_ranks(chip, ranks, stride)
    inside = nbytes * (local - 1.0) / ranks / (chip.scaleup_bytes_s * chip.scaleup_eff)
    rate = chip.scaleout_bytes_s * chip.scaleout_eff / chip.oversubscription
    outside = nbytes * (ranks - local) / ranks / rate if ranks > local else 0.0
    return chip.collective_s + max(inside, outside)


@njit(cache=True)
def send_s(chip: Chip, nbytes: float, stride: float = 1.0) -> float:
    """Time [s] of one message to the chip `stride` places away."""
    if stride < chip.scaleup_domain:
        return chip.scaleup_step_s + nbytes / (chip.scaleup_bytes_s * chip.scaleup_eff)
    rate = chip.scaleout_bytes_s * chip.scaleout_eff / chip.oversubscription
    return chip.scaleout_step_s + nbytes / rate
