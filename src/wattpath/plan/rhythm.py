"""The hourly request rate of a demand over a year.

The shape of a day and the weight of a weekend come from the catalogue's ``rhythm``
entries. The year has 365 days and begins on a Monday; hours are the site's local ones.
Where it breaks down: no seasons, holidays or growth within the year.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog

DAYS = 365


def relative_rate(name: str) -> NDArray[np.float64]:
    """Rate of each of the 8,760 hours relative to the year's mean [-]; its mean is 1."""
    entry = catalog.load("rhythm", name, "rhythm")
    day = np.array(entry.series("hours"))
    week = np.array([1.0] * 5 + [entry.si("weekend")] * 2)
    weight = week[np.arange(DAYS) % 7]
    rate = (weight[:, None] * day[None, :]).ravel()
    return np.asarray(rate / rate.mean())
