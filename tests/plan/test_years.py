"""Plans over several years: the single year's law, vintages, whole modules, and reasons."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.conftest import TINY
from wattpath.errors import InputError
from wattpath.plan import scenario, study
from wattpath.plan.result import PLANS, PlanResult
from wattpath.plan.years.path import Years
from wattpath.report import page


def years_raw(**changes: Any) -> dict[str, Any]:
    raw = copy.deepcopy(TINY)
    raw["demands"][0] |= {"requests": "900M requests/day", "growth": "60 %"}
    raw["horizon"] = {"years": 3, "start": 2029, "modules": ["prefabricated-air", "hall-air"]}
    raw["grid"] = {"existing": "2 MW", "limits": ["2 MW", "3 MW", "9 MW"]}
    raw["baseline"]["supply"] = ["grid", "gas-reciprocating-engine"]
    raw["options"] |= {"supply": ["solar-single-axis", "battery-lithium"]}
    return raw | changes


@pytest.fixture(scope="module")
def result() -> PlanResult:
    return study.run(scenario.from_dict(years_raw()))


@pytest.fixture(scope="module")
def years(result: PlanResult) -> Years:
    assert result.years is not None
    return result.years


def test_all_years_have_answers_in_order(years: Years) -> None:
    npv = {name: years.paths[name].npv_usd for name in PLANS}
    assert all(path.feasible for path in years.paths.values())
    assert npv["both"] <= min(npv["blue"], npv["red"]) * (1 + 1e-9)
    assert max(npv["blue"], npv["red"]) <= npv["baseline"] * (1 + 1e-9)
    for path in years.paths.values():
        assert abs(path.gap) <= 0.01
        assert -1e-6 <= path.bound_gap <= 0.05


def test_money_of_parts_and_years_adds_up(years: Years) -> None:
    for path in years.paths.values():
        weighted = sum(y.weight * y.outcome.cost_usd_per_year for y in path.years)
        assert path.npv_usd == pytest.approx(weighted, rel=1e-9)
        found = sum(y.weight * y.representative_usd_per_year for y in path.years)
        assert path.found_npv_usd == pytest.approx(found, rel=1e-9)
        for year in path.years:
            parts = sum(year.outcome.cost_parts.values())
            assert parts == pytest.approx(year.outcome.cost_usd_per_year, rel=1e-9)


def test_every_hour_is_served(years: Years) -> None:
    for path in years.paths.values():
        for year in path.years:
            hourly = year.outcome.hourly
            assert hourly is not None
            supply = sum(hourly.supply_w.values())
            peak = hourly.facility_w.max()
            assert np.abs(supply - hourly.facility_w).max() <= 1e-4 * peak


def test_what_is_bought_stands_until_it_is_used_or_unused(years: Years) -> None:
    for path in years.paths.values():
        total: dict[tuple[str, str], float] = {}
        for year in path.years:
            for item in year.stock:
                key = (item.kind, item.key)
                total[key] = total.get(key, 0.0) + item.bought
                standing = 2e6 if key == ("supply", "grid") else 0.0
                whole = item.in_service + item.unused
                assert whole == pytest.approx(total[key] + standing, rel=1e-4, abs=1e-3)
                if item.kind == "hall":
                    each = {"Prefabricated module of 1.5 MW, air": 1.5e6}
                    each |= {"Hall of 12 MW of air-cooled IT, built on site": 12e6}
                    assert all(float(count).is_integer() for count in item.units.values())
                    assert item.bought % 1.5e6 == pytest.approx(0.0, abs=1.0)


def test_shares_are_told_for_each_year_and_over_all(result: PlanResult, years: Years) -> None:
    rows = years.by_year()
    assert len(rows) == 3
    assert result.replaceable_share["power"] == pytest.approx(rows[-1]["power"])
    blue, both = years.paths["blue"], years.paths["both"]
    assert years.replaceable()["cost"] == pytest.approx(1 - both.npv_usd / blue.npv_usd)
    told = result.to_json()["years"]
    assert told["labels"] == ["2029", "2030", "2031"]
    assert len(told["plans"]["both"]["years"]) == 3
    assert "id='years'" in page.render(result)


def test_the_split_over_all_years_adds_up_to_what_the_plans_save(years: Years) -> None:
    base, both = years.paths["baseline"], years.paths["both"]
    saved = {
        "power_w": base.peak_w - both.peak_w,
        "npv_usd": base.npv_usd - both.npv_usd,
        "carbon_kg": base.total("carbon_kg_per_year") - both.total("carbon_kg_per_year"),
        "energy_wh": base.total("energy_wh_per_year") - both.total("energy_wh_per_year"),
        "water_m3": base.total("water_m3_per_year") - both.total("water_m3_per_year"),
    }
    for field, total in saved.items():
        parts = [getattr(row, field) for row in years.attribution]
        assert sum(parts) == pytest.approx(total, rel=1e-6, abs=1e-6)
    worth = {row.lever: row.npv_usd for row in years.attribution}
    assert worth.keys() >= {"kv-cache", "chips"}
    assert worth["kv-cache"] > 0.0


def test_a_number_of_a_year_and_of_all_years_is_explained(result: PlanResult, years: Years) -> None:
    asked = replace(result, asked=scenario.from_dict(years_raw()))
    year = years.paths["both"].years[1]
    for number in ("both.2030.chips", "both.2.chips"):
        assert asked.explain(number)[-1].value == pytest.approx(year.outcome.chips)
    needs = [asked.explain(f"both.{y}.chips")[0].value for y in (1, 2)]
    assert needs[1] == pytest.approx(1.6 * needs[0])
    assert asked.explain("both.npv_usd")[-1].value == years.paths["both"].npv_usd
    with pytest.raises(InputError, match="2029, 2030, 2031"):
        asked.explain("both.1999.chips")


def test_equal_years_cost_the_single_year_each() -> None:
    raw = years_raw(horizon={"years": 2})
    raw["demands"][0].pop("growth")
    raw["options"].pop("supply")
    raw["grid"] = {"limit": "9 MW"}
    two = study.run(scenario.from_dict(raw))
    raw["horizon"] = {"years": 1}
    one = study.run(scenario.from_dict(raw), attribute=False)
    assert two.years is not None
    for name in PLANS:
        path, single = two.years.paths[name], one.plans[name]
        weights = [year.weight for year in path.years]
        assert path.bound_gap == pytest.approx(0.0, abs=1e-6)
        expected = single.cost_usd_per_year * sum(weights)
        assert path.npv_usd == pytest.approx(expected, rel=5e-3)


def test_a_year_that_cannot_be_met_says_which_and_what_would_help() -> None:
    raw = years_raw(months_available=60)
    raw["grid"] = {"limits": ["9 MW", "9 MW", "2 MW"]}
    raw["baseline"]["supply"] = ["grid"]
    raw["options"].pop("supply")
    answer = study.run(scenario.from_dict(raw))
    assert not answer.feasible
    reason = answer.plans["both"].reasons[0]
    assert reason.startswith("in 2031: the supply falls short by")
    assert answer.to_json()["years"]["plans"]["both"]["feasible"] is False


def test_crews_that_are_too_few_are_told() -> None:
    raw = years_raw(months_available=11)
    raw["horizon"] |= {"modules": ["prefabricated-air"], "crews": 1}
    raw["grid"] = {"existing": "40 MW", "limit": "40 MW"}
    raw["baseline"]["supply"] = ["grid"]
    raw["demands"][0]["requests"] = "4B requests/day"
    answer = study.run(scenario.from_dict(raw))
    reasons = [plan.reasons for plan in answer.plans.values() if not plan.feasible]
    assert reasons
    assert any("crews would have to finish" in reason[0] for reason in reasons)
