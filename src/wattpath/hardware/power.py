"""Watts of a chip and of a server from idle to full load, and the price of a power cap.

Power is that of a chip which stands ready, of switching at all, of each operation and of each
byte. What is clocked follows the core clock and its voltage; the stacks of memory keep theirs.
"""

from __future__ import annotations

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.hardware.kernels import compute_bits

#: Work at which half of the power of merely running kernels is drawn, as the sum of the
#: compute and memory shares: small, for schedulers and caches wake with the first kernels.
_WAKE = 0.05

#: How abruptly power meets the limit: a mean hides phases above it, which are cut, and phases
#: below it, so that the mean bends away before it gets there.
_SHARPNESS = 8.0

#: Bits of an element for which the power of memory traffic is stated.
_WIDE = 16.0


#: Steps of Newton's method for the clock at a given power; the law is convex, so that they
#: come down to it from above.
_NEWTON = 6


@njit(cache=True)
def switching_energy(chip: Chip, clock: float) -> float:
    r"""Energy of one switched operation at a clock over that at the boost clock [-].

    .. math:: e = v^2 + (1 - v^2) f^n, \quad n = (x - 1) / (1 - v^2)

    It is the voltage squared: near the boost clock power goes with the clock f to the exponent
    x, and below, the voltage comes down to its floor v, so that only the count of operations
    still falls.
    """
    floor = chip.voltage_floor**2
    return float(floor + (1.0 - floor) * clock ** ((chip.clock_exponent - 1.0) / (1.0 - floor)))


@njit(cache=True)
def clock_at(chip: Chip, share: float) -> float:
    """Clock at which clocked logic draws this share of its power at the boost clock [-]."""
    floor = chip.voltage_floor**2
    steep = (chip.clock_exponent - 1.0) / (1.0 - floor)
    clock = max(0.0, share) ** (1.0 / chip.clock_exponent)
    for _ in range(_NEWTON):
        rising = (1.0 - floor) * clock**steep
        slope = floor + (1.0 + steep) * rising
        clock = max(0.0, clock - (clock * (floor + rising) - share) / max(1e-9, slope))
    return float(clock)


@njit(cache=True)
def chip_idle_w(chip: Chip, clock: float = 1.0) -> float:
    """Chip power [W] with a model loaded and nothing running.

    A process that holds the chip keeps its clocks up, at `clock` of the boost clock.
    """
    down = 1.0 - clock * switching_energy(chip, clock)
    return float(chip.tdp_w * (chip.idle_share - chip.idle_clocked * down))


@njit(cache=True)
def format_shares(
    chip: Chip, weight_bits: float, act_bits: float, compute_share: float, memory_share: float
) -> tuple[float, float]:
    """Shares of the peaks as power sees them where weights are stored narrowly [-].

    A byte that holds more elements feeds more registers and operands on the chip; weights
    narrower than the products are unpacked inside the kernel besides. Products of narrow
    operands draw more at the same share of their higher peak, for their sums are as wide.

    Notes
    -----
    All traffic is taken to be of weights: with long contexts, whose cache may be wider, this
    is too much by up to `narrow_power` of the cache's share.
    """
    bits = compute_bits(chip, weight_bits, act_bits)
    further = chip.unpack_power if weight_bits < bits else 0.0
    further += chip.narrow_arithmetic if bits < _WIDE else 0.0
    compute = compute_share * (1.0 + further)
    elements = max(1.0, _WIDE / max(1.0, weight_bits))
    return compute, memory_share * (1.0 + chip.narrow_power * (elements - 1.0))


@njit(cache=True)
def chip_demand_w(
    chip: Chip, compute_share: float, memory_share: float, clock: float = 1.0
) -> float:
    """Chip power [W] that the work would draw without any limit.

    Parameters are those of `chip_power_w`.
    """
    work = compute_share + memory_share
    each = switching_energy(chip, clock)
    awake = chip.active_share * work / (work + _WAKE) * clock * each
    moved = chip.memory_power * (1.0 - chip.memory_clocked * (1.0 - each))
    dynamic = chip.compute_power * each * compute_share + moved * memory_share
    return float(chip_idle_w(chip, clock) + chip.tdp_w * (awake + dynamic))


@njit(cache=True)
def chip_power_w(
    chip: Chip,
    compute_share: float,
    memory_share: float,
    cap_fraction: float = 1.0,
    clock: float = 1.0,
) -> float:
    """Mean chip power [W] over an interval.

    Parameters
    ----------
    chip : Chip
    compute_share, memory_share : float
        Achieved over peak FLOP rate, at the precision in use and the boost clock, and achieved
        over peak memory bandwidth in the interval (see `format_shares`).
    cap_fraction : float
        Power limit over the chip's thermal design power.
    clock : float
        Core clock over the boost clock where it is locked.

    Notes
    -----
    Shares are means: within the interval the power swings more. Arithmetic counts as
    that of 16-bit operands; `format_shares` brings other widths to it. Temperature, the spread
    between chips and power in the links are left out. Rows that pad a tile hold zeros and are
    taken to draw nothing.
    """
    demand = chip_demand_w(chip, compute_share, memory_share, clock)
    over = (demand / (chip.tdp_w * cap_fraction)) ** _SHARPNESS
    held = demand / (1.0 + over) ** (1.0 / _SHARPNESS)
    return float(max(chip_idle_w(chip, clock), held))


@njit(cache=True)
def unclocked_w(chip: Chip, memory_share: float) -> float:
    """Chip power [W] that the core clock leaves alone: leakage and the stacks of memory."""
    stacks = chip.memory_power * (1.0 - chip.memory_clocked) * memory_share
    return chip.tdp_w * (chip.idle_share - chip.idle_clocked + stacks)


@njit(cache=True)
def throttle(chip: Chip, compute_share: float, memory_share: float) -> float:
    """Factor (>= 1) on compute-bound time that the chip's own power limit asks for.

    Parameters are those of `cap_slowdown`, the shares those without any limit.
    """
    fixed = unclocked_w(chip, memory_share)
    clocked = chip_demand_w(chip, compute_share, memory_share) - fixed
    room = chip.tdp_w - fixed
    if clocked <= room or room <= 0.0:
        return 1.0
    return float(1.0 / clock_at(chip, room / clocked))


@njit(cache=True)
def cap_slowdown(
    chip: Chip, cap_fraction: float, compute_share: float, memory_share: float
) -> float:
    """Factor (>= 1) on the time of compute-bound work under a power cap.

    The power of clocked logic goes with the clock and the voltage squared, which falls with
    the clock down to its floor (`switching_energy`); memory keeps its own clock. Work that
    would draw more than the limit without any cap is already slowed by the limit itself, and
    the efficiencies of `wattpath.hardware` were measured so: the factor counts from there.

    Parameters
    ----------
    chip : Chip
    cap_fraction : float
        Power limit over the chip's thermal design power.
    compute_share, memory_share : float
        Shares of the peaks as of `chip_power_w`, before the cap.

    Notes
    -----
    The clock cannot fall below a third; caps below the power of leakage and memory are
    answered with that. Decoding draws little for arithmetic and is capped late. Work that
    is bound by memory should apply only the part of the slowdown that its arithmetic has
    in its time.
    """
    fixed = unclocked_w(chip, memory_share)
    clocked = chip_demand_w(chip, compute_share, memory_share) - fixed
    nominal = min(clocked, chip.tdp_w - fixed)
    room = cap_fraction * chip.tdp_w - fixed
    if room >= nominal or nominal <= 0.0:
        return 1.0
    return float(1.0 / max(1.0 / 3.0, clock_at(chip, room / nominal)))


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
