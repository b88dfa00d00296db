"""Every catalogued technology, and what it costs a year."""

from __future__ import annotations

import pytest

from wattpath import catalog
from wattpath.errors import InputError, UnknownNameError
from wattpath.supply.technology import ROLES, annuity, load_technology, technologies

ALL = technologies()


def test_annuity_repays_the_sum() -> None:
    rate, years, left = 0.07, 20, 1.0
    for _ in range(years):
        left = left * (1 + rate) - annuity(rate, years)
    assert left == pytest.approx(0.0, abs=1e-12)
    assert annuity(0.0, 25.0) == pytest.approx(0.04)
    assert annuity(1e-17, 25.0) == pytest.approx(0.04, rel=1e-12)


@pytest.mark.parametrize(("rate", "years"), [(0.05, 0.0), (-0.1, 10.0)])
def test_annuity_refuses_nonsense(rate: float, years: float) -> None:
    with pytest.raises(InputError, match="annuity"):
        annuity(rate, years)


def test_the_catalogue_covers_every_role_and_the_named_technologies() -> None:
    assert {t.role for t in ALL} == set(ROLES)
    for name in ("CCGT", "aeroderivative", "recip", "SOFC", "nuclear", "SMR", "nuclear restart",
                 "solar", "wind", "offshore wind", "geothermal", "hydropower", "battery",
                 "iron-air", "diesel", "grid power", "gas turbine"):  # fmt: skip
        assert load_technology(name).life_s > 0.0


@pytest.mark.parametrize("technology", ALL, ids=lambda t: t.key)
def test_values_fit_together(technology) -> None:  # type: ignore[no-untyped-def]
    assert technology.role in ROLES
    assert technology.lead_low_s <= technology.lead_time_s <= technology.lead_high_s
    assert technology.carbon_direct_kg_j <= technology.carbon_life_cycle_kg_j
    assert technology.min_load < technology.availability
    if technology.role == "storage":
        assert technology.capex_usd_j > 0.0
        assert 0.0 < technology.duration_low_s < technology.duration_high_s
    if technology.fuel == "gas":
        carbon = 53.06 / 1.05505585e9 / technology.efficiency
        assert technology.carbon_direct_kg_j == pytest.approx(carbon, rel=1e-3)
    if technology.role in ("solar", "wind"):
        assert technology.carbon_direct_kg_j == 0.0


def test_fuel_cost_is_price_over_efficiency() -> None:
    gas = load_technology("gas-combined-cycle-f")
    assert gas.marginal_usd_j(5e-9) - gas.variable_usd_j == pytest.approx(5e-9 / gas.efficiency)
    assert load_technology("wind").marginal_usd_j(5e-9) == 0.0


def test_a_combined_cycle_costs_what_the_arithmetic_says() -> None:
    gas = load_technology("gas-combined-cycle-f")
    yearly = gas.capital_usd_w_year(0.08)
    by_hand = 1.93 * 1.08 ** (30 / 12 / 2) * 0.08 / (1 - 1.08**-25)
    assert yearly == pytest.approx(by_hand, rel=1e-3)
    energy = gas.marginal_usd_j(3.5 / 1.05505585e9) * 3.6e9
    assert energy == pytest.approx(3.5 * 6.4 + 2.1, rel=1e-3)


def test_levelised_cost_of_solar_is_plausible() -> None:
    solar = load_technology("solar")
    yearly = solar.capital_usd_w_year(0.07) + solar.fixed_usd_w_year
    assert 40.0 < yearly / (0.31 * 8766 * 3600) * 3.6e9 < 75.0


def test_lead_times_are_chosen_by_case() -> None:
    gas = load_technology("aeroderivative")
    leads = [gas.lead_s(case) for case in ("low", "central", "high")]
    assert leads == sorted(leads)
    with pytest.raises(InputError, match="central"):
        gas.lead_s("lucky")
    with pytest.raises(InputError, match="life-cycle"):
        gas.carbon_kg_j("scope 4")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="solar-single-axis"):
        load_technology("solar-single-axes")


def test_every_number_has_a_range() -> None:
    for entry in catalog.entries("supply"):
        assert entry.quantity("capex").low < entry.quantity("capex").high
        assert entry.quantity("lead_time").low < entry.quantity("lead_time").high
