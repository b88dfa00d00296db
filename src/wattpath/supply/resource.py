"""What sun and wind give in each hour of a year, per watt of capacity.

Solar: sun position from the equation of time and declination (Spencer), a horizontal
north-south axis that tracks the sun with backtracking, Hay-Davies sky and ground-reflected
light, reflection of the glass after ASHRAE, cell temperature after Faiman, and inverter clipping:

    P_ac = min( min(r P_dc, 1 / eta) eta, 1 ),
    P_dc = (G / 1000) (1 - g (T_c - 25)) (1 - loss)

Wind: speed at hub height by a power law, a power curve shifted for air density
(v_eq = v (rho / 1.225)^(1/3)), per turbine.

Where it breaks down: no horizon, snow or soiling seasons; hourly means hide clipping within
the hour; no wakes between turbines and no icing (a constant availability stands for them);
the shear exponent is the same day and night, so a tower's own profile is much better.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from wattpath import catalog
from wattpath.errors import InputError

HOURS = 8760
AIR_DENSITY = 1.225
GAS_CONSTANT_AIR = 287.05

Floats = NDArray[np.float64]


class PvPlant(NamedTuple):
    """A photovoltaic plant on single-axis trackers.

    dc_ac is DC over AC capacity; temp_per_k the loss per kelvin above 25 degC [1/K]; loss
    the DC losses; inverter its efficiency; ground_cover module width over row distance;
    limit_rad the largest rotation [rad]; u0 [W/m2/K] and u1 [W s/m3/K] the Faiman heat loss;
    albedo that of the ground; incidence the ASHRAE coefficient b of 1 - b (1/cos - 1), the
    share of direct light that gets through the glass.
    """

    dc_ac: float
    temp_per_k: float
    loss: float
    inverter: float
    ground_cover: float
    limit_rad: float
    u0: float
    u1: float
    albedo: float
    incidence: float


def load_pv(name: str = "solar-single-axis", path: str = "solar") -> PvPlant:
    """The plant of a solar technology of the catalogue."""
    entry = catalog.load("supply", name, path)
    return PvPlant(
        entry.si("dc_ac_ratio"),
        entry.si("temp_coefficient"),
        entry.si("system_loss"),
        entry.si("inverter_efficiency"),
        entry.si("ground_cover"),
        entry.si("tracker_limit"),
        entry.si("heat_loss_constant"),
        entry.si("heat_loss_wind"),
        entry.si("albedo"),
        entry.si("incidence_loss"),
    )


def solar_capacity_factor(
    latitude: float,
    longitude: float,
    utc_offset_h: float,
    ghi_w_m2: ArrayLike,
    dni_w_m2: ArrayLike,
    dhi_w_m2: ArrayLike,
    dry_bulb_c: ArrayLike,
    wind_speed_m_s: ArrayLike,
    plant: PvPlant | None = None,
) -> Floats:
    """AC output over AC capacity in each hour, before availability.

    Parameters
    ----------
    latitude, longitude : float
        [deg], north and east positive.
    utc_offset_h : float
        Local standard time of the hours minus UTC [h].
    ghi_w_m2, dni_w_m2, dhi_w_m2 : array of shape (8760,)
        Global horizontal, direct normal and diffuse horizontal irradiance, mean of the hour
        that starts at the index [W/m2].
    dry_bulb_c, wind_speed_m_s : array of shape (8760,)
        Air temperature [degC] and wind near the ground [m/s].
    plant : PvPlant, optional
        The catalogue's single-axis plant if not given.

    Returns
    -------
    ndarray, shape (8760,)
        [0..1].

    References
    ----------
    Spencer (1971); Hay and Davies (1980); Faiman (2008); Lorenzo et al. (2011) for the
    backtracking angle.
    """
    ghi, dni, dhi, air, wind = (
        _hours(name, values)
        for name, values in (
            ("ghi_w_m2", ghi_w_m2), ("dni_w_m2", dni_w_m2), ("dhi_w_m2", dhi_w_m2),
            ("dry_bulb_c", dry_bulb_c), ("wind_speed_m_s", wind_speed_m_s),
        )
    )  # fmt: skip
    out = np.empty(HOURS)
    shift_h = longitude / 15.0 - utc_offset_h
    chosen = plant or load_pv()
    _solar_year(float(np.radians(latitude)), shift_h, ghi, dni, dhi, air, wind, chosen, out)
    return out


def wind_capacity_factor(
    wind_speed_m_s: ArrayLike,
    height_m: float,
    dry_bulb_c: ArrayLike | None = None,
    pressure_pa: ArrayLike | None = None,
    *,
    technology: str = "wind-onshore",
) -> Floats:
    """Output over capacity of a wind turbine in each hour, before availability and wakes.

    Parameters
    ----------
    wind_speed_m_s : array of shape (8760,)
        [m/s] at `height_m`; best at the hub height itself.
    height_m : float
        Height of the speed [m]; it is carried to the hub by the catalogue's shear exponent.
    dry_bulb_c, pressure_pa : array, optional
        Air temperature [degC] and station pressure [Pa] for the density; sea level if absent.
    technology : str
        Wind technology of the catalogue, for hub height, shear and power curve.

    Returns
    -------
    ndarray, shape (8760,)
        [0..1].
    """
    entry = catalog.load("supply", technology, "wind")
    curve = np.asarray(entry.series("power_curve"))
    if not height_m > 0.0:
        raise InputError("wind_height_m", "be a height > 0 m", height_m)
    speed = _hours("wind_speed_m_s", wind_speed_m_s)
    speed = speed * (entry.si("hub_height") / height_m) ** entry.si("shear_exponent")
    if dry_bulb_c is not None and pressure_pa is not None:
        kelvin = _hours("dry_bulb_c", dry_bulb_c) + 273.15
        density = _hours("pressure_pa", pressure_pa) / (GAS_CONSTANT_AIR * kelvin)
        speed = speed * np.cbrt(density / AIR_DENSITY)
    nodes = np.arange(curve.size, dtype=np.float64)
    return np.asarray(np.interp(speed, nodes, curve, right=0.0), dtype=np.float64)


@njit(cache=True)
def sun_vector(
    latitude_rad: float, shift_h: float, hour_of_year: float
) -> tuple[float, float, float]:
    """Direction of the sun as (east, north, up), from Spencer's series.

    shift_h is longitude / 15 minus the UTC offset [h]; hour_of_year in local standard time.
    """
    day = 2.0 * np.pi * (hour_of_year / 24.0) / 365.0
    declination = (
        0.006918 - 0.399912 * np.cos(day) + 0.070257 * np.sin(day)
        - 0.006758 * np.cos(2 * day) + 0.000907 * np.sin(2 * day)
        - 0.002697 * np.cos(3 * day) + 0.00148 * np.sin(3 * day)
    )  # fmt: skip
    minutes = 229.18 * (
        0.000075 + 0.001868 * np.cos(day) - 0.032077 * np.sin(day)
        - 0.014615 * np.cos(2 * day) - 0.040849 * np.sin(2 * day)
    )  # fmt: skip
    angle = np.pi / 12.0 * (hour_of_year % 24.0 + shift_h + minutes / 60.0 - 12.0)
    east = -np.cos(declination) * np.sin(angle)
    north = np.sin(declination) * np.cos(latitude_rad) - np.cos(declination) * np.sin(
        latitude_rad
    ) * np.cos(angle)
    up = np.sin(declination) * np.sin(latitude_rad) + np.cos(declination) * np.cos(
        latitude_rad
    ) * np.cos(angle)
    return east, north, up


@njit(cache=True)
def tracker_rotation(east: float, up: float, ground_cover: float, limit_rad: float) -> float:
    """Rotation of a horizontal north-south axis [rad], east positive, with backtracking."""
    true = np.arctan2(east, up)
    share = np.abs(np.cos(true)) / ground_cover
    if share < 1.0:
        true -= np.sign(true) * np.arccos(share)
    return float(min(max(true, -limit_rad), limit_rad))


@njit(cache=True)
def solar_output(
    east: float, up: float, extra: float, ghi: float, dni: float, dhi: float,
    dry_bulb_c: float, wind_m_s: float, plant: PvPlant,
) -> float:  # fmt: skip
    """AC output over AC capacity for one sun position and one sky.

    extra is the irradiance above the atmosphere [W/m2].
    """
    if up <= 0.0 or ghi <= 0.0:
        return 0.0
    rotation = tracker_rotation(east, up, plant.ground_cover, plant.limit_rad)
    tilt = np.cos(rotation)
    incidence = max(east * np.sin(rotation) + up * tilt, 0.0)
    clear = min(dni / extra, 1.0)
    sky = dhi * (clear * incidence / max(up, 0.087) + (1.0 - clear) * 0.5 * (1.0 + tilt))
    glass = max(1.0 - plant.incidence * (1.0 / max(incidence, 0.01) - 1.0), 0.0)
    plane = dni * incidence * glass + sky + ghi * plant.albedo * 0.5 * (1.0 - tilt)
    cell_c = dry_bulb_c + plane / (plant.u0 + plant.u1 * wind_m_s)
    direct = plane / 1000.0 * (1.0 - plant.temp_per_k * (cell_c - 25.0)) * (1.0 - plant.loss)
    return float(min(max(plant.dc_ac * direct, 0.0) * plant.inverter, 1.0))


@njit(cache=True)
def _solar_year(
    latitude_rad: float, shift_h: float, ghi: Floats, dni: Floats, dhi: Floats,
    dry_bulb_c: Floats, wind_m_s: Floats, plant: PvPlant, out: Floats,
) -> None:  # fmt: skip
    """Loop over the hours; sunrise and sunset hours use the lit part of the hour."""
    for hour in range(out.size):
        extra = 1361.0 * (1.0 + 0.033 * np.cos(2.0 * np.pi * (hour / 24.0 + 1.0) / 365.0))
        total = 0.0
        for part in range(4):
            east, _, up = sun_vector(latitude_rad, shift_h, hour + 0.125 + 0.25 * part)
            total += solar_output(
                east, up, extra, ghi[hour], dni[hour], dhi[hour],
                dry_bulb_c[hour], wind_m_s[hour], plant,
            )  # fmt: skip
        out[hour] = 0.25 * total


def _hours(path: str, values: ArrayLike) -> Floats:
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.shape != (HOURS,):
        raise InputError(path, "have 8,760 hours (drop 29 February)", array.shape)
    if not np.isfinite(array).all():
        raise InputError(path, "be finite in every hour", "a missing value")
    return array
