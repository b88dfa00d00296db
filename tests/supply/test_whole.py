"""Units that are on or off, and the loss of the largest one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wattpath.supply.commitment import hardest
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.problem import choose_days
from wattpath.supply.result import SupplyResult
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology, technologies
from wattpath.supply.whole import dispatch_units

DAYS = 3


@pytest.fixture(scope="module")
def choice() -> tuple[Technology, ...]:
    frame, *others = technologies("gas-simple-cycle", "grid", "gas-reciprocating-engine", "solar")
    small = replace(frame, unit_w=30e6, ramp_per_h=0.3, min_run_s=4 * 3600.0)
    return (small, *others)


@pytest.fixture(scope="module")
def found(load: np.ndarray, choice: tuple[Technology, ...], site: SiteHours) -> SupplyResult:
    return dispatch_units(load, choice, site, days=DAYS)


def test_units_are_whole_and_run_within_their_range(
    found: SupplyResult, choice: tuple[Technology, ...]
) -> None:
    assert found.feasible
    sizes = {technology.key: technology for technology in choice}
    for key, on in found.on.items():
        unit = sizes[key].unit_w
        assert on == pytest.approx(np.round(on), abs=1e-6)
        assert found.units[key] == pytest.approx(round(found.units[key]), abs=1e-6)
        assert on.max() <= found.units[key] + 1e-6
        assert (found.output_w[key] >= sizes[key].min_load * unit * on - 1.0).all()
        assert (found.output_w[key] <= unit * on + 1.0).all()


def test_whole_units_cost_more_than_any_size_and_no_less_than_the_bound(
    found: SupplyResult, load: np.ndarray, choice: tuple[Technology, ...], site: SiteHours
) -> None:
    free = dispatch(load, choice, site, days=DAYS)
    assert free.total_usd <= found.total_usd * (1.0 + 1e-9)
    assert found.bound_usd <= found.total_usd * (1.0 + 1e-9)
    assert found.total_usd / found.bound_usd - 1.0 < 3e-3
    assert found.price_usd_j.max() > 0.0


def test_starts_balance_and_a_unit_runs_its_least_time(found: SupplyResult) -> None:
    on = found.on["gas-simple-cycle"].reshape(365, 24)
    starts = np.maximum(on - np.roll(on, 1, axis=1), 0.0)
    assert starts.sum() <= found.starts["gas-simple-cycle"] * 1.5 + 1e-6
    recent = sum(np.roll(starts, k, axis=1) for k in range(4))
    assert (recent <= on + 1e-6).all()


def test_the_loss_of_the_largest_unit_is_covered(
    load: np.ndarray, choice: tuple[Technology, ...], site: SiteHours
) -> None:
    island = replace(site, grid_limit_w=0.0, dry_bulb_c=None)
    plants = tuple(t for t in choice if t.role == "firm")
    plain = dispatch_units(load, plants, island, days=DAYS)
    safe = dispatch_units(load, plants, island, SupplyOptions(outage_reserve=True), days=DAYS)
    sizes = {technology.key: technology.unit_w for technology in plants}
    built = {key: power for key, power in safe.capacity_w.items() if power > 0.0}
    assert safe.lost_w == pytest.approx(max(sizes[key] for key in built), rel=1e-6)
    assert sum(built.values()) - safe.lost_w >= load.max() * (1.0 - 1e-6)
    assert safe.total_usd >= plain.total_usd * (1.0 - 3e-3)


def test_without_whole_units_a_small_plant_is_lost_entirely(
    load: np.ndarray, site: SiteHours
) -> None:
    choice = technologies("gas-combined-cycle-f", "gas-reciprocating-engine")
    options = SupplyOptions(outage_reserve=True)
    result = dispatch(load, choice, site, options, days=DAYS)
    standing = {key: power for key, power in result.capacity_w.items() if power > 0.0}
    sizes = {technology.key: technology.unit_w for technology in choice}
    largest = max(min(sizes[key], power) for key, power in standing.items())
    assert result.lost_w == pytest.approx(largest, rel=1e-5)


def test_a_year_of_fractions_bounds_a_year_of_whole_numbers(
    load: np.ndarray, choice: tuple[Technology, ...], site: SiteHours
) -> None:
    days = choose_days(load, site, DAYS)
    relaxed = SupplyOptions(commitment="relaxed")
    bound = dispatch(load, choice, site, relaxed, periods=days).total_usd
    whole = dispatch_units(load, choice, site, days=DAYS).total_usd
    assert bound <= whole * (1.0 + 1e-9)


def test_what_cannot_be_covered_is_told_with_its_relaxation(
    load: np.ndarray, choice: tuple[Technology, ...], site: SiteHours
) -> None:
    options = SupplyOptions(outage_reserve=True, limits_w={t.key: 0.0 for t in choice[2:]})
    options = replace(options, limits_w={**options.limits_w, "gas-simple-cycle": 60e6})
    result = dispatch_units(load, choice, site, options, days=DAYS)
    assert not result.feasible
    assert {"grid.limit", "load"} <= {relaxation.what for relaxation in result.relaxations}


def test_hard_hours_beat_all_others() -> None:
    rng = np.random.default_rng(3)
    load, shares = rng.uniform(50.0, 100.0, 8760), rng.uniform(0.0, 1.0, (3, 8760))
    hours = hardest(load, shares)
    need = np.array([40.0, 30.0, 60.0])
    short = load - need @ shares
    assert int(np.argmax(short)) in hours
    assert hours.size < 2000
    assert hardest(np.full(8760, 1.0), np.ones((2, 8760))).size == 1
