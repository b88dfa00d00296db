"""The programme builder against SciPy, its statuses, and its warm start."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from wattpath.errors import SolverError
from wattpath.supply.program import METHODS, Program


def random_program(
    seed: int, rows: int = 30, columns: int = 20
) -> tuple[Program, dict[str, object]]:
    rng = np.random.default_rng(seed)
    matrix = rng.uniform(0.1, 1.0, (rows, columns)) * (rng.random((rows, columns)) < 0.4)
    matrix[np.arange(rows), np.arange(rows) % columns] = 1.0
    cost, need = rng.uniform(1.0, 5.0, columns), rng.uniform(1.0, 4.0, rows)
    program = Program()
    x = program.variables("x", columns, cost=cost, upper=50.0)
    need_rows = program.rows("need", rows, lower=need)
    program.add(need_rows[:, None], x[None, :], matrix)
    return program, {"c": cost, "A_ub": -matrix, "b_ub": -need, "bounds": (0.0, 50.0)}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_objective_and_duals_equal_scipy(method: str, seed: int) -> None:
    program, same = random_program(seed)
    ours, theirs = program.solve(method=method), linprog(**same)
    assert ours.optimal
    assert ours.objective == pytest.approx(theirs.fun, rel=1e-6)
    assert -theirs.ineqlin.marginals == pytest.approx(ours.row_dual, abs=1e-5)
    assert max(ours.primal_residual, ours.dual_residual, ours.gap) < 1e-6


def test_a_warm_solve_equals_a_cold_one() -> None:
    program, _ = random_program(4)
    program.solve()
    cold, _ = random_program(4)
    for trial in (program, cold):
        trial.set_bounds(trial.columns["x"][:5], 0.0, 0.5)
        trial.set_rows(trial.row_names["need"][:3], 2.5, np.inf)
        trial.set_cost(trial.columns["x"][7], 9.0)
    assert program.solve().objective == pytest.approx(cold.solve().objective, rel=1e-9)


def test_warm_solves_need_few_iterations() -> None:
    program, _ = random_program(5, rows=300, columns=200)
    first = program.solve()
    program.set_bounds(program.columns["x"][0], 0.0, first.x[0] * 0.5)
    assert program.solve().iterations < max(first.iterations, 10) / 2


def test_growing_after_a_solve_is_seen() -> None:
    program, _ = random_program(6)
    before = program.solve()
    extra = program.variables("extra", 1, cost=0.01)
    program.add(program.row_names["need"], extra, 1.0)
    assert program.solve().objective < before.objective


def test_entries_given_twice_are_summed() -> None:
    program = Program()
    x = program.variables("x", 1, cost=1.0)
    row = program.rows("r", 1, lower=6.0)
    program.add(row, x, 1.0)
    program.add(row, x, 2.0)
    assert program.solve().x[0] == pytest.approx(2.0)


def test_whole_columns_are_whole() -> None:
    program = Program()
    x = program.variables("x", 2, cost=[2.0, 3.0], integer=True)
    program.add(program.rows("need", 1, lower=7.5), x, [1.0, 1.6])
    found = program.solve()
    assert found.x == pytest.approx(np.round(found.x))
    assert found.objective == pytest.approx(15.0)
    assert found.method == "mip"


@pytest.mark.parametrize("method", METHODS)
def test_infeasible_is_a_status(method: str) -> None:
    program = Program()
    x = program.variables("x", 1, upper=1.0)
    program.add(program.rows("need", 1, lower=2.0), x, 1.0)
    found = program.solve(method=method)
    assert found.status == "infeasible"
    assert np.isnan(found.objective)
    program.set_bounds(x, 0.0, 3.0)
    assert program.solve(method=method).optimal


def test_unbounded_is_a_status() -> None:
    program = Program()
    program.variables("x", 1, cost=-1.0)
    assert program.solve().status == "unbounded"


def test_no_time_is_an_error() -> None:
    program, _ = random_program(7)
    with pytest.raises(SolverError, match="No proven optimum"):
        program.solve(time_limit_s=0.0)


def test_a_nan_is_refused() -> None:
    program = Program()
    program.variables("x", 1, lower=np.nan)
    with pytest.raises(SolverError, match="not a number"):
        program.solve()


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(SolverError, match="must be one of"):
        Program().solve(method="magic")


def test_a_name_is_used_once() -> None:
    program = Program()
    program.variables("x", 1)
    with pytest.raises(ValueError, match="already"):
        program.variables("x", 1)


def test_a_free_row_is_no_trouble_for_any_method() -> None:
    for method in METHODS:
        program, same = random_program(8)
        free = program.rows("free", 1)
        program.add(free, program.columns["x"], 1.0)
        found = program.solve(method=method)
        assert found.objective == pytest.approx(linprog(**same).fun, rel=1e-6)
