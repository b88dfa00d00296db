"""Heat reuse: balances, direct use of warm water, and bad input."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath import catalog, facility
from wattpath.errors import InputError

CLOCK = np.arange(8760) / 24.0
DEMAND = 40e6 * (1.0 + 0.5 * np.cos(2.0 * np.pi * CLOCK / 365.0))


def test_delivered_heat_is_taken_heat_and_electricity() -> None:
    reuse = facility.reuse_heat(
        50e6, DEMAND, source_c=40.0, demand_c=75.0, carnot_share=0.5, approach_k=3.0
    )
    np.testing.assert_allclose(reuse.delivered_w, reuse.taken_w + reuse.pump_w, rtol=1e-12)
    assert np.all(reuse.taken_w <= 50e6 + 1e-3)
    assert np.all(reuse.delivered_w <= DEMAND + 1e-3)
    assert 3.0 < reuse.cop < 5.5
    assert 0.0 < reuse.reuse_factor(60e6) < 1.0


def test_warmer_water_needs_less_electricity() -> None:
    pumps = [
        facility.reuse_heat(
            50e6, DEMAND, source_c=source, demand_c=60.0, carnot_share=0.5, approach_k=3.0
        ).pump_w.sum()
        for source in (25.0, 45.0, 64.0)
    ]
    assert pumps[0] > pumps[1] > pumps[2] == 0.0


def test_negative_demand_is_refused() -> None:
    with pytest.raises(InputError, match="heat and demand >= 0 W"):
        facility.reuse_heat(
            1.0, -1.0, source_c=30.0, demand_c=60.0, carnot_share=0.5, approach_k=3.0
        )


def test_a_flow_hotter_than_any_network_is_refused() -> None:
    with pytest.raises(InputError, match="between 25 and 130 degC"):
        facility.reuse_heat(
            1.0, 1.0, source_c=30.0, demand_c=500.0, carnot_share=0.5, approach_k=3.0
        )


def test_heat_of_a_run_meets_a_district() -> None:
    weather = facility.load_weather("us-chicago")
    demand = facility.heating_demand(weather, 5e6)
    assert demand.max() == pytest.approx(5e6)
    assert demand.min() > 0.0
    assert demand[: 24 * 31].mean() > 3.0 * demand[24 * 181 : 24 * 212].mean()
    cops = {}
    for key in ("liquid-dry-cooler", "air-tower-economiser"):
        system = facility.load_cooling(key)
        run = facility.simulate(system, "modern-eco", weather, 0.8)
        reuse = facility.reuse_of_run(system, run, 10e6, demand, 70.0)
        np.testing.assert_allclose(reuse.taken_w + reuse.pump_w, reuse.delivered_w, atol=1e-6)
        assert np.all(reuse.taken_w <= 10e6 * run.parts["it_w"] + 1e-6)
        cops[key] = reuse.cop
    assert cops["liquid-dry-cooler"] > cops["air-tower-economiser"] > 2.0


@pytest.mark.parametrize("key", catalog.names("cooling"))
def test_with_reuse_electricity_in_is_heat_delivered_and_heat_let_out(key: str) -> None:
    """Facility and heat pump draw what the district gets and what still leaves outside."""
    weather = facility.load_weather("us-chicago")
    system = facility.load_cooling(key)
    run = facility.simulate(system, "modern-eco", weather, 0.8)
    reuse = facility.reuse_of_run(system, run, 1.0, facility.heating_demand(weather, 0.5), 70.0)
    left = run.parts["heat_out_w"] - reuse.taken_w
    assert left.min() > 0.0
    gap = run.facility_w + reuse.pump_w - reuse.delivered_w - left
    assert np.abs(gap).max() < 1e-9
