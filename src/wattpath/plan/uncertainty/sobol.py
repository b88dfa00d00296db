r"""Quasi-random points, and how much of a variance each input explains.

With A and B two sets of points and :math:`A_B^{(i)}` A with column i of B, the share of the
variance that input i explains alone, and with all its interactions, are estimated by

.. math:: S_i = \frac{1}{N V} \sum f_B \, (f_{A_B^{(i)}} - f_A), \qquad
          S_{Ti} = \frac{1}{2 N V} \sum (f_A - f_{A_B^{(i)}})^2

Where it breaks down: inputs must be independent; and what a function does in a corner that no
point comes near is not seen.

References
----------
Saltelli, Annoni, Azzini, Campolongo, Ratto, Tarantola (2010), Computer Physics Communications
181; Jansen (1999), Computer Physics Communications 117.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from wattpath.plan.uncertainty.distribution import FARTHEST

Floats = NDArray[np.float64]


def normal_points(count: int, dimensions: int, seed: int) -> Floats:
    """The first points of a scrambled Sobol sequence as standard normal values.

    Parameters
    ----------
    count, dimensions : int
        A longer sequence of the same seed begins with a shorter one.
    seed : int
        Of the scrambling.

    Returns
    -------
    ndarray, shape (count, dimensions)
        Within ± `FARTHEST`.
    """
    if dimensions == 0:
        return np.zeros((count, 0))
    points = _uniform(max(count, 1), dimensions, seed)[:count]
    edge = float(norm.sf(FARTHEST))
    return np.asarray(norm.ppf(np.clip(points, edge, 1.0 - edge)))


def _uniform(count: int, dimensions: int, seed: int) -> Floats:
    power = int(np.ceil(np.log2(max(count, 2))))
    sequence = qmc.Sobol(dimensions, scramble=True, seed=seed)
    return np.asarray(sequence.random_base2(power))


def sobol_indices(
    function: Callable[[Floats], Floats], dimensions: int, *, power: int = 11, seed: int = 0
) -> tuple[Floats, Floats]:
    """First-order and total indices of a function of independent uniform inputs.

    Parameters
    ----------
    function : callable
        Takes an array of shape (points, dimensions) with values in 0..1.
    dimensions : int
    power : int
        The sample has 2**power points; the function is asked for dimensions + 2 times as many.
    seed : int
        Of the sequence.

    Returns
    -------
    (ndarray, ndarray)
        Shares of the variance; all zero for a constant. The first-order ones are cut off
        at zero, the total ones where they would fall below the first-order ones.
    """
    both = _uniform(2**power, 2 * dimensions, seed)
    a, b = both[:, :dimensions], both[:, dimensions:]
    at_a, at_b = function(a), function(b)
    middle = 0.5 * (at_a.mean() + at_b.mean())
    at_a, at_b = at_a - middle, at_b - middle
    variance = 0.5 * float(at_a.var() + at_b.var())
    first, total = np.zeros(dimensions), np.zeros(dimensions)
    if variance <= 0.0:
        return first, total
    for column in range(dimensions):
        mixed = a.copy()
        mixed[:, column] = b[:, column]
        at = function(mixed) - middle
        first[column] = float((at_b * (at - at_a)).mean()) / variance
        total[column] = float(((at_a - at) ** 2).mean()) / (2.0 * variance)
    first = np.maximum(first, 0.0)
    return first, np.maximum(total, first)
