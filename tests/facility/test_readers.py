"""EPW and TMY3 files of the user: read like pvlib reads them, refused with one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wattpath import facility
from wattpath.errors import FileInputError

MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def epw_rows(leap: bool = False) -> list[str]:
    rows = []
    for month, length in enumerate(MONTHS, 1):
        for day in range(1, length + 1 + (leap and month == 2)):
            for hour in range(1, 25):
                sun = max(np.cos((hour - 12.5) / 24.0 * 2.0 * np.pi), 0.0)
                fields = [2001, month, day, hour, 60, "?9", f"{12 + 8 * sun:.1f}", 5.0, 60, 98000]
                fields += [0, 0, 300, f"{600 * sun:.0f}", f"{500 * sun:.0f}", f"{100 * sun:.0f}"]
                fields += [0, 0, 0, 0, 180, 3.5, 5, 5, 20, 77777, 9, 999999999, 15, 0.1, 0, 88]
                fields += [0.2, 0, 0]
                rows.append(",".join(str(field) for field in fields))
    return rows


def header(leap: str = "No") -> list[str]:
    return [
        "LOCATION,Testville,TX,USA,TMY3,999999,32.30,-100.20,-6.0,761.0",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        f"HOLIDAYS/DAYLIGHT SAVINGS,{leap},0,0,0",
        "COMMENTS 1,made for a test",
        "COMMENTS 2,made for a test",
        "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
    ]


def write(folder: Path, rows: list[str]) -> Path:
    file = folder / "test.epw"
    file.write_text("\n".join(header() + rows) + "\n")
    return file


def test_reads_what_pvlib_reads(tmp_path: Path) -> None:
    from pvlib.iotools import read_epw

    file = write(tmp_path, epw_rows())
    weather = facility.read_epw(file)
    frame, place = read_epw(str(file), coerce_year=2001)
    assert weather.latitude == place["latitude"]
    assert weather.elevation_m == place["altitude"]
    np.testing.assert_allclose(weather.dry_bulb_c, frame["temp_air"])
    np.testing.assert_allclose(weather.relative_humidity * 100.0, frame["relative_humidity"])
    np.testing.assert_allclose(weather.pressure_pa, frame["atmospheric_pressure"])
    np.testing.assert_allclose(weather.dni_w_m2, frame["dni"])
    np.testing.assert_allclose(weather.wind_speed_m_s, frame["wind_speed"])
    assert weather.evidence == "typical"


def test_leap_day_is_refused_or_left_out(tmp_path: Path) -> None:
    file = write(tmp_path, epw_rows(leap=True))
    with pytest.raises(FileInputError, match=r"8784 hours with 29 February.*drop_leap_day"):
        facility.read_epw(file)
    assert facility.read_epw(file, drop_leap_day=True).dry_bulb_c.size == 8760


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda rows: rows[:100] + rows[101:], "01-05 04:00 missing"),
        (lambda rows: [*rows[:100], rows[99], *rows[100:]], "01-05 hour 4 twice"),
        (lambda rows: rows[:5000], "5000 hours"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "01-01 00:00 missing or out of order"),
        (
            lambda rows: [rows[0].replace(",12.0,", ",99.9,"), *rows[1:]],
            "dry_bulb_c for every",
        ),
        (lambda rows: [rows[0].replace(",12.0,", ",warm,"), *rows[1:]], "warm at 01-01 00:00"),
        (lambda rows: [row.replace(",3.5,", ",35,") for row in rows], "not km/h or knots"),
        (
            lambda rows: [row.replace("300," + row.split(",")[13], "300,0.9") for row in rows],
            "not kJ/m2 or MJ/m2",
        ),
        (lambda rows: [rows[0].replace(",12.0,", ",88.0,"), *rows[1:]], "88 at 01-01 00:00"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, damage, words: str) -> None:
    with pytest.raises(FileInputError, match=words):
        facility.read_epw(write(tmp_path, damage(epw_rows())))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileInputError, match="be a readable file"):
        facility.read_epw(tmp_path / "absent.epw")
    other = tmp_path / "other.epw"
    other.write_text("a,b,c\n1,2,3\n")
    with pytest.raises(FileInputError, match="LOCATION"):
        facility.read_epw(other)
    with pytest.raises(FileInputError, match="TMY3 table"):
        facility.read_tmy3(other)


def tmy3_lines() -> list[str]:
    names = (
        "Date (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),DNI (W/m^2),DHI (W/m^2),"
        "Dry-bulb (C),RHum (%),Pressure (mbar),Wspd (m/s)"
    )
    lines = ['999999,"TESTVILLE",TX,-6.0,32.300,-100.200,761', names]
    for row in epw_rows():
        _, month, day, hour, *rest = row.split(",")
        when = f"{int(month):02d}/{int(day):02d}/1990,{int(hour):02d}:00"
        lines.append(f"{when},{','.join(rest[9:12])},{rest[2]},60,980,3.5")
    return lines


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda x: [x[0], x[1].replace("RHum (%)", "Humid"), *x[2:]], r"the column 'RHum \(%\)'"),
        (lambda x: [x[0], x[1].replace("Wspd", "Wind"), *x[2:]], "the column 'Wspd"),
        (lambda x: [*x[:102], x[101], *x[102:]], "ends at 01-05 04:00 twice"),
        (lambda x: [*x[:101], *x[102:]], "8759 hours, the one that ends at 01-05 04:00 missing"),
        (lambda x: x[:-1], "8759 hours, the one that ends at 12-31 24:00 missing"),
        (lambda x: [*x[:2], x[3], x[2], *x[4:]], "ends at 01-01 01:00 missing or out of order"),
        (
            lambda x: [*x[:101], x[101].replace(",980,", ",high,"), *x[102:]],
            r"'Pressure \(mbar\)' in every hour.*high at 01-05 03:00",
        ),
        (lambda x: [*x[:101], x[101].replace(",980,", ",,"), *x[102:]], "01-05 03:00"),
        (lambda x: [*x[:101], x[101].replace(",980,", ",-9900,"), *x[102:]], "01-05 03:00"),
        (lambda x: x[1:], "be a TMY3 table"),
        (lambda x: [x[0], x[1].replace("Time (HH:MM)", "T"), *x[2:]], "be a TMY3 table"),
    ],
)
def test_damaged_tmy3_tables_are_refused(tmp_path: Path, damage, words: str) -> None:
    file = tmp_path / "test.csv"
    file.write_text("\n".join(damage(tmy3_lines())) + "\n")
    with pytest.raises(FileInputError, match=words) as caught:
        facility.read_tmy3(file)
    assert "test.csv" in str(caught.value)


def test_reads_a_tmy3_table(tmp_path: Path) -> None:
    file = tmp_path / "test.csv"
    file.write_text("\n".join(tmy3_lines()) + "\n")
    weather = facility.read_tmy3(file)
    epw = facility.read_epw(write(tmp_path, epw_rows()))
    np.testing.assert_allclose(weather.dry_bulb_c, epw.dry_bulb_c)
    np.testing.assert_allclose(weather.pressure_pa, epw.pressure_pa)
    np.testing.assert_allclose(weather.ghi_w_m2, epw.ghi_w_m2)
