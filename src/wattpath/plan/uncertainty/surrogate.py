r"""A polynomial of the inputs in place of the plan, for the indices that need many points.

Terms are products of Hermite polynomials of the standard normal inputs: linear, quadratic, and
products of two of the strongest inputs. They are taken in one after the other, each time the one
that explains most of what is left, as long as the error of leaving one draw out at a time falls,

.. math:: \sum_k \left( \frac{r_k}{1 - h_{kk}} \right)^2

What the polynomial explains of draws it has not seen is measured apart: a fifth of the draws is
left out at a time, terms and weights are found anew from the others, and with the predictions p

.. math:: Q^2 = 1 - \frac{\sum_k (y_k - p_k)^2}{\sum_k (y_k - \bar y)^2}

Where it breaks down: steps, such as one server more or less, are smoothed away; they show as a
low Q², and an index of a poor polynomial says little.

References
----------
Blatman, Sudret (2011), Journal of Computational Physics 230.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: A term: input and degree of each factor.
Term = tuple[tuple[int, int], ...]

#: Inputs whose products are offered.
STRONGEST = 10

#: Draws for each term.
DRAWS_PER_TERM = 4

#: Parts into which the draws are cut to measure what is explained.
FOLDS = 5

#: Terms without gain after which no more are tried.
PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A fitted polynomial.

    Attributes
    ----------
    terms : tuple of Term
    weights : ndarray
        The constant first.
    explained : float
        Share of the variance explained for draws left out; below 0 where the mean does better.
    """

    terms: tuple[Term, ...]
    weights: Floats
    explained: float

    def __call__(self, z: Floats) -> Floats:
        """Values at standard normal points, shape (points, inputs)."""
        return _matrix(z, self.terms) @ self.weights


def fit(z: Floats, y: Floats) -> Surrogate:
    """The polynomial of draws.

    Parameters
    ----------
    z : ndarray, shape (draws, inputs)
        Standard normal.
    y : ndarray, shape (draws,)
        What came out.
    """
    total = float(((y - y.mean()) ** 2).sum())
    if total <= (1e-9 * np.abs(y).max(initial=0.0)) ** 2 * y.size:
        return Surrogate((), np.array([y.mean()]), 1.0)
    missed = 0.0
    for fold in range(FOLDS):
        out = np.arange(y.size) % FOLDS == fold
        terms, weights = _chosen(z[~out], y[~out])
        missed += float(((y[out] - _matrix(z[out], terms) @ weights) ** 2).sum())
    return Surrogate(*_chosen(z, y), 1.0 - missed / total)


def _chosen(z: Floats, y: Floats) -> tuple[tuple[Term, ...], Floats]:
    """Terms taken in one after the other, and their weights."""
    offered = _offered(z, y)
    columns = _matrix(z, offered)[:, 1:]
    norms = np.linalg.norm(columns, axis=0)
    chosen: list[int] = []
    best: tuple[Term, ...] = ()
    weights, residual, least = _solve(_matrix(z, best), y)
    idle = 0
    while len(chosen) < y.size // DRAWS_PER_TERM and idle < PATIENCE:
        gain = np.abs(residual @ columns) / np.where(norms > 0.0, norms, np.inf)
        gain[chosen] = -1.0
        if gain.max(initial=-1.0) <= 0.0:
            break
        chosen.append(int(np.argmax(gain)))
        terms = tuple(offered[i] for i in chosen)
        found, residual, error = _solve(_matrix(z, terms), y)
        idle += 1
        if error < least:
            best, weights, least, idle = terms, found, error, 0
    return best, weights


def _offered(z: Floats, y: Floats) -> list[Term]:
    """Linear and quadratic terms, and products of the inputs that y follows most."""
    inputs = range(z.shape[1])
    follows = np.abs((y - y.mean()) @ z)
    strong = sorted(np.argsort(-follows)[:STRONGEST].tolist())
    singles: list[Term] = [((i, degree),) for degree in (1, 2) for i in inputs]
    return [*singles, *(((i, 1), (j, 1)) for i, j in combinations(strong, 2))]


def _matrix(z: Floats, terms: tuple[Term, ...] | list[Term]) -> Floats:
    """One column for each term, after a column of ones."""
    columns = [np.ones(z.shape[0])]
    for term in terms:
        column = np.ones(z.shape[0])
        for place, degree in term:
            x = z[:, place]
            column = column * (x if degree == 1 else (x * x - 1.0) / np.sqrt(2.0))
        columns.append(column)
    return np.column_stack(columns)


def _solve(matrix: Floats, y: Floats) -> tuple[Floats, Floats, float]:
    """Least squares: weights, residuals, and squared error of leaving one out at a time."""
    q, r = np.linalg.qr(matrix)
    weights = np.linalg.lstsq(r, q.T @ y, rcond=None)[0]
    residual = y - matrix @ weights
    leverage = np.minimum((q * q).sum(axis=1), 1.0 - 1e-9)
    return weights, residual, float(((residual / (1.0 - leverage)) ** 2).sum())
