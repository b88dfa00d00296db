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
from wattpath.supply.problem import build, earliest_months, solve_long
from wattpath.supply.program import Program, Solution
from wattpath.supply.result import Relaxation, SupplyResult
from wattpath.supply.technology import Technology

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
        _relax_match(load, technologies, block),
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
    excess = _excess(load, technologies, block, "carbon_row", -1.0)
    if excess is None:
        return None
    needed = given + excess * block.scale.carbon_kg
    text = f"A carbon cap of {needed / 1e6:,.1f} kt instead of {given / 1e6:,.1f} kt would do."
    return Relaxation("carbon.cap", given, needed, "kg/year", text)


def _relax_share(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The largest hourly carbon-free share with which the load is met."""
    given = block.options.carbon_free_share
    return _relax_clean(load, technologies, block, given, "free_row", "carbon_free_share")


def _relax_match(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The largest share of the year's energy that can be matched."""
    given = block.options.matched_share
    return _relax_clean(load, technologies, block, given, "match_row", "matched_share")


def _relax_clean(
    load: Floats,
    technologies: Sequence[Technology],
    block: SupplyBlock,
    given: float,
    row: str,
    key: str,
) -> Relaxation | None:
    """A share of clean energy, hourly or over the year, that can be kept."""
    if given <= 0.0:
        return None
    excess = _excess(load, technologies, block, row, -1.0 if row == "free_row" else 1.0)
    if excess is None:
        return None
    mean = block.periods.total(block.periods.take(load)) / HOURS / block.scale.power_w
    needed = max(given - excess / mean, 0.0)
    words = key.replace("_", " ").replace("carbon free", "carbon-free")
    text = f"A {words} of {needed:.1%} instead of {given:.1%} would do."
    return Relaxation(f"carbon.{key}", given, needed, "fraction", text)


def _excess(
    load: Floats,
    technologies: Sequence[Technology],
    block: SupplyBlock,
    row: str,
    sign: float,
) -> float | None:
    """The least by which one row has to give way [unit of the row]; None if that is not enough."""
    program, fresh = build(load, technologies, block.site, block.options, block.periods)
    excess = int(program.variables("excess", 1)[0])
    program.add(getattr(fresh, row), excess, sign)
    _only(program, excess)
    found = solve_long(program)
    return float(found.x[excess]) if found.optimal else None


def _relax_date(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The earliest date with which the load is met."""
    given = block.options.months
    months = earliest_months(
        load, technologies, block.site, block.options, periods=block.periods, after=given
    )
    if not np.isfinite(months):
        return None
    text = f"A date in {months:.0f} months instead of {given:.0f} would do."
    return Relaxation("date", given, months, "months", text)


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
