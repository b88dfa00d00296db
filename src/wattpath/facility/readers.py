"""Weather files of the user: EnergyPlus weather (EPW) and TMY3 tables.

Both are read whole and checked hour by hour; nothing is filled in silently.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wattpath.errors import FileInputError
from wattpath.facility.weather import Weather, checked, stamp
from wattpath.units import HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

#: EPW field -> (name, factor into SI, value that means "missing").
_EPW_FIELDS = {
    6: ("dry_bulb_c", 1.0, 99.9),
    8: ("relative_humidity", 0.01, 999.0),
    9: ("pressure_pa", 1.0, 999999.0),
    13: ("ghi_w_m2", 1.0, 9999.0),
    14: ("dni_w_m2", 1.0, 9999.0),
    15: ("dhi_w_m2", 1.0, 9999.0),
    21: ("wind_speed_m_s", 1.0, 999.0),
}

#: Name that pvlib gives a column -> (column of the file, our name, factor into SI).
_TMY3_FIELDS = {
    "temp_air": ("Dry-bulb (C)", "dry_bulb_c", 1.0),
    "relative_humidity": ("RHum (%)", "relative_humidity", 0.01),
    "pressure": ("Pressure (mbar)", "pressure_pa", 100.0),
    "ghi": ("GHI (W/m^2)", "ghi_w_m2", 1.0),
    "dni": ("DNI (W/m^2)", "dni_w_m2", 1.0),
    "dhi": ("DHI (W/m^2)", "dhi_w_m2", 1.0),
    "wind_speed": ("Wspd (m/s)", "wind_speed_m_s", 1.0),
}


def read_epw(file: str | Path, *, drop_leap_day: bool = False) -> Weather:
    """Read an EnergyPlus weather file of one hourly year.

    Parameters
    ----------
    file : path
        The EPW file. Its hour 1 is the interval from 0:00 to 1:00 of local standard time.
    drop_leap_day : bool
        Leave 29 February out. Without it, a year of 8,784 hours is refused.

    Returns
    -------
    Weather
        Graded ``typical`` where the header names a typical year (TMY, IWEC, and the like),
        else ``measured``. Relative humidity above 100 % (allowed up to 110 % by the
        format) is set to 100 %.

    Raises
    ------
    FileInputError
        For a file that is missing or no EPW, for missing, duplicated or unordered hours, a
        leap day, missing values, or values that cannot be weather.
    """
    path = Path(file)
    lines = _lines(path)
    place = lines[0] if lines else []
    if len(place) < 10 or place[0].strip().upper() != "LOCATION":
        raise FileInputError(
            str(path), "begin with the line LOCATION of an EPW file", "".join(place)[:60]
        )
    rows = [row for row in lines if row and row[0].strip().lstrip("-").isdigit()]
    rows = _calendar(path, rows, drop_leap_day)
    try:
        columns = {
            name: _epw_column(str(path), name, rows, field, *rule)
            for field, (name, *rule) in _EPW_FIELDS.items()
        }
        latitude, longitude, offset, elevation = (float(x) for x in place[6:10])
    except (ValueError, IndexError) as error:
        raise FileInputError(
            str(path), "give latitude, longitude, time zone and elevation", ",".join(place[6:10])
        ) from error
    columns["relative_humidity"] = np.minimum(columns["relative_humidity"], 1.0)
    data = f"{place[4]} {path.name}".upper()
    typical = any(word in data for word in ("TMY", "IWEC", "CWEC", "TRY", "WYEC", "SWEC", "CTZ"))
    return checked(
        str(path),
        columns,
        station=place[1].strip(),
        latitude=latitude,
        longitude=longitude,
        elevation_m=elevation,
        utc_offset_h=offset,
        wind_height_m=10.0,
        source=f"EPW file {path.name} ({place[4].strip()})",
        evidence="typical" if typical else "measured",
    )


def _lines(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise FileInputError(
            str(path), "be a readable file", error.strerror or str(error)
        ) from error
    return list(csv.reader(text.splitlines()))


def _epw_column(
    path: str,
    name: str,
    rows: Sequence[Sequence[str]],
    field: int,
    factor: float,
    missing: float,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = np.empty(len(rows))
    for hour, row in enumerate(rows):
        try:
            values[hour] = float(row[field])
        except (ValueError, IndexError) as error:
            cell = row[field] if field < len(row) else "nothing"
            found = f"{cell or 'an empty cell'} at {stamp(hour)}"
            raise FileInputError(path, f"give a number of {name} in every hour", found) from error
    return np.where(values == missing, math.nan, values * factor)


def _calendar(path: Path, rows: list[list[str]], drop_leap_day: bool) -> list[list[str]]:
    """The 8,760 rows in order, or a sentence naming the first hour that is wrong."""
    try:
        stamps = [(int(row[1]), int(row[2]), int(row[3])) for row in rows]
    except (ValueError, IndexError) as error:
        raise FileInputError(
            str(path), "give month, day and hour in each row", str(error)
        ) from error
    leap = [at for at, (month, day, _) in enumerate(stamps) if (month, day) == (2, 29)]
    if leap and not drop_leap_day:
        raise FileInputError(
            str(path),
            f"be a year of {HOURS} hours",
            f"{len(rows)} hours with 29 February",
            "Leave the leap day out (read_epw with drop_leap_day=True does).",
        )
    kept = set(leap)
    rows = [row for at, row in enumerate(rows) if at not in kept]
    stamps = [s for at, s in enumerate(stamps) if at not in kept]
    _check_order(path, stamps)
    return rows


def _check_order(path: Path, stamps: list[tuple[int, int, int]]) -> None:
    seen: set[tuple[int, int, int]] = set()
    for month, day, hour in stamps:
        if (month, day, hour) in seen:
            raise FileInputError(
                str(path),
                "hold each hour once",
                f"{month:02d}-{day:02d} hour {hour} twice",
                "Sub-hourly files must be averaged to hours first.",
            )
        seen.add((month, day, hour))
    for at in range(HOURS):
        clock = stamp(at)
        expected = (int(clock[:2]), int(clock[3:5]), int(clock[6:8]) + 1)
        if at >= len(stamps) or stamps[at] != expected:
            found = f"{len(stamps)} hours, {clock} missing or out of order"
            raise FileInputError(str(path), f"hold all {HOURS} hours of a year in order", found)
    if len(stamps) > HOURS:
        raise FileInputError(str(path), f"hold {HOURS} hours", f"{len(stamps)} hours")


def read_tmy3(file: str | Path) -> Weather:
    """Read a TMY3 table (comma-separated, as published by NREL) through pvlib.

    Parameters
    ----------
    file : path
        The CSV file; its hours end at the stated time, in local standard time.

    Raises
    ------
    FileInputError
        For a file that is missing or no TMY3 table, a missing column, missing, duplicated or
        unordered hours, text in place of a number, or values that cannot be weather.
    """
    from pvlib.iotools import read_tmy3 as read

    path = Path(file)
    try:
        frame, place = read(str(path), coerce_year=2001, map_variables=True)
    except OSError as error:
        raise FileInputError(
            str(path), "be a readable file", error.strerror or str(error)
        ) from error
    except Exception as error:
        raise FileInputError(str(path), "be a TMY3 table", str(error)[:120]) from error
    _check_hours(str(path), frame.index)
    columns = {
        name: _tmy3_column(str(path), frame, column, title) * factor
        for column, (title, name, factor) in _TMY3_FIELDS.items()
    }
    columns["relative_humidity"] = np.minimum(columns["relative_humidity"], 1.0)
    return checked(
        str(path),
        columns,
        station=str(place["Name"]).strip('"'),
        latitude=float(place["latitude"]),
        longitude=float(place["longitude"]),
        elevation_m=float(place["altitude"]),
        utc_offset_h=float(place["TZ"]),
        wind_height_m=10.0,
        source=f"TMY3 file {path.name} (USAF {place['USAF']})",
        evidence="typical",
    )


def _check_hours(path: str, index: pd.DatetimeIndex) -> None:
    """Refuse hours of a TMY3 table that are doubled, missing or out of order."""
    clock = index.tz_localize(None)
    twice = clock[clock.duplicated()]
    if twice.size:
        found = f"the hour that ends at {twice[0]:%m-%d %H:%M} twice"
        raise FileInputError(path, "hold each hour once", found)
    stamps = [(one.month, one.day, one.hour) for one in clock]
    for at in range(HOURS):
        before = stamp(at)
        ends = stamp((at + 1) % HOURS)
        if at >= len(stamps) or stamps[at] != (int(ends[:2]), int(ends[3:5]), int(ends[6:8])):
            end = f"{before[:5]} {int(before[6:8]) + 1:02d}:00"
            said = f"{len(stamps)} hours, the one that ends at {end} missing or out of order"
            raise FileInputError(path, f"hold all {HOURS} hours of a year in order", said)
    if len(stamps) > HOURS:
        raise FileInputError(path, f"hold {HOURS} hours", f"{len(stamps)} hours")


def _tmy3_column(
    path: str, frame: pd.DataFrame, column: str, title: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column as numbers, missing values as NaN."""
    import pandas as pd

    if column not in frame:
        raise FileInputError(path, f"have the column '{title}'", "none of that name")
    numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(np.isnan(numbers) & frame[column].notna().to_numpy())
    if bad.size:
        found = f"{frame[column].iloc[bad[0]]} at {stamp(bad[0])}"
        raise FileInputError(path, f"give a number of '{title}' in every hour", found)
    return np.where(numbers <= -9000.0, math.nan, numbers)
