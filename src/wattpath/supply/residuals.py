"""How far a point is from the optimum of a linear programme (KKT residuals).

For  min c x,  l_r <= A x <= u_r,  l_c <= x <= u_c,  with row duals y and reduced costs
d = c - A' y, the point is optimal when x is feasible, a dual pushes only against a finite
side, and the primal objective equals the dual one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

Floats = NDArray[np.float64]


class Residuals(NamedTuple):
    """Relative residuals; all zero at an exact optimum."""

    primal: float
    dual: float
    gap: float


def residuals(
    matrix: csc_matrix,
    size: csc_matrix,
    cost: Floats,
    bounds: tuple[Floats, Floats],
    sides: tuple[Floats, Floats],
    x: Floats,
    row_dual: Floats,
) -> Residuals:
    """Primal, dual and objective residuals of a point.

    Parameters
    ----------
    matrix, size : csc_matrix
        A and |A|.
    cost : ndarray
        c.
    bounds, sides : pairs of ndarray
        Column bounds and row sides (infinite where there is none).
    x, row_dual : ndarray
        The point and the row duals y.

    Returns
    -------
    Residuals
        The largest violation of a row or bound over 1 + the sum of the row's absolute
        terms; the largest dual that has no finite side to push against over 1 + the
        column's absolute terms; |primal - dual objective| over 1 + |primal|.
    """
    row_scale = 1.0 + size @ np.abs(x)
    primal = max(
        _worst(_outside(matrix @ x, sides) / row_scale),
        _worst(_outside(x, bounds) / (1.0 + np.abs(x))),
    )
    reduced = cost - matrix.T @ row_dual
    column_scale = 1.0 + np.abs(cost) + size.T @ np.abs(row_dual)
    dual = max(
        _worst(_unsupported(reduced, bounds) / column_scale),
        _worst(_unsupported(row_dual, sides) / (1.0 + np.abs(row_dual))),
    )
    value = float(cost @ x)
    other = _support(row_dual, sides) + _support(reduced, bounds)
    return Residuals(primal, dual, abs(value - other) / (1.0 + abs(value)))


def _worst(values: Floats) -> float:
    return float(values.max(initial=0.0))


def _outside(values: Floats, limits: tuple[Floats, Floats]) -> Floats:
    """How far values lie outside their limits."""
    return np.maximum(np.maximum(limits[0] - values, values - limits[1]), 0.0)


def _unsupported(duals: Floats, limits: tuple[Floats, Floats]) -> Floats:
    """Duals that push against a limit which is infinite."""
    low = np.where(np.isfinite(limits[0]), 0.0, np.maximum(duals, 0.0))
    high = np.where(np.isfinite(limits[1]), 0.0, np.maximum(-duals, 0.0))
    return low + high


def _support(duals: Floats, limits: tuple[Floats, Floats]) -> float:
    """The dual objective's share: positive duals at the lower limit, negative at the upper."""
    low = np.where(np.isfinite(limits[0]), limits[0], 0.0)
    high = np.where(np.isfinite(limits[1]), limits[1], 0.0)
    return float(np.maximum(duals, 0.0) @ low + np.minimum(duals, 0.0) @ high)
