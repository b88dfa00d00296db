"""Units of prefill and decode workers: every pair of layouts in every number of workers.

All units are rated in one compiled loop. Of those the front is kept: units that no other one
beats in both capacity and energy, by whole servers or among units of as many chips.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from wattpath.hardware.power import chip_idle_w, chip_power_w, format_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wattpath.hardware.chip import Chip
    from wattpath.levers.settings import ServingSettings

#: Columns of a unit: places of prefill and decode layout, their workers, chips, chips of the whole
#: servers that it takes per request/s, and energy per request: above idle and in all [J].
UNIT = 8


@njit(cache=True)
def packed_chips(chips: float, per_server: float) -> float:
    """Chips of the whole servers that one unit takes: several share one, or one takes several."""
    if chips <= per_server:
        return per_server / max(1.0, math.floor(per_server / chips))
    return per_server * math.ceil(chips / per_server - 1e-9)


@njit(cache=True)
def pooled_shares(pool: NDArray[np.float64], use: float) -> tuple[float, float]:
    """Shares of the peaks of a worker (chips, rate, shares) that works `use` of the time."""
    return pool[2] * use, pool[3] * use


@njit(cache=True)
def pooled_w(
    chip: Chip, settings: ServingSettings, shares: tuple[float, float], clock: float
) -> float:
    """Chip power [W] at shares of the clocked peaks."""
    compute, memory = format_shares(
        chip, settings.weight_bits, settings.act_bits, shares[0] * clock, shares[1]
    )
    return chip_power_w(chip, compute, memory, settings.power_cap, clock)


@njit(cache=True)
def all_units(
    chip: Chip,
    settings: ServingSettings,
    prefill: NDArray[np.float64],
    decode: NDArray[np.float64],
    per_server: float,
    most_workers: int,
    most_chips: float,
    units: NDArray[np.float64],
) -> int:
    """Rate every unit of at most so many workers of a kind and chips; how many there are.

    Parameters
    ----------
    prefill, decode : ndarray, shape (layouts, 5)
        Chips, requests/s, shares of peak arithmetic and bandwidth, and core clock of one worker.
    units : ndarray, shape (most units, UNIT)
        Filled.
    """
    found, idle = 0, chip_idle_w(chip)
    for i in range(prefill.shape[0]):
        for j in range(decode.shape[0]):
            for many in range(1, most_workers + 1):
                for few in range(1, most_workers + 1):
                    first, then = many * prefill[i, 0], few * decode[j, 0]
                    chips = first + then
                    if chips > most_chips:
                        continue
                    rate = min(many * prefill[i, 1], few * decode[j, 1])
                    shares = pooled_shares(prefill[i], rate / (many * prefill[i, 1]))
                    watts = first * pooled_w(chip, settings, shares, prefill[i, 4])
                    shares = pooled_shares(decode[j], rate / (few * decode[j, 1]))
                    watts += then * pooled_w(chip, settings, shares, decode[j, 4])
                    row = units[found]
                    row[0], row[1], row[2], row[3], row[4] = i, j, many, few, chips
                    row[5] = packed_chips(chips, per_server) / rate
                    row[6] = (watts - chips * idle) / rate
                    row[7] = watts / rate
                    found += 1
    return found


def front_units(
    chip: Chip,
    settings: ServingSettings,
    prefill: NDArray[np.float64],
    decode: NDArray[np.float64],
    per_server: float,
    most_workers: int,
    most_chips: float,
    whole_servers: bool,
) -> tuple[NDArray[np.float64], int]:
    """Units that no other one beats, and how many there are in all.

    With `whole_servers` less is better in chips of whole servers per request/s and in energy above
    idle per request, else in chips per request/s and energy per request, among units of as many
    chips. Parameters are those of `all_units`.
    """
    units = np.empty((len(prefill) * len(decode) * most_workers**2, UNIT))
    limits = per_server, most_workers, most_chips
    count = int(all_units(chip, settings, prefill, decode, *limits, units))
    units = units[:count]
    if whole_servers:
        group, size, energy = np.zeros(count), units[:, 5], units[:, 6]
    else:
        slowest = prefill[units[:, 0].astype(int), 1] * units[:, 2]
        rate = np.minimum(slowest, decode[units[:, 1].astype(int), 1] * units[:, 3])
        group, size, energy = units[:, 4], units[:, 4] / rate, units[:, 7]
    order = np.lexsort((units[:, 4], energy, size, group))
    kept = unbeaten(group, energy, order)
    return units[kept], count


@njit(cache=True)
def unbeaten(
    group: NDArray[np.float64], energy: NDArray[np.float64], order: NDArray[np.int64]
) -> list[int]:
    """Of rows sorted by group and size those with less energy than all before in their group."""
    kept, least = [0 for _ in range(0)], np.inf
    for place in range(len(order)):
        at = int(order[place])
        if place == 0 or group[at] != group[order[place - 1]]:
            least = np.inf
        if energy[at] < least * (1.0 - 1e-9):
            kept.append(at)
            least = energy[at]
    return kept
