"""Watts of a chip and of a server from idle to full load, and the price of a power cap."""

from __future__ import annotations

from numba import njit

from wattpath.hardware.chip import Chip

#: Work at which half of the power of merely running kernels is drawn, as the sum of the
#: compute and memory shares: small, for clocks and caches wake with the first kernels.
_WAKE = 0.05


@njit(cache=True)
def chip_idle_w(chip: Chip) -> float:
    """Chip power [W] with a model loaded and nothing running."""
    return chip.idle_share * chip.tdp_w


@njit(cache=True)
def chip_demand_w(chip: Chip, compute_share: float, memory_share: float) -> float:
    """Chip power [W] that the work would draw without any limit: idle, clocks, both works."""
    work = compute_share + memory_share
    awake = chip.active_share * work / (work + _WAKE)
    dynamic = chip.compute_power * compute_share + chip.memory_power * memory_share
    return chip.tdp_w * (chip.idle_share + awake + dynamic)


@njit(cache=True)
def chip_power_w(
    chip: Chip, compute_share: float, memory_share: float, cap_fraction: float = 1.0
) -> float:
    """Mean chip power [W] over an interval.

    Parameters
    ----------
    chip : Chip
    compute_share, memory_share : float
        Achieved over peak FLOP rate, at the precision in use, and achieved over peak
        memory bandwidth in the interval.
    cap_fraction : float
        Power limit over the chip's thermal design power.

    Notes
    -----
    Shares are means: within the interval the power swings more. Arithmetic is taken to cost
    the same per unit of peak at each precision, as chips of one family show within a tenth.
    """
    demand = chip_demand_w(chip, compute_share, memory_share)
    return max(chip_idle_w(chip), min(demand, chip.tdp_w * cap_fraction))


@njit(cache=True)
def cap_slowdown(
    chip: Chip, cap_fraction: float, compute_share: float, memory_share: float
) -> float:
    """Factor (>= 1) on the time of compute-bound work under a power cap.

    Near the nominal clock the power of clocked logic goes with the clock to an exponent of
    about three, for voltage falls with it; memory keeps its own clock. Work that would draw
    more than the limit without any cap is already slowed by the limit itself, and the
    efficiencies of `wattpath.hardware` were measured so: the factor counts from there.

    Parameters
    ----------
    chip : Chip
    cap_fraction : float
        Power limit over the chip's thermal design power.
    compute_share, memory_share : float
        Shares of the peaks as of `chip_power_w`, before the cap.

    Notes
    -----
    The clock cannot fall below a third; caps below the power of idle and memory are
    answered with that. Decoding draws little for arithmetic and is capped late. Work that
    is bound by memory should apply only the part of the slowdown that its arithmetic has
    in its time.
    """
    fixed = chip.tdp_w * (chip.idle_share + chip.memory_power * memory_share)
    clocked = chip_demand_w(chip, compute_share, memory_share) - fixed
    nominal = min(clocked, chip.tdp_w - fixed)
    room = cap_fraction * chip.tdp_w - fixed
    if room >= nominal or nominal <= 0.0:
        return 1.0
    clock = max(0.0, room / nominal) ** (1.0 / chip.clock_exponent)
    return float(1.0 / max(1.0 / 3.0, clock))


@njit(cache=True)
def server_power_w(
    server_idle_w: float,
    server_peak_w: float,
    chips: float,
    chip_tdp_w: float,
    chip_idle_w: float,
    chip_w: float,
) -> float:
    """Server power [W] at its supplies' input: chips, host, fans and supply losses.

    Parameters
    ----------
    server_idle_w, server_peak_w : float
        Whole server without work and with all its chips at their limit [W]: `Server.full_w`
        for energy, the rated `Server.peak_w` for what the supply must be able to carry.
    chips : float
        Accelerators in the server.
    chip_tdp_w, chip_idle_w, chip_w : float
        One chip's limit, idle power and present mean power [W].

    Notes
    -----
    What is not chip runs linearly between its idle and its peak with the chips' load: fans
    follow heat (more steeply than linear in one box, flatter over a room), supply losses
    follow the current, the host feeds the chips. Facility cooling is not in.
    """
    load = (chip_w - chip_idle_w) / max(1e-9, chip_tdp_w - chip_idle_w)
    host_idle = max(0.0, server_idle_w - chips * chip_idle_w)
    host_peak = max(host_idle, server_peak_w - chips * chip_tdp_w)
    return chips * chip_w + host_idle + (host_peak - host_idle) * min(1.0, max(0.0, load))
