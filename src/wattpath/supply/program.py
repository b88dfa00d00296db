"""A sparse linear programme, built block by block and solved by HiGHS.

    minimise    c x
    subject to  l_r <= A x <= u_r,   l_c <= x <= u_c,   some x whole

Each layer of a plan (compute, facility, supply) adds its own columns, rows and entries;
the matrix is put together once. The HiGHS instance lives on between solves, so that a
solve after a change of bounds starts from the last basis. HiPO runs without crossover: its
answer lies inside the optimal face, not at a corner of it.

Where it breaks down: entries cannot be changed or taken away once added; adding after a
solve drops the basis. Numbers should lie within about 1e-4 to 1e5, so callers scale power
to MW or GW and money to k$ or M$.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_matrix

from wattpath.errors import SolverError
from wattpath.supply.residuals import Residuals, residuals

if TYPE_CHECKING:
    from collections.abc import Sequence

Index = NDArray[np.int64]
Floats = NDArray[np.float64]

METHODS = ("auto", "simplex", "ipx", "hipo")

#: Above this number of entries a cold start goes to an interior-point method.
LARGE = 60_000

#: Programmes with more steps than this get copies of their dense columns, one per stretch.
LONG, STRETCH = 2000, 6

#: Reductions that HiPO goes without: doubleton equations and the aggregator would merge the
#: copies into dense columns again (bits of HiGHS's presolve_rule_off).
KEEP_TIES = 2**9 + 2**12

#: Largest relative residual of a solution that is taken as optimal.
TOLERANCE = 1e-6

_STATUS = highspy.HighsModelStatus


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solve found.

    Attributes
    ----------
    status : str
        ``optimal``, ``infeasible`` or ``unbounded``; anything else raises `SolverError`.
    objective : float
        c x plus the constant [cost unit of the caller]; NaN unless optimal.
    x : ndarray
        Value of every column.
    row_dual : ndarray
        Change of the objective per unit by which a row's binding side is raised; zero for
        a programme with whole columns, which has no prices.
    reduced_cost : ndarray
        The same for the binding bound of a column.
    primal_residual, dual_residual, gap : float
        Largest relative violation of rows and bounds, of the signs of the duals, and the
        relative distance of primal and dual objective (for whole columns: to the bound).
    seconds : float
        Wall time of the solve [s].
    iterations : int
        Simplex plus interior-point iterations.
    method : str
        The solver that gave the answer.
    """

    status: str
    objective: float
    x: Floats
    row_dual: Floats
    reduced_cost: Floats
    primal_residual: float
    dual_residual: float
    gap: float
    seconds: float
    iterations: int
    method: str

    @property
    def optimal(self) -> bool:
        """Whether there is a proven optimum."""
        return self.status == "optimal"


