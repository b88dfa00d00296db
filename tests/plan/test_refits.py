"""A standing hall with another cooling system, chosen beside new halls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from tests.plan.test_compute import hall, solve
from wattpath.economics import load_book
from wattpath.errors import InputError
from wattpath.plan import scenario
from wattpath.plan.compute import Hall, Need
from wattpath.plan.front import load_scenario
from wattpath.plan.halls import REFITTED, Halls, halls_of, weather_of

ENTERPRISE = Path(__file__).parents[2] / "examples" / "enterprise.yaml"
REFIT = ("options.refits=[liquid-dry-cooler]", "options.cooling=[liquid-dry-cooler]")
HOURS = 8760


def halls(*sets: str) -> Halls:
    asked = load_scenario(ENTERPRISE, [*REFIT, *sets])
    return halls_of(asked, weather_of(asked), load_book({}))


def site(standing_w: float) -> list[Hall]:
    """An air hall that stands, its refit for liquid, and a new hall for liquid."""
    old = replace(hall("old"), standing_w=standing_w, upkeep_usd_per_w_year=0.1)
    refit = replace(
        hall("refit", new=True),
        accepts=("liquid",),
        cost_usd_per_w_year=0.3,
        refit_w=0.8,
        refit_of_w=standing_w,
    )
    return [old, refit, replace(hall("new", new=True), accepts=("liquid",))]


def built(standing_w: float, air: float, liquid: float) -> tuple[np.ndarray, np.ndarray]:
    """New and standing capacity of each hall for loads on either kind of server [MW]."""
    columns = [
        replace(column(1e3, idle=0.0, full=1e6), demand="a", cooling=("air",)),
        replace(column(1e3, idle=0.0, full=1e6), demand="b", cooling=("liquid",)),
    ]
    each = columns[0].capacity
    needs = [
        Need(name, size * each, np.ones(HOURS), flexible=False)
        for name, size in (("a", air), ("b", liquid))
    ]
    solution, block, _, _ = solve(needs, site(standing_w), columns, np.full(HOURS, 50.0))
    assert solution.optimal
    return solution.x[block.capacity], solution.x[block.standing]


def test_a_refit_and_what_stays_are_all_of_the_standing_hall() -> None:
    """10 MW stand: 2 MW stay, the other 8 carry 10 MW of liquid; of 15 MW, 5 are built."""
    capacity, standing = built(10e6, air=2.0, liquid=15.0)
    assert standing[0] + 0.8 * capacity[1] == pytest.approx(10.0)
    np.testing.assert_allclose(capacity, [0.0, 10.0, 5.0], atol=1e-5)


def test_a_small_need_refits_no_more_than_it_uses() -> None:
    capacity, standing = built(10e6, air=2.0, liquid=3.0)
    np.testing.assert_allclose(capacity, [0.0, 3.0, 0.0], atol=1e-5)
    assert standing[0] == pytest.approx(2.0)


def test_the_enterprise_may_refit_its_server_room() -> None:
    standing, new, refit = halls().halls
    assert refit.key == f"{new.key}{REFITTED}"
    assert 0.0 < refit.capital_usd_per_w < 0.6 * new.capital_usd_per_w
    assert refit.upkeep_usd_per_w_year < refit.cost_usd_per_w_year < new.cost_usd_per_w_year
    assert 0.0 < refit.embodied_kg_per_w_year < new.embodied_kg_per_w_year
    assert refit.refit_of_w == standing.standing_w == 250e3
    before = standing.standing_w * (standing.variable.max() + standing.fixed)
    after = refit.refit_of_w / refit.refit_w * (refit.variable.max() + refit.fixed)
    assert after == pytest.approx(before, rel=0.05), "the same grid connection, in affine form"


def test_a_refit_that_comes_too_late_is_refused_with_its_margin() -> None:
    found = halls("months_available=6")
    assert [one.refit_w for one in found.halls] == [0.0]
    assert {refusal.margin.split()[-1] for refusal in found.refusals} == {"late"}


def test_a_refit_needs_a_hall_that_stands() -> None:
    raw = scenario.content(ENTERPRISE, REFIT)
    del raw["baseline"]["standing_hall"]
    with pytest.raises(InputError, match="standing_hall"):
        scenario.from_dict(raw)
    with pytest.raises(InputError, match=r"options.refits.0 must name a cooling"):
        halls("options.refits=[nonsense]")
