"""One year of hourly weather at one place, and what can be weather at all.

Hour ``h`` is the interval from ``h`` to ``h + 1`` of local standard time, counted from
1 January, in a year of 8,760 hours. Radiation is the mean over the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wattpath.errors import FileInputError
from wattpath.units import HOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Hours = NDArray[np.float64]

#: Column -> (smallest, largest) value of weather on Earth, with a little room.
LIMITS: Mapping[str, tuple[float, float]] = {
    "dry_bulb_c": (-70.0, 60.0),
    "relative_humidity": (0.0, 1.0),
    "pressure_pa": (45_000.0, 110_000.0),
    "ghi_w_m2": (0.0, 1500.0),
    "dni_w_m2": (0.0, 1400.0),
    "dhi_w_m2": (0.0, 1000.0),
    "wind_speed_m_s": (0.0, 75.0),
}

_MIX_UPS: Mapping[str, str] = {
    "dry_bulb_c": "Temperatures are degC, not degF or K.",
    "relative_humidity": "Relative humidity is a fraction from 0 to 1 (percent in EPW and TMY3).",
    "pressure_pa": "Station pressure is in Pa, not hPa or mbar, and not reduced to sea level.",
    "ghi_w_m2": "Radiation is in W/m2 (Wh/m2 of an hour), not kJ/m2 or MJ/m2.",
    "wind_speed_m_s": "Wind speed is in m/s, not km/h or knots or tenths of m/s.",
}


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Weather:
    """A weather year. Every array has 8,760 values and is read-only.

    Attributes
    ----------
    station : str
        Key or name of the place.
    latitude, longitude : float
        [deg], north and east positive.
    elevation_m : float
        Height above sea level [m].
    utc_offset_h : float
        Local standard time minus UTC [h].
    dry_bulb_c : array
        Air temperature [degC].
    relative_humidity : array
        [0..1].
    pressure_pa : array
        Station pressure [Pa].
    ghi_w_m2, dni_w_m2, dhi_w_m2 : array
        Global horizontal, direct normal and diffuse horizontal irradiance [W/m2].
    wind_speed_m_s : array
        At `wind_height_m` [m/s].
    wind_height_m : float
        [m].
    source : str
        Where the hours come from.
    evidence : str
        ``measured`` (instruments), ``modelled`` (satellite and weather model, an actual
        year), ``typical`` (months of several years joined) or ``synthetic``.
    wind_aloft_m_s : dict
        Height [m] -> wind speed [m/s], where the source gives it.
    """

    station: str
    latitude: float
    longitude: float
    elevation_m: float
    utc_offset_h: float
    dry_bulb_c: Hours
    relative_humidity: Hours
    pressure_pa: Hours
    ghi_w_m2: Hours
    dni_w_m2: Hours
    dhi_w_m2: Hours
    wind_speed_m_s: Hours
    wind_height_m: float
    source: str
    evidence: str
    wind_aloft_m_s: dict[float, Hours]

    def wind_at(self, height_m: float) -> Hours:
        """Wind speed at a height [m/s].

        Between two known heights the speed follows a power law through both; above or
        below them, the 1/7 power law. The 1/7 law is for open country and neutral air;
        at night the true shear is often larger, in forests and towns as well.

        Parameters
        ----------
        height_m : float
            [m].
        """
        known = {self.wind_height_m: self.wind_speed_m_s, **self.wind_aloft_m_s}
        if height_m in known:
            return known[height_m]
        below = max((h for h in known if h < height_m), default=None)
        above = min((h for h in known if h > height_m), default=None)
        if below is None or above is None:
            nearest = below if below is not None else above
            assert nearest is not None
            return np.asarray(known[nearest] * (height_m / nearest) ** (1.0 / 7.0))
        low, high = np.maximum(known[below], 0.05), np.maximum(known[above], 0.05)
        exponent = np.log(high / low) / np.log(above / below)
        return np.asarray(low * (height_m / below) ** exponent)


def checked(
    path: str,
    columns: Mapping[str, Any],
    wind_aloft_m_s: Mapping[float, Any] | None = None,
    **place: Any,
) -> Weather:
    """A `Weather` from its columns, refused where a value cannot be weather.

    Parameters
    ----------
    path : str
        File or name, for the error message.
    columns : mapping
        The seven hourly columns of `LIMITS`.
    wind_aloft_m_s : mapping, optional
        Height [m] -> wind speed [m/s].
    **place
        The other fields of `Weather`.

    Raises
    ------
    FileInputError
        For a wrong length, a missing value, a value outside `LIMITS`, a yearly mean that no
        place has (mixed-up units), or sunshine at night (a wrong time zone).
    """
    arrays: dict[str, Any] = {}
    for name, (low, high) in LIMITS.items():
        arrays[name] = _hours(path, name, columns[name], low, high)
    aloft = {
        float(height): _hours(path, f"wind at {height:g} m", speed, 0.0, 75.0)
        for height, speed in (wind_aloft_m_s or {}).items()
    }
    weather = Weather(**arrays, wind_aloft_m_s=aloft, **place)
    _check_means(path, weather)
    _check_sun(path, weather)
    return weather


def _hours(path: str, name: str, values: Any, low: float, high: float) -> Hours:
    array = np.array(values, dtype=np.float64)
    if array.shape != (HOURS,):
        raise FileInputError(path, f"give {HOURS} hours of {name}", array.shape)
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise FileInputError(
            path, f"give {name} for every hour", f"{bad.size} missing, the first at {stamp(bad[0])}"
        )
    wild = np.flatnonzero((array < low) | (array > high))
    if wild.size:
        at = int(wild[0])
        raise FileInputError(
            path,
            f"have {name} between {low:g} and {high:g}",
            f"{array[at]:g} at {stamp(at)}",
            _MIX_UPS.get(name, ""),
        )
    array.flags.writeable = False
    return array


def standard_pressure_pa(elevation_m: float) -> float:
    """Pressure of the standard atmosphere [Pa].

    Parameters
    ----------
    elevation_m : float
        [m].
    """
    return float(101_325.0 * (1.0 - 2.25577e-5 * elevation_m) ** 5.2559)


def _check_means(path: str, weather: Weather) -> None:
    """Refuse a year whose means tell of other units, though each hour could be weather."""
    standard = standard_pressure_pa(weather.elevation_m)
    means = {
        "dry_bulb_c": (weather.dry_bulb_c.mean(), -35.0, 36.0),
        "relative_humidity": (weather.relative_humidity.mean(), 0.08, 0.99),
        "pressure_pa": (weather.pressure_pa.mean(), 0.92 * standard, 1.08 * standard),
        "wind_speed_m_s": (weather.wind_speed_m_s.mean(), 0.0, 14.0),
    }
    if weather.ghi_w_m2.any():
        means["ghi_w_m2"] = (weather.ghi_w_m2.mean(), 30.0, 350.0)
    for name, (mean, low, high) in means.items():
        if not low <= mean <= high:
            limits = f"have a yearly mean of {name} between {low:.4g} and {high:.4g}"
            raise FileInputError(path, limits, f"{mean:.4g}", _MIX_UPS[name])


def _check_sun(path: str, weather: Weather) -> None:
    """Refuse a year whose sunshine is not centred on the place's solar noon."""
    day = weather.ghi_w_m2.reshape(-1, 24).mean(axis=0)
    if day.sum() < 24.0 * 10.0:
        return
    angle = 2.0 * np.pi * (np.arange(24) + 0.5) / 24.0
    centre = (
        np.arctan2((day * np.sin(angle)).sum(), (day * np.cos(angle)).sum()) * 24.0 / (2 * np.pi)
    )
    noon = 12.0 - (weather.longitude / 15.0 - weather.utc_offset_h)
    gap = (centre - noon + 12.0) % 24.0 - 12.0
    if abs(gap) > 2.5:
        raise FileInputError(
            path,
            f"be in local standard time (UTC{weather.utc_offset_h:+g} h)",
            f"sunshine centred {gap:+.1f} h from solar noon",
            "The hours are probably in another time zone than the header says.",
        )


_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: First hour of each month, and the end of the year.
MONTH_STARTS = tuple(24 * sum(_MONTH_DAYS[:m]) for m in range(13))


def stamp(hour: int) -> str:
    """The hour of the year as month-day and time: 14 -> '01-01 14:00'."""
    month = next(m for m in range(12) if hour < MONTH_STARTS[m + 1])
    day, clock = divmod(int(hour) - MONTH_STARTS[month], 24)
    return f"{month + 1:02d}-{day + 1:02d} {clock:02d}:00"
