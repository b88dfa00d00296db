"""Whether a sample of a day keeps a service level, and what can be said of the whole day.

Of sampled hours each request stands for its part of the day. What was not sampled came with
less traffic: at best all of it kept the level, at worst it missed as often as the quietest
sampled hour. A level that the one breaks or the other keeps is decided.

Where it breaks down: a quieter hour that misses a level more often, as one does into which a
long queue is carried; a sample says little of the far tail, which `sure` tells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.serving.heap import Floats

#: Standard deviations of the one-sided bound of 95 %.
ONE_SIDED = 1.645


@dataclass(frozen=True, slots=True)
class Sample:
    """Requests that are judged.

    Attributes
    ----------
    ttft_s, tpot_s : ndarray
        Times of each [s]; infinite where it was not served.
    sampled, supposed : ndarray
        Share of the day's requests that each stands for [-]: of its own hour, and of the
        hours that were not sampled. All of them add up to 1.
    """

    ttft_s: Floats
    tpot_s: Floats
    sampled: Floats
    supposed: Floats

    def times(self, level: float) -> tuple[float, float]:
        """Both times at a percentile of the day, at worst [s]."""
        weights = self.sampled + self.supposed
        return _at(self.ttft_s, weights, level), _at(self.tpot_s, weights, level)

    def late(self, limits: tuple[float, float]) -> tuple[float, float]:
        """Share of the day's requests above the limit that more exceed: at best, at worst."""
        found = []
        for times, limit in zip((self.ttft_s, self.tpot_s), limits, strict=True):
            above = times > limit
            found.append((float(self.sampled[above].sum()), float(self.supposed[above].sum())))
        best, worst = max(one[0] for one in found), max(sum(one) for one in found)
        return best, worst

    def within(self, limits: tuple[float, float]) -> tuple[float, float]:
        """Share of the day's requests that keep both limits [-], and its bound of 95 %."""
        weights = self.sampled + self.supposed
        kept = (self.ttft_s <= limits[0]) & (self.tpot_s <= limits[1])
        share = float(weights[kept].sum() / weights.sum())
        return share, sure(share, float(weights.sum() ** 2 / (weights**2).sum()))


def sampled(
    times: tuple[Floats, Floats],
    hour: NDArray[np.int64],
    shares: Floats,
    seen: NDArray[np.bool_],
) -> Sample:
    """A sample of which each hour stands for its share of a day.

    Parameters
    ----------
    times : tuple of ndarray
        To the first and per further token [s].
    hour : ndarray
        Judged hour in which each request came; below 0 it is not judged.
    shares : ndarray
        Of the day's requests in each judged hour [-].
    seen : ndarray of bool
        Who else is left out.
    """
    seen = seen & (hour >= 0)
    hour = hour[seen]
    counts = np.bincount(hour, minlength=len(shares))
    there = counts > 0
    whole = shares.sum() / shares[there].sum() if there.any() else 1.0
    each = np.divide(shares * whole, counts, out=np.zeros(len(shares)), where=there)
    quiet = int(np.where(there, shares, np.inf).argmin())
    supposed = np.where(hour == quiet, max(0.0, 1.0 - shares.sum()) / max(1, counts[quiet]), 0.0)
    return Sample(times[0][seen], times[1][seen], each[hour], supposed)


def sure(share: float, count: float) -> float:
    """Share that is kept with a certainty of 95 %, of a share seen in so many requests [-].

    Wilson's bound; requests that miss a level together make it less sure than that.
    """
    square = ONE_SIDED**2 / count
    spread = math.sqrt(max(0.0, share * (1.0 - share)) * square + square**2 / 4.0)
    return (share + square / 2.0 - spread) / (1.0 + square)


def _at(values: Floats, weights: Floats, level: float) -> float:
    """The lowest value that a share of the weight does not exceed."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    place = int(np.searchsorted(total, level * total[-1] * (1.0 - 1e-12)))
    return float(values[order[min(place, len(values) - 1)]])
