"""The days that a limit is most likely to break, beside those that stand for the year.

Work that waits moves within its day, so a day is hard if its mean overhead is high; what cannot
wait is held in every hour anyway. Supply falls short on days with little sun and wind. Such days
get rows of their own, but hardly any weight: they constrain, and do not price.

Where it breaks down: a day that is hard only for a mix of halls and sources that nobody expects
is not among them; all hours check the answer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.build import search_periods
from wattpath.plan.optimise import Parts
from wattpath.supply.periods import Periods
from wattpath.units import HOURS

Floats = NDArray[np.float64]

DAY = 24

#: Days taken by each measure.
EACH = 2

#: Weight of an hour of such a day [hour]: enough to be well scaled, too little to matter.
WEIGHT = 0.01


def hard_days(parts: Parts) -> Periods:
    """Representative days, with the hardest ones added."""
    usual = search_periods(parts)
    there = set((usual.hours[::DAY] // DAY).tolist())
    hardest = (np.argsort(-measure, kind="stable")[:EACH] for measure in _measures(parts))
    added = sorted({int(day) for days in hardest for day in days} - there)
    if not added:
        return usual
    hours = (np.array(added)[:, None] * DAY + np.arange(DAY)).ravel()
    weights = np.concatenate([usual.weights, np.full(hours.size, WEIGHT)])
    weights *= HOURS / weights.sum()
    return Periods(np.concatenate([usual.hours, hours]), weights, DAY, usual.day_of)


def _measures(parts: Parts) -> list[Floats]:
    """Mean and highest overhead under the usual load, and the lack of sun and wind, of each day."""
    found: list[Floats] = []
    if parts.halls and parts.needs:
        load = np.mean([need.load for need in parts.needs if not need.of], axis=0)
        here = [hall.variable for hall in parts.halls if not hall.site]
        overhead = np.mean(here, axis=0) * load
        overhead = overhead.reshape(-1, DAY)
        found += [overhead.mean(axis=1), overhead.max(axis=1)]
    for factor in (parts.site.solar_cf, parts.site.wind_cf):
        if factor is not None:
            found.append(-factor.reshape(-1, DAY).mean(axis=1))
    return [measure for measure in found if float(np.ptp(measure)) > 0.0]
