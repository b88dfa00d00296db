"""Sun and wind against pvlib, geometry and plain sense."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
import pytest

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.supply.resource import (
    load_pv,
    solar_capacity_factor,
    sun_vector,
    tracker_rotation,
    wind_capacity_factor,
)

LATITUDE, LONGITUDE, OFFSET = 33.45, -111.98, -7.0


def sky() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A clear-sky year at hour middles with a few dull days, and the sun's position."""
    times = pd.date_range("2019-01-01 00:30", periods=8760, freq="h", tz="Etc/GMT+7")
    position = pvlib.solarposition.get_solarposition(times, LATITUDE, LONGITUDE)
    clear = pvlib.clearsky.haurwitz(position["apparent_zenith"])["ghi"]
    dull = 1.0 - 0.8 * (np.arange(8760) // 24 % 5 == 0)
    ghi = clear * dull
    parts = pvlib.irradiance.erbs(ghi, position["zenith"], times)
    return pd.DataFrame({"ghi": ghi, "dni": parts["dni"], "dhi": parts["dhi"]}), position


def test_sun_direction_equals_pvlib() -> None:
    _, position = sky()
    hours = np.arange(8760) + 0.5
    ours = np.array([sun_vector(np.radians(LATITUDE), LONGITUDE / 15.0 - OFFSET, h) for h in hours])
    zenith, azimuth = np.radians(position["zenith"]), np.radians(position["azimuth"])
    theirs = np.column_stack(
        [np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith)]
    )
    assert np.degrees(np.abs(ours - theirs).max()) < 0.6
    assert np.linalg.norm(ours, axis=1) == pytest.approx(np.ones(8760))


def test_the_year_equals_pvlib() -> None:
    light, position = sky()
    plant = load_pv()
    ours = solar_capacity_factor(
        LATITUDE, LONGITUDE, OFFSET, light["ghi"], light["dni"], light["dhi"],
        np.full(8760, 20.0), np.full(8760, 3.0),
    )  # fmt: skip
    turned = pvlib.tracking.singleaxis(
        position["apparent_zenith"], position["azimuth"], max_angle=60, gcr=plant.ground_cover
    )
    plane = pvlib.irradiance.get_total_irradiance(
        turned["surface_tilt"].fillna(0), turned["surface_azimuth"].fillna(90),
        position["apparent_zenith"], position["azimuth"],
        light["dni"], light["ghi"], light["dhi"],
        dni_extra=pvlib.irradiance.get_extra_radiation(light.index), model="haydavies",
        albedo=plant.albedo,
    ).fillna(0)  # fmt: skip
    glass = pvlib.iam.ashrae(turned["aoi"].fillna(90), b=plant.incidence)
    plane = plane["poa_direct"] * glass + plane["poa_diffuse"]
    cell = pvlib.temperature.faiman(plane, 20.0, 3.0, plant.u0, plant.u1)
    direct = plane / 1000 * (1 - plant.temp_per_k * (cell - 25)) * (1 - plant.loss)
    theirs = np.minimum(plant.dc_ac * direct * plant.inverter, 1.0)
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.01)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.999


def test_solar_is_bounded_and_dark_at_night() -> None:
    light, position = sky()
    cf = solar_capacity_factor(
        LATITUDE, LONGITUDE, OFFSET, light["ghi"], light["dni"], light["dhi"],
        np.full(8760, 20.0), np.full(8760, 3.0),
    )  # fmt: skip
    assert cf.min() == 0.0
    assert cf.max() == 1.0  # a DC to AC ratio over 1 clips
    assert (cf[position["zenith"].to_numpy() > 98.0] == 0.0).all()


def test_heat_costs_output() -> None:
    light, _ = sky()
    cool, hot = (
        solar_capacity_factor(LATITUDE, LONGITUDE, OFFSET, light["ghi"], light["dni"],
                              light["dhi"], np.full(8760, c), np.full(8760, 3.0)).sum()
        for c in (0.0, 40.0)
    )  # fmt: skip
    assert hot < cool


def test_the_tracker_follows_and_flattens() -> None:
    assert tracker_rotation(0.0, 1.0, 0.35, np.pi / 3) == 0.0
    noon_east = tracker_rotation(0.5, 0.8660254, 0.35, np.pi / 3)
    assert noon_east == pytest.approx(np.pi / 6, rel=1e-6)
    assert tracker_rotation(-0.5, 0.8660254, 0.35, np.pi / 3) == pytest.approx(-noon_east)
    assert abs(tracker_rotation(0.999, 0.04, 0.35, np.pi / 3)) < 0.2  # backtracks at dawn


def test_kernels_equal_plain_python() -> None:
    for args in ((0.58, -0.47, 4000.3), (0.58, -0.47, 10.9)):
        assert sun_vector(*args) == pytest.approx(
            getattr(sun_vector, "py_func", sun_vector)(*args), rel=1e-12
        )


def test_wind_follows_the_power_curve() -> None:
    curve = np.array(catalog.load("supply", "wind").series("power_curve"))
    hub = catalog.load("supply", "wind").si("hub_height")
    speed = np.resize(np.arange(0.0, 35.0, 0.5), 8760)
    cf = wind_capacity_factor(speed, hub)
    assert cf[speed == 8.0][0] == pytest.approx(curve[8])
    assert cf[speed == 25.0][0] == 1.0
    assert cf[speed > 25.0].max() == 0.0
    assert (cf[speed < 3.0] == 0.0).all()


def test_height_and_thin_air() -> None:
    speed = np.full(8760, 6.0)
    low, high = wind_capacity_factor(speed, 10.0)[0], wind_capacity_factor(speed, 115.0)[0]
    assert low > high
    thin = wind_capacity_factor(speed, 115.0, np.full(8760, 25.0), np.full(8760, 82_000.0))[0]
    assert thin < high


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="8,760"):
        wind_capacity_factor(np.ones(10), 100.0)
    with pytest.raises(InputError, match="height"):
        wind_capacity_factor(np.ones(8760), 0.0)
    with pytest.raises(InputError, match="ghi_w_m2"):
        solar_capacity_factor(0.0, 0.0, 0.0, np.full(8760, np.nan), *[np.ones(8760)] * 4)
