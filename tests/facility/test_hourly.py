"""The layer's front door: balances over a year, the affine form, and published values."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath import catalog, facility
from wattpath.errors import InputError, UnknownNameError

SYSTEMS = catalog.names("cooling")
CHAINS = [key for key in catalog.names("electrical") if key != "lossless"]


@pytest.fixture(scope="module")
def chicago() -> facility.Weather:
    return facility.load_weather("us-chicago")


@pytest.mark.parametrize("cooling", SYSTEMS)
def test_energy_balance_over_a_year(cooling: str, chicago: facility.Weather) -> None:
    run = facility.simulate(cooling, "modern-eco", chicago, 0.7)
    gap = np.abs(run.facility_w - run.parts["heat_out_w"])
    assert gap.max() < 1e-9
    assert sum(run.breakdown().values()) == pytest.approx(run.pue)
    assert run.pue > 1.0
    assert run.facility_w[run.worst_hour] == run.facility_w.max()


@pytest.mark.parametrize("cooling", SYSTEMS)
def test_affine_form_is_near_the_full_model(cooling: str, chicago: facility.Weather) -> None:
    hours = facility.performance(cooling, "modern-double-conversion", chicago)
    full = facility.simulate(cooling, "modern-double-conversion", chicago, 0.8)
    np.testing.assert_allclose(hours.facility_w(0.8e6, 1e6), full.facility_w * 1e6, rtol=1e-12)
    assert hours.pue() == pytest.approx(full.pue)
    assert hours.wue_l_kwh == pytest.approx(full.wue_l_kwh)
    assert hours.affine_error < 0.08
    for load in (0.55, 0.95):
        run = facility.simulate(cooling, "modern-double-conversion", chicago, load)
        assert hours.pue(load) == pytest.approx(run.pue, rel=hours.affine_error + 1e-9)
    assert hours.design_facility_w_per_it_w >= full.pue
    assert 3.0 < hours.capital_usd_per_it_w < 20.0
    upkeep = hours.maintenance_usd_per_it_w_year / hours.capital_usd_per_it_w
    assert 0.01 < upkeep < 0.04
    assert hours.lead_time_s > 180 * 86400


def test_load_profile(chicago: facility.Weather) -> None:
    load = 0.5 + 0.4 * np.sin(np.arange(8760) / 24.0 * 2.0 * np.pi)
    run = facility.simulate("air-chiller-economiser", "modern-eco", chicago, load)
    np.testing.assert_allclose(run.parts["it_w"], load)
    assert run.pue_hourly.min() > 1.0
    with pytest.raises(InputError, match="load must be above 0"):
        facility.simulate("air-chiller-economiser", "modern-eco", chicago, 1.2)


@pytest.mark.parametrize("chain", CHAINS)
def test_chains_lose_more_with_redundancy_and_at_part_load(
    chain: str, chicago: facility.Weather
) -> None:
    losses = []
    for redundancy in ("N", "N+1", "2N"):
        electrical = facility.load_electrical(chain, redundancy)
        run = facility.simulate("liquid-dry-cooler", electrical, chicago, 0.5)
        losses.append((run.breakdown()["electrical_w"], electrical.capital_usd_per_it_w))
    assert losses == sorted(losses)
    full = facility.simulate("liquid-dry-cooler", chain, chicago, 1.0).breakdown()
    assert 0.002 < full["electrical_w"] < 0.15


def test_legacy_chain_matches_its_source(chicago: facility.Weather) -> None:
    """Double conversion 0.94, transformer 0.98, gear and units 0.97: 12 % of IT at full load."""
    run = facility.simulate("air-crac-chiller-legacy", "legacy-double-conversion", chicago, 0.8)
    assert 0.08 < run.breakdown()["electrical_w"] < 0.16


def test_generations_are_ordered(chicago: facility.Weather) -> None:
    def pue(cooling: str, chain: str) -> float:
        return facility.simulate(cooling, chain, chicago, 0.7).pue

    legacy = pue("air-crac-tower-legacy", "legacy-double-conversion")
    modern = pue("air-tower-economiser", "modern-double-conversion")
    hyperscale = pue("air-tower-hyperscale", "hyperscale-48v")
    assert legacy > modern + 0.1 > hyperscale + 0.15


def test_climates_are_ordered() -> None:
    def pue(station: str) -> float:
        weather = facility.load_weather(station)
        return facility.simulate("air-chiller-economiser", "modern-eco", weather).pue

    assert pue("us-hibbing") < pue("us-chicago") < pue("us-tampa") < pue("my-kuala-lumpur")


def test_no_chiller_in_great_heat_is_infeasible_with_a_margin() -> None:
    weather = facility.load_weather("us-phoenix")
    system = facility.load_cooling("liquid-dry-cooler", {"liquid_supply_max_c": 48.0})
    hours = facility.performance(system, "hyperscale-48v", weather)
    assert not hours.feasible
    assert "K above its supply limit" in hours.reason
    assert facility.performance("liquid-dry-cooler", "hyperscale-48v", weather).feasible


def test_changed_numbers_act() -> None:
    weather = facility.load_weather("us-sterling")
    warm = facility.load_cooling("air-chiller-economiser", {"air_supply_c": 30.0})
    base = facility.simulate("air-chiller-economiser", "modern-eco", weather)
    assert facility.simulate(warm, "modern-eco", weather).pue < base.pue - 0.01


def test_bad_names_and_numbers() -> None:
    with pytest.raises(UnknownNameError, match="air-chiller-economiser"):
        facility.load_cooling("air-chiller-economizer")
    with pytest.raises(InputError, match="number of the cooling schema"):
        facility.load_cooling("immersion", {"colour": 1.0})
    with pytest.raises(InputError, match="between 10 and 40 degC"):
        facility.load_cooling("immersion", {"air_supply_c": 80.0})
    with pytest.raises(InputError, match="N, N\\+1, 2N"):
        facility.load_electrical("modern-eco", "3N")


def test_water_free_systems_use_none(chicago: facility.Weather) -> None:
    for key in ("air-chiller-economiser", "liquid-dry-cooler", "rear-door-economiser"):
        run = facility.simulate(key, "modern-eco", chicago)
        assert run.wue_l_kwh <= 0.02, "only offices and cleaning"
    tower = facility.simulate("air-tower-economiser", "modern-eco", chicago)
    assert 1.0 < tower.wue_l_kwh < 2.5


def test_weather_alone_does_not_load_numba() -> None:
    import subprocess
    import sys

    code = "import sys; from wattpath import facility; facility.load_weather('us-miami')"
    code += "; assert 'numba' not in sys.modules and 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("cooling", SYSTEMS)
def test_water_balance_over_a_year(cooling: str, chicago: facility.Weather) -> None:
    """Make-up water = vapour c / (c - 1) + the rest: three cycles give one vapour, hour by hour."""
    waters = {}
    for cycles in (3.0, 5.0, 9.0):
        system = facility.load_cooling(cooling, {"cycles": cycles})
        run = facility.simulate(system, "modern-eco", chicago, 0.7)
        waters[cycles] = run.parts["water_kg_s"]
    vapour = (waters[3.0] - waters[9.0]) / (3.0 / 2.0 - 9.0 / 8.0)
    rest = waters[3.0] - 1.5 * vapour
    np.testing.assert_allclose(rest + 1.25 * vapour, waters[5.0], atol=1e-16)
    assert vapour.min() > -1e-16
    assert rest.min() > -1e-16
    latent = vapour.sum() * 2.45e6 / run.parts["heat_out_w"].sum()
    assert latent < 1.3


def test_pads_wait_for_their_switch_over(chicago: facility.Weather) -> None:
    """Below the switch-over no water leaves, above it the same as without."""
    always = facility.simulate("liquid-adiabatic", "modern-eco", chicago, 1.0)
    warm = chicago.dry_bulb_c >= 33.0
    system = facility.load_cooling("liquid-adiabatic", {"wet_above_c": 33.0})
    late = facility.simulate(system, "modern-eco", chicago, 1.0)
    least = late.parts["water_kg_s"].min()
    np.testing.assert_allclose(late.parts["water_kg_s"][~warm], least)
    np.testing.assert_allclose(late.parts["water_kg_s"][warm], always.parts["water_kg_s"][warm])
    assert late.wue_l_kwh < always.wue_l_kwh
    assert late.pue >= always.pue
