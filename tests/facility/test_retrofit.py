"""Another cooling system in a standing hall."""

from __future__ import annotations

import pytest

from wattpath import facility
from wattpath.errors import InputError


@pytest.fixture(scope="module")
def chicago() -> facility.Weather:
    return facility.load_weather("us-chicago")


@pytest.fixture(scope="module")
def legacy(chicago: facility.Weather) -> facility.FacilityHours:
    return facility.performance("air-crac-chiller-legacy", "modern-double-conversion", chicago)


def test_the_grid_connection_is_kept(
    chicago: facility.Weather, legacy: facility.FacilityHours
) -> None:
    one = facility.refit(legacy, "liquid-dry-cooler", chicago, 10e6)
    before = one.capacity_w * one.before.design_facility_w_per_it_w
    after = one.new_capacity_w * one.after.design_facility_w_per_it_w
    assert after == pytest.approx(before)
    assert one.gained_w > 1e6
    assert one.saved_w == pytest.approx((legacy.pue(0.8) - one.after.pue(0.8)) * 8e6)


def test_a_refit_costs_less_than_a_new_hall(
    chicago: facility.Weather, legacy: facility.FacilityHours
) -> None:
    one = facility.refit(legacy, "air-tower-economiser", chicago, 10e6)
    assert one.capital_usd < 0.6 * one.after.capital_usd_per_it_w * 10e6
    assert one.rooms == 5
    assert one.saved_water_m3_year < 0.0 < one.saved_w
    assert one.ready_s > one.module.lead_time_s
    with pytest.raises(InputError, match="above 0 W"):
        facility.refit(legacy, "air-tower-economiser", chicago, 0.0)


def test_the_same_system_changes_nothing(
    chicago: facility.Weather, legacy: facility.FacilityHours
) -> None:
    one = facility.refit(legacy, legacy.cooling, chicago, 10e6)
    assert one.gained_w == pytest.approx(0.0, abs=1e-6)
    assert one.saved_w == pytest.approx(0.0, abs=1e-6)
