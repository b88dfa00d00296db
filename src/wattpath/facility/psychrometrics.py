"""Moist air: compiled scalar laws of the ASHRAE Handbook, SI with temperatures in degC.

Symbols: t dry bulb [degC], w humidity ratio [kg water / kg dry air], p pressure [Pa],
h enthalpy [J / kg dry air]. Valid from -100 to 200 degC and at the pressures of inhabited
places; moist air is taken as an ideal mixture, which is within 0.7 % of real air.

References
----------
ASHRAE Handbook - Fundamentals (2017), chapter 1: equations 5, 6, 20, 28, 30, 33 and 35.
"""

from __future__ import annotations

import math

from numba import njit

#: Heat capacity of dry air and of vapour, and evaporation heat at 0 degC [J/(kg K), J/kg].
AIR_CP = 1006.0
VAPOUR_CP = 1860.0
EVAPORATION = 2_501_000.0
#: Ratio of the molar masses of water and dry air.
MASS_RATIO = 0.621945
_KELVIN = 273.15


@njit(cache=True, error_model="numpy")
def saturation_pressure_pa(t_c: float) -> float:
    """Vapour pressure over water, or over ice below 0.01 degC [Pa] (equations 5 and 6).

    Parameters
    ----------
    t_c : float
        [degC].
    """
    t = t_c + _KELVIN
    if t_c <= 0.01:
        ln_p = (
            -5.6745359e3 / t
            + 6.3925247
            - 9.677843e-3 * t
            + 6.2215701e-7 * t * t
            + 2.0747825e-9 * t * t * t
            - 9.484024e-13 * t * t * t * t
            + 4.1635019 * math.log(t)
        )
    else:
        ln_p = (
            -5.8002206e3 / t
            + 1.3914993
            - 4.8640239e-2 * t
            + 4.1764768e-5 * t * t
            - 1.4452093e-8 * t * t * t
            + 6.5459673 * math.log(t)
        )
    return math.exp(ln_p)


@njit(cache=True, error_model="numpy")
def saturated_ratio(t_c: float, p_pa: float) -> float:
    """Humidity ratio of saturated air (equation 20) [kg/kg].

    Parameters
    ----------
    t_c, p_pa : float
        [degC], [Pa].
    """
    vapour = min(saturation_pressure_pa(t_c), 0.9 * p_pa)
    return MASS_RATIO * vapour / (p_pa - vapour)


@njit(cache=True, error_model="numpy")
def humidity_ratio(t_c: float, relative_humidity: float, p_pa: float) -> float:
    """Humidity ratio from relative humidity 0..1 (equation 20) [kg/kg].

    Parameters
    ----------
    t_c, relative_humidity, p_pa : float
        [degC], [0..1], [Pa].
    """
    vapour = min(relative_humidity * saturation_pressure_pa(t_c), 0.9 * p_pa)
    return max(MASS_RATIO * vapour / (p_pa - vapour), 1e-7)


@njit(cache=True, error_model="numpy")
def enthalpy_j_kg(t_c: float, w: float) -> float:
    """Enthalpy of moist air (equation 30) [J/kg dry air].

    Parameters
    ----------
    t_c, w : float
        [degC], [kg/kg].
    """
    return AIR_CP * t_c + w * (EVAPORATION + VAPOUR_CP * t_c)


@njit(cache=True, error_model="numpy")
def density_kg_m3(t_c: float, w: float, p_pa: float) -> float:
    """Dry air in a cubic metre of moist air (inverse of equation 26) [kg/m3].

    Parameters
    ----------
    t_c, w, p_pa : float
        [degC], [kg/kg], [Pa].
    """
    return p_pa / (287.042 * (t_c + _KELVIN) * (1.0 + 1.607858 * w))


@njit(cache=True, error_model="numpy")
def wet_bulb_c(t_c: float, w: float, p_pa: float) -> float:
    """Thermodynamic wet-bulb temperature (equations 33 and 35, by bisection) [degC].

    Parameters
    ----------
    t_c, w, p_pa : float
        [degC], [kg/kg], [Pa].
    """
    low, high = dew_point_c(w, p_pa), t_c
    while high - low > 1e-5:
        trial = 0.5 * (low + high)
        saturated = saturated_ratio(trial, p_pa)
        if trial >= 0.0:
            top = (2501.0 - 2.326 * trial) * saturated - 1.006 * (t_c - trial)
            ratio = top / (2501.0 + 1.86 * t_c - 4.186 * trial)
        else:
            top = (2830.0 - 0.24 * trial) * saturated - 1.006 * (t_c - trial)
            ratio = top / (2830.0 + 1.86 * t_c - 2.1 * trial)
        if ratio > w:
            high = trial
        else:
            low = trial
    return min(0.5 * (low + high), t_c)


@njit(cache=True, error_model="numpy")
def dew_point_c(w: float, p_pa: float) -> float:
    """Temperature at which air of this humidity ratio is saturated [degC].

    Parameters
    ----------
    w, p_pa : float
        [kg/kg], [Pa].
    """
    vapour = p_pa * w / (MASS_RATIO + w)
    low, high = -100.0, 100.0
    while high - low > 1e-5:
        trial = 0.5 * (low + high)
        if saturation_pressure_pa(trial) > vapour:
            high = trial
        else:
            low = trial
    return 0.5 * (low + high)


@njit(cache=True, error_model="numpy")
def saturated_enthalpy_j_kg(t_c: float, p_pa: float) -> float:
    """Enthalpy of saturated air [J/kg dry air].

    Parameters
    ----------
    t_c, p_pa : float
        [degC], [Pa].
    """
    return enthalpy_j_kg(t_c, saturated_ratio(t_c, p_pa))


@njit(cache=True, error_model="numpy")
def saturated_at_enthalpy_c(h_j_kg: float, p_pa: float, guess_c: float) -> float:
    """Temperature at which saturated air has this enthalpy [degC].

    Newton's method on a convex function, to about 1e-3 K: the error after a step of s
    kelvins is near s^2 / 40. The slope of the vapour pressure is that of Clausius and
    Clapeyron.

    Parameters
    ----------
    h_j_kg, p_pa : float
        [J/kg], [Pa].
    guess_c : float
        A near temperature [degC]; it only affects the time.
    """
    t = guess_c
    for _ in range(25):
        w = saturated_ratio(t, p_pa)
        error = AIR_CP * t + w * (EVAPORATION + VAPOUR_CP * t) - h_j_kg
        kelvin = t + _KELVIN
        growth = w * (1.0 + w / MASS_RATIO) * 5419.0 / (kelvin * kelvin)
        step = error / (AIR_CP + w * VAPOUR_CP + growth * (EVAPORATION + VAPOUR_CP * t))
        t -= min(max(step, -15.0), 15.0)
        if abs(step) < 0.2:
            break
    return t
