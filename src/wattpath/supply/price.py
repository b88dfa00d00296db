"""An hourly grid price from a yearly mean and three shape numbers.

    p(h) = p_mean (1 + e b(t; 19.5, 2.2) - m b(t; 12.5, 2.8) + s cos(2 pi (d - d0) / 365))

with t the local hour, d the day, and b(t; c, w) a Gaussian bump around hour c, shifted and
scaled to have mean 0 over the day and a peak-to-mean height of 1. The yearly mean is
exactly p_mean.

Where it breaks down: no scarcity spikes, no negative hours unless the midday depth makes
them, no weekends, no correlation with the weather year. A measured hourly series is always
better where there is one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOURS = 8760

EVENING_HOUR, EVENING_WIDTH = 19.5, 2.2
MIDDAY_HOUR, MIDDAY_WIDTH = 12.5, 2.8

Floats = NDArray[np.float64]


def hourly_price(
    mean: float, evening: float, midday: float, season: float, peak_day: float
) -> Floats:
    """A year of hourly prices in local standard time.

    Parameters
    ----------
    mean : float
        Yearly mean [any price unit].
    evening : float
        Height of the evening peak over the mean [fraction of the mean].
    midday : float
        Depth of the midday dip under the mean [fraction]; negative for a midday peak.
    season : float
        Amplitude of the yearly wave [fraction].
    peak_day : float
        Day of the year on which the wave peaks [1 to 365].

    Returns
    -------
    ndarray, shape (8760,)
        In the unit of `mean`.
    """
    hour = np.arange(HOURS)
    daily = evening * _bump(EVENING_HOUR, EVENING_WIDTH) - midday * _bump(MIDDAY_HOUR, MIDDAY_WIDTH)
    wave = np.cos(2.0 * np.pi * (hour // 24 + 1 - peak_day) / 365.0)
    return np.asarray(mean * (1.0 + daily[hour % 24] + season * wave), dtype=np.float64)


def _bump(centre: float, width: float) -> Floats:
    """A daily bump with mean 0 and height 1 over the mean (hours count at their middle)."""
    middle = np.arange(24) + 0.5
    distance = np.abs(middle - centre)
    distance = np.minimum(distance, 24.0 - distance)
    bump = np.exp(-0.5 * (distance / width) ** 2)
    bump -= bump.mean()
    return np.asarray(bump / bump.max(), dtype=np.float64)
