"""The best supply of whole units: how many stand, and which are on in each hour.

A year of whole numbers is too much for one programme, so it is found in steps:

1. on representative days, with everything whole: how many units stand;
2. on the year, with plants of any size at any output: nothing costs less (the bound);
3. on the year, with the units of step 1 and fractions of them on;
4. with the units that are on rounded up, which leaves a linear programme with prices.

The cost of step 4 over that of step 2 is the stated gap. On representative days alone the
gap is the solver's own.

Where it breaks down: the bound holds for the loss that step 1 chose to cover; where rounding
up breaks a carbon cap, the answer is that of step 3 and some units are half on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.progress import Progress, silent
from wattpath.supply.block import SupplyBlock
from wattpath.supply.commitment import LOST, cover_year
from wattpath.supply.options import SupplyOptions
from wattpath.supply.periods import full_year
from wattpath.supply.problem import build, choose_days, hourly_load, solve_long
from wattpath.supply.program import Program, Solution
from wattpath.supply.relax import refused
from wattpath.supply.result import SupplyResult, read_supply
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.supply.terms import firm_share

Floats = NDArray[np.float64]
#: Representative days on which the number of units is found.
DAYS = 6

#: Relative gap at which whole numbers are good enough.
GAP = 2e-3

#: Time for the whole numbers of representative days [s].
TIME_LIMIT_S = 180.0

#: A fraction of a unit that is not rounded up.
SLACK = 1e-4


def dispatch_units(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions | None = None,
    *,
    days: int | None = None,
    progress: Progress = silent,
) -> SupplyResult:
    """The cheapest supply of a load whose plants come in whole units that are on or off.

    Parameters
    ----------
    load_w, technologies, site, options
        As in `wattpath.supply.dispatch`; `whole_units` becomes every plant if it is empty.
    days : int, optional
        Number of representative days; the whole year if not given.
    progress : callable
        Told the stage and the share of it.

    Returns
    -------
    SupplyResult
        With its units and `bound_usd`; infeasible with its relaxations if there is none.
    """
    load = hourly_load(load_w)
    options = options or SupplyOptions()
    plants = tuple(t.key for t in technologies if t.role in LOST and t.role != "grid")
    options = replace(options, commitment="whole", whole_units=options.whole_units or plants)
    periods = choose_days(load, site, days or DAYS)
    progress("Choosing units on representative days", 0.0)
    program, block = build(load, technologies, site, options, periods)
    if block.loss is not None:
        columns = np.array([block.capacity[t.key] for t in block.technologies])
        shares = np.array([firm_share(t, site) for t in block.technologies])
        cover_year(program, block.loss, columns, shares, load / block.scale.power_w)
    found = program.solve(gap=GAP, time_limit_s=TIME_LIMIT_S)
    if not found.optimal:
        loose = replace(options, commitment="none")
        _, simple = build(load, technologies, site, loose, periods)
        return refused(load, technologies, simple, found)
    if days is not None:
        bound = found.objective * (1.0 - found.gap) * block.scale.money_usd
        program.settle(found.x)
        result = read_supply(block, program.solve(), periods.take(load))
        return replace(result, bound_usd=bound)
    return _year(load, technologies, site, options, (program, block, found), progress)


def _year(
    load: Floats,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions,
    chosen: tuple[Program, SupplyBlock, Solution],
    progress: Progress,
) -> SupplyResult:
    """Steps 2 to 4."""
    small, few, found = chosen
    periods = full_year()
    progress("Bounding the cost of the year", 0.25)
    simple = replace(options, commitment="none")
    program, block = build(load, technologies, site, simple, periods)
    _open(program, block, few, found)
    least = solve_long(program)
    if not least.optimal:
        return refused(load, technologies, block, least)
    keys = [t.key for t in block.technologies if t.key in options.whole_units]
    counts = _counts(small, few, found, keys).round()
    enough = np.maximum(counts, np.ceil(_counts(program, block, least, keys) - SLACK))
    bound = least.objective * block.scale.money_usd
    progress("Operating the year with these units", 0.5)
    for trial in (counts, enough, enough + 1.0):
        standing = dict(zip(keys, trial.tolist(), strict=True))
        kept = [t for t in technologies if standing.get(t.key, 1.0) > 0.0]
        program, block = build(load, kept, site, replace(simple, commitment="relaxed"), periods)
        _open(program, block, few, found)
        run = _with(program, block, standing)
        if run.optimal:
            break
    else:
        return refused(load, technologies, block, run)
    progress("Switching whole units", 0.75)
    result = read_supply(block, _switched(program, block, run), periods.take(load))
    return replace(result, bound_usd=bound)


def _with(program: Program, block: SupplyBlock, standing: dict[str, float]) -> Solution:
    """The year with so many units of each plant, fractions of which are on."""
    for key, count in standing.items():
        if count > 0.0:
            program.set_bounds(_column(program, block, key), count, count)
    return solve_long(program)


def _switched(program: Program, block: SupplyBlock, run: Solution) -> Solution:
    """The year with the units that are on rounded up, or as it was where that breaks a limit."""
    for units in block.units.values():
        on = np.ceil(run.x[units.on] - SLACK)
        program.set_bounds(units.on, on, on)
    last = solve_long(program)
    return last if last.optimal else run


def _open(program: Program, block: SupplyBlock, few: SupplyBlock, found: Solution) -> None:
    """Allow fractions, but keep the kind of loss that the days chose."""
    program.relax()
    if block.loss is not None and few.loss is not None:
        for key, column in block.loss.whole.items():
            kind = round(float(found.x[few.loss.whole[key]]))
            program.set_bounds(column, kind, kind)


def _counts(program: Program, block: SupplyBlock, found: Solution, keys: Sequence[str]) -> Floats:
    """How many units a solution has of each plant."""
    return np.array([float(found.x[_column(program, block, key)]) for key in keys])


def _column(program: Program, block: SupplyBlock, key: str) -> int:
    """The column that counts the units of a plant."""
    return int(program.columns[f"{block.prefix}.{key}.units"][0])
