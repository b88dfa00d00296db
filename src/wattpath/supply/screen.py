"""Rule-based operation of thousands of designs over all hours, to find where to look.

In each hour, in this order: sun and wind as they come; storage takes the surplus or gives
what is missing; then the cheaper of grid and dispatchable plant, then the other; what is
left is unserved. One dispatchable plant, one storage.

Where it breaks down: the rule has no foresight. It never charges from the grid, never holds
storage back for a worse hour, and knows no cap, ramp or lowest output, so its best design
costs more than the optimum of `dispatch`; `Screened.gap` says by how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from wattpath.errors import InputError
from wattpath.supply.options import SupplyOptions
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S, Technology
from wattpath.supply.terms import carbon_kg_j, exclusion, marginal_usd_j, potential, yearly_usd_w

Floats = NDArray[np.float64]

HOURS = 8760

#: Columns of a table of designs.
COLUMNS = ("grid_w", "firm_w", "solar_w", "wind_w", "storage_w", "storage_j")


class Year(NamedTuple):
    """Energy of a year [J], except grid_usd: what the imported energy costs [USD]."""

    grid: float
    grid_usd: float
    grid_kg: float
    firm: float
    stored: float
    spilled: float
    unserved: float


class Store(NamedTuple):
    """A storage: square root of its round trip, loss per hour, availability."""

    root: float
    leak: float
    availability: float


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """Designs with what they cost and leave unserved.

    Attributes
    ----------
    designs : ndarray, shape (n, 6)
        Rows of `COLUMNS`.
    cost_usd : ndarray
        USD a year.
    unserved_share : ndarray
        Unserved energy over load.
    carbon_kg : ndarray
        Carbon of the year in the scope of the options [kg].
    """

    designs: Floats
    cost_usd: Floats
    unserved_share: Floats
    carbon_kg: Floats

    def best(self, largest_unserved: float = 0.0, cap_kg: float = np.inf) -> int:
        """Row of the cheapest design that serves enough and keeps the cap; -1 if none."""
        good = (self.unserved_share <= largest_unserved + 1e-12) & (self.carbon_kg <= cap_kg)
        return int(np.argmin(np.where(good, self.cost_usd, np.inf))) if good.any() else -1

    def gap(self, optimum_usd: float) -> float:
        """How much dearer the best design is than the exact optimum [fraction]."""
        row = self.best()
        return float(self.cost_usd[row] / optimum_usd - 1.0) if row >= 0 else float("inf")


def lattice(**choices: ArrayLike) -> Floats:
    """All combinations of the given values per column of `COLUMNS`; absent columns are 0."""
    for name in choices:
        if name not in COLUMNS:
            near = "".join(get_close_matches(name, COLUMNS, n=1))
            hint = f"Did you mean {near!r}?" if near else ""
            raise InputError("lattice", f"name columns of {', '.join(COLUMNS)}", name, hint)
    axes = [np.atleast_1d(np.asarray(choices.get(name, 0.0), dtype=float)) for name in COLUMNS]
    return np.array(list(product(*axes)))


def screen(
    load_w: ArrayLike,
    technologies: dict[str, Technology],
    site: SiteHours,
    designs: ArrayLike,
    options: SupplyOptions | None = None,
) -> Screened:
    """Cost and service of many designs over all 8,760 hours.

    Parameters
    ----------
    load_w : float or array of shape (8760,)
        [W].
    technologies : dict
        ``grid``, ``firm``, ``solar``, ``wind``, ``storage`` -> technology; only those that
        the designs use.
    site : SiteHours
        Where.
    designs : array of shape (n, 6)
        Capacities in the order of `COLUMNS` [W, last J].
    options : SupplyOptions, optional
        Interest, carbon price and scope, date.

    Raises
    ------
    InputError
        For a design of a wrong shape, below zero, above the grid limit, or with a part whose
        technology is missing or cannot be built by the date.
    """
    options = options or SupplyOptions()
    table = np.atleast_2d(np.asarray(designs, dtype=np.float64))
    _check(table, technologies, site, options)
    load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (HOURS,))
    series = _series(technologies, site, options)
    storage = technologies.get("storage")
    store = Store(1.0, 0.0, 1.0)
    if storage is not None:
        store = Store(
            float(np.sqrt(storage.efficiency)), storage.self_discharge_per_h, storage.availability
        )
    years = np.empty((table.shape[0], len(Year._fields)))
    _sweep(np.ascontiguousarray(load), series, store, table, years)
    cost, carbon = _money(years, table, technologies, site, options, series)
    return Screened(table, cost, years[:, 6] / (load.sum() * HOUR_S), carbon)


@njit(cache=True)
def operate(load: Floats, series: Floats, store: Store, design: Floats) -> Year:
    """One design over a year.

    series has rows: grid share, grid price [USD/J], grid carbon [kg/J], firm share, firm
    cost [USD/J], solar share, wind share.
    """
    level = grid = grid_usd = grid_kg = firm = stored = spilled = unserved = 0.0
    power = design[4] * store.availability
    for hour in range(load.size):
        level *= 1.0 - store.leak
        balance = series[5, hour] * design[2] + series[6, hour] * design[3] - load[hour]
        if balance > 0.0:
            taken = min(balance, power, (design[5] - level) / (store.root * 3600.0))
            level += max(taken, 0.0) * store.root * 3600.0
            spilled += (balance - max(taken, 0.0)) * 3600.0
            continue
        given = min(-balance, power, level * store.root / 3600.0)
        level -= given / store.root * 3600.0
        stored += given * 3600.0
        short = -balance - given
        limit_grid, limit_firm = series[0, hour] * design[0], series[3, hour] * design[1]
        if series[1, hour] <= series[4, hour]:
            bought = min(short, limit_grid)
            made = min(short - bought, limit_firm)
        else:
            made = min(short, limit_firm)
            bought = min(short - made, limit_grid)
        grid += bought * 3600.0
        grid_usd += bought * 3600.0 * series[1, hour]
        grid_kg += bought * 3600.0 * series[2, hour]
        firm += made * 3600.0
        unserved += max(short - bought - made, 0.0) * 3600.0
    return Year(grid, grid_usd, grid_kg, firm, stored, spilled, unserved)


@njit(cache=True)
def _sweep(load: Floats, series: Floats, store: Store, designs: Floats, out: Floats) -> None:
    for row in range(designs.shape[0]):
        year = operate(load, series, store, designs[row])
        out[row, 0], out[row, 1], out[row, 2] = year.grid, year.grid_usd, year.grid_kg
        out[row, 3], out[row, 4] = year.firm, year.stored
        out[row, 5], out[row, 6] = year.spilled, year.unserved


def _series(technologies: dict[str, Technology], site: SiteHours, options: SupplyOptions) -> Floats:
    """The hourly rows that `operate` reads."""
    rows = np.zeros((7, HOURS))
    rows[1], rows[4] = np.inf, np.inf
    if (grid := technologies.get("grid")) is not None:
        rows[0] = potential(grid, site)
        rows[2] = carbon_kg_j(grid, site, options)
        rows[1] = marginal_usd_j(grid, site, rows[2], options.carbon_price_usd_kg)
    if (firm := technologies.get("firm")) is not None:
        rows[3] = potential(firm, site)
        carbon = carbon_kg_j(firm, site, options)
        rows[4] = marginal_usd_j(firm, site, carbon, options.carbon_price_usd_kg)
    for index, name in ((5, "solar"), (6, "wind")):
        if name in technologies:
            rows[index] = potential(technologies[name], site)
    return rows


def _money(
    years: Floats,
    table: Floats,
    technologies: dict[str, Technology],
    site: SiteHours,
    options: SupplyOptions,
    series: Floats,
) -> tuple[Floats, Floats]:
    """Cost [USD/year] and carbon [kg/year] of each design, the terms of the programme."""
    cost, carbon = years[:, 1].copy(), years[:, 2].copy()
    price = options.carbon_price_usd_kg
    for column, name in enumerate(("grid", "firm", "solar", "wind", "storage")):
        technology = technologies.get(name)
        if technology is None:
            continue
        cost += sum(yearly_usd_w(technology, site, options.rate)) * table[:, column]
        if name == "grid":
            continue
        if name == "firm":
            made = years[:, 3]
        elif name == "storage":
            made = years[:, 4]
            yearly = technology.capital_usd_j_year(options.rate) + technology.fixed_usd_j_year
            cost += (yearly + site.tax * technology.capex_usd_j) * table[:, 5]
        else:
            made = series[5 if name == "solar" else 6].sum() * HOUR_S * table[:, column]
        kg = technology.carbon_kg_j(options.carbon_scope)
        marginal = technology.marginal_usd_j(site.gas_usd_j) + kg * price
        cost += made * (marginal + technology.water_m3_j * site.water_usd_m3)
        carbon += made * kg
    return cost, carbon


def _check(
    table: Floats, technologies: dict[str, Technology], site: SiteHours, options: SupplyOptions
) -> None:
    if table.shape[1] != len(COLUMNS) or not (np.isfinite(table).all() and table.min() >= 0.0):
        raise InputError("designs", f"have finite columns {', '.join(COLUMNS)} >= 0", table.shape)
    if table[:, 0].max() > site.grid_limit_w:
        raise InputError("designs.grid_w", "keep the grid limit", float(table[:, 0].max()))
    for column, name in enumerate(("grid", "firm", "solar", "wind", "storage")):
        if table[:, column].max() <= 0.0:
            continue
        if name not in technologies:
            raise InputError("technologies", f"name the {name} that the designs use", None)
        reason = exclusion(technologies[name], site, options)
        if reason is not None:
            raise InputError(f"technologies.{name}", "be buildable here by the date", reason.reason)
