"""Stations of the catalogue, the checks on hours, and wind at a height."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from wattpath import catalog, facility
from wattpath.errors import FileInputError, UnknownNameError
from wattpath.facility.weather import LIMITS, checked, stamp
from wattpath.units import HOURS

PLACE = {
    "station": "here",
    "latitude": 40.0,
    "longitude": -90.0,
    "elevation_m": 100.0,
    "utc_offset_h": -6.0,
    "wind_height_m": 10.0,
    "source": "made for the test",
    "evidence": "synthetic",
}


def columns() -> dict[str, np.ndarray]:
    clock = np.arange(HOURS) % 24
    sun = np.maximum(np.cos((clock + 0.5 - 12.0) / 24.0 * 2.0 * np.pi), 0.0)
    return {
        "dry_bulb_c": np.full(HOURS, 15.0),
        "relative_humidity": np.full(HOURS, 0.5),
        "pressure_pa": np.full(HOURS, 100_000.0),
        "ghi_w_m2": 500.0 * sun,
        "dni_w_m2": 400.0 * sun,
        "dhi_w_m2": 100.0 * sun,
        "wind_speed_m_s": np.full(HOURS, 4.0),
    }


@pytest.mark.parametrize("key", catalog.names("weather"))
def test_every_station_has_a_plausible_year(key: str) -> None:
    weather = facility.load_weather(key)
    for name, (low, high) in LIMITS.items():
        values = getattr(weather, name)
        assert values.shape == (HOURS,)
        assert low <= values.min() <= values.max() <= high
    assert weather.ghi_w_m2.max() > 650.0
    assert 3.0 < weather.dry_bulb_c.max() - weather.dry_bulb_c.mean() < 40.0
    standard = 101_325.0 * np.exp(-weather.elevation_m / 8434.0)
    assert weather.pressure_pa.mean() == pytest.approx(standard, rel=0.02)


def test_texas_year_has_wind_aloft() -> None:
    weather = facility.load_weather("Abilene")
    assert set(weather.wind_aloft_m_s) == {80.0, 100.0}
    assert weather.wind_at(100.0).mean() > weather.wind_at(80.0).mean() > weather.wind_at(10).mean()
    middle = weather.wind_at(90.0)
    assert weather.wind_at(80.0).mean() < middle.mean() < weather.wind_at(100.0).mean()
    assert weather.wind_at(120.0).mean() > weather.wind_at(100.0).mean()


def test_names_and_aliases_find_the_same_year() -> None:
    assert facility.load_weather("Phoenix") is facility.load_weather("us-phoenix")
    assert facility.load_weather("Dublin").evidence == "synthetic"
    with pytest.raises(UnknownNameError, match="us-phoenix"):
        facility.load_weather("us-phenix", "site.weather")


def test_hours_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        facility.load_weather("us-denver").dry_bulb_c[0] = 0.0


def test_good_columns_pass() -> None:
    assert checked("file", columns(), **PLACE).dry_bulb_c.mean() == 15.0


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("dry_bulb_c", lambda x: x[:-1], "give 8760 hours of dry_bulb_c"),
        ("dry_bulb_c", lambda x: x * 1.8 + 50.0, "degC, not degF"),
        ("pressure_pa", lambda x: x / 100.0, "Pa, not hPa"),
        ("relative_humidity", lambda x: x * 100.0, "fraction from 0 to 1"),
        ("ghi_w_m2", lambda x: np.roll(x, 6), "time zone"),
        ("wind_speed_m_s", lambda x: np.where(np.arange(HOURS) == 50, np.nan, x), "01-03 02:00"),
    ],
)
def test_absurd_columns_are_refused(name: str, change, words: str) -> None:
    bad = columns()
    bad[name] = change(bad[name])
    with pytest.raises(FileInputError, match=words):
        checked("file", bad, **PLACE)


def test_stamp_counts_from_january() -> None:
    assert stamp(0) == "01-01 00:00"
    assert stamp(59 * 24 + 5) == "03-01 05:00"
    assert stamp(HOURS - 1) == "12-31 23:00"


@pytest.mark.parametrize(
    ("name", "spoil", "hint"),
    [
        ("dry_bulb_c", lambda x: x * 0.0 + 50.0, "not degF"),
        ("relative_humidity", lambda x: x / 100.0, "fraction from 0 to 1"),
        ("pressure_pa", lambda x: x * 0.0 + 85_000.0, "not reduced to sea level"),
    ],
)
def test_means_tell_of_mixed_up_units(
    name: str, spoil: Callable[[np.ndarray], np.ndarray], hint: str
) -> None:
    """Every hour alone could be weather."""
    chicago = facility.load_weather("us-chicago")
    hours = {key: getattr(chicago, key) for key in LIMITS}
    hours[name] = spoil(hours[name])
    place = {key: getattr(chicago, key) for key in PLACE}
    with pytest.raises(FileInputError, match=hint):
        checked("x", hours, **place)
