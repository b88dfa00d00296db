"""Balance, prices, monotone answers and refusals of the stand-alone supply."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog

from wattpath.errors import InputError
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.result import SupplyResult
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S, technologies

NAMES = ("grid", "gas-reciprocating-engine", "solar", "wind", "battery", "nuclear-smr")
DAYS = 6


def solve(load: np.ndarray, site: SiteHours, *names: str, **options: object) -> SupplyResult:
    return dispatch(
        load, technologies(*(names or NAMES)), site, SupplyOptions(**options), days=DAYS
    )


@pytest.fixture(scope="module")
def result(load: np.ndarray, site: SiteHours) -> SupplyResult:
    return solve(load, site, carbon_price_usd_kg=0.15)


def test_energy_balances_in_every_hour(result: SupplyResult) -> None:
    supplied = sum(result.output_w.values()) - sum(result.charge_w.values())
    assert supplied == pytest.approx(result.load_w, rel=1e-6)


def test_storage_balances_and_returns(load: np.ndarray, site: SiteHours) -> None:
    result = solve(load, site, "solar", "wind", "battery", "gas-reciprocating-engine",
                   carbon_price_usd_kg=0.5)  # fmt: skip
    battery = technologies("battery")[0]
    key, root = battery.key, np.sqrt(battery.efficiency)
    assert result.capacity_w[key] > 0.0
    level = result.level_j[key].reshape(365, 24)
    flow = (result.charge_w[key] * root - result.output_w[key] / root).reshape(365, 24) * HOUR_S
    before = np.roll(level, 1, axis=1) * (1.0 - battery.self_discharge_per_h)
    assert level == pytest.approx(before + flow, rel=1e-6, abs=1e-6 * result.energy_j[key])
    assert level.max() <= result.energy_j[key] * (1 + 1e-9)


def test_parts_of_cost_add_up_to_the_objective(result: SupplyResult) -> None:
    assert result.total_usd == pytest.approx(result.solution.objective * 1e3, rel=1e-9)


def test_the_grid_limit_binds_and_has_worth(result: SupplyResult, site: SiteHours) -> None:
    assert result.output_w["grid"].max() <= site.grid_limit_w * (1 + 1e-9)
    assert result.grid_worth_usd_w > 0.0


def test_the_price_is_the_cost_of_one_more_watt(load: np.ndarray, site: SiteHours) -> None:
    base, more = solve(load, site), solve(load + 1e4, site)
    marginal = (more.total_usd - base.total_usd) / (1e4 * 8760 * HOUR_S)
    price = base.periods.total(base.price_usd_j[base.periods.hours]) / 8760
    assert marginal == pytest.approx(price, rel=1e-3)


def test_the_worth_of_the_grid_is_what_more_of_it_saves(
    load: np.ndarray, site: SiteHours, result: SupplyResult
) -> None:
    wider = replace(site, grid_limit_w=site.grid_limit_w + 1e4)
    saved = result.total_usd - solve(load, wider, carbon_price_usd_kg=0.15).total_usd
    assert saved / 1e4 == pytest.approx(result.grid_worth_usd_w, rel=0.02)


def test_cost_rises_with_gas_and_carbon_prices(load: np.ndarray, site: SiteHours) -> None:
    gas = [
        solve(load, replace(site, gas_usd_j=site.gas_usd_j * k)).total_usd for k in (0.5, 1, 2, 4)
    ]
    carbon = [solve(load, site, carbon_price_usd_kg=p).total_usd for p in (0.0, 0.05, 0.2, 1.0)]
    assert gas == sorted(gas)
    assert carbon == sorted(carbon)


def test_a_tighter_cap_is_never_cheaper_and_is_kept(load: np.ndarray, site: SiteHours) -> None:
    free = solve(load, site)
    caps = [free.carbon_kg * share for share in (0.8, 0.4, 0.1)]
    found = [solve(load, site, carbon_cap_kg=cap) for cap in caps]
    costs = [free.total_usd, *(r.total_usd for r in found)]
    assert costs == sorted(costs)
    for cap, r in zip(caps, found, strict=True):
        assert r.carbon_kg <= cap * (1 + 1e-6)
        assert r.carbon_worth_usd_kg > 0.0


def test_more_technologies_are_never_dearer(load: np.ndarray, site: SiteHours) -> None:
    costs = []
    for count in range(2, len(NAMES) + 1):
        costs.append(solve(load, site, *NAMES[:count]).total_usd)
    assert all(b <= a * (1 + 1e-9) for a, b in pairwise(costs))


def test_cost_scales_with_the_load(load: np.ndarray, site: SiteHours) -> None:
    wide = replace(site, grid_limit_w=site.grid_limit_w * 1e-3)
    small, large = solve(load * 1e-3, wide), solve(load, site)
    assert small.total_usd * 1e3 == pytest.approx(large.total_usd, rel=1e-6)


def test_no_load_builds_nothing(load: np.ndarray, site: SiteHours) -> None:
    result = solve(load * 0.0, site)
    assert result.feasible
    assert result.total_usd == pytest.approx(0.0, abs=1e-6)
    assert max(result.capacity_w.values()) == 0.0


def test_what_takes_too_long_is_left_out_with_its_reason(load: np.ndarray, site: SiteHours) -> None:
    result = solve(load, site, months=24.0)
    out = {excluded.key: excluded for excluded in result.excluded}
    assert {"grid", "nuclear-smr", "wind-onshore"} <= set(out)
    assert "84 months" in out["nuclear-smr"].reason
    assert result.months_to_power <= 24.0
    assert "nuclear-smr" not in result.capacity_w


def test_sooner_is_never_cheaper(load: np.ndarray, site: SiteHours) -> None:
    costs = [solve(load, site, months=m).total_usd for m in (200.0, 50.0, 35.0, 16.0)]
    assert costs == sorted(costs)


def test_carbon_free_hours_are_counted_hourly(load: np.ndarray, site: SiteHours) -> None:
    result = solve(load, site, carbon_free_share=0.9)
    fossil = result.year_j["gas-reciprocating-engine"]
    dirty = fossil + (1 - site.grid_free_share) * result.year_j["grid"]
    needed = result.periods.total(result.load_w[result.periods.hours]) * HOUR_S
    assert dirty / needed == pytest.approx(0.1, rel=1e-6)
    assert result.total_usd >= solve(load, site, matched_share=0.9).total_usd * (1 - 1e-9)


def test_a_reserve_costs(load: np.ndarray, site: SiteHours) -> None:
    assert solve(load, site, reserve=0.2).total_usd > solve(load, site).total_usd


def test_what_stands_is_cheaper_than_what_must_be_built(load: np.ndarray, site: SiteHours) -> None:
    key = "gas-reciprocating-engine"
    new, old = solve(load, site), solve(load, site, existing_w={key: 50e6})
    assert old.total_usd < new.total_usd
    assert old.capacity_w[key] >= 50e6 * (1 - 1e-9)
    assert old.cost_usd[key]["capital"] < new.cost_usd[key]["capital"]


def test_the_answer_equals_scipy(load: np.ndarray, site: SiteHours) -> None:
    """Gas and solar for one load, written out as another programme."""
    gas, solar = technologies("gas-reciprocating-engine", "solar")
    plain = replace(site, dry_bulb_c=None)
    ours = dispatch(load, (gas, solar), plain, days=3)
    from wattpath.supply.dispatch import choose_days

    periods = choose_days(load, plain, 3)
    n, w = periods.n, periods.weights
    energy = gas.marginal_usd_j(plain.gas_usd_j) + gas.water_m3_j * plain.water_usd_m3
    wash = solar.water_m3_j * plain.water_usd_m3 * HOUR_S * 1e6
    sun = periods.take(plain.solar_cf * solar.availability)
    cost = np.concatenate([
        [(gas.capital_usd_w_year(0.08) + gas.fixed_usd_w_year) * 1e6],
        [(solar.capital_usd_w_year(0.08) + solar.fixed_usd_w_year) * 1e6 + wash * (w @ sun)],
        energy * HOUR_S * 1e6 * w,
    ])  # fmt: skip
    limit = np.hstack([-gas.availability * np.ones((n, 1)), np.zeros((n, 1)), np.eye(n)])
    balance = np.hstack([np.zeros((n, 1)), -sun[:, None], -np.eye(n)])
    right = np.concatenate([np.zeros(n), -periods.take(load) / 1e6])
    theirs = linprog(cost, A_ub=np.vstack([limit, balance]), b_ub=right)
    assert ours.total_usd == pytest.approx(theirs.fun, rel=1e-6)


def test_an_unmet_peak_names_the_smallest_relaxations(load: np.ndarray, site: SiteHours) -> None:
    result = solve(load, site, "grid", "solar", months=200.0)
    assert not result.feasible
    needed = {r.what: r.needed for r in result.relaxations}
    assert needed["grid.limit"] == pytest.approx(load.max(), rel=1e-3)
    assert 0.0 < needed["load"] < 1.0
    served = solve(load * needed["load"] * (1 - 1e-6), site, "grid", "solar", months=200.0)
    assert served.feasible
    wide = replace(site, grid_limit_w=needed["grid.limit"] * (1 + 1e-6))
    assert solve(load, wide, "grid", "solar").feasible


def test_an_unmet_cap_names_the_least_carbon(load: np.ndarray, site: SiteHours) -> None:
    names = ("grid", "gas-reciprocating-engine", "solar")
    result = solve(load, site, *names, carbon_cap_kg=1e3)
    assert not result.feasible
    needed = {r.what: r.needed for r in result.relaxations}["carbon.cap"]
    assert solve(load, site, *names, carbon_cap_kg=needed * (1 + 1e-6)).feasible
    assert not solve(load, site, *names, carbon_cap_kg=needed * 0.99).feasible
    assert "kt" in result.explain()


def test_an_unmet_date_names_the_earliest(load: np.ndarray, site: SiteHours) -> None:
    result = solve(load, site, "gas-reciprocating-engine", "solar", months=12.0)
    needed = {r.what: r.needed for r in result.relaxations}["date"]
    assert needed == pytest.approx(15.0, rel=1e-6)


def test_the_table_has_every_hour(result: SupplyResult) -> None:
    table = result.to_frame()
    assert table.shape[0] == 8760
    assert "grid.output_w" in table.columns
    assert "USD/MWh" in result.explain()


@pytest.mark.parametrize(
    ("bad", "words"),
    [(np.ones(8784), "8,760"), (-np.ones(8760), ">= 0"), (np.full(8760, np.nan), "finite")],
)
def test_bad_loads_are_refused(bad: np.ndarray, words: str, site: SiteHours) -> None:
    with pytest.raises(InputError, match=words):
        dispatch(bad, technologies("grid"), site)
