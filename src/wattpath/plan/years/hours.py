"""Operation of given capacities through all 8,760 hours, by rule and in an instant.

In each hour: sun and wind as they come, plants at their lowest output; storage follows the
schedule that the representative day of this hour has, as far as it can; then plants and grid
from the cheapest on; then what storage has left. A surplus charges storage, and so does idle
plant where the schedule says so. What is missing is told.

Where it breaks down: the rule has no foresight beyond the representative days, so it costs
more than the optimum of the same hours; storage begins the year empty; a year's energy limit
is used up first come, first served.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Fleet(NamedTuple):
    """What there is, in one unit of power; each array has a row per plant or storage.

    Attributes
    ----------
    able, cost : ndarray, shape (plants, hours)
        Largest output, and cost by which plants are ranked.
    least, ramp, energy : ndarray, shape (plants,)
        Lowest output, most change in an hour, most output of the year [power x h].
    power, room, root, leak : ndarray, shape (storages,)
        Power, energy [power x h], square root of the round trip, loss per hour.
    charge, discharge : ndarray, shape (storages, hours)
        The schedule.
    """

    able: Floats
    cost: Floats
    least: Floats
    ramp: Floats
    energy: Floats
    power: Floats
    room: Floats
    root: Floats
    leak: Floats
    charge: Floats
    discharge: Floats


class Run(NamedTuple):
    """What happens, shape (plants or storages, hours); `short` and `spilled` by hour."""

    output: Floats
    charge: Floats
    discharge: Floats
    level: Floats
    short: Floats
    spilled: Floats


def operate(fleet: Fleet, load: Floats, free: Floats) -> Run:
    """Run a fleet through the hours.

    Parameters
    ----------
    fleet : Fleet
    load : ndarray, shape (hours,)
        Power that must be met.
    free : ndarray, shape (hours,)
        Sun and wind as they come.
    """
    hours = load.size
    plants, stores = fleet.able.shape[0], fleet.power.size
    run = Run(
        np.zeros((plants, hours)),
        np.zeros((stores, hours)),
        np.zeros((stores, hours)),
        np.zeros((stores, hours)),
        np.zeros(hours),
        np.zeros(hours),
    )
    order = np.argsort(fleet.cost, axis=0, kind="stable")
    _through(fleet, np.ascontiguousarray(load), np.ascontiguousarray(free), order, run)
    return run


@njit(cache=True)
def _through(fleet: Fleet, load: Floats, free: Floats, order: NDArray[np.int64], run: Run) -> None:
    level = np.zeros(fleet.power.size)
    left = fleet.energy.copy()
    most = np.zeros(fleet.least.size)
    for hour in range(load.size):
        missing = load[hour] - free[hour]
        for plant in range(most.size):
            top = min(fleet.able[plant, hour], max(left[plant], 0.0))
            low = min(fleet.least[plant], top)
            if hour > 0:
                before = run.output[plant, hour - 1]
                top = min(top, before + fleet.ramp[plant])
                low = min(max(low, before - fleet.ramp[plant]), top)
            most[plant] = top
            run.output[plant, hour] = low
            missing -= low
        for store in range(level.size):
            level[store] *= 1.0 - fleet.leak[store]
            wanted = min(fleet.discharge[store, hour], max(missing, 0.0))
            missing -= _give(fleet, run, level, store, hour, wanted)
        missing = _raise(run.output, most, order, hour, missing)
        for store in range(level.size):
            if missing > 0.0:
                missing -= _give(fleet, run, level, store, hour, missing)
            taken = _take(fleet, run, level, store, hour, max(-missing, 0.0))
            missing += taken
            wanted = fleet.charge[store, hour] - taken
            if wanted > 0.0 and missing <= 0.0 and run.discharge[store, hour] == 0.0:
                spare = 0.0
                for plant in range(most.size):
                    spare += most[plant] - run.output[plant, hour]
                bought = _take(fleet, run, level, store, hour, min(wanted, spare))
                missing += _raise(run.output, most, order, hour, bought)
            run.level[store, hour] = level[store]
        for plant in range(most.size):
            left[plant] -= run.output[plant, hour]
        run.short[hour] = max(missing, 0.0)
        run.spilled[hour] = max(-missing, 0.0)


@njit(cache=True)
def _give(fleet: Fleet, run: Run, level: Floats, store: int, hour: int, wanted: float) -> float:
    """Discharge up to what is wanted; what is given."""
    free = fleet.power[store] - run.discharge[store, hour]
    able = min(free, level[store] * fleet.root[store])
    given: float = max(min(wanted, able), 0.0)
    level[store] -= given / fleet.root[store]
    run.discharge[store, hour] += given
    return given


@njit(cache=True)
def _take(fleet: Fleet, run: Run, level: Floats, store: int, hour: int, offered: float) -> float:
    """Charge up to what is offered; what is taken."""
    free = fleet.power[store] - run.discharge[store, hour] - run.charge[store, hour]
    room = (fleet.room[store] - level[store]) / fleet.root[store]
    taken: float = max(min(offered, min(free, room)), 0.0)
    level[store] += taken * fleet.root[store]
    run.charge[store, hour] += taken
    return taken


@njit(cache=True)
def _raise(
    output: Floats, most: Floats, order: NDArray[np.int64], hour: int, missing: float
) -> float:
    """Raise plants from the cheapest on; what is still missing."""
    for place in range(most.size):
        if missing <= 0.0:
            break
        plant = order[place, hour]
        more = min(most[plant] - output[plant, hour], missing)
        if more > 0.0:
            output[plant, hour] += more
            missing -= more
    return missing
