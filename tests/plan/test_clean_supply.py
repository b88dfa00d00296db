"""Clean shares, hours without grid and what would relax them, in a programme made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.plan.test_compute import DAY, HOURS, hall
from tests.plan.test_deployment import column
from wattpath.plan.agreement import worth_of_agreement
from wattpath.plan.compute import Need, slots
from wattpath.plan.limits import binding, missing
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.relaxation import relaxations
from wattpath.plan.years.yearly import Reader
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.problem import choose_days
from wattpath.supply.program import Solution
from wattpath.supply.site import site_hours
from wattpath.supply.technology import technologies
from wattpath.units import MONTH_S

HOUR = np.arange(HOURS)
SUN = np.maximum(np.sin((HOUR % 24 - 6) / 12 * np.pi), 0.0) * (0.7 + 0.3 * np.sin(HOUR / 1400.0))
ALL = frozenset({"supply"})


def parts(*names: str, curtailed_h: float = 0.0, **options: float) -> Parts:
    """One interactive demand in one hall, at a site with sun, with these technologies."""
    site = replace(site_hours("us-abilene", solar_cf=SUN), curtailed_h=curtailed_h)
    return Parts(
        needs=(Need("chat", 1000.0, DAY, False),),
        halls=(hall(),),
        technologies=technologies("grid", *names),
        base_supply=frozenset({"grid"}),
        site=site,
        options=SupplyOptions(**options),
        scale=Scale.around(1e6),
        whole=False,
    )


def days_of(given: Parts) -> Optimiser:
    chosen = slots([column(100.0, 500.0, 2000.0)], given.halls)
    return Optimiser(given, chosen, choose_days(DAY * 1e6, given.site, 6))


def fossil_share(block: Optimiser, x: np.ndarray) -> float:
    """Energy of engines and of the grid's fossil part over that of the facility."""
    supply, weights = block.supply, block.periods.weights
    burned = sum(
        float(weights @ x[supply.output[key]]) * dirt
        for key, dirt in (
            ("grid", 1.0 - block.parts.site.grid_free_share),
            ("gas-reciprocating-engine", 1.0),
        )
        if key in supply.output
    )
    return burned * block.parts.scale.power_w / float(weights @ block.facility_w(x))


def test_an_hourly_share_is_kept_and_has_a_price() -> None:
    asked = parts("solar-single-axis", "battery-lithium", carbon_free_share=0.85)
    days = days_of(asked)
    found = days.solve(ALL)
    assert fossil_share(days, found.x) <= 0.15 + 1e-6
    told = [b for b in binding(days, found, ALL) if b.constraint == "carbon.carbon_free_share"]
    assert told[0].unit == "USD/MWh"
    more = days_of(replace(asked, options=SupplyOptions(carbon_free_share=0.86))).solve(ALL)
    year = float(days.periods.weights @ days.facility_w(found.x)) / 1e6  # MWh
    usd = (more.objective - found.objective) * days.parts.scale.money_usd
    assert told[0].worth == pytest.approx(usd / (0.01 * year), rel=0.2)


@pytest.mark.parametrize("key", ["carbon_free_share", "matched_share"])
def test_a_share_out_of_reach_says_what_would_do(key: str) -> None:
    days = days_of(parts(**{key: 0.95}))
    assert not days.solve(ALL).optimal
    (reason,) = missing(days, (), ALL)
    reached = days.parts.site.grid_free_share if key == "carbon_free_share" else 0.0
    assert reason == f"carbon.{key} of 95.0% is too high: {reached:.1%} would do."


def test_a_cap_is_told_before_missing_power() -> None:
    found = relaxations(days_of(parts(carbon_cap_kg=1.0)), ALL)
    assert [one.what for one in found] == ["carbon.cap"]
    given = parts()
    small = replace(given, site=replace(given.site, grid_limit_w=1e3))
    (power,) = relaxations(days_of(small), ALL)
    assert power.what == "power"
    assert power.missing > 0.0


def test_own_supply_stands_for_hours_without_grid_and_the_agreement_has_its_worth() -> None:
    names = ("gas-reciprocating-engine", "battery-lithium")
    days = days_of(parts(*names, curtailed_h=100.0))
    found = days.solve(ALL)
    built = [found.x[days.supply.capacity[key]] for key in names]
    assert sum(built) > 0.0
    (told,) = worth_of_agreement(days, found, ALL)
    free = days_of(parts(*names)).solve(ALL)
    scale = days.parts.scale.money_usd
    assert told.worth == pytest.approx((free.objective - found.objective) * scale)
    assert told.worth < 0.0
    late = replace(days.parts.site, grid_lead_s=12 * MONTH_S, firm_lead_s=60 * MONTH_S)
    options = replace(days.parts.options, months=24.0)
    sooner = days_of(replace(days.parts, site=late, options=options))
    (told,) = worth_of_agreement(sooner, sooner.solve(ALL), ALL)
    assert "48 months before a firm connection" in told.sentence
    assert worth_of_agreement(days_of(parts()), free, ALL) == ()


def test_all_hours_keep_the_share_that_the_days_chose() -> None:
    names = ("solar-single-axis", "gas-reciprocating-engine")
    days = days_of(parts(*names, carbon_free_share=0.6))
    found: Solution = days.solve(ALL)
    reader = Reader(days)
    hours = reader.run(found.x, ALL)
    assert not hours.dirty
    assert hours.short_w == 0.0
    assert fossil_share(reader.year, hours.x) <= 0.4 + 1e-6
