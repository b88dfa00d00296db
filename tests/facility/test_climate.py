"""Synthetic years return their normals and lead to the same PUE as the real hours."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath import catalog, facility
from wattpath.facility.climate import load_normals, normals_of, split_radiation, synthesise
from wattpath.facility.weather import MONTH_STARTS


def monthly(hours: np.ndarray) -> np.ndarray:
    return np.add.reduceat(hours, MONTH_STARTS[:-1]) / np.diff(MONTH_STARTS)


@pytest.mark.parametrize("key", ["de-frankfurt", "sg-singapore", "ae-dubai", "se-lulea"])
def test_returns_its_normals(key: str) -> None:
    normals = load_normals(key)
    weather = synthesise(normals)
    np.testing.assert_allclose(monthly(weather.dry_bulb_c), normals.mean_c, atol=0.01)
    np.testing.assert_allclose(
        monthly(weather.relative_humidity), normals.relative_humidity, atol=0.002
    )
    np.testing.assert_allclose(monthly(weather.wind_speed_m_s), normals.wind_m_s, atol=0.02)
    radiation = monthly(weather.ghi_w_m2) * 0.024
    np.testing.assert_allclose(radiation, normals.ghi_kwh_m2_day, atol=0.04)
    daily = weather.dry_bulb_c.reshape(365, 24)
    span = (daily.max(axis=1) - daily.min(axis=1)).mean()
    assert span == pytest.approx(np.mean(normals.range_c), rel=0.15)
    assert weather.evidence == "synthetic"


def test_is_deterministic_and_has_memory() -> None:
    normals = load_normals("jp-tokyo")
    one, two = synthesise(normals), synthesise.__wrapped__(normals)
    np.testing.assert_array_equal(one.dry_bulb_c, two.dry_bulb_c)
    days = one.dry_bulb_c.reshape(365, 24).mean(axis=1)
    drift = days - np.convolve(days, np.ones(31) / 31.0, mode="same")
    assert np.corrcoef(drift[20:-21], drift[21:-20])[0, 1] > 0.4


def test_sun_adds_up() -> None:
    weather = facility.load_weather("Sydney")
    night = weather.ghi_w_m2 == 0.0
    assert 0.4 < night.mean() < 0.6
    assert np.all(weather.dhi_w_m2 <= weather.ghi_w_m2 + 1e-9)
    noon = weather.ghi_w_m2.reshape(365, 24)[:, 11:13].mean(axis=1)
    assert noon[:30].mean() > noon[160:190].mean()
    diffuse, beam = split_radiation(np.array([0.0, 300.0]), np.array([0.0, 0.5]))
    assert diffuse[0] == beam[0] == 0.0
    assert diffuse[1] + 0.5 * beam[1] == pytest.approx(300.0)


@pytest.mark.parametrize("station", ["us-phoenix", "us-chicago", "us-miami"])
@pytest.mark.parametrize("cooling", ["air-chiller-economiser", "air-evaporative-hyperscale"])
def test_pue_of_a_synthetic_year_is_near_the_real_one(station: str, cooling: str) -> None:
    real = facility.load_weather(station)
    fake = synthesise(normals_of(real))
    runs = [facility.simulate(cooling, "modern-eco", weather) for weather in (real, fake)]
    assert runs[1].pue == pytest.approx(runs[0].pue, abs=0.02)
    assert runs[1].wue_l_kwh == pytest.approx(runs[0].wue_l_kwh, abs=0.05)


def test_every_climate_makes_a_year() -> None:
    assert len(catalog.names("climate")) >= 30
    for key in catalog.names("climate")[::6]:
        assert np.isfinite(facility.load_weather(key).dni_w_m2).all()
