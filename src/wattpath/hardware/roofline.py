"""The smooth joins that every kernel model is made of."""

from __future__ import annotations

import math

from numba import njit

from wattpath.hardware.chip import Chip


@njit(cache=True)
def overlap(a: float, b: float) -> float:
    """Time of two activities that overlap, almost the longer one: (a^3 + b^3)^(1/3).

    Within 26 % above the longer where both are equal, as measured kernels are near the
    ridge of the roofline; no kink where they cross.
    """
    longer = max(a, b)
    if longer <= 0.0 or longer == math.inf:
        return longer
    ratio = min(a, b) / longer
    return float(longer * (1.0 + ratio * ratio * ratio) ** (1.0 / 3.0))


@njit(cache=True)
def at_least(size: float, tile: float) -> float:
    """Size that the hardware works on where it works in tiles: (size^2 + tile^2)^(1/2).

    The smooth stand-in for rounding up to whole tiles.
    """
    return math.sqrt(size * size + tile * tile)


@njit(cache=True)
def pipelined(a: float, b: float) -> float:
    """Time of two stages that stream the same data at once: (a^8 + b^8)^(1/8).

    Much closer to the longer one than `overlap`: a ring over servers was measured within a
    tenth of its slower tier.
    """
    longer = max(a, b)
    if longer <= 0.0 or longer == math.inf:
        return longer
    ratio = min(a, b) / longer
    return float(longer * (1.0 + ratio**8) ** 0.125)


@njit(cache=True)
def peak_flops(chip: Chip, bits: float) -> float:
    """Dense matrix peak [FLOP/s] at this width [bit], or at the next wider one the chip has."""
    if bits <= 4.0 and chip.fp4_flops > 0.0:
        return chip.fp4_flops
    if bits <= 8.0 and chip.fp8_flops > 0.0:
        return chip.fp8_flops
    return chip.bf16_flops
