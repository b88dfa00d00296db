"""The smallest change of each limit, alone, that would make an infeasible supply feasible.

Each is a programme of its own with the limit as the only cost: the least grid, the least
carbon, the largest carbon-free share, the earliest date, the largest share of the load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wattpath.supply.block import SupplyBlock
from wattpath.supply.periods import HOURS
from wattpath.supply.problem import build, solve_long
from wattpath.supply.program import Program, Solution
from wattpath.supply.result import Relaxation, SupplyResult
from wattpath.supply.technology import Technology
from wattpath.supply.terms import lead_months

Floats = NDArray[np.float64]

#: A share of the load below this is none.
NOTHING = 1e-6

#: Heat of gas, in peaks of the load, that is looked at.
MOST_GAS = 50.0


def refused(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock, solution: Solution
) -> SupplyResult:
    """An infeasible result with the smallest relaxation of each limit."""
    found = [
        _relax_grid(load, technologies, block),
        _relax_gas(load, technologies, block),
        _relax_carbon(load, technologies, block),
        _relax_share(load, technologies, block),
        _relax_date(load, technologies, block),
        _relax_load(load, technologies, block),
    ]
    useful = [r for r in found if r is not None]
    if len(useful) > 1:  # nothing met is no way out where there is another
        useful = [r for r in useful if r.what != "load" or r.needed > NOTHING]
    empty = np.zeros(HOURS)
    nan = float("nan")
    return SupplyResult(
        False, solution.status, tuple(useful), block.excluded,
        block.periods, {}, {}, {}, load, empty, {}, {}, {}, {}, nan, nan, nan, nan, nan, empty,
        0.0, 0.0, solution,
    )  # fmt: skip


def _only(program: Program, column: int) -> None:
    """Make one column the whole objective."""
    program.set_cost(np.arange(program.shape[1]), 0.0)
    program.set_cost(column, 1.0)


def _relax_grid(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The least grid limit with which the load is met."""
    grids = [t.key for t in block.technologies if t.role == "grid"]
    if not grids or not np.isfinite(block.site.grid_limit_w):
        return None
    open_site = replace(block.site, grid_limit_w=np.inf)
    program, fresh = build(load, technologies, open_site, block.options, block.periods)
    column = fresh.capacity[grids[0]]
    _only(program, column)
    found = solve_long(program)
    if not found.optimal:
        return None
    needed, given = float(found.x[column]) * fresh.scale.power_w, block.site.grid_limit_w
    text = f"A grid limit of {needed / 1e6:,.1f} MW instead of {given / 1e6:,.1f} MW would do."
    return Relaxation("grid.limit", given, needed, "W", text)


def _relax_gas(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The least heat of gas with which the load is met."""
    given = block.site.gas_limit_w
    if not np.isfinite(given) or not any(t.fuel == "gas" for t in technologies):
        return None
    open_site = replace(block.site, gas_limit_w=MOST_GAS * float(load.max()))
    program, fresh = build(load, technologies, open_site, block.options, block.periods)
    heat = int(program.variables("heat", 1)[0])
    row = program.rows("heat", 1, upper=0.0)
    for technology in fresh.technologies:
        if technology.fuel == "gas":
            program.add(row, fresh.capacity[technology.key], 1.0 / technology.efficiency)
    program.add(row, heat, -1.0)
    _only(program, heat)
    found = solve_long(program)
    if not found.optimal:
        return None
    needed = float(found.x[heat]) * fresh.scale.power_w
    text = f"Gas of {needed / 1e6:,.1f} MW of heat instead of {given / 1e6:,.1f} MW would do."
    return Relaxation("gas.limit", given, needed, "W", text)


def _relax_carbon(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The least carbon of a year with which the load is met."""
    given = block.options.carbon_cap_kg
    if not np.isfinite(given):
        return None
    program, fresh = build(load, technologies, block.site, block.options, block.periods)
    excess = int(program.variables("excess", 1)[0])
    program.add(fresh.carbon_row, excess, -1.0)
    _only(program, excess)
    found = solve_long(program)
    if not found.optimal:
        return None
    needed = given + float(found.x[excess]) * fresh.scale.carbon_kg
    text = f"A carbon cap of {needed / 1e6:,.1f} kt instead of {given / 1e6:,.1f} kt would do."
    return Relaxation("carbon.cap", given, needed, "kg/year", text)


def _relax_share(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The largest hourly carbon-free share with which the load is met."""
    given = block.options.carbon_free_share
    if given <= 0.0:
        return None
    program, fresh = build(load, technologies, block.site, block.options, block.periods)
    excess = int(program.variables("excess", 1)[0])
    program.add(fresh.free_row, excess, -1.0)
    _only(program, excess)
    found = solve_long(program)
    if not found.optimal:
        return None
    year = block.periods.total(block.periods.take(load)) / fresh.scale.power_w
    needed = max(given - float(found.x[excess]) / year, 0.0)
    text = f"A carbon-free share of {needed:.1%} instead of {given:.1%} would do."
    return Relaxation("carbon.free_share", given, needed, "fraction", text)


def _relax_date(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The earliest date with which the load is met."""
    given = block.options.months
    later = sorted({lead_months(t, block.site, block.options) for t in technologies})
    for months in (m for m in later if m > given):
        options = replace(block.options, months=months)
        program, _ = build(load, technologies, block.site, options, block.periods)
        program.set_cost(np.arange(program.shape[1]), 0.0)
        if solve_long(program).optimal:
            text = f"A date in {months:.0f} months instead of {given:.0f} would do."
            return Relaxation("date", given, months, "months", text)
    return None


def _relax_load(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The largest share of the load, the same in every hour, that can be met."""
    program, fresh = build(load, technologies, block.site, block.options, block.periods)
    shed = int(program.variables("shed", 1, upper=1.0)[0])
    fresh.load(program, shed, -block.periods.take(load))
    _only(program, shed)
    found = solve_long(program)
    if not found.optimal:
        return None
    needed = 1.0 - float(found.x[shed])
    if needed <= NOTHING:
        text = "None of the load could be met with these technologies, limits and date."
        return Relaxation("load", 1.0, 0.0, "fraction", text)
    peak = float(load.max())
    text = (
        f"A load of {needed:.1%} of the given one could be met "
        f"(peak {needed * peak / 1e6:,.1f} MW instead of {peak / 1e6:,.1f} MW)."
    )
    return Relaxation("load", 1.0, needed, "fraction", text)
