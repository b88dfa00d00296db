"""The same supply as a PyPSA network, for those who work there and to check the programme.

Every term of `wattpath.supply.block` has its counterpart, in MW and USD: a technology is an
extendable generator; storage is a bus with a store, a link in and a link out whose sum keeps
one power; what nobody needs runs into a generator of sign -1. Rows that PyPSA does not know
(the shared power of storage, limits of energy over power, ramps around the year's end, a
year's inflow) are added by the function that comes with the network.

Where it breaks down: reserve, matching, whole units and life-cycle carbon are refused; what
stands already is a lower bound whose capital is taken off `constant_usd`. PyPSA is not among
the dependencies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.errors import InputError
from wattpath.supply.options import SupplyOptions
from wattpath.supply.periods import HOURS, Periods, full_year
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S, Technology
from wattpath.supply.terms import (
    carbon_kg_j,
    exclusion,
    late,
    limit_w,
    marginal_usd_j,
    potential,
    yearly_usd_w,
)

Floats = NDArray[np.float64]

MW = 1e6

#: USD/J to USD/MWh, kg/J to kg/MWh.
MWH_J = 3.6e9

#: Nothing is spilled at more than this many peaks.
SPILL_PEAKS = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Counterpart:
    """A network and what must be added to it.

    Attributes
    ----------
    network : pypsa.Network
        In MW and USD.
    rows : callable
        The ``extra_functionality`` of ``network.optimize``.
    constant_usd : float
        To be added to the network's objective [USD/year].
    """

    network: Any
    rows: Callable[[Any, Any], None]
    constant_usd: float

    def optimum_usd(self, **options: Any) -> float:
        """Solve with HiGHS and return the cost of the year [USD/year].

        Parameters
        ----------
        options
            Of HiGHS, such as ``solver="ipm"``.

        Raises
        ------
        InputError
            If PyPSA finds no optimum.
        """
        status, condition = self.network.optimize(
            solver_name="highs",
            solver_options={"output_flag": False, "threads": 1, **options},
            extra_functionality=self.rows,
            include_objective_constant=False,
        )
        if status != "ok":
            raise InputError("network", "have an optimum", condition)
        return float(self.network.objective) + self.constant_usd


def counterpart(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions | None = None,
    *,
    periods: Periods | None = None,
) -> Counterpart:
    """The PyPSA network of what `dispatch` solves.

    Parameters
    ----------
    load_w : float or array of shape (8760,)
        [W].
    technologies, site, options, periods
        As in `wattpath.supply.dispatch`.

    Raises
    ------
    InputError
        For options that the network cannot hold.
    ModuleNotFoundError
        Without PyPSA.
    """
    options = options or SupplyOptions()
    _refuse(options)
    return _Writer(site, options, periods or full_year()).write(load_w, technologies)


def _refuse(options: SupplyOptions) -> None:
    for name in ("reserve", "carbon_free_share", "matched_share"):
        if getattr(options, name) > 0.0:
            raise InputError(name, "be 0 in a PyPSA network", getattr(options, name))
    if options.whole_units:
        raise InputError("whole_units", "be empty in a PyPSA network", options.whole_units)
    if options.carbon_scope != "direct":
        raise InputError("carbon_scope", "be direct in a PyPSA network", options.carbon_scope)


class _Writer:
    """Adds one technology after the other to a network."""

    def __init__(self, site: SiteHours, options: SupplyOptions, periods: Periods) -> None:
        self.site, self.options, self.periods = site, options, periods
        self.network: Any = import_module("pypsa").Network()
        self.constant_usd = 0.0
        self.stores: list[Technology] = []
        self.ramps: list[Technology] = []
        self.years: list[Technology] = []
        self.burners: list[Technology] = []

    def write(self, load_w: ArrayLike, technologies: Sequence[Technology]) -> Counterpart:
        """The whole network."""
        network, periods = self.network, self.periods
        load = periods.take(np.broadcast_to(np.asarray(load_w, dtype=np.float64), (HOURS,))) / MW
        network.set_snapshots(range(periods.n))
        network.snapshot_weightings["objective"] = periods.weights
        network.snapshot_weightings["generators"] = periods.weights
        network.snapshot_weightings["stores"] = 1.0
        network.add("Bus", "site")
        network.add("Load", "load", bus="site", p_set=load)
        most = SPILL_PEAKS * float(load.max())
        network.add("Generator", "spill", bus="site", sign=-1.0, p_nom=most)
        if np.isfinite(self.options.carbon_cap_kg):
            network.add(
                "GlobalConstraint", "carbon", type="primary_energy", sense="<=",
                carrier_attribute="co2_emissions", constant=self.options.carbon_cap_kg / 1e3,
            )  # fmt: skip
        for technology in technologies:
            if exclusion(technology, self.site, self.options) is not None:
                continue
            if technology.role == "storage":
                self._storage(technology)
            else:
                self._generator(technology)
        return Counterpart(network, self._rows, self.constant_usd)

    def _capacity(self, technology: Technology) -> dict[str, Any]:
        """Cost and bounds of power, in PyPSA's words."""
        key, options = technology.key, self.options
        capital, fixed = yearly_usd_w(technology, self.site, options.rate)
        stands = options.existing_w.get(key, 0.0)
        limit = limit_w(technology, self.site, options)
        if late(technology, self.site, options):
            limit = stands
        self.constant_usd -= capital * stands
        return {
            "p_nom_extendable": True,
            "capital_cost": (capital + fixed) * MW,
            "p_nom_min": stands / MW,
            "p_nom_max": max(limit, stands) / MW,
        }

    def _generator(self, technology: Technology) -> None:
        """Grid, plant, sun or wind."""
        key, site, options, take = technology.key, self.site, self.options, self.periods.take
        carbon = carbon_kg_j(technology, site, options)
        cost = take(marginal_usd_j(technology, site, carbon, options.carbon_price_usd_kg)) * MWH_J
        able = take(potential(technology, site))
        shape = self._capacity(technology)
        if technology.role in ("solar", "wind"):  # charged on what they could give
            shape["capital_cost"] += float(self.periods.weights @ (able * cost))
            cost = np.zeros_like(cost)
        tonnes = float(np.mean(take(carbon))) * MWH_J / 1e3
        if np.ptp(take(carbon)) > 0.0 and np.isfinite(options.carbon_cap_kg):
            raise InputError(
                "site.grid.carbon", "be the same in every hour for a cap in PyPSA", key
            )
        self.network.add("Carrier", key, co2_emissions=tonnes)
        least = technology.min_load if technology.always_on else 0.0
        self.network.add(
            "Generator", key, bus="site", carrier=key, marginal_cost=cost, p_max_pu=able,
            p_min_pu=least, **shape,
        )  # fmt: skip
        swing = technology.availability - technology.min_load * technology.always_on
        if technology.role not in ("solar", "wind") and technology.ramp_per_h < swing:
            self.ramps.append(technology)
        if technology.fuel == "gas" and np.isfinite(self.site.gas_limit_w):
            self.burners.append(technology)
        if technology.annual_factor < 1.0:
            self.years.append(technology)

    def _storage(self, technology: Technology) -> None:
        """A bus with a store, a link in (`p` from the site) and a link out (`p` from inside)."""
        key, network, site = technology.key, self.network, self.site
        root, rate = float(np.sqrt(technology.efficiency)), self.options.rate
        yearly = technology.capital_usd_j_year(rate) + technology.fixed_usd_j_year
        yearly += site.tax * technology.capex_usd_j
        carbon = carbon_kg_j(technology, site, self.options)
        cost = marginal_usd_j(technology, site, carbon, self.options.carbon_price_usd_kg)
        network.add("Bus", key)
        network.add(
            "Store", key, bus=key, e_nom_extendable=True, e_cyclic=True,
            capital_cost=yearly * HOUR_S * MW, standing_loss=technology.self_discharge_per_h,
        )  # fmt: skip
        network.add(
            "Link", f"{key} in", bus0="site", bus1=key, efficiency=root,
            **self._capacity(technology),
        )  # fmt: skip
        network.add(
            "Link", f"{key} out", bus0=key, bus1="site", efficiency=root, p_nom_extendable=True,
            marginal_cost=float(cost[0]) * MWH_J * root,
        )  # fmt: skip
        self.stores.append(technology)

    # ------------------------------------------------------------------ further rows

    def _rows(self, network: Any, _: Any) -> None:
        """What PyPSA does not write of itself, on the network's linopy model."""
        model = network.model
        for technology in self.stores:
            self._storage_rows(model, technology)
        for technology in self.ramps:
            output = model.variables["Generator-p"].sel(name=technology.key, drop=True)
            capacity = model.variables["Generator-p_nom"].sel(name=technology.key, drop=True)
            step = output - output.roll(snapshot=1)
            most = technology.ramp_per_h * capacity
            model.add_constraints(step - most <= 0.0, name=f"{technology.key}-up")
            model.add_constraints(step + most >= 0.0, name=f"{technology.key}-down")
        if self.burners:
            capacity = model.variables["Generator-p_nom"]
            heat = sum(capacity.sel(name=t.key, drop=True) / t.efficiency for t in self.burners)
            model.add_constraints(heat <= self.site.gas_limit_w / MW, name="gas")
        for technology in self.years:
            output = model.variables["Generator-p"].sel(name=technology.key, drop=True)
            capacity = model.variables["Generator-p_nom"].sel(name=technology.key, drop=True)
            weights = network.snapshot_weightings["objective"].to_xarray()
            year = (output * weights).sum() - technology.annual_factor * HOURS * capacity
            model.add_constraints(year <= 0.0, name=f"{technology.key}-year")

    def _storage_rows(self, model: Any, technology: Technology) -> None:
        key, root = technology.key, float(np.sqrt(technology.efficiency))
        flow, power = model.variables["Link-p"], model.variables["Link-p_nom"]
        energy = model.variables["Store-e_nom"].sel(name=key, drop=True)
        inside = flow.sel(name=f"{key} in", drop=True) + root * flow.sel(
            name=f"{key} out", drop=True
        )
        capacity = power.sel(name=f"{key} in", drop=True)
        most = technology.availability * capacity
        model.add_constraints(inside - most <= 0.0, name=f"{key}-power")
        longest, shortest = technology.duration_high_s / HOUR_S, technology.duration_low_s / HOUR_S
        model.add_constraints(energy - longest * capacity <= 0.0, name=f"{key}-longest")
        model.add_constraints(energy - shortest * capacity >= 0.0, name=f"{key}-shortest")
