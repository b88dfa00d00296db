"""Kernels of the plant: balances, monotony, and the same numbers as plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath import facility
from wattpath.facility import psychrometrics as moist
from wattpath.facility.chain import Stage, stage_loss_w
from wattpath.facility.comparison import offered
from wattpath.facility.components import Air, outside_air
from wattpath.facility.cooling import size_plant
from wattpath.facility.plant import plant_hour

SYSTEMS = offered()
PLANTS = {key: size_plant(facility.load_cooling(key), 98_000.0, 0.01) for key in SYSTEMS}


def outside(t: float, rh: float, p: float = 98_000.0) -> Air:
    return outside_air(t, moist.humidity_ratio(t, rh, p), p)


@settings(max_examples=60, deadline=None)
@given(
    key=st.sampled_from(SYSTEMS),
    t=st.floats(-30.0, 48.0),
    rh=st.floats(0.05, 1.0),
    it=st.floats(0.05, 1.0),
)
def test_energy_in_equals_heat_out(key: str, t: float, rh: float, it: float) -> None:
    hour = plant_hour(PLANTS[key], it, 0.01, outside(t, rh))
    spent = hour.fan_w + hour.pump_w + hour.compressor_w + hour.rejection_fan_w + hour.other_w
    assert hour.heat_out_w == pytest.approx(it + 0.01 + spent, abs=1e-9)
    assert min(hour) >= 0.0
    assert np.isfinite(hour).all()


@pytest.mark.parametrize("key", SYSTEMS)
def test_hotter_air_never_takes_less_power(key: str) -> None:
    """At a fixed humidity ratio; a half percent of slack for the switch of modes."""
    powers = []
    w = moist.humidity_ratio(8.0, 0.6, 98_000.0)
    for t in np.arange(8.0, 44.0, 0.5):
        hour = outside_air(float(t), w, 98_000.0)
        result = plant_hour(PLANTS[key], 0.9, 0.01, hour)
        powers.append(sum(result[:5]))
    assert np.all(np.diff(powers) > -0.005)


@pytest.mark.parametrize("key", SYSTEMS)
def test_kernel_equals_plain_python(key: str) -> None:
    plain = getattr(plant_hour, "py_func", plant_hour)
    hour = outside(27.0, 0.5)
    assert plain(PLANTS[key], 0.7, 0.01, hour) == pytest.approx(
        plant_hour(PLANTS[key], 0.7, 0.01, hour), rel=1e-12
    )


def test_outside_air_modes() -> None:
    plant = PLANTS["air-evaporative-hyperscale"]
    cold, dry, humid = outside(5.0, 0.6), outside(38.0, 0.12), outside(31.0, 0.85)
    free = plant_hour(plant, 0.9, 0.01, cold)
    assert free.compressor_w == 0.0
    pads = plant_hour(plant, 0.9, 0.01, dry)
    assert pads.compressor_w == 0.0
    assert pads.water_kg_s > 3.0 * free.water_kg_s > 0.0
    assert plant_hour(plant, 0.9, 0.01, humid).compressor_w > 0.0


def test_pads_serve_before_the_chiller() -> None:
    plant = PLANTS["liquid-adiabatic"]
    warm = plant_hour(plant, 1.0, 0.01, outside(36.0, 0.15))
    cool = plant_hour(plant, 1.0, 0.01, outside(15.0, 0.5))
    assert warm.water_kg_s > 10.0 * cool.water_kg_s
    assert cool.water_kg_s == pytest.approx(plant.other_water_kg_j)


def test_stage_losses() -> None:
    stage = Stage(2.0, 0.01, 0.02, 0.03)
    assert stage_loss_w(stage, 0.0) == pytest.approx(0.02)
    assert stage_loss_w(stage, 2.0) == pytest.approx(0.12)
