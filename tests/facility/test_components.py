"""Component laws: affinity, chiller, tower and dry cooler behave as machines do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import catalog
from wattpath.facility import components as c
from wattpath.facility import psychrometrics as air


def outside(t: float, rh: float, p: float = 101_325.0) -> c.Air:
    return c.outside_air(t, air.humidity_ratio(t, rh, p), p)


def test_affinity_laws() -> None:
    assert c.mover_w(10.0, 1.0, 0.3) == pytest.approx(10.0)
    assert c.mover_w(10.0, 0.5, 0.0) == pytest.approx(1.25)
    assert c.mover_w(10.0, 0.5, 1.0) == pytest.approx(5.0)


@pytest.mark.parametrize("key", ["air-colocation", "air-tower-hyperscale", "liquid-air-chiller"])
def test_chillers_of_the_catalogue_meet_the_standard(key: str) -> None:
    """Least full-load COP of ASHRAE 90.1-2019, 6.7 degC water: 2.96 by air, 6.28 by water."""
    entry = catalog.load("cooling", key)
    wet = entry.text("rejection") == "tower"
    evaporator = 6.7 - entry.si("evaporator_approach_k")
    condenser = 35.0 + entry.si("condenser_approach_k")
    watts = c.chiller_w(1.0, 1.0, evaporator, condenser, entry.si("carnot_share"), 10.0, 0.1)
    assert 1.0 / watts == pytest.approx(6.28 if wet else 2.96, rel=0.02)


@given(load=st.floats(0.02, 0.99), evaporator=st.floats(2.0, 20.0), condenser=st.floats(21.0, 55.0))
def test_chiller_power_grows_with_load_and_lift(
    load: float, evaporator: float, condenser: float
) -> None:
    def power(x: float, hot: float) -> float:
        return c.chiller_w(x, 1.0, evaporator, hot, 0.55, 8.0, 0.1)

    assert power(load + 0.01, condenser) > power(load, condenser)
    assert power(load, condenser + 5.0) >= power(load, condenser)
    assert power(0.0, condenser) == 0.0


@pytest.mark.parametrize("wet_bulb", [16.0, 25.6])
def test_tower_meets_its_rating(wet_bulb: float) -> None:
    g = c.tower_conductance(1.0, wet_bulb, 4.0, 5.6, 101_325.0)
    saturated = outside(wet_bulb, 1.0)
    assert c.tower_water_c(1.0, g, saturated) == pytest.approx(wet_bulb + 9.6, abs=0.05)


def test_tower_approach_grows_as_the_wet_bulb_falls() -> None:
    g = c.tower_conductance(1.0, 25.6, 4.0, 5.6, 101_325.0)
    approaches = []
    for t in (25.6, 15.0, 5.0, -5.0):
        hour = outside(t, 0.7)
        approaches.append(c.tower_water_c(1.0, g, hour) - 5.6 - hour.wet_bulb_c)
    assert approaches == sorted(approaches)
    assert approaches[-1] < 20.0


def test_tower_water_is_near_the_latent_heat() -> None:
    """Evaporation is 55 to 140 % of heat over latent heat: dry air is itself cooled."""
    g = c.tower_conductance(1.0, 25.6, 4.0, 5.6, 101_325.0) / 0.65
    mild = c.tower_evaporation_kg_s(1.0, g, outside(15.0, 0.7)) * 2.46e6
    dry = c.tower_evaporation_kg_s(1.0, g, outside(40.0, 0.15)) * 2.43e6
    assert 0.55 < mild < 0.9
    assert mild < dry < 1.4


def test_dry_cooler_needs_a_difference() -> None:
    assert c.dry_fan_share(1.0, 0.1, 40.0, 30.0) == pytest.approx(1.0)
    assert c.dry_fan_share(1.0, 0.1, 30.0, 31.0) > 1e6


@pytest.mark.parametrize("rise", [3_000.0, 15_000.0, 35_000.0])
@pytest.mark.parametrize(
    ("t", "rh", "near"), [(-5.0, 0.8, 0.6), (12.0, 0.4, 0.06), (33.0, 0.3, 0.06)]
)
def test_saturation_curve_near_the_wet_bulb(rise: float, t: float, rh: float, near: float) -> None:
    hour = outside(t, rh)
    exact = air.saturated_at_enthalpy_c(hour.enthalpy_j_kg + rise, hour.pressure_pa, 20.0)
    assert c.saturated_above_c(rise, hour) == pytest.approx(exact, abs=near)
