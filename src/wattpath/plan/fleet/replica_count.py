"""How many replicas: the least that keep the level on the day, and spares for failures.

The steady state gives the first guess; the simulated day decides. Waits fall with the number
of replicas, so the least number lies between steps that double, and is found by halving.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from wattpath.plan.fleet.trial import Trial
from wattpath.plan.operation import Failures
from wattpath.training.goodput import Reliability

#: First and largest step from the guess, and how far from it the search goes either way.
STEP, STRIDE, FEWEST, MOST = 0.04, 0.32, 0.5, 4.0
#: Relative width at which the search ends.
WIDTH = 0.03

Try = Callable[[int], Trial]


def least_replicas(attempt: Try, guess: int) -> list[Trial]:
    """Trials in the order they were made; the fewest replicas that kept the level are best.

    Parameters
    ----------
    attempt : callable
        Tries a number of replicas.
    guess : int
        Where to begin.

    Notes
    -----
    Where even `MOST` times the guess fails, no trial of the list keeps the level.
    """
    trials = [attempt(max(1, guess))]
    low, high, step = 0, 0, STEP  # fails, keeps
    while True:
        last = trials[-1]
        if last.kept:
            high = last.replicas
            following = math.floor(high / (1.0 + step))
        else:
            low = last.replicas
            following = math.ceil(low * (1.0 + step))
        both = low > 0 and high > 0
        ends = following < 1 or following < FEWEST * guess or following > MOST * guess + 1
        if both or ends:
            break
        trials.append(attempt(following))
        step = min(STRIDE, 2.0 * step)
    while high > 0 and low > 0 and high - low > max(1, WIDTH * high):
        trials.append(attempt((low + high) // 2))
        if trials[-1].kept:
            high = trials[-1].replicas
        else:
            low = trials[-1].replicas
    return trials


def smallest_kept(trials: list[Trial]) -> Trial | None:
    """The trial of the fewest replicas that kept the level; None if none did."""
    return min((one for one in trials if one.kept), key=lambda one: one.replicas, default=None)


def unit_availability(chips: float, reliability: Reliability) -> float:
    """Share of time that a unit of so many chips, all of which must work, is up [-].

    ``1 / (1 + n r T)`` with failures r per chip and second, mended after T.
    """
    lost_s = reliability.detect_s + reliability.repair_s
    return 1.0 / (1.0 + chips * reliability.failure_rate * lost_s)


def failing_as(usual: Reliability, told: Failures | None, server_chips: float) -> Reliability:
    """The usual reliability with what a demand says of its servers' failures in its place."""
    if told is None:
        return usual
    rate = usual.failure_rate if told.between is None else 1.0 / (told.between * server_chips)
    if told.repair is None:
        return usual._replace(failure_rate=rate)
    return usual._replace(failure_rate=rate, detect_s=0.0, repair_s=told.repair)


@lru_cache(maxsize=4096)
def spare_units(units: int, available: float, target: float) -> int:
    """Fewest further units with which at least `units` are up for a share of time.

    Parameters
    ----------
    units : int
        That the traffic needs.
    available : float
        Share of time that one unit is up [-].
    target : float
        Share of time that enough units shall be up [-].

    Notes
    -----
    Units fail independently (binomial); what takes many down at once, such as a network or
    a hall, is not in it.
    """
    from scipy.special import bdtrc

    down = 1.0 - available
    most = 2 + units // 8
    while True:
        spare = np.arange(most)
        enough = bdtrc(spare, units + spare, down) <= 1.0 - target
        if enough.any():
            return int(enough.argmax())
        most *= 4
