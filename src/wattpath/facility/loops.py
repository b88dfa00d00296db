"""Water loops hour by hour: towers, natural water, dry coolers, and their chillers (compiled).

All powers and flows are per watt of installed IT capacity. The heat balance is exact: what
enters a loop and its machines as heat and electricity leaves outside.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from wattpath.facility.components import (
    Air,
    chiller_w,
    dry_fan_share,
    mover_w,
    pad_water,
    tower_evaporation_kg_s,
    tower_water_c,
)
from wattpath.facility.psychrometrics import saturated_enthalpy_j_kg


class Loop(NamedTuple):
    """A water loop and what rejects its heat; sized for `capacity_w` of heat."""

    capacity_w: float
    range_k: float
    pump_w: float
    pump_static: float
    tower: float
    source: float
    source_c: float
    chilled: float
    free: float
    exchanger_k: float
    free_j_kg: float
    supply_max_c: float
    evaporator_k: float
    condenser_k: float
    carnot_share: float
    lift_min_k: float
    no_load: float
    conductance: float
    air_kg_s: float
    fan_w: float
    approach_min_k: float
    natural_w: float
    tower_range_k: float
    condenser_pump_w: float
    tower_flow_min: float
    pad: float
    pad_above_c: float
    bleed: float
    drift_kg_j: float


class LoopHour(NamedTuple):
    """Electricity [W], water [kg/s], heat let out [W] and kelvins above the limit."""

    pump_w: float
    fan_w: float
    compressor_w: float
    water_kg_s: float
    heat_out_w: float
    excess_k: float


@njit(cache=True, error_model="numpy", forceinline=True)
def loop_hour(loop: Loop, heat_w: float, supply_c: float, air: Air) -> LoopHour:
    """One hour of a water loop that must take up `heat_w` at `supply_c`.

    Parameters
    ----------
    loop : Loop
    heat_w : float
        Heat that enters the loop from coils or cold plates [W].
    supply_c : float
        Wanted water temperature [degC]; without a chiller it floats up in hot hours.
    air : Air
    """
    if heat_w <= 0.0:
        return LoopHour(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    flow = min(max(heat_w / loop.capacity_w, 0.2), 1.0)
    pump = mover_w(loop.pump_w, flow, loop.pump_static)
    if loop.source > 0.5:
        return _source_hour(loop, heat_w + pump, supply_c, pump, flow)
    if loop.tower > 0.5:
        return _tower_hour(loop, heat_w + pump, supply_c, air, pump, flow)
    return _dry_hour(loop, heat_w + pump, supply_c, air, pump)


@njit(cache=True, error_model="numpy", forceinline=True)
def _tower_hour(
    loop: Loop, heat_w: float, supply_c: float, air: Air, pump_w: float, flow: float
) -> LoopHour:
    """Tower with exchanger (water-side economiser) and, where there is one, a chiller."""
    tower_flow = max(flow, loop.tower_flow_min)
    tower_pump = mover_w(loop.condenser_pump_w, tower_flow, loop.pump_static)
    rejected = heat_w + tower_pump
    compressor = 0.0
    excess = 0.0
    fan = 1.0
    gap = loop.free_j_kg - air.enthalpy_j_kg
    if loop.free > 0.5 and gap > 0.0 and rejected <= loop.conductance * gap:
        fan = rejected / (loop.conductance * gap)
    else:
        expected = rejected * (1.0 + 0.1 * loop.chilled)
        if loop.approach_min_k > 0.0:
            fan = _held_fan(loop, expected, air)
        hot_c = tower_water_c(expected, loop.conductance * fan, air)
        cold_c = hot_c - loop.tower_range_k + loop.exchanger_k
        if loop.chilled > 0.5:
            free = (supply_c + loop.range_k - cold_c) / loop.range_k * loop.free
            mechanical = heat_w * (1.0 - min(max(free, 0.0), 1.0))
            compressor = chiller_w(
                mechanical,
                loop.capacity_w,
                supply_c - loop.evaporator_k,
                hot_c + loop.condenser_k,
                loop.carnot_share,
                loop.lift_min_k,
                loop.no_load,
            )
            rejected += compressor
        else:
            excess = max(cold_c - loop.supply_max_c, 0.0)
    evaporation = tower_evaporation_kg_s(rejected, loop.air_kg_s * fan, air)
    drift = loop.drift_kg_j * rejected * (tower_flow / flow) * min(fan, 1.0)
    water = evaporation * loop.bleed + drift
    return LoopHour(
        pump_w + tower_pump, loop.fan_w * fan * fan * fan, compressor, water, rejected, excess
    )


@njit(cache=True, error_model="numpy")
def _held_fan(loop: Loop, heat_w: float, air: Air) -> float:
    """Air share that brings tower water no nearer to the wet bulb than its control asks.

    Little heat leaves with natural draft, an eighth of the rated air, and the fan at rest.
    """
    if heat_w <= loop.natural_w:
        return 0.125
    warmest = air.wet_bulb_c + loop.approach_min_k + loop.tower_range_k
    gap = saturated_enthalpy_j_kg(warmest, air.pressure_pa) - air.enthalpy_j_kg
    return min(heat_w / (loop.conductance * gap), 1.0)


@njit(cache=True, error_model="numpy", forceinline=True)
def _source_hour(
    loop: Loop, heat_w: float, supply_c: float, pump_w: float, flow: float
) -> LoopHour:
    """Sea, lake or river water through an exchanger, then a chiller; none evaporates."""
    source_pump = mover_w(loop.condenser_pump_w, flow, loop.pump_static)
    cold_c = loop.source_c + loop.exchanger_k
    compressor = 0.0
    excess = 0.0
    if loop.chilled > 0.5:
        free = (supply_c + loop.range_k - cold_c) / loop.range_k * loop.free
        compressor = chiller_w(
            heat_w * (1.0 - min(max(free, 0.0), 1.0)),
            loop.capacity_w,
            supply_c - loop.evaporator_k,
            loop.source_c + loop.tower_range_k + loop.condenser_k,
            loop.carnot_share,
            loop.lift_min_k,
            loop.no_load,
        )
    else:
        excess = max(cold_c - loop.supply_max_c, 0.0)
    heat_out = heat_w + source_pump + compressor
    return LoopHour(pump_w + source_pump, 0.0, compressor, 0.0, heat_out, excess)


@njit(cache=True, error_model="numpy", forceinline=True)
def _dry_hour(loop: Loop, heat_w: float, supply_c: float, air: Air, pump_w: float) -> LoopHour:
    """Dry cooler (with wetted pads where there are any), then an air-cooled chiller."""
    return_c = supply_c + loop.range_k
    share = dry_fan_share(heat_w, loop.conductance, return_c, air.dry_bulb_c)
    if loop.free > 0.5 and share <= 1.0:
        return LoopHour(pump_w, loop.fan_w * share * share * share, 0.0, 0.0, heat_w, 0.0)
    pads = loop.pad * (air.dry_bulb_c - air.wet_bulb_c)
    if air.dry_bulb_c < loop.pad_above_c:
        pads = 0.0
    needed = air.dry_bulb_c - (return_c - heat_w / loop.conductance)
    wet = min(max(needed / pads, 0.0), 1.0) if pads > 0.05 else 0.0
    water = 0.0
    if wet > 0.0:
        water = wet * loop.air_kg_s * pad_water(air, air.dry_bulb_c - pads) * loop.bleed
    inlet_c = air.dry_bulb_c - wet * pads
    free = min(max(loop.conductance * (return_c - inlet_c), 0.0), heat_w) * loop.free
    if loop.chilled <= 0.5:
        floated = inlet_c + heat_w / loop.conductance - loop.range_k
        excess = max(floated - loop.supply_max_c, 0.0)
        return LoopHour(pump_w, loop.fan_w, 0.0, water, heat_w, excess)
    alone = _dry_chiller_w(loop, heat_w, supply_c, air.dry_bulb_c)
    helped = _dry_chiller_w(loop, heat_w - free, supply_c, inlet_c)
    if free <= 0.0 or helped + loop.fan_w >= alone:
        return LoopHour(pump_w, 0.0, alone, 0.0, heat_w + alone, 0.0)
    return LoopHour(pump_w, loop.fan_w, helped, water, heat_w + helped, 0.0)


@njit(cache=True, error_model="numpy")
def _dry_chiller_w(loop: Loop, heat_w: float, supply_c: float, inlet_c: float) -> float:
    """Air-cooled chiller; its condenser fans are part of its Carnot share [W]."""
    return chiller_w(
        heat_w,
        loop.capacity_w,
        supply_c - loop.evaporator_k,
        inlet_c + loop.condenser_k,
        loop.carnot_share,
        loop.lift_min_k,
        loop.no_load,
    )
