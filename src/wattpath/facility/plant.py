"""A cooling plant hour by hour: air path, water loops and heat rejection (compiled).

All powers and flows are per watt of installed IT capacity. The heat balance is exact: what
enters as electricity leaves through a tower, a dry cooler, a condenser or outside air.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from wattpath.facility.components import (
    Air,
    chiller_w,
    dry_fan_share,
    mover_w,
    tower_evaporation_kg_s,
    tower_water_c,
)
from wattpath.facility.psychrometrics import (
    AIR_CP,
    EVAPORATION,
    VAPOUR_CP,
    saturated_enthalpy_j_kg,
    wet_bulb_c,
)


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


class Plant(NamedTuple):
    """Air path, the loop of its coil, and the loop of liquid-cooled racks."""

    liquid_share: float
    air: AirPath
    air_loop: Loop
    liquid_loop: Loop
    liquid_supply_c: float
    rack_pump_w: float
    rack_pump_static: float
    other_w: float
    other_water_kg_j: float


class LoopHour(NamedTuple):
    """Electricity [W], water [kg/s], heat let out [W] and kelvins above the limit."""

    pump_w: float
    fan_w: float
    compressor_w: float
    water_kg_s: float
    heat_out_w: float
    excess_k: float


class PlantHour(NamedTuple):
    """One hour of the plant per W of IT capacity: W, kg/s, and kelvins above the limit."""

    fan_w: float
    pump_w: float
    compressor_w: float
    rejection_fan_w: float
    other_w: float
    water_kg_s: float
    heat_out_w: float
    excess_k: float


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
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
        water = wet * loop.air_kg_s * _pad_water(air, air.dry_bulb_c - pads) * loop.bleed
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


@njit(cache=True, error_model="numpy")
def _pad_water(air: Air, out_c: float) -> float:
    """Vapour that a wetted pad adds to a kilogram of air (constant enthalpy) [kg/kg]."""
    out_w = (air.enthalpy_j_kg - AIR_CP * out_c) / (EVAPORATION + VAPOUR_CP * out_c)
    return max(out_w - air.ratio, 0.0)


@njit(cache=True, error_model="numpy")
def plant_hour(plant: Plant, it_w: float, hall_loss_w: float, air: Air) -> PlantHour:
    """One hour of a whole plant.

    Parameters
    ----------
    plant : Plant
    it_w : float
        IT power over IT capacity [0..1].
    hall_loss_w : float
        Electrical losses that heat the hall's air, per W of IT capacity [W].
    air : Air
    """
    liquid = LoopHour(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    rack_pump = 0.0
    if plant.liquid_share > 0.0:
        flow = min(max(it_w, 0.2), 1.0)
        rack_pump = mover_w(plant.rack_pump_w, flow, plant.rack_pump_static)
        heat = it_w * plant.liquid_share + rack_pump
        liquid = loop_hour(plant.liquid_loop, heat, plant.liquid_supply_c, air)
    gas = plant.air
    in_air = it_w * (1.0 - plant.liquid_share) + hall_loss_w + plant.other_w
    full = 1.0 - plant.liquid_share
    flow = min(max(it_w, gas.flow_min), 1.0)
    fan = mover_w(gas.fan_w, flow, gas.fan_static) * full
    in_air += fan
    mass = max(gas.flow_kg_s * flow * full, 1e-9)
    coil, water, scavenger, out, excess = _air_hour(gas, plant.air_loop.chilled, in_air, mass, air)
    loop = loop_hour(plant.air_loop, coil, gas.supply_c - gas.coil_approach_k, air)
    warm = loop.excess_k
    if plant.air_loop.capacity_w <= 0.0:
        warm = 0.0
    return PlantHour(
        fan + scavenger * full,
        rack_pump + loop.pump_w + liquid.pump_w,
        loop.compressor_w + liquid.compressor_w,
        loop.fan_w + liquid.fan_w,
        plant.other_w,
        water + loop.water_kg_s + liquid.water_kg_s + plant.other_water_kg_j * it_w,
        out + scavenger * full + loop.heat_out_w + liquid.heat_out_w + loop.fan_w + liquid.fan_w,
        max(max(excess, warm), liquid.excess_k),
    )


@njit(cache=True, error_model="numpy")
def _air_hour(
    gas: AirPath, chilled: float, heat_w: float, mass: float, air: Air
) -> tuple[float, float, float, float, float]:
    """Coil heat [W], water [kg/s], scavenger fans [W per W], heat let out [W], excess [K]."""
    return_c = gas.supply_c + heat_w / (mass * AIR_CP)
    if gas.outside > 0.5:
        return _outside_hour(gas, chilled, heat_w, mass, return_c, air)
    return _closed_hour(gas, heat_w, mass, return_c, air)


@njit(cache=True, error_model="numpy")
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
        added = _pad_water(air, air.dry_bulb_c - pads)
        wet = min((air.dry_bulb_c - gas.supply_c) / pads, 1.0)
        if chilled > 0.5 and added > 0.0:
            wet = min(wet, max(limit - air.ratio, 0.0) / added)
        if gas.pad_in_loop > 0.5:
            wet = 1.0
    mixed_c = air.dry_bulb_c - wet * pads
    vapour = wet * _pad_water(air, air.dry_bulb_c - pads) if wet > 0.0 else 0.0
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
