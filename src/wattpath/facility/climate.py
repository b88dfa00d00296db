"""A synthetic weather year from monthly climate normals.

It returns the monthly means of temperature, humidity, radiation and wind that it is given,
with a daily cycle, clear-sky geometry and days that resemble their neighbours. It is for
places without an hourly year, and graded ``synthetic``: single hours are invented, extreme
hours are too mild, and heat waves that last for weeks are missing.

References
----------
Haurwitz (1945), J. Meteorology 2, 154 (clear-sky radiation). Erbs, Klein and Duffie (1982),
Solar Energy 28, 293 (diffuse share). Spencer (1971), Search 2, 172 (declination).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from wattpath import catalog
from wattpath.facility.psychrometrics import saturation_pressure_pa
from wattpath.facility.weather import MONTH_STARTS, Weather, checked, standard_pressure_pa
from wattpath.units import HOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Hours = NDArray[np.float64]

#: Correlation of one day with the next, and of one hour with the next (wind).
_DAY_MEMORY = 0.65
_HOUR_MEMORY = 0.93
#: Local solar hour of the daily temperature peak.
_PEAK_HOUR = 15.0


@dataclass(frozen=True, slots=True)
class Normals:
    """Monthly climate normals of a place, from January to December.

    Attributes
    ----------
    key, name : str
        The key also seeds the invented days: the same key gives the same year.
    latitude, longitude : float
        [deg].
    elevation_m, utc_offset_h : float
        [m], [h].
    mean_c, range_c : tuple
        Mean temperature [degC]; mean of the daily maximum minus minimum [K].
    relative_humidity : tuple
        [0..1].
    ghi_kwh_m2_day : tuple
        Global horizontal radiation of a day [kWh/m2].
    wind_m_s : tuple
        At 10 m [m/s].
    day_to_day_c : float
        Standard deviation of daily means around their normal, mean over the year [K].
    """

    key: str
    name: str
    latitude: float
    longitude: float
    elevation_m: float
    utc_offset_h: float
    mean_c: tuple[float, ...]
    range_c: tuple[float, ...]
    relative_humidity: tuple[float, ...]
    ghi_kwh_m2_day: tuple[float, ...]
    wind_m_s: tuple[float, ...]
    day_to_day_c: float


@lru_cache(maxsize=16)
def load_normals(name: str, path: str = "climate") -> Normals:
    """The normals of a ``climate`` entry of the catalogue.

    Parameters
    ----------
    name : str
        Key, name or alias.
    path : str, optional
        Where the name was given, for the error message.
    """
    entry = catalog.load("climate", name, path)
    return Normals(
        key=entry.key,
        name=entry.name,
        latitude=entry.si("latitude"),
        longitude=entry.si("longitude"),
        elevation_m=entry.si("elevation_m"),
        utc_offset_h=entry.si("utc_offset_h"),
        mean_c=entry.series("mean_c"),
        range_c=entry.series("range_c"),
        relative_humidity=entry.series("relative_humidity"),
        ghi_kwh_m2_day=entry.series("ghi_kwh_m2_day"),
        wind_m_s=entry.series("wind_m_s"),
        day_to_day_c=entry.si("day_to_day_c"),
    )


def normals_of(weather: Weather) -> Normals:
    """The monthly normals of an hourly year: what `synthesise` is given to imitate it.

    Parameters
    ----------
    weather : Weather
    """
    daily = weather.dry_bulb_c.reshape(365, 24)
    span = np.repeat(daily.max(axis=1) - daily.min(axis=1), 24)
    residual = daily.mean(axis=1) - _smooth(_monthly(weather.dry_bulb_c))[12::24]
    return Normals(
        key=weather.station,
        name=weather.station,
        latitude=weather.latitude,
        longitude=weather.longitude,
        elevation_m=weather.elevation_m,
        utc_offset_h=weather.utc_offset_h,
        mean_c=_monthly(weather.dry_bulb_c),
        range_c=_monthly(span),
        relative_humidity=_monthly(weather.relative_humidity),
        ghi_kwh_m2_day=_monthly(weather.ghi_w_m2 * 0.024),
        wind_m_s=_monthly(weather.wind_at(10.0)),
        day_to_day_c=float(residual.std()),
    )


@lru_cache(maxsize=16)
def synthesise(normals: Normals) -> Weather:
    """A synthetic weather year with these monthly normals.

    Parameters
    ----------
    normals : Normals

    Returns
    -------
    Weather
        Graded ``synthetic``; pressure is that of the standard atmosphere. The daily range
        and the spread of days come out within a tenth; the monthly means are exact.
    """
    seed = np.random.default_rng(zlib.crc32(normals.key.encode()))
    cloud = _persistent(seed, 365, _DAY_MEMORY)
    cosine = sun_cosine(normals.latitude, normals.longitude, normals.utc_offset_h)
    ghi = _radiation(normals.ghi_kwh_m2_day, cosine, cloud)
    dhi, dni = split_radiation(ghi, cosine)
    dry_bulb = _temperature(normals, seed, cloud)
    columns = {
        "dry_bulb_c": dry_bulb,
        "relative_humidity": _humidity(normals.relative_humidity, dry_bulb, cloud),
        "pressure_pa": np.full(HOURS, standard_pressure_pa(normals.elevation_m)),
        "ghi_w_m2": ghi,
        "dni_w_m2": dni,
        "dhi_w_m2": dhi,
        "wind_speed_m_s": _wind(normals.wind_m_s, seed),
    }
    return checked(
        f"climate {normals.key}",
        columns,
        station=normals.key,
        latitude=normals.latitude,
        longitude=normals.longitude,
        elevation_m=normals.elevation_m,
        utc_offset_h=normals.utc_offset_h,
        wind_height_m=10.0,
        source=f"synthesised from the monthly climate normals of {normals.name}",
        evidence="synthetic",
    )


def sun_cosine(latitude: float, longitude: float, utc_offset_h: float) -> Hours:
    """Cosine of the solar zenith angle at mid-hour, 0 at night.

    Parameters
    ----------
    latitude, longitude : float
        [deg].
    utc_offset_h : float
        [h].
    """
    hour = np.arange(HOURS)
    year = 2.0 * np.pi * (hour // 24) / 365.0
    declination = (
        0.006918
        - 0.399912 * np.cos(year)
        + 0.070257 * np.sin(year)
        - 0.006758 * np.cos(2.0 * year)
        + 0.000907 * np.sin(2.0 * year)
    )
    solar = hour % 24 + 0.5 + longitude / 15.0 - utc_offset_h
    angle = np.deg2rad(15.0) * (solar - 12.0)
    phi = np.deg2rad(latitude)
    cosine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(angle)
    return np.asarray(np.maximum(cosine, 0.0))


def split_radiation(ghi: Hours, cosine: Hours) -> tuple[Hours, Hours]:
    """Diffuse horizontal and direct normal irradiance from global (Erbs) [W/m2].

    Parameters
    ----------
    ghi, cosine : array
        [W/m2], and cosine of the zenith angle.
    """
    outside = 1361.0 * np.maximum(cosine, 1e-6)
    k = np.clip(ghi / outside, 0.0, 1.0)
    middle = 0.9511 - 0.1604 * k + 4.388 * k**2 - 16.638 * k**3 + 12.336 * k**4
    share = np.where(k <= 0.22, 1.0 - 0.09 * k, np.where(k <= 0.8, middle, 0.165))
    dhi = np.where(cosine > 0.05, share, 1.0) * ghi
    dni = np.where(cosine > 0.05, (ghi - dhi) / np.maximum(cosine, 0.05), 0.0)
    return dhi, np.clip(dni, 0.0, 1100.0)


def _persistent(seed: np.random.Generator, count: int, memory: float) -> Hours:
    """Standard normal numbers in which each resembles the one before."""
    noise = seed.standard_normal(count) * np.sqrt(1.0 - memory**2)
    noise[0] /= np.sqrt(1.0 - memory**2)
    for at in range(1, count):
        noise[at] += memory * noise[at - 1]
    return np.asarray(noise)


def _smooth(monthly: ArrayLike) -> Hours:
    """A smooth year through monthly values (joined at mid-month, December to January)."""
    values = np.asarray(monthly, dtype=np.float64)
    centres = (np.array(MONTH_STARTS[:-1]) + np.array(MONTH_STARTS[1:]) - 1) / 2.0
    at = np.concatenate([[centres[-1] - HOURS], centres, [centres[0] + HOURS]])
    around = np.concatenate([values[-1:], values, values[:1]])
    return np.asarray(np.interp(np.arange(HOURS, dtype=np.float64), at, around))


def _monthly(hours: Hours) -> tuple[float, ...]:
    """Mean of each month."""
    sums = np.add.reduceat(hours, MONTH_STARTS[:-1])
    return tuple(float(x) for x in sums / np.diff(MONTH_STARTS))


def _fit(goal: Sequence[float], make: Callable[[Hours], Hours], factor: bool) -> Hours:
    """Bend the monthly inputs of `make` until its monthly means are `goal`.

    A factor stops at 100 times its start: some goals cannot be met, such as sunshine in the
    polar night.
    """
    aim = np.asarray(goal, dtype=np.float64)
    inputs = aim.copy()
    result = make(_smooth(inputs))
    for _ in range(40):
        means = np.asarray(_monthly(result))
        if np.abs(means - aim).max() < 1e-5 * max(np.abs(aim).max(), 1e-9):
            break
        if factor:
            inputs = np.minimum(inputs * aim / np.maximum(means, 1e-9), 100.0 * aim)
        else:
            inputs = inputs + aim - means
        result = make(_smooth(inputs))
    return result


def _temperature(normals: Normals, seed: np.random.Generator, cloud: Hours) -> Hours:
    """Daily cycle (wider on clear days) upon a daily mean that drifts around its normal.

    Days scatter more in winter than in summer, by the ratio that TMY3 stations show.
    """
    mean = np.asarray(normals.mean_c)
    warm = (mean - mean.min()) / max(mean.max() - mean.min(), 1.0)
    spread = _smooth(normals.day_to_day_c * (1.3 - 0.6 * warm))[12::24]
    drift = spread * _persistent(seed, 365, _DAY_MEMORY)
    hour = np.arange(HOURS)
    anomaly = np.interp((hour + 0.5) / 24.0, np.arange(365) + 0.5, drift)
    clear = np.repeat(1.0 + 0.3 * np.clip(cloud, -2.0, 2.0), 24)
    peak = _PEAK_HOUR - normals.longitude / 15.0 + normals.utc_offset_h
    cycle = np.cos(2.0 * np.pi * (hour % 24 + 0.5 - peak) / 24.0)
    swing = 0.5 * _smooth(normals.range_c) * clear * cycle
    return _fit(normals.mean_c, lambda level: level + anomaly + swing, factor=False)


def _humidity(monthly: Sequence[float], dry_bulb_c: Hours, cloud: Hours) -> Hours:
    """Vapour pressure steady over the day, less on clear days, never above saturation."""
    saturated = np.array([saturation_pressure_pa(t) for t in dry_bulb_c])
    daily = np.repeat(saturated.reshape(365, 24).mean(axis=1), 24)
    day = np.interp((np.arange(HOURS) + 0.5) / 24.0, np.arange(365) + 0.5, daily[::24])
    wet = np.repeat(np.exp(-0.10 * np.clip(cloud, -2.0, 2.0)), 24)
    return _fit(
        monthly,
        lambda level: np.clip(level * wet * day / saturated, 0.03, 1.0),
        factor=True,
    )


def _radiation(monthly: Sequence[float], cosine: Hours, cloud: Hours) -> Hours:
    """Clear-sky radiation dimmed by a clearness that keeps for days [W/m2]."""
    clear = np.where(cosine > 0.0, 1098.0 * cosine * np.exp(-0.057 / np.maximum(cosine, 1e-3)), 0.0)
    sky = np.repeat(1.0 / (1.0 + np.exp(-(0.4 + 1.1 * cloud))), 24)
    goal = [max(value, 0.02) * 1000.0 / 24.0 for value in monthly]
    ceiling = 1.08 * clear
    return _fit(goal, lambda level: np.minimum(level / 200.0 * clear * sky, ceiling), factor=True)


def _wind(monthly: Sequence[float], seed: np.random.Generator) -> Hours:
    """Rayleigh-distributed wind with memory and a weak afternoon peak [m/s]."""
    noise = _persistent(seed, HOURS, _HOUR_MEMORY)
    other = _persistent(seed, HOURS, _HOUR_MEMORY)
    speed = np.sqrt(noise**2 + other**2) * np.sqrt(2.0 / np.pi)
    day = 1.0 + 0.15 * np.cos(2.0 * np.pi * (np.arange(HOURS) % 24 - 15.0) / 24.0)
    return np.minimum(_fit(monthly, lambda level: level * speed * day, factor=True), 40.0)
