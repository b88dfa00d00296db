"""A site alone: halls under a load, the supply of a load, and dates."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from wattpath import load_scenario
from wattpath.errors import InputError
from wattpath.plan.place.dates import CURTAILED_H, QUARTERS, DatesAnswer, dates_of
from wattpath.plan.place.hall import FacilityAnswer, Load, facility_of, it_load
from wattpath.plan.place.power import PowerAnswer, facility_load, power_of
from wattpath.plan.scenario import Scenario


def silent(stage: str, share: float) -> None:
    """No progress."""


def with_gas(tiny: dict[str, Any]) -> Scenario:
    tiny["grid"] = {"limit": "6 MW", "price": "20 USD/MWh"}
    tiny["baseline"]["supply"] = ["grid", "gas-reciprocating-engine"]
    tiny["months_available"] = 60
    return load_scenario(tiny)


@pytest.fixture
def halls(tiny: dict[str, Any]) -> FacilityAnswer:
    scenario = load_scenario(tiny)
    return facility_of(scenario, it_load(scenario, 10e6, 0.8, silent))


def test_the_parts_add_up_to_pue_and_months_to_the_year(halls: FacilityAnswer) -> None:
    told = halls.to_json()
    assert sum(told["breakdown"].values()) == pytest.approx(told["pue"], rel=1e-9)
    assert told["facility_energy_wh_per_year"] == pytest.approx(10e6 * 8760 * told["pue"])
    assert told["water_m3_per_year"] == pytest.approx(10e3 * 8760 * told["wue_l_kwh"] / 1e3)
    hours = np.diff(24 * np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]))
    months = [row["pue"] for row in told["months"]]
    assert np.average(months, weights=hours) == pytest.approx(told["pue"])
    assert np.average(halls.pue_map().mean(axis=1), weights=hours) == pytest.approx(told["pue"])
    assert told["worst_hour"]["facility_w"] == pytest.approx(
        max(row["facility_peak_w"] for row in told["months"])
    )
    assert told["load"]["it_capacity_w"] == pytest.approx(12.5e6)
    json.dumps(told, allow_nan=False)


def test_systems_that_fit_come_first_and_by_cost(halls: FacilityAnswer) -> None:
    fit = [system for system in halls.systems if not system.refusal]
    assert list(halls.systems[: len(fit)]) == fit
    assert [s.cost_usd_per_year for s in fit] == sorted(s.cost_usd_per_year for s in fit)
    refused = {s.cooling: s.refusal for s in halls.systems if s.refusal}
    assert "servers need air" in refused["immersion-single-phase"]
    own = next(s for s in halls.systems if s.cooling == halls.hours.cooling)
    assert (own.pue, own.wue_l_kwh) == pytest.approx((halls.run.pue, halls.run.wue_l_kwh))
    assert own.capital_usd == pytest.approx(halls.to_json()["capital_usd"])


def test_a_hall_that_comes_too_late_or_gets_too_hot_is_refused(tiny: dict[str, Any]) -> None:
    tiny |= {"months_available": 12, "site": "us-phoenix"}
    tiny["baseline"]["cooling"] = "air-evaporative-modern"
    scenario = load_scenario(tiny)
    answer = facility_of(scenario, it_load(scenario, 1e6, 1.0, silent))
    assert not answer.feasible
    assert all(system.refusal for system in answer.systems)
    assert any(system.margin.endswith("months") for system in answer.systems)
    assert answer.to_json()["reason"] == answer.refusal


def test_a_share_beyond_one_is_refused(tiny: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="--load-share must be above 0 and at most 1"):
        it_load(load_scenario(tiny), 1e6, 1.2, silent)


@pytest.fixture
def supplied(tiny: dict[str, Any]) -> PowerAnswer:
    scenario = with_gas(tiny)
    return power_of(scenario, facility_load(scenario, 10e6, silent), days=4)


def test_supply_energy_money_and_prices_agree(supplied: PowerAnswer) -> None:
    told = supplied.to_json()
    rows = {row["key"]: row for row in told["technologies"]}
    assert set(rows) == {"grid", "gas-reciprocating-engine"}
    assert rows["grid"]["capacity_w"] == pytest.approx(6e6)
    energy = sum(row["energy_wh_per_year"] for row in rows.values())
    assert energy == pytest.approx(10e6 * 8760 + told["curtailed_wh_per_year"], rel=1e-6)
    cost = sum(row["cost_usd_per_year"] for row in rows.values())
    assert cost == pytest.approx(told["cost_usd_per_year"], rel=1e-9)
    assert told["usd_per_mwh"] == pytest.approx(cost / (10 * 8760), rel=1e-6)
    for row in rows.values():
        assert sum(row["cost_parts"].values()) == pytest.approx(row["cost_usd_per_year"])
        assert 0 <= row["hours_full"] <= row["hours_running"] <= 8760 + 1e-6
    # A supply without standing plant, caps or scale earns its cost at the prices of the load,
    # but for the rent of the connection that is too small.
    rent = told["grid_limit_worth_usd_per_w_year"] * 6e6
    paid = told["prices_usd_per_mwh"]["load_weighted"] * 10 * 8760
    assert paid == pytest.approx(cost + rent, rel=1e-6)
    json.dumps(told, allow_nan=False)


def test_a_load_that_cannot_be_met_is_told_what_would_do(tiny: dict[str, Any]) -> None:
    scenario = load_scenario(tiny)
    answer = power_of(scenario, facility_load(scenario, 1e6, silent), days=4)
    told = answer.to_json()
    assert not told["feasible"]
    load = next(row for row in told["relaxations"] if row["what"] == "load")
    assert load["needed"] == pytest.approx(0.5)
    assert load["sentence"] in told["reasons"]
    assert "technologies" not in told


@pytest.fixture
def dated(tiny: dict[str, Any]) -> DatesAnswer:
    scenario = with_gas(tiny)
    return dates_of(scenario, facility_load(scenario, 10e6, silent), days=4)


def test_quarters_never_lose_load_nor_gain_cost(dated: DatesAnswer) -> None:
    rows = dated.to_json()["quarters"]
    assert [row["months"] for row in rows] == list(QUARTERS)
    largest = [row["largest_load_w"] for row in rows]
    assert largest == sorted(largest)
    assert largest[0] == 0.0
    assert rows[-1]["unlimited"]
    full = [row for row in rows if row["served_share"] == 1.0]
    for sooner, later in pairwise(full):
        difference = sooner["cost_usd_per_year"] - later["cost_usd_per_year"]
        assert sooner["quarter_earlier_usd_per_year"] == pytest.approx(difference)
        assert difference >= -1e-6 * later["cost_usd_per_year"]


def test_engines_bridge_until_the_grid_comes(dated: DatesAnswer) -> None:
    told = dated.to_json()
    assert dated.feasible
    assert told["first_full_months"] == pytest.approx(15.0)
    assert told["bridge"]["capacity_w"].keys() == {"gas-reciprocating-engine"}
    assert told["bridge"]["extra_usd_per_year"] > 0.0


def test_hours_called_off_take_from_the_worth_of_a_connection(dated: DatesAnswer) -> None:
    told = dated.to_json()["curtailment"]
    worth = [row["worth_usd_per_year"] for row in told["hours"]]
    assert [row["hours"] for row in told["hours"]] == list(CURTAILED_H)
    assert worth == sorted(worth, reverse=True)
    saved = told["without_connection_usd_per_year"] - told["with_connection_usd_per_year"]
    assert 0.0 < worth[0] < saved


def test_a_late_date_says_when_power_comes(tiny: dict[str, Any]) -> None:
    tiny["months_available"] = 9
    tiny["baseline"]["supply"] = ["gas-reciprocating-engine"]
    tiny["grid"] = {}
    scenario = load_scenario(tiny)
    answer = dates_of(scenario, facility_load(scenario, 1e6, silent), days=4)
    assert not answer.feasible
    assert answer.reasons == ("The load cannot be met in 9 months; the first date is in 15.",)
    assert answer.to_json()["curtailment"] is None
    assert math.isnan(answer.quarter_usd)


def test_a_plan_without_a_load_gives_its_reasons(tiny: dict[str, Any]) -> None:
    scenario = load_scenario(tiny)
    none = Load(np.empty(0), 0.0, "both", ("No grid.",))
    assert power_of(scenario, none).to_json()["reasons"] == ["No grid."]
    answer = dates_of(scenario, none)
    assert not answer.feasible
    assert answer.to_json()["reasons"][0] == "No grid."