class Program:
    """A linear or mixed-integer programme that grows by blocks.

    Examples
    --------
    >>> program = Program()
    >>> x = program.variables("build", 2, cost=[3.0, 5.0], upper=4.0)
    >>> row = program.rows("need", 1, lower=6.0)
    >>> program.add(row, x, [1.0, 1.0])
    >>> program.solve().objective
    22.0
    """

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

    def solve(
        self,
        *,
        method: str = "auto",
        time_limit_s: float = 600.0,
        gap: float = 1e-6,
    ) -> Solution:
        """Find the optimum.

        Parameters
        ----------
        method : str
            ``simplex``, ``ipx``, ``hipo``, or ``auto``: simplex when small or warm, else
            an interior-point method; a method that ends without proof gives way to the next.
        time_limit_s : float
            Wall time allowed [s].
        gap : float
            Relative gap at which a programme with whole columns is done.

        Raises
        ------
        SolverError
            If no method proves an optimum, infeasibility or unboundedness.
        """
        if method not in METHODS:
            raise SolverError(f"The method must be one of {METHODS}. Got {method!r}.")
        started = time.perf_counter()
        ends = []
        for name in self._order(method):
            left = time_limit_s - (time.perf_counter() - started)
            if left <= 0.0:
                break
            solution, end = self._attempt(name, left, gap, started)
            if solution is not None:
                return solution
            ends.append(f"{name}: {end}")
        raise SolverError(f"No proven optimum within {time_limit_s:g} s ({'; '.join(ends)}).")

    # ------------------------------------------------------------------ inside

    def _order(self, method: str) -> Sequence[str]:
        """The methods to try, best first."""
        if self._whole.any():
            return ("mip",)
        chain: tuple[str, ...]
        if method == "auto":
            large = self.entries > LARGE and not self._warm
            chain = ("ipx", "simplex") if large else ("simplex", "ipx")
        else:
            chain = (method, *(other for other in ("ipx", "simplex") if other != method))
        if find_spec("highspy_extras") is None:
            chain = tuple(name for name in chain if name != "hipo")
        return chain

    def _attempt(
        self, name: str, left: float, gap: float, started: float
    ) -> tuple[Solution | None, str]:
        """One run of one solver: a solution, or why there is none."""
        highs = self._instance()
        if name != "simplex":
            highs.clearSolver()
        highs.setOptionValue("solver", "choose" if name == "mip" else name)
        highs.setOptionValue("run_crossover", "off" if name == "hipo" else "on")
        highs.setOptionValue("presolve_rule_off", KEEP_TIES if name == "hipo" else 0)
        highs.setOptionValue("time_limit", highs.getRunTime() + left)
        highs.setOptionValue("mip_rel_gap", gap)
        highs.run()
        status = highs.getModelStatus()
        if status == _STATUS.kModelEmpty:
            return self._empty(time.perf_counter() - started), ""
        if status == _STATUS.kUnboundedOrInfeasible:
            highs.setOptionValue("presolve", "off")
            if name == "hipo":  # which corrupts memory on a row without sides, if not reduced
                highs.setOptionValue("solver", "ipx")
            highs.run()
            status = highs.getModelStatus()
            highs.setOptionValue("presolve", "choose")
        seconds = time.perf_counter() - started
        if status in (_STATUS.kInfeasible, _STATUS.kUnbounded):
            self._warm = False
            word = "infeasible" if status == _STATUS.kInfeasible else "unbounded"
            return self._none(word, seconds, name), ""
        if status != _STATUS.kOptimal:
            return None, str(highs.modelStatusToString(status)).lower()
        solution, check = self._read(name, seconds)
        if max(check) > max(TOLERANCE, gap if name == "mip" else 0.0) * 1.01:
            return None, f"residuals {check.primal:.1e}, {check.dual:.1e}, {check.gap:.1e}"
        self._warm = name == "simplex"
        return solution, ""

    def _read(self, name: str, seconds: float) -> tuple[Solution, Residuals]:
        """The solution of the last run and its residuals."""
        found, info = self._highs.getSolution(), self._highs.getInfo()
        x = np.array(found.col_value)
        if name == "mip":
            row_dual, reduced = np.zeros(self._row_lower.size), np.zeros(x.size)
        else:
            row_dual, reduced = np.array(found.row_dual), np.array(found.col_dual)
        check = residuals(
            self._assembled(), self._sizes(), self._cost, (self._lower, self._upper),
            (self._row_lower, self._row_upper), x, row_dual,
        )  # fmt: skip
        if name == "mip":
            check = Residuals(check.primal, 0.0, float(info.mip_gap))
        iterations = info.simplex_iteration_count + info.ipm_iteration_count
        value = float(self._cost @ x) + self.constant
        return Solution(
            "optimal", value, x, row_dual, reduced, check.primal, check.dual, check.gap,
            seconds, max(int(iterations), 0), name,
        ), check  # fmt: skip

    def _empty(self, seconds: float) -> Solution:
        """A programme without columns is optimal at 0 or infeasible."""
        if (self._row_lower > 0.0).any() or (self._row_upper < 0.0).any():
            return self._none("infeasible", seconds, "simplex")
        none, rows = np.empty(0), np.zeros(self._row_lower.size)
        return Solution(
            "optimal", self.constant, none, rows, none, 0.0, 0.0, 0.0, seconds, 0, "simplex"
        )

    def _none(self, status: str, seconds: float, name: str) -> Solution:
        nan_x, nan_row = np.full(self._cost.size, np.nan), np.full(self._row_lower.size, np.nan)
        nan = float("nan")
        return Solution(status, nan, nan_x, nan_row, nan_x.copy(), nan, nan, nan, seconds, 0, name)

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

    def _instance(self) -> Any:
        """The HiGHS instance that holds the model (built when first asked for)."""
        if self._highs is None:
            highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
            for option, value in _OPTIONS.items():
                highs.setOptionValue(option, value)
            matrix = self._assembled()
            status = highs.passModel(
                self._cost.size, self._row_lower.size, matrix.nnz,
                int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0,
                self._cost, self._lower, self._upper, self._row_lower, self._row_upper,
                matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
                self._whole.astype(np.int32),
            )  # fmt: skip
            if status == highspy.HighsStatus.kError:
                raise SolverError("HiGHS refused the model: a bound or an entry is not a number.")
            self._highs = highs
        return self._highs

    def _stale(self) -> None:
        """Forget matrix and solver state after a change of structure."""
        self._matrix, self._magnitude = None, None
        self._highs, self._warm = None, False


_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "ipm_optimality_tolerance": 1e-8,
    "hipo_ordering": "amd",
    "random_seed": 0,
}


def _register(names: dict[str, Index], name: str, first: int, count: int) -> Index:
    if name in names:
        raise ValueError(f"The programme already has {name!r}.")
    names[name] = np.arange(first, first + count, dtype=np.int64)
    return names[name]


def _spread(value: ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (count,))
