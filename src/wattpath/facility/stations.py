"""Weather years by name: hours of a catalogued station, or synthesised from a climate."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import numpy as np

from wattpath import catalog
from wattpath.errors import InputError, UnknownNameError
from wattpath.facility.weather import Weather, checked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hours = NDArray[np.float64]


def stations() -> tuple[str, ...]:
    """Every name that `load_weather` takes: stations with hours, then climates."""
    return catalog.names("weather") + catalog.names("climate")


def load_weather(name: str, path: str = "weather") -> Weather:
    """The weather year of a station, or a synthetic year of a climate.

    Parameters
    ----------
    name : str
        Key, name or alias of a ``weather`` entry (real hours) or of a ``climate`` entry
        (hours synthesised from monthly normals, graded ``synthetic``). Hours win.
    path : str, optional
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError
        If the catalogue holds neither.
    """
    try:
        return _station(catalog.load("weather", name, path).key)
    except UnknownNameError:
        pass
    try:
        key = catalog.load("climate", name, path).key
    except UnknownNameError:
        raise UnknownNameError(path, "weather station or climate", str(name), stations()) from None
    from wattpath.facility.climate import load_normals, synthesise  # loads numba

    return synthesise(load_normals(key))


@lru_cache(maxsize=8)
def _station(key: str) -> Weather:
    entry = catalog.load("weather", key)
    columns, aloft = _read_station(key)
    return checked(
        f"weather {key}",
        columns,
        aloft,
        station=key,
        latitude=entry.si("latitude"),
        longitude=entry.si("longitude"),
        elevation_m=entry.si("elevation_m"),
        utc_offset_h=entry.si("utc_offset_h"),
        wind_height_m=entry.si("wind_height_m"),
        source=entry.text("dataset"),
        evidence=entry.text("grade"),
    )


def _read_station(key: str) -> tuple[dict[str, Hours], dict[float, Hours]]:
    """The columns of one station from the Parquet file, in SI."""
    import pyarrow.parquet as pq

    file = files("wattpath.catalog") / "data" / "weather" / "hours.parquet"
    with as_file(file) as where, pq.ParquetFile(where) as parquet:
        layout = json.loads(parquet.schema_arrow.metadata[b"wattpath"])
        if key not in layout["stations"]:
            raise InputError("weather", "have hours in hours.parquet", key)
        table = parquet.read_row_group(layout["stations"].index(key))
    columns: dict[str, Hours] = {}
    aloft: dict[float, Hours] = {}
    for name, scale in layout["scales"].items():
        column = table.column(name)
        if column.null_count == len(column):
            continue
        stored = column.combine_chunks()
        whole = np.frombuffer(stored.buffers()[1], dtype=np.int16)
        values = whole[stored.offset : stored.offset + len(stored)] * scale
        if name.startswith("wind_aloft_"):
            aloft[float(name.removeprefix("wind_aloft_").removesuffix("m_m_s"))] = values
        else:
            columns[name] = values
    return columns, aloft
