"""Watts of a chip and of a server from idle to full load."""

from __future__ import annotations

from numba import njit

from wattpath.hardware.chip import Chip


@njit(cache=True)
def chip_idle_w(chip: Chip) -> float:
    """Chip power [W] with nothing running."""
    return chip.idle_share * chip.tdp_w


@njit(cache=True)
def chip_demand_w(chip: Chip, compute_share: float, memory_share: float) -> float:
    """Chip power [W] that the work would draw without any limit."""
    dynamic = chip.compute_power * compute_share + chip.memory_power * memory_share
    return chip.tdp_w * (chip.idle_share + dynamic)


@njit(cache=True)
def chip_power_w(
    chip: Chip, compute_share: float, memory_share: float, cap_fraction: float = 1.0
) -> float:
    """Chip power [W] at achieved shares of the peak FLOP rate and of the peak bandwidth."""
    demand = chip_demand_w(chip, compute_share, memory_share)
    return max(chip_idle_w(chip), min(demand, chip.tdp_w * cap_fraction))


@njit(cache=True)
def cap_slowdown(
    chip: Chip, cap_fraction: float, compute_share: float, memory_share: float
) -> float:
    """Factor (>= 1) on the compute time when the chip's power is capped.

    Dynamic power of arithmetic goes with the cube of the clock near the nominal point.
    """
    cap = cap_fraction * chip.tdp_w
    base = chip.tdp_w * (chip.idle_share + chip.memory_power * memory_share)
    arithmetic = chip.tdp_w * chip.compute_power * compute_share
    if base + arithmetic <= cap or arithmetic <= 0.0:
        return 1.0
    room = max(0.05, (cap - base) / arithmetic)
    return float(min(1.0, room) ** (-1.0 / 3.0))


@njit(cache=True)
def server_power_w(
    server_idle_w: float,
    server_peak_w: float,
    chips: float,
    chip_tdp_w: float,
    chip_idle_w: float,
    chip_w: float,
) -> float:
    """Server power [W]: chips plus host, fans and supply losses between idle and peak.

    The part of the server that is not chip runs linearly from its idle to its peak with
    the chips' load.
    """
    load = (chip_w - chip_idle_w) / max(1e-9, chip_tdp_w - chip_idle_w)
    host_idle = max(0.0, server_idle_w - chips * chip_idle_w)
    host_peak = max(host_idle, server_peak_w - chips * chip_tdp_w)
    return chips * chip_w + host_idle + (host_peak - host_idle) * min(1.0, max(0.0, load))
