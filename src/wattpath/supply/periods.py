"""The hours an optimisation looks at: a whole year, or a few days that stand for it.

Representative days are the medoids of clusters of similar days (Ward's criterion on the
standardised hourly profiles), so every day that is used has really occurred. The days with
the highest stress (hour and mean) are always kept. The weights are then shifted as little
as possible so that the annual mean of every feature comes out exactly where that can be
done with weights above zero.

Where it breaks down: storage cannot carry energy from one representative day to the next,
so seasonal storage and week-long lulls are not seen; the whole year must check the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import lsq_linear

from wattpath.errors import InputError

HOURS = 8760
DAY = 24
DAYS = HOURS // DAY

#: How much harder an unkept annual mean weighs than a shifted weight.
MEAN_WEIGHT = 1e3

#: Smallest weight of a day as a share of its cluster's size.
LEAST_SHARE = 0.25

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Time steps of one hour and what they stand for.

    Attributes
    ----------
    hours : ndarray of int, shape (n,)
        The hour of the year that each step copies.
    weights : ndarray, shape (n,)
        Hours of the year that each step stands for; the sum is 8,760.
    day_length : int
        Steps in one block; storage returns to its level at the end of each block.
    day_of : ndarray of int
        For each block of the year, the representative block that stands for it.
    """

    hours: Index
    weights: Floats
    day_length: int
    day_of: Index

    @property
    def n(self) -> int:
        """Number of steps."""
        return int(self.hours.size)

    @property
    def n_days(self) -> int:
        """Number of blocks."""
        return self.n // self.day_length

    @property
    def previous(self) -> Index:
        """The step before each step, cyclic within its block."""
        steps = np.arange(self.n).reshape(self.n_days, self.day_length)
        return np.roll(steps, 1, axis=1).ravel()

    @property
    def whole_year(self) -> bool:
        """Whether every hour of the year is its own step."""
        return self.n == HOURS

    def take(self, series: ArrayLike) -> Floats:
        """The values of an hourly year (or of a constant) at the steps."""
        values = np.asarray(series, dtype=np.float64)
        return np.full(self.n, float(values)) if values.ndim == 0 else values[self.hours]

    def expand(self, values: ArrayLike) -> Floats:
        """An hourly year in which each day repeats its representative."""
        blocks = np.asarray(values, dtype=np.float64).reshape(self.n_days, self.day_length)
        return blocks[self.day_of].ravel()

    def total(self, values: ArrayLike) -> float:
        """Sum over the year of values per step (power in W gives Wh)."""
        return float(self.weights @ np.asarray(values, dtype=np.float64))


def full_year() -> Periods:
    """All 8,760 hours as one block."""
    return Periods(np.arange(HOURS), np.ones(HOURS), HOURS, np.zeros(1, dtype=np.int64))


def representative(
    features: ArrayLike,
    days: int,
    *,
    stress: ArrayLike | None = None,
    also: tuple[int, ...] = (),
) -> Periods:
    """A few days that stand for the year.

    Parameters
    ----------
    features : array of shape (8760,) or (8760, k)
        What must be alike within a cluster: load, solar and wind capacity factor, price.
    days : int
        Number of representative days, at most 365, including the stress days.
    stress : array of shape (8760,), optional
        What makes an hour hard; the day of its highest hour and the day of its highest
        mean are kept. The first feature if not given.
    also : tuple of int, optional
        More days of the year that are kept.

    Raises
    ------
    InputError
        For a wrong length, values that are not finite, or too few or too many days.
    """
    table = _table(features)
    hard = table[:, 0] if stress is None else _table(stress)[:, 0]
    daily = hard.reshape(DAYS, DAY)
    hardest = (int(np.argmax(daily.max(axis=1))), int(np.argmax(daily.mean(axis=1))))
    kept = sorted({*hardest, *also})
    if not len(kept) < days <= DAYS:
        raise InputError("days", f"lie between {len(kept) + 1} and {DAYS}", days)
    spread = table.std(axis=0)
    profiles = (table - table.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    profiles = profiles.reshape(DAYS, -1)
    label = _clusters(profiles, kept, days - len(kept))
    chosen, day_of = _medoids(profiles, label)
    size = np.bincount(day_of, minlength=chosen.size).astype(np.float64)
    means = table.reshape(DAYS, DAY, -1).mean(axis=1)
    weights = _weights(means[chosen], means.mean(axis=0), size)
    hours = (chosen[:, None] * DAY + np.arange(DAY)).ravel()
    return Periods(hours, np.repeat(weights, DAY), DAY, day_of)


def _table(features: ArrayLike) -> Floats:
    table = np.asarray(features, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if table.shape[0] != HOURS:
        raise InputError("features", "have 8,760 hours (drop 29 February)", table.shape[0])
    if not np.isfinite(table).all():
        raise InputError("features", "be finite in every hour", "a missing value")
    return table


def _clusters(profiles: Floats, kept: list[int], count: int) -> Index:
    """A cluster number for each day; the kept days have a cluster of their own."""
    label = np.zeros(DAYS, dtype=np.int64)
    rest = np.setdiff1d(np.arange(DAYS), kept)
    if count >= rest.size:
        label[rest] = np.arange(rest.size)
    else:
        label[rest] = fcluster(linkage(profiles[rest], "ward"), count, "maxclust") - 1
    first = int(label[rest].max()) + 1
    label[kept] = first + np.arange(len(kept))
    return label


def _medoids(profiles: Floats, label: Index) -> tuple[Index, Index]:
    """The day nearest to its cluster's centre, and for each day which medoid it has.

    Clusters are numbered by the calendar order of their medoids.
    """
    numbers = np.unique(label)
    medoid = np.empty(numbers.size, dtype=np.int64)
    for position, number in enumerate(numbers):
        members = np.flatnonzero(label == number)
        distance = ((profiles[members] - profiles[members].mean(axis=0)) ** 2).sum(axis=1)
        medoid[position] = members[int(np.argmin(distance))]
    order = np.argsort(medoid)
    rank = np.argsort(order)
    return medoid[order], rank[np.searchsorted(numbers, label)]


def _weights(means: Floats, target: Floats, size: Floats) -> Floats:
    """Weights near the cluster sizes that keep the annual means and sum to 365 days.

    Least squares in u = w / size:  |u - 1|^2 + M^2 |sum(w m) / 365 - target|^2.
    """
    scale = np.where(np.abs(target) > 0.0, np.abs(target), 1.0)
    keep = MEAN_WEIGHT * (means / scale).T * size / DAYS
    count = MEAN_WEIGHT * size[None, :] / DAYS
    matrix = np.vstack([np.eye(size.size), keep, count])
    right = np.concatenate([np.ones(size.size), MEAN_WEIGHT * target / scale, [MEAN_WEIGHT]])
    found = lsq_linear(matrix, right, bounds=(LEAST_SHARE, np.inf), method="bvls")
    weights = size * np.asarray(found.x, dtype=np.float64)
    return np.asarray(weights * DAYS / weights.sum(), dtype=np.float64)
