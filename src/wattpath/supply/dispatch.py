"""The best supply for a given load: what to build and how to run it, hour by hour.

    minimise   yearly capital + operation + fuel + carbon
    subject to the supply block (see `wattpath.supply.block`)

A load that cannot be met is answered with the smallest relaxation of each limit that would
make it possible: the grid limit, the carbon cap, the date, the share of carbon-free power,
or the load itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from wattpath.errors import InputError
from wattpath.supply.options import SupplyOptions
from wattpath.supply.periods import Periods, full_year
from wattpath.supply.problem import build, choose_days, hourly_load, solve_long
from wattpath.supply.relax import refused
from wattpath.supply.result import SupplyResult, read_supply
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology

__all__ = ["choose_days", "dispatch"]


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
    load = hourly_load(load_w)
    if periods is None:
        periods = full_year() if days is None else choose_days(load, site, days)
    program, block = build(load, technologies, site, options, periods)
    solution = solve_long(program, method)
    if solution.optimal:
        return read_supply(block, solution, periods.take(load))
    if solution.status == "unbounded":
        raise InputError("technologies", "have costs >= 0", "a technology that earns without end")
    return refused(load, technologies, block, solution)
