"""Whole units, crews and lead times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import facility
from wattpath.errors import InputError
from wattpath.units import MONTH_S, YEAR_S

HALL = facility.load_module("hall-liquid", "liquid-dry-cooler", "modern-eco")


def test_every_cooling_system_has_a_hall_a_module_and_a_refit() -> None:
    from wattpath import catalog

    for key in catalog.names("cooling"):
        forms = {unit.form for unit in facility.modules_for(key, "modern-eco")}
        assert forms == {"hall", "prefabricated", "retrofit"}, key


def test_prefabricated_units_come_sooner_and_refits_cost_less() -> None:
    units = {u.form: u for u in facility.modules_for("air-tower-economiser", "modern-eco")}
    assert units["prefabricated"].lead_time_s < units["hall"].lead_time_s
    assert units["prefabricated"].capital_usd_per_it_w < units["hall"].capital_usd_per_it_w
    assert units["retrofit"].capital_usd_per_it_w < 0.6 * units["hall"].capital_usd_per_it_w
    assert units["retrofit"].outage_s > 0.0 == units["hall"].outage_s


def test_a_hall_costs_what_the_plan_pays_for_it() -> None:
    weather = facility.load_weather("us-abilene")
    hours = facility.performance("liquid-dry-cooler", "modern-eco", weather)
    assert pytest.approx(hours.capital_usd_per_it_w) == HALL.capital_usd_per_it_w


def test_crews_set_the_pace() -> None:
    assert HALL.units_by(HALL.lead_time_s - MONTH_S) == 0
    assert HALL.units_by(HALL.lead_time_s) == HALL.crews
    assert HALL.units_by(HALL.lead_time_s + HALL.build_s) == 2 * HALL.crews
    five = (HALL.crews + 1) * HALL.module_w
    assert HALL.time_to_s(five) == pytest.approx(HALL.lead_time_s + HALL.build_s)
    assert HALL.time_to_s(0.0) == 0.0


@given(st.floats(1e6, 5e9))
def test_capacity_stands_exactly_when_the_crews_are_done(capacity_w: float) -> None:
    time_s = HALL.time_to_s(capacity_w)
    assert HALL.units_by(time_s) >= HALL.units_for(capacity_w)
    assert HALL.units_by(time_s - 0.01 * HALL.build_s) < HALL.units_for(capacity_w)


def test_whole_units_are_built_as_late_as_crews_allow() -> None:
    plan = facility.build_out(HALL, [0.0, 0.0, 0.0, 100e6, 240e6, 300e6])
    assert plan.feasible
    assert plan.standing[3:] == (4, 8, 10)
    assert sum(plan.finished) == plan.standing[-1]
    assert sum(plan.capital_usd) == pytest.approx(10 * 30e6 * HALL.capital_usd_per_it_w)


@given(st.lists(st.integers(0, 400_000_000), min_size=1, max_size=8))
def test_a_feasible_build_out_covers_demand_within_the_crew_limit(demand_w: list[int]) -> None:
    plan = facility.build_out(HALL, demand_w)
    assert list(plan.standing) == sorted(plan.standing)
    limits = [HALL.units_by(year * YEAR_S) for year in range(len(demand_w))]
    assert all(units <= limit for units, limit in zip(plan.standing, limits, strict=True))
    covered = all(have >= want for have, want in zip(plan.capacity_w, demand_w, strict=True))
    assert plan.feasible == covered


def test_too_early_a_date_is_a_result_with_its_margin() -> None:
    plan = facility.build_out(HALL, [0.0, 100e6])
    assert not plan.feasible
    assert "12.0 months too late" in plan.reason


def test_air_units_do_not_hold_liquid_cooling() -> None:
    with pytest.raises(InputError, match="must hold the cooling system"):
        facility.load_module("prefabricated-air", "liquid-dry-cooler", "modern-eco")
