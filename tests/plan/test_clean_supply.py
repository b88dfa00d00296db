"""Clean shares, hours without grid and what would relax them, in a programme made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from tests.plan.test_compute import DAY, HOURS, hall
from wattpath.plan.agreement import worth_of_agreement
from wattpath.plan.compute import Need, slots
from wattpath.plan.limits import binding, missing
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.relaxation import relaxations
from wattpath.plan.years.kept import clean_of, stricter, through_hours
from wattpath.plan.years.vintages import Horizon
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.problem import choose_days
from wattpath.supply.program import Solution
from wattpath.supply.site import site_hours
from wattpath.supply.technology import technologies
from wattpath.units import MONTH_S

HOUR = np.arange(HOURS)
SUN = np.maximum(np.sin((HOUR % 24 - 6) / 12 * np.pi), 0.0) * (0.7 + 0.3 * np.sin(HOUR / 1400.0))
ALL = frozenset({"supply"})


def parts(*names: str, curtailed_h: float = 0.0, **options: Any) -> Parts:
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
    assert [[one.what for one in way] for way in found] == [["carbon.cap"]]
    given = parts(carbon_free_share=0.99)
    small = replace(given, site=replace(given.site, grid_limit_w=1e3))
    ((power,),) = relaxations(days_of(small), ALL)
    assert power.what == "power"
    assert power.missing > 0.0


def test_two_shares_out_of_reach_are_told_together() -> None:
    days = days_of(parts(carbon_free_share=0.9, matched_share=0.5))
    (reason,) = missing(days, (), ALL)
    mix = days.parts.site.grid_free_share
    assert reason == (
        f"carbon.carbon_free_share of 90.0% is too high: {mix:.1%} would do; "
        "and carbon.matched_share of 50.0% is too high: 0.0% would do."
    )


def test_the_one_of_two_rules_that_stops_a_plan_is_told_alone() -> None:
    low = site_hours("us-abilene", solar_cf=SUN).grid_free_share - 0.05
    (way,) = relaxations(days_of(parts(carbon_free_share=low, matched_share=0.5)), ALL)
    assert [one.what for one in way] == ["carbon.matched_share"]
    assert way[0].reached == pytest.approx(0.0, abs=1e-6)


def test_a_date_that_is_too_soon_for_a_share_is_told_beside_it() -> None:
    options = {"months": 6.0, "existing_w": {"grid": 1e9}, "carbon_free_share": 0.6}
    days = days_of(parts("solar-single-axis", **options))
    (sun,) = days.supply.excluded
    ways = relaxations(days, ALL)
    assert [one.what for (one,) in ways] == ["carbon.carbon_free_share", "date"]
    assert ways[1][0].reached == sun.months
    later = replace(days.parts.options, months=sun.months)
    assert days_of(replace(days.parts, options=later)).solve(ALL).optimal


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


class OneYear(Horizon):
    """A horizon of one year that has no vintages."""

    def __init__(self, block: Optimiser) -> None:
        self.blocks = [block]

    def solve(self, players: frozenset[str], *, rounded: bool = True) -> Solution:
        return self.blocks[0].solve(players)


@pytest.mark.parametrize(("rule", "most"), [("carbon_free_share", 0.6), ("matched_share", 0.35)])
def test_days_are_asked_for_more_until_all_hours_keep_the_rule(rule: str, most: float) -> None:
    names = ("solar-single-axis", "gas-reciprocating-engine", "battery-lithium")
    days = days_of(parts(*names, **{rule: most}))
    first = {"both": days.solve(ALL)}
    kept, ((reader, hours),) = through_hours(OneYear(days), {"both": ALL}, first)
    told = clean_of(reader.year, hours["both"].x)
    reached = told.hourly_share if rule == "carbon_free_share" else told.matched_share
    assert not hours["both"].exact
    assert most - 1e-6 <= reached <= most + 0.01
    assert told.hourly_share == pytest.approx(1.0 - fossil_share(reader.year, hours["both"].x))
    assert kept["both"].objective >= first["both"].objective * (1.0 - 1e-9)
    assert days.solve(ALL).objective == pytest.approx(first["both"].objective, rel=1e-6)


def test_sides_follow_the_line_through_the_last_two_answers() -> None:
    asked = stricter(np.zeros((1, 3)), np.array([[0.0, 4.0, 0.0]]), None)
    assert asked.tolist() == [[0.0, 4.0, 0.0]]
    again = stricter(
        asked, np.array([[0.0, 2.0, 0.0]]), (np.zeros((1, 3)), np.array([[0, 4.0, 0]]))
    )
    assert again.tolist() == [[0.0, 8.0, 0.0]]


def test_a_cap_has_the_price_that_its_tonnes_cost() -> None:
    names = ("solar-single-axis", "battery-lithium")
    free = days_of(parts(*names))
    cap = 0.8 * free.carbon_kg(free.solve(ALL).x)

    def under(kg: float) -> tuple[Optimiser, Solution]:
        days = days_of(parts(*names, carbon_cap_kg=kg))
        return days, days.solve(ALL)

    days, found = under(cap)
    (told,) = (b for b in binding(days, found, ALL) if b.constraint == "carbon cap")
    assert days.carbon_kg(found.x) == pytest.approx(cap)
    slope = [
        (found.objective - other.objective) * days.parts.scale.money_usd / (0.01 * cap) * sign
        for sign in (1.0, -1.0)
        for other in [under(cap * (1.0 + sign * 0.01))[1]]
    ]
    assert slope[0] * (1.0 - 1e-6) <= told.worth <= slope[1] * (1.0 + 1e-6)
    assert slope[1] == pytest.approx(slope[0], rel=0.1)


def test_a_cap_raised_by_what_it_lacks_is_kept() -> None:
    low = parts("solar-single-axis", carbon_cap_kg=1.0)
    ((lacking,),) = relaxations(days_of(low), ALL)
    for part, kept in ((1.0 + 1e-6, True), (0.99, False)):
        options = replace(low.options, carbon_cap_kg=1.0 + lacking.missing * part)
        assert days_of(replace(low, options=options)).solve(ALL).optimal is kept
