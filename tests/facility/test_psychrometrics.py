"""Moist air against psychrolib and against itself."""

from __future__ import annotations

import sys
from unittest import mock

import pytest

from wattpath.facility import psychrometrics as air

with mock.patch.dict(sys.modules, {"numba": None}):  # else it compiles itself for seconds
    import psychrolib

psychrolib.SetUnitSystem(psychrolib.SI)

STATES = [
    (t, rh, p)
    for t in (-25.0, -3.0, 0.0, 4.0, 18.0, 31.0, 46.0)
    for rh in (0.05, 0.35, 0.8, 1.0)
    for p in (78_000.0, 101_325.0)
]


@pytest.mark.parametrize(("t", "rh", "p"), STATES)
def test_agrees_with_psychrolib(t: float, rh: float, p: float) -> None:
    w = air.humidity_ratio(t, rh, p)
    expected_w = psychrolib.GetHumRatioFromRelHum(t, rh, p)
    assert air.saturation_pressure_pa(t) == pytest.approx(psychrolib.GetSatVapPres(t), rel=1e-4)
    assert w == pytest.approx(expected_w, rel=1e-3)
    assert air.enthalpy_j_kg(t, w) == pytest.approx(
        psychrolib.GetMoistAirEnthalpy(t, expected_w), rel=1e-3, abs=5.0
    )
    assert air.wet_bulb_c(t, w, p) == pytest.approx(
        psychrolib.GetTWetBulbFromHumRatio(t, expected_w, p), abs=2e-3
    )
    assert air.dew_point_c(w, p) == pytest.approx(
        psychrolib.GetTDewPointFromHumRatio(t, expected_w, p), abs=5e-3
    )
    volume = psychrolib.GetMoistAirVolume(t, expected_w, p)
    assert air.density_kg_m3(t, w, p) == pytest.approx(1.0 / volume, rel=1e-3)


@pytest.mark.parametrize("t", [-12.0, 0.005, 15.0, 34.0])
@pytest.mark.parametrize("far", [-9.0, 0.0, 12.0])
def test_saturated_enthalpy_inverts(t: float, far: float) -> None:
    h = air.saturated_enthalpy_j_kg(t, 95_000.0)
    assert air.saturated_at_enthalpy_c(h, 95_000.0, t + far) == pytest.approx(t, abs=5e-3)


def test_wet_bulb_lies_between_dew_point_and_dry_bulb() -> None:
    for t, rh, p in STATES:
        w = air.humidity_ratio(t, rh, p)
        wet = air.wet_bulb_c(t, w, p)
        assert air.dew_point_c(w, p) - 0.02 <= wet <= t + 1e-9
