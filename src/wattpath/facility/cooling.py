"""Cooling systems of the catalogue, sized for a place: `Plant` from entry and weather."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.facility.airpath import AirPath
from wattpath.facility.components import WATER_CP, WATER_CP_M3, tower_conductance
from wattpath.facility.loops import Loop
from wattpath.facility.plant import Plant
from wattpath.facility.psychrometrics import (
    AIR_CP,
    density_kg_m3,
    saturated_enthalpy_j_kg,
    saturated_ratio,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wattpath.catalog import Entry


@dataclass(frozen=True, slots=True)
class Cooling:
    """A cooling system: the catalogue entry and its numbers in SI, some perhaps changed.

    Attributes
    ----------
    key, name : str
    entry : Entry
    numbers : dict
        Attribute -> value in SI (temperatures degC).
    changed : tuple of str
        Attributes that differ from the catalogue.
    """

    key: str
    name: str
    entry: Entry
    numbers: dict[str, float]
    changed: tuple[str, ...]


def load_cooling(
    name: str, changes: Mapping[str, float] | None = None, path: str = "cooling"
) -> Cooling:
    """A cooling system of the catalogue.

    Parameters
    ----------
    name : str
        Key, name or alias of a ``cooling`` entry.
    changes : mapping, optional
        Attribute -> value in SI that replaces the catalogue's (see ``schema/cooling.csv``).
    path : str, optional
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError, InputError
        For an unknown system or attribute, or a value outside its physical limits.
    """
    entry = catalog.load("cooling", name, path)
    rows = {row.name: row for row in entry.schema.attributes.values() if row.numeric}
    numbers = {attribute: entry.si(attribute) for attribute in rows}
    for attribute, value in (changes or {}).items():
        if attribute not in rows:
            raise InputError(f"{path}.{attribute}", "be a number of the cooling schema", value, "")
        row = rows[attribute]
        if not row.minimum <= value / row.si_factor <= row.maximum:
            limits = f"be between {row.minimum:g} and {row.maximum:g} {row.unit}"
            raise InputError(f"{path}.{attribute}", limits, value / row.si_factor)
        numbers[attribute] = float(value)
    return Cooling(entry.key, entry.name, entry, numbers, tuple(changes or ()))


def size_plant(cooling: Cooling, pressure_pa: float, hall_loss_w: float = 0.0) -> Plant:
    """The plant of a cooling system, per W of IT capacity, at a station pressure.

    Parameters
    ----------
    cooling : Cooling
    pressure_pa : float
        Mean station pressure [Pa]; thin air takes larger fans.
    hall_loss_w : float
        Electrical losses in the hall at full load per W of IT capacity [W].
    """
    n = cooling.numbers
    entry = cooling.entry
    air = _air_path(cooling, pressure_pa)
    share = n["liquid_share"]
    air_heat = (1.0 - share) * (1.0 + air.fan_w) + hall_loss_w + n["other_w_per_w"]
    rack_pump = _pump_w(share, n["rack_range_k"], n["rack_pressure_pa"], n["pump_efficiency"])
    coil = Water(
        heat_w=air_heat,
        supply_c=n["air_supply_c"] - n["coil_approach_k"],
        supply_max_c=n["air_supply_max_c"] - n["coil_approach_k"],
        range_k=n["loop_range_k"],
        pressure_pa=n["loop_pressure_pa"],
        sink=entry.text("rejection"),
        chiller=entry.flag("chiller"),
        free=entry.flag("economiser"),
    )
    racks = Water(
        heat_w=share + rack_pump,
        supply_c=n["liquid_supply_c"],
        supply_max_c=n["liquid_supply_max_c"],
        range_k=n["liquid_range_k"],
        pressure_pa=n["liquid_pressure_pa"],
        sink=entry.text("liquid_rejection"),
        chiller=entry.flag("liquid_chiller"),
        free=True,
    )
    return Plant(
        liquid_share=share,
        air=air,
        air_loop=_loop(n, coil, pressure_pa),
        liquid_loop=_loop(n, racks, pressure_pa),
        liquid_supply_c=n["liquid_supply_c"],
        rack_pump_w=rack_pump,
        rack_pump_static=n["pump_static_share"],
        other_w=n["other_w_per_w"],
        other_water_kg_j=n["other_water_m3_per_j"] * 1000.0,
    )


@dataclass(frozen=True, slots=True)
class Water:
    """What a water loop must do at design: heat [W], temperatures [degC, K], pressure [Pa]."""

    heat_w: float
    supply_c: float
    supply_max_c: float
    range_k: float
    pressure_pa: float
    sink: str
    chiller: bool
    free: bool


def _pump_w(heat_w: float, range_k: float, pressure_pa: float, efficiency: float) -> float:
    """Pump power that carries a heat with a temperature rise: flow times pressure [W]."""
    return heat_w / (WATER_CP_M3 * range_k) * pressure_pa / efficiency


def _air_path(cooling: Cooling, pressure_pa: float) -> AirPath:
    n = cooling.numbers
    path = cooling.entry.text("air_path")
    flow = n["air_excess"] / (AIR_CP * n["air_rise_k"])
    volume = flow / density_kg_m3(n["air_supply_c"], 0.008, pressure_pa)
    fan = volume * n["fan_pressure_pa"] / n["fan_efficiency"]
    saturated = saturated_ratio(n["air_supply_c"], pressure_pa)
    return AirPath(
        supply_c=n["air_supply_c"],
        flow_kg_s=flow,
        flow_min=n["fan_flow_min"],
        fan_w=fan,
        fan_static=n["fan_static_share"],
        outside=float(path == "outside"),
        outside_max_c=n["outside_max_c"],
        pad=n["pad_effectiveness"],
        ratio_min=saturated_ratio(n["dew_point_min_c"], pressure_pa),
        indirect_dry=n["indirect_dry"],
        indirect_wet=n["indirect_wet"],
        scavenger_w=volume * n["scavenger_pressure_pa"] / n["fan_efficiency"],
        coil_approach_k=n["coil_approach_k"],
        supply_max_c=n["air_supply_max_c"],
        bleed=n["cycles"] / (n["cycles"] - 1.0),
        pad_above_c=n["wet_above_c"],
        indirect_above_c=n["indirect_above_c"],
        pad_in_loop=float(cooling.entry.flag("pads_recirculate")),
        ratio_limit=min(
            saturated_ratio(n["dew_point_max_c"], pressure_pa), n["rh_max"] * saturated
        ),
        ratio_coil=n["coil_humidity"] * saturated,
    )


def _loop(n: Mapping[str, float], water: Water, pressure_pa: float) -> Loop:
    """The water loop of a system, sized for its design heat."""
    heat = max(water.heat_w, 1e-6)
    wet = water.sink in ("tower", "source")
    exchanger = n["exchanger_approach_k"] if wet else 0.0
    range_k = n["tower_range_k"] if wet else water.range_k
    conductance, air, fan = _rejection(n, wet, heat * n["size_margin"], range_k, pressure_pa)
    return Loop(
        capacity_w=heat,
        range_k=water.range_k,
        pump_w=_pump_w(heat, water.range_k, water.pressure_pa, n["pump_efficiency"]),
        pump_static=n["pump_static_share"],
        tower=float(water.sink == "tower"),
        source=float(water.sink == "source"),
        source_c=n["source_water_c"],
        chilled=float(water.chiller),
        free=float(water.free),
        exchanger_k=exchanger,
        free_j_kg=saturated_enthalpy_j_kg(water.supply_c - exchanger + range_k, pressure_pa),
        supply_max_c=water.supply_max_c,
        evaporator_k=n["evaporator_approach_k"],
        condenser_k=n["condenser_approach_k"],
        carnot_share=n["carnot_share"],
        lift_min_k=n["lift_min_k"],
        no_load=n["no_load"],
        conductance=conductance,
        air_kg_s=air,
        fan_w=fan,
        approach_min_k=n["approach_min_k"],
        natural_w=heat * n["size_margin"] * n["natural_share"],
        tower_range_k=range_k,
        condenser_pump_w=_pump_w(heat, range_k, n["tower_pressure_pa"], n["pump_efficiency"]),
        tower_flow_min=n["tower_flow_min"],
        pad=0.0 if wet else n["dry_pad"],
        pad_above_c=n["wet_above_c"],
        bleed=n["cycles"] / (n["cycles"] - 1.0),
        drift_kg_j=n["drift_share"] / (WATER_CP * range_k),
    )


def _rejection(
    n: Mapping[str, float], wet: bool, size_w: float, range_k: float, pressure_pa: float
) -> tuple[float, float, float]:
    """Conductance, air flow [kg/s] and fan power [W] of a tower or a dry cooler."""
    if wet:
        conductance = tower_conductance(
            size_w, n["tower_wet_bulb_c"], n["tower_approach_k"], range_k, pressure_pa
        )
        return conductance, conductance / n["tower_effectiveness"], size_w * n["tower_fan_w_per_w"]
    conductance = size_w / (n["dry_approach_k"] + range_k)
    air = conductance / (n["dry_effectiveness"] * AIR_CP)
    return conductance, air, size_w * n["dry_fan_w_per_w"]
