"""A load and a supply as one programme, and the days that stand for its year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.errors import InputError
from wattpath.supply.block import SupplyBlock, add_supply
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import DAY, HOURS, Periods, full_year, representative
from wattpath.supply.program import LARGE, Program, Solution
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.supply.terms import lead_months

Floats = NDArray[np.float64]

#: Sun beside one mean load of wind, in mean loads, in the mixes whose residual load the
#: representative days reproduce. On four US sites 8 to 14 days then cost within 0.3 to 0.5 %
#: of the whole year on average, against 0.8 to 1.6 % without.
MIXES = (1.0, 0.3)

#: Slack of a date, so that a lead time of just as many months is in time.
IN_TIME = 1.0 + 1e-12


def choose_days(load_w: ArrayLike, site: SiteHours, days: int, *, peak: bool = False) -> Periods:
    """Representative days for a load at a site, the hardest ones kept.

    The features, whose annual means are kept exactly, are load, sun, wind, grid price, and
    what a mix of sun and wind would leave to others (`MIXES`): without these last, few days
    have the right means but too little of the hours in which both fail, and the cost comes
    out low by several per cent. The stress is the load less sun and wind at a capacity of the
    mean load each. With `peak` the day of the highest load is one more day, where none of the
    others reaches it: a connection must carry that hour.
    """
    load = hourly_load(load_w)
    relative = load / (float(load.mean()) or 1.0)
    found = (site.solar_cf, site.wind_cf, site.offshore_cf)
    sun, wind, sea = (np.zeros(HOURS) if cf is None else cf for cf in found)
    columns = [relative, site.grid_price_usd_j, *(cf for cf in found if cf is not None)]
    for share in MIXES:
        columns.append(np.maximum(relative - share * sun - wind - sea, 0.0))
    table, stress = np.column_stack(columns), relative - sun - wind - sea
    chosen = representative(table, days, stress=stress)
    if not peak or chosen.take(load).max() >= load.max():
        return chosen
    return representative(table, days + 1, stress=stress, also=(int(load.argmax()) // DAY,))


def hourly_load(load_w: ArrayLike) -> Floats:
    """A load of 8,760 hours >= 0 [W], from one number or as given."""
    load = np.asarray(load_w, dtype=np.float64)
    load = np.full(HOURS, float(load)) if load.ndim == 0 else load
    if load.shape != (HOURS,):
        raise InputError("load_w", "have 8,760 hours (drop 29 February)", load.shape)
    if not (np.isfinite(load).all() and load.min() >= 0.0):
        raise InputError("load_w", "be finite and >= 0 W in every hour", float(np.min(load)))
    return load


def build(
    load: Floats,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions,
    periods: Periods,
) -> tuple[Program, SupplyBlock]:
    """A programme that holds one supply under a load [W]."""
    program = Program()
    scale = Scale.around(float(load.max()))
    block = add_supply(program, technologies, site, periods, options, scale=scale)
    block.set_load(program, periods.take(load))
    return program, block


def earliest_months(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions,
    *,
    days: int | None = None,
    periods: Periods | None = None,
    after: float = -1.0,
) -> float:
    """The first date on which a supply can meet all of a load [months]; NaN if there is none.

    Parameters
    ----------
    load_w, technologies, site, options
        As in `wattpath.supply.dispatch`; the options' own date does not count.
    days, periods : int and Periods, optional
        Representative days, or given steps of time; the whole year if neither is given.
    after : float
        Dates up to this one are not looked at [months].
    """
    load = hourly_load(load_w)
    if periods is None:
        periods = full_year() if days is None else choose_days(load, site, days, peak=True)
    leads = {0.0, *(lead_months(t, site, options) for t in technologies)}
    for months in sorted(lead for lead in leads if lead > after):
        dated = replace(options, months=months * IN_TIME)
        program, _ = build(load, technologies, site, dated, periods)
        program.set_cost(np.arange(program.shape[1]), 0.0)
        if solve_long(program).optimal:
            return months
    return float("nan")


def solve_long(program: Program, method: str = "auto") -> Solution:
    """A whole year with open capacities goes to HiPO; nothing starts from an earlier basis."""
    if method == "auto" and program.entries > LARGE:
        method = "hipo"
    return program.solve(method=method, fresh=True)
