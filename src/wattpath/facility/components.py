"""Component laws: fans and pumps, chiller, cooling tower, dry cooler.

Powers and flows are per watt of design heat unless a name says otherwise, so that one law
serves a server room and a gigawatt campus.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from wattpath.facility.psychrometrics import (
    AIR_CP,
    EVAPORATION,
    VAPOUR_CP,
    enthalpy_j_kg,
    saturated_at_enthalpy_c,
    saturated_enthalpy_j_kg,
    wet_bulb_c,
)

#: Heat capacity of a kilogram of water [J/(kg K)] and of a cubic metre [J/(m3 K)].
WATER_CP = 4186.0
WATER_CP_M3 = 4.186e6
_KELVIN = 273.15


class Air(NamedTuple):
    """One hour of outside air, and the saturation curve near its wet bulb.

    Dry and wet bulb [degC], humidity ratio [kg/kg], enthalpy [J/kg], pressure [Pa]; then the
    enthalpy of saturated air at the wet bulb above the air's own [J/kg], its slope
    [J/(kg K)] and curvature [J/(kg K2)], and the growth rate of vapour pressure [1/K].
    """

    dry_bulb_c: float
    wet_bulb_c: float
    ratio: float
    enthalpy_j_kg: float
    pressure_pa: float
    offset_j_kg: float
    slope: float
    bend: float
    rate: float


@njit(cache=True, error_model="numpy")
def outside_air(t_c: float, w: float, p_pa: float) -> Air:
    """Outside air from dry bulb, humidity ratio and pressure.

    Parameters
    ----------
    t_c, w, p_pa : float
        [degC], [kg/kg], [Pa].
    """
    wet_c = wet_bulb_c(t_c, w, p_pa)
    gap = AIR_CP * (t_c - wet_c) / (EVAPORATION - 2400.0 * wet_c)
    rate = 5419.0 / ((wet_c + _KELVIN) * (wet_c + _KELVIN))
    latent = (w + gap) * rate * (EVAPORATION + VAPOUR_CP * wet_c)
    slope = AIR_CP + latent + VAPOUR_CP * (w + gap)
    offset = WATER_CP * wet_c * gap
    return Air(
        t_c, wet_c, w, enthalpy_j_kg(t_c, w), p_pa, offset, slope, 0.94 * latent * rate, rate
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def saturated_above_c(rise_j_kg: float, air: Air) -> float:
    """Temperature of saturated air with an enthalpy above that of outside air [degC].

    The saturation curve to third order around the wet bulb; within 0.05 K up to 15 K above
    a wet bulb over 0 degC, within 0.6 K below.

    Parameters
    ----------
    rise_j_kg : float
        Enthalpy above the outside air's [J/kg].
    air : Air
    """
    rise = 2.0 * (rise_j_kg - air.offset_j_kg)
    square = air.slope * air.slope
    warmer = (math.sqrt(square + air.bend * rise) - air.slope) / air.bend
    bend = air.bend * (1.0 + 0.31 * air.rate * warmer)
    return air.wet_bulb_c + (math.sqrt(square + bend * rise) - air.slope) / bend


@njit(cache=True, error_model="numpy")
def mover_w(design_w: float, flow_share: float, static_share: float) -> float:
    """Fan or pump power by the affinity laws with a static part of the pressure [W].

    P = P_design f (s + (1 - s) f^2): with s = 0 the cube law, with s = 1 a constant
    pressure. Motor and drive efficiency is taken as constant, which flatters flows below
    about a third of the design.

    Parameters
    ----------
    design_w : float
        Power at design flow [W].
    flow_share : float
        Flow over design flow [0..1].
    static_share : float
        Share of the design pressure that does not fall with the flow [0..1].
    """
    return design_w * flow_share * (static_share + (1.0 - static_share) * flow_share * flow_share)


@njit(cache=True, error_model="numpy")
def chiller_w(
    heat_w: float,
    capacity_w: float,
    evaporator_c: float,
    condenser_c: float,
    carnot_share: float,
    lift_min_k: float,
    no_load: float,
) -> float:
    """Compressor power of a bank of chillers [W].

    COP = eta T_e / max(T_c - T_e, lift_min); power follows the part load of a running
    machine as n + (1 - n) x^2 / (...) in its simplest form n + (1 - n) x, and machines are
    staged so that none runs below half its load until one of ten is left.

    Parameters
    ----------
    heat_w, capacity_w : float
        Heat taken from the water, and the bank's capacity [W].
    evaporator_c, condenser_c : float
        Refrigerant temperatures [degC].
    carnot_share : float
        COP over the COP of a Carnot machine between these temperatures.
    lift_min_k : float
        Smallest difference that the machine can run at [K].
    no_load : float
        Power at zero load over power at full load of one machine, same temperatures.

    Notes
    -----
    Breaks down at surge and below a tenth of the bank, where hot-gas bypass sets in.
    """
    if heat_w <= 0.0:
        return 0.0
    lift = max(condenser_c - evaporator_c, lift_min_k)
    cop = carnot_share * (evaporator_c + _KELVIN) / lift
    share = min(heat_w / capacity_w, 1.0)
    running = min(max(share / 0.5, 0.1), 1.0)
    return (no_load * running + (1.0 - no_load) * share) * capacity_w / cop


@njit(cache=True, error_model="numpy")
def tower_conductance(
    heat_w: float, wet_bulb_c: float, approach_k: float, range_k: float, p_pa: float
) -> float:
    """Effective air flow of a tower that meets its rating [kg/s per W of `heat_w`].

    g = Q / (h_s(T_wb + approach + range) - h_s(T_wb)): effectiveness times air flow on the
    enthalpy difference between air saturated at the entering water and entering air.

    Parameters
    ----------
    heat_w : float
        Rated heat [W].
    wet_bulb_c, approach_k, range_k : float
        Rating point [degC], [K], [K].
    p_pa : float
        [Pa].
    """
    hot = saturated_enthalpy_j_kg(wet_bulb_c + approach_k + range_k, p_pa)
    return heat_w / (hot - saturated_enthalpy_j_kg(wet_bulb_c, p_pa))


@njit(cache=True, error_model="numpy", forceinline=True)
def tower_water_c(heat_w: float, conductance: float, air: Air) -> float:
    """Temperature of the water that enters a tower at full fan speed [degC].

    Q = g (h_s(T_in) - h_air). The approach so grows as the wet bulb falls, as it does in
    makers' curves. Up to 15 K above a wet bulb over 0 degC, and up to 33 degC, the expansion
    of the saturation curve is near enough (0.06 K); else Newton's method ends it.

    Parameters
    ----------
    heat_w, conductance : float
        [W], [kg/s].
    air : Air
        Outside air.
    """
    rise = heat_w / conductance
    guess = saturated_above_c(rise, air)
    if air.wet_bulb_c > 0.0 and guess < min(air.wet_bulb_c + 15.0, 33.0):
        return guess
    return saturated_at_enthalpy_c(air.enthalpy_j_kg + rise, air.pressure_pa, guess)


@njit(cache=True, error_model="numpy", forceinline=True)
def tower_evaporation_kg_s(heat_w: float, air_kg_s: float, air: Air) -> float:
    """Water that leaves a tower as vapour [kg/s].

    The air takes up the whole heat and leaves saturated: m (w_out - w_in) with
    h_out = h_in + Q / m. The enthalpy of make-up water is left out (below 3 %), and the
    expansion of the saturation curve costs 0.3 %, or 2 % in frost.

    Parameters
    ----------
    heat_w, air_kg_s : float
        [W], [kg/s].
    air : Air
        Outside air.
    """
    rise = heat_w / air_kg_s
    out_c = saturated_above_c(rise, air)
    out_j_kg = air.enthalpy_j_kg + rise
    out_w = (out_j_kg - AIR_CP * out_c) / (EVAPORATION + VAPOUR_CP * out_c)
    return max(air_kg_s * (out_w - air.ratio), 0.0)


@njit(cache=True, error_model="numpy")
def dry_fan_share(heat_w: float, conductance_w_k: float, water_c: float, air_c: float) -> float:
    """Fan speed at which a dry cooler rejects a heat [0..1 of full speed, or above].

    Q = f G (T_water,in - T_air): heat goes with the air flow. True coils do a little
    better at low speed, since their effectiveness rises.

    Parameters
    ----------
    heat_w : float
        [W].
    conductance_w_k : float
        Heat per kelvin of inlet difference at full speed [W/K].
    water_c, air_c : float
        Entering water and air [degC].
    """
    difference = water_c - air_c
    if difference <= 0.0:
        return 1e9
    return heat_w / (conductance_w_k * difference)


@njit(cache=True, error_model="numpy")
def pad_water(air: Air, out_c: float) -> float:
    """Vapour that a wetted pad adds to a kilogram of air, at constant enthalpy [kg/kg].

    Parameters
    ----------
    air : Air
        Air before the pad.
    out_c : float
        Dry bulb behind it [degC].
    """
    out_w = (air.enthalpy_j_kg - AIR_CP * out_c) / (EVAPORATION + VAPOUR_CP * out_c)
    return max(out_w - air.ratio, 0.0)
