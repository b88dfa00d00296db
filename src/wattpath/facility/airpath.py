"""The air of a hall hour by hour: outside air, exchangers, pads, and the coil (compiled).

All powers and flows are per watt of installed IT capacity. What the outside air and the
exchanger do not carry away is left to the coil, whose water loop stands in `loops`.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from wattpath.facility.components import Air, mover_w, pad_water
from wattpath.facility.psychrometrics import AIR_CP, EVAPORATION, VAPOUR_CP, wet_bulb_c


class AirPath(NamedTuple):
    """How air carries heat from the racks; flows per W of IT capacity in the air share."""

    supply_c: float
    flow_kg_s: float
    flow_min: float
    fan_w: float
    fan_static: float
    outside: float
    outside_max_c: float
    pad: float
    ratio_min: float
    indirect_dry: float
    indirect_wet: float
    scavenger_w: float
    coil_approach_k: float
    supply_max_c: float
    bleed: float
    pad_above_c: float
    indirect_above_c: float
    pad_in_loop: float
    ratio_limit: float
    ratio_coil: float


@njit(cache=True, error_model="numpy", forceinline=True)
def air_hour(
    gas: AirPath, chilled: float, heat_w: float, mass: float, air: Air
) -> tuple[float, float, float, float, float]:
    """Coil heat [W], water [kg/s], scavenger fans [W per W], heat let out [W], excess [K]."""
    return_c = gas.supply_c + heat_w / (mass * AIR_CP)
    if gas.outside > 0.5:
        return _outside_hour(gas, chilled, heat_w, mass, return_c, air)
    return _closed_hour(gas, heat_w, mass, return_c, air)


@njit(cache=True, error_model="numpy", forceinline=True)
def _closed_hour(
    gas: AirPath, heat_w: float, mass: float, return_c: float, air: Air
) -> tuple[float, float, float, float, float]:
    """Hall air goes round: through the air-to-air exchanger if there is one, then the coil."""
    pads = 0.0
    if gas.pad_in_loop > 0.5 and air.dry_bulb_c >= gas.pad_above_c:
        pads = mass * _recirculated_pad_water(gas, return_c, air.pressure_pa) * gas.bleed
    if gas.indirect_wet > 0.0:
        coil, water, scavenger, out, excess = _indirect_hour(gas, heat_w, mass, return_c, air)
        return coil, water + pads, scavenger, out, excess
    return heat_w, pads, 0.0, 0.0, 0.0


@njit(cache=True, error_model="numpy")
def _recirculated_pad_water(gas: AirPath, return_c: float, p_pa: float) -> float:
    """Vapour from pads that hall air passes on its way round [kg/kg].

    The coil takes it out again, so its whole heat stays that of the hall: the water is lost
    without use. Air leaves the coil with `ratio_coil`.
    """
    w = gas.ratio_coil
    cooled = gas.pad * (return_c - wet_bulb_c(return_c, w, p_pa))
    return max(cooled, 0.0) * (AIR_CP + VAPOUR_CP * w) / (EVAPORATION - 2400.0 * return_c)


@njit(cache=True, error_model="numpy")
def _outside_hour(
    gas: AirPath, chilled: float, heat_w: float, mass: float, return_c: float, air: Air
) -> tuple[float, float, float, float, float]:
    """Outside air, cooled by wetted pads where needed; too humid or hot: recirculate."""
    limit = gas.ratio_limit
    humid = air.ratio > limit or air.wet_bulb_c > return_c
    if chilled > 0.5 and (humid or air.dry_bulb_c > gas.outside_max_c):
        return _closed_hour(gas, heat_w, mass, return_c, air)
    if air.dry_bulb_c <= gas.supply_c:
        share = (return_c - gas.supply_c) / (return_c - air.dry_bulb_c)
        humidify = max(gas.ratio_min - air.ratio, 0.0) * share * mass
        return 0.0, humidify * gas.bleed, 0.0, heat_w, 0.0
    pads = gas.pad * (air.dry_bulb_c - air.wet_bulb_c)
    wet = 0.0
    if pads > 0.05 and air.dry_bulb_c >= gas.pad_above_c:
        added = pad_water(air, air.dry_bulb_c - pads)
        wet = min((air.dry_bulb_c - gas.supply_c) / pads, 1.0)
        if chilled > 0.5 and added > 0.0:
            wet = min(wet, max(limit - air.ratio, 0.0) / added)
        if gas.pad_in_loop > 0.5:
            wet = 1.0
    mixed_c = air.dry_bulb_c - wet * pads
    vapour = wet * pad_water(air, air.dry_bulb_c - pads) if wet > 0.0 else 0.0
    water = mass * gas.bleed * vapour
    coil = max(mass * AIR_CP * (mixed_c - gas.supply_c), 0.0)
    if coil > 0.0:
        dew = air.ratio + vapour - gas.ratio_coil
        coil += mass * max(dew, 0.0) * (EVAPORATION + VAPOUR_CP * gas.supply_c)
    if chilled > 0.5:
        if coil >= heat_w:
            return _closed_hour(gas, heat_w, mass, return_c, air)
        return coil, water, 0.0, heat_w - coil, 0.0
    return 0.0, water, 0.0, heat_w, max(mixed_c - gas.supply_max_c, 0.0)


@njit(cache=True, error_model="numpy")
def _indirect_hour(
    gas: AirPath, heat_w: float, mass: float, return_c: float, air: Air
) -> tuple[float, float, float, float, float]:
    """Air-to-air exchanger, dry while that is enough and wetted when it is not."""
    carry = mass * AIR_CP
    dry = max(gas.indirect_dry * carry * (return_c - air.dry_bulb_c), 0.0)
    if dry >= heat_w:
        share = heat_w / dry
        return 0.0, 0.0, mover_w(gas.scavenger_w, share, 0.1), heat_w, 0.0
    wet = max(gas.indirect_wet * carry * (return_c - air.wet_bulb_c), 0.0)
    if air.dry_bulb_c < gas.indirect_above_c:
        wet = 0.0
    if max(wet, dry) < 0.1 * heat_w:
        return heat_w, 0.0, 0.0, 0.0, 0.0
    if wet <= dry:
        return heat_w - dry, 0.0, gas.scavenger_w, dry, 0.0
    part = min((heat_w - dry) / (wet - dry), 1.0)
    served = dry + part * (wet - dry)
    water = gas.bleed * part * wet / (EVAPORATION - 2400.0 * air.wet_bulb_c)
    return heat_w - served, water, gas.scavenger_w, served, 0.0
