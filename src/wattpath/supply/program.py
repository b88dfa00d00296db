"""A sparse linear programme (`wattpath.supply.model`) solved by HiGHS.

    minimise    c x
    subject to  l_r <= A x <= u_r,   l_c <= x <= u_c,   some x whole

The HiGHS instance lives on between solves, so that a solve after a change of bounds starts
from the last basis. HiPO runs without crossover: its answer lies inside the optimal face, not
at a corner of it.

Where it breaks down: adding after a solve drops the basis. Numbers should lie within about
1e-4 to 1e5, so callers scale power to MW or GW and money to k$ or M$.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from numpy.typing import NDArray

from wattpath.errors import SolverError
from wattpath.supply.model import Model
from wattpath.supply.residuals import Residuals, residuals

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = NDArray[np.float64]

METHODS = ("auto", "simplex", "ipx", "hipo")

#: Above this number of entries a cold start goes to an interior-point method.
LARGE = 60_000

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


class Program(Model):
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

    def solve(
        self,
        *,
        method: str = "auto",
        time_limit_s: float = 600.0,
        gap: float = 1e-6,
        fresh: bool = False,
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
        fresh : bool
            Whether to forget the last basis: reductions before the solve are then worth more
            than a start nearby, as where a row sums over the whole year.

        Raises
        ------
        SolverError
            If no method proves an optimum, infeasibility or unboundedness.
        """
        if method not in METHODS:
            raise SolverError(f"The method must be one of {METHODS}. Got {method!r}.")
        started = time.perf_counter()
        if fresh and self._highs is not None:
            self._forget()
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

    def settle(self, x: Floats) -> None:
        """Hold whole columns at their values in x, which leaves a linear programme with duals."""
        index = np.flatnonzero(self._whole)
        self.relax()
        value = np.round(x[index])
        self.set_bounds(index, value, value)

    def relax(self) -> None:
        """Let whole columns be fractions, which leaves a linear programme that bounds this one."""
        index = np.flatnonzero(self._whole)
        self._whole[index] = False
        if self._highs is not None:
            kinds = np.full(index.size, int(highspy.HighsVarType.kContinuous), dtype=np.uint8)
            self._highs.changeColsIntegrality(index.size, index.astype(np.int32), kinds)

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
            self._forget()
            word = "infeasible" if status == _STATUS.kInfeasible else "unbounded"
            return self._none(word, seconds, name), ""
        if status != _STATUS.kOptimal:
            self._forget()
            return None, str(highs.modelStatusToString(status)).lower()
        solution, check = self._read(name, seconds)
        if max(check) > max(TOLERANCE, gap if name == "mip" else 0.0) * 1.01:
            return None, f"residuals {check.primal:.1e}, {check.dual:.1e}, {check.gap:.1e}"
        self._warm = name == "simplex"
        return solution, ""

    def _forget(self) -> None:
        """Drop a basis that proved nothing: a start from it takes far longer than a cold one."""
        self._warm = False
        self._highs.clearSolver()

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


_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "ipm_optimality_tolerance": 1e-8,
    "hipo_ordering": "amd",
    "random_seed": 0,
}
