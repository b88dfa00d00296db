"""The best supply for a given load: what to build and how to run it, hour by hour.

    minimise   yearly capital + operation + fuel + carbon
    subject to the supply block (see `wattpath.supply.block`)

A load that cannot be met is answered with the smallest relaxation of each limit that would
make it possible: the grid limit, the carbon cap, the date, the share of carbon-free power,
or the load itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.errors import InputError
from wattpath.supply.block import SupplyBlock, add_supply
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import HOURS, Periods, full_year, representative
from wattpath.supply.program import LARGE, Program, Solution
from wattpath.supply.result import Relaxation, SupplyResult, read_supply
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.supply.terms import lead_months

Floats = NDArray[np.float64]

#: Sun beside one mean load of wind, in mean loads, in the mixes whose residual load the
#: representative days reproduce. On four US sites 8 to 14 days then cost within 0.3 to 0.5 %
#: of the whole year on average, against 0.8 to 1.6 % without.
MIXES = (1.0, 0.3)


def dispatch(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions | None = None,
    *,
    days: int | None = None,
    periods: Periods | None = None,
    method: str = "auto",
) -> SupplyResult:
    """The cheapest supply of a load.

    Parameters
    ----------
    load_w : float or array of shape (8760,)
        Power that must be met in every hour [W].
    technologies : sequence of Technology
        What may be built.
    site : SiteHours
        Where.
    options : SupplyOptions, optional
        Interest, carbon, date, limits.
    days : int, optional
        Number of representative days; the whole year if not given.
    periods : Periods, optional
        Given steps of time in place of `days`.
    method : str
        Of the solver, see `Program.solve`; with ``auto`` a whole year goes to HiPO.

    Returns
    -------
    SupplyResult
        Infeasible with its relaxations if the load cannot be met.

    Raises
    ------
    InputError
        For a load that is not 8,760 hours >= 0.
    SolverError
        If no optimum can be proven.
    """
    options = options or SupplyOptions()
    load = _load(load_w)
    if periods is None:
        periods = full_year() if days is None else choose_days(load, site, days)
    program, block = _build(load, technologies, site, options, periods)
    solution = _solve(program, method)
    if solution.optimal:
        return read_supply(block, solution, periods.take(load))
    if solution.status == "unbounded":
        raise InputError("technologies", "have costs >= 0", "a technology that earns without end")
    return _refused(load, technologies, block, solution)


def choose_days(load_w: ArrayLike, site: SiteHours, days: int) -> Periods:
    """Representative days for a load at a site, the hardest ones kept.

    The features, whose annual means are kept exactly, are load, sun, wind, grid price, and
    what a mix of sun and wind would leave to others (`MIXES`): without these last, few days
    have the right means but too little of the hours in which both fail, and the cost comes
    out low by several per cent. The stress is the load less sun and wind at a capacity of the
    mean load each.
    """
    load = _load(load_w)
    relative = load / (float(load.mean()) or 1.0)
    found = (site.solar_cf, site.wind_cf, site.offshore_cf)
    sun, wind, sea = (np.zeros(HOURS) if cf is None else cf for cf in found)
    columns = [relative, site.grid_price_usd_j, *(cf for cf in found if cf is not None)]
    for share in MIXES:
        columns.append(np.maximum(relative - share * sun - wind - sea, 0.0))
    return representative(np.column_stack(columns), days, stress=relative - sun - wind - sea)


def _load(load_w: ArrayLike) -> Floats:
    load = np.asarray(load_w, dtype=np.float64)
    load = np.full(HOURS, float(load)) if load.ndim == 0 else load
    if load.shape != (HOURS,):
        raise InputError("load_w", "have 8,760 hours (drop 29 February)", load.shape)
    if not (np.isfinite(load).all() and load.min() >= 0.0):
        raise InputError("load_w", "be finite and >= 0 W in every hour", float(np.min(load)))
    return load


def _build(
    load: Floats,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions,
    periods: Periods,
) -> tuple[Program, SupplyBlock]:
    program = Program()
    scale = Scale.around(float(load.max()))
    block = add_supply(program, technologies, site, periods, options, scale=scale)
    block.set_load(program, periods.take(load))
    return program, block


def _solve(program: Program, method: str = "auto") -> Solution:
    """A whole year with open capacities goes to HiPO."""
    if method == "auto" and program.entries > LARGE:
        method = "hipo"
    return program.solve(method=method)


def _refused(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock, solution: Solution
) -> SupplyResult:
    """An infeasible result with the smallest relaxation of each limit."""
    found = [
        _relax_grid(load, technologies, block),
        _relax_carbon(load, technologies, block),
        _relax_share(load, technologies, block),
        _relax_date(load, technologies, block),
        _relax_load(load, technologies, block),
    ]
    empty = np.zeros(HOURS)
    nan = float("nan")
    return SupplyResult(
        False, solution.status, tuple(r for r in found if r is not None), block.excluded,
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
    program, fresh = _build(load, technologies, block.site, block.options, block.periods)
    column = fresh.capacity[grids[0]]
    program.set_bounds(column, 0.0, np.inf)
    _only(program, column)
    found = _solve(program)
    if not found.optimal:
        return None
    needed, given = float(found.x[column]) * fresh.scale.power_w, block.site.grid_limit_w
    text = f"A grid limit of {needed / 1e6:,.1f} MW instead of {given / 1e6:,.1f} MW would do."
    return Relaxation("grid.limit", given, needed, "W", text)


def _relax_carbon(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The least carbon of a year with which the load is met."""
    given = block.options.carbon_cap_kg
    if not np.isfinite(given):
        return None
    program, fresh = _build(load, technologies, block.site, block.options, block.periods)
    excess = int(program.variables("excess", 1)[0])
    program.add(fresh.carbon_row, excess, -1.0)
    _only(program, excess)
    found = _solve(program)
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
    program, fresh = _build(load, technologies, block.site, block.options, block.periods)
    excess = int(program.variables("excess", 1)[0])
    program.add(fresh.free_row, excess, -1.0)
    _only(program, excess)
    found = _solve(program)
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
        program, _ = _build(load, technologies, block.site, options, block.periods)
        program.set_cost(np.arange(program.shape[1]), 0.0)
        if _solve(program).optimal:
            text = f"A date in {months:.0f} months instead of {given:.0f} would do."
            return Relaxation("date", given, months, "months", text)
    return None


def _relax_load(
    load: Floats, technologies: Sequence[Technology], block: SupplyBlock
) -> Relaxation | None:
    """The largest share of the load, the same in every hour, that can be met."""
    program, fresh = _build(load, technologies, block.site, block.options, block.periods)
    shed = int(program.variables("shed", 1, upper=1.0)[0])
    fresh.load(program, shed, -block.periods.take(load))
    _only(program, shed)
    found = _solve(program)
    if not found.optimal:
        return None
    needed = 1.0 - float(found.x[shed])
    peak = float(load.max())
    text = (
        f"A load of {needed:.1%} of the given one could be met "
        f"(peak {needed * peak / 1e6:,.1f} MW instead of {peak / 1e6:,.1f} MW)."
    )
    return Relaxation("load", 1.0, needed, "fraction", text)
