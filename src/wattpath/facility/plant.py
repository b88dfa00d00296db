"""A cooling plant hour by hour: the air of the hall and two water loops (compiled).

All powers and flows are per watt of installed IT capacity. The heat balance is exact: what
enters as electricity leaves through a tower, a dry cooler, a condenser or outside air.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from wattpath.facility.airpath import AirPath, air_hour
from wattpath.facility.components import Air, mover_w
from wattpath.facility.loops import Loop, LoopHour, loop_hour


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


@njit(cache=True, error_model="numpy", forceinline=True)
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
    coil, water, scavenger, out, excess = air_hour(gas, plant.air_loop.chilled, in_air, mass, air)
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
