"""A load and a supply as one programme, and the days that stand for its year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.errors import InputError
from wattpath.supply.block import SupplyBlock, add_supply
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import HOURS, Periods, representative
from wattpath.supply.program import LARGE, Program, Solution
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology

Floats = NDArray[np.float64]

#: Sun beside one mean load of wind, in mean loads, in the mixes whose residual load the
#: representative days reproduce. On four US sites 8 to 14 days then cost within 0.3 to 0.5 %
#: of the whole year on average, against 0.8 to 1.6 % without.
MIXES = (1.0, 0.3)


def choose_days(load_w: ArrayLike, site: SiteHours, days: int) -> Periods:
    """Representative days for a load at a site, the hardest ones kept.

    The features, whose annual means are kept exactly, are load, sun, wind, grid price, and
    what a mix of sun and wind would leave to others (`MIXES`): without these last, few days
    have the right means but too little of the hours in which both fail, and the cost comes
    out low by several per cent. The stress is the load less sun and wind at a capacity of the
    mean load each.
    """
    load = hourly_load(load_w)
    relative = load / (float(load.mean()) or 1.0)
    found = (site.solar_cf, site.wind_cf, site.offshore_cf)
    sun, wind, sea = (np.zeros(HOURS) if cf is None else cf for cf in found)
    columns = [relative, site.grid_price_usd_j, *(cf for cf in found if cf is not None)]
    for share in MIXES:
        columns.append(np.maximum(relative - share * sun - wind - sea, 0.0))
    return representative(np.column_stack(columns), days, stress=relative - sun - wind - sea)


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


def solve_long(program: Program, method: str = "auto") -> Solution:
    """A whole year with open capacities goes to HiPO."""
    if method == "auto" and program.entries > LARGE:
        method = "hipo"
    return program.solve(method=method)
