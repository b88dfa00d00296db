"""Dates, quarters and curtailed hours: later is never dearer, less grid never cheaper."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.supply.options import SupplyOptions
from wattpath.supply.problem import choose_days
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import technologies
from wattpath.supply.timing import curtailment_cost_usd, quarter_worth_usd, time_to_power

NAMES = ("grid", "gas-reciprocating-engine", "gas-combined-cycle-f", "solar", "wind", "battery")


def test_the_frontier_falls_with_time(load: np.ndarray, site: SiteHours) -> None:
    points = time_to_power(load, technologies(*NAMES), site, days=4)
    months = [p.months for p in points]
    assert months == sorted(months)
    assert months[0] == pytest.approx(15.0)
    costs = [p.usd_year for p in points if p.served_share == 1.0]
    assert all(later <= sooner * (1 + 1e-9) for sooner, later in pairwise(costs))
    for point in points:
        assert point.result.months_to_power <= point.months * (1 + 1e-9)


def test_a_date_without_firm_power_serves_a_part(load: np.ndarray, site: SiteHours) -> None:
    points = time_to_power(load, technologies("battery", "recip", "SMR"), site, days=4)
    early = time_to_power(load, technologies("battery", "SMR"), site, days=4)
    assert points[0].served_share == 1.0
    assert early[0].served_share == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(early[0].usd_year)
    assert early[-1].served_share == 1.0


def test_a_quarter_is_worth_something_just_before_a_lead_time(
    load: np.ndarray, site: SiteHours
) -> None:
    choice = technologies(*NAMES)
    before = quarter_worth_usd(load, choice, site, SupplyOptions(months=41.0), days=4)
    inside = quarter_worth_usd(load, choice, site, SupplyOptions(months=45.0), days=4)
    assert before > 0.0
    assert inside == pytest.approx(0.0, abs=1.0)
    with pytest.raises(InputError, match="date"):
        quarter_worth_usd(load, choice, site, SupplyOptions())


def test_curtailed_hours_cost_more_the_more_there_are(load: np.ndarray, site: SiteHours) -> None:
    wide = replace(site, grid_limit_w=150e6)
    costs = curtailment_cost_usd(load, technologies("grid", "recip", "battery"), wide, days=5)
    values = list(costs.values())
    assert values[0] == pytest.approx(0.0, abs=1e-3)
    assert values == sorted(values)
    assert values[-1] > 0.0


def test_own_supply_stands_for_all_of_the_load_when_the_grid_is_called_off(
    load: np.ndarray, site: SiteHours
) -> None:
    wide = replace(site, grid_limit_w=150e6)
    choice = technologies("grid", "recip")
    few = curtailment_cost_usd(load, choice, wide, (1.0,), days=4)[1.0]
    engine = technologies("recip")[0]
    standing = engine.fixed_usd_w_year + engine.capital_usd_w_year(0.08)
    assert few > 0.85 * standing * load.min()


def test_the_largest_load_by_date(load: np.ndarray, site: SiteHours) -> None:
    quarters = [3.0 * quarter for quarter in range(1, 21)]
    options = SupplyOptions(existing_w={"grid": 10e6})
    points = time_to_power(
        load, technologies("grid", "battery"), site, options, months=quarters, days=4
    )
    largest = [p.largest_share * load.max() for p in points]
    assert [p.months for p in points] == quarters
    assert largest[0] == pytest.approx(10e6, rel=1e-6)
    assert largest == sorted(largest)
    assert 40e6 <= largest[-1] < 45e6  # the grid's limit, stretched a little by the battery
    assert all(np.isnan(p.usd_year) for p in points)
    engines = technologies("grid", "recip")
    piped = time_to_power(load, engines, site, options, months=(48.0,), days=4)[0]
    heat = 1.0 / engines[1].efficiency
    assert piped.largest_share * load.min() * heat < site.gas_limit_w < np.inf
    free = replace(site, gas_limit_w=np.inf)
    gas = time_to_power(load, engines, free, options, months=(48.0,), days=4)
    assert gas[0].largest_share == np.inf
    assert gas[0].served_share == 1.0


def test_nothing_can_be_energised_before_anything_is_built(
    load: np.ndarray, site: SiteHours
) -> None:
    point = time_to_power(load, technologies("recip"), site, months=(3.0,), days=4)[0]
    assert point.largest_share == point.served_share == 0.0


def test_without_own_supply_curtailment_is_impossible(load: np.ndarray, site: SiteHours) -> None:
    wide = replace(site, grid_limit_w=150e6)
    costs = curtailment_cost_usd(load, technologies("grid"), wide, (0.0, 5000.0), days=5)
    assert np.isnan(costs[5000.0])


def test_the_largest_load_holds_in_the_hour_of_the_peak(load: np.ndarray, site: SiteHours) -> None:
    spiked = load.copy()
    peak_hour = int(np.argmax(site.solar_cf + site.wind_cf))
    spiked[peak_hour] = 1.3 * load.max()
    assert choose_days(spiked, site, 4).take(spiked).max() < spiked.max()
    assert choose_days(spiked, site, 4, peak=True).take(spiked).max() == spiked.max()
    options = SupplyOptions(existing_w={"grid": 10e6})
    given = (spiked, technologies("grid"), site, options)
    point = time_to_power(*given, months=(3.0,), days=4)[0]
    assert point.largest_share * spiked.max() == pytest.approx(10e6, rel=1e-6)
    enough = SupplyOptions(existing_w={"grid": 1.1 * float(load.max())})
    short = time_to_power(*given[:3], enough, months=(3.0,), days=4)[0]
    assert not short.feasible
    assert np.isnan(short.usd_year)
    assert short.served_share == pytest.approx(1.1 / 1.3, rel=1e-6)
