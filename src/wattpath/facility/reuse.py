"""Heat reuse: what a heat demand can take from the racks' water, with a heat pump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.units import HOURS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from wattpath.facility.cooling import Cooling
    from wattpath.facility.hourly import FacilityRun
    from wattpath.facility.weather import Weather

    Hours = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class HeatReuse:
    """A year of heat delivered from a facility.

    Attributes
    ----------
    delivered_w : array
        Heat that reaches the demand [W].
    pump_w : array
        Electricity of the heat pump [W].
    taken_w : array
        Heat taken from the facility's water, which its own rejection need not handle [W].
    cop : float
        Delivered heat over heat-pump electricity; infinite where water is warm enough.
    """

    delivered_w: Hours
    pump_w: Hours
    taken_w: Hours
    cop: float

    def reuse_factor(self, facility_w: ArrayLike) -> float:
        """Energy reuse factor: heat taken over facility energy [0..1]."""
        total = float(np.broadcast_to(np.asarray(facility_w, dtype=np.float64), (HOURS,)).sum())
        return float(self.taken_w.sum()) / total


def reuse_heat(
    heat_w: ArrayLike,
    demand_w: ArrayLike,
    *,
    source_c: float,
    demand_c: float,
    carnot_share: float,
    approach_k: float,
) -> HeatReuse:
    """Meet an hourly heat demand from warm water, through a heat pump where it is too cold.

    COP = eta (T_demand + d) / (T_demand - T_source + 2 d) with d the approach on either
    side; delivered = taken + electricity.

    Parameters
    ----------
    heat_w, demand_w : array or float
        Heat in the facility's water, and heat demand [W].
    source_c, demand_c : float
        Temperature of that water, and of the demand's flow [degC].
    carnot_share : float
        COP of the heat pump over the Carnot COP.
    approach_k : float
        Temperature loss in each exchanger [K].

    Raises
    ------
    InputError
        For a negative heat or demand, or a flow temperature that no heat network has.

    Notes
    -----
    No storage: each hour stands alone. The cooling that reuse saves is `taken_w`; whether
    the dry coolers or towers gain from it is a matter of the plant.
    """
    heat = np.broadcast_to(np.asarray(heat_w, dtype=np.float64), (HOURS,))
    demand = np.broadcast_to(np.asarray(demand_w, dtype=np.float64), (HOURS,))
    if heat.min() < 0.0 or demand.min() < 0.0:
        raise InputError(
            "heat reuse", "have heat and demand >= 0 W", float(min(heat.min(), demand.min()))
        )
    limits = catalog.schema("heating").attributes["flow_c"]
    if not limits.minimum <= demand_c <= limits.maximum:
        wanted = f"have a flow temperature between {limits.minimum:g} and {limits.maximum:g} degC"
        raise InputError("heat demand", wanted, demand_c)
    if source_c - approach_k >= demand_c:
        delivered = np.minimum(demand, heat)
        return HeatReuse(delivered, np.zeros(HOURS), delivered, float("inf"))
    lift = demand_c - source_c + 2.0 * approach_k
    cop = max(carnot_share * (demand_c + approach_k + 273.15) / lift, 1.01)
    delivered = np.minimum(demand, heat * cop / (cop - 1.0))
    pump = delivered / cop
    return HeatReuse(delivered, pump, delivered - pump, cop)


def heating_demand(weather: Weather, peak_w: float, network: str = "district") -> Hours:
    """Hourly heat demand of a district: degrees below the heating limit, and hot water [W].

    D = P (s + (1 - s) max(T_limit - T, 0) / max over the year), with s the share of hot water.

    Parameters
    ----------
    weather : Weather
    peak_w : float
        Demand of the coldest hour [W].
    network : str, optional
        Key, name or alias of a ``heating`` entry, which holds limit and share.

    Raises
    ------
    InputError
        For a peak that is not above 0.
    UnknownNameError
        For an unknown network.

    Notes
    -----
    A usual shape, not a measured one: no night set-back, no sun, no heat stored in walls.
    """
    if peak_w <= 0.0:
        raise InputError("heat demand", "have a peak above 0 W", peak_w)
    entry = catalog.load("heating", network, "heat demand")
    always = entry.si("hot_water_share")
    cold = np.maximum(entry.si("heating_limit_c") - weather.dry_bulb_c, 0.0)
    shape = cold / max(float(cold.max()), 1e-9)
    return np.asarray(peak_w * (always + (1.0 - always) * shape))


def flow_temperature_c(network: str = "district") -> float:
    """Temperature at which a heat network takes heat [degC]."""
    return catalog.load("heating", network, "heat demand").si("flow_c")


def source_temperature_c(cooling: Cooling) -> float:
    """Temperature of the warmest water of a system: racks' return, else the coil's [degC]."""
    n = cooling.numbers
    if n["liquid_share"] > 0.0:
        return n["liquid_supply_c"] + n["liquid_range_k"]
    return n["air_supply_c"] - n["coil_approach_k"] + n["loop_range_k"]


def reuse_of_run(
    cooling: Cooling, run: FacilityRun, capacity_w: float, demand_w: ArrayLike, demand_c: float
) -> HeatReuse:
    """Heat reuse from a facility's year, with the heat pump of its cooling system.

    Parameters
    ----------
    cooling : Cooling
    run : FacilityRun
        A year of that system.
    capacity_w : float
        IT capacity [W].
    demand_w : array or float
        Hourly heat demand [W].
    demand_c : float
        Flow temperature of the demand [degC].
    """
    n = cooling.numbers
    share = n["liquid_share"] if n["liquid_share"] > 0.0 else 1.0
    return reuse_heat(
        run.parts["it_w"] * share * capacity_w,
        demand_w,
        source_c=source_temperature_c(cooling),
        demand_c=demand_c,
        carnot_share=n["heat_pump_carnot"],
        approach_k=n["heat_pump_approach_k"],
    )
