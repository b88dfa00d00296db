"""Heat reuse: what a heat demand can take from the racks' water, with a heat pump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wattpath.errors import InputError
from wattpath.units import HOURS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

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
        For a negative heat or demand.

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
    if source_c - approach_k >= demand_c:
        delivered = np.minimum(demand, heat)
        return HeatReuse(delivered, np.zeros(HOURS), delivered, float("inf"))
    lift = demand_c - source_c + 2.0 * approach_k
    cop = max(carnot_share * (demand_c + approach_k + 273.15) / lift, 1.01)
    delivered = np.minimum(demand, heat * cop / (cop - 1.0))
    pump = delivered / cop
    return HeatReuse(delivered, pump, delivered - pump, cop)
