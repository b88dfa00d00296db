"""A sparse linear programme before it is solved: columns, rows and entries by block.

    minimise    c x
    subject to  l_r <= A x <= u_r,   l_c <= x <= u_c,   some x whole

Each layer of a plan (compute, facility, supply) adds its own columns, rows and entries; the
matrix is put together once. `wattpath.supply.program` solves it.

Where it breaks down: entries cannot be changed or taken away once added.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_matrix

Index = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Programmes with more steps than this get copies of their dense columns, one per stretch.
LONG, STRETCH = 2000, 6


class Model:
    """Columns, rows and entries that grow by blocks; `Program` adds the solver."""

    def __init__(self) -> None:
        self.constant = 0.0
        self.columns: dict[str, Index] = {}
        self.row_names: dict[str, Index] = {}
        empty = np.empty(0)
        self._cost, self._lower, self._upper = empty, empty, empty
        self._whole = np.empty(0, dtype=np.bool_)
        self._row_lower, self._row_upper = empty, empty
        self._parts: list[tuple[Index, Index, Floats]] = []
        self._matrix: csc_matrix | None = None
        self._magnitude: csc_matrix | None = None
        self._highs: Any = None
        self._warm = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self._row_lower.size, self._cost.size

    @property
    def entries(self) -> int:
        """Entries added so far (an entry given twice counts twice and is summed)."""
        return sum(part[2].size for part in self._parts)

    def variables(
        self,
        name: str,
        count: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        integer: bool = False,
    ) -> Index:
        """Add columns and return their indices.

        Parameters
        ----------
        name : str
            A name not used before; `columns` keeps the indices under it.
        count : int
            How many.
        cost, lower, upper : float or array of shape (count,)
            Objective coefficient and bounds.
        integer : bool
            Whether the columns must be whole.

        Returns
        -------
        ndarray of int
        """
        index = _register(self.columns, name, self._cost.size, count)
        self._cost = np.concatenate([self._cost, _spread(cost, count)])
        self._lower = np.concatenate([self._lower, _spread(lower, count)])
        self._upper = np.concatenate([self._upper, _spread(upper, count)])
        self._whole = np.concatenate([self._whole, np.full(count, integer)])
        self._stale()
        return index

    def rows(
        self, name: str, count: int, *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf
    ) -> Index:
        """Add rows ``lower <= A x <= upper`` and return their indices."""
        index = _register(self.row_names, name, self._row_lower.size, count)
        self._row_lower = np.concatenate([self._row_lower, _spread(lower, count)])
        self._row_upper = np.concatenate([self._row_upper, _spread(upper, count)])
        self._stale()
        return index

    def copies(self, name: str, column: int, steps: int) -> Index:
        """A column per step that stands for one column.

        A column that appears in all of thousands of steps is dense, which interior-point
        methods handle badly; so each stretch of `STRETCH` steps gets a copy, tied to the one
        before. A programme of at most `LONG` steps uses the column itself.

        Returns
        -------
        ndarray of int, shape (steps,)
        """
        if steps <= LONG:
            return np.full(steps, column)
        count = -(-steps // STRETCH)
        copies = self.variables(f"{name}-copy", count - 1)
        chain = np.concatenate([[column], copies])
        rows = self.rows(f"{name}-tie", count - 1, lower=0.0, upper=0.0)
        self.add(rows, chain[1:], 1.0)
        self.add(rows, chain[:-1], -1.0)
        return np.asarray(chain[np.arange(steps) // STRETCH])

    def add(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Add entries A[rows, columns] += values, the three broadcast to one shape."""
        r, c, v = np.broadcast_arrays(
            np.asarray(rows, dtype=np.int64),
            np.asarray(columns, dtype=np.int64),
            np.asarray(values, dtype=np.float64),
        )
        keep = np.ravel(v) != 0.0
        self._parts.append((np.ravel(r)[keep], np.ravel(c)[keep], np.ravel(v)[keep]))
        self._stale()

    def set_bounds(self, columns: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Change column bounds; the next solve starts from the last basis."""
        index = np.atleast_1d(np.asarray(columns, dtype=np.int64))
        self._lower[index], self._upper[index] = lower, upper
        if self._highs is not None:
            lows, highs = self._lower[index], self._upper[index]
            self._highs.changeColsBounds(index.size, index.astype(np.int32), lows, highs)

    def set_rows(self, rows: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Change the sides of rows; the next solve starts from the last basis."""
        index = np.atleast_1d(np.asarray(rows, dtype=np.int64))
        self._row_lower[index], self._row_upper[index] = lower, upper
        if self._highs is not None:
            lows, highs = self._row_lower[index], self._row_upper[index]
            self._highs.changeRowsBounds(index.size, index.astype(np.int32), lows, highs)

    def set_cost(self, columns: ArrayLike, cost: ArrayLike) -> None:
        """Change objective coefficients; the next solve starts from the last basis."""
        index = np.atleast_1d(np.asarray(columns, dtype=np.int64))
        self._cost[index] = cost
        if self._highs is not None:
            self._highs.changeColsCost(index.size, index.astype(np.int32), self._cost[index])

    def bounds(self, columns: ArrayLike) -> tuple[Floats, Floats]:
        """The present lower and upper bounds of columns."""
        index = np.asarray(columns, dtype=np.int64)
        return self._lower[index], self._upper[index]

    def cost(self, columns: ArrayLike) -> Floats:
        """The present objective coefficients of columns."""
        return self._cost[np.asarray(columns, dtype=np.int64)]

    def activity(self, x: Floats) -> Floats:
        """A x, the value of every row."""
        return np.asarray(self._assembled() @ x, dtype=np.float64)

    def digest(self) -> str:
        """SHA-256 over costs, bounds, sides of rows and entries as they are."""
        matrix = self._assembled()
        total = hashlib.sha256(str(self.shape).encode())
        columns = self._cost, self._lower, self._upper, self._whole
        for part in (*columns, self._row_lower, self._row_upper):
            total.update(np.ascontiguousarray(part).tobytes())
        for part in (matrix.data, matrix.indices, matrix.indptr):
            total.update(part.tobytes())
        return total.hexdigest()

    def _assembled(self) -> csc_matrix:
        """A in compressed columns; repeated entries are summed."""
        if self._matrix is None:
            rows = np.concatenate([np.empty(0, np.int64), *(part[0] for part in self._parts)])
            cols = np.concatenate([np.empty(0, np.int64), *(part[1] for part in self._parts)])
            data = np.concatenate([np.empty(0), *(part[2] for part in self._parts)])
            self._parts = [(rows, cols, data)]
            self._matrix = csc_matrix((data, (rows, cols)), shape=self.shape)
            self._matrix.sum_duplicates()
        return self._matrix

    def _sizes(self) -> csc_matrix:
        """|A|, the scale of the residuals."""
        if self._magnitude is None:
            self._magnitude = abs(self._assembled())
        return self._magnitude

    def _stale(self) -> None:
        """Forget matrix and solver state after a change of structure."""
        self._matrix, self._magnitude = None, None
        self._highs, self._warm = None, False


def _register(names: dict[str, Index], name: str, first: int, count: int) -> Index:
    if name in names:
        raise ValueError(f"The programme already has {name!r}.")
    names[name] = np.arange(first, first + count, dtype=np.int64)
    return names[name]


def _spread(value: ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (count,))
